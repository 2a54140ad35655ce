"""`/about`, `/help` and `/api`: what the catalogue is, how it is searched, how programs use it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from datasette.utils.asgi import Request, Response

from harvester import __version__
from harvester.catalogue import fields
from harvester.catalogue import search as searching
from harvester.catalogue.query import NOT, SORTS, Query
from harvester.explorer import labels
from harvester.explorer.advice import total
from harvester.explorer.forms import forms
from harvester.explorer.interface import LANGUAGES, N_, gettext
from harvester.explorer.site import Site

QUERIES = (
    ("arbeid migratie", N_("both words, in any order, anywhere in the record")),
    ("migrations", N_("the word in any of its forms: also migration; as it is written first")),
    ('"action publique"', N_("these words one behind the other, exactly so")),
    ("arbeid OR travail", N_("one of the two words")),
    ("onderwijs -school", N_("the first word, and not the second")),
    ("migra*", N_("all words that begin so")),
)
"""Examples of the query language, with what each finds."""

IN_FIELDS = (
    ("title:sociologie", N_("a word of the title")),
    ("author:janssens", N_("a name")),
    ('keyword:"sociale ongelijkheid"', N_("a keyword")),
    ("journal:sociologie", N_("a word of the title of a journal or book")),
    ("publisher:leuven", N_("a word of the publisher’s name")),
    ("year:2015-2020", N_("years from the first to the last; one of them may be missing")),
    ("type:thesis", N_("a kind of document, in your own words")),
    ("language:french", N_("the language of the publication, by its name or its code")),
    ("source:ghent", N_("a word of the name of the source")),
    ("doi:10.1000/182", N_("an identifier: doi, isbn, issn or handle")),
    ("onderwijs -type:review", N_("a minus sign leaves out here too")),
)
"""Examples of fields, with what each finds."""

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
    (
        "show",
        N_("records: every record by itself, also where several are copies of one publication"),
        "show=records",
    ),
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
    publications, counts = await site.read(
        lambda connection: site.keep(
            connection,
            "counts",
            lambda connection: (
                total(connection, Query(works=True)),
                searching.counts(connection),
            ),
        )
    )
    return await site.page(
        "about.html",
        request,
        here="about",
        total=publications,
        sources=sum(1 for source in counts.sources.values() if source.records),
        version=__version__,
    )


async def help_(site: Site, request: Request) -> Response:
    """Answer `/help`."""
    return await site.page(
        "help.html",
        request,
        here="help",
        examples=_examples(site, QUERIES),
        in_fields=_examples(site, IN_FIELDS),
        fields=[(name, fields.NAMES[name]) for name in fields.NAMES],
    )


def _examples(site: Site, queries: Iterable[tuple[str, str]]) -> list[Example]:
    return [
        Example(text, gettext(meaning), site.search_path(Query(text=text, works=True)))
        for text, meaning in queries
    ]


async def api(site: Site, request: Request) -> Response:
    """Answer `/api`."""
    query = Query(text="migratie", works=True)
    return await site.page(
        "api.html",
        request,
        here="api",
        forms=forms(lambda suffix: site.search_path(query, suffix=suffix)),
        suffix_of=lambda path: "." + path.partition("?")[0].partition(".")[2],
        parameters=[(name, gettext(meaning), example) for name, meaning, example in PARAMETERS],
        languages=LANGUAGES,
        root=site.absolute(request, site.path("/")),
    )
