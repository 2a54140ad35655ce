"""CSV: a flat table, one record a line, for spreadsheets.

Several values of a column are separated by ` | `. Text that a spreadsheet would take for a formula
has an apostrophe before it: titles come from elsewhere.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from harvester.catalogue.row import fulltexts, landing
from harvester.export import Exporter, parts
from harvester.model import Agent, Container, Identifiers, Record, Rights

COLUMNS = (
    "id",
    "citekey",
    "type",
    "title",
    "creators",
    "orcids",
    "contributors",
    "year",
    "issued",
    "container",
    "volume",
    "issue",
    "pages",
    "article_number",
    "series",
    "publishers",
    "languages",
    "doi",
    "handle",
    "isbn",
    "issn",
    "keywords",
    "disciplines",
    "abstract",
    "access",
    "licence",
    "peer_reviewed",
    "landing",
    "fulltext",
    "source",
    "oai_identifier",
    "datestamp",
)

SEPARATOR = " | "
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBERED = frozenset(("year", "issued", "volume", "issue", "pages"))
_NUMBER = re.compile(r"-?[0-9][-–/0-9 .]*")


def write(records: Iterable[Record]) -> Iterator[str]:
    """Give the line of headings, then one line for each record."""
    buffer = io.StringIO()
    lines = csv.DictWriter(buffer, COLUMNS)
    lines.writeheader()
    yield _taken(buffer)
    for record in records:
        lines.writerow({name: _cell(name, value) for name, value in _values(record).items()})
        yield _taken(buffer)


EXPORTER = Exporter("csv", ".csv", "text/csv; charset=utf-8", write)


def _values(record: Record) -> dict[str, Any]:
    container = record.container or Container()
    known = record.identifiers or Identifiers()
    rights = record.rights or Rights()
    return {
        "id": record.id,
        "citekey": record.citekey,
        "type": record.type,
        "title": record.title,
        "creators": [agent.literal for agent in record.creators],
        "orcids": [agent.orcid for agent in record.creators if agent.orcid],
        "contributors": [_contributor(agent) for agent in record.contributors],
        "year": record.year,
        "issued": record.issued,
        "container": container.title,
        "volume": container.volume,
        "issue": container.issue,
        "pages": container.pages,
        "article_number": container.article_number,
        "series": container.series,
        "publishers": record.publishers,
        "languages": record.languages,
        "doi": known.doi,
        "handle": known.handle,
        "isbn": list(dict.fromkeys(known.isbn + container.isbn)),
        "issn": list(dict.fromkeys(known.issn + container.issn)),
        "keywords": [keyword.label for keyword in record.keywords],
        "disciplines": [parts.label(one) or one.scheme for one in record.disciplines],
        "abstract": record.abstracts[0].text if record.abstracts else None,
        "access": rights.access,
        "licence": rights.licence,
        "peer_reviewed": None if record.peer_reviewed is None else int(record.peer_reviewed),
        "landing": landing(record),
        "fulltext": fulltexts(record),
        "source": record.source,
        "oai_identifier": record.oai_identifier,
        "datestamp": record.datestamp,
    }


def _contributor(agent: Agent) -> str:
    return f"{agent.literal} ({agent.role})" if agent.role else agent.literal


def _cell(name: str, value: Any) -> Any:  # noqa: ANN401 - text, a number, a list of texts, nothing
    if isinstance(value, list):
        value = SEPARATOR.join(text.replace("|", "¦") for text in value)
    if (
        isinstance(value, str)
        and value.lstrip(" ").startswith(_FORMULA)
        and not (name in _NUMBERED and _NUMBER.fullmatch(value))
    ):
        return f"'{value}"
    return value


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
