"""Exact counts of the values of each facet, for any query."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

import msgspec

from harvester.catalogue.hits import ALL_OF, MANY, Parameters, common_table, restricts
from harvester.catalogue.query import FACETS, Query


class FacetValue(msgspec.Struct, frozen=True):
    """One value of a facet.

    Attributes:
        value: what stands in a URL; the same in every interface language.
        label: what a reader sees, where the catalogue knows better than `value`: the English name
            of a discipline, the title of a source.
        count: hits that have it; 0 only for a chosen value.
        chosen: the query asks for it.
    """

    value: str
    label: str
    count: int
    chosen: bool = False


class Facet(msgspec.Struct, frozen=True):
    """A facet with its most frequent values, the chosen ones first.

    Attributes:
        name: one of `FACETS`.
        values: chosen ones first, then by falling count, then by value.
        total_values: how many values the hits have, shown or not.
    """

    name: str
    values: list[FacetValue]
    total_values: int


# For each facet a `select` of value, label and count over `{hits}`. The braces take either the
# hits joined with the table, or the table alone when every live record is a hit.
_OF_ONE = """
    select cast(r.{column} as text) as value, cast(r.{column} as text) as label, count(*) as n
    from {hits} where r.{column} is not null group by r.{column}
"""
_OF_SOURCE = """
    select c.value as value, coalesce(s.title, c.value) as label, c.n as n
    from (select r.source as value, count(*) as n from {hits} group by r.source) c
    left join sources s on s.name = c.value
"""
_OF_PEER_REVIEWED = """
    select iif(r.peer_reviewed, 'true', 'false') as value,
        iif(r.peer_reviewed, 'true', 'false') as label, count(*) as n
    from {hits} where r.peer_reviewed is not null group by r.peer_reviewed
"""
_OF_MANY = """
    select v.value as value, {label} as label, c.n as n
    from (select j.{column} as number, count(*) as n from {hits} group by j.{column}) c
    join {table} v on v.number = c.number
"""
_DISCIPLINE_LABEL = "coalesce(v.en, v.fr, v.nl, v.de, v.value)"

_TOP = """
    select * from (
        select '{name}' as facet, value, label, n, count(*) over () as total,
            value in (select value from json_each(:chosen_{name})) as chosen
        from ({counts})
        order by chosen desc, n desc, value limit :limit_{name}
    )
"""


def count(
    connection: sqlite3.Connection,
    query: Query,
    names: Sequence[str] = FACETS,
    limit: int = 30,
) -> list[Facet]:
    """Count the values of facets over the live hits of a query.

    A facet of which one chosen value is enough leaves its own choices out of its own counts, so
    that a reader sees what another choice would add; `year` leaves the range of years out too.

    Args:
        connection: a connection to `catalogue.db`; read-only is enough.
        query: the search; `deleted` and `sort` make no difference.
        names: the facets wanted, of `FACETS`.
        limit: how many values of each; chosen ones are always among them.

    Returns:
        The facets in the order of `names`.
    """
    own = [name for name in names if _has_own_hits(query, name)]
    shared = [name for name in names if name not in own]
    rows: dict[str, list[tuple[str, str, int, int]]] = {name: [] for name in names}
    for group, leave_out in [(shared, None), *(([name], name) for name in own)]:
        if not group:
            continue
        sql, parameters = _statement(query, group, leave_out, limit)
        for facet, value, label, n, total, _ in connection.execute(sql, parameters):
            rows[facet].append((value, label, n, total))
    return [_facet(name, rows[name], query.facets.get(name, ())) for name in names]


def top(connection: sqlite3.Connection, name: str, limit: int) -> list[FacetValue]:
    """Return the most frequent values of one facet over all live records."""
    return count(connection, Query(), (name,), limit)[0].values


def _has_own_hits(query: Query, name: str) -> bool:
    if name == "year" and query.years:
        return True
    return name not in ALL_OF and bool(query.facets.get(name))


def _statement(
    query: Query, names: Sequence[str], leave_out: str | None, limit: int
) -> tuple[str, Parameters]:
    whole = not restricts(query, leave_out)
    opening, parameters = ("", {}) if whole else common_table(query, leave_out)
    parts = []
    for name in names:
        parts.append(_TOP.format(name=name, counts=_counts(name, whole)))
        chosen = query.facets.get(name, ())
        parameters[f"chosen_{name}"] = json.dumps(chosen)
        parameters[f"limit_{name}"] = max(limit, len(chosen))
    return opening + " union all ".join(parts), parameters


def _counts(name: str, whole: bool) -> str:
    if name in MANY:
        join, column, table = MANY[name]
        hits = f"{join} j" if whole else f"hits join {join} j on j.record = hits.number"
        label = _DISCIPLINE_LABEL if name == "discipline" else "v.value"
        return _OF_MANY.format(hits=hits, column=column, table=table, label=label)
    hits = "records r" if whole else "hits join records r on r.number = hits.number"
    if name == "source":
        return _OF_SOURCE.format(hits=hits)
    if name == "peer_reviewed":
        return _OF_PEER_REVIEWED.format(hits=hits)
    return _OF_ONE.format(hits=hits, column=name)


def _facet(name: str, rows: list[tuple[str, str, int, int]], chosen: Sequence[str]) -> Facet:
    values = [FacetValue(value, label, n, value in chosen) for value, label, n, _ in rows]
    found = {value.value for value in values}
    missing = [FacetValue(value, value, 0, True) for value in chosen if value not in found]
    values = sorted(values + missing, key=lambda one: (not one.chosen, -one.count, one.value))
    return Facet(name, values, rows[0][3] if rows else 0)
