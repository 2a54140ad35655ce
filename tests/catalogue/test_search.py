from __future__ import annotations

import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlite_utils

from harvester.archive.status import SourceStatus
from harvester.catalogue import facets, search, store
from harvester.catalogue.query import FACETS, Query, from_parameters
from harvester.catalogue.search import Counts, SourceCount
from harvester.catalogue.store import Entry
from harvester.model import Abstract, Agent, Identifiers, Keyword, Origin, Record

Build = Callable[..., Entry]


@pytest.fixture
def shelf(catalogue: sqlite_utils.Database, entry: Build) -> sqlite_utils.Database:
    """Six live records and two tombstones."""
    store.put(
        catalogue,
        [
            entry(
                1,
                title="Zorg en arbeid",
                year=2010,
                keywords=[Keyword("arbeid"), Keyword("zorg")],
                creators=[Agent("Peeters, An")],
                languages=["nld"],
                type="book",
                added="2026-03-01",
            ),
            entry(
                2,
                title="École et travail",
                year=2020,
                keywords=[Keyword("travail"), Keyword("école")],
                creators=[Agent("Peeters, An"), Agent("Gérard, Julie")],
                languages=["fra", "nld"],
                type="journal article",
                peer_reviewed=True,
            ),
            entry(
                3,
                title="Labour",
                abstracts=[Abstract("On arbeid, zorg and much else.", "eng")],
                languages=["eng"],
                source="base",
                type="book",
                peer_reviewed=False,
            ),
            entry(4, title="«Arbeid» adelt", year=2020, keywords=[Keyword("arbeid")]),
            entry(5, year=1999, oai_identifier="oai:orbi:5"),
            entry(
                6,
                title="Copy",
                year=1999,
                source="base",
                oai_identifier="oai:base:6",
                origin=Origin("ORBi", "oai:orbi:5"),
            ),
            entry(7, title="Weg", deleted=True, oai_identifier="oai:orbi:7"),
            entry(8, source="base", deleted=True, oai_identifier="oai:orbi:5"),
        ],
    )
    return catalogue


def numbers(db: sqlite_utils.Database, query: Query) -> list[int]:
    found = search.search(db.conn, query, limit=100)
    assert found.total == len(found.records)
    assert list(search.stream(db.conn, query, batch=2)) == found.records
    return [int(record.id.rpartition("-")[2]) for record in found.records]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(), [4, 2, 1, 6, 5, 3]),
        (Query(sort="newest"), [4, 2, 1, 6, 5, 3]),
        (Query(sort="relevance"), [4, 2, 1, 6, 5, 3]),
        (Query(sort="oldest"), [5, 6, 1, 2, 4, 3]),
        (Query(sort="title"), [4, 6, 2, 3, 1, 5]),
        (Query(sort="added"), [1, 6, 5, 4, 3, 2]),
        (Query(sort="by magic"), [4, 2, 1, 6, 5, 3]),
        (Query("arbeid"), [4, 1, 3]),
        (Query("arbeid", sort="title"), [4, 3, 1]),
        (Query("arbeid", sort="oldest"), [1, 4, 3]),
        (Query("-arbeid"), [2, 6, 5]),
        (Query("-arbeid", facets={"source": ("base",)}), [6]),
        (Query("arbeid -zorg"), [4]),
        (Query(facets={"keyword": ("arbeid",)}), [4, 1]),
        (Query(facets={"keyword": ("arbeid", "zorg")}), [1]),
        (Query(facets={"keyword": ("Arbeid",)}), []),
        (Query(facets={"creator": ("Peeters, An", "Gérard, Julie")}), [2]),
        (Query(facets={"language": ("nld",)}), [2, 1]),
        (Query(facets={"language": ("nld", "fra")}), [2, 1]),
        (Query(facets={"language": ("eng", "fra"), "type": ("book",)}), [3]),
        (Query(facets={"year": ("2020", "1999")}), [4, 2, 6, 5]),
        (Query(facets={"year": ("soon",)}), []),
        (Query(facets={"peer_reviewed": ("true",)}), [2]),
        (Query(facets={"peer_reviewed": ("true", "false")}), [2, 3]),
        (Query(years=(2010, None)), [4, 2, 1]),
        (Query(years=(None, 2010)), [1, 6, 5]),
        (Query(years=(2020, 2020), facets={"keyword": ("arbeid",)}), [4]),
        (Query("zorg", facets={"type": ("book",), "language": ("nld", "eng")}), [1, 3]),
        (Query("nothing of the kind"), []),
        (Query(facets={"source": ("no\x00such",)}), []),
    ],
)
def test_what_is_found_in_which_order(
    shelf: sqlite_utils.Database, query: Query, expected: list[int]
) -> None:
    assert numbers(shelf, query) == expected


def test_tombstones_come_last_and_only_when_asked_for(shelf: sqlite_utils.Database) -> None:
    assert numbers(shelf, Query("arbeid", deleted=True)) == [4, 1, 3, 7, 8]
    assert numbers(shelf, Query(facets={"source": ("base",)}, deleted=True)) == [6, 3, 8]
    page = search.search(shelf.conn, Query(deleted=True), offset=5, limit=2)
    assert [record.id for record in page.records] == ["orbi-3", "orbi-7"]
    assert page.total == 8
    page = search.search(shelf.conn, Query(deleted=True), offset=7, limit=2)
    assert [record.id for record in page.records] == ["orbi-8"]


def test_pages(shelf: sqlite_utils.Database) -> None:
    for query in (Query(), Query("arbeid"), Query("arbeid", sort="oldest")):
        everything = search.search(shelf.conn, query).records
        for offset in range(len(everything) + 2):
            page = search.search(shelf.conn, query, offset=offset, limit=2)
            assert page.records == everything[offset : offset + 2]
            assert page.total == len(everything)


@pytest.mark.parametrize(("offset", "limit"), [(-5, 10), (0, 0), (10**30, 10), (0, 10**30)])
def test_pages_that_make_no_sense(shelf: sqlite_utils.Database, offset: int, limit: int) -> None:
    assert search.search(shelf.conn, Query("arbeid"), offset=offset, limit=limit).total == 3


def test_a_query_as_large_as_it_gets(shelf: sqlite_utils.Database) -> None:
    many = range(100)
    pairs = [(name, f"v{number}") for name in FACETS for number in many]
    for words in ("", "arbeid " * 100, " ".join(f"-w{number}" for number in many)):
        query = from_parameters([*pairs, ("q", words), ("years", "1-9999")])
        assert search.search(shelf.conn, query).total == 0
        assert len(facets.count(shelf.conn, query)) == len(FACETS)


def test_single_records(shelf: sqlite_utils.Database) -> None:
    live, gone = search.get(shelf.conn, "orbi-1"), search.get(shelf.conn, "orbi-7")
    assert live is not None
    assert (live.title, live.deleted) == ("Zorg en arbeid", False)
    assert gone is not None
    assert (gone.title, gone.deleted) == ("Weg", True)
    assert search.get(shelf.conn, "orbi-99") is None
    assert search.get(shelf.conn, "' or 1=1 --") is None


def test_records_by_oai_identifier_carriers_before_copies(shelf: sqlite_utils.Database) -> None:
    found = search.by_oai_identifier(shelf.conn, "oai:orbi:5")
    assert [record.id for record in found] == ["orbi-5", "orbi-8", "orbi-6"]
    assert search.by_oai_identifier(shelf.conn, "oai:orbi:99") == []


def test_counts(shelf: sqlite_utils.Database) -> None:
    assert search.counts(shelf.conn) == Counts(
        6, 2, {"base": SourceCount(2, 1), "orbi": SourceCount(4, 1)}
    )


def test_newest_are_those_that_came_last(shelf: sqlite_utils.Database) -> None:
    assert [record.id for record in search.newest(shelf.conn, 2)] == ["orbi-1", "orbi-6"]


def test_the_words_of_a_title_or_keyword_weigh_more(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    filler = [
        entry(number, title="Iets anders", abstracts=[Abstract("woord")]) for number in range(9, 30)
    ]
    store.put(
        catalogue,
        [
            entry(1, abstracts=[Abstract("migratie migratie")]),
            entry(2, keywords=[Keyword("migratie")]),
            entry(3, title="migratie"),
            *filler,
        ],
    )
    assert numbers(catalogue, Query("migratie")) == [3, 2, 1]


@pytest.mark.parametrize(
    "pasted", ["10.1177/abc", "https://doi.org/10.1177/ABC", "doi:10.1177/abc"]
)
def test_the_record_of_a_pasted_identifier_comes_first(
    catalogue: sqlite_utils.Database, entry: Build, pasted: str
) -> None:
    store.put(
        catalogue,
        [
            entry(1, title="10.1177/abc, 10.1177/abc and again 10.1177/abc"),
            entry(2, identifiers=Identifiers(doi="10.1177/abc.2")),
            entry(
                3, abstracts=[Abstract("Long. " * 99)], identifiers=Identifiers(doi="10.1177/abc")
            ),
            entry(4, title="10.1177/abc", identifiers=Identifiers(doi="10.1177/abcd")),
        ],
    )
    assert numbers(catalogue, Query(pasted))[0] == 3


def test_fields_choose_by_facets(shelf: sqlite_utils.Database) -> None:
    put_sources(shelf, "orbi", "Open Repository, Liège")
    for text, expected in {
        "année:2020": [4, 2],
        "2020": [],
        "jaar:-2010 -year:1999": [1],
        "type:Buch": [1, 3],
        "type:article Sprache:Französisch": [2],
        "lang:fr OR zorg": [2, 1, 3],
        "zorg lang:nl": [1],
        "source:base": [6, 3],
        "source:liege": [4, 2, 1, 5],
        'source:"open repository"': [4, 2, 1, 5],
        "source:lieg": [],
        "source:lieg*": [4, 2, 1, 5],
        "-source:liège": [6, 3],
        "author:peeters -year:2020": [1],
        "author:peeters OR year:1999": [2, 1, 6, 5],
    }.items():
        assert sorted(numbers(shelf, Query(text))) == sorted(expected), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type:marionette", [1, 2]),
        ("type:Marionette", [1, 2]),
        ('type:"pièce de marionette"', [2]),
        ('type:"Piece de Marionette"', [2]),
        ("type:marion*", [1, 2]),
        ("type:marion", []),
        ("type:Podcast", [4]),
        ("language:KSH", [1]),
        ("-type:Marionette -language:ksh", [3, 4]),
        ("type:Marionette OR type:book", [1, 2, 3]),
        ("type:book", [3]),
        ("type:book*", [3]),
    ],
)
def test_a_value_that_no_table_knows_is_found_by_its_words(
    catalogue: sqlite_utils.Database, entry: Build, text: str, expected: list[int]
) -> None:
    """A librarian's own types, one by a name that the shipped table has for another, and a code."""
    entries = [
        entry(1, type="marionette", languages=["ksh"]),
        entry(2, type="pièce de marionette"),
        entry(3, type="book"),
        entry(4, type="podcast"),
    ]
    store.put(catalogue, entries)
    assert sorted(numbers(catalogue, Query(text))) == expected
    (counted,) = facets.count(catalogue.conn, Query(text), ["source"])
    assert sum(value.count for value in counted.values) == len(expected)


def put_sources(db: sqlite_utils.Database, name: str, title: str) -> None:
    status = SourceStatus(name, title, None, "complete", None, None, None, 0, 0, 0, 0, 0, 0, 0)
    store.put_sources(db, [status])


def test_a_connection_that_may_only_read_is_enough(
    shelf: sqlite_utils.Database, tmp_path: Path
) -> None:
    with closing(store.open_for_reading(tmp_path)) as reader:
        reader.execute("pragma query_only = on")
        reader.row_factory = sqlite3.Row
        query = Query("arbeid", facets={"language": ("nld", "eng")}, deleted=True)
        assert search.search(reader, query).total == 4
        assert len(list(search.stream(reader, query))) == 4
        assert search.counts(reader).records == 6
        assert not reader.in_transaction


def test_a_stream_keeps_to_its_hits_while_a_harvest_commits(
    shelf: sqlite_utils.Database, entry: Build, tmp_path: Path
) -> None:
    with closing(store.open_for_reading(tmp_path)) as reader:
        hits = search.stream(reader, Query(), batch=2)
        first = [next(hits).id, next(hits).id]
        store.put(shelf, [entry(9, year=2026), entry(1, deleted=True), entry(5, year=2026)])
        assert first + [record.id for record in hits] == [
            "orbi-4",
            "orbi-2",
            "orbi-6",
            "orbi-5",
            "orbi-3",
        ]


def test_a_stream_takes_little_memory(catalogue: sqlite_utils.Database, entry: Build) -> None:
    abstract = [Abstract("woord " * 300)]
    store.put(catalogue, (entry(number, abstracts=abstract) for number in range(1, 3001)))

    def peak(records: Iterator[Record]) -> int:
        tracemalloc.start()
        assert sum(1 for _ in records) == 3000
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(search.stream(catalogue.conn, Query("woord"), batch=50)) < 1_500_000
