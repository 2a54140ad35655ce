"""Reads the optional corpus: recorded answers of real repositories, and records of BASE."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from harvester.errors import HarvesterError
from harvester.formats import document
from harvester.model import RawRecord, RawValue
from harvester.sources import Source, by_host

GENERIC = Source("generic", "A repository")
BASE_FILES = ("base/benelux_records.json", "base/records_part1.jsonl")
BASE_PREFIX = "ftx:"
"""Stands before BASE's own id, as a code of a repository stands in its OAI identifiers."""
ELEMENTS = {
    "title": "dc:title",
    "authors": "dc:creator",
    "year": "dc:date",
    "published_in": "dc:source",
    "identifier": "dc:identifier",
    "relation": "dc:relation",
    "paper_abstract": "dc:description",
    "subject_orig": "dc:subject",
    "oa_state": "base_dc:oa",
    "link": "base_dc:link",
}
"""The fields of a record of BASE's search, and the elements that they are in base_dc."""
REPEATED = ("authors", "identifier", "relation", "subject_orig")


class Recorded(NamedTuple):
    """A record of the corpus, its file below the corpus, and the source that it comes from."""

    file: str
    source: Source
    raw: RawRecord


def every_record(corpus: Path, catalogue: Mapping[str, Source]) -> Iterator[Recorded]:
    """Give every record that can be read, file by file: answers first, then those of BASE's search.

    What those look like in base_dc is known but for the type and the language, which they lack.
    """
    answers = sorted(path for folder in ("oai", "base") for path in (corpus / folder).glob("*.xml"))
    for name in [*(path.relative_to(corpus).as_posix() for path in answers), *BASE_FILES]:
        yield from in_file(corpus, name, catalogue)


def in_file(corpus: Path, name: str, catalogue: Mapping[str, Source]) -> list[Recorded]:
    """Give the records of one file; none where it cannot be read, which is the reader's business.

    Args:
        corpus: the folder of the corpus.
        name: the file below it, such as `oai/scrapi_ghent_00.xml`.
        catalogue: the sources among which that of the file is looked for, by its host.
    """
    if name in BASE_FILES:
        return [Recorded(name, catalogue["base"], raw) for raw in from_base(corpus / name)]
    try:
        found = document.read((corpus / name).read_bytes())
    except HarvesterError:
        return []
    host = found.host or (urlsplit(found.base_url).hostname if found.base_url else None)
    source = (by_host(host, catalogue) if host else None) or GENERIC
    return [Recorded(name, source, raw) for raw in found.records if isinstance(raw, RawRecord)]


def from_base(path: Path) -> Iterator[RawRecord]:
    """Give BASE's records as base_dc would; the file joins repeated values with `; `."""
    text = path.read_text(encoding="utf-8")
    rows = map(json.loads, text.splitlines()) if path.suffix == ".jsonl" else json.loads(text)
    for row in rows:
        values = [
            RawValue(element, part)
            for field, element in ELEMENTS.items()
            for part in (
                str(row.get(field) or "").split("; ")
                if field in REPEATED
                else [str(row.get(field) or "")]
            )
            if part.strip()
        ]
        yield RawRecord(
            f"{BASE_PREFIX}{row['id']}", "base_dc", "2022-06-01T00:00:00Z", values=values
        )
