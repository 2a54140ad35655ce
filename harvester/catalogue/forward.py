"""The forward index: for each record the numbers of all its facet values, packed by the chunk."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from harvester.catalogue.hits import MANY, ONE
from harvester.catalogue.packing import BITS, CODE, CODES, WHOLE, from_bytes, to_bytes

_CHUNK_BITS = 6
CHUNK = 2**_CHUNK_BITS
"""So many records are packed together."""

_STARTS = 2 * CHUNK + 1

_MANY = [
    f"select record, {column} << {BITS} | {CODES[facet]} from {join} where record {{which}}"
    for facet, (join, column, _) in MANY.items()
]
# A few records are looked up one by one, a stretch of many along the index of each column.
_ONE = [
    f"select r.number, f.number << {BITS} | {CODES[facet]} from records r "
    f"cross join facet_values f on f.facet = '{facet}' and f.value = r.{facet} "
    "where r.number {which}"
    for facet in ONE
]
_ONE_BY_VALUE = [
    f"select r.number, f.number << {BITS} | {CODES[facet]} from facet_values f "
    f"cross join records r on r.{facet} = f.value where f.facet = '{facet}' and r.number {{which}}"
    for facet in ONE
]
_OF_RECORDS = " union all ".join([*_MANY, *_ONE]).format(
    which="in (select value from json_each(:numbers))"
)
_OF_RANGE = " union all ".join([*_MANY, *_ONE_BY_VALUE]).format(which="between :first and :last")

Values = Mapping[int, Sequence[int]]
"""The numbers of the values of each record; records that are not live have none."""


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """The values of `CHUNK` records, one after the other.

    Attributes:
        starts: for each record where in `values` its values begin and where, after them, those of
            the facets that are `WHOLE`, in bytes; last where all end.
        values: the values of all, four bytes each in the order of this machine.
    """

    starts: array[int]
    values: bytes


class Forward:
    """The values of every record, in memory. It never changes; `replacing` gives another one."""

    def __init__(self, chunks: dict[int, Chunk]) -> None:
        """Hold chunks by their number: that of a record without its last six bits."""
        self.chunks = chunks

    def of(self, number: int) -> array[int]:
        """Return the values of one record."""
        chunk = self.chunks.get(number >> _CHUNK_BITS, _NOTHING)
        place = 2 * (number & CHUNK - 1)
        values = array("I")
        values.frombytes(chunk.values[chunk.starts[place] : chunk.starts[place + 2]])
        return values

    def gather(self, numbers: Iterable[int]) -> array[int]:
        """Return the values of several records, but for the facets that are `WHOLE`."""
        chunks = self.chunks
        parts = []
        current, starts, values = -1, _NOTHING.starts, _NOTHING.values
        for number in numbers:
            if number >> _CHUNK_BITS != current:
                current = number >> _CHUNK_BITS
                chunk = chunks.get(current, _NOTHING)
                starts, values = chunk.starts, chunk.values
            place = 2 * (number & CHUNK - 1)
            parts.append(values[starts[place] : starts[place + 1]])
        gathered = array("I")
        gathered.frombytes(b"".join(parts))
        return gathered

    def replacing(self, changed: Values) -> Forward:
        """Return the forward index with other values for some records."""
        by_chunk: dict[int, dict[int, Sequence[int]]] = {}
        for number, values in changed.items():
            by_chunk.setdefault(number >> _CHUNK_BITS, {})[number] = values
        chunks = dict(self.chunks)
        for which, records in by_chunk.items():
            chunk = _spliced(chunks.get(which, _NOTHING), records)
            if chunk.values:
                chunks[which] = chunk
            else:
                chunks.pop(which, None)
        return Forward(chunks)


def chunk_of(records: Iterable[Sequence[int]]) -> Chunk:
    """Pack the values of `CHUNK` records."""
    starts, values = array("I", [0]), array("I")
    for record in records:
        for part in _parts(record):
            values.extend(part)
            starts.append(len(values) * values.itemsize)
    return Chunk(starts, values.tobytes())


def _parts(record: Sequence[int]) -> tuple[list[int], list[int]]:
    """Part the values of a record: those of facets that are `WHOLE` stand behind the others."""
    return (
        [value for value in record if not _WHOLE >> (value & CODE) & 1],
        [value for value in record if _WHOLE >> (value & CODE) & 1],
    )


def _spliced(chunk: Chunk, changed: Values) -> Chunk:
    """Put other values of some records, by number, between those of the others as they are."""
    starts, pieces = array("I", [0]), []
    first = moved = 0
    for number in sorted(changed):
        place = 2 * (number & CHUNK - 1)
        starts.extend([start + moved for start in chunk.starts[first + 1 : place + 1]])
        pieces.append(chunk.values[chunk.starts[first] : chunk.starts[place]])
        for part in _parts(changed[number]):
            packed = array("I", part)
            pieces.append(packed.tobytes())
            starts.append(starts[-1] + len(pieces[-1]))
        first = place + 2
        moved = starts[-1] - chunk.starts[first]
    starts.extend([start + moved for start in chunk.starts[first + 1 :]])
    pieces.append(chunk.values[chunk.starts[first] :])
    return Chunk(starts, b"".join(pieces))


def encoded(chunk: Chunk) -> bytes:
    """Write a chunk as it is stored."""
    values = array("I")
    values.frombytes(chunk.values)
    return to_bytes(chunk.starts) + to_bytes(values)


def decoded(content: bytes) -> Chunk:
    """Read what `encoded` wrote."""
    numbers = from_bytes(content)
    return Chunk(numbers[:_STARTS], numbers[_STARTS:].tobytes())


def read(connection: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, list[int]]:
    """Read the values of records from their tables; those that are not live come with none."""
    found: dict[int, list[int]] = {number: [] for number in numbers}
    for record, value in connection.execute(_OF_RECORDS, {"numbers": json.dumps(list(found))}):
        found[record].append(value)
    return found


def read_all(connection: sqlite3.Connection) -> Forward:
    """Read the values of all records from their tables, a stretch at a time."""
    last = connection.execute("select coalesce(max(number), -1) from records").fetchone()[0]
    chunks = {}
    for first in range(0, last + 1, _STRETCH):
        until = first + _STRETCH - 1
        stretch: dict[int, list[int]] = {}
        for record, value in connection.execute(_OF_RANGE, {"first": first, "last": until}):
            stretch.setdefault(record, []).append(value)
        for start in range(first, until + 1, CHUNK) if stretch else ():
            records = [stretch.get(number, ()) for number in range(start, start + CHUNK)]
            if any(records):
                chunks[start >> _CHUNK_BITS] = chunk_of(records)
    return Forward(chunks)


def differences(before: Forward, after: Forward) -> Iterator[tuple[int, Chunk | None]]:
    """Give the chunks that are others now, by number; None for one that is no more."""
    for which in before.chunks.keys() | after.chunks.keys():
        if before.chunks.get(which) is not after.chunks.get(which):
            yield which, after.chunks.get(which)


_WHOLE = sum(1 << CODES[name] for name in WHOLE)
_STRETCH = 2**16
_NOTHING = chunk_of([()] * CHUNK)
