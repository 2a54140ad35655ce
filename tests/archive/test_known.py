"""The sources, and what is remembered of their servers."""

from __future__ import annotations

import msgspec
import pytest

from harvester.archive import items, known, pages
from harvester.model import RawRecord
from harvester.oai.quirks import Quirks
from harvester.oai.received import Received
from harvester.sources import Source
from tests.archive.asking import begin, end
from tests.archive.conftest import Opened


def test_a_source_keeps_its_number_when_its_facts_change(archive: Opened) -> None:
    renamed = Source(name="orbi", title="ORBi Liège", quirks=Quirks(days_only=True))
    assert known.source_number(archive.connection, renamed) == archive.source
    assert known.known_sources(archive.connection) == {archive.source: renamed}


def test_only_what_was_asked_or_has_records_was_harvested(archive: Opened) -> None:
    assert known.known_sources(archive.connection, harvested=True) == {}
    begin(archive)
    assert list(known.known_sources(archive.connection, harvested=True)) == [archive.source]


@pytest.mark.parametrize(
    "quirks",
    [Quirks(), Quirks(days_only=True, raw_token=True), Quirks(wrong_size=True)],
)
def test_quirks_are_remembered(archive: Opened, quirks: Quirks) -> None:
    assert known.quirks(archive.connection, archive.source) == Quirks()
    known.remember_quirks(archive.connection, archive.source, quirks)
    assert known.quirks(archive.connection, archive.source) == quirks
    known.remember_quirks(archive.connection, archive.source, Quirks())
    assert known.quirks(archive.connection, archive.source) == Quirks()


def test_a_quirk_that_a_later_version_found_is_passed_over(archive: Opened) -> None:
    known.remember_quirks(archive.connection, archive.source, Quirks(days_only=True))
    archive.connection.execute(
        """update sources set quirks = '{"days_only": true, "sings_at_night": true}'"""
    )
    assert known.quirks(archive.connection, archive.source) == Quirks(days_only=True)


def test_a_wait_is_remembered_and_forgotten(archive: Opened) -> None:
    assert known.not_before(archive.connection, archive.source) is None
    for when in ("2026-11-24T01:00:00Z", None):
        known.set_not_before(archive.connection, archive.source, when)
        assert known.not_before(archive.connection, archive.source) == when


def test_an_address_that_never_gave_a_record_is_forgotten(
    archive: Opened, answer: Received
) -> None:
    number = end(archive, "throttled", not_before="2026-11-24T01:00:00Z")
    known.remember_quirks(archive.connection, archive.source, Quirks(days_only=True))
    page = pages.keep(archive.connection, archive.run, archive.source, number, answer)
    known.forget_if_empty(archive.connection, archive.source)
    assert known.known_sources(archive.connection, harvested=True) == {}
    assert archive.source in known.known_sources(archive.connection)
    assert known.quirks(archive.connection, archive.source) == Quirks()
    assert known.not_before(archive.connection, archive.source) is None
    assert pages.read(archive.connection, page).received == answer


def test_one_that_gave_a_record_is_not(archive: Opened, answer: Received) -> None:
    number = end(archive, "failed")
    page = pages.keep(archive.connection, archive.run, archive.source, number, answer)
    raw = RawRecord("oai:x:1", "oai_dc")
    items.enter(archive.connection, archive.source, page, [raw, msgspec.structs.replace(raw)])
    known.forget_if_empty(archive.connection, archive.source)
    assert archive.source in known.known_sources(archive.connection, harvested=True)
