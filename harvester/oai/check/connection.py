"""Judges how a server is reached: redirects, TLS, clocks, compression, limits, and its pace."""

from __future__ import annotations

import re
import socket
import ssl
import statistics
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy
from urllib3.util.ssl_ import create_urllib3_context

from harvester.oai.check.findings import Connection, Report
from harvester.oai.check.probe import Answer
from harvester.oai.datestamps import read_datestamp, write_datestamp
from harvester.oai.failures import http_date

EXPIRES_SOON = timedelta(days=30)
"""A certificate that ends within this time is told of."""
CLOCK_OFF = timedelta(minutes=5)
"""Clocks that differ by more are told of."""
SLOW = 10.0
"""Seconds for a page of records from which on a server is slow."""
LARGE = 50_000
"""Bytes of a page from which on compression is worth a word."""

_TLS_SECONDS = 10.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LIMIT = re.compile(r"(x-)?ratelimit-(limit|remaining|reset)|retry-after")
_FAILED = (HTTPStatus.TOO_MANY_REQUESTS, *range(500, 600))


def check_connection(report: Report, answers: list[Answer], today: datetime) -> None:
    """Make findings of the HTTP side of all answers.

    Args:
        report: takes the findings.
        answers: every answer that came, in their order.
        today: the time from which a certificate's end is counted.
    """
    if not answers:
        return
    good = [answer for answer in answers if answer.good]
    last = good[-1] if good else answers[-1]
    pages = [answer for answer in good if answer.verb == "ListRecords" and not answer.code]
    report.connection = Connection(
        final_url=last.url,
        requests=len(answers),
        page_seconds=statistics.median(page.seconds for page in pages) if pages else None,
        clock_ahead=_clock(report, good),
        certificate_until=_certificate(report, last.url, today),
        compressed=any("content-encoding" in page.headers for page in pages),
        limits={name: value for name, value in last.headers.items() if _LIMIT.fullmatch(name)},
    )
    _address(report, last.url)
    _statuses(report, answers)
    _pace(report, report.connection, pages)


def _address(report: Report, final: str) -> None:
    asked, came = urlsplit(report.url), urlsplit(final)
    if _plain(report.url) != _plain(final):
        to_tls = asked.scheme == "http" and _plain(final.replace("https", "http", 1)) == _plain(
            report.url
        )
        report.add("note", "moved_to_https" if to_tls else "redirected", to=final)
    if came.scheme == "http" and came.hostname not in _LOOPBACK:
        report.add("note", "plain_http")


def _statuses(report: Report, answers: list[Answer]) -> None:
    for answer in answers:
        if answer.good and answer.status != HTTPStatus.OK:
            key = "error_status" if answer.code else "odd_status"
            report.add("note", key, verb=answer.verb, status=answer.status)
    for number, answer in enumerate(answers):
        later = any(other.good and other.verb == answer.verb for other in answers[number + 1 :])
        if not answer.good and answer.status in _FAILED and later:
            report.add("note", "unsteady", verb=answer.verb, status=answer.status)


def _pace(report: Report, connection: Connection, pages: list[Answer]) -> None:
    if connection.page_seconds is not None and connection.page_seconds > SLOW:
        report.add("note", "slow", seconds=round(connection.page_seconds, 1))
    largest = max((page.size for page in pages), default=0)
    if largest > LARGE and not connection.compressed:
        report.add("note", "not_compressed", kilobytes=largest // 1000)
    if connection.limits:
        said = ", ".join(f"{name}: {value}" for name, value in sorted(connection.limits.items()))
        report.add("note", "rate_limit", limits=said)


def _clock(report: Report, good: list[Answer]) -> int | None:
    """Compare clocks; return the seconds by which the server's is ahead."""
    if not good:
        return None
    answer = next((answer for answer in good if not answer.code), good[0])
    if read_datestamp(answer.response_date or "") is None:
        report.add("note", "no_response_date")
    ours = read_datestamp(answer.received_at)
    assert ours is not None
    date = http_date(answer.headers.get("date", ""))
    theirs = {
        "responseDate": read_datestamp(answer.response_date or ""),
        "Date": date and read_datestamp(date.isoformat()),
    }
    ahead = None
    for name, said in theirs.items():
        if said is None:
            continue
        difference = said - ours
        if ahead is None:
            ahead = round(difference.total_seconds())
        if abs(difference) > CLOCK_OFF:
            report.add(
                "note",
                "clock_off",
                header=name,
                said=write_datestamp(said),
                ours=write_datestamp(ours),
            )
    return ahead


def _certificate(report: Report, url: str, today: datetime) -> str | None:
    ends = certificate_end(url)
    if ends is None:
        return None
    day = write_datestamp(ends, seconds=False)
    if ends - today < EXPIRES_SOON:
        report.add("note", "certificate_ends", date=day)
    else:
        report.add("good", "certificate", date=day)
    return day


def certificate_end(url: str) -> datetime | None:
    """Return when the TLS certificate of a server ends.

    It is looked at over a connection of its own, as requests does not tell of it, with the
    authorities that requests trusts.

    Args:
        url: the server's address.

    Returns:
        The end in UTC; None without TLS, behind a proxy, or where it cannot be seen.
    """
    parts = urlsplit(url)
    with requests.Session() as session:
        ways = session.merge_environment_settings(url, {}, None, None, None)
    if parts.scheme != "https" or not parts.hostname or select_proxy(url, ways["proxies"]):
        return None
    told = ways["verify"]  # REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE
    authorities = told if isinstance(told, str) else DEFAULT_CA_BUNDLE_PATH
    context = create_urllib3_context()
    try:
        if Path(authorities).is_dir():
            context.load_verify_locations(capath=authorities)
        else:
            context.load_verify_locations(cafile=authorities)
        address = (parts.hostname, parts.port or 443)
        with (
            socket.create_connection(address, _TLS_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secure,
        ):
            certificate = secure.getpeercert() or {}
    except (OSError, ValueError):  # the answers came through: this look is an extra
        return None
    ends = certificate.get("notAfter")
    if not isinstance(ends, str):
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)


def _plain(url: str) -> str:
    return url.rstrip("/")
