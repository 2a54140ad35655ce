"""`/sources` and `/sources/NAME`: the repositories that records come from, for readers."""

from __future__ import annotations

import sqlite3

import msgspec
from datasette.utils.asgi import Request, Response

from harvester import links
from harvester.catalogue import facets as counting
from harvester.catalogue import search as searching
from harvester.catalogue.facets import Facet
from harvester.catalogue.query import Query
from harvester.explorer.advice import total
from harvester.explorer.card import card
from harvester.explorer.chart import years_chart
from harvester.explorer.interface import locale, reading
from harvester.explorer.problem import no_such_source
from harvester.explorer.search import MOST_YEARS, in_years
from harvester.explorer.site import Site
from harvester.explorer.start import choices
from harvester.explorer.status import SourceRow
from harvester.explorer.status import sources as rows_of
from harvester.model import Record

SHOWN = ("discipline", "keyword", "type", "language")
MOST_VALUES = 12
NEWEST = 5
MOST_SOURCES = 10_000


class Place(msgspec.Struct, frozen=True):
    """A source as readers know it.

    Attributes:
        row: its summary in the catalogue.
        path: the address of its page.
        publications: how many works have a copy there.
        found: the address of these.
        institution: who runs it, where that is known.
        country: its country in the reader's language, where that is known.
        home: the address of the repository itself, where that is known.
    """

    row: SourceRow
    path: str
    publications: int
    found: str
    institution: str | None
    country: str | None
    home: str | None


async def sources(site: Site, request: Request) -> Response:
    """Answer `/sources`."""

    def ask(connection: sqlite3.Connection) -> tuple[list[SourceRow], dict[str, int], int]:
        rows = rows_of(connection)
        return rows, publications(site, connection), total(connection, Query(works=True))

    rows, held, all_ = await site.read(ask)
    places = [place(site, row, held.get(row.name, 0)) for row in rows]
    return await site.page(
        "sources.html",
        request,
        here="sources",
        sources=sorted(places, key=lambda one: (-one.publications, one.row.title)),
        total=all_,
    )


async def source(site: Site, request: Request) -> Response:
    """Answer `/sources/NAME`."""
    name = request.url_vars["name"]
    query = Query(facets={"source": (name,)}, works=True)

    def ask(
        connection: sqlite3.Connection,
    ) -> tuple[SourceRow | None, int, list[Facet], list[Record]]:
        row = next((row for row in rows_of(connection) if row.name == name), None)
        if row is None:
            return None, 0, [], []
        counted = site.keep(
            connection,
            f"facets of {name}",
            lambda connection: [
                *counting.count(connection, query, SHOWN, MOST_VALUES),
                *counting.count(connection, query, ("year",), MOST_YEARS),
            ],
        )
        added = msgspec.structs.replace(query, sort="added")
        newest = searching.search(connection, added, limit=NEWEST).records
        return row, publications(site, connection).get(name, 0), counted, newest

    row, held, counted, newest = await site.read(ask)
    if row is None:
        return await no_such_source(site, request, name)
    facets = {facet.name: facet for facet in counted}
    return await site.page(
        "source.html",
        request,
        here="sources",
        source=place(site, row, held),
        contact=site.contact(name),
        kept=[("source", name)],
        facets={
            facet: choices(site, facet, facets[facet].values, query)
            for facet in SHOWN
            if facets[facet].values
        },
        chart=years_chart(
            facets["year"].values,
            lambda first, last: site.search_path(in_years(query, first, last)),
        ),
        newest=[card(site, record) for record in newest],
        added=site.search_path(msgspec.structs.replace(query, sort="added")),
    )


def publications(site: Site, connection: sqlite3.Connection) -> dict[str, int]:
    """How many works have a copy at each source, by its name."""

    def ask(connection: sqlite3.Connection) -> dict[str, int]:
        page = counting.values(connection, Query(works=True), "source", limit=MOST_SOURCES)
        return {value.value: value.count for value in page.values}

    return site.keep(connection, "publications by source", ask)


def place(site: Site, row: SourceRow, held: int) -> Place:
    """A source with what the table of repositories knows of it, and how many works it holds."""
    facts = site.facts.get(row.name)
    country = facts.country if facts else None
    host = facts.hosts[0] if facts and facts.hosts else None
    return Place(
        row=row,
        path=site.path(f"/sources/{row.name}"),
        publications=held,
        found=site.facet_path("source", row.name),
        institution=facts.institution if facts else None,
        country=locale(reading().language).territories.get(country) if country else None,
        home=links.safe(f"https://{host}/") if host else None,
    )
