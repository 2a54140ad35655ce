"""BibLaTeX: for biber and JabRef, with the entry types that classic BibTeX and Zotero do not know.

Its own types for datasets, software, online texts and theses, dates with month and day as EDTF, and
a field for the number of an article. Zotero drops entries of some of these types: it is given
`bibtex`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from harvester import kinds
from harvester.catalogue.row import landing
from harvester.export import Exporter, bibtex, parts, tex
from harvester.export.bibtex import Fields
from harvester.model import Container, Identifiers, Record

TYPES = {
    "article": "online",
    "article-journal": "article",
    "article-newspaper": "article",
    "book": "book",
    "chapter": "incollection",
    "dataset": "dataset",
    "graphic": "image",
    "manuscript": "unpublished",
    "motion_picture": "video",
    "paper-conference": "inproceedings",
    "patent": "patent",
    "personal_communication": "letter",
    "post-weblog": "online",
    "report": "report",
    "software": "software",
    "song": "audio",
    "speech": "unpublished",
    "thesis": "thesis",
    "webpage": "online",
}
"""Entry types of biblatex by the type of CSL; anything else is `misc`."""

_THESES = {"c_db06": "phdthesis", "c_bdcc": "mathesis", "c_7a1f": "bathesis"}
"""Kinds of theses that biblatex names in the language of the document."""

_HOSTS = {"article": "journaltitle", "incollection": "booktitle", "inproceedings": "booktitle"}
_NUMBERED = ("article", "incollection", "inproceedings")
_IN_SERIES = ("book", "collection", "proceedings", "incollection", "inproceedings", "report")
_WITH_ISBN = ("book", "collection", "proceedings", "incollection", "inproceedings", "thesis")
_BY_BODY = {"thesis": "institution", "report": "institution", "misc": "organization"}
_UNPUBLISHED = ("article", "online", "unpublished", "patent", "letter")
"""Types that no publisher belongs to."""

# What biber reads as a date: years, months and days, an interval, an open one, parts not known.
_DATE = re.compile(
    r"[0-9]{4}(?:-(?:0[1-9]|1[0-2]|2[1-4])(?:-[0-9]{2})?)?[~?%]?(?:/(?:[0-9]{4}|\.\.)?)?"
    r"|[0-9]{2}XX|[0-9]{3}X|\.\./[0-9]{4}"
)


def write(records: Iterable[Record], overlay: Path | None = None) -> Iterator[str]:
    """Give one entry for each record.

    Args:
        records: what is written.
        overlay: the folder of the librarian's own table rows, or None.

    Raises:
        HarvesterError: as `bibtex.write`.
    """
    return bibtex.entries(records, partial(entry, overlay=overlay))


EXPORTER = Exporter(
    "biblatex",
    ".biblatex.bib",
    "application/x-bibtex; charset=utf-8",
    write,
    lambda overlay: partial(write, overlay=overlay),
)


def entry(record: Record, key: str, overlay: Path | None = None) -> str:
    """Write one entry, with an empty line after it."""
    kind = _kind(record, overlay)
    fields = _fields(record, kind)
    lines = [f"  {name} = {{{value}}}," for name, value in fields if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", "", ""])


def _kind(record: Record, overlay: Path | None) -> str:
    found = TYPES.get(kinds.csl(kinds.kind(record, overlay)), "misc")
    if found in _HOSTS and not (record.container and record.container.title):
        return "misc"  # biblatex demands a journal or book
    if found == "book" and record.type == "conference proceedings":
        return "proceedings"
    if found == "book" and not parts.authors(record) and parts.editors(record):
        return "collection"
    return found


def _fields(record: Record, kind: str) -> Fields:
    language = record.languages[0] if record.languages else None
    known, container = record.identifiers or Identifiers(), record.container or Container()
    body = tex.listed(record.publishers[0]) if record.publishers else ""
    return [
        ("author", bibtex.names(parts.authors(record))),
        ("editor", bibtex.names(parts.editors(record))),
        ("title", tex.title(record.title, language)),
        *_host(container, kind),
        ("type", _type(record, kind)),
        ("date", _date(record)),
        (_BY_BODY.get(kind, "publisher"), "" if kind in _UNPUBLISHED else body),
        *_numbers(known, container, kind),
        ("doi", tex.identifier(known.doi or "").lower()),
        ("eprint", tex.identifier(known.handle or "")),
        ("eprinttype", "hdl" if known.handle else ""),
        ("url", tex.url(landing(record) or "")),
        ("langid", bibtex.BABEL.get(language or "", "")),
        ("keywords", bibtex.keywords(record)),
        ("abstract", tex.text(parts.abstract(record))),
    ]


def _host(container: Container, kind: str) -> Fields:
    title, series = tex.text(container.title or ""), tex.text(container.series or "")
    volume, number = tex.text(container.volume or ""), tex.text(container.issue or "")
    paging = tex.pages(container.pages or "")
    if kind in _NUMBERED:
        article = tex.text(container.article_number or "") if kind == "article" else ""
        return [
            (_HOSTS[kind], title),
            ("series", series),
            ("volume", volume),
            ("number", number),
            ("eid", article),
            ("pages", paging),
        ]
    if kind in _IN_SERIES:
        # The number within the series; a volume would be one of several of the work itself.
        return [("series", series or title), ("number", number or volume)]
    if kind == "thesis":
        return []
    # biblatex prints none of it for these types; JabRef keeps it.
    host = "booktitle" if container.isbn else "journaltitle"
    return [
        (host, title),
        ("series", series),
        ("volume", volume),
        ("number", number),
        ("pages", paging if title else ""),
    ]


def _type(record: Record, kind: str) -> str:
    """Say which thesis or report it is, or what it is where the entry type does not say it."""
    code = (record.type_uri or "").removeprefix(kinds.COAR)
    label = tex.text(parts.capitalised(record.type))
    if kind == "thesis":
        return _THESES.get(code, label)
    if kind == "report":
        return label
    return label if kind == "misc" and record.type not in (None, "text", "other") else ""


def _date(record: Record) -> str:
    issued = record.issued or ""
    if _DATE.fullmatch(issued):
        # biblatex leaves the end empty where EDTF writes two dots.
        return issued.replace("..", "")
    return str(record.year) if record.year is not None and 1000 <= record.year <= 9999 else ""


def _numbers(known: Identifiers, container: Container, kind: str) -> Fields:
    isbn, issn = known.isbn + container.isbn, known.issn + container.issn
    if kind == "article":
        return [("issn", tex.text(issn[0]) if issn else "")]
    if kind in _WITH_ISBN:
        return [("isbn", tex.text(isbn[0]) if isbn else "")]
    return []
