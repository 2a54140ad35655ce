"""An OAI-PMH client: Sickle's verbs and exceptions over one session, a strict parser and `keep`.

Sickle 0.7 asks without a session or timeouts, fails on a Retry-After date, parses a page three
times with a recovering parser and takes a truncated page for the end of a list. Its verbs,
arguments and exceptions stay; how a request is made and a page is parsed is replaced here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import msgspec
import requests
import urllib3
from requests.auth import HTTPBasicAuth
from sickle.app import Sickle
from sickle.iterator import BaseOAIIterator
from sickle.models import ResumptionToken

from harvester import __version__, address
from harvester.errors import UsageError
from harvester.oai.datestamps import now
from harvester.oai.failures import (
    AnswerError,
    LoopError,
    ThrottledError,
    body_failure,
    connection_failure,
    status_failure,
)
from harvester.oai.oai_errors import EXCEPTIONS, oai_exception
from harvester.oai.page import Page, parse
from harvester.oai.received import MAX_BODY, NotOaiError, Received, content
from harvester.settings import Politeness

PAUSES = (2.0, 5.0, 13.0)
"""Seconds between the tries for one page: four tries, 20 s in all."""
MAX_PAUSE = 900.0
"""Most seconds in all that Retry-After is waited for at one page."""
PAGE_SECONDS = 1800.0
"""Most seconds that one page may take, however steadily its bytes drip."""
MAX_REDIRECTS = 10

_CHUNK = 256 * 1024
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_POLITE = Politeness()


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
        self._tokens: set[str] = set()
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
        params = self.params
        if self.resumption_token is not None:
            token = self.resumption_token.token
            if token in self._tokens:
                raise LoopError(
                    f"{self.sickle.host} gives the same resumption token again, so its list never "
                    "ends: tell the repository"
                )
            params = {"verb": self.verb, "resumptionToken": token}
        page = self.sickle.harvest(**params)
        self._tokens.add(params.get("resumptionToken", ""))
        self.number = self.sickle.number
        if page.error is not None:
            raise oai_exception(page.error)
        self.resumption_token = page.token and ResumptionToken(  # type: ignore[no-untyped-call]
            page.token, complete_list_size=page.complete_list_size
        )
        if self.ignore_deleted:
            live = [record for record in page.records if not record.header.deleted]
            page = msgspec.structs.replace(page, records=live)
        self._page = page


class _Session(requests.Session):
    """A session that follows no redirect on its own: it would read their bodies whole."""

    def resolve_redirects(
        self, *args: object, **kwargs: object
    ) -> Generator[requests.Response, None, None]:
        yield from ()


class Client(Sickle):
    """Asks one server; its verbs give pages.

    `ListRecords`, `ListIdentifiers`, `ListSets` and `ListMetadataFormats` take the arguments of
    OAI-PMH and give a `PageIterator`; `Identify` and `GetRecord` give a `Page`.

    Args:
        url: the base URL; a query string of its own and `user:password@` are understood.
        contact: an e-mail address or URL, sent along so that a server's keeper can reach a person.
        politeness: the pace and the time limits.
        auth: user and password for HTTP basic authentication.
        sleep: waits for so many seconds; tests pass their own.

    Attributes:
        url: the base URL, fit to be shown.
        keep: takes every answer as it came, before anything reads it, and returns its number.
        number: what `keep` returned for the last answer.
        page: the last answer that could be read.
        page_seconds: most seconds that one page may take.

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
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address = address.read(url)
        super().__init__(self._address.url, iterator=PageIterator)  # type: ignore[no-untyped-call]
        self.url = address.masked(url)
        self.keep: Callable[[Received], int] = keep_nothing
        self.number = 0
        self.page: Page | None = None
        self.page_seconds = PAGE_SECONDS
        user = auth or self._address.user
        # RFC 7617 allows UTF-8; requests alone would fail on what is not Latin-1.
        self._auth = HTTPBasicAuth(user[0].encode(), user[1].encode()) if user else None
        self._politeness = politeness
        self._sleep = sleep
        self._last_answer: float | None = None
        self._session = _Session()
        self._session.headers.update(_headers(contact))

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
        return self._address.host

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

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

    def harvest(self, **kwargs: str | None) -> Page:
        """Make one request, up to four times, and return the page that answers it.

        A body that is a whole OAI-PMH answer counts whatever the HTTP status: Zenodo sends its
        OAI errors with 422.

        Args:
            kwargs: the arguments of OAI-PMH, `verb` among them; None values are left out.

        Raises:
            AnswerError: no usable answer came; ThrottledError, BlockedError where that is known.
        """
        arguments = {name: value for name, value in kwargs.items() if value is not None}
        arguments = {"verb": arguments.pop("verb"), **arguments}
        waited = 0.0
        for pause in PAUSES:
            try:
                return self._ask(arguments)
            except AnswerError as failure:
                asked = failure.retry_after
                seconds = pause if asked is None else max(asked, 1.0)
                waited += seconds
                if not failure.passes or (asked is not None and waited > MAX_PAUSE):
                    raise
            self._sleep(seconds)
        return self._ask(arguments)

    def _one(self, **kwargs: str | None) -> Page:
        page = self.harvest(**kwargs)
        if page.error is not None:
            raise oai_exception(page.error)
        return page

    def _ask(self, arguments: dict[str, str]) -> Page:
        if self._politeness.delay > 0 and self._last_answer is not None:
            rest = self._last_answer + self._politeness.delay - time.monotonic()
            if rest > 0:
                self._sleep(rest)
        received = self._exchange(arguments)
        self.number = self.keep(received)
        try:
            page = parse(content(received))
        except NotOaiError as problem:
            failure = status_failure(received, problem) or body_failure(received, problem)
            raise failure from problem
        if page.error is None or page.error.code not in EXCEPTIONS:
            failed = status_failure(received, None)
            if failed is not None and (page.error is None or isinstance(failed, ThrottledError)):
                raise failed
        if page.error is None and page.verb != arguments["verb"] != "Identify":
            # Taken for an empty list, it would pass for a complete harvest of nothing new. What a
            # server says of itself can be done without: static files answer every verb alike.
            raise AnswerError(
                f"{self.url} was asked {arguments['verb']} and answers {page.verb}: "
                "look up the repository's OAI-PMH address and correct it"
            )
        self.page = page
        return page

    def _exchange(self, arguments: dict[str, str]) -> Received:
        url = address.asking(self._address, arguments)
        started = time.monotonic()
        deadline = started + self.page_seconds
        try:
            response = self._follow(url, arguments)
            with response:
                body = self._read(response, deadline)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            answered = self._last_answer is not None
            raise connection_failure(error, url, answered=answered) from error
        self._last_answer = time.monotonic()
        return Received(
            url=address.masked(response.url),
            params=arguments,
            status=response.status_code,
            headers={
                name.lower(): value
                for name, value in response.headers.items()
                if name.lower() != "set-cookie"
            },
            body=body,
            received_at=now(),
            elapsed=self._last_answer - started,
        )

    def _follow(self, url: str, arguments: dict[str, str]) -> requests.Response:
        """Ask, and follow redirects; a user and password go to no other host."""
        auth = self._auth
        timeout = (self._politeness.connect_timeout, self._politeness.read_timeout)
        for _ in range(MAX_REDIRECTS + 1):
            response = self._session.get(
                url, auth=auth, stream=True, timeout=timeout, allow_redirects=False
            )
            location = self._session.get_redirect_target(response)
            if location is None:
                return response
            response.close()
            try:
                target = urljoin(url, location)
                same_host = not self._session.should_strip_auth(url, target)  # type: ignore[no-untyped-call]
                url = address.redirected(url, target, arguments, same_host=same_host)
            except ValueError as error:
                raise AnswerError(
                    f"{address.masked(url)} redirects to what is no address: tell the repository"
                ) from error
            auth = auth if same_host else None
        raise AnswerError(
            f"{self.host} redirects {MAX_REDIRECTS} times and more: look up the repository's "
            "OAI-PMH address and correct it"
        )

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := response.raw.read1(_CHUNK, decode_content=False):
            parts.append(part)
            size += len(part)
            if size > MAX_BODY:
                raise AnswerError(
                    f"{self.host} sends more than {MAX_BODY // 1024**2} MiB as one page: "
                    "harvest it by sets, or by windows with --from and --until"
                )
            if time.monotonic() > deadline:
                raise AnswerError(
                    f"{self.host} had not finished a page after {self.page_seconds:.0f} s: "
                    "try again later, and tell the repository if it stays so",
                    passes=True,
                )
        return b"".join(parts)


def _headers(contact: str | None) -> dict[str, str]:
    agent = f"benelux-harvester/{__version__}"
    headers = {
        "Accept": "text/xml, application/xml;q=0.9, */*;q=0.5",
        "Accept-Encoding": "gzip, deflate",  # what `received.content` can take off
    }
    if contact:
        contact = contact.strip().removeprefix("mailto:")
        if not contact.isascii() or not contact.isprintable() or set("()<>") & set(contact):
            raise UsageError(
                f"the contact {contact!r} is no e-mail address or URL: correct it in config.yml"
            )
        agent += f" (+{contact})"
        if _MAIL.fullmatch(contact):
            headers["From"] = contact
    return {"User-Agent": agent, **headers}
