"""What is current, what was deleted, what is in quarantine."""

from __future__ import annotations

import msgspec
import pytest

from harvester.archive import items, known, pages
from harvester.archive.items import Broken
from harvester.archive.runs import Tally
from harvester.model import RawRecord, RawValue
from harvester.oai.received import Received
from harvester.sources import Source
from tests.archive.asking import begin
from tests.archive.conftest import Opened

STAMP = "2026-01-01"


def raw(identifier: str, title: str = "Een titel", **more: object) -> RawRecord:
    record = RawRecord(identifier, "oai_dc", values=[RawValue("dc:title", title)])
    return msgspec.structs.replace(record, **more)


def gone(identifier: str) -> RawRecord:
    return RawRecord(identifier, "oai_dc", deleted=True)


def enter(archive: Opened, answer: Received, *records: RawRecord) -> tuple[int, Tally]:
    page = pages.keep(archive.connection, archive.run, archive.source, None, answer)
    return page, items.enter(archive.connection, archive.source, page, records)


def current(archive: Opened, page: int) -> set[str]:
    return set(items.newest_on_page(archive.connection, archive.source, page))


def test_new_changed_unchanged_deleted_and_back(archive: Opened, answer: Received) -> None:
    first, tally = enter(archive, answer, raw("a"), raw("b"), raw("c"))
    assert tally == Tally(new=3)
    second, tally = enter(archive, answer, raw("a"), raw("b", "Een andere titel"), gone("c"))
    assert tally == Tally(unchanged=1, changed=1, deleted=1)
    assert current(archive, first) == {"a"}
    assert current(archive, second) == {"b", "c"}
    third, tally = enter(archive, answer, gone("c"), raw("b", "Een andere titel"))
    assert tally == Tally(unchanged=2)
    fourth, tally = enter(archive, answer, raw("c"))
    assert tally == Tally(changed=1)
    assert current(archive, fourth) == {"c"}
    assert current(archive, third) == set()


class TestTouched:
    """Servers that index anew give every record a later datestamp, and the same content."""

    def test_it_is_told_apart_from_unchanged_and_changes_nothing(
        self, archive: Opened, answer: Received
    ) -> None:
        first, _ = enter(archive, answer, raw("a", datestamp="2020-01-01"))
        second, tally = enter(archive, answer, raw("a", datestamp="2026-01-01"))
        assert tally == Tally(touched=1)
        assert current(archive, first) == {"a"}
        assert current(archive, second) == set()
        _, tally = enter(archive, answer, raw("a", datestamp="2026-01-01"))
        assert tally == Tally(unchanged=1)

    def test_pages_that_are_entered_again_touch_nothing(
        self, archive: Opened, answer: Received
    ) -> None:
        records = [raw("a", datestamp=f"2026-01-0{day}") for day in (1, 2, 3)]
        entered = [enter(archive, answer, record)[0] for record in records]
        for page, record in zip(entered, records, strict=True):
            tally = items.enter(archive.connection, archive.source, page, [record])
            assert tally == Tally(unchanged=1)

    def test_a_datestamp_that_was_never_noted_is_filled_in_silence(
        self, archive: Opened, answer: Received
    ) -> None:
        enter(archive, answer, raw("a", datestamp="2020-01-01"))
        archive.connection.execute("update items set datestamp = null")
        _, tally = enter(archive, answer, raw("a", datestamp="2026-01-01"))
        assert tally == Tally(unchanged=1)
        _, tally = enter(archive, answer, raw("a", datestamp="2026-01-02"))
        assert tally == Tally(touched=1)

    def test_no_datestamp_is_no_news(self, archive: Opened, answer: Received) -> None:
        enter(archive, answer, raw("a", datestamp="2020-01-01"))
        _, tally = enter(archive, answer, raw("a"))
        assert tally == Tally(unchanged=1)
        forms = items.versions(archive.connection, archive.source, ["a"])["a"]
        assert forms["oai_dc"].datestamp == "2020-01-01"

    def test_each_format_has_its_own(self, archive: Opened, answer: Received) -> None:
        enter(archive, answer, raw("a", datestamp="2020-01-01"))
        enter(archive, answer, raw("a", format="mods", datestamp="2020-02-02"))
        _, tally = enter(archive, answer, raw("a", datestamp="2020-01-15"))
        assert tally == Tally(touched=1)

    def test_one_that_was_deleted_comes_back_as_a_change(
        self, archive: Opened, answer: Received
    ) -> None:
        enter(archive, answer, raw("a", datestamp="2020-01-01"))
        enter(archive, answer, gone("a"))
        _, tally = enter(archive, answer, raw("a", datestamp="2026-01-01"))
        assert tally == Tally(changed=1)


def test_another_set_is_a_change(archive: Opened, answer: Received) -> None:
    enter(archive, answer, raw("a", sets=["class_h10"]))
    _, tally = enter(archive, answer, raw("a", sets=["class_h05"]))
    assert tally == Tally(changed=1)


def test_a_record_first_seen_deleted_may_still_come(archive: Opened, answer: Received) -> None:
    page, tally = enter(archive, answer, gone("a"))
    assert tally == Tally(deleted=1)
    assert current(archive, page) == {"a"}
    page, tally = enter(archive, answer, raw("a"))
    assert tally == Tally(new=1)
    forms = items.versions(archive.connection, archive.source, ["a"])["a"]
    assert list(forms) == ["oai_dc"]
    assert forms["oai_dc"].deleted_page is None


def test_an_older_page_never_replaces_a_newer_one(archive: Opened, answer: Received) -> None:
    old, _ = enter(archive, answer, raw("a", "Oud"))
    new, _ = enter(archive, answer, raw("a", "Nieuw"))
    tally = items.enter(archive.connection, archive.source, old, [raw("a", "Oud")])
    assert tally == Tally(unchanged=1)
    assert current(archive, new) == {"a"}


def test_entering_a_page_twice_changes_nothing(archive: Opened, answer: Received) -> None:
    page, _ = enter(archive, answer, raw("a"), gone("b"))
    again = items.enter(archive.connection, archive.source, page, [raw("a"), gone("b")])
    assert again == Tally(unchanged=2)
    assert current(archive, page) == {"a", "b"}


def test_two_formats_of_one_record_are_one_item(archive: Opened, answer: Received) -> None:
    first, _ = enter(archive, answer, raw("a"))
    second, tally = enter(archive, answer, raw("a", format="mods"))
    assert tally == Tally(changed=1)
    assert current(archive, first) == set()
    assert current(archive, second) == {"a"}
    third, _ = enter(archive, answer, gone("a"))
    forms = items.versions(archive.connection, archive.source, ["a"])["a"]
    assert {form.deleted_page for form in forms.values()} == {third}


def test_quarantine_is_left_when_a_record_comes_again(archive: Opened, answer: Received) -> None:
    page, _ = enter(archive, answer)
    broken = [Broken("a", "no metadata", b"<record/>"), Broken("record 2 of the page", "x", b"")]
    items.quarantine(archive.connection, archive.source, page, broken)
    assert items.quarantined_pages(archive.connection) == [page]
    later, _ = enter(archive, answer, raw("a"))
    items.release(archive.connection, archive.source, later, ["a"])
    left = archive.connection.execute("select identifier from quarantine").fetchall()
    assert left == [("record 2 of the page",)]
    items.release(archive.connection, archive.source, page, [])
    assert items.quarantined_pages(archive.connection, archive.source) == []


class TestSweep:
    """What a server's whole list of identifiers says of what is here."""

    @pytest.fixture
    def window(self, archive: Opened) -> int:
        return begin(archive)

    def from_server(
        self, archive: Opened, answer: Received, window: int | None, *records: RawRecord
    ) -> int:
        page = pages.keep(archive.connection, archive.run, archive.source, window, answer)
        items.enter(archive.connection, archive.source, page, records)
        return page

    def sweep(self, archive: Opened, *identifiers: str) -> tuple[list[str], list[str]]:
        items.begin_sweep(archive.connection, archive.source)
        for identifier in identifiers:
            items.note_listed(archive.connection, archive.source, [(identifier, STAMP)])
        return (
            items.missing_from_sweep(archive.connection, archive.source),
            items.unknown_in_sweep(archive.connection, archive.source),
        )

    def test_what_is_missing_and_what_is_unknown(
        self, archive: Opened, answer: Received, window: int
    ) -> None:
        here = [raw("a"), raw("b"), raw("b", format="mods"), gone("c"), raw("d"), gone("d")]
        self.from_server(archive, answer, window, *here)
        page = self.from_server(archive, answer, window, gone("d"))
        broken = [Broken("q", "no metadata", b"<record/>")]
        items.quarantine(archive.connection, archive.source, page, broken)
        assert self.sweep(archive) == (["a", "b"], [])
        assert self.sweep(archive, "a", "a", "b", "q") == ([], [])
        assert self.sweep(archive, "a", "c", "d", "q", "x") == (["b"], ["c", "d", "x"])

    def test_what_only_came_from_files_is_not_missing(
        self, archive: Opened, answer: Received, window: int
    ) -> None:
        self.from_server(archive, answer, None, raw("a"), raw("b"))
        assert self.sweep(archive, "b") == ([], [])
        self.from_server(archive, answer, window, raw("a"))
        assert self.sweep(archive, "b") == (["a"], [])

    def test_a_record_that_the_server_lists_as_well_is_the_servers(
        self, archive: Opened, answer: Received, window: int
    ) -> None:
        file = self.from_server(archive, answer, None, raw("a"))
        page = self.from_server(archive, answer, window, raw("a"))
        assert (current(archive, file), current(archive, page)) == (set(), {"a"})
        later = self.from_server(archive, answer, window, raw("a"))
        again = self.from_server(archive, answer, None, raw("a"))
        assert current(archive, page) == {"a"}
        assert not current(archive, later) | current(archive, again)

    def test_sources_are_swept_apart(self, archive: Opened, answer: Received, window: int) -> None:
        other = known.source_number(archive.connection, Source(name="vu", title="VU"))
        self.from_server(archive, answer, window, raw("a"))
        items.begin_sweep(archive.connection, archive.source)
        items.begin_sweep(archive.connection, other)
        items.note_listed(archive.connection, other, [("a", STAMP), ("b", STAMP)])
        assert items.missing_from_sweep(archive.connection, archive.source) == ["a"]
        assert items.unknown_in_sweep(archive.connection, archive.source) == []
        assert items.unknown_in_sweep(archive.connection, other) == ["a", "b"]

    def test_a_sweep_leaves_no_transaction_open_and_joins_the_callers(
        self, archive: Opened
    ) -> None:
        connection = archive.connection
        self.sweep(archive, "a")
        assert not connection.in_transaction
        connection.execute("update runs set exit_code = 0")
        items.note_listed(connection, archive.source, [("b", STAMP)])
        connection.rollback()
        assert items.unknown_in_sweep(connection, archive.source) == ["a"]

    def test_what_is_gone_becomes_a_tombstone_as_if_its_server_had_said_so(
        self, archive: Opened, answer: Received, window: int
    ) -> None:
        both = [raw("a"), raw("a", format="mods"), raw("b"), raw("c")]
        page = self.from_server(archive, answer, window, *both)
        list_page = self.from_server(archive, answer, window)
        later = self.from_server(archive, answer, window, raw("c", "Toch nog"))
        assert items.gone(archive.connection, archive.source, list_page, ["a", "c", "x"]) == 1
        assert current(archive, list_page) == {"a"}
        assert current(archive, page) == {"b"}
        assert current(archive, later) == {"c"}
        forms = items.versions(archive.connection, archive.source, ["a"])["a"]
        assert {form.deleted_page for form in forms.values()} == {list_page}
        assert {form.page for form in forms.values()} == {page}
        assert items.gone(archive.connection, archive.source, list_page, ["a"]) == 0
        kept = [kept.id for kept in pages.current(archive.connection, archive.source)]
        assert kept == [page, list_page, later]
        assert items.versions(archive.connection, archive.source, ["x"]) == {}
