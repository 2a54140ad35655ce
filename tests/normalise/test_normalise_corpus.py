"""Recorded answers of real repositories: nothing raises, and what is there is found."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.errors import HarvesterError
from harvester.formats import document
from harvester.model import ENCODER, RawRecord, RawValue, Record
from harvester.normalise import RULES, Tables, understand
from harvester.sources import Source, by_host

Catalogue = dict[str, Source]
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
REPEATED = ("authors", "identifier", "relation", "subject_orig")


def from_base(folder: Path) -> Iterator[RawRecord]:
    """Give BASE's records as base_dc would; the file joins repeated values with `; `."""
    rows = json.loads((folder / "benelux_records.json").read_text(encoding="utf-8"))
    with (folder / "records_part1.jsonl").open(encoding="utf-8") as lines:
        rows += map(json.loads, lines)
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
        yield RawRecord(f"ftx:{row['id']}", "base_dc", "2022-06-01T00:00:00Z", values=values)


@pytest.fixture(scope="session")
def base_records(corpus: Path, catalogue: Catalogue, tables: Tables) -> list[Record]:
    raws = from_base(corpus / "base")
    return [understand(raw, catalogue["base"], tables).record for raw in raws]


def test_biblio_of_ghent(corpus: Path, catalogue: Catalogue, tables: Tables) -> None:
    found = document.read((corpus / "oai" / "scrapi_ghent_00.xml").read_bytes())
    raws = [raw for raw in found.records if isinstance(raw, RawRecord)]
    records = [understand(raw, catalogue["ugent-biblio"], tables).record for raw in raws]
    assert len(records) == 135
    for record in records:
        assert record.title, record.oai_identifier
        assert record.creators, record.oai_identifier
        assert record.year, record.oai_identifier
        assert record.type, record.oai_identifier
        assert record.languages, record.oai_identifier
        assert record.identifiers, record.oai_identifier
        assert record.identifiers.handle, record.oai_identifier
        assert record.links[0].rel == "landing"
        assert record.links[0].url.startswith("https://biblio.ugent.be/publication/")
    languages = Counter(record.languages[0] for record in records)
    assert languages == {"eng": 116, "nld": 17, "fra": 1, "nor": 1}
    classes = Counter(
        f"{one.scheme}:{one.code}" for record in records for one in record.disciplines
    )
    assert classes["ugent:social-sciences"] == 29
    assert sum(bool(record.container and record.container.issn) for record in records) > 50


def test_every_recorded_answer(corpus: Path, catalogue: Catalogue, tables: Tables) -> None:
    generic = Source("generic", "A repository")
    understood = titled = dated = 0
    for path in sorted((corpus / "oai").glob("*.xml")):
        try:
            found = document.read(path.read_bytes())
        except HarvesterError:
            continue  # what cannot be read is the reader's business
        source = (by_host(found.host, catalogue) if found.host else None) or generic
        for raw in found.records:
            if isinstance(raw, RawRecord):
                result = understand(raw, source, tables)
                ENCODER.encode(result.record)
                assert {note.rule for note in result.trace} <= set(RULES)
                if not raw.deleted:
                    understood += 1
                    titled += bool(result.record.title)
                    dated += bool(result.record.year)
    assert understood > 4000
    assert titled > 0.98 * understood
    assert dated > 0.95 * understood


def test_records_of_base(base_records: list[Record]) -> None:
    assert len(base_records) == 1435
    assert all(record.title for record in base_records)
    assert sum(bool(record.creators) for record in base_records) > 1380
    assert sum(record.year is not None for record in base_records) > 1420
    for record in base_records:
        ENCODER.encode(record)


def test_orbilu_by_way_of_base(base_records: list[Record]) -> None:
    records = {
        record.identifiers.handle: record
        for record in base_records
        if record.identifiers and record.identifiers.handle
    }
    for handle in ("10993/8362", "10993/7665"):
        record = records[handle]
        assert record.origin
        assert record.origin.name == "ORBilu"
        assert record.origin.oai_identifier == f"oai:orbilu.uni.lu:{handle}"
        assert [f"{one.scheme}:{one.code}" for one in record.disciplines] == ["orbi:H", "orbi:H11"]
        assert record.links[0].url == f"https://orbilu.uni.lu/handle/{handle}"
        assert not any("psycholog" in keyword.label.lower() for keyword in record.keywords)


def test_a_pair_of_copies_that_no_single_identifier_joins(base_records: list[Record]) -> None:
    pair = [
        record for record in base_records if record.title.startswith("Gaze-contingent Attention")
    ]
    containers = {record.container.title or "" for record in pair if record.container}
    assert "Cognitive Therapy and Research" in containers
    families = [{agent.family for agent in record.creators} for record in pair]
    assert {"Huijding", "Mayer", "Franken"} <= set.intersection(
        *({family or "" for family in one} for one in families)
    )
