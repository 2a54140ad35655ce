"""RIS: for EndNote, Citavi, Zotero and Mendeley.

As Zotero reads it: a name is "Family, Given" or a body's whole name; `SN` of a report is its
number and `IS` is lost there; keywords are cut at semicolons; a note (`N1`) would become a note of
its own, so that none is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from harvester import kinds
from harvester.catalogue.row import fulltexts, landing
from harvester.export import Exporter, parts, tex
from harvester.kinds import Kind
from harvester.languages import bcp47
from harvester.model import Container, Identifiers, Record

Lines = list[tuple[str, str | None]]

_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_DATE = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-([0-9]{2}))?)?")
# A pattern, since to parse what is no address at all is an error: https://[x@example.org/a.pdf
_PDF = re.compile(r"[^?#]*\.pdf(?:[?#].*)?", re.DOTALL | re.IGNORECASE)
_EDITOR_TAGS = {"JOUR": "A2", "CHAP": "A2", "CONF": "A2", "BOOK": "A3"}
_IN_SOMETHING = ("JOUR", "NEWS", "BLOG", "CHAP", "CONF")
_SAYS_WHICH = ("THES", "RPRT", "UNPD", "SLIDE")
"""Types within which `M3` says which kind it is."""


def write(records: Iterable[Record], overlay: Path | None = None) -> Iterator[str]:
    """Give one reference for each record.

    Args:
        records: what is written.
        overlay: the folder of the librarian's own table rows, or None.
    """
    for record in records:
        yield reference(record, overlay)


EXPORTER = Exporter(
    "ris",
    ".ris",
    "application/x-research-info-systems; charset=utf-8",
    write,
    lambda overlay: partial(write, overlay=overlay),
)


def reference(record: Record, overlay: Path | None = None) -> str:
    """Write one reference, with an empty line after it."""
    ris = _type(record, kinds.kind(record, overlay))
    lines: Lines = [
        ("ID", record.citekey or record.id),
        ("TI", record.title),
        *_names(record, ris),
        *_dates(record),
        *_container(record.container or Container(), ris),
        *_numbers(record, ris),
        ("M3", parts.capitalised(record.type) if ris in _SAYS_WHICH else None),
        ("PB", record.publishers[0] if record.publishers else None),
        *_addresses(record),
        ("LA", bcp47(record.languages[0], overlay) if record.languages else None),
        *(("KW", keyword.label.replace(";", ",")) for keyword in record.keywords),
        ("AB", parts.abstract(record)),
    ]
    written = [f"TY  - {ris}"]
    written += [f"{tag}  - {text}" for tag, value in lines if (text := _line(value))]
    return "\r\n".join([*written, "ER  - ", "", ""])


def _type(record: Record, kind: Kind) -> str:
    # Zotero makes a journal article of GEN, and keeps no volume of a report.
    report = kind.ris == "GEN" and record.publishers and not parts.like_an_article(record)
    return "RPRT" if report else kind.ris


def _names(record: Record, ris: str) -> Lines:
    tag = _EDITOR_TAGS.get(ris, "ED")
    return [
        *(("AU", parts.name(one)) for one in parts.authors(record)),
        *((tag, parts.name(one)) for one in parts.editors(record)),
    ]


def _dates(record: Record) -> Lines:
    lines: Lines = [("PY", str(record.year) if record.year is not None else None)]
    date = _DATE.fullmatch(record.issued or "")
    if date and date[2]:
        lines.append(("DA", f"{date[1]}/{date[2]}/{date[3] or ''}/"))
    return lines


def _container(container: Container, ris: str) -> Lines:
    if ris not in _IN_SOMETHING:
        return [("T2", container.series or container.title)]
    # The proceedings are C3 for Zotero; others read T2.
    proceedings = container.title if ris == "CONF" else None
    return [("T2", container.title), ("C3", proceedings), ("T3", container.series)]


def _numbers(record: Record, ris: str) -> Lines:
    container, known = record.container or Container(), record.identifiers or Identifiers()
    if ris == "RPRT":
        return [("SN", container.issue or container.volume)]
    isbn, issn = (known.isbn or container.isbn)[:1], (container.issn or known.issn)[:1]
    number = (issn or isbn) if ris in ("JOUR", "NEWS") else (isbn or issn)
    lines: Lines = [("VL", container.volume), ("IS", container.issue)]
    if ris in _IN_SOMETHING or (ris == "GEN" and parts.like_an_article(record)):
        first, last = parts.pages(container.pages)
        lines += [("SP", first or container.article_number), ("EP", last)]
    return [*lines, *(("SN", one) for one in number)]


def _addresses(record: Record) -> Lines:
    known = record.identifiers or Identifiers()
    address = landing(record)
    if address is None and known.handle:
        address = f"https://hdl.handle.net/{known.handle}"
    pdf = next((url for url in fulltexts(record) if _PDF.fullmatch(url)), "")
    return [
        ("DO", (known.doi or "").lower()),
        ("UR", tex.url(address or "")),
        ("L1", tex.url(pdf)),
    ]


def _line(text: str | None) -> str:
    return _SPACE.sub(" ", text or "").strip()
