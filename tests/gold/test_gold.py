"""What a person reads in records of real repositories is what is understood of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from harvester import schemas, sources
from harvester.normalise import load
from harvester.sources import Source
from tests.gold.measuring import Line, Measured, lines, measure
from tests.gold.rows import records, rows
from tests.gold.score import GROUPS

WANTED = 0.98
"""The F1 that is demanded of everything together, and of every group of fields."""

ROWS = rows()


@pytest.fixture(scope="module")
def shipped() -> dict[str, Source]:
    return sources.from_table(schemas.load("sources.yml"))


@pytest.fixture(scope="module")
def measured(corpus: Path, shipped: dict[str, Source]) -> list[Measured]:
    return measure(ROWS, corpus, shipped, load(shipped))


@pytest.fixture(scope="module")
def table(measured: list[Measured]) -> dict[str, Line]:
    return {line.name: line for line in lines(measured)}


def test_every_row_has_its_record(corpus: Path, shipped: dict[str, Source]) -> None:
    wrong = {
        (row.file, row.identifier): len(found)
        for row, found in records(ROWS, corpus, shipped)
        if len(found) != 1
    }
    assert not wrong


def test_no_record_is_read_twice() -> None:
    counted = Counter((row.file, row.identifier) for row in ROWS)
    assert [key for key, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("name", [*GROUPS, "overall"])
def test_what_is_understood(table: dict[str, Line], name: str) -> None:
    assert table[name].ours.f1 >= WANTED, table[name].ours


@pytest.mark.parametrize("name", [*GROUPS, "overall"])
def test_the_rules_of_recordmanager_understand_less(table: dict[str, Line], name: str) -> None:
    assert table[name].ours.f1 > table[name].peer.f1
