"""One request over HTTP: redirects, time limits, a size limit."""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.auth import HTTPBasicAuth

from harvester import __version__, address
from harvester.errors import UsageError
from harvester.oai.ahead import Adapter
from harvester.oai.datestamps import now
from harvester.oai.failures import AnswerError, connection_failure
from harvester.oai.received import MAX_BODY, Received
from harvester.settings import Politeness

PAGE_SECONDS = 1800.0
"""Most seconds that one page may take, however steadily its bytes drip."""
MAX_REDIRECTS = 10

_CHUNK = 256 * 1024
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PERMANENT = (301, 308)


class _Session(requests.Session):
    """A session that follows no redirect on its own: it would read their bodies whole.

    What the environment says of a host (its proxy and certificates, `.netrc`), and the headers made
    from it, are looked up once, not for each page: it is what a request took longest for.
    """

    def __init__(self) -> None:
        super().__init__()
        self._adapter = Adapter()
        self.mount("http://", self._adapter)
        self.mount("https://", self._adapter)
        self._environment: dict[tuple[str, str], dict[str, Any]] = {}
        self._prepared: dict[tuple[tuple[str, str], bool], requests.PreparedRequest] = {}
        self._early: tuple[str, HTTPBasicAuth | None, requests.PreparedRequest] | None = None

    def ask(
        self, url: str, auth: HTTPBasicAuth | None, timeout: tuple[float, float]
    ) -> requests.Response:
        """Ask, and return what came when the server has begun to answer."""
        early, self._early = self._early, None
        same = early is not None and early[:2] == (url, auth)
        prepared = early[2] if early is not None and same else self._ready(url, auth)
        return self.send(
            prepared, timeout=timeout, allow_redirects=False, **self._environment_of(url)
        )

    def ask_early(self, url: str, auth: HTTPBasicAuth | None, timeout: float) -> bool:
        """Send already what `ask` will ask next, see `Adapter.send_early`."""
        prepared = self._ready(url, auth)
        self._early = url, auth, prepared
        return self._adapter.send_early(prepared, self._environment_of(url), timeout)

    def resolve_redirects(
        self, *args: object, **kwargs: object
    ) -> Generator[requests.Response, None, None]:
        yield from ()

    def _environment_of(self, url: str) -> dict[str, Any]:
        host = _host(url)
        if host not in self._environment:
            settings = self.merge_environment_settings(url, {}, True, None, None)
            self._environment[host] = dict(settings)
        return self._environment[host]

    def _ready(self, url: str, auth: HTTPBasicAuth | None) -> requests.PreparedRequest:
        request = requests.Request("GET", url, auth=auth)
        if self.cookies:  # they depend on more than the host
            return self.prepare_request(request)
        key = (_host(url), auth is None)
        if key not in self._prepared:
            self._prepared[key] = self.prepare_request(request)
        prepared = self._prepared[key].copy()
        prepared.prepare_url(url, None)
        return prepared


class Transport:
    """Asks one server over one connection.

    Args:
        server: its base URL.
        contact: an e-mail address or URL, sent along.
        politeness: the time limits.
        user: user and password for HTTP basic authentication.

    Attributes:
        server: where it is asked; after a permanent redirect the new address.
        page_seconds: most seconds that one page may take.

    Raises:
        UsageError: the contact is none.
    """

    def __init__(
        self,
        server: address.Address,
        contact: str | None,
        politeness: Politeness,
        user: tuple[str, str] | None,
    ) -> None:
        self.server = server
        self.page_seconds = PAGE_SECONDS
        # RFC 7617 allows UTF-8; requests alone would fail on what is not Latin-1.
        self._auth = HTTPBasicAuth(user[0].encode(), user[1].encode()) if user else None
        self._timeout = (politeness.connect_timeout, politeness.read_timeout)
        self._early: tuple[str, float] | None = None
        self._session = _Session()
        self._session.headers.update(_headers(contact))

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def ask_early(self, arguments: dict[str, str], *, verbatim: bool = False) -> bool:
        """Send the request that will be asked next, so that the server can begin to answer.

        Where that cannot be, or where something else is asked next, nothing is lost by it.

        Args:
            arguments: the arguments of OAI-PMH.
            verbatim: the resumption token is sent as it is, not percent-encoded.

        Returns:
            Whether it was sent.
        """
        url = address.asking(self.server, arguments, verbatim=verbatim)
        began = time.monotonic()
        sent = self._session.ask_early(url, self._auth, self._timeout[0])
        self._early = (url, began) if sent else None
        return sent

    def ask(
        self, arguments: dict[str, str], *, verbatim: bool = False, answered: bool = False
    ) -> Received:
        """Ask once, and take the whole answer.

        Args:
            arguments: the arguments of OAI-PMH.
            verbatim: the resumption token is sent as it is, not percent-encoded.
            answered: the server answered before, so that a refused connection may pass.

        Raises:
            AnswerError: no answer came, or it breaks off, or has no end.
        """
        url = address.asking(self.server, arguments, verbatim=verbatim)
        started = time.monotonic()
        early, self._early = self._early, None
        sent = early[1] if early is not None and early[0] == url else started
        with _failing(url, answered):
            response = self._follow(url, arguments)
        with _failing(url, answered=True), response:
            body = self._read(response, started + self.page_seconds)
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
            elapsed=time.monotonic() - sent,
        )

    def _follow(self, url: str, arguments: dict[str, str]) -> requests.Response:
        """Ask, and follow redirects; a user and password go to no other host."""
        asked, auth, moved = url, self._auth, True
        for _ in range(MAX_REDIRECTS + 1):
            response = self._session.ask(url, auth, self._timeout)
            location = self._session.get_redirect_target(response)
            if location is None:
                if moved and auth is self._auth and url != asked:
                    self._remember(url, response)
                return response
            response.close()
            moved = moved and response.status_code in _PERMANENT
            try:
                target = urljoin(url, location)
                same_host = not self._session.should_strip_auth(url, target)  # type: ignore[no-untyped-call]
                url = address.redirected(url, target, arguments, same_host=same_host)
            except ValueError as error:
                raise AnswerError(
                    f"{address.masked(url)} redirects to what is no address: tell the repository",
                    everywhere=True,
                ) from error
            auth = auth if same_host else None
        raise AnswerError(
            f"{self.server.host} redirects {MAX_REDIRECTS} times and more: look up the "
            "repository's OAI-PMH address and correct it",
            everywhere=True,
        )

    def _remember(self, url: str, response: requests.Response) -> None:
        """Ask the new address from now on, where a server moved for good and answers there."""
        if response.status_code < requests.codes.bad_request:
            self.server = address.read(url)

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := response.raw.read1(_CHUNK, decode_content=False):
            parts.append(part)
            size += len(part)
            if size > MAX_BODY:
                raise AnswerError(
                    f"{self.server.host} sends more than {MAX_BODY // 1024**2} MiB as one page: "
                    "harvest it by sets, or by windows with --from and --until"
                )
            if time.monotonic() > deadline:
                raise AnswerError(
                    f"{self.server.host} had not finished a page after {self.page_seconds:.0f} s: "
                    "try again later, and tell the repository if it stays so",
                    passes=True,
                )
        return b"".join(parts)


def _host(url: str | bytes) -> tuple[str, str]:
    parts = urlsplit(str(url))
    return parts.scheme, parts.netloc


@contextmanager
def _failing(url: str, answered: bool) -> Iterator[None]:
    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise connection_failure(error, url, answered=answered) from error


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
