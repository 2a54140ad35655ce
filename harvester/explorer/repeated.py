"""Keeps strangers from filling the log: whoever sends nonsense writes a line of it each time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

EVERY = 60
"""Seconds between two lines that say the same."""


class Repeated(logging.Filter):
    """Lets a warning through once in `EVERY` seconds, with the number of those that were held back.

    Warnings are the same where they are before their arguments are filled in. What has a traceback
    always goes through.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare.

        Args:
            clock: gives seconds that never go back.
        """
        super().__init__()
        self._clock = clock
        self._said: dict[str, float] = {}
        self._held_back: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a line is written; it gets the number of those that were not."""
        if record.exc_info or record.levelno < logging.WARNING:
            return True
        line, now = str(record.msg), self._clock()
        if now - self._said.get(line, -EVERY) < EVERY:
            self._held_back[line] = self._held_back.get(line, 0) + 1
            return False
        self._said[line] = now
        held_back = self._held_back.pop(line, 0)
        if held_back:
            record.msg = f"{line} ({held_back} more since this was said last)"
        return True
