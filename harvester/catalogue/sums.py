"""How the records of each source were understood, all together, so that reports need not add up.

They follow the records in the transaction that writes them. A catalogue of an earlier version has
none for the sources that it had: they are added up when the source is next reported on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

_KEPT = "select sums from quality where source = ?"
_KEEP = """
    insert into quality (source, outdated, sums) values (:source, 1, :sums)
    on conflict (source) do update set outdated = 1, sums = :sums
"""
_OF_SOURCE = """
    select record_counts.fields, record_counts.steps
    from records cross join record_counts using (number) where records.source = ?
"""

_CHUNK = 1000


class Counted(NamedTuple):
    """What `record_counts` has of one record: bits of fields, and steps as a JSON array."""

    fields: int
    steps: str


class Sums(msgspec.Struct):
    """The records of one source.

    Attributes:
        records: how many were counted.
        fields: how many have a field, by its bit's place.
        steps: to how many values a step led, by its number.
    """

    records: int = 0
    fields: dict[int, int] = {}
    steps: dict[int, int] = {}

    def add(self, records: Sequence[Counted], sign: int = 1) -> None:
        """Add records, or take them away with the sign -1."""
        self.records += sign * len(records)
        every = 0
        for record in records:
            every |= record.fields
            flat = msgspec.json.decode(record.steps, type=list[int])
            for step, count in zip(flat[::2], flat[1::2], strict=True):
                _count(self.steps, step, sign * count)
        for place in range(every.bit_length()):
            having = sum(record.fields >> place & 1 for record in records)
            _count(self.fields, place, sign * having)


def of(connection: sqlite3.Connection, source: str) -> Sums:
    """Return the sums of a source."""
    return _kept(connection, source) or _added_up(connection, source)


def change(
    connection: sqlite3.Connection, source: str, gone: Sequence[Counted], new: Sequence[Counted]
) -> None:
    """Take records of a source out of its sums, put others in, and call its report outdated."""
    sums = _kept(connection, source)
    if sums is not None:
        sums.add(gone, -1)
        sums.add(new)
    _keep(connection, source, sums)


def complete(connection: sqlite3.Connection, source: str) -> None:
    """Add up a source that has no sums yet, inside the caller's transaction."""
    if _kept(connection, source) is None:
        _keep(connection, source, _added_up(connection, source))


def _kept(connection: sqlite3.Connection, source: str) -> Sums | None:
    """Return the sums of a source; None where an earlier version left it without."""
    row = connection.execute(_KEPT, (source,)).fetchone()
    if row is None:
        return Sums()
    return msgspec.json.decode(row[0], type=Sums) if row[0] else None


def _keep(connection: sqlite3.Connection, source: str, sums: Sums | None) -> None:
    text = None if sums is None else msgspec.json.encode(sums).decode()
    connection.execute(_KEEP, {"source": source, "sums": text})


def _added_up(connection: sqlite3.Connection, source: str) -> Sums:
    sums = Sums()
    rows = connection.execute(_OF_SOURCE, (source,))
    while some := [Counted(*row) for row in rows.fetchmany(_CHUNK)]:
        sums.add(some)
    return sums


def _count(counts: dict[int, int], of: int, count: int) -> None:
    """Add to a count; what nothing is left of is not kept."""
    counts[of] = counts.get(of, 0) + count
    if not counts[of]:
        del counts[of]
