"""`/search`: the hits of a query, and what narrows them down."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple
from urllib.parse import parse_qsl

import msgspec
from datasette.utils.asgi import Request, Response

from harvester.catalogue import facets as counting
from harvester.catalogue import search as searching
from harvester.catalogue import works
from harvester.catalogue.facets import Facet, FacetValue
from harvester.catalogue.hits import restricts
from harvester.catalogue.query import SORTS, Query, parse_years
from harvester.catalogue.search import Found
from harvester.explorer import labels, unapi
from harvester.explorer.advice import Meant, meant, total, without_parts
from harvester.explorer.bounds import choosable
from harvester.explorer.card import card, copies_of
from harvester.explorer.chart import Chart, years_chart
from harvester.explorer.forms import forms, subscription
from harvester.explorer.highlight import marker
from harvester.explorer.interface import PARAMETER, gettext, reading
from harvester.explorer.site import (
    Site,
    pairs_of,
    query_of,
    with_exclusion,
    with_value,
    without_exclusion,
    without_value,
)

PAGE_SIZE = 20
FIRST_VALUES = 6
MOST_VALUES = 20
MOST_YEARS = 400
MOST_PARAMETERS = 200
MOST_OPTIONS = 8

COUNTED = tuple(name for name in labels.FACETS if name != "year")


class Choice(msgspec.Struct, frozen=True):
    """A value of a facet: where choosing it, or dropping it again, leads.

    `language` is the BCP 47 tag of the label where it is not the interface's; `without` leads to
    the records that do not have the value.
    """

    label: str
    count: int
    path: str
    chosen: bool = False
    language: str | None = None
    without: str | None = None


class FacetColumn(msgspec.Struct, frozen=True):
    """A facet beside the hits: its first values, some to unfold, and where all of them are."""

    name: str
    heading: str
    first: list[Choice]
    rest: list[Choice]
    total: int | None = 0
    path: str = ""
    chart: Chart | None = None


class Chip(msgspec.Struct, frozen=True):
    """One part of a query: the query without it, its address, and how many hits it has."""

    heading: str
    label: str
    query: Query
    path: str = ""
    count: int = 0
    language: str | None = None


class PageLink(msgspec.Struct, frozen=True):
    """A page of the result; without a path it stands for the pages between."""

    number: int
    path: str | None
    current: bool = False


class Pages(msgspec.Struct, frozen=True):
    """The pages around the current one."""

    previous: str | None
    next: str | None
    numbers: list[PageLink]


class Order(msgspec.Struct, frozen=True):
    """An order of the hits."""

    label: str
    path: str
    current: bool


class Answers(NamedTuple):
    """What the catalogue answers.

    Attributes:
        found: the hits of the page.
        copies: the sources of the copies of each work among them, by its id.
        has_works: some work of the catalogue has several copies.
        meant: what else may have been meant.
        facets: counted, where there are hits.
        relaxed: what dropping parts of the query would give, where there are none.
    """

    found: Found
    copies: dict[str, list[str]]
    has_works: bool
    meant: Meant | None
    facets: list[Facet]
    relaxed: list[Chip]


async def search(site: Site, request: Request) -> Response:
    """Answer `/search`."""
    pairs = parameters(request)
    asked = dict(pairs)
    query = query_of(pairs)
    if "from" in asked or "until" in asked:
        # The form has two fields; the address has the one parameter `years`.
        years = parse_years(f"{asked.get('from', '').strip()}-{asked.get('until', '').strip()}")
        narrowed = msgspec.structs.replace(query, years=years)
        return site.redirect(site.search_path(narrowed))
    page = page_number(asked)

    def ask(connection: sqlite3.Connection) -> Answers:
        found = searching.search(connection, query, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
        return Answers(
            found,
            copies_of(connection, found.records),
            site.keep(connection, "works", works.are_there),
            meant(site, connection, query, found.total),
            count(site, connection, query) if found.total else [],
            [] if found.total else relaxed(site, connection, query),
        )

    answers = await site.read(ask)
    found = answers.found
    last = max(1, -(-found.total // PAGE_SIZE))
    if page > last:
        return site.redirect(site.search_path(query, page=last))
    first_year, last_year = query.years or (None, None)
    return await site.page(
        "search.html",
        request,
        here="search",
        query=query,
        total=found.total,
        first=(page - 1) * PAGE_SIZE + 1,
        of_records=not query.works,
        switch=switch(site, query) if answers.has_works or not query.works else None,
        cards=[
            card(site, record, query.text, copies=answers.copies.get(record.id, ()))
            for record in found.records
        ],
        facets=columns(site, query, found, answers.facets),
        chips=filters(site, query),
        relaxed=answers.relaxed,
        meant=answers.meant,
        unfiltered=site.search_path(Query(query.text, sort=query.sort, works=query.works)),
        kept=[(name, value) for name, value in pairs_of(query) if name != "q"],
        without_years=[
            *pairs_of(msgspec.structs.replace(query, years=None)),
            *([(PARAMETER, reading().language)] if reading().chosen else []),
        ],
        mark=marker(query.text),
        years_from=first_year or "",
        years_until=last_year or "",
        orders=orders(site, query),
        forms=forms(lambda suffix: site.search_path(query, suffix=suffix)),
        feed=subscription(site, query),
        canonical=site.absolute(request, site.search_path(query, page=page)),
        unapi=unapi.server(site, request),
        pages=pages(site, query, page, last),
    )


def switch(site: Site, query: Query) -> str:
    """The address of the same list of records instead of works, or of works instead of records."""
    return site.search_path(msgspec.structs.replace(query, works=not query.works))


def count(site: Site, connection: sqlite3.Connection, query: Query) -> list[Facet]:
    """Count the facets of the column; those of the whole catalogue only when it has changed."""

    def ask(connection: sqlite3.Connection) -> list[Facet]:
        counted = counting.count(connection, query, COUNTED, MOST_VALUES)
        return counted + counting.count(connection, query, ("year",), MOST_YEARS)

    kept = "facets" if query.works else "facets of records"
    return ask(connection) if restricts(query) else site.keep(connection, kept, ask)


def parameters(request: Request) -> list[tuple[str, str]]:
    """The parameters of a request in their order; what is beyond all reason is cut off."""
    return parse_qsl(request.query_string, keep_blank_values=True)[:MOST_PARAMETERS]


def page_number(asked: dict[str, str]) -> int:
    """The page that is asked for; 1 where it is no number."""
    page = asked.get("page", "")
    return max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 9 else 1


def columns(site: Site, query: Query, found: Found, counted: list[Facet]) -> list[FacetColumn]:
    """The facets that can narrow this result, or widen it again, in the order of the column."""
    order = list(labels.FACETS)
    shown = [
        facet
        for facet in counted
        if any(value.chosen or value.count != found.total for value in facet.values)
    ]
    return [
        facet_column(site, query, facet)
        for facet in sorted(shown, key=lambda facet: order.index(facet.name))
    ]


def facet_column(site: Site, query: Query, facet: Facet) -> FacetColumn:
    """Prepare one facet; `year` is a chart over a range."""
    if facet.name == "year":
        chart = years_chart(
            facet.values,
            lambda first, last: site.search_path(in_years(query, first, last)),
            query.years,
        )
        return FacetColumn("year", labels.heading("year"), [], [], chart=chart)
    choices = [choice(site, query, facet.name, value) for value in choosable(facet.values)]
    return FacetColumn(
        facet.name,
        labels.heading(facet.name),
        choices[:FIRST_VALUES],
        choices[FIRST_VALUES:],
        facet.total_values,
        site.listed(f"/search/{facet.name}", query),
    )


def choice(site: Site, query: Query, facet: str, value: FacetValue) -> Choice:
    """A value of a facet as a link that narrows a query by it, or widens it again."""
    called = site.labels.counted(facet, value)
    change = without_value if value.chosen else with_value
    return Choice(
        called.text,
        value.count,
        site.search_path(change(query, facet, value.value)),
        value.chosen,
        called.language,
        None if value.chosen else site.search_path(with_exclusion(query, facet, value.value)),
    )


def in_years(query: Query, first: int | None, last: int | None) -> Query:
    """The query with another range of years; without one where both ends are open."""
    years = None if first is None and last is None else (first, last)
    return msgspec.structs.replace(query, years=years)


def filters(site: Site, query: Query) -> list[Chip]:
    """One chip for each filter of a query, leading to the query without it."""
    chips = [
        chip(site, name, value, without_value(query, name, value))
        for name in labels.FACETS
        for value in query.facets.get(name, ())
    ]
    chips += [
        chip(site, name, value, without_exclusion(query, name, value), excluded=True)
        for name in labels.FACETS
        for value in query.excluded.get(name, ())
    ]
    if query.years:
        words = labels.years(*query.years)
        chips.append(Chip(gettext(labels.YEARS), words, in_years(query, None, None)))
    return [with_path(site, chip) for chip in chips]


def chip(site: Site, facet: str, value: str, without: Query, *, excluded: bool = False) -> Chip:
    """A value of a facet that is chosen, or left out."""
    called = site.labels.text(facet, value)
    heading = labels.heading(facet)
    if excluded:
        heading = gettext("%(facet)s not", facet=heading)
    return Chip(heading, called.text, without, language=called.language)


def relaxed(site: Site, connection: sqlite3.Connection, query: Query) -> list[Chip]:
    """For a query without hits: what dropping one of its parts would give, the most first."""
    options = filters(site, query)[:MOST_OPTIONS]
    if query.text and options:
        without = msgspec.structs.replace(query, text="")
        options.append(with_path(site, Chip(gettext(labels.TEXT), query.text, without)))
    options += [
        with_path(site, Chip(gettext(labels.WORD), part, rest))
        for part, rest in without_parts(query)
    ]
    counted = [
        msgspec.structs.replace(option, count=total(connection, option.query)) for option in options
    ]
    return sorted((option for option in counted if option.count), key=lambda option: -option.count)


def with_path(site: Site, chip: Chip) -> Chip:
    """The chip with the address of its query."""
    return msgspec.structs.replace(chip, path=site.search_path(chip.query))


def orders(site: Site, query: Query) -> list[Order]:
    """The orders a reader can choose; relevance only where there are words to rank by."""
    default = "relevance" if query.text else "newest"
    current = query.sort or default
    if current == "relevance" and not query.text:
        current = default
    return [
        Order(
            gettext(labels.SORTS[sort]),
            site.search_path(msgspec.structs.replace(query, sort="" if sort == default else sort)),
            sort == current,
        )
        for sort in SORTS
        if sort != "relevance" or query.text
    ]


def pages(site: Site, query: Query, page: int, last: int) -> Pages:
    """The pages around the current one: first, last, and two to each side."""
    near = sorted({1, last, *range(max(1, page - 2), min(last, page + 2) + 1)})
    numbers: list[PageLink] = []
    for number in near:
        if numbers and number - numbers[-1].number > 1:
            numbers.append(PageLink(number - 1, None))
        numbers.append(PageLink(number, site.search_path(query, page=number), number == page))
    return Pages(
        previous=site.search_path(query, page=page - 1) if page > 1 else None,
        next=site.search_path(query, page=page + 1) if page < last else None,
        numbers=numbers,
    )
