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


@migrations()
def m002_datestamps_and_progress(db: Database) -> None:
    # null: an older version did not note it
    db.execute("alter table items add column datestamp text")
    db.execute("alter table windows add column touched integer not null default 0")
    # All that has an earlier datestamp was received or is a hole: a later harvest may go on here.
    db.execute("alter table windows add column reached text")
    # What `reached` was where the window began, if it goes on where an earlier one had to stop.
    db.execute("alter table windows add column resumed text")
    # 1: the list came to its end, but for its holes; null: an older version did not note it
    db.execute("alter table windows add column until_now integer")
    db.execute("update windows set until_now = 1 where state = 'complete'")


@migrations()
def m003_holes_and_quirks(db: Database) -> None:
    db.execute("""
        create table holes (      -- what is missing in lists that were harvested around it
            source integer not null references sources(id),
            prefix text not null,
            set_spec text not null,
            "from" text not null, -- '' where it is open
            until text not null,  -- '' where it is open
            reason text not null,
            identifiers text not null,  -- JSON: the missing records, as far as they have names
            since text not null,
            tries integer not null,
            last_tried text not null,
            window integer not null references windows(id),  -- that tried it last
            primary key (source, prefix, set_spec, "from", until)
        ) without rowid""")
    # harvester.oai.quirks.Quirks as JSON, as far as they were found by asking
    db.execute("alter table sources add column quirks text not null default '{}'")
    # ISO 8601 in UTC: the server asked not to be asked before
    db.execute("alter table sources add column not_before text")


@migrations()
def m004_suppressions(db: Database) -> None:
    db.execute("""
        create table suppressions (  -- a part of the ledger: a librarian's decisions
            record integer primary key references ledger(number),
            reason text not null,
            since text not null,
            erased text           -- when its bytes were taken out of the archive; null: they stay
        )""")
    # When a record was last cut out of it; null: it is as it was received
    db.execute("alter table pages add column erased text")
    db.execute("create index quarantine_page on quarantine(page)")


@migrations()
def m005_reports(db: Database) -> None:
    db.execute("""
        create table reports (    -- how well a source was understood, on days when that changed
            source integer not null references sources(id),
            day text not null,
            report text not null, -- harvester.catalogue.quality.Report as JSON
            primary key (source, day)
        ) without rowid""")


@migrations()
def m006_works(db: Database) -> None:
    db.execute("""
        create table works (      -- a part of the ledger: minted once, never used for another
            -- that of the record which founded it, and whose citation key it has
            number integer primary key references ledger(number),
            id text not null unique,
            since text not null
        )""")
    db.execute("""
        create table work_members (
            record integer primary key references ledger(number),
            work integer not null references works(number)
        )""")
    db.execute("create index work_members_work on work_members(work)")
    db.execute("""
        create table link_decisions (  -- a librarian's: two records are one publication, or not
            one integer not null references ledger(number),
            other integer not null references ledger(number),
            same integer not null,
            since text not null,
            primary key (one, other),
            check (one < other)
        ) without rowid""")
    # A number that moves with every change of works: which of them the catalogue has.
    db.execute("create table works_version (version integer not null)")
    db.execute("insert into works_version values (0)")


@migrations()
def m007_deletions_alone(db: Database) -> None:
    # Most records live: they need no place in the index of deletions.
    db.execute("drop index items_deleted_page")
    db.execute(
        "create index items_deleted_page on items(deleted_page) where deleted_page is not null"
    )
