"""The facet index as it is stored, so that a server need not build it: a snapshot in the catalogue.

It is of some generation and may be older than the records: the log of changes tells what to count
anew. Which record leads each work is no part of it: that is read from its table. It is written in
one transaction, so that a run that is killed leaves the one before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping

import msgspec
import sqlite_utils
from pyroaring import BitMap

from harvester.catalogue import changes, forward, leads
from harvester.catalogue.bitmaps import Bitmaps, build, years
from harvester.catalogue.changes import Moment
from harvester.catalogue.meta import writing

OFTEN = 1_000
"""A snapshot that is so many changes old is written anew, …"""

SHARE = 50
"""… in a large catalogue when they are more than this part of its records."""

FEW = 1_000
"""So many changed records are always counted into an index rather than the index built anew."""

# A server of an earlier version that runs on after an upgrade finds none: `snapshot` was its key.
_FACTS = "select value from facet_index where key = 'snapshot by facet'"
_SET_FACTS = "insert or replace into facet_index (key, value) values ('snapshot by facet', ?)"
_DELETE_FACTS = "delete from facet_index where key = 'snapshot by facet'"
_SNAPSHOT = "select value, records from facet_bitmaps"
_FORWARD = "select chunk, records from facet_forward order by chunk"
_PUT_BITMAP = "insert or replace into facet_bitmaps (value, records) values (?, ?)"
_PUT_CHUNK = "insert or replace into facet_forward (chunk, records) values (?, ?)"
_DELETE_BITMAP = "delete from facet_bitmaps where value = ?"
_LIVE = "select count(*) from records"


class Facts(msgspec.Struct, frozen=True):
    """What a snapshot is.

    Attributes:
        moment: the one that it is of.
        least: by code of a facet how many records a value needs for a bitmap.
    """

    moment: Moment
    least: dict[int, int]


def facts_of(connection: sqlite3.Connection) -> Facts | None:
    """Return what the stored snapshot is, if there is one."""
    written = connection.execute(_FACTS).fetchone()
    return msgspec.json.decode(written[0], type=Facts) if written else None


def load(connection: sqlite3.Connection) -> Bitmaps:
    """Return the index as of now: the snapshot with what has changed since, or built anew."""
    now = changes.now(connection)
    stored = _stored(connection)
    if stored is None:
        return build(connection, now)
    before = _read(connection, stored)
    return later(connection, before, now) or build(connection, now)


def later(connection: sqlite3.Connection, before: Bitmaps, now: Moment) -> Bitmaps | None:
    """Return the index as of now from an older one.

    None where that would be more work than to build it, or the log does not go back so far.
    """
    changed = changes.since(connection, before.moment)
    if changed is None or len(changed) > max(FEW, len(before.live) // 3):
        return None
    if not changed:
        return before.unchanged(now, years(connection))
    return before.with_changes(connection, now, changed)


def write(db: sqlite_utils.Database) -> None:
    """Bring the snapshot up to now, if it is too old to be worth keeping.

    Raises:
        TryLaterError: another process is writing.
        HarvesterError: it cannot be written.
    """
    with writing(db) as connection:
        stored = _stored(connection)
        if stored is not None:
            pending = changes.pending(connection, stored.moment)
            if pending <= max(OFTEN, connection.execute(_LIVE).fetchone()[0] // SHARE):
                return
        now = changes.now(connection)
        changed = None if stored is None else changes.since(connection, stored.moment)
        before = None if stored is None else _read(connection, stored)
        after = None if before is None else later(connection, before, now)
        if after is None:
            drop(connection)
            _write(connection, {}, build(connection, now), None)
        elif before is not None:
            _write(connection, before.bitmaps, after, changed)
        changes.prune(connection)


def drop(connection: sqlite3.Connection) -> None:
    """Delete the snapshot."""
    connection.execute("delete from facet_bitmaps")
    connection.execute("delete from facet_forward")
    connection.execute(_DELETE_FACTS)


def _stored(connection: sqlite3.Connection) -> Facts | None:
    """Return what the snapshot is, if there is one that the log goes back to."""
    facts = facts_of(connection)
    if facts is None:
        return None
    return facts if changes.reaches(connection, facts.moment) else None


def _read(connection: sqlite3.Connection, facts: Facts) -> Bitmaps:
    bitmaps = {
        value: BitMap.deserialize(records) for value, records in connection.execute(_SNAPSHOT)
    }
    values = forward.decoded(connection.execute(_FORWARD))
    # The leads of now: of records whose lead was another one then, the log of changes tells.
    now = leads.read_all(connection)
    return Bitmaps(facts.moment, bitmaps, values, now, facts.least, years(connection))


def _write(
    connection: sqlite3.Connection,
    before: Mapping[int, BitMap],
    after: Bitmaps,
    changed: Collection[int] | None,
) -> None:
    """Write a snapshot.

    Args:
        connection: a connection to the catalogue.
        before: the bitmaps that are written already.
        after: what to write.
        changed: the records whose values may be others than those that are written; None for all.
    """
    gone = before.keys() - after.bitmaps.keys()
    connection.executemany(_DELETE_BITMAP, ((value,) for value in gone))
    connection.executemany(
        _PUT_BITMAP,
        (
            (value, records.serialize())
            for value, records in after.bitmaps.items()
            if before.get(value) is not records
        ),
    )
    chunks = None if changed is None else {number // forward.CHUNK for number in changed}
    connection.executemany(_PUT_CHUNK, after.forward.chunks(chunks))
    facts = Facts(after.moment, dict(after.least))
    connection.execute(_SET_FACTS, (msgspec.json.encode(facts).decode(),))
