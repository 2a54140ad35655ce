"""The forward index: for each record the numbers of all its facet values; stored by the chunk."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harvester.catalogue.hits import MANY, ONE
from harvester.catalogue.packing import BITS, CODE, CODES, WHOLE, from_bytes, to_bytes

CHUNK = 64
"""So many records are stored together: by their number without its last six bits."""

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


class Forward:
    """The values of every record, in memory. It never changes; `replacing` gives another one.

    Attributes:
        narrow: by number of a record its values, four bytes each in the order of this machine, but
            for the facets that are `WHOLE`; of a record that is not live, nothing.
        whole: its values of these facets, likewise.
    """

    def __init__(self, narrow: Iterable[bytes] = (), whole: Iterable[bytes] = ()) -> None:
        """Hold the values of whole chunks of records."""
        # The garbage collector looks into long lists again and again, but not into such tuples.
        self.narrow = tuple(narrow)
        self.whole = tuple(whole)

    def of(self, number: int) -> array[int]:
        """Return the values of one record."""
        values = array("I")
        if number < len(self.narrow):
            values.frombytes(self.narrow[number] + self.whole[number])
        return values

    def gather(self, numbers: Iterable[int]) -> array[int]:
        """Return the values of several live records, but for the facets that are `WHOLE`."""
        narrow = self.narrow
        gathered = array("I")
        gathered.frombytes(b"".join([narrow[number] for number in numbers]))
        return gathered

    def replacing(self, changed: Values) -> Forward:
        """Return the forward index with other values for some records."""
        missing = [b""] * (_whole_chunks(max(changed, default=-1) + 1) - len(self.narrow))
        narrow, whole = [*self.narrow, *missing], [*self.whole, *missing]
        for number, values in changed.items():
            narrow[number], whole[number] = _parted(values)
        return Forward(narrow, whole)


def decoded(chunks: Iterable[tuple[int, bytes]]) -> Forward:
    """Read the chunks that `differences` gave, in their order."""
    narrow: list[bytes] = []
    whole: list[bytes] = []
    known: dict[bytes, bytes] = {}
    for which, content in chunks:
        missing = which * CHUNK - len(narrow)
        narrow += [b""] * missing
        whole += [b""] * missing
        numbers = from_bytes(content)
        starts, values = numbers[:_STARTS], numbers[_STARTS:].tobytes()
        narrow += [values[a:b] for a, b in zip(starts[:-1:2], starts[1::2], strict=True)]
        parts = [values[a:b] for a, b in zip(starts[1::2], starts[2::2], strict=True)]
        # Many records have the same values of few facets: they are held once.
        whole += [known.setdefault(part, part) for part in parts]
    return Forward(narrow, whole)


def differences(before: Forward, after: Forward) -> Iterator[tuple[int, bytes | None]]:
    """Give the chunks that are others now, by number, as they are stored; None for one without."""
    for first in range(0, max(len(before.narrow), len(after.narrow)), CHUNK):
        chunk = slice(first, first + CHUNK)
        narrow, whole = after.narrow[chunk], after.whole[chunk]
        if narrow != before.narrow[chunk] or whole != before.whole[chunk]:
            yield first // CHUNK, _encoded(narrow, whole) if any(narrow) or any(whole) else None


def _encoded(narrow: Sequence[bytes], whole: Sequence[bytes]) -> bytes:
    """Write a chunk: where the values of each record begin, and those that are `WHOLE`; values."""
    starts, values = array("I", [0]), bytearray()
    for parts in zip(narrow, whole, strict=True):
        for part in parts:
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


def read_all(connection: sqlite3.Connection) -> Forward:
    """Read the values of all records from their tables, a stretch at a time."""
    last = connection.execute("select coalesce(max(number), -1) from records").fetchone()[0]
    narrow = [b""] * _whole_chunks(last + 1)
    whole = list(narrow)
    known: dict[bytes, bytes] = {}
    for first in range(0, last + 1, _STRETCH):
        until = first + _STRETCH - 1
        stretch: dict[int, list[int]] = {}
        for record, value in connection.execute(_OF_RANGE, {"first": first, "last": until}):
            stretch.setdefault(record, []).append(value)
        for record, values in stretch.items():
            narrow[record], part = _parted(values)
            whole[record] = known.setdefault(part, part)
    return Forward(narrow, whole)


def _parted(values: Sequence[int]) -> tuple[bytes, bytes]:
    narrow = array("I", [value for value in values if not _WHOLE >> (value & CODE) & 1])
    whole = array("I", [value for value in values if _WHOLE >> (value & CODE) & 1])
    return narrow.tobytes(), whole.tobytes()


def _whole_chunks(records: int) -> int:
    return -(-records // CHUNK) * CHUNK


_WHOLE = sum(1 << CODES[name] for name in WHOLE)
_STRETCH = 2**16
