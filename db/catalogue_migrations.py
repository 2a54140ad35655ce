"""The tables of `catalogue.db`, in the order in which they came to be.

Plain Datasette can show every table. Only live records stand in `records`, so that its own facets
and counts are right; tombstones stand in `deleted_records`, which has the same columns.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import msgspec
import zstandard
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("catalogue")

# Lists (creators, keywords, …) are JSON arrays of strings: Datasette facets them with
# `{array: keywords}`. Wide columns stand last, so that the narrow ones are read without them.
_RECORD = """
    number integer primary key,
    id text not null unique,
    citekey text collate nocase unique,
    source text not null,
    oai_identifier text,
    origin_identifier text,
    title text,
    creators text,
    type text,
    issued text,
    year integer,
    container text,
    publishers text,
    languages text,
    keywords text,
    disciplines text,
    access text,
    peer_reviewed integer,
    landing text,
    datestamp text,
    added text not null,
    changed text not null,
    title_sort text,
    identifiers text,
    contributors text,
    parallel_titles text,
    other_words text,
    abstract text,
    record text not null
"""

# As `harvester/catalogue/row.py` had them when the index was made: what is released here is never
# edited. A column more, or another order, is a migration of its own.
_SEARCHED = (
    "title",
    "parallel_titles",
    "creators",
    "contributors",
    "keywords",
    "disciplines",
    "abstract",
    "publishers",
    "container",
    "identifiers",
    "other_words",
)


@migrations()
def records(db: Database) -> None:
    db.execute(f"create table records ({_RECORD})")
    db.execute(f"create table deleted_records ({_RECORD})")
    for column in ("source", "oai_identifier", "origin_identifier"):
        db.execute(f"create index records_{column} on records ({column})")
        db.execute(f"create index deleted_records_{column} on deleted_records ({column})")
    db.execute("create index records_source_year on records (source, year)")
    for column in ("type", "year", "container", "access", "peer_reviewed", "added", "title_sort"):
        db.execute(f"create index records_{column} on records ({column})")


@migrations()
def vocabularies(db: Database) -> None:
    for plural in ("creators", "keywords", "languages", "publishers", "links"):
        db.execute(
            f"create table {plural} (number integer primary key, value text not null unique)"
        )
    db.execute("""
        create table disciplines (
            number integer primary key,
            value text not null unique,
            scheme text not null,
            code text,
            en text,
            fr text,
            nl text,
            de text
        )
    """)
    for plural in ("creators", "keywords", "languages", "publishers", "disciplines"):
        singular = plural.removesuffix("s")
        db.execute(f"""
            create table record_{plural} (
                record integer not null references records (number),
                {singular} integer not null references {plural} (number),
                primary key (record, {singular})
            ) without rowid
        """)
        db.execute(
            f"create unique index record_{plural}_{singular} "
            f"on record_{plural} ({singular}, record)"
        )
    db.execute("""
        create table record_links (
            record integer not null references records (number),
            link integer not null references links (number),
            rel text not null,
            primary key (record, link, rel)
        ) without rowid
    """)
    db.execute("create unique index record_links_link on record_links (link, record, rel)")


@migrations()
def full_text(db: Database) -> None:
    # sqlite-utils quotes the content table, which Datasette needs to find the index.
    db.table("records").enable_fts(_SEARCHED, tokenize="unicode61 remove_diacritics 2")


@migrations()
def sources(db: Database) -> None:
    # `last_…` tell of the last run; `records`, `deleted` and `quarantined` of now.
    db.execute("""
        create table sources (
            name text primary key,
            title text not null,
            url text,
            state text not null,
            reason text,
            last_started text,
            last_complete text,
            last_new integer not null,
            last_changed integer not null,
            last_deleted integer not null,
            records integer not null,
            deleted integer not null,
            quarantined integer not null,
            needs_attention integer not null
        )
    """)


@migrations()
def catalogue_meta(db: Database) -> None:
    db.execute("create table catalogue_meta (key text primary key, value text not null)")
    db.execute(
        "insert into catalogue_meta (key, value) values ('kind', 'harvester-catalogue'), "
        "('generation', '0')"
    )


@migrations()
def what_is_missing(db: Database) -> None:
    # Records that only got a later datestamp; spans of time that a server cannot send.
    db.execute("alter table sources add column last_touched integer not null default 0")
    db.execute("alter table sources add column missing integer not null default 0")


@migrations()
def accounts(db: Database) -> None:
    # How each value of a record came about, as JSON under zstd; a rebuild fills it.
    db.execute("""
        create table accounts (
            number integer primary key references records (number),
            account blob not null
        )
    """)


@migrations()
def copies(db: Database) -> None:
    # Records that an aggregator handed on: where their original is, and their own values where
    # those of the original are shown.
    db.execute("""
        create table copies (
            number integer primary key references records (number),
            origin_source text not null,
            origin_identifier text not null,
            changed text not null,
            record blob
        )
    """)
    db.execute("create index copies_origin on copies (origin_source, origin_identifier)")


@migrations()
def quality(db: Database) -> None:
    # How each live record was understood: see `harvester/catalogue/counts.py`.
    db.execute("""
        create table steps (
            number integer primary key,
            element text not null,
            rule text not null,
            unique (element, rule)
        )
    """)
    db.execute("""
        create table record_counts (
            number integer primary key references records (number),
            fields integer not null,  -- bits: places in FIELDS
            steps text not null       -- JSON: number and count of each step, in turn
        )
    """)
    db.execute("""
        create table record_unknown (
            record integer not null references records (number),
            rule text not null,
            value text not null,
            primary key (record, rule, value)
        ) without rowid
    """)
    # The last report of each source, and what has drifted since the one before, as JSON.
    db.execute("""
        create table quality (
            source text primary key,
            outdated integer not null,
            day text,
            report text,
            since text,
            drift text
        )
    """)
    db.execute("insert into quality (source, outdated) select distinct source, 1 from records")


@migrations()
def facet_index(db: Database) -> None:
    # The numbers of values that stand in a column of `records`; the other facets have tables.
    db.execute("""
        create table facet_values (
            number integer primary key,
            facet text not null,
            value not null,
            unique (facet, value)
        )
    """)
    for column in ("type", "source", "container", "access", "peer_reviewed", "year"):
        db.execute(
            f"insert into facet_values (facet, value) "
            f"select '{column}', {column} from records where {column} is not null group by 2"
        )
    # Which records were written or went with each generation: see `harvester/catalogue/changes.py`.
    db.execute("""
        create table facet_changes (
            generation integer primary key,
            token text not null,
            records blob not null
        )
    """)
    # What the index is: the generation that the log of changes begins after, the snapshot's facts.
    db.execute("create table facet_index (key text primary key, value text not null)")
    db.execute(
        "insert into facet_index (key, value) "
        "select 'changes_since', value from catalogue_meta where key = 'generation'"
    )
    # A snapshot of the facet index: see `harvester/catalogue/snapshot.py`.
    db.execute("create table facet_forward (chunk integer primary key, records blob not null)")
    db.execute("create table facet_bitmaps (value integer primary key, records blob not null)")


@migrations()
def word_forms(db: Database) -> None:
    # Stems of the words beside them: see `harvester/catalogue/forms.py`. Empty, not "", where a
    # record was written before; `normalise --all` writes it anew.
    forms = ("title_forms", "creator_forms", "keyword_forms", "other_forms")
    for table in ("records", "deleted_records"):
        for column in forms:
            db.execute(f"alter table {table} add column {column} text")
    db.table("records").disable_fts()
    db.table("records").enable_fts((*_SEARCHED, *forms), tokenize="unicode61 remove_diacritics 2")


@migrations()
def words(db: Database) -> None:
    # The words of the catalogue, without case and diacritics, each with how many records have it.
    db.execute("create table words (word text primary key, records integer not null) without rowid")


@migrations()
def works(db: Database) -> None:
    # Copied from the archive. The number of a work is that of the record that founded it, and its
    # citation key that record's.
    db.execute("""
        create table works (
            number integer primary key,
            id text not null unique,
            citekey text
        )
    """)
    # `lead`: for live records the one that stands for the work in lists; null where it is deleted.
    db.execute("""
        create table work_records (
            record integer primary key,
            work integer not null references works (number),
            lead integer
        )
    """)
    db.execute("create index work_records_work on work_records (work)")
    db.execute("create index work_records_lead on work_records (lead) where lead is not null")
    # Which records were written or went since copies were last looked for.
    db.execute("create table link_pending (record integer primary key)")
    db.execute("insert into link_pending select number from records")
    # What copies are looked for by: see `harvester/catalogue/candidates.py`.
    db.execute("""
        create table link_keys (
            key integer not null,
            record integer not null,
            primary key (key, record)
        ) without rowid
    """)
    db.execute("create table link_records (record integer primary key, keys blob not null)")
    # Pairs that may be one publication.
    db.execute("""
        create table link_pairs (
            one integer not null,
            other integer not null,
            score real not null,
            apart text not null,     -- why they are two whatever the score says, else ''
            decided integer,       -- what a librarian said: one publication, or not; else null
            primary key (one, other)
        ) without rowid
    """)
    db.execute("create index link_pairs_other on link_pairs (other, one)")
    # What a record is of another: a review, a part; see `harvester/linking/relating.py`.
    # The columns stand in the order of the key: otherwise `quick_check` of SQLite 3.40 calls the
    # table damaged, and there is no backup.
    db.execute("""
        create table relations (
            record integer not null,
            other integer not null,
            relation text not null,
            primary key (record, other, relation)
        ) without rowid
    """)
    db.execute("create index relations_other on relations (other, record)")


@migrations()
def documents(db: Database) -> None:
    # Records whole, with their accounts, under a dictionary that they share: see
    # `harvester/catalogue/documents.py`.
    db.execute("create table dictionaries (number integer primary key, content blob not null)")
    db.execute("""
        create table documents (
            number integer primary key,  -- of a live record or a tombstone
            dictionary integer not null,
            document blob not null
        )
    """)
    db.execute("alter table copies add column dictionary integer")
    db.execute("alter table copies add column document blob")
    # What is here already comes under a dictionary made from the first of it.
    first = b"".join(text for _, text in _texts(db, "records", "limit 20"))
    content = b'{"source":"' + first[:32_768]
    dictionary = zlib.crc32(content) >> 1
    db.execute("insert into dictionaries (number, content) values (?, ?)", (dictionary, content))
    packs = zstandard.ZstdCompressor(
        dict_data=zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    )
    for table in ("records", "deleted_records"):
        db.conn.executemany(
            "insert into documents (number, dictionary, document) values (?, ?, ?)",
            ((number, dictionary, packs.compress(text)) for number, text in _texts(db, table)),
        )
    db.conn.executemany(
        "update copies set dictionary = ?, document = ? where number = ?",
        ((dictionary, packs.compress(text), number) for number, text in _own_texts(db)),
    )
    db.execute("drop table accounts")
    db.execute("alter table copies drop column record")
    for table in ("records", "deleted_records"):
        db.execute(f"alter table {table} drop column record")
    # `records_source_year` does what this does.
    db.execute("drop index records_source")
    # Most records come from their origin: only an aggregator's have another identifier there.
    for table in ("records", "deleted_records"):
        db.execute(
            f"update {table} set origin_identifier = null where origin_identifier = oai_identifier"
        )
    db.execute("drop index records_origin_identifier")
    db.execute(
        "create index records_origin_identifier on records (origin_identifier) "
        "where origin_identifier is not null"
    )


@migrations()
def word_index_memory(db: Database) -> None:
    # FTS5 gathers what a transaction brings in memory, and writes a segment whenever it is full.
    db.execute("insert into records_fts (records_fts, rank) values ('hashsize', ?)", (32 * 2**20,))


@migrations()
def sums(db: Database) -> None:
    # How all records of a source were understood, as JSON: see `harvester/catalogue/sums.py`. Those
    # that are here already are added up when the source is next reported on.
    db.execute("alter table quality add column sums text")


@migrations()
def forward_by_facet(db: Database) -> None:
    # The snapshot of the facet index holds chunks by facet: one of another form is dropped.
    for table in ("facet_forward", "facet_bitmaps", "facet_index where key = 'snapshot'"):
        db.execute(f"delete from {table}")


def _texts(db: Database, table: str, limit: str = "") -> Iterator[tuple[int, bytes]]:
    """Give records by number: their JSON without id and key, and that of their accounts."""
    rows = db.execute(
        f"select number, record, account from {table} left join accounts using (number) "
        f"order by number {limit}"
    )
    unpacks = zstandard.ZstdDecompressor()
    for number, record, account in rows:
        text = _without_keys(record)
        yield number, text + b"\n" + unpacks.decompress(account) if account else text


def _own_texts(db: Database) -> Iterator[tuple[int, bytes]]:
    """Give the same of copies as they came themselves."""
    rows = db.execute(
        "select number, record, account from copies left join accounts using (number) "
        "where record is not null"
    )
    unpacks = zstandard.ZstdDecompressor()
    for number, record, account in rows:
        notes = msgspec.json.decode(unpacks.decompress(account)) if account else []
        own = [note for note in notes if note["rule"] != "origin.preferred"]
        text = _without_keys(unpacks.decompress(record))
        yield number, text + b"\n" + msgspec.json.encode(own) if own else text


def _without_keys(text: str | bytes) -> bytes:
    record: dict[str, Any] = msgspec.json.decode(text)
    record.pop("id", None)
    record.pop("citekey", None)
    return msgspec.json.encode(record)
