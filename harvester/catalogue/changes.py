"""The log of the facet index: which records were written or went with each generation.

It is written in the transaction that changes them, one small row each time, whatever the size of
the catalogue. Whoever holds a facet index of an older moment reads here what to count anew. Each
generation has a random token, for a backup that is put back has the numbers of generations anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from harvester.catalogue.packing import from_bytes, to_bytes

KEPT = 50_000
"""So many records are kept in the log for servers that hold an older index."""

_MOVE = "update catalogue_meta set value = value + 1 where key = 'generation'"
_NOTE = """
    insert into facet_changes (generation, token, records)
    select value, lower(hex(randomblob(8))), ? from catalogue_meta where key = 'generation'
"""
_NOW = """
    select cast(value as integer), coalesce(token, '')
    from catalogue_meta left join facet_changes on generation = cast(value as integer)
    where key = 'generation'
"""
_SINCE = "select records from facet_changes where generation > ? order by generation"
_PENDING = "select coalesce(sum(length(records)), 0) / 4 from facet_changes where generation > ?"
_REACHES = """
    select exists (select 1 from facet_changes where generation = :generation and token = :token)
    or :token = '' and :generation = (
        select cast(value as integer) from facet_index where key = 'changes_since'
    )
"""
_PRUNABLE = """
    select max(generation) from (
        select generation, sum(length(records)) over (order by generation desc) / 4 as size
        from facet_changes
    ) where size > ? and generation < (select max(generation) from facet_changes)
"""
_DELETE = "delete from facet_changes where generation <= ?"
_BEGIN = "update facet_index set value = ? where key = 'changes_since'"


class Moment(msgspec.Struct, frozen=True):
    """A generation of one catalogue, and the token that it alone has."""

    generation: int
    token: str


def now(connection: sqlite3.Connection) -> Moment:
    """Return the moment that a connection sees."""
    return Moment(*connection.execute(_NOW).fetchone())


def move(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Begin the next generation, in which these records were written or went."""
    connection.execute(_MOVE)
    connection.execute(_NOTE, (to_bytes(sorted(set(numbers))),))


def since(connection: sqlite3.Connection, moment: Moment) -> set[int] | None:
    """Return the records changed after a moment; None where the log does not go back to it."""
    if not reaches(connection, moment):
        return None
    changed: set[int] = set()
    for (records,) in connection.execute(_SINCE, (moment.generation,)):
        changed.update(from_bytes(records))
    return changed


def reaches(connection: sqlite3.Connection, moment: Moment) -> bool:
    """Say whether the log has every change after a moment of this catalogue."""
    found = connection.execute(_REACHES, msgspec.structs.asdict(moment)).fetchone()
    return bool(found[0])


def pending(connection: sqlite3.Connection, moment: Moment) -> int:
    """Say how many changes of records there were after a moment, each counted as often."""
    found: int = connection.execute(_PENDING, (moment.generation,)).fetchone()[0]
    return found


def prune(connection: sqlite3.Connection) -> None:
    """Forget the oldest changes, so that the log does not grow for ever."""
    last = connection.execute(_PRUNABLE, (KEPT,)).fetchone()[0]
    if last is not None:
        connection.execute(_DELETE, (last,))
        connection.execute(_BEGIN, (last,))
