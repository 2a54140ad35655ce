"""The facet index by bitmaps in memory, for a process that serves a large catalogue."""

from __future__ import annotations

import json
import sqlite3
import threading
from array import array
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from functools import reduce
from itertools import count, islice
from typing import TypeVar

import msgspec
from pyroaring import BitMap

from harvester.catalogue import asked, changes, snapshot
from harvester.catalogue.arrays import bitmap_listed
from harvester.catalogue.bitmaps import Bitmaps, size
from harvester.catalogue.cache import Cache
from harvester.catalogue.changes import Moment
from harvester.catalogue.fields import Choice
from harvester.catalogue.hits import (
    ALL_OF,
    MANY,
    ONE,
    SOURCES,
    UNLISTED,
    has_own_hits,
    is_ranked,
    restricts,
    stored,
)
from harvester.catalogue.meta import one_moment
from harvester.catalogue.packing import pack, row_of
from harvester.catalogue.plain import ORDERS, page_of
from harvester.catalogue.query import Query, to_parameters
from harvester.catalogue.relevance import by_relevance, led, ranked
from harvester.catalogue.tally import Pairs
from harvester.catalogue.values import NAMED, Counted, Value

CACHE_BYTES = 48 * 2**20
"""What is remembered of hits, orders and counts, in all."""

NARROW = 50_000
"""So many hits are put in order by themselves; of more, the order of all is followed."""

PATIENCE = 20
"""So many readers in a row that see an older catalogue than the one that is kept are waited for."""

_FOUND = "select json_group_array(rowid) from records_fts where records_fts match ?"
_ORDERED = "select r.number from records r {where} order by {order}"
_THESE = "where r.number in (select value from json_each(:numbers))"
_ROW = {
    **{
        facet: f"select number from {table} where value = ?"
        for facet, (_, _, table) in MANY.items()
    },
    **{
        facet: f"select number from facet_values where facet = '{facet}' and value = ?"
        for facet in ONE
    },
}
_NAMED = "select * from ({named}) where number in (select value from json_each(?))"
_FIRST = f"{_NAMED} order by value limit ?"

T = TypeVar("T")


class Kept:
    """The bitmaps of one catalogue as it is now and was just before, and what is remembered.

    Two are kept, for threads that still read the generation before.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: list[Bitmaps] = []
        self._older = 0
        self._cache = Cache(CACHE_BYTES)

    def at(self, connection: sqlite3.Connection) -> FastIndex | None:
        """Return the index of what a connection sees.

        None where that is older than all that is kept: whoever began to read before others made two
        generations of it has to do without. Where nothing newer is seen any more, an older
        catalogue was put back.
        """
        with one_moment(connection):
            now = changes.now(connection)
            with self._lock:
                found = next((one for one in self._last if one.moment == now), None)
                if found is None:
                    if self._last and self._last[0].moment.generation > now.generation:
                        self._older += 1
                        if self._older <= PATIENCE:
                            return None
                        self._last.clear()
                    found = self._newer(connection, now)
                    self._last = [found, *self._last[:1]]
                self._older = 0
        return FastIndex(connection, found, self._cache)

    def forget(self) -> None:
        """Forget what was asked before; the bitmaps stay."""
        self._cache = Cache(CACHE_BYTES)

    def _newer(self, connection: sqlite3.Connection, now: Moment) -> Bitmaps:
        later = snapshot.later(connection, self._last[0], now) if self._last else None
        return later or snapshot.load(connection)


class FastIndex:
    """Answers by bitmaps. See `index.FacetIndex` for what it is asked."""

    def __init__(self, connection: sqlite3.Connection, bitmaps: Bitmaps, cache: Cache) -> None:
        self._connection = connection
        self._bitmaps = bitmaps
        self._cache = cache

    def total(self, query: Query) -> int:
        """How many live hits a query has."""
        return len(self._hits(self._as_needed(query)))

    def page(self, query: Query, offset: int, limit: int) -> Sequence[int]:
        """The numbers of a page of live hits, in the query's order."""
        query = self._as_needed(query)
        hits = self._hits(query)
        if is_ranked(query):
            return page_of(self._by_relevance(query, hits), offset, limit)
        match query.sort:
            case "oldest":
                return page_of(self._oldest(hits), offset, limit)
            case "title" | "added":
                end = None if limit < 0 else offset + limit
                return array("q", islice(self._by_column(query.sort, hits), offset, end))
            case _:
                return page_of(self._newest(hits), offset, limit)

    def count(self, query: Query, names: Sequence[str], limit: int) -> dict[str, Counted]:
        """Count values of facets."""
        query = self._as_needed(query)
        return {
            name: self._remembered(
                ("count", _key(query, _leave_out(query, name)), name, limit,
                 query.facets.get(name, ())),
                lambda name=name: self._count(query, name, limit),  # type: ignore[misc]
                lambda counted: 250 * (1 + len(counted.values)),
            )
            for name in names
        }  # fmt: skip

    def among(
        self, numbers: Collection[int], names: Sequence[str], limit: int, *, works: bool = False
    ) -> dict[str, Counted]:
        """Count values of facets over the live ones of some records, or over their works."""
        query = self._as_needed(Query(works=works))
        hits = self._lifted(BitMap(numbers), query.works) & self._hits(query)
        return {name: self._top(name, hits, query, limit) for name in names}

    def values(self, query: Query, name: str) -> list[Value]:
        """Count all values of a facet over the hits of a query, in no order."""
        query = self._as_needed(query)
        works = query.works
        leave_out = _leave_out(query, name)
        hits = self._hits(query, leave_out) & self._bitmaps.any(name, works=works)

        def ask() -> list[Value]:
            return self._named(name, self._bitmaps.all(name, hits, works=works))

        key = ("values", _key(query, leave_out), name)
        return self._remembered(key, ask, lambda values: 200 * len(values))

    def _count(self, query: Query, name: str, limit: int) -> Counted:
        return self._top(name, self._hits(query, _leave_out(query, name)), query, limit)

    def _top(self, name: str, hits: BitMap, query: Query, limit: int) -> Counted:
        """Take the chosen values of a facet, and the most frequent ones up to the limit."""
        chosen = query.facets.get(name, ())
        limit = max(limit, len(chosen))
        found, total = self._bitmaps.top(name, hits, max(limit, 1), works=query.works)
        numbers = {self._number(name, value) for value in chosen} - {None}
        first: Pairs = [
            (count, number)
            for number in numbers
            if number is not None and (count := len(hits & self._of_value(number, query.works)))
        ]
        others = [pair for pair in found if pair[1] not in numbers]
        wanted = max(0, limit - len(first))
        values = self._named(name, first) + self._most(name, others, wanted)
        return Counted(values, total)

    def _most(self, name: str, found: Pairs, wanted: int) -> list[Value]:
        """Name the most frequent values; of those that tie, the first by value."""
        if len(found) <= wanted:
            return self._named(name, found)
        if not wanted:
            return []
        least = sorted((count for count, _ in found), reverse=True)[wanted - 1]
        above = [pair for pair in found if pair[0] > least]
        ties = [pair for pair in found if pair[0] == least]
        return self._named(name, above) + self._named(name, ties, wanted - len(above))

    def _named(self, name: str, pairs: Pairs, limit: int | None = None) -> list[Value]:
        counts = {row_of(number): count for count, number in pairs}
        parameters: list[str | int] = [json.dumps(list(counts))]
        select = _NAMED
        if limit is not None:
            select = _FIRST
            parameters.append(limit)
        rows = self._connection.execute(select.format(named=NAMED[name]), parameters)
        return [Value(value, label, counts[row]) for row, value, label in rows]

    def _as_needed(self, query: Query) -> Query:
        """The query for single records where there is no work of several."""
        if query.works and not self._bitmaps.leads.of:
            return msgspec.structs.replace(query, works=False)
        return query

    def _hits(self, query: Query, leave_out: str | None = None) -> BitMap:
        if not restricts(query, leave_out):
            return self._bitmaps.works if query.works else self._bitmaps.live
        key = ("hits", _key(query, leave_out))
        return self._remembered(key, lambda: self._find(query, leave_out), size)

    def _find(self, query: Query, leave_out: str | None) -> BitMap:
        works = query.works
        wanted = asked.read(query.text)
        hits = self._bitmaps.works if works else self._bitmaps.live
        if wanted.words:
            hits = hits & self._found(wanted.words, works)
        if wanted.unwanted:
            hits = hits - self._found(wanted.unwanted, works)
        for mixed in wanted.chosen:
            enough = [self._of_choice(choice, works) for choice in mixed.choices]
            if mixed.words:
                enough.append(self._found(mixed.words, works))
            hits = hits & BitMap().union(*enough)
        for choice in wanted.left_out:
            hits = hits - self._of_choice(choice, works)
        for name, values in query.facets.items():
            if values and name != leave_out:
                for chosen in self._chosen(name, values, works):
                    hits = hits & chosen
        for name, values in query.excluded.items():
            each = (self._records(name, value, works) for value in values)
            hits = reduce(BitMap.__sub__, each, hits)
        if query.years and leave_out != "year":
            hits = hits & self._within(*query.years, works)
        return hits

    # What follows gives the records that a part of a query means, or with `works` their works; the
    # hits that these are cut with hold nothing but leads.

    def _within(self, first: int | None, last: int | None, works: bool) -> BitMap:
        """The records of a range of years."""
        within = (
            self._of_value(number, works)
            for year, number in self._bitmaps.by_year
            if (first is None or first <= year) and (last is None or year <= last)
        )
        return BitMap().union(*within)

    def _of_choice(self, choice: Choice, works: bool) -> BitMap:
        """The records that a field such as `year:` chooses."""
        if choice.facet == "year":
            return self._within(*choice.years, works)
        values: Iterable[str] = choice.values
        if choice.facet == "source":
            values = [
                name
                for pattern in choice.values
                for (name,) in self._connection.execute(SOURCES, {"pattern": pattern})
            ]
        if choice.pattern:
            found = self._connection.execute(UNLISTED[choice.facet], {"pattern": choice.pattern})
            values = {*values, *(value for (value,) in found)}
        return BitMap().union(*(self._records(choice.facet, value, works) for value in values))

    def _chosen(self, name: str, values: Sequence[str], works: bool) -> Iterator[BitMap]:
        each = (self._records(name, value, works) for value in values)
        if name in ALL_OF:
            yield from each
        else:
            yield BitMap().union(*each)

    def _records(self, name: str, value: str, works: bool) -> BitMap:
        number = self._number(name, value)
        return BitMap() if number is None else self._of_value(number, works)

    def _of_value(self, number: int, works: bool) -> BitMap:
        return self._bitmaps.records(self._connection, number, works=works)

    def _lifted(self, records: BitMap, works: bool) -> BitMap:
        return self._bitmaps.leads.lifted(records) if works else records

    def _number(self, name: str, value: str) -> int | None:
        row = self._connection.execute(_ROW[name], (stored(name, value),)).fetchone()
        return pack(name, row[0]) if row else None

    def _found(self, expression: str, works: bool) -> BitMap:
        """The records that an FTS5 expression finds."""

        def ask() -> BitMap:
            (numbers,) = self._connection.execute(_FOUND, (expression,)).fetchone()
            return self._lifted(bitmap_listed(numbers), works)

        return self._remembered(("found", expression, works), ask, size)

    def _by_relevance(self, query: Query, hits: BitMap) -> Iterator[Sequence[int]]:
        groups = count()

        def rank(numbers: BitMap) -> Sequence[int]:
            return self._remembered(
                ("ranked", _key(query), next(groups)),
                lambda: self._ranked(query, numbers),
                lambda order: 100 + 10 * len(order),
            )

        def found(expression: str) -> BitMap:
            return self._found(expression, query.works)

        return by_relevance(query.text, hits, found, rank, self._newest)

    def _ranked(self, query: Query, numbers: BitMap) -> Sequence[int]:
        if not query.works:
            return ranked(self._connection, query.text, numbers)
        leads = self._bitmaps.leads
        return led(ranked(self._connection, query.text, leads.with_copies(numbers)), leads.of)

    def _newest(self, hits: BitMap) -> Iterator[Sequence[int]]:
        for records in self._by_year(hits, reversed(self._bitmaps.by_year)):
            yield records.to_array()[::-1]

    def _oldest(self, hits: BitMap) -> Iterator[Sequence[int]]:
        for records in self._by_year(hits, self._bitmaps.by_year):
            yield records.to_array()

    def _by_year(self, hits: BitMap, years: Iterable[tuple[int, int]]) -> Iterator[BitMap]:
        """Give the hits of each year, and last those without one; works by that of their leads."""
        for _, number in years:
            yield hits & self._bitmaps.bitmaps[number]
        yield hits - self._bitmaps.any("year")

    def _by_column(self, order: str, hits: BitMap) -> Iterator[int]:
        """Give the hits in the order of a column: many are met soon along its index."""
        few = len(hits) <= NARROW
        select = _ORDERED.format(where=_THESE if few else "", order=ORDERS[order])
        parameters = {"numbers": json.dumps(list(hits))} if few else {}
        return (
            number for (number,) in self._connection.execute(select, parameters) if number in hits
        )

    def _remembered(self, key: Hashable, ask: Callable[[], T], size: Callable[[T], int]) -> T:
        return self._cache.get((self._bitmaps.moment, key), ask, size)


def _leave_out(query: Query, name: str) -> str | None:
    return name if has_own_hits(query, name) else None


def _key(query: Query, leave_out: str | None = None) -> Hashable:
    """What decides the hits of a query."""
    pairs = [pair for pair in to_parameters(query) if pair[0] != "sort"]
    if leave_out:
        years = "years" if leave_out == "year" else ""
        pairs = [pair for pair in pairs if pair[0] not in (leave_out, years)]
    return tuple(pairs)
