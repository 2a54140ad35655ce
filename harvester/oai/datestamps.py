"""Datestamps of OAI-PMH: read as servers write them, written as servers read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

OVERLAP_SECONDS = timedelta(hours=26)
"""Asked for twice where the server counts seconds: local time sent as UTC, late indexing."""
OVERLAP_DAYS = timedelta(days=2)
"""The same where it counts days."""


def read_datestamp(text: str) -> datetime | None:
    """Read a datestamp or responseDate, also with an offset, a fraction, or without a zone.

    Returns:
        The time in UTC; None where the text is no date (`aaaa-bb-cc`, dspace.ubib.eur.nl).
    """
    try:
        time = datetime.fromisoformat(text.strip())
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def write_datestamp(time: datetime, *, seconds: bool = True) -> str:
    """Write a UTC time in one of the two granularities of OAI-PMH 2.0, rounded down."""
    # strftime does not pad years before 1000 on every platform.
    day = f"{time.year:04}-{time.month:02}-{time.day:02}"
    return f"{day}T{time.hour:02}:{time.minute:02}:{time.second:02}Z" if seconds else day


def now() -> str:
    """Return the time of this machine, ISO 8601 in UTC to the second: `2026-11-23T01:00:00Z`."""
    return write_datestamp(datetime.now(UTC))


def counts_seconds(granularity: str) -> bool:
    """Say whether a granularity, as Identify gives it, means seconds.

    Its case does not matter (digizeitschriften.de writes it small), nor does a fraction. What is
    not seconds counts as days, which every server must understand.
    """
    return granularity.strip().lower().startswith("yyyy-mm-ddthh:mm:ss")


def next_from(watermark: str | None, granularity: str) -> str | None:
    """Return the `from` of the next harvest: the watermark less an overlap.

    The rule is EreMaijala's (vufindharvest#7): the server's time at the *start* of the last
    complete harvest; the overlap forgives local time sent as UTC and late indexing.

    Args:
        watermark: `Outcome.response_date` of the last complete harvest, or None.
        granularity: as Identify gives it.

    Returns:
        The date in the server's granularity; None where a full harvest is due.
    """
    time = read_datestamp(watermark or "")
    if time is None:
        return None
    seconds = counts_seconds(granularity)
    try:
        return write_datestamp(
            time - (OVERLAP_SECONDS if seconds else OVERLAP_DAYS), seconds=seconds
        )
    except OverflowError:
        return None
