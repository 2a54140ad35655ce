"""Recorded answers of real repositories: nothing raises, and what is there is found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from harvester.model import ENCODER, Record
from harvester.normalise import RULES, Tables, understand
from harvester.sources import Source
from tests.corpus import BASE_FILES, every_record, in_file
from tests.normalise.measuring import Measured, Read, measure

Catalogue = dict[str, Source]


@pytest.fixture(scope="session")
def base_records(corpus: Path, catalogue: Catalogue, tables: Tables) -> list[Record]:
    return [
        understand(found.raw, found.source, tables).record
        for name in BASE_FILES
        for found in in_file(corpus, name, catalogue)
    ]


def test_biblio_of_ghent(corpus: Path, catalogue: Catalogue, tables: Tables) -> None:
    found = in_file(corpus, "oai/scrapi_ghent_00.xml", catalogue)
    assert {one.source.name for one in found} == {"ugent-biblio"}
    records = [understand(one.raw, one.source, tables).record for one in found]
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


@pytest.fixture(scope="session")
def measured(corpus: Path, catalogue: Catalogue, tables: Tables) -> Measured:
    return measure(every_record(corpus, catalogue), tables)


def test_no_record_fails(measured: Measured) -> None:
    assert measured.failures == []
    assert measured.records > 5500


def test_every_value_is_kept_as_it_came(measured: Measured) -> None:
    assert measured.kept == measured.records


def test_titles_and_types_that_are_given_are_understood(measured: Measured) -> None:
    assert measured.titled == measured.given_titles > 0.98 * measured.records
    assert measured.typed >= 0.99 * measured.given_types


@pytest.mark.parametrize("kind", ["dates", "languages"])
def test_values_are_understood_or_reported(measured: Measured, kind: str) -> None:
    read: Read = getattr(measured, kind)
    assert read.accounted >= 0.995
    assert read.understood >= 0.99 * read.values


def test_every_recorded_answer(corpus: Path, catalogue: Catalogue, tables: Tables) -> None:
    for found in every_record(corpus, catalogue):
        result = understand(found.raw, found.source, tables)
        ENCODER.encode(result.record)
        assert {note.rule for note in result.trace} <= set(RULES)


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
