"""Finds out whether a server does what `from` and `until` ask: a harvest of what is new needs it.

Windows are laid around datestamps that the server itself has just listed, so that it is known what
must come; and before and after all of them, where nothing can come.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec

from harvester.oai.check.findings import Order, Severity, Value
from harvester.oai.check.probe import Probe, Refusal
from harvester.oai.datestamps import read_datestamp, write_datestamp
from harvester.oai.page import Header, Page
from harvester.oai.quirks import Quirks
from harvester.oai.walk import TOLERANCE
from harvester.oai.windows import DAY, EARLIEST, SECOND

YEAR = timedelta(days=365)

_FAR = 9000  # a year so late that nothing can be asked beyond it


class Known(msgspec.Struct, frozen=True):
    """A record that the server has listed: its identifier, and its datestamp."""

    identifier: str
    time: datetime


def known_records(headers: Iterable[Header]) -> list[Known]:
    """Return the records of a page whose datestamps can be read."""
    return [
        Known(header.identifier, time)
        for header in headers
        if (time := read_datestamp(header.datestamp)) is not None
    ]


def order_of(known: list[Known]) -> Order:
    """Say how the datestamps of a page follow each other."""
    steps = [(one.time, other.time) for one, other in pairwise(known) if one.time != other.time]
    if not steps:
        return "unknown"
    if all(one < other for one, other in steps):
        return "rising"
    return "falling" if all(one > other for one, other in steps) else "none"


def check_dates(probe: Probe, prefix: str, known: list[Known], *, seconds: bool) -> None:
    """Ask for windows of time, and note what the server makes of them.

    Args:
        probe: asks the server.
        prefix: the metadata prefix.
        known: records that it has listed.
        seconds: dates are asked for to the second, not to the day.
    """
    sensible = [record for record in known if EARLIEST.year <= record.time.year < _FAR]
    if not sensible:
        probe.report.add("note", "dates_untried")
        return
    _Dates(probe, prefix, sensible, seconds=seconds).check()


class _Dates:
    """The windows of one server."""

    def __init__(self, probe: Probe, prefix: str, known: list[Known], *, seconds: bool) -> None:
        self._probe = probe
        self._report = probe.report
        self._prefix = prefix
        self._known = known
        self._seconds = seconds
        self._sound = True
        self._until_ignored = False

    def check(self) -> None:
        """Ask for the windows, one after another."""
        low, high = self._middle()
        inside = self._ask(low, high)
        if self._seconds and isinstance(inside, Refusal) and inside.code == "badArgument":
            # Servers announce seconds and take days only (nakala.fr, PubMed Central).
            self._seconds = False
            low, high = self._middle()
            inside = self._ask(low, high)
            if isinstance(inside, Page) or _empty(inside):
                self._find("note", "days_only")
                self._remember(Quirks(days_only=True))
        if inside is None:
            return
        if isinstance(inside, Refusal) and inside.code != "noRecordsMatch":
            self._find("problem", "dates_refused", code=inside.code)
            return
        if not self._outside():
            return
        if self._judge(inside, low, high):
            self._check_unit()
        if self._sound:
            self._find("good", "dates_seconds" if self._seconds else "dates_days")

    def _outside(self) -> bool:
        """Ask for what comes before and after everything; say whether dates count at all."""
        future = _floor(datetime.now(UTC), self._unit) + YEAR
        after = self._ask(future, None)
        first = min(min(known.time for known in self._known), self._earliest())
        until = _floor(first, DAY) - 3 * DAY
        before = self._ask(until - YEAR, until)
        from_ignored = any(time < future - TOLERANCE for time in _times(after))
        self._until_ignored = any(time > until + DAY + TOLERANCE for time in _times(before))
        if isinstance(after, Refusal) and after.code != "noRecordsMatch":
            self._find("note", "future_refused", code=after.code)
        elif isinstance(after, Page) and not after.records:
            self._find("note", "empty_list")
        if isinstance(before, Refusal) and before.code != "noRecordsMatch":
            self._find("note", "early_refused", code=before.code)
        if from_ignored:
            key = "dates_ignored" if self._until_ignored else "from_ignored"
            self._find("problem", key)
            self._remember(Quirks(ignores_dates=True))
        elif self._until_ignored:
            self._find("note", "until_ignored")
            self._sound = False
        self._sound = self._sound and after is not None and before is not None
        return not from_ignored

    def _judge(self, answer: Page | Refusal, low: datetime, high: datetime) -> bool:
        """Compare what came with what must come, and what must not; say whether it was all."""
        strays = sum(not low <= _floor(time, self._unit) <= high for time in _times(answer))
        if strays and not self._until_ignored:
            self._sound = False
            self._find("note", "window_strays", count=strays, **self._said(low, high))
        if isinstance(answer, Page) and answer.token is not None:
            return True
        lacking = self._within(low, high) - _identifiers(answer)
        if not lacking:
            return True
        self._sound = False
        if not lacking - _identifiers(self._ask(low - DAY, high + DAY)):
            self._find("note", "dates_shifted", **self._said(low, high))
        elif _empty(answer):
            self._find("problem", "window_missed", **self._said(low, high))
        else:
            values = {"example": min(lacking), **self._said(low, high)}
            self._find("problem", "window_lacks", count=len(lacking), **values)
        return False

    def _check_unit(self) -> None:
        """Ask for one second, or one day, in which the server has listed records."""
        times = self._times()
        unit = times[len(times) // 2]
        answer = self._ask(unit, unit)
        if _empty(answer) or (isinstance(answer, Refusal) and answer.code == "badArgument"):
            said = write_datestamp(unit, seconds=self._seconds)
            self._find("note", "empty_units", date=said)
            self._remember(Quirks(empty_units=True))

    def _middle(self) -> tuple[datetime, datetime]:
        """Return a window with listed records inside, and where possible others outside."""
        times = self._times()
        if len(times) == 1:
            return times[0] - self._unit, times[0] + self._unit
        if len(times) == 2:
            return times[0], times[0] + self._unit
        low = max(1, len(times) // 3)
        high = max(low, min(len(times) - 2, 2 * len(times) // 3))
        return times[low], times[high] + self._unit

    def _times(self) -> list[datetime]:
        return sorted({_floor(known.time, self._unit) for known in self._known})

    def _within(self, low: datetime, high: datetime) -> set[str]:
        return {
            known.identifier
            for known in self._known
            if low <= _floor(known.time, self._unit) <= high and known.identifier
        }

    def _earliest(self) -> datetime:
        identity = self._report.identity
        time = read_datestamp(identity.earliest_datestamp) if identity else None
        return max(time, EARLIEST) if time else datetime.now(UTC)

    def _ask(self, low: datetime, high: datetime | None) -> Page | Refusal | None:
        # `from` is a keyword of Python.
        dates: dict[str, Any] = {
            "from": write_datestamp(low, seconds=self._seconds),
            "until": write_datestamp(high, seconds=self._seconds) if high else None,
        }
        return self._probe.page("ListRecords", metadataPrefix=self._prefix, **dates)

    def _said(self, low: datetime, high: datetime) -> dict[str, str]:
        return {
            "first": write_datestamp(low, seconds=self._seconds),
            "last": write_datestamp(high, seconds=self._seconds),
        }

    def _find(self, severity: Severity, key: str, **values: Value) -> None:
        self._sound = self._sound and severity != "problem"
        self._report.add(severity, key, **values)

    def _remember(self, quirks: Quirks) -> None:
        self._report.quirks = self._report.quirks.joined(quirks)

    @property
    def _unit(self) -> timedelta:
        return SECOND if self._seconds else DAY


def _empty(answer: Page | Refusal | None) -> bool:
    if isinstance(answer, Refusal):
        return answer.code == "noRecordsMatch"
    return answer is not None and not answer.records and answer.token is None


def _identifiers(answer: Page | Refusal | None) -> set[str]:
    if not isinstance(answer, Page):
        return set()
    return {record.header.identifier for record in answer.records}


def _times(answer: Page | Refusal | None) -> list[datetime]:
    """Return the datestamps of what came."""
    if not isinstance(answer, Page):
        return []
    return [known.time for known in known_records(record.header for record in answer.records)]


def _floor(time: datetime, unit: timedelta) -> datetime:
    begin = datetime(1, 1, 1, tzinfo=UTC)
    return begin + (time - begin) // unit * unit
