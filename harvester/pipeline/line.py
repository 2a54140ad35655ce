"""The line in which the pages of one source wait: understood by helpers, stored in their order.

As long as a server takes longer to answer than we take to understand, each page is stored before
the next one is asked for. Where it is quicker, helpers are started, and pages are stored some at a
time. Should the command be killed, pages that still wait are in the archive, and the next command
brings them in first.
"""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from harvester.archive.runs import Tally
from harvester.errors import HarvesterError
from harvester.pipeline import arrival
from harvester.pipeline.arrival import Arrival, Waiting
from harvester.pipeline.helpers import Helpers
from harvester.pipeline.understanding import Outcome, make
from harvester.workspace import Workspace

TOGETHER = 10_000
"""How many records are stored in one transaction, where so many wait."""
MOST_RECORDS = 14_000
MOST_BYTES = 64 << 20
"""How many records may wait, and how large they may be."""
FIRST = 300
"""After how many records it is judged whether the server is quicker than we are."""

Fault = Callable[[int, Exception], None]
"""Is told of a page on which our own code failed, by its number."""


class _Page(NamedTuple):
    """A page in the line: what is to be made of it, how large that is, and what was made of it."""

    waiting: Waiting
    size: int
    made: Future[list[Outcome]]


class Line:
    """Pages on their way into the catalogue. One thread uses it."""

    def __init__(self, workspace: Workspace, helpers: Helpers, fault: Fault | None = None) -> None:
        """Begin an empty line.

        Args:
            workspace: what is open.
            helpers: the processes that may help.
            fault: is told of a page that our own code cannot store, which leaves the line; without
                it the fault is raised, and all that wait stay for the next command.
        """
        self._workspace = workspace
        self._helpers = helpers
        self._fault = fault
        self._pages: deque[_Page] = deque()
        self._quarantined = 0
        self._count = 0
        self._worked = self._waited = 0.0
        self._left: float | None = None

    def bring(
        self, read: Arrival, also: Callable[[sqlite3.Connection], None] = lambda _: None
    ) -> Tally:
        """Enter the records of a page into the archive, and let the page join the line.

        Args:
            read: the page, which was kept.
            also: what else becomes true in the archive, in the same transaction.

        Returns:
            How many records were new, changed, unchanged, deleted; `settle` tells how many were
            put into quarantine.
        """
        began = time.monotonic()
        read, tally = arrival.enter(self._workspace, read, also)
        self._join(read)
        self._judge(began)
        return tally

    def store(self, read: Arrival) -> None:
        """Let a page whose records were entered before join the line."""
        began = time.monotonic()
        self._join(read)
        self._judge(began)

    def settle(self) -> int:
        """Store all that wait.

        Returns:
            How many records were put into quarantine since the last time.
        """
        while self._pages:
            self._store(self._next())
        quarantined, self._quarantined = self._quarantined, 0
        return quarantined

    def _join(self, read: Arrival) -> None:
        waiting = arrival.waiting(self._workspace, read)
        facts = self._workspace.sources[waiting.source]
        if self._helpers.running:
            size, made = self._helpers.understand(waiting.words, facts)
        else:
            size, made = 0, Future()
            made.set_result(make(waiting.words, facts, self._workspace.tables))
        # What was sent away makes room here.
        self._pages.append(_Page(waiting._replace(words=[]), size, made))
        self._count += len(waiting.words)
        while self._is_full():
            self._store(self._next())

    def _is_full(self) -> bool:
        """Say whether pages have to be stored before the next one."""
        if not self._helpers.running:
            return bool(self._pages)
        records = sum(len(page.waiting.seen) for page in self._pages)
        return records > MOST_RECORDS or sum(page.size for page in self._pages) > MOST_BYTES

    def _next(self) -> list[_Page]:
        """Take the pages that are stored next, at least one, out of the line."""
        taken: list[_Page] = []
        records = 0
        while self._pages and records < TOGETHER:
            taken.append(self._pages.popleft())
            records += len(taken[-1].waiting.seen)
        return taken

    def _store(self, pages: Sequence[_Page]) -> None:
        try:
            made = [(page.waiting, page.made.result()) for page in pages]
            self._quarantined += arrival.put(self._workspace, made)
        except (HarvesterError, sqlite3.Error, OSError):
            raise
        except Exception as error:
            if len(pages) > 1:
                for page in pages:
                    self._store([page])
            elif self._fault is not None:
                self._fault(pages[0].waiting.page, error)
            else:
                raise

    def _judge(self, began: float) -> None:
        """Call for helpers where we are slower than what gives us pages."""
        if self._left is not None:
            self._waited += began - self._left
        self._left = time.monotonic()
        self._worked += self._left - began
        if self._count >= FIRST and self._worked > self._waited:
            self._helpers.start()
