"""The steps that make `archive.db`, oldest first; a step that was released is never edited."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("archive")


@migrations()
def m001_pages_and_ledger(db: Database) -> None:
    # A catalogue remembers which archive it was built from.
    db.execute("create table identity (archive text not null)")
    db.execute("insert into identity values (lower(hex(randomblob(16))))")
    db.execute("""
        create table sources (
            id integer primary key,
            name text not null unique,
            facts text not null   -- harvester.sources.Source as JSON, as it was last used
        )""")
    db.execute("""
        create table runs (
            id integer primary key,
            command text not null,
            started text not null,
            finished text,        -- null: running, or killed
            exit_code integer
        )""")
    db.execute("""
        create table windows (
            id integer primary key,
            run integer not null references runs(id),
            source integer not null references sources(id),
            prefix text not null, -- '' for files
            set_spec text not null,
            "from" text,
            until text,
            -- 1: from the last complete window (or the beginning) until now
            reaches_now integer not null,
            started text not null,
            finished text,        -- null: running, or killed
            state text,
            reason text,
            response_date text,
            complete_list_size integer,
            new integer not null default 0,
            changed integer not null default 0,
            unchanged integer not null default 0,
            deleted integer not null default 0,
            quarantined integer not null default 0
        )""")
    db.execute("create index windows_source on windows(source, id)")
    db.execute("""
        create table watermarks (
            source integer not null references sources(id),
            prefix text not null,
            set_spec text not null,
            response_date text not null,
            window integer not null references windows(id),
            primary key (source, prefix, set_spec)
        ) without rowid""")
    db.execute("""
        create table pages (
            id integer primary key,
            run integer not null references runs(id),
            source integer not null references sources(id),
            window integer references windows(id),  -- null: Identify, or a file
            url text not null,
            params text not null,
            status integer not null,
            headers text not null,
            received_at text not null,
            elapsed real not null,
            sha256 blob not null, -- of the bytes from the wire
            body blob not null    -- those bytes, zstd
        )""")
    db.execute("create index pages_window on pages(window)")
    db.execute("""
        create table items (      -- the current version of every record, by source and format
            source integer not null references sources(id),
            identifier text not null,
            format text not null,
            page integer references pages(id),          -- its last live version; null: never live
            digest blob,
            deleted_page integer references pages(id),  -- the page that says it is deleted
            primary key (source, identifier, format)
        ) without rowid""")
    db.execute("create index items_page on items(page)")
    db.execute("create index items_deleted_page on items(deleted_page)")
    db.execute("""
        create table quarantine (
            source integer not null references sources(id),
            identifier text not null,  -- '' where the record does not say it
            page integer not null references pages(id),
            reason text not null,
            content blob not null,
            primary key (source, identifier, page)
        ) without rowid""")
    db.execute("""
        create table ledger (     -- minted once, never changed by later metadata
            number integer primary key,
            source integer not null references sources(id),
            identifier text not null,
            id text not null unique,
            citekey text unique collate nocase,  -- null until it was seen live
            first_seen text not null,
            unique (source, identifier)
        )""")
