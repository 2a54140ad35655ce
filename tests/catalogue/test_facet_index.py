"""Both forms of the facet index give what SQL gives, whatever was written, removed or broken off.

The limits between broad and narrow, frequent and rare are set so low that a dozen records cross
them all.
"""

from __future__ import annotations

import contextlib
import importlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlite_utils
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.catalogue import changes, facets, index, search, store, works
from harvester.catalogue.query import FACETS, Query
from harvester.catalogue.store import Entry
from harvester.model import Record
from tests.catalogue.test_facet_counts import MEMBERS, QUERIES, RECORDS, TEXTS, WORKS, check, chosen

bitmaps = pytest.importorskip("harvester.catalogue.bitmaps")
fast = importlib.import_module("harvester.catalogue.fast")
snapshot = importlib.import_module("harvester.catalogue.snapshot")

Build = Callable[..., Entry]

NUMBERS = range(1, 13)
LIMITS = (1, 2, 100)


@pytest.fixture(scope="module")
def low() -> Iterator[None]:
    """Limits that a dozen records cross."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast, "NARROW", 3)
        for module in ("plain", "relevance"):
            patch.setattr(f"harvester.catalogue.{module}.MOST_RANKED", 2)
        patch.setattr(bitmaps, "BROAD", 2)
        patch.setattr(bitmaps, "RARE", 3)
        patch.setattr(bitmaps, "MOST", 1)
        patch.setattr(snapshot, "OFTEN", 2)
        patch.setattr(changes, "KEPT", 20)
        yield


@pytest.fixture(scope="module")
def catalogue_file(low: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("index")
    store.open_catalogue(directory).close()
    return directory / store.FILE


class BrokenOffError(Exception):
    """The run was broken off."""


def put(db: sqlite_utils.Database, records: dict[int, Record]) -> None:
    for number, record in records.items():
        record.id = f"s-{number}"
    store.put(db, [Entry(number, one, "2026", "2026") for number, one in records.items()])


def broken_off(db: sqlite_utils.Database) -> None:
    """Write the snapshot, and be stopped before it is committed; unless none is due."""

    def stop(*given: Any) -> None:
        raise BrokenOffError

    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(BrokenOffError):
        patch.setattr(snapshot, "OFTEN", -1)
        patch.setattr(changes, "prune", stop)
        index.store(db)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.dictionaries(st.sampled_from(NUMBERS), RECORDS, max_size=6)),
        st.tuples(st.just("remove"), st.lists(st.sampled_from(NUMBERS), max_size=4)),
        st.tuples(
            st.just("link"),
            st.dictionaries(
                st.sampled_from(NUMBERS), st.none() | st.integers(1, 3), min_size=1, max_size=6
            ),
        ),
        st.tuples(st.just("store"), st.none()),
        st.tuples(st.just("broken off"), st.none()),
        st.tuples(st.just("ask"), QUERIES),
        st.tuples(st.just("serve anew"), QUERIES),
    ),
    min_size=2,
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.lists(QUERIES, min_size=1, max_size=3))
def test_both_forms_count_as_sql_does(
    catalogue_file: Path, steps: list[tuple[str, Any]], queries: list[Query]
) -> None:
    db = store.open_catalogue(catalogue_file.parent)
    reader = store.open_for_reading(catalogue_file.parent)
    with closing(db), closing(reader):
        store.remove(db, NUMBERS)
        works.replace(db, WORKS, {}, 0)
        kept = index.keep(catalogue_file)
        for step, given_ in steps:
            match step:
                case "put":
                    put(db, given_)
                case "remove":
                    store.remove(db, given_)
                case "link":
                    works.move(db, WORKS, given_, 1)
                case "store":
                    index.store(db)
                case "broken off":
                    broken_off(db)
                case "serve anew":
                    kept = None
                    kept = index.keep(catalogue_file)
            if step in ("ask", "serve anew"):
                compare(reader, given_)
        for query in queries:
            compare(reader, query)
        assert kept is not None


CHANGES = st.lists(
    st.one_of(
        st.tuples(
            st.just("put"),
            st.dictionaries(st.sampled_from(NUMBERS), RECORDS, min_size=1, max_size=2),
        ),
        st.tuples(st.just("remove"), st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=2)),
        st.tuples(
            st.just("link"),
            st.dictionaries(
                st.sampled_from(NUMBERS), st.none() | st.integers(1, 3), min_size=1, max_size=3
            ),
        ),
    ),
    min_size=1,
    max_size=3,
)
FEW_CHOICES = st.builds(
    Query,
    text=st.just("") | st.sampled_from(list(TEXTS)),
    facets=chosen(1),
    excluded=chosen(1),
    works=st.just(True),
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(RECORDS, min_size=12, max_size=12),
    MEMBERS,
    CHANGES,
    st.lists(FEW_CHOICES, min_size=1, max_size=2),
)
def test_both_forms_follow_works_as_their_copies_come_change_and_go(
    catalogue_file: Path,
    records: list[Record],
    members: dict[int, int | None],
    steps: list[tuple[str, Any]],
    queries: list[Query],
) -> None:
    db = store.open_catalogue(catalogue_file.parent)
    reader = store.open_for_reading(catalogue_file.parent)
    with closing(db), closing(reader):
        store.remove(db, NUMBERS)
        put(db, dict(zip(NUMBERS, records, strict=True)))
        works.replace(db, WORKS, {}, 0)
        works.move(db, WORKS, members, 1)
        kept = index.keep(catalogue_file)
        for query in (Query(works=True), *queries):
            compare(reader, query)  # what is remembered of works is brought up to date from here
        for step, given_ in steps:
            match step:
                case "put":
                    put(db, given_)
                case "remove":
                    store.remove(db, given_)
                case "link":
                    works.move(db, WORKS, given_, 1)
            for query in (Query(works=True), *queries):
                compare(reader, query)
        assert kept is not None


def compare(reader: sqlite3.Connection, query: Query) -> None:
    """Hold both forms against the plain columns, and against each other, on every page."""
    assert isinstance(index.of(reader), fast.FastIndex)
    check(reader, msgspec.structs.replace(query, sort="newest"))
    quick = answers(reader, query)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "FAST", False)
        check(reader, query)
        slow = answers(reader, query)
    assert quick == slow


def answers(reader: sqlite3.Connection, query: Query) -> list[Any]:
    found: list[Any] = []
    for sort in ("relevance", "newest", "oldest", "title", "added"):
        sorted_ = msgspec.structs.replace(query, sort=sort)
        everything = list(search.stream(reader, sorted_))
        pages = [
            search.search(reader, sorted_, offset=offset, limit=3).records
            for offset in range(0, len(everything) + 3, 3)
        ]
        assert [record for page in pages for record in page] == everything
        found.append([record.id for record in everything])
    for limit in LIMITS:
        for facet in facets.count(reader, query, limit=limit):
            found.append((facet.name, limit, facet.values))
    for name in FACETS:
        found.append(facets.values(reader, query, name, limit=2))
        found.append(facets.values(reader, query, name, alphabetical=True, containing="o"))
    for works_ in (True, False):
        counted = facets.among(reader, range(2, 9), limit=2, works=works_)
        found.append([facet.values for facet in counted])
    return found
