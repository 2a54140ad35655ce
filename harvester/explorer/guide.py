"""`/about`, `/help` and `/api`: what the catalogue is, how it is searched, how programs use it."""

from __future__ import annotations

import msgspec
from datasette.utils.asgi import Request, Response

from harvester import __version__
from harvester.catalogue import search as searching
from harvester.catalogue.query import NOT, SORTS, Query
from harvester.explorer import labels
from harvester.explorer.forms import forms
from harvester.explorer.interface import LANGUAGES, N_, gettext
from harvester.explorer.site import Site

QUERIES = (
    ("arbeid migratie", N_("both words, in any order, anywhere in the record")),
    ('"action publique"', N_("these words one behind the other")),
    ("arbeid OR travail", N_("one of the two words")),
    ("onderwijs -school", N_("the first word, and not the second")),
    ("migra*", N_("all words that begin so")),
    ("title:sociologie", N_("a word of the title")),
    ("author:janssens", N_("a name")),
    ('keyword:"sociale ongelijkheid"', N_("a keyword")),
)
"""Examples of the query language, with what each finds."""

PARAMETERS = (
    ("q", N_("words in the query language"), "q=migratie"),
    (
        ", ".join(labels.FACETS),
        N_("a value of this facet, as its JSON form names it; may be repeated"),
        "language=nld",
    ),
    (
        ", ".join(f"{NOT}{name}" for name in labels.FACETS),
        N_("records with this value are left out"),
        "not_type=journal+article",
    ),
    ("years", N_("first and last year, of which one may be missing"), "years=2015-2020"),
    ("sort", " · ".join(SORTS), "sort=newest"),
    ("page", N_("the page of the result, from 1"), "page=2"),
    ("lang", N_("the language of the page; not of the records"), "lang=nl"),
)
"""The parameters of `/search`: name, meaning, example."""


class Example(msgspec.Struct, frozen=True):
    """A search that a page shows, what it finds, and its address."""

    text: str
    meaning: str
    path: str


async def about(site: Site, request: Request) -> Response:
    """Answer `/about`."""
    counts = await site.read(lambda connection: site.keep(connection, "counts", searching.counts))
    return await site.page(
        "about.html",
        request,
        here="about",
        total=counts.records,
        sources=sum(1 for source in counts.sources.values() if source.records),
        version=__version__,
    )


async def help_(site: Site, request: Request) -> Response:
    """Answer `/help`."""
    return await site.page(
        "help.html",
        request,
        here="help",
        examples=[
            Example(text, gettext(meaning), site.search_path(Query(text=text)))
            for text, meaning in QUERIES
        ],
    )


async def api(site: Site, request: Request) -> Response:
    """Answer `/api`."""
    query = Query(text="migratie")
    return await site.page(
        "api.html",
        request,
        here="api",
        forms=forms(site, lambda suffix: site.search_path(query, suffix=suffix)),
        suffix_of=lambda path: "." + path.partition("?")[0].partition(".")[2],
        parameters=[(name, gettext(meaning), example) for name, meaning, example in PARAMETERS],
        languages=LANGUAGES,
        root=site.absolute(request, site.path("/")),
    )
