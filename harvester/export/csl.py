"""CSL-JSON: for citeproc, Pandoc, Zotero and all that speaks the Citation Style Language.

Unlike BibTeX it keeps names of bodies with commas, and knows datasets, presentations and preprints.
The fields are those of the schema `csl-data` of CSL 1.0.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from harvester import kinds
from harvester.catalogue.row import landing
from harvester.export import Exporter, parts
from harvester.languages import bcp47
from harvester.model import Agent, Container, Identifiers, Record

Item = dict[str, Any]

_REVIEWS = {"c_ba08": "Book review", "c_efa0": "Review"}
_IN_SOMETHING = ("article-journal", "article-newspaper", "chapter", "paper-conference")
_SAYS_WHICH = ("thesis", "report", "speech", "article", "document")
_TELLS_NOTHING = ("text", "other", "report", "")


def write(records: Iterable[Record], overlay: Path | None = None) -> Iterator[str]:
    """Give an array with one item for each record, a line each.

    Args:
        records: what is written.
        overlay: the folder of the librarian's own table rows, or None.
    """
    before = "[\n"
    for record in records:
        yield before + msgspec.json.encode(item(record, overlay)).decode()
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


EXPORTER = Exporter(
    "csl-json",
    ".csl.json",
    "application/vnd.citationstyles.csl+json; charset=utf-8",
    write,
    lambda overlay: partial(write, overlay=overlay),
)


def item(record: Record, overlay: Path | None = None) -> Item:
    """Write one record as an item of CSL; what is not known is left out."""
    kind = kinds.csl(kinds.kind(record, overlay))
    container, known = record.container or Container(), record.identifiers or Identifiers()
    key = record.citekey or record.id
    found = {
        "id": key,
        "citation-key": key,
        "type": kind,
        "genre": _genre(record, kind),
        "title": record.title,
        "author": [name(one) for one in parts.authors(record)],
        "editor": [name(one) for one in parts.editors(record)],
        "issued": _issued(record),
        **_container(record, kind),
        "publisher": record.publishers[0] if record.publishers else None,
        "DOI": (known.doi or "").lower(),
        "PMID": known.pmid,
        "ISBN": next(iter(known.isbn or container.isbn), None),
        "ISSN": next(iter(container.issn or known.issn), None),
        "URL": landing(record),
        "language": bcp47(record.languages[0], overlay) if record.languages else None,
        "keyword": ", ".join(one.label.replace(",", " –") for one in record.keywords),
        "abstract": parts.abstract(record),
    }
    return {field: value for field, value in found.items() if value not in (None, "", [])}


def name(agent: Agent) -> Item:
    """Write a name: in parts where it is a person's, whole where it is not to be taken apart."""
    if agent.corporate or not agent.family:
        return {"literal": agent.literal}
    return {"family": agent.family} | ({"given": agent.given} if agent.given else {})


def _genre(record: Record, kind: str) -> str | None:
    code = (record.type_uri or "").removeprefix(kinds.COAR)
    if code in _REVIEWS:
        return _REVIEWS[code]
    label = record.type or ""
    says = kind in _SAYS_WHICH and label not in _TELLS_NOTHING
    return parts.capitalised(label) if says else None


def _issued(record: Record) -> Item | None:
    date = parts.date(record)
    if date is None:
        return None
    first = [part for part in (date.year, date.month, date.day) if part]
    written: Item = {"date-parts": [first, [date.last]] if date.last else [first]}
    return written | ({"circa": True} if date.guess else {})


def _container(record: Record, kind: str) -> Item:
    """Say where it appeared: in a container, or, of what stands alone, in a series."""
    container = record.container or Container()
    if kind in _IN_SOMETHING or (kind == "document" and parts.like_an_article(record)):
        return {
            "container-title": container.title,
            "collection-title": container.series,
            "volume": container.volume,
            "issue": container.issue,
            "page": container.pages or container.article_number,
        }
    series = container.series or container.title
    number = container.issue or container.volume
    return {
        "collection-title": series,
        "number" if kind == "report" else "collection-number": number if series else None,
    }
