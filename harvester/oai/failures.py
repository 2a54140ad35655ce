"""How asking a server fails, told in one line: what happened, and what to do now."""

from __future__ import annotations

import email.utils
import http.client
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import requests
import urllib3

from harvester.address import masked
from harvester.errors import HarvesterError, TryLaterError
from harvester.oai.datestamps import write_datestamp
from harvester.oai.received import NotOaiError, Received

if TYPE_CHECKING:
    from harvester.oai.page import Page

_THROTTLES = frozenset((429, 503))
_REFUSES = frozenset((402, 403, 451))
_PASSES = frozenset((408, 425, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524))
_CHALLENGES = ("cf-mitigated", "x-amzn-waf-action")
"""Headers by which Cloudflare and AWS say that they ask for a browser (DOAB, DSpace sites)."""
_UNKNOWN_HOST = frozenset(
    code
    for name in ("EAI_NONAME", "EAI_NODATA")
    if (code := getattr(socket, name, None)) is not None
)


_EVERYWHERE = (
    ssl.SSLError,
    requests.exceptions.InvalidURL,
    requests.exceptions.ProxyError,
    socket.gaierror,
    ConnectionRefusedError,
)


class AnswerError(HarvesterError):
    """A server gave no usable answer.

    Attributes:
        passes: asking again may help.
        everywhere: the whole server is concerned, not this one request; others would fail alike.
        retry_after: seconds that the server asks to wait; None where it does not say.
        salvaged: the number and the page of the whole records in an answer that was cut off.
    """

    def __init__(
        self,
        message: str,
        *,
        passes: bool = False,
        everywhere: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.passes = passes
        self.everywhere = everywhere
        self.retry_after = retry_after
        self.salvaged: tuple[int, Page] | None = None


class BlockedError(AnswerError):
    """The server refuses this client; a person has to arrange access."""


class ThrottledError(AnswerError, TryLaterError):
    """The server asks for patience.

    Attributes:
        not_before: it asks not to be asked before, ISO 8601 in UTC; None where it does not say.
    """

    not_before: str | None = None


class StoppedError(AnswerError, TryLaterError):
    """The run has to end before the server has told everything."""


class LoopError(AnswerError):
    """The server gives the same token or the same page again, so its list never ends."""


def status_failure(received: Received, problem: NotOaiError | None) -> AnswerError | None:
    """Judge an answer by its HTTP status and headers.

    Args:
        received: the answer.
        problem: why its body is no OAI-PMH answer; None where it is one.

    Returns:
        The failure; None where status and headers give no reason to doubt the body.
    """
    where, status = masked(received.url), received.status
    if status in _THROTTLES:
        seconds = retry_after(received.headers, received.received_at)
        if status == HTTPStatus.TOO_MANY_REQUESTS or seconds is not None:
            not_before = _after(received.received_at, seconds)
            failure = ThrottledError(
                f"{where} asks for patience (HTTP {status}): harvest again "
                + (f"after {not_before}" if not_before else "later"),
                passes=True,
                retry_after=seconds,
            )
            failure.not_before = not_before
            return failure
    if problem is None:
        failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return _server_failure(where, status) if failed else None
    if status == HTTPStatus.UNAUTHORIZED:
        return BlockedError(
            f"{where} asks for a user and password (HTTP 401): "
            "put them under `credentials` in config.yml"
        )
    if any(header in received.headers for header in _CHALLENGES):
        return BlockedError(
            f"{where} asks for a browser (HTTP {status}, a challenge page): "
            "ask the repository to let harvesters pass"
        )
    if status in _REFUSES:
        return BlockedError(
            f"{where} refuses this client (HTTP {status}): set `contact` in config.yml, "
            "or ask the repository to admit your IP address"
        )
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return AnswerError(
            f"{where} does not exist (HTTP {status}): "
            "look up the repository's OAI-PMH address and correct it",
            everywhere=True,
        )
    return _server_failure(where, status) if status >= HTTPStatus.BAD_REQUEST else None


def body_failure(received: Received, problem: NotOaiError) -> AnswerError:
    """Say why a body with a good status is of no use."""
    if problem.cut_off:
        advice = "try again later, and tell the repository if it stays so"
    elif "HTML" in str(problem):
        advice = "open the address in a browser, and correct it if the repository has moved"
    else:
        advice = "tell the repository"
    return AnswerError(
        f"{masked(received.url)}: {problem}: {advice}",
        passes=problem.cut_off,
        everywhere="HTML" in str(problem),
    )


def connection_failure(error: Exception, url: str, *, answered: bool) -> AnswerError:
    """Say why no answer came, without a word of the libraries' own language.

    Args:
        error: what requests or urllib3 raised.
        url: the address asked.
        answered: the server answered before, so that a refusal may pass.
    """
    host = masked(url).partition("//")[2].partition("/")[0]
    links = list(chain(error))
    reason, advice, passes = "the connection failed", "try again later", True
    for link in links:
        if isinstance(link, ssl.SSLCertVerificationError):
            reason = f"its TLS certificate is not trusted ({link.verify_message})"
            advice, passes = "tell the repository, and check this machine's clock", False
        elif isinstance(link, ssl.SSLError):
            reason = f"no secure connection can be made ({link.reason or 'TLS error'})"
            advice = "tell the repository if it stays so"
        elif isinstance(link, requests.exceptions.InvalidURL):
            reason, advice, passes = "the address is no valid URL", "correct it", False
        elif isinstance(link, socket.gaierror):
            reason, advice = "the host name cannot be resolved", "check the address and the network"
            passes = answered or link.errno not in _UNKNOWN_HOST
        elif isinstance(link, ConnectionRefusedError):
            reason, advice, passes = "the connection was refused", "try again later", answered
        elif isinstance(link, TimeoutError | requests.Timeout | urllib3.exceptions.TimeoutError):
            reason = "it did not answer in time"
        elif isinstance(link, ConnectionResetError | BrokenPipeError):
            reason = "the connection was broken off"
        elif isinstance(link, http.client.IncompleteRead):  # urllib3's are kinds of it
            reason = "the answer broke off before its end"
        elif isinstance(link, http.client.HTTPException):
            reason, advice = "what it sends is not HTTP", "check the address and its port"
        elif isinstance(link, OSError) and link.strerror:
            reason = link.strerror[0].lower() + link.strerror[1:]
        else:
            continue
        break
    if any(isinstance(link, requests.exceptions.ProxyError) for link in links):
        reason, advice = f"the proxy cannot reach it: {reason}", "check the proxy settings"
    everywhere = any(isinstance(link, _EVERYWHERE) for link in links)
    return AnswerError(f"{host}: {reason}: {advice}", passes=passes, everywhere=everywhere)


def retry_after(headers: Mapping[str, str], received_at: str) -> float | None:
    """Return the seconds that a Retry-After header asks for, in either of its forms.

    A date is read against the server's own clock (its Date header), as clocks differ.

    Args:
        headers: by lower-case name.
        received_at: when they came, ISO 8601 in UTC.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value):
        return float(value)
    until = http_date(value)
    if until is None:
        return None
    now = http_date(headers.get("date", "")) or datetime.fromisoformat(received_at)
    return max(0.0, (until - now).total_seconds())


def http_date(value: str) -> datetime | None:
    """Read a date of an HTTP header; None where it is none."""
    try:
        date = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date


def _server_failure(where: str, status: int) -> AnswerError:
    return AnswerError(
        f"{where} fails (HTTP {status}): try again later, and tell the repository if it stays so",
        passes=status in _PASSES,
    )


def _after(received_at: str, seconds: float | None) -> str | None:
    try:
        until = datetime.fromisoformat(received_at) + timedelta(seconds=seconds or 0.0)
    except OverflowError:
        return None
    return write_datestamp(until) if seconds else None


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that it wraps, the innermost first."""
    seen: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        link = todo.pop(0)
        if isinstance(link, BaseException) and link not in seen:
            seen.append(link)
            todo += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]
    return reversed(seen)
