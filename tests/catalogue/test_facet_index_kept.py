"""How the facet index is kept: beside the records, in a server, through upgrades."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlite_utils

from harvester import schemas
from harvester.catalogue import changes, facets, index, plain, search, snapshot, store
from harvester.catalogue.bitmaps import build
from harvester.catalogue.cache import Cache
from harvester.catalogue.facets import FacetValue
from harvester.catalogue.fast import PATIENCE, FastIndex
from harvester.catalogue.query import Query
from harvester.catalogue.store import Entry
from harvester.model import Abstract, Container, Keyword

Build = Callable[..., Entry]


def file_of(directory: Path) -> Path:
    return directory / store.FILE


def keywords(connection: sqlite3.Connection) -> dict[str, int]:
    return {value.value: value.count for value in facets.top(connection, "keyword", 10)}


def test_an_older_catalogue_is_upgraded_in_place(tmp_path: Path) -> None:
    old = sqlite_utils.Database(file_of(tmp_path))
    schemas.migrations("catalogue").apply(old, stop_before="facet_index")
    old.execute(
        "insert into records (number, id, source, type, year, peer_reviewed, added, changed, "
        "record) values (1, 'a', 'orbi', 'book', 1999, 0, '2026', '2026', '{}'), "
        "(2, 'b', 'orbi', 'book', null, null, '2026', '2026', '{}')"
    )
    old.execute("insert into keywords (number, value) values (7, 'zorg')")
    old.execute("insert into record_keywords (record, keyword) values (2, 7)")
    old.execute("update catalogue_meta set value = '12' where key = 'generation'")
    old.conn.commit()
    old.close()
    with closing(store.open_catalogue(tmp_path)) as catalogue:
        expected = [
            [FacetValue("book", "book", 2)],
            [FacetValue("1999", "1999", 1)],
            [FacetValue("false", "false", 1)],
            [FacetValue("zorg", "zorg", 1)],
        ]
        names = ("type", "year", "peer_reviewed", "keyword")
        assert isinstance(index.of(catalogue.conn), plain.PlainIndex)
        counted = facets.count(catalogue.conn, Query(), names)
        assert [facet.values for facet in counted] == expected
        kept = index.keep(file_of(tmp_path))
        index.store(catalogue)
        assert isinstance(index.of(catalogue.conn), FastIndex)
        counted = facets.count(catalogue.conn, Query(), names)
        assert [facet.values for facet in counted] == expected
        assert kept is not None


def test_a_snapshot_is_written_only_where_it_pays(
    catalogue: sqlite_utils.Database, entry: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "OFTEN", 3)
    store.put(catalogue, [entry(1), entry(2)])
    index.store(catalogue)
    first = snapshot.facts_of(catalogue.conn)
    assert first is not None
    store.put(catalogue, [entry(3), entry(4)])
    index.store(catalogue)
    assert snapshot.facts_of(catalogue.conn) == first
    store.put(catalogue, [entry(5), entry(6)])
    index.store(catalogue)
    assert snapshot.facts_of(catalogue.conn) != first
    read = snapshot.load(catalogue.conn)
    built = build(catalogue.conn, read.moment)
    assert read.moment == changes.now(catalogue.conn)
    assert (read.bitmaps, read.least) == (built.bitmaps, built.least)
    for number in range(9):
        assert set(read.forward.of(number)) == set(built.forward.of(number))


def test_a_snapshot_of_an_earlier_version_is_dropped_and_written_anew(
    tmp_path: Path, entry: Build
) -> None:
    with closing(store.open_catalogue(tmp_path)) as catalogue:
        store.put(catalogue, [entry(1, keywords=[Keyword("zorg")]), entry(2)])
        index.store(catalogue)
        catalogue.execute("update facet_forward set records = x'00'")
        catalogue.execute("update facet_index set key = 'snapshot' where key like 'snapshot%'")
        catalogue.execute("delete from _sqlite_migrations where name = 'forward_by_facet'")
        catalogue.conn.commit()
    with closing(store.open_catalogue(tmp_path)) as catalogue:
        assert snapshot.facts_of(catalogue.conn) is None
        index.store(catalogue)
        assert snapshot.facts_of(catalogue.conn) is not None
        read = snapshot.load(catalogue.conn)
        assert read.forward.of(1) == build(catalogue.conn, read.moment).forward.of(1)


def test_the_log_of_changes_forgets_the_oldest(
    catalogue: sqlite_utils.Database, entry: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "KEPT", 3)
    moments = [changes.now(catalogue.conn)]
    for number in range(1, 6):
        store.put(catalogue, [entry(number)])
        moments.append(changes.now(catalogue.conn))
    assert changes.since(catalogue.conn, moments[0]) == {1, 2, 3, 4, 5}
    assert changes.since(catalogue.conn, moments[1]) == {2, 3, 4, 5}
    index.store(catalogue)
    assert changes.since(catalogue.conn, moments[2]) is None
    assert changes.since(catalogue.conn, moments[3]) == {4, 5}
    store.remove(catalogue, [4])
    assert changes.since(catalogue.conn, moments[5]) == {4}
    assert changes.since(catalogue.conn, changes.Moment(5, "of another catalogue")) is None


def test_a_server_notices_that_a_backup_was_put_back(
    catalogue: sqlite_utils.Database, entry: Build, tmp_path: Path
) -> None:
    kept = index.keep(file_of(tmp_path))
    store.put(catalogue, [entry(1, keywords=[Keyword("zorg")])])
    with (
        closing(sqlite3.connect(tmp_path / "backup.db")) as backup,
        closing(store.open_for_reading(tmp_path)) as reader,
    ):
        catalogue.conn.backup(backup)
        store.put(catalogue, [entry(2, keywords=[Keyword("a"), Keyword("b")])])
        store.put(catalogue, [entry(3, keywords=[Keyword("a")])])
        assert keywords(reader) == {"a": 2, "b": 1, "zorg": 1}
        backup.backup(catalogue.conn)
        for _ in range(PATIENCE + 2):
            assert keywords(reader) == {"zorg": 1}
        assert isinstance(index.of(reader), FastIndex)
        store.put(catalogue, [entry(2, keywords=[Keyword("a"), Keyword("b")])])
        assert keywords(reader) == {"a": 1, "b": 1, "zorg": 1}
        backup.backup(catalogue.conn)
        store.put(catalogue, [entry(4, keywords=[Keyword("b")])])
        assert keywords(reader) == {"b": 1, "zorg": 1}
        assert isinstance(index.of(reader), FastIndex)
    assert kept is not None


def test_a_server_follows_the_catalogue_and_a_slow_reader_keeps_its_view(
    catalogue: sqlite_utils.Database, entry: Build, tmp_path: Path
) -> None:
    kept = index.keep(file_of(tmp_path))
    store.put(catalogue, [entry(1, keywords=[Keyword("zorg")])])
    with (
        closing(store.open_for_reading(tmp_path)) as slow,
        closing(store.open_for_reading(tmp_path)) as quick,
    ):
        slow.execute("begin")
        assert keywords(slow) == {"zorg": 1}
        store.put(catalogue, [entry(2, keywords=[Keyword("zorg"), Keyword("werk")])])
        assert keywords(quick) == {"zorg": 2, "werk": 1}
        assert isinstance(index.of(slow), FastIndex)
        assert keywords(slow) == {"zorg": 1}
        store.put(catalogue, [entry(1, deleted=True)])
        assert keywords(quick) == {"zorg": 1, "werk": 1}
        assert isinstance(index.of(slow), plain.PlainIndex)
        assert keywords(slow) == {"zorg": 1}
        slow.rollback()
        assert isinstance(index.of(slow), FastIndex)
        assert keywords(slow) == {"zorg": 1, "werk": 1}
    assert kept is not None


def test_bitmaps_are_held_for_as_long_as_somebody_serves(
    catalogue: sqlite_utils.Database, tmp_path: Path
) -> None:
    kept = index.keep(file_of(tmp_path))
    assert isinstance(index.of(catalogue.conn), FastIndex)
    assert index.keep(file_of(tmp_path)) is kept
    del kept
    assert isinstance(index.of(catalogue.conn), plain.PlainIndex)


@pytest.mark.parametrize("lacking", ["all of it", "what numpy is linked with"])
def test_an_installation_without_bitmaps(
    catalogue: sqlite_utils.Database,
    entry: Build,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lacking: str,
) -> None:
    if lacking == "all of it":
        monkeypatch.setattr(index, "FAST", False)
    else:
        monkeypatch.setitem(sys.modules, "numpy", None)
    monkeypatch.setattr(changes, "KEPT", 1)
    assert index.keep(file_of(tmp_path)) is None
    store.put(catalogue, [entry(1, keywords=[Keyword("zorg")])])
    store.put(catalogue, [entry(2, keywords=[Keyword("zorg")])])
    index.store(catalogue)
    assert keywords(catalogue.conn) == {"zorg": 2}
    assert catalogue.table("facet_changes").count == 1
    assert snapshot.facts_of(catalogue.conn) is None


def test_a_value_that_no_record_has_any_more_is_forgotten(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    values = "select facet, value from facet_values where facet in ('container', 'type')"
    store.put(catalogue, [entry(1, container=Container(title="Mens"), type="book")])
    store.put(catalogue, [entry(2, container=Container(title="Geheim"), type="book")])
    store.remove(catalogue, [2])
    assert set(catalogue.execute(values)) == {("container", "Mens"), ("type", "book")}
    store.put(catalogue, [entry(1, container=Container(title="Anders"))])
    assert set(catalogue.execute(values)) == {("container", "Anders")}


@pytest.mark.parametrize("serving", [True, False])
def test_of_very_many_hits_those_with_the_words_in_title_or_keywords_come_first(
    catalogue: sqlite_utils.Database,
    entry: Build,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    serving: bool,
) -> None:
    for module in ("plain", "relevance"):
        monkeypatch.setattr(f"harvester.catalogue.{module}.MOST_RANKED", 3)
    kept = index.keep(file_of(tmp_path)) if serving else None
    store.put(
        catalogue,
        [
            entry(1, title="Zorg", year=2001),
            *(entry(n, keywords=[Keyword("zorg")], year=2000 + n) for n in range(2, 6)),
            *(entry(n, abstracts=[Abstract("zorg " * n)], year=2000 - n) for n in range(6, 10)),
            entry(10, title="Iets", year=2026),
            entry(11, title="Veel meer dan zorg alleen", year=1990),
        ],
    )
    assert isinstance(index.of(catalogue.conn), FastIndex) == serving
    found = [int(record.id[5:]) for record in search.search(catalogue.conn, Query("zorg")).records]
    # Two in titles are few enough to be ranked, the others are not: newest first.
    assert found == [1, 11, 5, 4, 3, 2, 6, 7, 8, 9]
    assert (kept is not None) == serving


def test_what_is_remembered_is_bounded_by_bytes() -> None:
    cache, asked = Cache(100), []

    def ask(key: str) -> str:
        def answer() -> str:
            asked.append(key)
            return key

        return cache.get(key, answer, lambda _: 40)

    assert [ask(key) for key in "aabacab"] == list("aabacab")
    assert asked == ["a", "b", "c", "b"]
    assert cache.size == 80
    assert cache.get("large", lambda: "x", lambda _: 101) == "x"
    assert cache.size == 80


@pytest.mark.parametrize("serving", [True, False])
def test_all_values_of_a_facet_by_the_page(
    catalogue: sqlite_utils.Database, entry: Build, tmp_path: Path, serving: bool
) -> None:
    kept = index.keep(file_of(tmp_path)) if serving else None
    labels = ["École", "zorg", "Arbeid", "ecologie"]
    store.put(
        catalogue,
        [
            entry(n, keywords=[Keyword(label) for label in labels[n - 1 :]], languages=["nld"])
            for n in range(1, 5)
        ],
    )
    connection = catalogue.conn

    def page(query: Query = Query(), **how: object) -> tuple[int, list[tuple[str, int]]]:  # noqa: B008
        found = facets.values(connection, query, "keyword", **how)  # type: ignore[arg-type]
        return found.total, [(value.value, value.count) for value in found.values]

    counts = [("ecologie", 4), ("Arbeid", 3), ("zorg", 2), ("École", 1)]
    assert page() == (4, counts)
    assert page(offset=1, limit=2) == (4, counts[1:3])
    assert [value for value, _ in page(alphabetical=True)[1]] == [
        "Arbeid", "École", "ecologie", "zorg",
    ]  # fmt: skip
    assert page(containing="éCO") == (2, [("ecologie", 4), ("École", 1)])
    assert page(Query(facets={"keyword": ("zorg",)})) == (
        4, [("Arbeid", 2), ("ecologie", 2), ("zorg", 2), ("École", 1)],
    )  # fmt: skip
    chosen = facets.values(connection, Query(facets={"keyword": ("zorg",)}), "keyword").values
    assert [value.value for value in chosen if value.chosen] == ["zorg"]
    assert page(Query(excluded={"keyword": ("École",)}))[0] == 3
    assert (kept is not None) == serving


@pytest.mark.parametrize(
    ("labels", "query"),
    [
        # "b" has a bitmap; "a" is rare, and as many of the hits have it.
        ([["b"], ["b", "a"], ["b", "a"]], Query(excluded={"type": ("book",)})),
        # Both have bitmaps, and "b" is looked at first.
        ([["a", "b"], ["a", "b"], ["a", "b"]], Query()),
    ],
)
def test_of_values_that_tie_at_the_limit_the_first_is_taken(
    catalogue: sqlite_utils.Database,
    entry: Build,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    labels: list[list[str]],
    query: Query,
) -> None:
    monkeypatch.setattr("harvester.catalogue.fast.NARROW", 0)
    monkeypatch.setattr("harvester.catalogue.bitmaps.MOST", 1)
    monkeypatch.setattr("harvester.catalogue.bitmaps.RARE", 3)
    kept = index.keep(file_of(tmp_path))
    store.put(
        catalogue,
        [
            entry(n, keywords=[Keyword(label) for label in some], type="book" if n == 1 else None)
            for n, some in enumerate(labels, start=1)
        ],
    )
    assert isinstance(index.of(catalogue.conn), FastIndex)
    (facet,) = facets.count(catalogue.conn, query, ("keyword",), 1)
    expected = len([some for some in labels if "a" in some])
    assert facet.values == [FacetValue("a", "a", expected)]
    assert kept is not None
