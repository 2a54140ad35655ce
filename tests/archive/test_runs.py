"""The watermark moves only on proof."""

from __future__ import annotations

import pytest

from harvester.archive import runs
from harvester.archive.runs import Tally
from harvester.oai.harvest import Outcome, Window
from tests.archive.conftest import Opened

WINDOW = Window("oai_dc", None, None, None)
STATES = ["partial", "short", "throttled", "blocked", "loop", "suspicious-empty", "failed"]


def end(
    archive: Opened,
    state: str,
    *,
    window: Window = WINDOW,
    reaches_now: bool = True,
    new: int = 2,
    at: str = "2026-11-23T01:00:00Z",
) -> None:
    number = runs.start_window(
        archive.connection, archive.run, archive.source, window, reaches_now=reaches_now
    )
    outcome = Outcome(state=state, reason=None, response_date=at)
    runs.finish_window(archive.connection, number, archive.source, window, outcome, Tally(new=new))


def watermark(archive: Opened) -> str | None:
    return runs.watermark(archive.connection, archive.source, "oai_dc", None)


@pytest.mark.parametrize("state", STATES)
def test_an_incomplete_window_does_not_move_it(archive: Opened, state: str) -> None:
    end(archive, "complete", at="2026-11-01T00:00:00Z")
    end(archive, state)
    assert watermark(archive) == "2026-11-01T00:00:00Z"
    assert runs.status(archive.connection)[0].state == state


def test_a_window_with_an_end_does_not_move_it(archive: Opened) -> None:
    end(archive, "complete", reaches_now=False)
    assert watermark(archive) is None


def test_sets_and_prefixes_have_their_own(archive: Opened) -> None:
    end(archive, "complete")
    assert watermark(archive) == "2026-11-23T01:00:00Z"
    assert runs.watermark(archive.connection, archive.source, "oai_dc", "class_h10") is None
    assert runs.watermark(archive.connection, archive.source, "mods", None) is None


def test_a_window_that_never_ended_was_interrupted(archive: Opened) -> None:
    runs.start_window(archive.connection, archive.run, archive.source, WINDOW, reaches_now=True)
    (status,) = runs.status(archive.connection)
    assert status.state == "interrupted"
    assert status.needs_attention


def test_a_complete_source_needs_nobody(archive: Opened) -> None:
    end(archive, "complete")
    (status,) = runs.status(archive.connection)
    assert not status.needs_attention
    assert status.last_complete


def test_a_window_that_is_going_on_is_running(archive: Opened) -> None:
    runs.start_window(archive.connection, archive.run, archive.source, WINDOW, reaches_now=True)
    (status,) = runs.status(archive.connection, running=True)
    assert status.state == "running"
    assert not status.needs_attention


def state(archive: Opened) -> str:
    (status,) = runs.status(archive.connection)
    return status.state


def test_a_later_small_window_does_not_hide_an_incomplete_one(archive: Opened) -> None:
    end(archive, "partial")
    end(archive, "complete", window=Window("oai_dc", "class_h10", None, None))
    assert state(archive) == "partial"
    end(archive, "complete", window=Window("oai_dc", None, "2026-01-01", None), reaches_now=False)
    assert state(archive) == "partial"
    assert runs.status(archive.connection)[0].last_complete is not None
    end(archive, "complete")
    assert state(archive) == "complete"


def test_the_whole_source_makes_up_for_an_incomplete_set(archive: Opened) -> None:
    end(archive, "failed", window=Window("mods", "class_h10", None, None))
    assert state(archive) == "failed"
    end(archive, "complete")
    assert state(archive) == "complete"


def test_an_address_that_never_gave_a_record_is_forgotten(archive: Opened) -> None:
    end(archive, "failed")
    runs.forget_if_empty(archive.connection, archive.source)
    assert runs.status(archive.connection) == []
    assert runs.known_sources(archive.connection, harvested=True) == {}
    assert archive.source in runs.known_sources(archive.connection)


def test_a_list_that_never_gave_a_record_counts_until_another_one_is_complete(
    archive: Opened,
) -> None:
    end(archive, "failed", window=Window("mosd", None, None, None), new=0)
    assert state(archive) == "failed"
    end(archive, "complete", window=Window("oai_dc", "class_h10", None, None))
    assert state(archive) == "complete"
    end(archive, "failed", window=Window("oai_dc", "class_h10", None, None), new=0)
    end(archive, "complete", window=Window("oai_dc", "class_h05", None, None))
    assert state(archive) == "failed"
