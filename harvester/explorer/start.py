"""`/`: the way in: a search box, what there is, and what is new."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec
from datasette.utils.asgi import Request, Response

from harvester.catalogue import facets as counting
from harvester.catalogue import search as searching
from harvester.catalogue.facets import FacetValue
from harvester.catalogue.query import Query
from harvester.explorer.advice import total
from harvester.explorer.bounds import choosable
from harvester.explorer.card import card
from harvester.explorer.chart import years_chart
from harvester.explorer.search import MOST_YEARS, Choice
from harvester.explorer.site import Site, with_value
from harvester.model import Record

SHOWN = {"discipline": 12, "keyword": 30, "type": 8, "language": 8, "year": MOST_YEARS}
NEWEST = 8


class Overview(msgspec.Struct, frozen=True):
    """What the start page tells of the catalogue."""

    works: int
    sources: int
    newest: list[Record]
    facets: dict[str, list[FacetValue]]


async def start(site: Site, request: Request) -> Response:
    """Answer `/`."""
    overview = await site.read(lambda connection: site.keep(connection, "overview", overview_of))
    chart = years_chart(
        overview.facets["year"],
        lambda first, last: site.search_path(Query(years=(first, last), works=True)),
    )
    return await site.page(
        "start.html",
        request,
        here="start",
        total=overview.works,
        sources=overview.sources,
        newest=[card(site, record) for record in overview.newest],
        added=site.search_path(Query(sort="added", works=True)),
        disciplines=choices(site, "discipline", overview.facets["discipline"]),
        keywords=choices(site, "keyword", overview.facets["keyword"]),
        kinds=choices(site, "type", overview.facets["type"]),
        languages=choices(site, "language", overview.facets["language"]),
        chart=chart,
    )


def overview_of(connection: sqlite3.Connection) -> Overview:
    """Sum the catalogue up."""
    counts = searching.counts(connection)
    return Overview(
        works=total(connection, Query(works=True)),
        sources=sum(1 for source in counts.sources.values() if source.records),
        newest=searching.newest(connection, NEWEST, works=True),
        facets={
            name: counting.top(connection, name, limit, works=True) for name, limit in SHOWN.items()
        },
    )


def choices(
    site: Site, facet: str, values: Iterable[FacetValue], query: Query | None = None
) -> list[Choice]:
    """The values of a facet as links to their works, within those of a query."""
    found = []
    for value in choosable(values):
        called = site.labels.counted(facet, value)
        path = site.search_path(with_value(query or Query(works=True), facet, value.value))
        found.append(Choice(called.text, value.count, path, language=called.language))
    return found
