"""Asks for the next page of a list while the last one is still being read and stored."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import msgspec

from harvester.oai.transport import Answering

SWITCH = 0.0005
"""Seconds for which a thread that computes keeps another one waiting. With Python's 5 ms the next
page is hardly asked for before this one has been read, which takes less; with much less than this
the two take turns so often that it costs more than the wait."""


class Request(msgspec.Struct, frozen=True):
    """What is asked: the arguments of OAI-PMH, and whether a token is sent as it is."""

    arguments: dict[str, str]
    verbatim: bool


class Ahead:
    """Makes requests, one of them ahead of its time; never two at once.

    Servers make their pages slowly. Only the wait for an answer is spent in a thread of its own:
    to take the answer there too would cost both threads more than it saves.

    Args:
        ask: makes a request.
    """

    def __init__(self, ask: Callable[[Request], Answering]) -> None:
        self._ask = ask
        self._pool: ThreadPoolExecutor | None = None
        self._coming: tuple[Request, Future[Answering]] | None = None

    @contextmanager
    def on(self) -> Iterator[None]:
        """Allow requests ahead of their time; what is on its way at the end is let go."""
        # For good: other harvests may have begun by the time this one ends.
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH))
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as pool:
            self._pool = pool
            try:
                yield
            finally:
                self._pool = None
                self._let_go()

    def begin(self, request: Request) -> None:
        """Make a request in a thread of its own, if that is on; `answering` will ask for it."""
        if self._pool is not None and self._coming is None:
            self._coming = request, self._pool.submit(self._ask, request)

    def answering(self, request: Request) -> Answering:
        """Return the answer to a request, which may have been made already.

        Raises:
            AnswerError: and what else making the request raises.
        """
        if self._coming is not None and self._coming[0] == request:
            coming, self._coming = self._coming[1], None
            return coming.result()
        self._let_go()
        return self._ask(request)

    def _let_go(self) -> None:
        coming, self._coming = self._coming, None
        if coming is not None and coming[1].exception() is None:
            coming[1].result().response.close()
