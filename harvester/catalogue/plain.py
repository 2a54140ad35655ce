"""The facet index by SQL over the tables: for small catalogues, and for single questions."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Collection, Iterator, Sequence

import msgspec

from harvester.catalogue import works
from harvester.catalogue.hits import (
    FOLLOWERS,
    LIFTED,
    MANY,
    Parameters,
    common_table,
    has_own_hits,
    is_ranked,
    restricts,
)
from harvester.catalogue.query import Query
from harvester.catalogue.relevance import MOST_RANKED, by_relevance, led, ranked
from harvester.catalogue.values import NAMED, Counted, Value

ORDERS = {
    "newest": "r.year desc, r.number desc",
    "oldest": "r.year asc nulls last, r.number asc",
    "title": "r.title_sort asc nulls last, r.number asc",
    "added": "r.added desc, r.number desc",
}
"""The orders by what stands in `records r`."""

_ALL = "select r.number from records r {where} order by {order} limit :limit offset :offset"
_LEADING = f"where r.number not in ({FOLLOWERS})"
_HITS = """
    select r.number from hits h join records r on r.number = h.number
    order by {order} limit :limit offset :offset
"""
_RANKED = "select number from hits order by score, number desc limit :limit offset :offset"
_NEWEST = f"""
    select r.number from records r where r.number in (select value from json_each(:numbers))
    order by {ORDERS["newest"]}
"""
_FOUND = "select rowid as number from records_fts where records_fts match ?"
_AMONG = "select number from records where number in (select value from json_each(:among))"
_GIVEN = "with hits (number, score) as materialized (select number, 0 from ({select}))"
_COPIES = """
    select record from work_records where lead in (select value from json_each(:works))
"""
_WITH_COPIES = """
    , copies (number, work) as materialized (
        select number, number from hits
        union all
        select record, lead from work_records
        where lead in (select number from hits) and record <> lead
    )
"""

# For each facet a `select` of the number of a value and its count over `{hits}`: the hits joined
# with the table, or the table alone when every live record is a hit. For works the live copies of
# the hits take their place, and each work counts once.
_OF_MANY = "select j.{column} as number, count(*) as n from {hits} group by j.{column}"
_OF_ONE = """
    select f.number as number, c.n as n
    from (select r.{column} as value, count(*) as n from {hits}
          where r.{column} is not null group by r.{column}) c
    join facet_values f on f.facet = '{column}' and f.value = c.value
"""
_OF_MANY_COPIES = """
    select j.{column} as number, count(distinct h.work) as n
    from copies h join {join} j on j.record = h.number group by j.{column}
"""
_OF_ONE_COPIES = """
    select f.number as number, c.n as n
    from (select r.{column} as value, count(distinct h.work) as n
          from copies h join records r on r.number = h.number
          where r.{column} is not null group by r.{column}) c
    join facet_values f on f.facet = '{column}' and f.value = c.value
"""
_TOP = """
    select * from (
        select '{name}' as facet, v.value, v.label, c.n, count(*) over () as total,
            v.value in (select value from json_each(:chosen_{name})) as chosen
        from ({counts}) c join ({named}) v on v.number = c.number
        order by chosen desc, n desc, v.value limit :limit_{name}
    )
"""


class PlainIndex:
    """Answers by SQL. See `index.FacetIndex` for what it is asked."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def total(self, query: Query) -> int:
        """How many live hits a query has."""
        query = self._as_needed(query)
        opening, parameters = common_table(query) if _needs_hits(query) else ("", {})
        counted = f"{opening} select count(*) from {'hits' if opening else 'records'}"
        total: int = self._connection.execute(counted, parameters).fetchone()[0]
        return total

    def page(self, query: Query, offset: int, limit: int) -> Sequence[int]:
        """The numbers of a page of live hits, in the query's order."""
        query = self._as_needed(query)
        by_words = is_ranked(query)
        if by_words and self.total(query) > MOST_RANKED:
            return self._page_of_many(query, offset, limit)
        opening, parameters = "", Parameters()
        if by_words:
            opening, parameters = common_table(query, ranked=True)
            select = _RANKED
        else:
            select = _ALL
            where = _LEADING if query.works else ""
            if restricts(query):
                opening, parameters = common_table(query)
                select = _HITS
            order = ORDERS.get(query.sort, ORDERS["newest"])
            select = select.format(where=where, order=order)
        page = {**parameters, "limit": limit, "offset": offset}
        return self._numbers(opening + select, page)

    def count(self, query: Query, names: Sequence[str], limit: int) -> dict[str, Counted]:
        """Count values of facets."""
        query = self._as_needed(query)
        own = [name for name in names if has_own_hits(query, name)]
        shared = [name for name in names if name not in own]
        found: dict[str, Counted] = {}
        for group, leave_out in [(shared, None), *(([name], name) for name in own)]:
            if not _needs_hits(query, leave_out):
                found |= self._count(group, "", {}, limit, query)
            elif group:
                found |= self._count(group, *common_table(query, leave_out), limit, query)
        return found

    def among(
        self, numbers: Collection[int], names: Sequence[str], limit: int, *, works: bool = False
    ) -> dict[str, Counted]:
        """Count values of facets over the live ones of some records, or over their works."""
        query = self._as_needed(Query(works=works))
        select = LIFTED.format(select=_AMONG) if query.works else _AMONG
        parameters: Parameters = {"among": json.dumps(list(numbers))}
        return self._count(names, _GIVEN.format(select=select), parameters, limit, query)

    def values(self, query: Query, name: str) -> list[Value]:
        """Count all values of a facet over the hits of a query, in no order."""
        return self.count(query, (name,), -1)[name].values

    def _count(
        self,
        names: Sequence[str],
        opening: str,
        parameters: Parameters,
        limit: int,
        query: Query,
    ) -> dict[str, Counted]:
        parts = []
        parameters = dict(parameters)
        if query.works:
            opening += _WITH_COPIES
        for name in names:
            counts = _counts(name, whole=not opening, works=query.works)
            parts.append(_TOP.format(name=name, counts=counts, named=NAMED[name]))
            chosen = query.facets.get(name, ())
            parameters[f"chosen_{name}"] = json.dumps(chosen)
            parameters[f"limit_{name}"] = limit if limit < 0 else max(limit, len(chosen))
        values: dict[str, list[Value]] = {name: [] for name in names}
        totals = dict.fromkeys(names, 0)
        if parts:
            rows = self._connection.execute(opening + " union all ".join(parts), parameters)
            for name, value, label, n, total, _ in rows:
                values[name].append(Value(value, label, n))
                totals[name] = total
        return {name: Counted(values[name], totals[name]) for name in names}

    def _page_of_many(self, query: Query, offset: int, limit: int) -> Sequence[int]:
        opening, parameters = common_table(query)
        hits = set(self._numbers(f"{opening} select number from hits", parameters))
        found = LIFTED.format(select=_FOUND) if query.works else _FOUND
        stretches = by_relevance(
            query.text,
            hits,
            lambda expression: set(self._numbers(found, (expression,))),
            lambda numbers: self._ranked(query, numbers),
            self._newest,
        )
        return page_of(stretches, offset, limit)

    def _ranked(self, query: Query, numbers: set[int]) -> Sequence[int]:
        if not query.works:
            return ranked(self._connection, query.text, numbers)
        copies = self._numbers(_COPIES, {"works": json.dumps(list(numbers))})
        order = ranked(self._connection, query.text, {*numbers, *copies})
        return led(order, works.leads(self._connection, copies))

    def _as_needed(self, query: Query) -> Query:
        """The query for single records where there is no work of several."""
        if query.works and not works.are_there(self._connection):
            return msgspec.structs.replace(query, works=False)
        return query

    def _newest(self, numbers: set[int]) -> Iterator[Sequence[int]]:
        yield self._numbers(_NEWEST, {"numbers": json.dumps(list(numbers))})

    def _numbers(self, select: str, parameters: Parameters | tuple[str, ...]) -> array[int]:
        rows = self._connection.execute(select, parameters)
        return array("q", (number for (number, *_) in rows))


def page_of(stretches: Iterator[Sequence[int]], offset: int, limit: int) -> Sequence[int]:
    """Take a page out of numbers that come in stretches; -1 takes all of them."""
    numbers = array("q")
    for stretch in stretches:
        if offset >= len(stretch):
            offset -= len(stretch)
            continue
        wanted = len(stretch) if limit < 0 else offset + limit - len(numbers)
        numbers.extend(iter(stretch[offset:wanted]))
        offset = 0
        if len(numbers) == limit:
            break
    return numbers


def _needs_hits(query: Query, leave_out: str | None = None) -> bool:
    """Say whether the hits are others than all records."""
    return query.works or restricts(query, leave_out)


def _counts(name: str, *, whole: bool, works: bool) -> str:
    if works and name in MANY:
        join, column, _ = MANY[name]
        return _OF_MANY_COPIES.format(join=join, column=column)
    if works:
        return _OF_ONE_COPIES.format(column=name)
    if name in MANY:
        join, column, _ = MANY[name]
        hits = f"{join} j" if whole else f"hits join {join} j on j.record = hits.number"
        return _OF_MANY.format(hits=hits, column=column)
    hits = "records r" if whole else "hits join records r on r.number = hits.number"
    return _OF_ONE.format(hits=hits, column=name)
