"""ENW, the tagged format of EndNote (Refer): a click opens it in EndNote.

As EndNote documents it and Zotero reads it: the name of a body ends in a comma, so that nobody
takes it apart; `%@` is ISBN or ISSN, `%R` the DOI.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from harvester import kinds
from harvester.catalogue.row import landing
from harvester.export import Exporter, parts, tex
from harvester.languages import bcp47
from harvester.model import Agent, Container, Identifiers, Record

Lines = list[tuple[str, str | None]]

TYPES = {
    "article": "Unpublished Work",
    "article-journal": "Journal Article",
    "article-newspaper": "Newspaper Article",
    "book": "Book",
    "chapter": "Book Section",
    "dataset": "Dataset",
    "graphic": "Artwork",
    "interview": "Personal Communication",
    "manuscript": "Manuscript",
    "map": "Map",
    "motion_picture": "Film or Broadcast",
    "paper-conference": "Conference Paper",
    "patent": "Patent",
    "personal_communication": "Personal Communication",
    "post-weblog": "Blog",
    "report": "Report",
    "software": "Computer Program",
    "song": "Audiovisual Material",
    "thesis": "Thesis",
    "webpage": "Web Page",
}
"""EndNote's reference types by the type of CSL; anything else is `Generic`."""

_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_HOSTS = {
    "article-journal": "%J",
    "article-newspaper": "%J",
    "chapter": "%B",
    "paper-conference": "%B",
}
_SAYS_WHICH = ("thesis", "report", "article", "speech", "document")


def write(records: Iterable[Record], overlay: Path | None = None) -> Iterator[str]:
    """Give one reference for each record, with an empty line after it.

    Args:
        records: what is written.
        overlay: the folder of the librarian's own table rows, or None.
    """
    for record in records:
        yield reference(record, overlay)


EXPORTER = Exporter(
    "enw",
    ".enw",
    "application/x-endnote-refer; charset=utf-8",
    write,
    lambda overlay: partial(write, overlay=overlay),
)


def reference(record: Record, overlay: Path | None = None) -> str:
    """Write one reference, with an empty line after it."""
    kind = kinds.csl(kinds.kind(record, overlay))
    container, known = record.container or Container(), record.identifiers or Identifiers()
    numbers = (
        container.issn + known.issn if _HOSTS.get(kind) == "%J" else known.isbn + container.isbn
    )
    lines: Lines = [
        ("%0", TYPES.get(kind, "Generic")),
        *(("%A", name(one)) for one in parts.authors(record)),
        *(("%E", name(one)) for one in parts.editors(record)),
        ("%T", record.title),
        ("%D", str(record.year) if record.year is not None else None),
        ("%8", _day(record)),
        *_container(container, kind),
        ("%9", parts.capitalised(record.type) if kind in _SAYS_WHICH else None),
        ("%I", record.publishers[0] if record.publishers else None),
        ("%@", next(iter(numbers), None)),
        ("%R", (known.doi or "").lower()),
        ("%U", tex.url(landing(record) or "")),
        ("%G", bcp47(record.languages[0], overlay) if record.languages else None),
        *(("%K", keyword.label) for keyword in record.keywords),
        ("%X", parts.abstract(record)),
        ("%F", record.citekey or record.id),
    ]
    written = [f"{tag} {text}" for tag, value in lines if (text := _line(value))]
    return "\r\n".join([*written, "", ""])


def name(agent: Agent) -> str:
    """Write a name: `Family, Given`; what is not to be taken apart with a comma behind it."""
    if agent.corporate or not agent.family or not agent.given:
        return f"{_line(agent.literal)},"
    return f"{agent.family}, {agent.given}"


def _day(record: Record) -> str | None:
    date = parts.date(record)
    if date is None or not date.month:
        return None
    return "-".join(f"{part:02}" for part in (date.year, date.month, date.day) if part)


def _container(container: Container, kind: str) -> Lines:
    host = _HOSTS.get(kind)
    if host is None:
        return [
            ("%S", container.series or container.title),
            ("%V", container.volume),
            ("%N", container.issue),
        ]
    return [
        (host, container.title),
        ("%S", container.series),
        ("%V", container.volume),
        ("%N", container.issue),
        ("%P", container.pages or container.article_number),
    ]


def _line(text: str | None) -> str:
    return _SPACE.sub(" ", text or "").strip()
