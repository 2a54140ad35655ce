"""The log of the facet index: which records were written or went with each generation.

It is written in the transaction that changes them, one small row each time, whatever the size of
the catalogue. Whoever holds a facet index of an older generation reads here what to count anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from harvester.catalogue.packing import from_bytes, to_bytes

KEPT = 50_000
"""So many records are kept in the log for servers that hold an older index."""

_NOTE = """
    insert into facet_changes (generation, records)
    select value, ? from catalogue_meta where key = 'generation'
"""
_SINCE = "select records from facet_changes where generation > ? order by generation"
_PENDING = "select coalesce(sum(length(records)), 0) / 4 from facet_changes where generation > ?"
_BEGINNING = "select cast(value as integer) from catalogue_meta where key = 'facet_changes_since'"
_PRUNABLE = """
    select max(generation) from (
        select generation, sum(length(records)) over (order by generation desc) / 4 as size
        from facet_changes
    ) where size > ?
"""
_DELETE = "delete from facet_changes where generation <= ?"
_BEGIN = "update catalogue_meta set value = ? where key = 'facet_changes_since'"


def note(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Enter records that were written or went, under the generation that has just begun."""
    connection.execute(_NOTE, (to_bytes(sorted(set(numbers))),))


def since(connection: sqlite3.Connection, generation: int) -> set[int] | None:
    """Return the records changed after a generation; None where the log does not go back so far."""
    if not reaches(connection, generation):
        return None
    changed: set[int] = set()
    for (records,) in connection.execute(_SINCE, (generation,)):
        changed.update(from_bytes(records))
    return changed


def reaches(connection: sqlite3.Connection, generation: int) -> bool:
    """Say whether the log has every change after a generation."""
    beginning: int = connection.execute(_BEGINNING).fetchone()[0]
    return beginning <= generation


def pending(connection: sqlite3.Connection, generation: int) -> int:
    """Say how many changes of records there were after a generation, each counted as often."""
    found: int = connection.execute(_PENDING, (generation,)).fetchone()[0]
    return found


def prune(connection: sqlite3.Connection) -> None:
    """Forget the oldest changes, so that the log does not grow for ever."""
    last = connection.execute(_PRUNABLE, (KEPT,)).fetchone()[0]
    if last is not None:
        connection.execute(_DELETE, (last,))
        connection.execute(_BEGIN, (last,))
