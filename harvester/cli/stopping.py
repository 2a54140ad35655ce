"""How a harvest is told to end: by a signal, after a time, at the end of the night."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from harvester.errors import TRY_LATER, TryLaterError
from harvester.hours import read_duration, read_hours
from harvester.oai.stopping import Stop

_WAIT = b"harvester: the pages on their way are finished; the same again ends at once\n"
_AT_ONCE = b"harvester: stopped at once; nothing that was received is lost\n"
_STDERR = 2


class OutsideHoursError(TryLaterError):
    """It is not the time of the day to ask servers."""


def until(max_time: str | None, between: str | None, now: datetime) -> Stop:
    """Return what ends a run after a time, or at the end of the hours of the day that it may use.

    Args:
        max_time: such as `2h`; None: it may last as long as it takes.
        between: such as `22:00-06:00`; None: at any time of the day.
        now: the local time, with its zone.

    Raises:
        UsageError: one of them cannot be read.
        OutsideHoursError: it is not between these hours.
    """
    ends = []
    if max_time is not None:
        ends.append((read_duration(max_time), f"its --max-time of {max_time} is over"))
    if between is not None:
        hours = read_hours(between)
        left = hours.left(now)
        if left is None:
            raise OutsideHoursError(
                f"it is {now:%H:%M}, and only between {hours.begin:%H:%M} and {hours.end:%H:%M} "
                "servers are asked: nothing was done"
            )
        ends.append((left, f"it is {hours.end:%H:%M}"))
    return Stop(*min(ends)) if ends else Stop()


@contextmanager
def by_signals(stop: Stop) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM end a run in good order, and the second one at once.

    The second needs no good order either: whatever was received is kept, and the next command
    goes on from there.
    """
    came: list[int] = []

    def ask(number: int, _: object) -> None:
        if came:
            os.write(_STDERR, _AT_ONCE)
            os._exit(TRY_LATER)
        came.append(number)
        if os.isatty(_STDERR):
            os.write(_STDERR, _WAIT)
        stop.ask("somebody pressed Ctrl-C" if number == signal.SIGINT else "SIGTERM came")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
