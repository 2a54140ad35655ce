"""The proof that a list came to its end.

A list is complete only when its last page was closed XML without a token, no token and no page
came twice, and no fewer records came than the server announced. Everything else has another
name, with one line that says why.
"""

from __future__ import annotations

from array import array

import msgspec
from sickle import oaiexceptions

from harvester.oai.datestamps import read_datestamp, write_datestamp
from harvester.oai.failures import (
    AnswerError,
    BlockedError,
    LoopError,
    ThrottledError,
    http_date,
)
from harvester.oai.oai_errors import refusal
from harvester.oai.page import Page
from harvester.oai.received import Received

MAX_EMPTY_PAGES = 1000
"""Empty pages in a row that are believed: one that has a token is legal."""

_STATES = {LoopError: "loop", ThrottledError: "throttled", BlockedError: "blocked"}
_BUCKET_SIZE = 65_536
_MAX_BUCKETS = 64


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How the walk over a list ended.

    Attributes:
        state: `complete`, or `partial` (it broke off after records came), `short` (fewer came
            than announced), `throttled`, `blocked`, `loop`, `suspicious-empty` (a full harvest of
            nothing), `failed` (nothing came).
        reason: one line, for every state but `complete`.
        response_date: the server's time when the list was begun, ISO 8601 in UTC, but never later
            than ours: the watermark, if the list is complete.
        complete_list_size: how many records the server announced first.
    """

    state: str
    reason: str | None = None
    response_date: str | None = None
    complete_list_size: int | None = None


def outcome_of(error: Exception) -> Outcome:
    """Judge a failure after which nothing came, such as one of `identify`."""
    state = next((state for kind, state in _STATES.items() if isinstance(error, kind)), "failed")
    return Outcome(state=state, reason=str(error))


class Walk:
    """What is known of a list so far.

    Args:
        host: the server, for the reasons.
        full: the list is asked for without `from`, so that it can hardly be empty.
    """

    def __init__(self, host: str, *, full: bool) -> None:
        self._host = host
        self._full = full
        self._pages = 0
        self._records = 0
        self._announced: int | None = None
        self._began: str | None = None
        # 8 bytes a record: a million of them must fit into memory beside the rest.
        self._identifiers = array("q")
        self._contents: set[int] = set()
        self._empty = 0

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

    def count(self, page: Page) -> LoopError | None:
        """Count a page in.

        Returns:
            An error where the page came before, or nothing but empty pages comes; the page's
            records are good all the same.
        """
        self._pages += 1
        if self._announced is None:
            # The first announcement binds: a list may grow while it is read, and what is added
            # to it then has a datestamp that the next harvest asks for.
            self._announced = page.complete_list_size
        content = hash(tuple([(r.header.identifier, r.header.datestamp) for r in page.records]))
        for place, record in enumerate(page.records, start=self._records):
            # A record without an identifier is like no other.
            self._identifiers.append(hash(record.header.identifier or (place, "nameless")))
        self._records += len(page.records)
        self._empty = 0 if page.records else self._empty + 1
        if self._empty > MAX_EMPTY_PAGES:
            return LoopError(
                f"{self._host} sent {MAX_EMPTY_PAGES} empty pages in a row: tell the repository"
            )
        if page.records and content in self._contents:
            return LoopError(
                f"{self._host} sent the same page twice, so its list may never end: "
                "tell the repository"
            )
        self._contents.add(content)
        return None

    def ended(self) -> Outcome:
        """Judge a list whose last page had no token."""
        distinct = self._distinct()
        if self._announced is not None and distinct < self._announced:
            twice = self._records - distinct
            doubles = f" and {twice:,} of them twice" if twice else ""
            return self.outcome(
                "short",
                f"{self._host} announced {self._announced:,} records, {distinct:,} came{doubles}: "
                "the next harvest asks for all of them again",
            )
        if self._records == 0 and self._full:
            return self.outcome(
                "suspicious-empty",
                f"{self._host} says that it has no records at all: "
                "check the prefix and the set with `harvester sources check`",
            )
        return self.outcome("complete")

    def broke(self, error: Exception) -> Outcome:
        """Judge a list that ended with a failure or an OAI-PMH error."""
        if isinstance(error, oaiexceptions.NoRecordsMatch) and self._pages == 0:
            return self.ended()
        all_came = self._announced is not None and self._distinct() >= self._announced
        if all_came and isinstance(
            error, oaiexceptions.NoRecordsMatch | oaiexceptions.BadResumptionToken
        ):
            return self.ended()  # DOAJ gives a token on the last page that leads nowhere
        failure = error if isinstance(error, AnswerError) else refusal(error, self._host)
        judged = outcome_of(failure)
        broke_off = judged.state == "failed" and self._records > 0
        return self.outcome("partial" if broke_off else judged.state, judged.reason)

    def outcome(self, state: str, reason: str | None = None) -> Outcome:
        """Give the outcome a name."""
        return Outcome(
            state=state,
            reason=reason,
            response_date=self._began,
            complete_list_size=self._announced,
        )

    def _distinct(self) -> int:
        """Count the different identifiers, in buckets so that memory stays flat."""
        buckets = min(_MAX_BUCKETS, 1 + len(self._identifiers) // _BUCKET_SIZE)
        return sum(
            len({known for known in self._identifiers if known % buckets == bucket})
            for bucket in range(buckets)
        )
