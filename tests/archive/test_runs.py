"""The watermark moves only on proof."""

from __future__ import annotations

import pytest
from harvester.oai.harvest import Outcome, Window

from harvester.archive import runs
from harvester.archive.runs import Tally
from tests.archive.conftest import Opened

WINDOW = Window("oai_dc", None, None, None)
STATES = ["partial", "short", "throttled", "blocked", "loop", "suspicious-empty", "failed"]


def end(
    archive: Opened, state: str, *, moves: bool = True, at: str = "2026-11-23T01:00:00Z"
) -> None:
    number = runs.start_window(archive.connection, archive.run, archive.source, WINDOW)
    outcome = Outcome(state=state, reason=None, response_date=at)
    runs.finish_window(
        archive.connection,
        number,
        archive.source,
        WINDOW,
        outcome,
        Tally(new=2),
        moves_watermark=moves,
    )


def watermark(archive: Opened) -> str | None:
    return runs.watermark(archive.connection, archive.source, "oai_dc", None)


@pytest.mark.parametrize("state", STATES)
def test_an_incomplete_window_does_not_move_it(archive: Opened, state: str) -> None:
    end(archive, "complete", at="2026-11-01T00:00:00Z")
    end(archive, state)
    assert watermark(archive) == "2026-11-01T00:00:00Z"
    assert runs.status(archive.connection)[0].state == state


def test_a_window_with_an_end_does_not_move_it(archive: Opened) -> None:
    end(archive, "complete", moves=False)
    assert watermark(archive) is None


def test_sets_and_prefixes_have_their_own(archive: Opened) -> None:
    end(archive, "complete")
    assert watermark(archive) == "2026-11-23T01:00:00Z"
    assert runs.watermark(archive.connection, archive.source, "oai_dc", "class_h10") is None
    assert runs.watermark(archive.connection, archive.source, "mods", None) is None


def test_a_window_that_never_ended_was_interrupted(archive: Opened) -> None:
    runs.start_window(archive.connection, archive.run, archive.source, WINDOW)
    (status,) = runs.status(archive.connection)
    assert status.state == "interrupted"
    assert status.needs_attention


def test_a_complete_source_needs_nobody(archive: Opened) -> None:
    end(archive, "complete")
    (status,) = runs.status(archive.connection)
    assert not status.needs_attention
    assert status.last_complete
