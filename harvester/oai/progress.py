"""How far a harvest came: what was seen, what is missing, and how to ask for more.

`harvester.oai.mend` decides what to ask for next; here it is asked for and counted.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime

import msgspec
from sickle import oaiexceptions

from harvester.oai.client import Client
from harvester.oai.datestamps import read_datestamp, write_datestamp
from harvester.oai.failures import AnswerError
from harvester.oai.lists import begin_only, follow
from harvester.oai.oai_errors import ERRORS, refusal
from harvester.oai.page import Page
from harvester.oai.walk import Distinct, Outcome, Walk, outcome_of
from harvester.oai.windows import EARLIEST, Hole, Window, cut

HOPELESS = 5
"""After so many records in a row that cannot be had alone, no other is asked for."""
MAX_FAILURES = 200
"""A server that fails at more lists of one harvest is at fault as a whole."""
FINAL = ("throttled", "blocked", "interrupted")
"""States after which a server is asked for nothing more."""


class EndedError(Exception):
    """A harvest cannot go on.

    Attributes:
        outcome: how it ended.
    """

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class Step(msgspec.Struct, frozen=True):
    """A page of a harvest.

    Attributes:
        number: what `keep` returned for it.
        page: the page.
        reached: everything with an earlier datestamp came, or is in a hole; None: unknown.
        holes: the holes so far.
    """

    number: int
    page: Page
    reached: str | None = None
    holes: tuple[Hole, ...] = ()


Steps = Generator[Step, None, None]


class Progress:
    """What became of one harvest so far, and the ways to ask for more.

    Args:
        client: the server's client.
        earliest: where time begins for the server.
        seconds: it counts seconds, not days.

    Attributes:
        holes: what could not be had.
        reached: everything with an earlier datestamp came, or is in a hole; None: unknown.
        first: the walk that was begun first; it says when, and how long the list should be.
        records: how many records were listed, doubles included.
    """

    def __init__(self, client: Client, earliest: datetime | None, *, seconds: bool) -> None:
        self.holes: list[Hole] = []
        self.reached: str | None = None
        self.first: Walk | None = None
        self._client = client
        self._earliest = earliest or EARLIEST
        self._says_seconds = seconds
        self._in_time = True  # windows come in the order of time, so that `reached` may move
        self._seen = Distinct()
        self.records = 0
        self._denied: set[str] = set()
        self._failures = 0
        self._taken_up: list[tuple[Walk, Window]] = []
        self._works = False  # something came since the first failure

    def _walk(
        self, window: Window, *, full: bool = False, only_begin: bool = False
    ) -> Generator[Step, None, Walk]:
        client = self._client
        walk = Walk(client.host, window, full=full, sized=not client.quirks.wrong_size)
        self.first = self.first or walk
        answers = begin_only(client, walk) if only_begin else follow(client, walk)
        for number, page in answers:
            yield self._step(number, page, walk)
            del page  # as in `follow`
        self.records += walk.records
        if walk.error is not None:
            self._failures += 1
            if self._failures > MAX_FAILURES:
                raise EndedError(self._at_fault(walk, "at too many places"))
        elif walk.records and self._failures:
            self._works = True
        if walk is not self.first or walk.outcome.state != "complete" or walk.announced is None:
            self._seen.join(walk.seen)
        if walk.outcome.state in FINAL:
            self._move(walk)
            raise EndedError(walk.outcome)
        if walk.ignores_dates:
            client.quirks = msgspec.structs.replace(client.quirks, ignores_dates=True)
        return walk

    def _aside(self, window: Window, *, only_begin: bool) -> Generator[Step, None, Walk]:
        """Walk over a window before its time."""
        in_time, self._in_time = self._in_time, False
        walk = yield from self._walk(window, only_begin=only_begin)
        self._in_time = in_time
        return walk

    def _fetch(
        self, wanted: list[str], prefix: str
    ) -> Generator[Step, None, tuple[list[str], str]]:
        """Ask for records one by one.

        Returns:
            The identifiers of those that cannot be had, and why the last of them cannot.
        """
        lost: list[str] = []
        reason = ""
        for place, identifier in enumerate(wanted):
            if len(lost) == place >= HOPELESS:
                return wanted, reason
            try:
                page = self._client.GetRecord(identifier=identifier, metadataPrefix=prefix)
            except ERRORS as error:
                failure = (
                    error if isinstance(error, AnswerError) else refusal(error, self._client.host)
                )
                outcome = outcome_of(failure)
                if outcome.state in FINAL:
                    raise EndedError(outcome) from error
                reason = str(failure)
                lost.append(identifier)
                if isinstance(error, oaiexceptions.IdDoesNotExist):
                    self._denied.add(identifier)
                if failure.salvaged is not None:
                    yield self._step(*failure.salvaged)
            else:
                self._seen.add([identifier])
                self._works = True
                yield self._step(self._client.number, page)
                if identifier not in [record.header.identifier for record in page.records]:
                    reason = f"{self._client.host} sends another record when asked for it alone"
                    lost.append(identifier)
        return lost, reason

    def _step(self, number: int, page: Page, walk: Walk | None = None) -> Step:
        reached = self.reached
        if walk is not None and self._in_time and walk.reached is not None:
            reached = self._datestamp(walk.reached)
        return Step(number, page, reached, tuple(self.holes))

    def _move(self, walk: Walk) -> None:
        """Note how far a list came that broke off."""
        if self._in_time and self._got_on(walk):
            self.reached = self._datestamp(walk.reached)

    def _got_on(self, walk: Walk) -> bool:
        """Say whether a list that broke off can be taken up at its last datestamp."""
        if walk.error is None or walk.outcome.state == "loop" or walk.reached is None:
            return False
        if self._client.quirks.ignores_dates:
            return False
        begun = read_datestamp(walk.window.from_ or "")
        reached = read_datestamp(self._datestamp(walk.reached) or "")
        return reached is not None and (begun is None or reached > begun)

    def _hole(self, window: Window, reason: str | None, identifiers: list[str] = []) -> None:  # noqa: B006
        """Leave a hole; one that begins where another ends makes it longer."""
        from_ = window.from_
        until = window.until or write_datestamp(self._latest(), seconds=self._seconds)
        last = self.holes[-1] if self.holes else None
        if last is not None and last.until == from_ and not last.identifiers and not identifiers:
            from_ = self.holes.pop().from_
        self.holes.append(Hole(from_, until, reason or "", identifiers))

    def _at_fault(self, walk: Walk, where: str) -> Outcome:
        reason = (
            f"{self._client.host} fails alike {where}, so the server is at fault: "
            f"{walk.outcome.reason}"
        )
        return msgspec.structs.replace(walk.outcome, reason=reason)

    @property
    def _seconds(self) -> bool:
        return self._says_seconds and not self._client.quirks.days_only

    def _datestamp(self, text: str | None) -> str | None:
        time = read_datestamp(text or "")
        return write_datestamp(time, seconds=self._seconds) if time else None

    def _cut(self, window: Window, pieces: int) -> list[Window]:
        latest = self._latest()
        windows = cut(window, pieces, self._earliest, latest, seconds=self._seconds)
        if pieces > 1 == len(windows) and window.from_ is None and self._earliest > EARLIEST:
            self._earliest = EARLIEST  # what servers tell of it is often too late
            windows = cut(window, pieces, self._earliest, latest, seconds=self._seconds)
        return windows

    def _latest(self) -> datetime:
        said = self.first and self.first.outcome.response_date
        return read_datestamp(said or "") or datetime.now(UTC)


def live(page: Page) -> list[str]:
    """Return the identifiers of the records of a page that are not deleted."""
    headers = [record.header for record in page.records]
    return [header.identifier for header in headers if header.identifier and not header.deleted]
