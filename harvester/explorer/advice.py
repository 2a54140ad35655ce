"""Advice for who found nothing, or little: what may be meant, and what could be left away."""

from __future__ import annotations

import sqlite3

import msgspec

from harvester.catalogue import asked, spelling
from harvester.catalogue import search as searching
from harvester.catalogue.query import Query
from harvester.explorer.site import Site

FEW = 3
"""Up to so many hits a reader is asked whether something else was meant."""

MOST_PARTS = 12
"""So many conditions of a text are tried without."""


class Meant(msgspec.Struct, frozen=True):
    """Another search: its words, its address, and how many hits it has."""

    text: str
    path: str
    count: int


def meant(
    site: Site, connection: sqlite3.Connection, query: Query, found: int, suffix: str = ""
) -> Meant | None:
    """What a reader may have meant who found so many records; None where nothing is likelier.

    Words that find more by themselves are meant as they are: the filters make them rare. The
    address is that of the form with this suffix.
    """
    alone = Query(query.text, works=query.works)
    if not query.text or found > FEW or total(connection, alone) > FEW:
        return None
    best: Meant | None = None
    for text in spelling.suggestions(connection, query.text):
        other = msgspec.structs.replace(query, text=text)
        count = total(connection, other)
        if count > (best.count if best else found):
            best = Meant(text, site.search_path(other, suffix=suffix), count)
    return best


def without_parts(query: Query) -> list[tuple[str, Query]]:
    """Each condition of the text of a query, with the query without it."""
    return [
        (part, msgspec.structs.replace(query, text=rest))
        for part, rest in asked.parts(query.text)[:MOST_PARTS]
    ]


def total(connection: sqlite3.Connection, query: Query) -> int:
    """How many hits a query has."""
    return searching.search(connection, query, limit=0).total
