"""How often a server is asked: the configured delay, and what it says of its own limits."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime

from harvester.oai.failures import http_date

SPARING = 0.1
"""Below this share of what a server allows, the rest is spread over the time that is left."""
MAX_PAUSE = 900.0
"""Most seconds that are waited for in all at one page because the server asks for it."""
_EPOCH = 1e9  # greater numbers are no seconds from now but a time


class Pace:
    """When the next request to one server may be made.

    Args:
        delay: seconds from one answer to the next request.
        sleep: waits for so many seconds.
    """

    def __init__(self, delay: float, sleep: Callable[[float], None]) -> None:
        self._delay = delay
        self._sleep = sleep
        self._not_before: float | None = None

    @property
    def answered(self) -> bool:
        """The server has answered at least once."""
        return self._not_before is not None

    @property
    def rested(self) -> bool:
        """The next request may be made at once."""
        return self._rest() <= 0

    def wait(self) -> None:
        """Wait until the next request may be made."""
        rest = self._rest()
        if rest > 0:
            self._sleep(rest)

    def _rest(self) -> float:
        return 0.0 if self._not_before is None else self._not_before - time.monotonic()

    def note(self, headers: Mapping[str, str], received_at: str) -> None:
        """Note an answer and what its headers say of a limit.

        Args:
            headers: by lower-case name.
            received_at: when they came, ISO 8601 in UTC.
        """
        pause = max(self._delay, min(rate_limit_pause(headers, received_at), MAX_PAUSE))
        self._not_before = time.monotonic() + pause


def rate_limit_pause(headers: Mapping[str, str], received_at: str) -> float:
    """Return the seconds to wait so that a server's limit is not reached.

    Zenodo sends `x-ratelimit-limit`, `-remaining` and `-reset` (a time as seconds since 1970) with
    every answer; the IETF draft names them without `x-` and counts `reset` from now.

    Args:
        headers: by lower-case name.
        received_at: when they came, ISO 8601 in UTC; the server's Date header is preferred.
    """
    limit, remaining, reset = (
        _number(headers.get(f"x-ratelimit-{name}") or headers.get(f"ratelimit-{name}"))
        for name in ("limit", "remaining", "reset")
    )
    if remaining is None or reset is None:
        return 0.0
    if reset > _EPOCH:
        now = http_date(headers.get("date", "")) or datetime.fromisoformat(received_at)
        reset -= now.timestamp()
    if reset <= 0 or (limit and remaining > SPARING * limit):
        return 0.0
    return reset / (remaining + 1)


def _number(text: str | None) -> float | None:
    text = (text or "").partition(",")[0].partition(";")[0].strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
