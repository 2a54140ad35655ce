"""Searches that find little are held against the words of the catalogue."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlite_utils
from hypothesis import given
from hypothesis import strategies as st

from harvester.catalogue import asked, index, spelling, store
from harvester.catalogue.spelling import distance, suggestions
from harvester.catalogue.store import Entry

Build = Callable[..., Entry]


@pytest.fixture
def shelf(catalogue: sqlite_utils.Database, entry: Build) -> sqlite_utils.Database:
    """Words, each in so many records."""
    titles = [
        "sociologie",
        "arbeidsmarkt",
        "onderwijs en arbeidsmarkt",
        "chômage",
        "action publique",
    ]
    store.put(
        catalogue,
        [
            entry(10 * number + again, title=title, languages=["fra"])
            for number, title in enumerate(titles)
            for again in range(4)
        ],
    )
    index.store(catalogue)
    return catalogue


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("sociolgie", "sociologie"),
        ("ociologie", "sociologie"),
        ("zociologie", "sociologie"),
        ("osciologie", "sociologie"),
        ("SOCIOLOGGIE", "sociologie"),
        ("soziologie", "sociologie"),
        ("sosiolozie", "sociologie"),
        ("chomge", "chomage"),
        ("chômâgé", None),
        ("sociologie", None),
        ("arbeids markt", "arbeidsmarkt"),
        ("onderwijsarbeidsmarkt", "onderwijs arbeidsmarkt"),
        ("onderwys arbeidsmrkt", "onderwijs arbeidsmarkt"),
        ('"action publiqe"', '"action publique"'),
        ("title:sociolgie year:2015", "title:sociologie year:2015"),
        ("titel:sociolgie -chomge", "titel:sociologie -chomge"),
        ("sociolgie OR chomge", "sociologie OR chomage"),
        ("(sociolgie)", "(sociologie)"),
        ("sociolgi*", None),
        ("NOT sociolgie", None),
        ("10.1000/sociolgie", None),
        ("year:soon", None),
        ("xyzzy", None),
        ("ab", None),
        ("", None),
        ("sociolgie\x00", "sociologie "),
    ],
)
def test_what_may_be_meant(shelf: sqlite_utils.Database, text: str, meant: str | None) -> None:
    found = suggestions(shelf.conn, text)
    if meant is None:
        assert found == []
    else:
        assert meant in found


def test_a_frequent_word_is_meant_and_not_a_rare_one(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    titles = ["Migration"] * 5 + ["Migratoin", "Migrations"]
    store.put(catalogue, [entry(n, title=title) for n, title in enumerate(titles, start=1)])
    index.store(catalogue)
    assert suggestions(catalogue.conn, "migratoin")[0] == "migration"
    assert suggestions(catalogue.conn, "migration") == []


def test_the_table_of_words_follows_the_records_at_a_distance(
    catalogue: sqlite_utils.Database, entry: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spelling, "OFTEN", 2)

    def words() -> dict[str, int]:
        return dict(iter(catalogue.execute("select word, records from words")))

    store.put(catalogue, [entry(1, title="Straße 2020 Häuser"), entry(2, title="häuser")])
    index.store(catalogue)
    assert {"strasse", "straße"} <= words().keys()
    assert words()["hauser"] == 2
    assert not any(word.startswith("ǂ") or "2" in word for word in words())
    store.put(catalogue, [entry(3, title="Neuwort")])
    index.store(catalogue)
    assert "neuwort" not in words()
    store.put(catalogue, [entry(4, title="Neuwort"), entry(5)])
    index.store(catalogue)
    assert words()["neuwort"] == 2


def test_no_erased_word_stays(catalogue: sqlite_utils.Database, entry: Build) -> None:
    store.put(catalogue, [entry(1, title="Geheimnis")])
    index.store(catalogue)
    store.remove(catalogue, [1])
    store.write_anew(catalogue)
    assert list(catalogue.execute("select * from words")) == []


@given(st.text(max_size=80))
def test_any_text_has_parts_and_words(text: str) -> None:
    usable, spans = asked.spelled(text)
    assert all(usable[start:end].isalpha() for start, end in spans)
    for part, rest in asked.parts(text):
        assert part.strip()
        assert len(rest) < len(usable)


LETTERS = st.text("abc", max_size=6)


@given(LETTERS, LETTERS)
def test_the_distance_is_what_it_is_called(one: str, other: str) -> None:
    assert distance(one, other, 2) == distance(other, one, 2)
    assert (distance(one, other, 2) == 0) == (one == other)
    near = {one[:i] + one[i + 1 :] for i in range(len(one))}
    near |= {one[:i] + letter + one[i + 1 :] for i in range(len(one)) for letter in "abc"}
    near |= {one[:i] + letter + one[i:] for i in range(len(one) + 1) for letter in "abc"}
    near |= {one[:i] + one[i + 1] + one[i] + one[i + 2 :] for i in range(len(one) - 1)}
    assert (distance(one, other, 2) <= 1) == (other in near | {one})


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", []),
        ("a b", [("a", "b"), ("b", "a")]),
        ("a OR b c", [("a OR b", "c"), ("c", "a OR b")]),
        ('"a b" -c', [('"a b"', "-c"), ("-c", '"a b"')]),
        ("a NOT b", [("a", "NOT b"), ("NOT b", "a")]),
        ("a year:2015", [("a", "year:2015"), ("year:2015", "a")]),
    ],
)
def test_the_parts_of_a_text(text: str, parts: list[tuple[str, str]]) -> None:
    assert asked.parts(text) == parts
