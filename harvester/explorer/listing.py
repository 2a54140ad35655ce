"""`/search.bib?…` and its like: a whole result in another form; `/search.json?…` by the page."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec
from datasette.utils.asgi import Request, Response

from harvester import links
from harvester.catalogue import facets as counting
from harvester.catalogue import search as searching
from harvester.catalogue.facets import Facet
from harvester.catalogue.query import FACETS
from harvester.catalogue.search import Found
from harvester.explorer import forms
from harvester.explorer.advice import Meant, meant
from harvester.explorer.download import Download, json_answer
from harvester.explorer.problem import no_such_form
from harvester.explorer.search import PAGE_SIZE, page_number, parameters
from harvester.explorer.site import Site, pairs_of, query_of
from harvester.model import Record

JSON_VALUES = 100
"""How many values of each facet the JSON form gives."""


class Suggestion(msgspec.Struct, frozen=True):
    """Another search that may be meant: its words, its total, and the address of its first page."""

    q: str
    total: int
    url: str


class JsonResult(msgspec.Struct, frozen=True):
    """One page of a result as JSON.

    Attributes:
        total: how many works the query has, or records where it says `show=records`.
        query: its parameters, as `[name, value]`, in canonical order.
        page: the number of this page, from 1.
        page_size: how many of them a full page has.
        next_url: the whole address of the next page, or null on the last one.
        did_you_mean: other words, where these find little and they more; else null.
        facets: by name, with exact counts.
        records: the works or records of this page, as in the JSON Lines form.
    """

    total: int
    query: list[tuple[str, str]]
    page: int
    page_size: int
    next_url: str | None
    did_you_mean: Suggestion | None
    facets: dict[str, Facet]
    records: list[Record]


async def listing(site: Site, request: Request) -> Response | Download:
    """Answer `/search` with a suffix."""
    suffix = request.url_vars["suffix"]
    if suffix == forms.JSON_SUFFIX:
        return await as_json(site, request)
    exporter = forms.by_suffix().get(suffix)
    if exporter is None:
        return await no_such_form(site, request, suffix)
    query = query_of(parameters(request))
    values: list[Any] = [value for _, value in pairs_of(query)]
    write = exporter.writer(site.overlay)
    return Download(
        site,
        request,
        exporter.media_type,
        lambda connection: write(searching.stream(connection, query)),
        links.file_name(" ".join(values), suffix),
    )


async def as_json(site: Site, request: Request) -> Response:
    """Answer `/search.json`."""
    pairs = parameters(request)
    query = query_of(pairs)
    page = page_number(dict(pairs))

    def ask(connection: sqlite3.Connection) -> tuple[Found, list[Facet], Meant | None]:
        found = searching.search(connection, query, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
        counted = counting.count(connection, query, FACETS, JSON_VALUES)
        return found, counted, meant(site, connection, query, found.total, forms.JSON_SUFFIX)

    found, counted, other = await site.read(ask)
    following = None
    if page * PAGE_SIZE < found.total:
        path = site.search_path(query, page=page + 1, suffix=forms.JSON_SUFFIX)
        following = site.absolute(request, path)
    suggestion = None
    if other:
        suggestion = Suggestion(other.text, other.count, site.absolute(request, other.path))
    result = JsonResult(
        total=found.total,
        query=pairs_of(query),
        page=page,
        page_size=PAGE_SIZE,
        next_url=following,
        did_you_mean=suggestion,
        facets={facet.name: facet for facet in counted},
        records=found.records,
    )
    return json_answer(site, msgspec.json.encode(result))
