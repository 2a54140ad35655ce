"""BibTeX: for Zotero, JabRef, Citavi, BibTeX and biber.

Only entry types that Zotero maps are written: it drops others without a word. No `note`, which
Zotero turns into a note of its own; `institution` or `school` in place of `publisher`, which would
win over them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from harvester import kinds
from harvester.catalogue.row import landing
from harvester.errors import HarvesterError
from harvester.export import Exporter, parts, tex
from harvester.languages import bcp47
from harvester.model import Agent, Container, Identifiers, Record

Fields = list[tuple[str, str]]

_REVIEWS = ("c_ba08", "c_efa0")
_TELLS_NOTHING = ("text", "other")
_THESIS_TYPES = {
    "c_46ec": {"": "Thesis"},
    "c_bdcc": {
        "": "Master’s thesis",
        "nld": "Masterproef",
        "fra": "Mémoire de master",
        "deu": "Masterarbeit",
    },
    "c_7a1f": {
        "": "Bachelor’s thesis",
        "nld": "Bachelorproef",
        "fra": "Mémoire de bachelier",
        "deu": "Bachelorarbeit",
    },
}
_HOST_FIELDS = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}
_BODY_FIELDS = {
    "phdthesis": "school",
    "mastersthesis": "school",
    "techreport": "institution",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])(?:-[0-9]{2})?")
_KEY = re.compile(r"[A-Za-z0-9_:.+/-]+")

# What babel, and with it biblatex, calls the languages of our literature.
BABEL = {
    "ara": "arabic",
    "cat": "catalan",
    "ces": "czech",
    "dan": "danish",
    "deu": "german",
    "ell": "greek",
    "eng": "english",
    "fin": "finnish",
    "fra": "french",
    "hun": "hungarian",
    "ita": "italian",
    "lat": "latin",
    "ltz": "luxembourgish",
    "nld": "dutch",
    "nob": "norsk",
    "nor": "norsk",
    "pol": "polish",
    "por": "portuguese",
    "ron": "romanian",
    "rus": "russian",
    "spa": "spanish",
    "swe": "swedish",
    "tur": "turkish",
}


def write(records: Iterable[Record], overlay: Path | None = None) -> Iterator[str]:
    """Give one entry for each record.

    Args:
        records: what is written.
        overlay: the folder of the librarian's own table rows, or None.

    Raises:
        HarvesterError: a record has no usable key, or two share one (BibTeX would drop the later).
    """
    return entries(records, partial(entry, overlay=overlay))


def entries(records: Iterable[Record], make: Callable[[Record, str], str]) -> Iterator[str]:
    """Give what is made of each record and its citation key.

    Args:
        records: what is written.
        make: writes one entry.

    Raises:
        HarvesterError: a record has no usable key, or two share one (BibTeX would drop the later).
    """
    seen: set[int] = set()  # hashes: the keys of a million records would take twice the memory
    for record in records:
        key = record.citekey or record.id
        if not _KEY.fullmatch(key):
            raise HarvesterError(
                f"record {record.id!r} has no citation key that BibTeX reads ({key!r}): "
                "run `harvester normalise --all`"
            )
        known = hash(key.lower())
        if known in seen:
            raise HarvesterError(
                f"two records have the citation key {key!r}, one of them {record.id!r}: "
                "run `harvester normalise --all`"
            )
        seen.add(known)
        yield make(record, key)


EXPORTER = Exporter(
    "bibtex",
    ".bib",
    "application/x-bibtex; charset=utf-8",
    write,
    lambda overlay: partial(write, overlay=overlay),
)


def entry(record: Record, key: str, overlay: Path | None = None) -> str:
    """Write one entry, with an empty line after it."""
    kind = kinds.kind(record, overlay).bibtex
    lines = [f"@{kind}{{{key},"]
    for name, value in _fields(record, kind, overlay):
        if value:
            lines.append(f"  {name} = {value}," if name == "month" else f"  {name} = {{{value}}},")
    return "\n".join([*lines, "}", "", ""])


def _fields(record: Record, kind: str, overlay: Path | None) -> Fields:
    language = record.languages[0] if record.languages else None
    year = str(record.year) if record.year and 1000 <= record.year <= 9999 else ""
    fields: Fields = [
        ("author", names(parts.authors(record))),
        ("editor", names(parts.editors(record))),
        ("title", tex.title(record.title, language)),
    ]
    fields += _host(record.container or Container(), kind)
    fields += _kind_and_body(record, kind, language)
    fields += [("year", year), ("month", _month(record.issued or "", year))]
    fields += _identifiers(record.identifiers or Identifiers(), record.container or Container())
    fields += [
        ("url", tex.url(landing(record) or "")),
        ("language", bcp47(language, overlay) if language else ""),
        ("langid", BABEL.get(language or "", "")),
        ("keywords", keywords(record)),
        ("abstract", tex.text(parts.abstract(record))),
    ]
    return fields


def names(agents: Iterable[Agent]) -> str:
    """Write names with `and` between them."""
    return " and ".join(filter(None, map(tex.name, agents)))


def _host(container: Container, kind: str) -> Fields:
    """Give where it appeared; a book or report appears in a series, a thesis in nothing.

    Of what has no entry type of its own BibTeX prints none of it; Zotero and JabRef keep it.
    """
    title, series = tex.text(container.title or ""), tex.text(container.series or "")
    volume, number = tex.text(container.volume or ""), tex.text(container.issue or "")
    fields: Fields = []
    if kind in _HOST_FIELDS or kind == "misc":
        fields = [
            (_HOST_FIELDS.get(kind) or ("booktitle" if container.isbn else "journal"), title),
            ("series", series),
            ("volume", volume),
            ("number", number),
        ]
    elif kind in ("book", "proceedings", "techreport"):
        series = series or title
        if series and not number:
            volume, number = "", volume
        fields = [("series", series), ("volume", volume), ("number", number)]
    paging = tex.pages(container.pages or "") or tex.text(container.article_number or "")
    return [*fields, ("pages", paging)]


def _kind_and_body(record: Record, kind: str, language: str | None) -> Fields:
    """Give what it is, where the entry type does not say it, and who published it."""
    label, code = record.type or "", _code(record)
    names = _THESIS_TYPES.get(code, {})
    fields: Fields = []
    if kind == "techreport" and code != "c_18gh":
        fields.append(("type", tex.text(parts.capitalised(label))))
    elif names:
        fields.append(("type", tex.text(names.get(language or "", names[""]))))
    elif kind == "misc" and label not in _TELLS_NOTHING:
        fields.append(("howpublished", tex.text(parts.capitalised(label))))
    body = tex.listed(record.publishers[0]) if record.publishers else ""
    return [*fields, (_BODY_FIELDS.get(kind, "publisher"), body)]


def _identifiers(known: Identifiers, container: Container) -> Fields:
    isbn, issn = known.isbn + container.isbn, known.issn + container.issn
    return [
        ("doi", tex.identifier(known.doi or "").lower()),
        ("eprint", tex.identifier(known.handle or "")),
        ("eprinttype", "hdl" if known.handle else ""),
        ("isbn", tex.text(isbn[0]) if isbn else ""),
        ("issn", tex.text(issn[0]) if issn else ""),
    ]


def _month(issued: str, year: str) -> str:
    date = _DATE.fullmatch(issued)
    return _MONTHS[int(date[2]) - 1] if date and date[1] == year else ""


def keywords(record: Record) -> str:
    """Write keywords with commas between them; a review has a keyword that says so."""
    words = [tex.keyword(keyword.label) for keyword in record.keywords]
    if _code(record) in _REVIEWS:
        words.append("review")
    return ", ".join(filter(None, dict.fromkeys(words)))


def _code(record: Record) -> str:
    return (record.type_uri or "").removeprefix(kinds.COAR)
