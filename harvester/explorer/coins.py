"""COinS: a reference within a page, as an OpenURL context object (Z39.88-2004).

Zotero, JabRef and Citavi's Picker read it from lists. Values are percent-encoded without plus
signs, since Zotero reads each plus as a blank; it also reads names best as "Family, Given".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from harvester import kinds, links
from harvester.catalogue.row import landing
from harvester.export import parts
from harvester.languages import bcp47
from harvester.model import Agent, Container, Identifiers, Record

MOST_CREATORS = 50
"""A page of hits stays a page also with papers of a thousand physicists."""

Pairs = Iterator[tuple[str, str | None]]

_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?:-\d\d)?")
_ARTICLES = ("journalArticle",)
_GENRES = {
    "book": "book",
    "bookSection": "bookitem",
    "conferencePaper": "proceeding",
    "report": "report",
}


def context_object(record: Record, overlay: Path | None = None) -> str:
    """Write the context object of a record, for the title of a `span class="Z3988"`.

    Args:
        record: a live record.
        overlay: the folder of the librarian's own table rows, or None.
    """
    pairs = [("ctx_ver", "Z39.88-2004"), *_identifiers(record)]
    pairs += _reference(record, kinds.kind(record, overlay).zotero)
    pairs += [("rft.date", _date(record))]
    pairs += [("rft.language", bcp47(code, overlay)) for code in record.languages[:1]]
    written = [(name, links.plain(value)) for name, value in pairs if value]
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in written if value)


def _identifiers(record: Record) -> Pairs:
    known = record.identifiers or Identifiers()
    if known.doi:
        yield "rft_id", f"info:doi/{known.doi}"
    yield "rft_id", links.safe(landing(record) or "")


def _reference(record: Record, item_type: str) -> Pairs:
    if item_type in _ARTICLES:
        yield from _article(record)
    elif item_type in _GENRES:
        yield from _book(record, item_type)
    elif item_type == "thesis":
        yield "rft_val_fmt", "info:ofi/fmt:kev:mtx:dissertation"
        yield "rft.title", record.title
        yield "rft.inst", _publisher(record)
        yield "rft.degree", record.type
        yield from _creators(record)
    else:
        yield "rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"
        yield "rft.type", item_type
        yield "rft.title", record.title
        for agent in _makers(record):
            yield "rft.creator", agent.literal
        yield "rft.publisher", _publisher(record)
        yield "rft.source", record.container.title if record.container else None


def _article(record: Record) -> Pairs:
    container, known = record.container or Container(), record.identifiers or Identifiers()
    yield "rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"
    yield "rft.genre", "article"
    yield "rft.atitle", record.title
    yield "rft.jtitle", container.title
    yield "rft.volume", container.volume
    yield "rft.issue", container.issue
    yield "rft.pages", container.pages or container.article_number
    for issn in (container.issn or known.issn)[:1]:
        yield "rft.issn", issn
    yield from _creators(record)


def _book(record: Record, item_type: str) -> Pairs:
    container, known = record.container or Container(), record.identifiers or Identifiers()
    within = item_type in ("bookSection", "conferencePaper")
    yield "rft_val_fmt", "info:ofi/fmt:kev:mtx:book"
    yield "rft.genre", _GENRES[item_type]
    yield "rft.atitle", record.title if within else None
    yield "rft.btitle", container.title if within else record.title
    yield "rft.series", container.series if within else container.series or container.title
    yield "rft.pages", container.pages if within else None
    yield "rft.pub", _publisher(record)
    for isbn in (known.isbn or container.isbn)[:1]:
        yield "rft.isbn", isbn
    yield from _creators(record)


def _creators(record: Record) -> Pairs:
    creators = _makers(record)
    first = creators[0] if creators else Agent("")
    if first.family and first.given and not first.corporate:
        yield "rft.aulast", first.family
        yield "rft.aufirst", first.given
    for agent in creators:
        yield ("rft.aucorp" if agent.corporate else "rft.au"), agent.literal


def _makers(record: Record) -> list[Agent]:
    """List who made it; COinS know no editors, who stand in where there is nobody else."""
    return (parts.authors(record) or record.creators)[:MOST_CREATORS]


def _publisher(record: Record) -> str | None:
    return record.publishers[0] if record.publishers else None


def _date(record: Record) -> str | None:
    if record.issued and _DATE.fullmatch(record.issued):
        return record.issued
    return str(record.year) if record.year is not None else None
