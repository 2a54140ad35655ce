"""Exact counts of the values of each facet, for any query."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

import msgspec

from harvester.catalogue import index
from harvester.catalogue.query import FACETS, Query
from harvester.catalogue.row import sort_form
from harvester.catalogue.values import Counted


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
        total_values: how many values the hits have, shown or not; None where there are more than
            these, and so many hits that the others were not looked at. `values` gives them all.
    """

    name: str
    values: list[FacetValue]
    total_values: int | None


class ValuePage(msgspec.Struct, frozen=True):
    """A page of all values of a facet, and how many values there are in all."""

    total: int
    values: list[FacetValue]


def count(
    connection: sqlite3.Connection,
    query: Query,
    names: Sequence[str] = FACETS,
    limit: int = 30,
) -> list[Facet]:
    """Count the values of facets over the live hits of a query.

    A facet of which one chosen value is enough leaves its own choices out of its own counts, so
    that a reader sees what another choice would add; `year` leaves the range of years out too.
    Excluded values stay out of every count.

    Args:
        connection: a connection to `catalogue.db`; read-only is enough.
        query: the search; `deleted` and `sort` make no difference.
        names: the facets wanted, of `FACETS`.
        limit: how many values of each; chosen ones are always among them.

    Returns:
        The facets in the order of `names`.
    """
    with index.reading(connection) as facets:
        counted = facets.count(query, names, limit)
    return [_facet(name, counted[name], query.facets.get(name, ())) for name in names]


def among(
    connection: sqlite3.Connection,
    numbers: Collection[int],
    names: Sequence[str] = FACETS,
    limit: int = 30,
    *,
    works: bool = False,
) -> list[Facet]:
    """Count the values of facets over the live ones of some records, or over their works.

    Args:
        connection: a connection to `catalogue.db`.
        numbers: which records, by `records.number`.
        names: the facets wanted, of `FACETS`.
        limit: how many values of each.
        works: count the works that the records are in, with all their copies.

    Returns:
        The facets in the order of `names`; no value is chosen.
    """
    with index.reading(connection) as facets:
        counted = facets.among(numbers, names, limit, works=works)
    return [_facet(name, counted[name], ()) for name in names]


def top(
    connection: sqlite3.Connection, name: str, limit: int, *, works: bool = False
) -> list[FacetValue]:
    """Return the most frequent values of one facet over all live records, or all works."""
    return count(connection, Query(works=works), (name,), limit)[0].values


def values(
    connection: sqlite3.Connection,
    query: Query,
    name: str,
    *,
    containing: str = "",
    alphabetical: bool = False,
    offset: int = 0,
    limit: int = 100,
) -> ValuePage:
    """Return a page of all values that the hits of a query have of one facet.

    Args:
        connection: a connection to `catalogue.db`.
        query: the search, as for `count`.
        name: the facet.
        containing: only values whose label has this in it; case and diacritics do not matter.
        alphabetical: by label, not by falling count.
        offset: values to pass over.
        limit: the most values to return.
    """
    with index.reading(connection) as facets:
        found = list(facets.values(query, name))
    wanted = sort_form(containing)
    if wanted:
        found = [one for one in found if wanted in (sort_form(one.label) or "")]
    if alphabetical:
        found.sort(key=lambda one: (sort_form(one.label) or "", one.label, one.value))
    else:
        found.sort(key=lambda one: (-one.count, one.value))
    chosen = query.facets.get(name, ())
    page = found[offset : offset + limit]
    return ValuePage(
        len(found),
        [FacetValue(one.value, one.label, one.count, one.value in chosen) for one in page],
    )


def _facet(name: str, counted: Counted, chosen: Sequence[str]) -> Facet:
    values = [
        FacetValue(one.value, one.label, one.count, one.value in chosen) for one in counted.values
    ]
    found = {value.value for value in values}
    missing = [FacetValue(value, value, 0, True) for value in chosen if value not in found]
    values = sorted(values + missing, key=lambda one: (not one.chosen, -one.count, one.value))
    return Facet(name, values, counted.total)
