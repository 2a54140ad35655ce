"""Every source at a glance: what its last harvest was, and what needs a person."""

from __future__ import annotations

from typing import Any

import pytest

from harvester.archive import known, windows
from harvester.archive.status import SourceStatus, status
from harvester.oai.windows import Hole, Window
from tests.archive.asking import begin, end
from tests.archive.conftest import Opened

GAP = Hole("2026-01-01", "2026-01-02", "x.be fails (HTTP 500)", ["oai:x:1", "oai:x:2", "oai:x:3"])


def only(archive: Opened, *, running: bool = False) -> SourceStatus:
    (found,) = status(archive.connection, running=running)
    return found


@pytest.mark.parametrize(
    ("state", "needs_attention"),
    [
        ("complete", False),
        ("partial", True),
        ("short", True),
        ("throttled", False),
        ("blocked", True),
        ("loop", True),
        ("suspicious-empty", True),
        ("failed", True),
        ("interrupted", False),
    ],
)
def test_a_state_needs_a_person_if_it_may_stay(
    archive: Opened, state: str, needs_attention: bool
) -> None:
    end(archive, state, reason="in one line")
    found = only(archive)
    assert (found.state, found.reason) == (state, "in one line")
    assert found.needs_attention is needs_attention
    assert (found.last_complete is not None) == (state == "complete")


def test_a_window_that_never_ended_was_interrupted(archive: Opened) -> None:
    begin(archive)
    found = only(archive)
    assert found.state == "interrupted"
    assert found.reason == "the last run was stopped before it ended; the next one goes on"
    assert not found.needs_attention


def test_a_window_that_is_going_on_is_running(archive: Opened) -> None:
    begin(archive)
    found = only(archive, running=True)
    assert (found.state, found.reason, found.needs_attention) == ("running", None, False)


def test_a_later_small_window_does_not_hide_an_incomplete_one(archive: Opened) -> None:
    end(archive, "partial")
    end(archive, "complete", window=Window("oai_dc", "class_h10"))
    assert only(archive).state == "partial"
    end(archive, "complete", window=Window("oai_dc", None, "2026-01-01"), reaches_now=False)
    assert only(archive).state == "partial"
    assert only(archive).last_complete is not None
    end(archive, "complete")
    assert only(archive).state == "complete"


def test_the_whole_source_makes_up_for_an_incomplete_set(archive: Opened) -> None:
    end(archive, "failed", window=Window("mods", "class_h10"))
    assert only(archive).state == "failed"
    end(archive, "complete")
    assert only(archive).state == "complete"


def test_a_list_that_never_gave_a_record_counts_until_another_one_is_complete(
    archive: Opened,
) -> None:
    end(archive, "failed", window=Window("mosd"), new=0)
    assert only(archive).state == "failed"
    end(archive, "complete", window=Window("oai_dc", "class_h10"))
    assert only(archive).state == "complete"
    end(archive, "failed", window=Window("oai_dc", "class_h10"), new=0)
    end(archive, "complete", window=Window("oai_dc", "class_h05"))
    assert only(archive).state == "failed"


class TestMissing:
    def test_it_is_named_and_needs_a_person(self, archive: Opened) -> None:
        end(archive, "partial", until_now=True, reason="3 records are missing", holes=(GAP,))
        found = only(archive)
        assert (found.missing, found.missing_identifiers) == (1, 3)
        assert found.reason == (
            "3 records between 2026-01-01 and 2026-01-02 cannot be fetched: x.be fails (HTTP 500)"
        )
        assert found.needs_attention

    @pytest.mark.parametrize(
        ("holes", "told"),
        [
            (
                [Hole("2026-01-01", None, "why", ["oai:x:1"])],
                "1 record since 2026-01-01 cannot be fetched: why",
            ),
            (
                [Hole(None, "2026-01-01", "why")],
                "what the server has until 2026-01-01 cannot be fetched: why",
            ),
            (
                [Hole(None, None, "why"), GAP],
                "what the server has cannot be fetched: why (and 1 more such gap)",
            ),
            (
                [Hole(None, None, "why"), GAP, Hole("2026-05-01", None, "why")],
                "what the server has cannot be fetched: why (and 2 more such gaps)",
            ),
        ],
    )
    def test_in_every_form(self, archive: Opened, holes: list[Hole], told: str) -> None:
        end(archive, "partial", until_now=True, holes=tuple(holes))
        assert only(archive).reason == told

    def test_it_stays_known_while_the_server_is_away(self, archive: Opened) -> None:
        end(archive, "partial", until_now=True, holes=(GAP,))
        end(archive, "throttled", reason="x.be asks for patience", new=0)
        found = only(archive)
        assert found.reason is not None
        assert found.reason.startswith("x.be asks for patience; 3 records between")
        assert found.needs_attention

    def test_a_list_that_is_whole_has_nothing_missing(self, archive: Opened) -> None:
        end(archive, "partial", until_now=True, holes=(GAP,))
        end(archive, "complete", window=Window("oai_dc", None, "2026-01-01"))
        found = only(archive)
        assert (found.state, found.missing, found.reason) == ("complete", 0, None)
        assert not found.needs_attention


class TestThrottled:
    def night(self, archive: Opened, day: int, state: str = "throttled", **facts: Any) -> None:
        number = end(archive, state, **facts)
        archive.connection.execute(
            "update windows set started = ? where id = ?", (f"2026-11-{day:02}T02:00:00Z", number)
        )

    def test_three_nights_running_need_a_person(self, archive: Opened) -> None:
        for day, nights in ((1, 1), (1, 1), (2, 2), (3, 3)):
            assert not status(archive.connection) or not only(archive).needs_attention
            self.night(archive, day, reason="x.be asks for patience")
            assert only(archive).nights_throttled == nights
        found = only(archive)
        assert found.needs_attention
        assert found.reason == (
            "x.be asks for patience; so for 3 days running: "
            "ask the repository how it may be harvested"
        )

    def test_a_night_that_brings_something_begins_anew(self, archive: Opened) -> None:
        for day in (1, 2):
            self.night(archive, day)
        self.night(archive, 3, "interrupted")
        for day in (4, 5):
            self.night(archive, day)
        found = only(archive)
        assert (found.nights_throttled, found.needs_attention) == (2, False)

    def test_another_list_of_the_source_does_not_hide_it(self, archive: Opened) -> None:
        in_a_set = Window("oai_dc", "h10")
        for day in (1, 2, 3):
            self.night(archive, day)
            self.night(archive, day, "complete", window=in_a_set)
        assert only(archive).nights_throttled == 3


def test_until_when_a_server_is_left_alone(archive: Opened) -> None:
    end(archive, "throttled", not_before="2026-11-24T01:00:00Z")
    assert only(archive).not_before == "2026-11-24T01:00:00Z"


def test_a_source_that_was_only_named_is_not_told_of(archive: Opened) -> None:
    assert archive.source in known.known_sources(archive.connection)
    assert status(archive.connection) == []


def test_holes_do_not_outlive_a_source_that_is_forgotten(archive: Opened) -> None:
    number = begin(archive)
    with archive.connection:
        windows.progress(archive.connection, number, None, [GAP])
    known.forget_if_empty(archive.connection, archive.source)
    assert status(archive.connection) == []
