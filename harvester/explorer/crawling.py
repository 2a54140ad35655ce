"""`/robots.txt` and `/sitemap.xml`: what search engines may read, and where all records are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from xml.sax.saxutils import escape

from datasette.utils.asgi import Request, Response

from harvester.catalogue import moments
from harvester.catalogue.query import FACETS, NOT
from harvester.explorer.download import Download
from harvester.explorer.problem import no_such_form
from harvester.explorer.site import Site

INDEX = "/sitemap.xml"
MEDIA_TYPE = "application/xml; charset=utf-8"

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

ROBOTS = """\
User-agent: *
Allow: {search}?sort=added
{queries}
Disallow: {search}.
Disallow: {search}/
Disallow: {selection}
Disallow: {unapi}
Disallow: {tables}
Allow: {static}
Disallow: {internal}

Sitemap: {sitemap}
"""
"""The list of all records may be walked, and every record read; the searches that lead from each
other by facets are without end. The rules are plain prefixes, which every robot understands;
some read `/search?` as `/search`, so that each parameter is named."""


FILTERS = ("q", *FACETS, *(f"{NOT}{name}" for name in FACETS), "years", "sort", "show", "lang")
"""Parameters that the address of a search may begin with, but for `page`."""


async def robots(site: Site, request: Request) -> Response:
    """Answer `/robots.txt`."""
    search = site.bare_path("/search")
    text = ROBOTS.format(
        search=search,
        queries="\n".join(f"Disallow: {search}?{name}=" for name in FILTERS),
        selection=site.bare_path("/selection"),
        unapi=site.bare_path("/unapi"),
        tables=site.datasette.urls.database(site.database.name),
        static=site.bare_path("/-/explorer/"),
        internal=site.bare_path("/-/"),
        sitemap=site.absolute(request, site.bare_path(INDEX)),
    )
    return Response(text, 200, site.headers(), "text/plain; charset=utf-8")


async def sitemap(site: Site, request: Request) -> Response:
    """Answer `/sitemap.xml`: the index of the parts."""
    listed = await site.read(lambda connection: site.keep(connection, "parts", moments.parts))
    rows = [
        f"<sitemap><loc>{escape(site.absolute(request, part_path(site, part)))}</loc></sitemap>\n"
        for part in listed
    ]
    body = f'{_HEAD}<sitemapindex xmlns="{_NAMESPACE}">\n{"".join(rows)}</sitemapindex>\n'
    return Response(body, 200, site.headers(), MEDIA_TYPE)


async def part(site: Site, request: Request) -> Response | Download:
    """Answer `/sitemap-N.xml`: the records of one part, as they are read from the catalogue."""
    number = int(request.url_vars["part"])
    listed = await site.read(lambda connection: site.keep(connection, "parts", moments.parts))
    if number not in listed:
        return await no_such_form(site, request, f"sitemap-{number}.xml")
    start = site.absolute(request, site.bare_path("/record/"))
    return Download(
        site, request, MEDIA_TYPE, lambda connection: addresses(connection, number, start)
    )


def addresses(connection: sqlite3.Connection, number: int, start: str) -> Iterator[str]:
    """Write one part.

    Args:
        connection: to the catalogue.
        number: of the part.
        start: the address of a record without its id.
    """
    yield f'{_HEAD}<urlset xmlns="{_NAMESPACE}">\n'
    start = escape(start)
    for one in moments.addresses(connection, number):
        yield f"<url><loc>{start}{one.id}</loc><lastmod>{one.changed}</lastmod></url>\n"
    yield "</urlset>\n"


def part_path(site: Site, number: int) -> str:
    """The address of one part."""
    return site.bare_path(f"/sitemap-{number}.xml")
