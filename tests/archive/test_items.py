"""What is current, what was deleted, what is in quarantine."""

from __future__ import annotations

import msgspec

from harvester.archive import items, pages
from harvester.archive.items import Broken
from harvester.archive.runs import Tally
from harvester.model import RawRecord, RawValue
from harvester.oai.received import Received
from tests.archive.conftest import Opened


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


def test_a_new_datestamp_alone_is_no_change(archive: Opened, answer: Received) -> None:
    enter(archive, answer, raw("a", datestamp="2020-01-01"))
    _, tally = enter(archive, answer, raw("a", datestamp="2026-01-01"))
    assert tally == Tally(unchanged=1)


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
