"""The proof that a list came to its end.

A list is complete only when its last page was closed XML without a token, no token and no page
came twice, and no fewer records came than the server announced. Everything else has another
name, with one line that says why.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import msgspec
from sickle import oaiexceptions

from harvester.oai.datestamps import read_datestamp, write_datestamp
from harvester.oai.failures import (
    AnswerError,
    BlockedError,
    LoopError,
    StoppedError,
    ThrottledError,
    http_date,
)
from harvester.oai.oai_errors import OAI_ERRORS, refusal
from harvester.oai.page import Header, Page
from harvester.oai.received import Received
from harvester.oai.windows import Hole, Window

MAX_EMPTY_PAGES = 1000
"""Empty pages in a row that are believed: one that has a token is legal."""
MAX_TIMES_ANNOUNCED = 3
"""A list that brings more than so many times what it announced never ends."""
ORDERLY = 5
"""Steps upwards that make it sure that a list is in the order of its datestamps."""
TOLERANCE = timedelta(days=1)
"""How far outside of its window a datestamp may lie: local time sent as UTC."""

_STATES = {
    LoopError: "loop",
    ThrottledError: "throttled",
    BlockedError: "blocked",
    StoppedError: "interrupted",
}
_BUCKET_SIZE = 65_536
_MAX_BUCKETS = 64
_SURPLUS = 10_000
_FEW = 1000
_DAY = len("YYYY-MM-DD")
_FORMS = (_DAY, len("YYYY-MM-DDThh:mm:ssZ"))


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How the walk over a list ended.

    Attributes:
        state: `complete`, or `partial` (it broke off after records came), `short` (fewer came
            than announced), `throttled`, `blocked`, `loop`, `suspicious-empty` (a full harvest of
            nothing), `failed` (nothing came), `interrupted` (the run had to end).
        reason: one line, for every state but `complete`.
        response_date: the server's time when the list was begun, ISO 8601 in UTC, but never later
            than ours: the watermark, if the list is complete.
        complete_list_size: how many records the server announced first.
        holes: what is known to be missing, to be asked for again.
        reached: where the list may be taken up again: everything with an earlier datestamp came,
            or is in a hole. None where that is unknown.
        not_before: the server asks not to be asked before, ISO 8601 in UTC.
        until_now: the list came to its end, except for the holes.
    """

    state: str
    reason: str | None = None
    response_date: str | None = None
    complete_list_size: int | None = None
    holes: tuple[Hole, ...] = ()
    reached: str | None = None
    not_before: str | None = None
    until_now: bool = False


def outcome_of(error: Exception) -> Outcome:
    """Judge a failure after which nothing came, such as one of `identify`."""
    state = next((state for kind, state in _STATES.items() if isinstance(error, kind)), "failed")
    return Outcome(state=state, reason=str(error), not_before=_not_before(error))


def _not_before(error: Exception) -> str | None:
    return error.not_before if isinstance(error, ThrottledError) else None


class Distinct:
    """Counts different identifiers in 8 bytes each: a million must fit beside the rest."""

    def __init__(self) -> None:
        self._hashes = array("q")

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, identifiers: list[str]) -> None:
        """Take in identifiers; one that is empty is like no other."""
        start = len(self)
        self._hashes.extend(
            [hash(known or (place, "nameless")) for place, known in enumerate(identifiers, start)]
        )

    def covers(self, other: Distinct) -> bool:
        """Say whether all that another has taken in was taken in here too."""
        return set(other._hashes) <= set(self._hashes)

    def join(self, other: Distinct) -> None:
        """Take in what another has taken in."""
        self._hashes.extend(other._hashes)

    def count(self) -> int:
        """Count the different ones, in buckets so that memory stays flat."""
        buckets = min(_MAX_BUCKETS, 1 + len(self._hashes) // _BUCKET_SIZE)
        return sum(
            len({known for known in self._hashes if known % buckets == bucket})
            for bucket in range(buckets)
        )

    def lacking(self) -> Callable[[list[str]], list[str]]:
        """Return what tells which of some identifiers were never taken in."""
        known = set(self._hashes)
        return lambda identifiers: [one for one in identifiers if hash(one) not in known]


class Walk:
    """What is known of one list so far.

    Args:
        host: the server, for the reasons.
        window: what is asked for.
        full: it is the whole list, so that it can hardly be empty.
        sized: what the server announces is believed.

    Attributes:
        window: what is asked for.
        seen: the identifiers that came.
        pages: how many pages came.
        announced: how many records were announced first; None where they were not.
        error: what the list broke off with; None while it has not.
        doubtful: it ended well, but for a token that led nowhere.
        outcome: how it ended, once it has.
    """

    def __init__(
        self, host: str, window: Window, *, full: bool = False, sized: bool = True
    ) -> None:
        self.window = window
        self.seen = Distinct()
        self.pages = 0
        self.announced: int | None = None
        self.error: AnswerError | None = None
        self.doubtful = False
        self.outcome = Outcome(state="failed")
        self._host = host
        self._full = full
        self._sized = sized
        self._began: str | None = None
        self._contents: set[int] = set()
        self._empty = 0
        self._look_again = 2 * _FEW
        self._last = ""
        self._ascents = 0
        self._in_order = True
        self._bounds = _bounds(window)
        self._outside = 0

    def begin(self, page: Page | None, received: Received) -> None:
        """Note the server's time; only the first answer counts.

        Args:
            page: what the answer says, if it could be read.
            received: the answer; its Date header stands in for a missing responseDate.
        """
        if self._began is None:
            ours = read_datestamp(received.received_at)
            assert ours is not None
            theirs = page and read_datestamp(page.response_date or "")
            theirs = theirs or http_date(received.headers.get("date", "")) or ours
            self._began = write_datestamp(min(theirs, ours))

    def unbound(self) -> None:
        """Note that more is asked for than the window, so that nothing lies outside of it."""
        self._bounds = None

    @property
    def records(self) -> int:
        """How many records came, doubles included."""
        return len(self.seen)

    @property
    def reached(self) -> str | None:
        """The last datestamp, where the list came in the order of datestamps; else None."""
        return self._last if self._in_order and self._ascents >= ORDERLY else None

    @property
    def ignores_dates(self) -> bool:
        """Most of what came lies outside of the window."""
        return self._outside > self.records / 2

    def count(self, page: Page) -> LoopError | None:
        """Count a page in.

        Returns:
            An error where the page came before, or nothing but empty pages comes; the page's
            records are good all the same.
        """
        self.pages += 1
        if self.announced is None and self._sized:
            # The first announcement binds: a list may grow while it is read, and what is added
            # to it then has a datestamp that the next harvest asks for.
            self.announced = page.complete_list_size
        headers = [record.header for record in page.records]
        self.seen.add([header.identifier for header in headers])
        self._follow([header.datestamp for header in headers])
        self._empty = 0 if headers else self._empty + 1
        if self._empty > MAX_EMPTY_PAGES:
            return LoopError(
                f"{self._host} sent {MAX_EMPTY_PAGES} empty pages in a row: tell the repository"
            )
        if self.announced and self.records > MAX_TIMES_ANNOUNCED * self.announced + _SURPLUS:
            return LoopError(
                f"{self._host} announced {self.announced:,} records and has sent {self.records:,}, "
                "so its list may never end: tell the repository"
            )
        if self.records >= self._look_again:
            self._look_again = 2 * self.records
            if self.records > MAX_TIMES_ANNOUNCED * self.seen.count() + _FEW:
                return LoopError(
                    f"{self._host} has sent {self.records:,} records, most of them again and "
                    "again, so its list may never end: tell the repository"
                )
        content = _content(headers)
        if headers and content in self._contents:
            return LoopError(
                f"{self._host} sent the same page twice, so its list may never end: "
                "tell the repository"
            )
        self._contents.add(content)
        return None

    def _follow(self, datestamps: list[str]) -> None:
        if not datestamps:
            return
        if self._in_order:
            self._in_order = len(datestamps[0]) in _FORMS and datestamps[0] >= self._last
            for one, other in pairwise(datestamps):
                if one != other:
                    self._ascents += 1
                    if one > other or len(one) != len(other):
                        self._in_order = False
                        break
            self._ascents += self._last not in ("", datestamps[0])
            self._last = datestamps[-1]
        if self._bounds is not None:
            low, high = self._bounds
            self._outside += sum(not low <= stamp[:_DAY] <= high for stamp in datestamps)

    def ended(self) -> Outcome:
        """Judge a list whose last page had no token."""
        if self.announced is not None and self.seen.count() < self.announced:
            return self.short(self.seen)
        if self.records == 0 and self._full:
            return self.outcome_is(
                "suspicious-empty",
                f"{self._host} says that it has no records at all: "
                "check the prefix and the set with `harvester sources check`",
            )
        return self.outcome_is("complete")

    def short(self, seen: Distinct) -> Outcome:
        """Judge a list that brought less than was announced, or may have.

        Args:
            seen: what came in all.
        """
        distinct = seen.count()
        twice = len(seen) - distinct
        doubles = f" and {twice:,} of them twice" if twice else ""
        if self.announced is None:
            what = f"{distinct:,} records came{doubles} from {self._host}, perhaps not all it has"
        else:
            what = f"{self._host} announced {self.announced:,} records, {distinct:,} came{doubles}"
        return self.outcome_is("short", f"{what}: the next harvest asks for all of them again")

    def broke(self, error: Exception) -> Outcome:
        """Judge a list that ended with a failure or an OAI-PMH error."""
        if isinstance(error, oaiexceptions.NoRecordsMatch) and self.pages == 0:
            return self.ended()
        all_came = self.announced is not None and self.seen.count() >= self.announced
        if all_came and isinstance(
            error, oaiexceptions.NoRecordsMatch | oaiexceptions.BadResumptionToken
        ):
            # DOAJ gives a token on the last page that leads nowhere. Others announce the size of a
            # page, so a single page proves nothing.
            self.doubtful = self.pages == 1
            return self.ended()
        self.error = error if isinstance(error, AnswerError) else refusal(error, self._host)
        if isinstance(error, OAI_ERRORS) and self.pages == 0:
            # The first request is refused as such, so a request like it would be, too.
            self.error.everywhere = True
        judged = outcome_of(self.error)
        broke_off = judged.state == "failed" and self.records > 0
        return self.outcome_is(
            "partial" if broke_off else judged.state, judged.reason, judged.not_before
        )

    def outcome_is(
        self, state: str, reason: str | None = None, not_before: str | None = None
    ) -> Outcome:
        """Give the outcome a name."""
        self.outcome = Outcome(
            state=state,
            reason=reason,
            response_date=self._began,
            complete_list_size=self.announced,
            not_before=not_before,
            until_now=state == "complete",
        )
        return self.outcome


def _bounds(window: Window) -> tuple[str, str] | None:
    """Return the first and last day that may come; None where everything may."""
    low, high = read_datestamp(window.from_ or ""), read_datestamp(window.until or "")
    if low is None and high is None:
        return None
    return (
        write_datestamp(low - TOLERANCE, seconds=False) if low else "",
        write_datestamp(high + TOLERANCE, seconds=False) if high else "9999",
    )


def _content(headers: list[Header]) -> int:
    return hash(tuple([(header.identifier, header.datestamp) for header in headers]))
