"""Fetches the next page of a list while the last one is still being read and stored."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress

from harvester.oai.client import PageIterator
from harvester.oai.oai_errors import ERRORS
from harvester.oai.page import Page

SWITCH = 0.0002
"""Seconds for which a thread that computes keeps another one waiting. With Python's 5 ms the next
page is hardly asked for before this one has been read, which takes less."""


class Ahead:
    """The pages of a list with their numbers, each asked for as soon as the one before came.

    A server makes its pages slowly; there is never more than one request at a time.
    """

    def __init__(self, pages: PageIterator, pool: ThreadPoolExecutor) -> None:
        self._pages = pages
        self._pool = pool
        self._coming: Future[tuple[int, Page]] = pool.submit(self._take)

    def __iter__(self) -> Iterator[tuple[int, Page]]:
        return self

    def __next__(self) -> tuple[int, Page]:
        """Return the next page.

        Raises:
            AnswerError: and what else the iterator of pages raises, in its turn.
        """
        taken = self._coming.result()
        self._coming = self._pool.submit(self._take)
        return taken

    def last(self) -> Iterator[tuple[int, Page]]:
        """Give the page that was asked for already, if it came, and ask for no other."""
        with suppress(StopIteration, *ERRORS):
            yield self._coming.result()

    def _take(self) -> tuple[int, Page]:
        page = next(self._pages)
        return self._pages.number, page


@contextmanager
def ahead(pages: PageIterator) -> Iterator[Ahead]:
    """Take pages in a thread of its own; a request on its way is waited for at the end."""
    # For good: other harvests may have begun by the time this one ends.
    sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH))
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as pool:
        yield Ahead(pages, pool)
