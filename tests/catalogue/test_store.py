from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlite_utils

from harvester.catalogue import search, store
from harvester.catalogue.query import Query
from harvester.catalogue.store import Entry
from harvester.errors import HarvesterError, TryLaterError, UsageError
from harvester.model import Discipline, Keyword, Link

Build = Callable[..., Entry]

VALUES = ("creators", "keywords", "languages", "publishers", "disciplines", "links")


def rows(db: sqlite_utils.Database, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in db.conn.execute(sql)]


def sizes(db: sqlite_utils.Database) -> dict[str, int]:
    tables = ["records", "deleted_records", *VALUES, *(f"record_{name}" for name in VALUES)]
    return {table: db.table(table).count for table in tables if db.table(table).count}


def index_is_sound(db: sqlite_utils.Database) -> bool:
    """Ask FTS5 to compare its index with the records, and SQLite to check its references."""
    db.conn.execute("insert into records_fts (records_fts, rank) values ('integrity-check', 1)")
    return not rows(db, "pragma foreign_key_check")


def test_a_record_that_is_replaced_leaves_nothing_behind(
    catalogue: sqlite_utils.Database, whole: Build, entry: Build
) -> None:
    store.put(catalogue, [whole(), entry(2, title="Other", keywords=[Keyword("contrôle")])])
    assert store.put(catalogue, [entry(1, title="Now")]) == 1
    assert sizes(catalogue) == {"records": 2, "keywords": 1, "record_keywords": 1}
    assert search.search(catalogue.conn, Query("elan")).total == 0
    assert search.search(catalogue.conn, Query("now")).total == 1
    assert index_is_sound(catalogue)


@pytest.mark.parametrize("together", [1, 2, 3])
def test_the_first_labels_of_a_class_count_however_records_are_stored(
    catalogue: sqlite_utils.Database, entry: Build, together: int
) -> None:
    labels: list[dict[str, str]] = [{"en": "Biology"}, {"en": "Life"}, {"en": "Bio", "fr": "Bio"}]
    classes = [Discipline("lcc", "QH", **one) for one in labels]
    entries = [entry(number, disciplines=[one]) for number, one in enumerate(classes, 1)]
    for start in range(0, len(entries), together):
        store.put(catalogue, entries[start : start + together])
    assert rows(catalogue, "select value, en, fr from disciplines") == [
        ("lcc:QH", "Biology", "Bio")
    ]


def test_a_record_that_is_as_it_was_is_not_written(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    assert store.put(catalogue, [entry(1, title="a", changed="2026-01-01")]) == 1
    before = store.generation(catalogue.conn)
    assert store.put(catalogue, [entry(1, title="a", changed="2026-09-09")]) == 0
    assert store.generation(catalogue.conn) == before
    assert rows(catalogue, "select changed from records") == [("2026-01-01",)]


def test_the_generation_moves_with_the_records(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    seen = [store.generation(catalogue.conn)]
    for change in (
        lambda: store.put(catalogue, [entry(1), entry(2)]),
        lambda: store.put(catalogue, [entry(1, deleted=True)]),
        lambda: store.remove(catalogue, [2]),
    ):
        change()
        seen.append(store.generation(catalogue.conn))
    assert seen == sorted(set(seen))
    store.remove(catalogue, [99])
    store.put(catalogue, [])
    assert store.generation(catalogue.conn) == seen[-1]


def test_a_deleted_record_becomes_a_tombstone_and_may_come_back(
    catalogue: sqlite_utils.Database,
    whole: Build,
) -> None:
    gone = whole()
    gone.record.deleted = True
    store.put(catalogue, [whole()])
    store.put(catalogue, [gone])
    assert sizes(catalogue) == {"deleted_records": 1}
    assert search.search(catalogue.conn, Query("elan")).total == 0
    assert search.get(catalogue.conn, "orbi-1") == gone.record
    assert index_is_sound(catalogue)
    store.put(catalogue, [whole()])
    assert "deleted_records" not in sizes(catalogue)
    assert search.search(catalogue.conn, Query("elan")).total == 1
    assert index_is_sound(catalogue)


def test_of_two_entries_with_one_number_the_later_counts(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    store.put(catalogue, [entry(1, title="first"), entry(1, title="second")])
    assert rows(catalogue, "select title from records") == [("second",)]


def test_removing_leaves_no_trace(
    catalogue: sqlite_utils.Database, whole: Build, entry: Build
) -> None:
    store.put(catalogue, [whole(1), entry(2, deleted=True)])
    store.remove(catalogue, iter([1, 2]))
    assert sizes(catalogue) == {}
    assert search.get(catalogue.conn, "orbi-1") is None
    assert index_is_sound(catalogue)


def test_many_records_go_in_through_one_call(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    many = (entry(number, keywords=[Keyword(f"k{number % 7}")]) for number in range(1, 2502))
    assert store.put(catalogue, many) == 2501
    assert sizes(catalogue) == {"records": 2501, "keywords": 7, "record_keywords": 2501}
    assert store.generation(catalogue.conn) == 1


def test_the_applied_page_moves_in_the_same_transaction_and_never_back(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    assert store.applied_page(catalogue) == 0
    store.put(catalogue, [entry(1)], applied_page=12)
    store.put(catalogue, [], applied_page=3)
    assert store.applied_page(catalogue) == 12


def test_a_call_that_fails_changes_nothing(catalogue: sqlite_utils.Database, entry: Build) -> None:
    store.put(catalogue, [entry(1, title="kept")], applied_page=1)

    def entries() -> Iterator[Entry]:
        for number in range(1, 1500):
            yield entry(number, title="new", keywords=[Keyword("new")])
        raise HarvesterError("the source ended")

    with pytest.raises(HarvesterError, match="the source ended"):
        store.put(catalogue, entries(), applied_page=2)
    assert sizes(catalogue) == {"records": 1}
    assert (store.applied_page(catalogue), store.generation(catalogue.conn)) == (1, 1)
    assert index_is_sound(catalogue)


def test_two_records_with_one_key_are_refused_whatever_its_case(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    with pytest.raises(HarvesterError, match="citekey") as caught:
        store.put(catalogue, [entry(1, citekey="a-1"), entry(2, citekey="A-1")])
    assert "\n" not in str(caught.value)
    assert sizes(catalogue) == {}


def test_a_caller_may_join_several_writes(catalogue: sqlite_utils.Database, entry: Build) -> None:
    store.put(catalogue, [entry(1)])

    def rebuild() -> None:
        with catalogue.atomic():
            store.remove(catalogue, [1])
            store.put(catalogue, [entry(2)])
            raise HarvesterError("stopped")

    with pytest.raises(HarvesterError, match="stopped"):
        rebuild()
    assert rows(catalogue, "select number from records") == [(1,)]


def test_another_writer_is_told_to_come_back(
    catalogue: sqlite_utils.Database, entry: Build, tmp_path: Path
) -> None:
    catalogue.conn.execute("pragma busy_timeout = 50")
    with closing(sqlite3.connect(tmp_path / store.FILE)) as other:
        other.execute("begin immediate")
        with pytest.raises(TryLaterError, match="try again"):
            store.put(catalogue, [entry(1)])
        other.rollback()
    assert store.put(catalogue, [entry(1)]) == 1


def test_readers_see_all_of_a_write_or_nothing(
    catalogue: sqlite_utils.Database, entry: Build, tmp_path: Path
) -> None:
    store.put(catalogue, [entry(1)])
    with closing(store.open_for_reading(tmp_path)) as reader:

        def entries() -> Iterator[Entry]:
            yield entry(2)
            assert search.counts(reader).records == 1

        store.put(catalogue, entries())
        assert search.counts(reader).records == 2
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute("delete from records")


def test_there_is_nothing_to_read_before_the_first_harvest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"catalogue\.db"):
        store.open_for_reading(tmp_path)


def test_values_that_sqlite_would_cut_or_cannot_compare_have_one_number(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    odd = ["https://a.be/\0b", "https://a.be/", "https://a.be/'\"\\\u2028é"]
    for number in (1, 2):
        keywords = [Keyword(text) for text in odd]
        links = [Link(text, "related") for text in odd]
        store.put(catalogue, [entry(number, keywords=keywords, links=links)])
    for table in ("links", "keywords"):
        assert catalogue.table(table).count == 3
        assert catalogue.table(f"record_{table}").count == 6
