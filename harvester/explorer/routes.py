"""Which address is answered by which page."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from datasette.utils.asgi import Request, Response
from markupsafe import Markup

from harvester.explorer.bounds import shortened
from harvester.explorer.copies import copies
from harvester.explorer.crawling import part, robots, sitemap
from harvester.explorer.download import Whole
from harvester.explorer.feed import feed
from harvester.explorer.guide import about, api, help_
from harvester.explorer.listing import listing
from harvester.explorer.opensearch import opensearch
from harvester.explorer.problem import too_slow
from harvester.explorer.quality import quality
from harvester.explorer.record import record
from harvester.explorer.search import search
from harvester.explorer.selection import selection
from harvester.explorer.site import Site, TooSlowError
from harvester.explorer.sources import source, sources
from harvester.explorer.start import start
from harvester.explorer.status import status
from harvester.explorer.table_file import table_file
from harvester.explorer.unapi import unapi
from harvester.explorer.values import values

Answer = Response | Whole
View = Callable[[Site, Request], Awaitable[Answer]]

PAGES: list[tuple[str, View]] = [
    (r"/$", start),
    (r"/search$", search),
    (r"/search\.atom$", feed),
    (r"/search(?P<suffix>\.[^/]+)$", listing),
    (r"/search/(?P<facet>[a-z_]+)$", values),
    (r"/record/(?P<name>.+)$", record),
    (r"/copies$", copies),
    (r"/selection(?P<suffix>\.[^/]+)?$", selection),
    (r"/sources$", sources),
    (r"/sources/(?P<name>[a-z0-9-]+)$", source),
    (r"/about$", about),
    (r"/help$", help_),
    (r"/api$", api),
    (r"/unapi$", unapi),
    (r"/opensearch\.xml$", opensearch),
    (r"/robots\.txt$", robots),
    (r"/sitemap\.xml$", sitemap),
    (r"/sitemap-(?P<part>[0-9]{1,6})\.xml$", part),
    (r"/status$", status),
    (r"/status/(?P<name>[a-z0-9-]+)$", quality),
    (r"/(?P<database>[^/.]+)/(?P<table>[^/.]+)\.(?P<format>csv)$", table_file),
]
"""Patterns below Datasette's `base_url`; Datasette tries them before its own."""

MOST_CELL = 20_000
"""As many characters of a text are shown in a cell of a table; its JSON has them all."""

STATIC_ROUTE = r"/-/explorer/(?P<name>[a-z.]+)$"
_STATIC_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_STATIC = {
    file.name: file.read_bytes()
    for file in (Path(__file__).parent / "static").iterdir()
    if file.suffix in _STATIC_TYPES
}
_VERSIONS = {name: hashlib.sha256(body).hexdigest()[:12] for name, body in _STATIC.items()}


def of(site: Site | None) -> list[tuple[str, Any]]:
    """The routes of a site; none where there is none."""
    if site is None:
        return []
    return [*((pattern, bound(site, view)) for pattern, view in PAGES), (STATIC_ROUTE, static)]


def bound(site: Site, view: View) -> Callable[[Request], Awaitable[Answer]]:
    """A view as Datasette calls it: with the request alone."""

    async def answer(request: Request) -> Answer:
        try:
            given = await view(site, request)
        except TooSlowError:
            given = await too_slow(site, request)
        if request.method == "HEAD" and isinstance(given, Response):
            given.body = b""
        return given

    return answer


def static(request: Request) -> Response:
    """Answer with a file of ours; its address changes with its content."""
    name = request.url_vars["name"]
    body = _STATIC.get(name)
    if body is None:
        return Response("Not found", 404)
    return Response(
        body,
        headers={"Cache-Control": "max-age=31536000, immutable"},
        content_type=_STATIC_TYPES[Path(name).suffix],
    )


def static_path(site: Site, name: str) -> str:
    """The address of the style sheet, the script or the icon."""
    return f"{site.bare_path(f'/-/explorer/{name}')}?{_VERSIONS[name]}"


def menu(site: Site | None) -> list[dict[str, str]]:
    """The way back from Datasette's own pages."""
    return [{"href": site.path("/search"), "label": "Search the catalogue"}] if site else []


def cell(
    site: Site | None, database: str, table: str | None, column: str, value: object
) -> Markup | None:
    """A cell of a table: the id of a record leads to its page, a very long text is cut.

    None leaves a cell as it is.
    """
    if site is None or database != site.database.name:
        return None
    if isinstance(value, str) and len(value) > MOST_CELL:
        return Markup("{}").format(shortened(value, MOST_CELL))
    if column != "id":
        return None
    if table not in (None, "records", "deleted_records"):  # None is a canned query
        return None
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9-]+", value):
        return None
    return Markup('<a href="{}">{}</a>').format(site.record_path(value), value)
