"""Records on the same subjects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harvester.catalogue import alike
from harvester.catalogue.store import Entry, open_catalogue, put
from harvester.model import Discipline, Keyword, Record

Ask = Callable[..., list[str]]


def record(name: str, *keywords: str, **facts: object) -> Record:
    given = {"source": "a", "title": name, "keywords": [Keyword(word) for word in keywords]}
    return Record(id=name, **{**given, **facts})  # type: ignore[arg-type]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Ask one of the questions about the first of some records, and get ids."""

    def asked(question: Callable[..., list[Record]], *records: Record) -> list[str]:
        db = open_catalogue(tmp_path)
        when = "2026-01-01T00:00:00Z"
        put(db, [Entry(number, one, when, when) for number, one in enumerate(records, start=1)])
        found = [one.id for one in question(db.conn, records[0])]
        db.close()
        return found

    return asked


def test_more_and_rarer_keywords_come_first(ask: Ask) -> None:
    common = [record(f"c{number}", "policy") for number in range(5)]
    rare = record("rare", "dikes")
    both = record("both", "dikes", "policy")
    found = ask(alike.similar, record("me", "policy", "dikes"), *common, rare, both)
    assert found[:2] == ["both", "rare"]
    assert len(found) == 5
    assert "me" not in found


def test_a_common_discipline_alone_is_not_alike(ask: Ask) -> None:
    field = [Discipline("s", code="1", en="Sociology")]
    same = record("same", "dikes", disciplines=field)
    other = record("other", "dikes")
    only = record("only", "trams", disciplines=field)
    found = ask(alike.similar, record("me", "dikes", disciplines=field), other, same, only)
    assert found == ["same", "other"]


def test_without_keywords_nothing_is_alike(ask: Ask) -> None:
    assert ask(alike.similar, record("me"), record("other", "dikes")) == []
