"""Writes `catalogue.db`: records, their values, their full text, and what readers see of harvests.

Readers never wait and never see half of a write: each call is one transaction (WAL), and the
number `generation` moves in it with everything that is derived.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import sqlite_utils

from harvester.catalogue import (
    changes,
    copies,
    counts,
    documents,
    fulltext,
    replacing,
    spelling,
    vocabularies,
    works,
)
from harvester.catalogue.copies import Copy
from harvester.catalogue.meta import FILE as FILE
from harvester.catalogue.meta import generation as generation
from harvester.catalogue.meta import meta, set_meta, shorten_log, unwritten
from harvester.catalogue.meta import writing as writing
from harvester.catalogue.ready import Key
from harvester.catalogue.ready import Ready as Ready
from harvester.catalogue.ready import make_ready as make_ready
from harvester.catalogue.row import COLUMNS, Columns, Values
from harvester.catalogue.row import Entry as Entry
from harvester.database import open_database, open_read_only
from harvester.errors import TryLaterError

if TYPE_CHECKING:  # who only reads the catalogue need not load the archive
    from harvester.archive.status import SourceStatus

_CHUNK = 10_000  # each leaves a segment of the index of words, which are merged time and again
_CHECKPOINT_PAGES = 4000  # 32 MB: small batches touch the same pages of the indexes again and again

_INSERT = {
    table: f"insert into {table} ({', '.join(COLUMNS)}) values ({', '.join('?' * len(COLUMNS))})"
    for table in ("records", "deleted_records")
}
_KNOWN = """
    select r.number, 1, source, id, citekey, added, title_forms is null,
        d.dictionary, d.document, c.dictionary, c.document
    from records r join documents d using (number) left join copies c using (number)
    where r.number in (select value from json_each(:numbers))
    union all
    select r.number, 0, source, id, citekey, added, title_forms is null,
        d.dictionary, d.document, null, null
    from deleted_records r join documents d using (number)
    where r.number in (select value from json_each(:numbers))
"""
_DELETE = {
    table: f"delete from {table} where number in (select value from json_each(?))"
    for table in ("records", "deleted_records")
}
_INSERT_DOCUMENT = (
    "insert or replace into documents (number, dictionary, document) values (?, ?, ?)"
)
_DELETE_COPIES = "delete from copies where number in (select value from json_each(?))"
_KEYS = """
    select source, oai_identifier from records
    where number in (select value from json_each(?)) and oai_identifier is not null
"""
_DELETE_DOCUMENTS = "delete from documents where number in (select value from json_each(?))"

_INSERT_SOURCE = """
    insert into sources (name, title, url, state, reason, last_started, last_complete,
        last_new, last_changed, last_touched, last_deleted, records, deleted, quarantined,
        missing, needs_attention)
    values (:name, :title, :url, :state, :reason, :last_started, :last_complete,
        :new, :changed, :touched, :deleted,
        (select count(*) from records where source = :name),
        (select count(*) from deleted_records where source = :name), :quarantined,
        :missing, :needs_attention)
"""


def open_catalogue(directory: Path) -> sqlite_utils.Database:
    """Open the catalogue of a data directory for writing, made or upgraded where needed.

    Raises:
        UsageError: it is no catalogue, or a newer version of this software wrote it.
        HarvesterError: it cannot be opened.
    """
    database = open_database(directory / FILE, "catalogue", durable=False)
    database.conn.execute(f"pragma wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    return database


def open_for_reading(directory: Path) -> sqlite3.Connection:
    """Open the catalogue of a data directory for reading; a harvest may be writing meanwhile.

    Raises:
        UsageError: there is none, or it is of another version.
        HarvesterError: it cannot be opened.
    """
    return open_read_only(directory / FILE, "catalogue")


class _Known(NamedTuple):
    """What tells whether a record is as it was; `unformed` in a catalogue of an earlier version."""

    live: bool
    source: str
    id: str
    citekey: str | None
    added: str
    unformed: bool
    dictionary: int
    document: bytes
    own_dictionary: int | None
    own: bytes | None


def put(
    db: sqlite_utils.Database, entries: Iterable[Entry], *, applied_page: int | None = None
) -> int:
    """Make records ready, and insert or replace them as `put_ready` does."""
    return put_ready(db, map(make_ready, entries), applied_page=applied_page)


def put_ready(
    db: sqlite_utils.Database, entries: Iterable[Ready], *, applied_page: int | None = None
) -> int:
    """Insert or replace records, in one transaction and little memory.

    A record that is as it was, and came about as it did, is not written again and keeps its
    `changed`; `generation` moves only if something is written. A deleted record becomes a
    tombstone, out of every list. A copy of a record that its origin gives too shows what the
    origin says, see `copies`.

    Args:
        db: the catalogue.
        entries: records by number; of two with one number the later counts.
        applied_page: the archive's page that these records came from; see `applied_page`.

    Returns:
        How many records were written.

    Raises:
        TryLaterError: another process is writing.
        HarvesterError: it cannot be written (full disk; two records with one id or key).
    """
    written = 0
    changed: list[int] = []
    remaining = iter(entries)
    with writing(db) as connection:
        while chunk := list(islice(remaining, _CHUNK)):
            own, refreshed = _put(connection, {entry.number: entry for entry in chunk})
            written += len(own)
            changed += _noted(connection, own + refreshed)
        if changed:
            changes.move(connection, changed)
        if applied_page is not None:
            last = max(applied_page, int(meta(connection, "applied_page") or 0))
            set_meta(connection, "applied_page", str(last))
    shorten_log(db)
    return written


def remove(db: sqlite_utils.Database, numbers: Iterable[int]) -> None:
    """Remove records for good, without a tombstone: suppressed or erased ones.

    Raises:
        TryLaterError: another process is writing.
        HarvesterError: it cannot be written.
    """
    changed: list[int] = []
    remaining = iter(numbers)
    with writing(db) as connection:
        while chunk := list(islice(remaining, _CHUNK)):
            before = connection.total_changes
            originals = list(connection.execute(_KEYS, (json.dumps(chunk),)))
            vocabularies.delete_orphans(connection, _forget(connection, chunk))
            if connection.total_changes > before:
                changed += _noted(connection, chunk + _refresh(connection, originals))
        if changed:
            changes.move(connection, changed)


def write_anew(db: sqlite_utils.Database) -> None:
    """Write the catalogue anew, so that nothing that left it stays in its free pages or its log.

    Raises:
        TryLaterError: it is being read, so that its log cannot be emptied.
        HarvesterError: it cannot be written.
    """
    try:
        with db.conn:
            fulltext.merge(db.conn)
            spelling.fill(db.conn)
        db.conn.execute("vacuum")
        busy = db.conn.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise unwritten(error) from error
    if busy:
        raise TryLaterError(
            f"{FILE} is being read, so that its log still holds what was taken out: say the same "
            "again"
        )


def put_sources(db: sqlite_utils.Database, sources: Iterable[SourceStatus]) -> None:
    """Replace what readers see of the sources and of the last run of each.

    The numbers of records are those of the catalogue itself. `generation` moves only when a
    source's title does, which labels its facet: caches of results outlive an uneventful night.

    Raises:
        TryLaterError: another process is writing.
        HarvesterError: it cannot be written.
    """
    titles = "select name, title from sources order by name"
    with writing(db) as connection:
        before = connection.execute(titles).fetchall()
        connection.execute("delete from sources")
        for source in sources:
            facts = msgspec.structs.asdict(source)
            connection.execute(_INSERT_SOURCE, {**facts, "needs_attention": source.needs_attention})
        if connection.execute(titles).fetchall() != before:
            changes.move(connection, [])


def applied_page(db: sqlite_utils.Database) -> int:
    """Return the highest number that `put` was given as `applied_page`; 0 before the first."""
    return int(meta(db.conn, "applied_page") or 0)


def built_from(db: sqlite_utils.Database) -> str | None:
    """Return the name of the archive that the catalogue is built from; None before the first."""
    return meta(db.conn, "built_from")


def set_built_from(db: sqlite_utils.Database, archive: str) -> None:
    """Remember the archive that the catalogue is built from."""
    with writing(db) as connection:
        set_meta(connection, "built_from", archive)


def _put(connection: sqlite3.Connection, entries: dict[int, Ready]) -> tuple[list[int], list[int]]:
    """Write records, and then anew those that are copies of them.

    Returns:
        The numbers of those that were written, and of the copies.
    """
    written = _write(connection, copies.preferred(connection, entries))
    return written, _refresh(connection, [_key(entries[number]) for number in written])


def _noted(connection: sqlite3.Connection, changed: list[int]) -> list[int]:
    """Note for works what was written or went, and return also the records with another lead."""
    return changed + works.written(connection, changed) if changed else changed


def _key(ready: Ready) -> Key:
    return (ready.source, ready.oai_identifier or "")


def _refresh(connection: sqlite3.Connection, originals: list[Key]) -> list[int]:
    """Write anew the copies of records that were written or went, and return their numbers."""
    found = copies.of(connection, originals) if originals else {}
    return _write(connection, copies.preferred(connection, found)) if found else []


def _write(
    connection: sqlite3.Connection, entries: dict[int, tuple[Ready, Copy | None]]
) -> list[int]:
    """Write the entries that are not as they were, and return their numbers."""
    listed = {"numbers": json.dumps(list(entries))}
    known = {number: _Known(*before) for number, *before in connection.execute(_KNOWN, listed)}
    rows: list[Columns] = []
    tombstones: list[Columns] = []
    others: dict[int, Columns] = {}
    live: dict[int, Values] = {}
    kept: list[tuple[int, int, bytes]] = []
    copied: dict[int, Copy] = {}
    written = []
    dictionary = documents.enter_dictionary(connection) if entries else 0
    for number, (ready, copy) in entries.items():
        before = known.get(number)
        if before and _is_as_it_was(connection, before, ready, copy):
            continue
        written.append(number)
        if ready.deleted:
            tombstones.append(_row(ready))
        elif before and _stays(before, ready):
            others[number] = _row(ready)
        else:
            rows.append(_row(ready))
        kept.append((number, dictionary, ready.document))
        if not ready.deleted:
            live[number] = ready.values
        if copy:
            copied[number] = copy
    gone = _forget(connection, [one for one in written if one in known and one not in others])
    connection.execute(_DELETE_COPIES, (json.dumps(list(others)),))
    connection.executemany(_INSERT["records"], rows)
    words, facets_left = replacing.replace(connection, others)
    vocabularies.number(connection, [*rows, *others.values()])
    connection.executemany(_INSERT["deleted_records"], tombstones)
    connection.executemany(_INSERT_DOCUMENT, kept)
    copies.keep(connection, copied)
    left = vocabularies.join(connection, live, others)
    for candidates in (gone, left, facets_left):
        vocabularies.delete_orphans(connection, candidates)
    counted = {number: ready.counts for number, (ready, _) in entries.items() if ready.counts}
    counts.enter(connection, counted, known)
    fulltext.enter(connection, [*rows, *(others[number] for number in words)], words)
    return written


def _stays(known: _Known, ready: Ready) -> bool:
    """Say whether a live record has the row of the one that was there, with other values."""
    before = (known.source, known.id, known.citekey)
    return bool(known.live) and before == (ready.source, ready.id, ready.citekey)


def _is_as_it_was(
    connection: sqlite3.Connection, known: _Known, ready: Ready, copy: Copy | None
) -> bool:
    own = copy.document if copy else None
    return (
        not known.unformed
        and (known.id, known.citekey, known.added) == (ready.id, ready.citekey, ready.added)
        and documents.is_same(connection, known.dictionary, known.document, ready.document)
        and documents.is_same(connection, known.own_dictionary, known.own, own)
    )


def _row(ready: Ready) -> Columns:
    """Build a row, in the order of `COLUMNS`; a record is found by its citation key too."""
    identifiers, *others = ready.columns
    return (
        ready.number,
        ready.id,
        ready.citekey,
        ready.added,
        ready.changed,
        ready.source,
        ready.oai_identifier,
        f"{ready.citekey or ''} {identifiers}".strip(),
        *others,
    )


def _forget(connection: sqlite3.Connection, numbers: list[int]) -> dict[str, str]:
    """Delete records and tombstones.

    Returns:
        By table, as JSON, the numbers of the values they had: other records may have them too.
    """
    if not numbers:
        return {}
    listed = json.dumps(numbers)
    candidates = vocabularies.part(connection, listed)
    counts.forget(connection, listed)
    fulltext.forget(connection, listed)
    connection.execute(_DELETE_DOCUMENTS, (listed,))
    connection.execute(_DELETE_COPIES, (listed,))
    connection.execute(_DELETE["records"], (listed,))
    connection.execute(_DELETE["deleted_records"], (listed,))
    return candidates
