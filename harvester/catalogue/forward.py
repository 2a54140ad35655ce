"""The forward index: for each record the numbers of all its facet values; stored by the chunk."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from harvester.catalogue.hits import MANY, ONE
from harvester.catalogue.packing import BITS, CODE, CODES, WHOLE, from_bytes, to_bytes

CHUNK = 64
"""So many records are stored together: by their number without its last six bits."""

_PARTS = 3
_STARTS = _PARTS * CHUNK + 1

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


class Forward:
    """The values of every record, in memory. It never changes; `replacing` gives another one.

    Attributes:
        frequent: by number of a record its values that have bitmaps, four bytes each in the order
            of this machine, but for the facets that are `WHOLE`; of one that is not live, nothing.
        rare: its values without a bitmap, likewise.
        whole: its values of the facets that are `WHOLE`, likewise.
    """

    def __init__(
        self,
        frequent: Iterable[bytes] = (),
        rare: Iterable[bytes] = (),
        whole: Iterable[bytes] = (),
    ) -> None:
        """Hold the values of whole chunks of records."""
        # The garbage collector looks into long lists again and again, but not into such tuples.
        self.frequent = tuple(frequent)
        self.rare = tuple(rare)
        self.whole = tuple(whole)

    def of(self, number: int) -> array[int]:
        """Return the values of one record."""
        values = array("I")
        if number < len(self.whole):
            for part in (self.frequent, self.rare, self.whole):
                values.frombytes(part[number])
        return values

    def replacing(self, changed: Values, having: Container[int]) -> Forward:
        """Return the forward index with other values for some records.

        Args:
            changed: the values of each; all whose values have a bitmap now, or none any more,
                must be among them.
            having: the values that have bitmaps.
        """
        missing = [b""] * (_whole_chunks(max(changed, default=-1) + 1) - len(self.whole))
        parts = [[*part, *missing] for part in (self.frequent, self.rare, self.whole)]
        for number, values in changed.items():
            for part, content in zip(parts, _parted(values, having), strict=True):
                part[number] = content
        return Forward(*parts)


def gathered(part: Sequence[bytes], numbers: Iterable[int]) -> array[int]:
    """Return the values that several live records have in one part of a forward index."""
    values = array("I")
    values.frombytes(b"".join([part[number] for number in numbers]))
    return values


def decoded(chunks: Iterable[tuple[int, bytes]]) -> Forward:
    """Read the chunks that `differences` gave, in their order."""
    parts: tuple[list[bytes], ...] = ([], [], [])
    known: dict[bytes, bytes] = {}
    for which, content in chunks:
        missing = which * CHUNK - len(parts[0])
        numbers = from_bytes(content)
        values = numbers[_STARTS:].tobytes()
        for place, part in enumerate(parts):
            part += [b""] * missing
            begin, end = (
                numbers[place : _STARTS - 1 : _PARTS],
                numbers[place + 1 : _STARTS : _PARTS],
            )
            found = [values[a:b] for a, b in zip(begin, end, strict=True)]
            # Many records have the same values of the facets with few: these are held once.
            part += [known.setdefault(one, one) for one in found] if place == _PARTS - 1 else found
    return Forward(*parts)


def differences(before: Forward, after: Forward) -> Iterator[tuple[int, bytes | None]]:
    """Give the chunks that are others now, by number, as they are stored; None for one without."""
    for first in range(0, max(len(before.whole), len(after.whole)), CHUNK):
        old, new = (
            [part[first : first + CHUNK] for part in (one.frequent, one.rare, one.whole)]
            for one in (before, after)
        )
        if old != new:
            yield first // CHUNK, _encoded(new) if any(map(any, new)) else None


def _encoded(parts: Sequence[Sequence[bytes]]) -> bytes:
    """Write a chunk: where each part of each record begins, then all values."""
    starts, values = array("I", [0]), bytearray()
    for record in zip(*parts, strict=True):
        for part in record:
            values += part
            starts.append(len(values))
    numbers = array("I")
    numbers.frombytes(values)
    return to_bytes(starts) + to_bytes(numbers)


def read(connection: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, list[int]]:
    """Read the values of records from their tables; those that are not live come with none."""
    found: dict[int, list[int]] = {number: [] for number in numbers}
    for record, value in connection.execute(_OF_RECORDS, {"numbers": json.dumps(list(found))}):
        found[record].append(value)
    return found


def read_all(connection: sqlite3.Connection, having: Container[int]) -> Forward:
    """Read the values of all records from their tables, a stretch at a time.

    Args:
        connection: a connection to the catalogue.
        having: the values that have bitmaps.
    """
    last = connection.execute("select coalesce(max(number), -1) from records").fetchone()[0]
    parts = [[b""] * _whole_chunks(last + 1) for _ in range(_PARTS)]
    known: dict[bytes, bytes] = {}
    for first in range(0, last + 1, _STRETCH):
        until = first + _STRETCH - 1
        stretch: dict[int, list[int]] = {}
        for record, value in connection.execute(_OF_RANGE, {"first": first, "last": until}):
            stretch.setdefault(record, []).append(value)
        for record, values in stretch.items():
            for part, content in zip(parts, _parted(values, having), strict=True):
                part[record] = known.setdefault(content, content)
    return Forward(*parts)


def _parted(values: Iterable[int], having: Container[int]) -> tuple[bytes, bytes, bytes]:
    frequent, rare, whole = array("I"), array("I"), array("I")
    for value in values:
        if _WHOLE >> (value & CODE) & 1:
            whole.append(value)
        elif value in having:
            frequent.append(value)
        else:
            rare.append(value)
    return frequent.tobytes(), rare.tobytes(), whole.tobytes()


def _whole_chunks(records: int) -> int:
    return -(-records // CHUNK) * CHUNK


_WHOLE = sum(1 << CODES[name] for name in WHOLE)
_STRETCH = 2**16
