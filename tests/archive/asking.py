"""Windows that were asked for, and how they ended, in few words."""

from __future__ import annotations

import msgspec

from harvester.archive import windows
from harvester.archive.runs import Tally
from harvester.oai.harvest import Outcome
from harvester.oai.windows import Window
from tests.archive.conftest import Opened

WINDOW = Window("oai_dc")


def begin(
    archive: Opened,
    window: Window = WINDOW,
    *,
    reaches_now: bool = True,
    reached: str | None = None,
) -> int:
    return windows.start_window(
        archive.connection,
        archive.run,
        archive.source,
        window,
        reaches_now=reaches_now,
        reached=reached,
    )


def end(
    archive: Opened,
    state: str,
    *,
    window: Window = WINDOW,
    reaches_now: bool = True,
    resumed: str | None = None,
    new: int = 2,
    at: str | None = "2026-11-23T01:00:00Z",
    **facts: object,
) -> int:
    """Ask for a window that ends like this; `facts` are those of the outcome."""
    number = begin(archive, window, reaches_now=reaches_now, reached=resumed)
    outcome = Outcome(state=state, response_date=at, until_now=state == "complete")
    outcome = msgspec.structs.replace(outcome, **facts)
    tally = Tally(new=new)
    windows.finish_window(archive.connection, number, archive.source, window, outcome, tally)
    return number
