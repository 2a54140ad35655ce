"""Windows of time: what a list is asked for, and how a window is cut into smaller ones.

Both ends of a window belong to it, as in the protocol. Neighbours share the moment at which they
were cut: some servers keep fractions of a second, and what lies between two whole seconds must
belong to one of them. Where a window is open it stays open.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from harvester.oai.datestamps import read_datestamp, write_datestamp

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Where no better is known: before it no repository had datestamps."""


class Window(msgspec.Struct, frozen=True):
    """What a list is asked for.

    Attributes:
        prefix: the metadata prefix.
        set_spec: one set, or None for all records.
        from_: the earliest datestamp, as the server writes datestamps. None is a full harvest,
            which sends no `from`: the earliest datestamp that servers tell is often wrong.
        until: the latest datestamp; None leaves the window open.
    """

    prefix: str
    set_spec: str | None = None
    from_: str | None = None
    until: str | None = None


class Hole(msgspec.Struct, frozen=True):
    """A window that could not be harvested, to be asked for again.

    Attributes:
        from_: its earliest datestamp; None where it is open.
        until: its latest datestamp; None where it is open.
        reason: why, in one line.
        identifiers: the records that are missing, as far as the server names them.
    """

    from_: str | None
    until: str | None
    reason: str
    identifiers: list[str] = []


def in_days(window: Window) -> Window:
    """Return a window with its dates cut to days, which holds at least as much."""
    day = len("YYYY-MM-DD")
    return msgspec.structs.replace(
        window,
        from_=window.from_ and window.from_[:day],
        until=window.until and window.until[:day],
    )


def cut(
    window: Window, pieces: int, earliest: datetime, latest: datetime, *, seconds: bool
) -> list[Window]:
    """Cut a window into pieces of equal length, the earliest first.

    Args:
        window: what to cut.
        pieces: at most so many; fewer where the window is too short.
        earliest: where a window without `from` is taken to begin.
        latest: where a window without `until` is taken to end.
        seconds: the server counts seconds, not days.

    Returns:
        Pieces of at least two units each; the window alone where it cannot be cut. Together they
        hold what the window holds.
    """
    unit = SECOND if seconds else DAY
    low = _floor(read_datestamp(window.from_ or "") or earliest, unit)
    high = _floor(read_datestamp(window.until or "") or latest, unit)
    units = (high - low) // unit
    count = max(1, min(pieces, units))
    cuts = [
        write_datestamp(low + units * number // count * unit, seconds=seconds)
        for number in range(1, count)
    ]
    return [
        msgspec.structs.replace(window, from_=from_, until=until)
        for from_, until in zip([window.from_, *cuts], [*cuts, window.until], strict=True)
    ]


def _floor(time: datetime, unit: timedelta) -> datetime:
    begin = datetime(1, 1, 1, tzinfo=UTC)
    return begin + (time - begin) // unit * unit
