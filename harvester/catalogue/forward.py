"""The forward index: for each record its values of the facets with many; stored by the chunk."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from harvester.catalogue.arrays import Numbers, stretches
from harvester.catalogue.hits import MANY, ONE
from harvester.catalogue.packing import BITS, CODE, CODES, WHOLE, pack, row_of

CHUNK = 64
"""So many records are stored together: by their number without its last six bits."""

_STRETCH = 2**15
_CHUNKS = 2**9

NAMES = tuple(facet for facet in CODES if facet not in WHOLE)
"""The facets of this index, in the order in which it is stored."""

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
_OF_RANGE = " union all ".join(
    select
    for facet, select in zip([*MANY, *ONE], [*_MANY, *_ONE_BY_VALUE], strict=True)
    if facet not in WHOLE
).format(which="between :first and :last")

Values = Mapping[int, Sequence[int]]
"""The numbers of the values of each record; records that are not live have none."""


class Column(NamedTuple):
    """The values of one facet, by the number of their rows.

    Attributes:
        starts: those of record `n` are `rows[starts[n] : starts[n + 1]]`.
        rows: all values, record by record.
    """

    starts: Numbers
    rows: Numbers


class Forward:
    """The values of every record, in memory. It never changes; `replacing` gives another one.

    Attributes:
        columns: by facet, but for those that are `WHOLE`: of these bitmaps tell all. Each is for
            the same number of records, which is one of whole chunks.
    """

    def __init__(self, columns: Mapping[str, Column] | None = None) -> None:
        """Hold the values of no record, or these."""
        self.columns = columns or dict.fromkeys(NAMES, _column(_NONE, _NONE, 0))

    def __len__(self) -> int:
        """The number of records, also of those that are not live."""
        return len(self.columns[NAMES[0]].starts) - 1

    def of(self, number: int) -> list[int]:
        """Return the values of one record, but for the facets that are `WHOLE`."""
        values: list[int] = []
        if number < len(self):
            for facet, (starts, rows) in self.columns.items():
                found = rows[starts[number] : starts[number + 1]].tolist()
                values += [pack(facet, row) for row in found]
        return values

    def rows(self, facet: str, numbers: Numbers) -> Numbers:
        """Return the values of a facet that several records have, record by record."""
        starts, rows = self.columns[facet]
        return rows[_places(starts, numbers)]

    def pairs(self, facet: str, numbers: Numbers, owners: Numbers) -> npt.NDArray[np.uint64]:
        """Return the same, each value with what owns its record, in the upper half of a number."""
        starts, rows = self.columns[facet]
        lengths = starts[numbers + 1] - starts[numbers]
        owner = np.repeat(owners, lengths).astype(np.uint64)
        return (owner << np.uint64(32)) | rows[_places(starts, numbers)]

    def replacing(self, changed: Values) -> Forward:
        """Return the forward index with other values for some records, one at least."""
        order = sorted(changed)
        numbers = np.array(order, np.uint32)
        known = numbers[numbers < len(self)]
        lengths = np.zeros(max(len(self), _whole_chunks(order[-1] + 1)), np.intp)
        columns = {}
        for facet, (starts, rows) in self.columns.items():
            code = CODES[facet]
            found = [[row_of(one) for one in changed[n] if one & CODE == code] for n in order]
            new = np.array(list(chain.from_iterable(found)), np.uint32)
            lengths[: len(self)] = np.diff(starts)
            lengths[len(self) :] = 0
            lengths[numbers] = 0
            kept = np.delete(rows, _places(starts, known))
            places = _starts(lengths)[numbers].astype(np.intp)
            lengths[numbers] = [len(some) for some in found]
            inserted = np.insert(kept, np.repeat(places, lengths[numbers]), new)
            columns[facet] = Column(_starts(lengths), inserted)
        return Forward(columns)

    def chunks(self, which: Iterable[int] | None = None) -> Iterator[tuple[int, bytes]]:
        """Give chunks as they are stored, all or some: how many values each record has; these."""
        for chunk in range(len(self) // CHUNK) if which is None else sorted(which):
            first = chunk * CHUNK
            lengths, values = [], []
            for starts, rows in self.columns.values():
                lengths.append(np.diff(starts[first : first + CHUNK + 1]).astype("<u4").tobytes())
                values.append(rows[starts[first] : starts[first + CHUNK]].astype("<u4").tobytes())
            yield chunk, b"".join(lengths + values)


def decoded(chunks: Iterable[tuple[int, bytes]]) -> Forward:
    """Read the chunks that `Forward.chunks` gave."""
    lengths: dict[str, list[Numbers]] = {facet: [_NONE] for facet in NAMES}
    rows: dict[str, list[Numbers]] = {facet: [_NONE] for facet in NAMES}
    read = 0
    chunks = iter(chunks)
    while some := list(islice(chunks, _CHUNKS)):
        parts = [_parts(content) for _, content in some]
        for place, facet in enumerate(NAMES):
            many = np.zeros((some[-1][0] + 1 - read, CHUNK), np.uint32)
            many[[which - read for which, _ in some]] = [part[0][place] for part in parts]
            lengths[facet].append(many.ravel())
            rows[facet].append(np.concatenate([part[1][place] for part in parts], dtype=np.uint32))
        read = some[-1][0] + 1
    return Forward(
        {
            facet: Column(_starts(np.concatenate(lengths[facet])), np.concatenate(rows[facet]))
            for facet in NAMES
        }
    )


def _parts(chunk: bytes) -> tuple[Numbers, list[Numbers]]:
    """Read a chunk: by facet how many values each record has, and the values."""
    lengths = np.frombuffer(chunk, "<u4", CHUNK * len(NAMES)).reshape(-1, CHUNK)
    ends = lengths.sum(axis=1).cumsum()
    return lengths, np.split(np.frombuffer(chunk, "<u4", offset=lengths.nbytes), ends[:-1])


def read(connection: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, list[int]]:
    """Read the values of records from their tables; those that are not live come with none."""
    found: dict[int, list[int]] = {number: [] for number in numbers}
    for record, value in connection.execute(_OF_RECORDS, {"numbers": json.dumps(list(found))}):
        found[record].append(value)
    return found


def read_all(connection: sqlite3.Connection) -> Forward:
    """Read the values of all records from their tables, a stretch at a time."""
    last = connection.execute("select coalesce(max(number), -1) from records").fetchone()[0]
    records: dict[str, list[Numbers]] = {facet: [_NONE] for facet in NAMES}
    rows: dict[str, list[Numbers]] = {facet: [_NONE] for facet in NAMES}
    for first in range(0, last + 1, _STRETCH):
        stretch = {"first": first, "last": first + _STRETCH - 1}
        pairs = connection.execute(_OF_RANGE, stretch).fetchall()
        found = np.array(pairs, np.uint32).reshape(-1, 2)
        found = found[np.argsort(found[:, 0], kind="stable")]
        for facet in NAMES:
            own = found[found[:, 1] & CODE == CODES[facet]]
            records[facet].append(own[:, 0])
            rows[facet].append(own[:, 1] >> BITS)
    size = _whole_chunks(last + 1)
    return Forward(
        {
            facet: _column(np.concatenate(records[facet]), np.concatenate(rows[facet]), size)
            for facet in NAMES
        }
    )


def _column(records: Numbers, rows: Numbers, size: int) -> Column:
    """Hold pairs of a record and a value, in the order of the records."""
    return Column(_starts(np.bincount(records, minlength=size)), rows)


def _starts(lengths: npt.NDArray[np.integer]) -> Numbers:
    starts = np.zeros(len(lengths) + 1, np.uint32)
    np.cumsum(lengths, out=starts[1:])
    return starts


def _places(starts: Numbers, numbers: Numbers) -> npt.NDArray[np.intp]:
    """Where in a column the values of some records are."""
    begin = starts[numbers].astype(np.intp)
    return stretches(begin, starts[numbers + 1] - begin)


def _whole_chunks(records: int) -> int:
    return -(-records // CHUNK) * CHUNK


_NONE = np.zeros(0, np.uint32)
