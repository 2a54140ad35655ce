"""What reports are made of is kept up with every change, and comes to what adding up gives."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import sqlite_utils
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester import schemas
from harvester.catalogue import quality, store, sums
from harvester.catalogue.quality import Summary
from harvester.catalogue.report import FieldCount, Unknown, report
from harvester.catalogue.store import Entry
from harvester.catalogue.sums import Counted, Sums
from harvester.model import Note, Record

Build = Callable[..., Entry]

SOURCES = ("base", "orbi")
NUMBERS = st.integers(1, 6)
NOTES = st.lists(
    st.builds(
        lambda rule, value: Note("type", "dc:type", value, rule, ""),
        st.sampled_from(["types.term", "types.unknown"]),
        st.sampled_from(["Foo", "Bar"]),
    ),
    max_size=3,
)


def build(number: int, type_: str, deleted: bool, notes: list[Note]) -> Entry:
    """Build a record; half of them are of each source."""
    source = SOURCES[number % 2]
    id_ = f"{source}-{number}"
    record = Record(id=id_, source=source, title="A", type=type_ or None, deleted=deleted)
    return Entry(number, record, "2026", "2026", notes)


STEPS = st.lists(
    st.one_of(
        st.lists(
            st.builds(build, NUMBERS, st.sampled_from(["", "book"]), st.booleans(), NOTES),
            min_size=1,
            max_size=4,
        ),
        st.sets(NUMBERS, min_size=1, max_size=3),
    ),
    max_size=6,
)


def added_up(connection: sqlite3.Connection, source: str) -> Sums:
    found = Sums()
    select = """
        select fields, steps from records join record_counts using (number) where source = ?
    """
    found.add([Counted(*row) for row in connection.execute(select, (source,))])
    return found


@settings(max_examples=20, deadline=None)
@given(STEPS)
def test_they_follow_every_change(steps: list[list[Entry] | set[int]]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(store.open_catalogue(Path(folder))) as catalogue,
    ):
        for step in steps:
            if isinstance(step, set):
                store.remove(catalogue, step)
            else:
                store.put(catalogue, step)
            for source in SOURCES:
                assert sums.of(catalogue.conn, source) == added_up(catalogue.conn, source)
                now = report(catalogue.conn, source)
                assert now.records == now.counted
                quality.show(catalogue, Summary("2026-01-01", now, None, []))
                assert sums.of(catalogue.conn, source) == added_up(catalogue.conn, source)


def test_a_catalogue_of_an_earlier_version_is_added_up_once(tmp_path: Path, entry: Build) -> None:
    old = sqlite_utils.Database(tmp_path / "catalogue.db")
    schemas.migrations("catalogue").apply(old, stop_before="sums")
    old.execute(
        "insert into records (number, id, source, added, changed) "
        "values (1, 'orbi-1', 'orbi', '2026', '2026')"
    )
    old.execute("insert into documents (number, dictionary, document) values (1, 1, x'00')")
    old.execute("insert into record_counts (number, fields, steps) values (1, 1, '[]')")
    old.execute("insert into quality (source, outdated) values ('orbi', 0)")
    old.conn.commit()
    old.close()
    with closing(store.open_catalogue(tmp_path)) as catalogue:
        assert report(catalogue.conn, "orbi").fields == [FieldCount("title", 1, 1.0)]
        store.put(catalogue, [entry(2, title="B", type="book")])
        expected = [FieldCount("title", 2, 1.0), FieldCount("type", 1, 0.5)]
        assert report(catalogue.conn, "orbi").fields == expected
        kept = "select sums is not null, outdated from quality"
        assert catalogue.conn.execute(kept).fetchall() == [(0, 1)]
        with catalogue.conn:
            sums.complete(catalogue.conn, "orbi")
        assert catalogue.conn.execute(kept).fetchall() == [(1, 1)]
        assert report(catalogue.conn, "orbi").fields == expected


def test_of_a_rule_the_commonest_values_are_told(
    catalogue: sqlite_utils.Database,
) -> None:
    def note(rule: str, value: str) -> Note:
        return Note("type", "dc:type", value, rule, "")

    def entry(number: int, *values: str) -> Entry:
        notes = [
            note(rule, value) for value in values for rule in ("types.unknown", "dates.unread")
        ]
        return Entry(number, Record(id=f"a-{number}", source="a"), "2026", "2026", notes)

    store.put(catalogue, [entry(1, "Foo", "Bar"), entry(2, "Foo"), entry(3, "Qux")])
    assert report(catalogue.conn, "a", most=1, every=["types.unknown"]).unknown == [
        Unknown("dates.unread", "Foo", 2, "a-1"),
        Unknown("types.unknown", "Foo", 2, "a-1"),
        Unknown("types.unknown", "Bar", 1, "a-1"),
        Unknown("types.unknown", "Qux", 1, "a-3"),
    ]
