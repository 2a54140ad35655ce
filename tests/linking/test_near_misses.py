"""Records that are easily mistaken for each other stay apart; one publication is known again."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from harvester import schemas, sources
from harvester.linking import weighing
from harvester.linking.evidence import compare
from harvester.linking.traits import traits
from harvester.model import Record
from harvester.normalise import load, names, understand
from tests.corpus import BASE_FILES, BASE_PREFIX, in_file

TABLE = weighing.load()
GROUPS = yaml.safe_load(Path(__file__).with_name("near_misses.yml").read_text("utf-8"))
CATALOGUE = sources.from_table(schemas.load("sources.yml"))
TABLES = load(CATALOGUE)
UTRECHT = "19b55e5f6b72790e7649f19f8388038d37f2d2b46c570371a4d7e3f7a18476ad"
ROTTERDAM = "f9eedb2c5a7f7ef973aea71b5003b1bb4f2a3f8844e4ce4c4445025e74008ec6"
ROWS = [
    pytest.param(row["one"], {"source": "b"} | row["one"] | row["other"], group["joined"], id=name)
    for group in GROUPS
    for number, row in enumerate(group["rows"], 1)
    for name in [f"{group['kind']}-{number}"]
]


def read(row: dict[str, Any]) -> Record:
    """Make a record of a row: names as they are understood, titles without a language."""
    known = {field: value for field, value in row.items() if value is not None}
    agents = [names.parse(name, TABLES.names)[0] for name in known.pop("creators", [])]
    titles = [{"text": title} for title in known.pop("titles", [])]
    record = msgspec.convert({"source": "a"} | known | {"titles": titles}, Record)
    return msgspec.structs.replace(record, creators=[agent for agent in agents if agent])


@pytest.mark.parametrize(("one", "other", "joined"), ROWS)
def test_near_misses(one: dict[str, Any], other: dict[str, Any], joined: bool) -> None:
    first, second = traits(read(one)), traits(read(other))
    for found in (
        compare(first, second, TABLE.weights, lambda _: 1),
        compare(second, first, TABLE.weights, lambda _: 1),
    ):
        assert (found.score > 0 and not found.veto) == joined, (found.score, found.veto)


@pytest.mark.parametrize(("one", "other"), [row.values[:2] for row in ROWS if row.values[2]])
def test_copies_in_one_repository(one: dict[str, Any], other: dict[str, Any]) -> None:
    found = compare(
        traits(read(one)), traits(read(other | {"source": "a"})), TABLE.weights, lambda _: 1
    )
    assert found.score > 0
    assert not found.veto


def test_the_order_makes_no_difference_to_any_two_of_them() -> None:
    found = [traits(read(row)) for param in ROWS for row in param.values[:2]]  # type: ignore[arg-type]
    chance = random.Random(7)
    for _ in range(5000):
        one, other = chance.choice(found), chance.choice(found)
        there = compare(one, other, TABLE.weights, lambda _: 1)
        back = compare(other, one, TABLE.weights, lambda _: 1)
        assert there.veto == back.veto
        assert there.score == pytest.approx(back.score)


def test_there_are_enough_rows_and_none_twice() -> None:
    count = Counter(group["joined"] for group in GROUPS for _ in group["rows"])
    assert count[False] >= 200
    assert count[True] >= 60
    written = [str(row) for group in GROUPS for row in group["rows"]]
    assert len(set(written)) == len(written)


def test_the_real_pair_without_a_common_identifier(corpus: Path) -> None:
    found = {
        one.raw.identifier.removeprefix(BASE_PREFIX): understand(one.raw, one.source, TABLES).record
        for one in in_file(corpus, BASE_FILES[0], CATALOGUE)
    }
    one, other = traits(found[UTRECHT]), traits(found[ROTTERDAM])
    evidence = compare(one, other, TABLE.weights, lambda _: 1)
    assert evidence.score > 0
    assert not evidence.veto
