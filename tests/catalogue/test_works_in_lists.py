"""Works as lists, single addresses and downloads give them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlite_utils

from harvester.catalogue import alike, facets, index, search, store, works
from harvester.catalogue.facets import FacetValue
from harvester.catalogue.moments import moments
from harvester.catalogue.query import FACETS, Query
from harvester.catalogue.store import Entry
from harvester.catalogue.works import Work
from harvester.model import Abstract, Keyword, Provider, Title

Build = Callable[..., Entry]

WORK = Work(1, "work-a", "key-of-a")
OTHER = Work(5, "work-b", "key-of-b")
ALL = Query(works=True)


@pytest.fixture
def linked(catalogue: sqlite_utils.Database, entry: Build) -> sqlite_utils.Database:
    """Two works of two copies each, 1 and 2, 4 and 5, and a record that is in none."""
    store.put(
        catalogue,
        [
            entry(1, title="Zorg en arbeid", year=2019, keywords=[Keyword("zorg")]),
            entry(
                2,
                id="base-2",
                source="base",
                title="Zorg",
                year=2018,
                keywords=[Keyword("arbeid")],
                abstracts=[Abstract("Over scholing.", "nld")],
                provider=Provider("BASE"),
            ),
            entry(3, title="Arbeid", year=2020, keywords=[Keyword("arbeid"), Keyword("zorg")]),
            entry(4, title="Onderwijs", year=2001, languages=["nld"], added="2026-05"),
            entry(5, title="Onderwijs", year=2021, languages=["nld"], changed="2026-07"),
        ],
    )
    works.replace(catalogue, [WORK, OTHER], {1: 1, 2: 1, 4: 5, 5: 5}, 1)
    return catalogue


@pytest.fixture(params=["by bitmaps", "by SQL"], autouse=True)
def form(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Both forms of the facet index."""
    kept = index.keep(tmp_path / store.FILE) if request.param == "by bitmaps" else None
    yield
    assert (kept is not None) == (request.param == "by bitmaps")


def ids(db: sqlite_utils.Database, query: Query) -> list[str]:
    return [record.id for record in search.search(db.conn, query).records]


def test_a_work_is_one_hit_in_the_order_of_its_lead(linked: sqlite_utils.Database) -> None:
    assert search.search(linked.conn, ALL).total == 3
    assert ids(linked, Query(works=True)) == ["orbi-3", "work-a", "work-b"]
    assert ids(linked, Query(works=True, sort="oldest")) == ["work-b", "work-a", "orbi-3"]
    assert ids(linked, Query(works=True, sort="added")) == ["work-b", "orbi-3", "work-a"]
    assert ids(linked, Query()) == ["orbi-5", "orbi-3", "orbi-1", "base-2", "orbi-4"]


def test_copies_speak_together_but_words_stand_in_one_copy(linked: sqlite_utils.Database) -> None:
    both: dict[str, tuple[str, ...]] = {"keyword": ("arbeid", "zorg")}
    assert ids(linked, Query(facets=both)) == ["orbi-3"]
    assert ids(linked, Query(facets=both, works=True)) == ["orbi-3", "work-a"]
    assert ids(linked, Query("scholing year:2019")) == []
    assert ids(linked, Query("scholing year:2019", works=True)) == ["work-a"]
    assert ids(linked, Query("scholing arbeid", works=True)) == ["work-a"]  # both in copy 2
    assert ids(linked, Query("scholing en", works=True)) == []
    assert ids(linked, Query(years=(2020, 2021), works=True)) == ["orbi-3", "work-b"]


def test_what_one_copy_has_leaves_the_work_out(linked: sqlite_utils.Database) -> None:
    assert ids(linked, Query("zorg -scholing")) == ["orbi-1", "orbi-3"]
    assert ids(linked, Query("zorg -scholing", works=True)) == ["orbi-3"]
    assert ids(linked, Query("-year:2018", works=True)) == ["orbi-3", "work-b"]
    base: dict[str, tuple[str, ...]] = {"source": ("base",)}
    assert ids(linked, Query(excluded=base, works=True)) == ["orbi-3", "work-b"]


def test_values_are_counted_once_a_work(linked: sqlite_utils.Database) -> None:
    counted = {facet.name: facet for facet in facets.count(linked.conn, ALL, FACETS)}
    assert counted["keyword"].values == [
        FacetValue("arbeid", "arbeid", 2),
        FacetValue("zorg", "zorg", 2),
    ]
    assert counted["source"].values == [
        FacetValue("orbi", "orbi", 3),
        FacetValue("base", "base", 1),
    ]
    assert counted["language"].values == [FacetValue("nld", "nld", 1)]
    assert counted["year"].total_values == 5
    page = facets.values(linked.conn, ALL, "keyword")
    assert (page.total, page.values) == (2, counted["keyword"].values)
    (among,) = facets.among(linked.conn, [2, 3], ("source",), works=True)
    assert among.values == [FacetValue("orbi", "orbi", 2), FacetValue("base", "base", 1)]


def test_a_work_ranks_as_its_best_copy_does(catalogue: sqlite_utils.Database, entry: Build) -> None:
    store.put(
        catalogue,
        [
            entry(
                1, title="Iets anders", abstracts=[Abstract("Onderwijs en zorg.", "nld")], year=1
            ),
            entry(2, title="Onderwijs", provider=Provider("BASE")),
            entry(3, title="Ook anders", titles=[Title("Onderwijs, anders gezien", "nld")]),
            *(entry(number, title="Iets") for number in range(4, 12)),
        ],
    )
    query = Query("onderwijs")
    assert ids(catalogue, query) == ["orbi-2", "orbi-3", "orbi-1"]
    works.replace(catalogue, [WORK], {1: 1, 2: 1}, 1)
    assert ids(catalogue, Query("onderwijs", works=True)) == ["work-a", "orbi-3"]


def test_pages_have_no_gaps_and_nothing_twice(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    store.put(
        catalogue,
        [entry(n, title="Zorg " * (n % 4 + 1), year=2000 + n % 3 or None) for n in range(1, 60)],
    )
    founders = range(1, 60, 6)
    minted = [Work(n, f"work-{n}", f"key-of-{n}") for n in founders]
    works.replace(catalogue, minted, {n + k: n for n in founders for k in range(n % 4)}, 1)
    for sort in ("relevance", "newest", "oldest", "title", "added"):
        query = Query("zorg", sort=sort, works=True)
        everything = [record.id for record in search.stream(catalogue.conn, query, batch=7)]
        total = search.search(catalogue.conn, query, limit=0).total
        pages = [
            record.id
            for offset in range(0, total, 5)
            for record in search.search(catalogue.conn, query, offset=offset, limit=5).records
        ]
        assert pages == everything
        assert len(set(pages)) == len(pages) == total


def test_every_record_carries_the_id_of_its_work(linked: sqlite_utils.Database) -> None:
    assert {record.id: record.work for record in search.stream(linked.conn, Query())} == {
        "orbi-1": "work-a", "base-2": "work-a", "orbi-3": None, "orbi-4": "work-b",
        "orbi-5": "work-b",
    }  # fmt: skip
    record = search.get(linked.conn, "base-2")
    assert record is not None
    assert record.work == "work-a"
    assert [record.work for record in search.stream(linked.conn, ALL)] == [
        None, "work-a", "work-b",
    ]  # fmt: skip


def test_the_view_of_a_work_by_its_id(linked: sqlite_utils.Database) -> None:
    view = search.get(linked.conn, "work-a")
    assert view is not None
    assert (view.id, view.work, view.citekey, view.source) == (
        "work-a",
        "work-a",
        "key-of-a",
        "orbi",
    )
    assert view == search.search(linked.conn, ALL).records[1]
    assert view.abstracts == [Abstract("Over scholing.", "nld")]
    assert search.get(linked.conn, "work-z") is None
    found = search.by_ids(linked.conn, ["orbi-3", "work-a", "nothing", "base-2"])
    assert {id_: record.id for id_, record in found.items()} == {
        "orbi-3": "orbi-3", "work-a": "work-a", "base-2": "base-2",
    }  # fmt: skip


def test_what_became_of_a_work(linked: sqlite_utils.Database, entry: Build) -> None:
    # It was merged into another: that one is meant.
    works.move(linked, [], {4: 1, 5: 1}, 2)
    assert [search.get(linked.conn, id_).id for id_ in ("work-a", "work-b")] == ["work-a"] * 2  # type: ignore[union-attr]
    merged = search.by_ids(linked.conn, ["work-b", "work-a"])
    assert [record.id for record in merged.values()] == ["work-a", "work-a"]
    # All records have left it: the one that founded it is meant.
    works.move(linked, [], {4: None, 5: None}, 3)
    alone = search.get(linked.conn, "work-b")
    assert alone is not None
    assert (alone.id, alone.work) == ("orbi-5", None)
    store.put(linked, [entry(5, title="Onderwijs", deleted=True)])
    gone = search.get(linked.conn, "work-b")
    assert gone is not None
    assert (gone.id, gone.deleted) == ("orbi-5", True)
    assert search.by_ids(linked.conn, ["work-b"]) == {}
    store.remove(linked, [5])
    assert search.get(linked.conn, "work-b") is None


def test_a_work_whose_copies_are_gone(linked: sqlite_utils.Database, entry: Build) -> None:
    store.put(linked, [entry(1, title="Zorg en arbeid", deleted=True)])
    left = search.get(linked.conn, "work-a")
    assert left is not None
    assert (left.id, left.source, left.citekey) == ("work-a", "base", "key-of-a")
    assert ids(linked, Query(works=True, facets={"source": ("base",)})) == ["work-a"]
    store.put(linked, [entry(2, id="base-2", source="base", deleted=True)])
    gone = search.get(linked.conn, "work-a")
    assert gone is not None
    assert (gone.id, gone.work, gone.deleted, gone.title) == (
        "work-a", "work-a", True, "Zorg en arbeid",
    )  # fmt: skip
    assert "work-a" not in ids(linked, ALL)
    store.remove(linked, [1, 2])
    assert search.get(linked.conn, "work-a") is None


def test_a_work_that_another_leads_meanwhile_is_still_given_once(
    linked: sqlite_utils.Database, tmp_path: Path
) -> None:
    with closing(store.open_for_reading(tmp_path)) as reader:
        given = search.stream(reader, Query(works=True), batch=1)
        assert next(given).id == "orbi-3"
        works.move(linked, [], {4: 1, 5: 1}, 2)
        assert [record.id for record in given] == ["work-a"]
        given = search.stream(reader, Query(works=True, sort="oldest"), batch=1)
        lead = works.leads(reader, [1])[1]
        assert next(given).id == "work-a"
        store.remove(linked, [lead])
        assert [record.id for record in given] == ["orbi-3"]


def test_similar_works_are_listed_once_and_never_the_own_one(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    words = [Keyword("zorg"), Keyword("arbeid")]
    store.put(catalogue, [entry(number, keywords=words) for number in range(1, 6)])
    works.replace(catalogue, [WORK, Work(3, "work-c", None)], {1: 1, 2: 1, 3: 3, 4: 3}, 1)
    for id_ in ("orbi-1", "orbi-2", "work-a"):
        record = search.get(catalogue.conn, id_)
        assert record is not None
        found = [other.id for other in alike.similar(catalogue.conn, record)]
        assert sorted(found) == ["orbi-5", "work-c"]


def test_a_work_came_with_its_lead_and_changed_with_its_last_copy(
    linked: sqlite_utils.Database,
) -> None:
    known = moments(linked.conn, ["work-b", "orbi-3", "work-z"])
    assert {id_: tuple(when) for id_, when in known.items()} == {
        "work-b": ("2026-05", "2026-07"),
        "orbi-3": ("2026-01-01", "2026-01-01"),
    }


def test_the_sources_of_copies(linked: sqlite_utils.Database) -> None:
    assert works.sources(linked.conn, ["work-a", "work-b", "orbi-3"]) == {
        "work-a": ["orbi", "base"],
        "work-b": ["orbi", "orbi"],
    }
