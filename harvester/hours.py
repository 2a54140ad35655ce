"""How long a run may last: `2h`, `90m`, `1:30`; and the hours of a day or night: `22:00-06:00`."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

import msgspec

from harvester.errors import UsageError

_UNITS = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)")


class Hours(msgspec.Struct, frozen=True):
    """From a time of the day until another, in local time; midnight may lie between them."""

    begin: time
    end: time

    def left(self, now: datetime) -> float | None:
        """Return the seconds until their end; None outside of them.

        A change between summer and winter time is seen: what counts is the clock on the wall.

        Args:
            now: the local time, with its zone.
        """
        wall = now.replace(tzinfo=None)
        for day in (wall.date() - timedelta(days=1), wall.date()):
            begin, end = datetime.combine(day, self.begin), datetime.combine(day, self.end)
            if self.end <= self.begin:
                end += timedelta(days=1)
            if begin <= wall < end:
                return end.astimezone(None).timestamp() - now.timestamp()
        return None

    def __str__(self) -> str:
        """Write them as the user does: `22:00-06:00`."""
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"


def read_hours(text: str) -> Hours:
    """Read hours of the day, such as `22:00-06:00`.

    Raises:
        UsageError: the text means none.
    """
    begin, dash, end = (part.strip() for part in text.partition("-"))
    try:
        if not dash:
            raise ValueError(text)
        hours = Hours(*(datetime.strptime(part, "%H:%M").time() for part in (begin, end)))
    except ValueError as error:
        raise UsageError(f"--between {text!r} is not of the form 22:00-06:00") from error
    if hours.begin == hours.end:
        raise UsageError(f"--between {text!r} begins when it ends: leave it out")
    return hours


def read_duration(text: str) -> float:
    """Read a span of time, such as `2h`, `90m`, `1h30m`, `3600s` or `1:30` (hours and minutes).

    Returns:
        Seconds.

    Raises:
        UsageError: the text means none.
    """
    clock = _CLOCK.fullmatch(text.strip())
    units = _UNITS.fullmatch(text.strip())
    hours, minutes, seconds = (0, 0, 0)
    if clock:
        hours, minutes = map(int, clock.groups())
    elif units:
        hours, minutes, seconds = (int(part or 0) for part in units.groups())
    total = timedelta(hours=hours, minutes=minutes, seconds=seconds).total_seconds()
    if not total:
        raise UsageError(f"--max-time {text!r} is no span of time such as 2h, 90m or 1:30")
    return total
