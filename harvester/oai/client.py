"""An OAI-PMH client: Sickle's verbs and exceptions over one session, a strict parser and `keep`.

Sickle 0.7 asks without a session or timeouts, fails on a Retry-After date, parses a page three
times with a recovering parser and takes a truncated page for the end of a list. Its verbs,
arguments and exceptions stay; how a request is made and a page is parsed is replaced here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from sickle.app import Sickle
from sickle.iterator import BaseOAIIterator
from sickle.models import ResumptionToken

from harvester import address
from harvester.oai.failures import (
    AnswerError,
    LoopError,
    ThrottledError,
    body_failure,
    status_failure,
)
from harvester.oai.oai_errors import EXCEPTIONS, oai_exception
from harvester.oai.pace import MAX_PAUSE, Pace
from harvester.oai.page import Page, page_of, printable
from harvester.oai.quirks import Quirks
from harvester.oai.received import NotOaiError, Received
from harvester.oai.stopping import Stop
from harvester.oai.transport import Transport
from harvester.settings import Politeness

PAUSES = (2.0, 5.0, 13.0)
"""Seconds between the tries for one page: four tries, 20 s in all."""

_POLITE = Politeness()
_TOKEN_REFUSED = ("badResumptionToken", "badArgument")


class Request(msgspec.Struct, frozen=True):
    """What is asked: the arguments of OAI-PMH, and whether a token is sent as it is."""

    arguments: dict[str, str]
    verbatim: bool


def keep_nothing(received: Received) -> int:
    """Take an answer and let it go: the `keep` of a client that only looks."""
    del received
    return 0


class PageIterator(BaseOAIIterator):
    """Iterates over the pages of a list.

    The next token is asked for only when the next page is. A token that was seen before ends the
    list with an error, so no loop of any period runs for ever.

    Attributes:
        number: what `keep` returned for the page that came last.
    """

    def __init__(
        self, client: Client, params: dict[str, str], ignore_deleted: bool = False
    ) -> None:
        self.number = 0
        self._page: Page | None = None
        self._raw_token: str | None = None
        self._tokens: set[int] = set()
        super().__init__(client, params, ignore_deleted)  # type: ignore[no-untyped-call]

    def next(self) -> Page:
        """Return the next page.

        Raises:
            StopIteration: the last page was closed and had no token.
            LoopError: the page names a token that was used before.
            AnswerError: the server gave no usable answer.
            oaiexceptions.BadArgument: and its kin: the server reports an OAI-PMH error.
        """
        if self._page is None:
            if self.resumption_token is None:
                raise StopIteration
            self._next_response()
        page, self._page = self._page, None
        assert page is not None
        return page

    def _next_response(self) -> None:
        if self.resumption_token is None:
            page = self.sickle.harvest(**self.params)
        else:
            page = self._resumed(self.resumption_token.token)
        self.number = self.sickle.number
        if page.error is not None and page.records:
            failure = AnswerError(
                f"{self.sickle.host} sends records and the error {printable(page.error.code)} in "
                "one answer: tell the repository"
            )
            failure.salvaged = (self.number, page)
            raise failure
        if page.error is not None:
            raise oai_exception(page.error)
        self.resumption_token = page.token and ResumptionToken(  # type: ignore[no-untyped-call]
            page.token, complete_list_size=page.complete_list_size
        )
        self._raw_token = page.raw_token
        if self.ignore_deleted:
            live = [record for record in page.records if not record.header.deleted]
            page = msgspec.structs.replace(page, records=live)
        self._page = page

    def ask_ahead(self) -> None:
        """Send the request for the next page already, which `next` will return."""
        token = self.resumption_token and self.resumption_token.token
        if token is not None and hash(token) not in self._tokens:
            quirks = self.sickle.quirks
            self.sickle.ask_ahead(quirks.verbatim_token, **self._resuming(token, quirks))

    def _resumed(self, token: str) -> Page:
        """Ask for the page behind a token, in each of the ways in which servers want tokens."""
        if hash(token) in self._tokens:
            raise LoopError(
                f"{self.sickle.host} gives the same resumption token again, so its list never "
                "ends: tell the repository"
            )
        self._tokens.add(hash(token))
        client: Client = self.sickle
        first: Page | None = None
        for quirks in _token_forms(client.quirks, token, self._raw_token):
            if quirks != client.quirks and quirks.prefix_with_token and not _misses_argument(first):
                continue
            page = client.harvest(quirks.verbatim_token, **self._resuming(token, quirks))
            if page.error is None or page.error.code not in _TOKEN_REFUSED:
                client.quirks = quirks
                return page
            first = first or page
        assert first is not None
        return first

    def _resuming(self, token: str, quirks: Quirks) -> dict[str, str | None]:
        arguments: dict[str, str | None] = {"verb": self.verb, "resumptionToken": token}
        if quirks.raw_token and self._raw_token is not None:
            arguments["resumptionToken"] = self._raw_token
        if quirks.prefix_with_token:
            arguments["metadataPrefix"] = self.params.get("metadataPrefix")
        return arguments


def _misses_argument(page: Page | None) -> bool:
    return page is not None and page.error is not None and page.error.code == "badArgument"


def _token_forms(known: Quirks, token: str, raw: str | None) -> Iterator[Quirks]:
    """Yield the ways to send a token: as far as is known, then as odd servers want it."""
    yield known
    plain = not set(token) & set("&#") and token.isascii() and " " not in token
    if plain and quote(token, safe="") != token and not known.verbatim_token:
        yield msgspec.structs.replace(known, verbatim_token=True)
    if raw is not None and not known.raw_token:
        yield msgspec.structs.replace(known, raw_token=True)
    if not known.prefix_with_token:
        yield msgspec.structs.replace(known, prefix_with_token=True)


def _request(verbatim: bool, arguments: dict[str, str | None]) -> Request:
    given = {name: value for name, value in arguments.items() if value is not None}
    return Request({"verb": given.pop("verb"), **given}, verbatim)


class Client(Sickle):
    """Asks one server; its verbs give pages.

    `ListRecords`, `ListIdentifiers`, `ListSets` and `ListMetadataFormats` take the arguments of
    OAI-PMH and give a `PageIterator`; `Identify` and `GetRecord` give a `Page`.

    Args:
        url: the base URL; a query string of its own and `user:password@` are understood.
        contact: an e-mail address or URL, sent along so that a server's keeper can reach a person.
        politeness: the pace and the time limits.
        auth: user and password for HTTP basic authentication.
        quirks: what is known of the server's ways.
        stop: says when the run has to end; it also waits, so that no wait outlasts the run.
        sleep: waits for so many seconds; tests pass their own.

    Attributes:
        url: the base URL, fit to be shown.
        keep: takes every answer as it came, before anything reads it, and returns its number.
        number: what `keep` returned for the last answer.
        received: the last answer.
        page: what the last answer says; None where it could not be read.
        pauses: seconds between the tries for one page.
        quirks: what is known of the server's ways by now.

    Raises:
        UsageError: the URL or the contact is none.
    """

    def __init__(
        self,
        url: str,
        *,
        contact: str | None = None,
        politeness: Politeness = _POLITE,
        auth: tuple[str, str] | None = None,
        quirks: Quirks = Quirks(),  # noqa: B008 - it cannot be changed
        stop: Stop | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        server = address.read(url)
        super().__init__(server.url, iterator=PageIterator)  # type: ignore[no-untyped-call]
        self.url = address.masked(url)
        self.keep: Callable[[Received], int] = keep_nothing
        self.number = 0
        self.received: Received | None = None
        self.page: Page | None = None
        self.pauses: Sequence[float] = PAUSES
        self.quirks = quirks
        self.transport = Transport(server, contact, politeness, auth or server.user)
        self._on_its_way: Request | None = None
        self._keeper = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keep")
        self._stop = stop or Stop()
        self._sleep = sleep or self._stop.sleep
        self._pace = Pace(politeness.delay, self._sleep)

    if TYPE_CHECKING:  # Sickle's own methods, with their types

        def ListRecords(  # noqa: N802, D102
            self, ignore_deleted: bool = False, **kwargs: str | None
        ) -> PageIterator: ...
        def ListIdentifiers(  # noqa: N802, D102
            self, ignore_deleted: bool = False, **kwargs: str | None
        ) -> PageIterator: ...
        def ListSets(self, **kwargs: str | None) -> PageIterator: ...  # noqa: N802, D102
        def ListMetadataFormats(  # noqa: N802, D102
            self, **kwargs: str | None
        ) -> PageIterator: ...

    @property
    def host(self) -> str:
        """The server's host, with its port where the URL names one."""
        return self.transport.server.host

    def close(self) -> None:
        """Close the connection; what was received has been kept by then."""
        self._keeper.shutdown()
        self.transport.close()

    def Identify(self) -> Page:  # noqa: N802 - the protocol's verb
        """Ask what the server says of itself.

        Raises:
            AnswerError: the server gave no usable answer.
        """
        return self._one(verb="Identify")

    def GetRecord(self, **kwargs: str | None) -> Page:  # noqa: N802 - the protocol's verb
        """Ask for one record; takes `identifier` and `metadataPrefix`.

        Raises:
            AnswerError: the server gave no usable answer.
            oaiexceptions.IdDoesNotExist: and its kin: the server reports an OAI-PMH error.
        """
        return self._one(verb="GetRecord", **kwargs)

    def harvest(self, verbatim: bool = False, /, **kwargs: str | None) -> Page:
        """Make one request, up to four times, and return the page that answers it.

        A body that is a whole OAI-PMH answer counts whatever the HTTP status: Zenodo sends its
        OAI errors with 422.

        Args:
            verbatim: the resumption token is sent as it is, not percent-encoded.
            kwargs: the arguments of OAI-PMH, `verb` among them; None values are left out.

        Raises:
            AnswerError: no usable answer came; ThrottledError, BlockedError where that is known.
            StoppedError: the run has to end.
        """
        request = _request(verbatim, kwargs)
        waited = 0.0
        for pause in self.pauses:
            try:
                return self._page(request)
            except AnswerError as failure:
                asked = failure.retry_after
                seconds = pause if asked is None else max(asked, 1.0)
                waited += seconds
                if not failure.passes or (asked is not None and waited > MAX_PAUSE):
                    raise
            self._sleep(seconds)
        return self._page(request)

    def ask_ahead(self, verbatim: bool = False, /, **kwargs: str | None) -> None:
        """Send already what `harvest` will be told to ask next, unless the server needs a rest."""
        if self._pace.rested and self._stop.reason is None:
            request = _request(verbatim, kwargs)
            if self.transport.ask_early(request.arguments, verbatim=request.verbatim):
                self._on_its_way = request

    def _one(self, **kwargs: str | None) -> Page:
        page = self.harvest(**kwargs)
        if page.error is not None:
            raise oai_exception(page.error)
        return page

    def _page(self, request: Request) -> Page:
        on_its_way, self._on_its_way = self._on_its_way, None
        if request != on_its_way:  # else its answer comes anyhow, and is not thrown away
            self._stop.check()
            self._pace.wait()
        self.page = None  # its tree makes room before the next one grows
        received = self.transport.ask(
            request.arguments, verbatim=request.verbatim, answered=self._pace.answered
        )
        self._pace.note(received.headers, received.received_at)
        self.received = received
        try:
            page = self._kept_and_read(received)
        except NotOaiError as problem:
            failure = status_failure(received, problem) or body_failure(received, problem)
            if problem.page is not None:
                failure.salvaged = (self.number, problem.page)
            raise failure from problem
        if page.error is None or page.error.code not in EXCEPTIONS:
            failed = status_failure(received, None)
            if failed is not None and (page.error is None or isinstance(failed, ThrottledError)):
                raise failed
        if page.error is None and page.verb != request.arguments["verb"] != "Identify":
            # Taken for an empty list, it would pass for a complete harvest of nothing new. What a
            # server says of itself can be done without: static files answer every verb alike.
            raise AnswerError(
                f"{self.url} was asked {request.arguments['verb']} and answers {page.verb}: "
                "look up the repository's OAI-PMH address and correct it",
                everywhere=True,
            )
        self.page = page
        return page

    def _kept_and_read(self, received: Received) -> Page:
        """Keep an answer, and read it while the disk is at work.

        Nothing that was read is told before the answer is on the disk.
        """
        kept = self._keeper.submit(self.keep, received)
        try:
            return page_of(received)
        finally:
            self.number = kept.result()
