"""Words are found in their other forms, behind those that are written as they were asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils
from hypothesis import given
from hypothesis import strategies as st

from harvester.catalogue import forms, search, store
from harvester.catalogue.query import Query
from harvester.catalogue.row import COLUMNS
from harvester.catalogue.store import Entry
from harvester.model import Abstract, Agent, Keyword, Record, Title

Build = Callable[..., Entry]


def found(db: sqlite_utils.Database, text: str) -> list[int]:
    records = search.search(db.conn, Query(text)).records
    return [int(record.id.rpartition("-")[2]) for record in records]


@pytest.mark.parametrize(
    ("language", "written", "asked"),
    [
        ("eng", "Migration", "migrations"),
        ("eng", "Labour migrations", "migration"),
        ("eng", "Laws", "law"),
        ("deu", "Der Arbeitsmarkt", "Arbeitsmärkte"),
        ("deu", "Die Arbeitsmärkte", "arbeitsmarkt"),
        ("deu", "Hilfe für Arbeitslose", "Arbeitslosen"),
        ("fra", "Le travailleur", "travailleurs"),
        ("fra", "Les chômeurs", "chomeur"),
        ("fra", "L’emploi", "l'emplois"),
        ("fra", "Politiques de l’emploi", "emplois"),
        ("nld", "Werkloosheid", "werklozen"),
        ("nld", "De vakbond", "vakbonden"),
    ],
)
def test_a_word_is_found_by_its_other_forms(
    catalogue: sqlite_utils.Database, entry: Build, language: str, written: str, asked: str
) -> None:
    store.put(
        catalogue,
        [
            entry(1, title=written, languages=[language]),
            entry(2, keywords=[Keyword(written, language)]),
            entry(3, abstracts=[Abstract(written, language)]),
            entry(4, titles=[Title(written, language)], languages=["spa"]),
            entry(5, title=written),
        ],
    )
    assert sorted(found(catalogue, asked)) == [1, 2, 3, 4, 5]


def test_a_word_as_it_was_asked_for_comes_before_its_other_forms(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    filler = [entry(number, title="Iets anders") for number in range(9, 30)]
    store.put(
        catalogue,
        [
            entry(3, title="Migration", languages=["eng"]),
            entry(2, keywords=[Keyword("migrations")], languages=["eng"]),
            entry(1, title="Migrations", languages=["eng"]),
            *filler,
        ],
    )
    assert found(catalogue, "migrations") == [1, 2, 3]
    assert found(catalogue, "migration")[0] == 3


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ('"migrations"', []),
        ('"labour migrations"', []),
        ("migrations*", []),
        ("migrat*", [1]),
        ("migrat", [1]),
        ("ǂmigrat*", [1]),
        ("title:migrations", [1]),
        ("keyword:migrations", []),
        ("keyword:markets", [1]),
        ("author:migrations", []),
        ("labour -migrations", [1]),
        ("markets OR xylotheque", [1]),
        ("publisher:presses", []),
    ],
)
def test_what_looks_at_words_as_they_are_written(
    catalogue: sqlite_utils.Database, entry: Build, text: str, numbers: list[int]
) -> None:
    store.put(
        catalogue,
        [
            entry(
                1,
                title="Labour migration",
                languages=["eng"],
                keywords=[Keyword("market", "eng")],
                publishers=["Press"],
            )
        ],
    )
    assert found(catalogue, text) == numbers


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Große Straße", "grosse strasse"),
        ("Grosse Strasse", "Große Straße"),
        ("Œuvres", "oeuvres"),
        ("Oeuvres", "œuvres"),
        ("Æsthetik", "aesthetik"),
        ("Sørensen", "Sorensen"),
        ("Sorensen", "SØRENSEN"),
        ("Ĳssel", "ijssel"),
        ("IJssel", "ĳssel"),
        ("eﬃciency", "efficiency"),
        ("efficiency", "eﬃciency"),
        ("Łódź", "lodz"),
        ("Đilas", "djilas OR dilas"),
    ],
)
def test_letters_that_have_no_accent_but_another_spelling(
    catalogue: sqlite_utils.Database, entry: Build, written: str, asked: str
) -> None:
    store.put(
        catalogue,
        [
            entry(1, title=written, languages=["dan"]),
            entry(2, creators=[Agent(written)]),
            entry(3, keywords=[Keyword(written)]),
            entry(4, abstracts=[Abstract(written, "dan")]),
            entry(5, publishers=[written]),
        ],
    )
    assert sorted(found(catalogue, asked)) == [1, 2, 3, 4, 5]
    assert found(catalogue, " OR ".join(f"author:{word}" for word in asked.split())) == [2]


def test_a_catalogue_of_an_earlier_version_gets_the_forms_when_it_is_written_anew(
    tmp_path: Path, entry: Build
) -> None:
    entries = [entry(1, title="Migration", languages=["eng"]), entry(2, deleted=True)]
    with closing(store.open_catalogue(tmp_path)) as db:
        store.put(db, entries)
        columns = ", ".join(f"{column} = null" for column in COLUMNS if "_forms" in column)
        for table in ("records", "deleted_records"):
            db.execute(f"update {table} set {columns}")
        db.execute("insert into records_fts (records_fts) values ('rebuild')")
        db.conn.commit()
        assert found(db, "migrations") == []
        assert found(db, "migration") == [1]
        assert store.put(db, entries) == 2
        assert found(db, "migrations") == [1]
        assert store.put(db, entries) == 0


WORDS = [
    "migrations", "labour", "universities", "arbeitsmärkte", "grosse", "straße", "häuser",
    "travailleurs", "chômeuses", "nationalité", "werkloosheid", "kinderen", "zoekopdrachten",
]  # fmt: skip


@pytest.mark.parametrize("algorithm", forms.ALGORITHMS.values())
def test_both_libraries_stem_alike(algorithm: str) -> None:
    quick: Any = pytest.importorskip("Stemmer").Stemmer(algorithm)
    module = importlib.import_module(f"snowballstemmer.{algorithm}_stemmer")
    plain = getattr(module, f"{algorithm.capitalize()}Stemmer")()
    assert quick.stemWords(WORDS) == plain.stemWords(WORDS)


@pytest.mark.parametrize("language", ["deu", "eng", "fra", "nld"])
@given(text=st.text(st.sampled_from("aeéσΣßœŒ’'-_.,;/1 \n\t\0\xa0“İﬁ\ud800") | st.characters()))
def test_the_forms_of_a_text_are_those_of_its_words(language: str, text: str) -> None:
    record = Record(source="x", title=text, languages=[language])
    expected = [found for word in forms.words(text) if (found := forms._stem(word, language))]
    expected += [forms.plain(word) for word in forms.words(text) if forms.is_unfolded(word)]
    assert forms.of(record)[0].split(" ") == list(dict.fromkeys(expected or [""]))
