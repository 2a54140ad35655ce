"""When a run has to end before its work does: a signal, `--max-time`, the end of the night."""

from __future__ import annotations

import threading
import time

from harvester.oai.failures import StoppedError


class Stop:
    """Says that a run has to end; shared by all that ask servers at one time.

    Whoever asks a server looks here before every request, so a page that is on its way is
    finished, kept and stored.

    Args:
        seconds: after so many the run has to end; None never.
        why: what is told then.
    """

    def __init__(self, seconds: float | None = None, why: str = "its time is up") -> None:
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._why = why
        self._asked = threading.Event()
        self._reason = ""

    def ask(self, reason: str) -> None:
        """Let the run end; may be called by a signal handler."""
        if not self._asked.is_set():
            self._reason = reason
            self._asked.set()

    @property
    def reason(self) -> str | None:
        """Why the run has to end; None while it has not."""
        if not self._asked.is_set() and self._left() == 0.0:
            self.ask(self._why)
        return self._reason if self._asked.is_set() else None

    def check(self) -> None:
        """Go on, or end.

        Raises:
            StoppedError: the run has to end.
        """
        reason = self.reason
        if reason is not None:
            raise StoppedError(f"stopped, because {reason}: the next harvest goes on from here")

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than the run lasts.

        Raises:
            StoppedError: the run has to end.
        """
        left = self._left()
        self._asked.wait(seconds if left is None else min(seconds, left))
        self.check()

    def _left(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())
