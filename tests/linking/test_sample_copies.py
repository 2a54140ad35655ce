"""The copies that the sample repositories hold are found again, and nothing else is joined."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest

from harvester import sample, schemas
from harvester import sources as catalogue
from harvester.formats import document
from harvester.linking import weighing
from harvester.linking.traits import traits
from harvester.model import RawRecord, Record
from harvester.normalise import load, understand
from harvester.sample.protocol import Item
from harvester.sample.repository import repositories
from tests.linking import measuring

PAIRS = 100
"""The sample knows at least so many pairs of copies."""


def answer(item: Item) -> bytes:
    """Return what a provider answers who is asked for a record, in its richest format."""
    header = f"<identifier>{item.identifier}</identifier><datestamp>{item.datestamp}</datestamp>"
    metadata = next(iter(item.metadata.values()))
    return f"<record><header>{header}</header><metadata>{metadata}</metadata></record>".encode()


def understood() -> Iterator[Record]:
    places = sample.sources({name: f"http://127.0.0.1/{name}" for name in repositories()})
    known = {**catalogue.from_table(schemas.load("sources.yml")), **places}
    tables = load(known)
    for name, repository in repositories().items():
        for item in repository.items:
            if item.metadata:
                (raw,) = document.read(answer(item)).records
                assert isinstance(raw, RawRecord)
                yield understand(raw, places[name], tables).record


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return list(understood())


def test_known_copies_are_joined_and_nothing_else(records: list[Record]) -> None:
    number = {(one.source, one.oai_identifier): place for place, one in enumerate(records)}
    groups = [[number[held] for held in copies] for copies in sample.truth().values()]
    known = {pair for group in groups for pair in combinations(sorted(group), 2)}
    grouped = measuring.grouped([traits(one) for one in records], weighing.load())
    found = {pair for group in grouped for pair in combinations(group, 2)}
    assert len(known) >= PAIRS
    right = len(found & known)
    assert right / len(known) >= 0.99, [told(records, pair) for pair in known - found]
    assert right / len(found) >= 0.99, [told(records, pair) for pair in found - known]


def told(records: list[Record], pair: tuple[int, int]) -> str:
    return " | ".join(f"{records[one].source}: {records[one].title}" for one in pair)
