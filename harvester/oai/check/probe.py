"""Asks a server one thing after another: what fails becomes a finding, and asking goes on."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
import requests
import urllib3

from harvester.oai.check.findings import Finding, Report, Severity
from harvester.oai.client import Client, PageIterator
from harvester.oai.failures import (
    AnswerError,
    BlockedError,
    LoopError,
    StoppedError,
    ThrottledError,
    chain,
)
from harvester.oai.oai_errors import OAI_ERRORS, code_of
from harvester.oai.page import Page, printable
from harvester.oai.received import NotOaiError, Received

MAX_SECONDS = 600.0
"""After so many seconds nothing more is asked."""
PAGE_SECONDS = 300.0
"""Most seconds that one answer may take, however steadily its bytes drip."""
PAUSES = (2.0, 5.0)
"""Seconds between the tries for one answer: what passes soon is forgiven, and noted."""

BLOCKING = frozenset(("restrictedInterface",))
"""Errors by which a server says that it answers registered addresses only (BASE)."""

_Told = TypeVar("_Told")
_CHALLENGES = ("cf-mitigated", "x-amzn-waf-action")


class Answer(msgspec.Struct, kw_only=True):
    """What is kept in mind of an answer.

    Attributes:
        verb: what was asked.
        url: the address that answered.
        status: the HTTP status.
        headers: by lower-case name.
        size: bytes on the wire.
        seconds: from the request to the last byte.
        received_at: when the last byte came, ISO 8601 in UTC.
        good: it is an OAI-PMH answer to what was asked.
        code: the OAI-PMH error that it holds; "" where it holds none.
        response_date: the server's time, as it says it.
    """

    verb: str
    url: str
    status: int
    headers: dict[str, str]
    size: int
    seconds: float
    received_at: str
    good: bool = False
    code: str = ""
    response_date: str | None = None


class Refusal(msgspec.Struct, frozen=True):
    """An error that the server reports in OAI-PMH.

    Attributes:
        code: of the protocol, or one of the server's own.
        message: in the server's words.
    """

    code: str
    message: str


class EnoughError(Exception):
    """Nothing more can be asked: the server is out of reach, refuses us, or wants patience."""


class Probe:
    """Asks one server, politely.

    Args:
        client: the server's client.
        report: takes the findings.

    Attributes:
        client: as given; its `keep` is the probe's.
        report: as given.
        answers: every answer so far.
    """

    def __init__(self, client: Client, report: Report) -> None:
        self.client = client
        self.report = report
        self.answers: list[Answer] = []
        self._began = time.monotonic()
        client.keep = self.keep

    def keep(self, received: Received) -> int:
        """Keep an answer in mind, without its body: the `keep` of the client."""
        self.answers.append(
            Answer(
                verb=received.params["verb"],
                url=received.url,
                status=received.status,
                headers=received.headers,
                size=len(received.body),
                seconds=received.elapsed,
                received_at=received.received_at,
            )
        )
        return 0

    def page(
        self, verb: str, severity: Severity = "problem", **arguments: str | None
    ) -> Page | Refusal | None:
        """Ask for one answer, of a list the first page.

        Args:
            verb: what to ask.
            severity: how bad it is if no usable answer comes.
            arguments: of OAI-PMH; None values are left out.

        Returns:
            The page, or the OAI-PMH error that the server reports; None where it gives no usable
            answer, which is a finding then.

        Raises:
            EnoughError: nothing more can be asked.
            StoppedError: the run has to end.
        """
        if verb == "GetRecord":
            return self.hear(verb, lambda: self.client.GetRecord(**arguments), severity)
        return self.hear(verb, lambda: next(self.pages(verb, **arguments)), severity)

    def pages(self, verb: str, **arguments: Any) -> PageIterator:  # noqa: ANN401 - Sickle's
        """Ask for the first page of a list, which `hear` has to hear."""
        pages: PageIterator = getattr(self.client, verb)(**arguments)
        return pages

    def hear(
        self, verb: str, ask: Callable[[], _Told], severity: Severity = "problem"
    ) -> _Told | Refusal | None:
        """Ask something, and judge how that fails.

        Args:
            verb: the verb, to be named in the finding.
            ask: asks the client.
            severity: how bad it is if no usable answer comes.

        Returns:
            What `ask` returns, or as `page`.

        Raises:
            EnoughError: nothing more can be asked.
            StoppedError: the run has to end.
        """
        if time.monotonic() - self._began > MAX_SECONDS:
            self.report.add("problem", "out_of_time", verb=verb, minutes=int(MAX_SECONDS // 60))
            raise EnoughError
        before = len(self.answers)
        try:
            told = ask()
        except OAI_ERRORS as error:
            return self._refused(error, before)
        except StoppedError:
            raise
        except AnswerError as error:
            if isinstance(error.__cause__, OAI_ERRORS):  # `identify` tells them so
                return self._refused(error.__cause__, before)
            answer = self.answers[-1] if len(self.answers) > before else None
            found = failure(verb, error, answer, self.client.host)
            self.report.add(severity, found.key, **found.values)
            if isinstance(error, BlockedError | ThrottledError) or _out_of_reach(error):
                raise EnoughError from error
            return None
        self._heard(before)
        return told

    def refused(self, verb: str, refusal: Refusal) -> None:
        """Make a finding of an OAI-PMH error where none was expected."""
        if refusal.message:
            self.report.add(
                "problem", "oai_error_said", verb=verb, code=refusal.code, message=refusal.message
            )
        else:
            self.report.add("problem", "oai_error", verb=verb, code=refusal.code)

    def _heard(self, before: int, code: str = "") -> None:
        if len(self.answers) > before:
            answer, page = self.answers[-1], self.client.page
            answer.good, answer.code = True, code
            answer.response_date = page.response_date if page is not None else None

    def _refused(self, error: Exception, before: int) -> Refusal:
        refusal = Refusal(printable(code_of(error)) or "?", printable(str(error)))
        self._heard(before, refusal.code)
        if refusal.code in BLOCKING:
            self.report.add("problem", "blocked_unregistered", code=refusal.code)
            raise EnoughError
        return refusal


def failure(verb: str, error: AnswerError, answer: Answer | None, host: str) -> Finding:
    """Make a finding of a failure, so that it can be told in any language.

    Args:
        verb: what was asked.
        error: how that failed.
        answer: the last answer that came to it, if one did.
        host: the server.
    """
    status = answer.status if answer else 0
    cause = error.__cause__
    if isinstance(error, LoopError):
        return Finding("loop", "problem", {"verb": verb})
    if isinstance(error, ThrottledError):
        if error.not_before is None:
            return Finding("throttled", "problem", {"status": status})
        return Finding("throttled_until", "problem", {"status": status, "until": error.not_before})
    if isinstance(error, BlockedError):
        if status == HTTPStatus.UNAUTHORIZED:
            return Finding("blocked_login", "problem", {"status": status})
        if answer and any(header in answer.headers for header in _CHALLENGES):
            return Finding("blocked_challenge", "problem", {"status": status})
        return Finding("blocked_refused", "problem", {"status": status})
    if answer is None:
        return _unreached(verb, error, host)
    values: dict[str, str | int | float] = {"verb": verb, "status": status}
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return Finding("not_found", "problem", values)
    if status >= HTTPStatus.BAD_REQUEST:
        return Finding("server_error", "problem", values)
    if not isinstance(cause, NotOaiError):
        return Finding("other_answer", "problem", {"verb": verb})
    if cause.cut_off:
        return Finding("cut_off", "problem", {"verb": verb})
    if "HTML" in str(cause):
        return Finding("html", "problem", {"verb": verb})
    return Finding("not_oai", "problem", {"verb": verb, "why": printable(str(cause))})


def _unreached(verb: str, error: AnswerError, host: str) -> Finding:
    links = list(chain(error))
    if any(isinstance(link, requests.exceptions.ProxyError) for link in links):
        return Finding("unusable", "problem", {"verb": verb, "why": printable(str(error))})
    for link in links:
        if isinstance(link, ssl.SSLCertVerificationError):
            why = printable(link.verify_message)
            return Finding("tls_untrusted", "problem", {"host": host, "why": why})
        if isinstance(link, ssl.SSLError):
            return Finding("tls_failed", "problem", {"host": host})
        if isinstance(link, socket.gaierror):
            return Finding("unknown_host", "problem", {"host": host})
        if isinstance(link, ConnectionRefusedError):
            return Finding("refused", "problem", {"host": host})
        if isinstance(link, TimeoutError | requests.Timeout | urllib3.exceptions.TimeoutError):
            return Finding("timeout", "problem", {"verb": verb})
    if error.__cause__ is not None and not error.everywhere:
        return Finding("broken_off", "problem", {"verb": verb})
    if error.passes:
        return Finding("timeout", "problem", {"verb": verb})
    return Finding("unusable", "problem", {"verb": verb, "why": printable(str(error))})


def _out_of_reach(error: AnswerError) -> bool:
    """Say whether no answer can come to any question; a page of HTML may stand at one verb only."""
    return error.everywhere and isinstance(
        error.__cause__, requests.RequestException | urllib3.exceptions.HTTPError
    )
