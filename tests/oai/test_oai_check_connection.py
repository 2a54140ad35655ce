"""What `sources check` finds about HTTP, TLS and clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from harvester.oai.check import check
from harvester.oai.check.connection import certificate_end, check_connection
from harvester.oai.check.findings import Report
from harvester.oai.check.probe import Answer
from tests.oai.conftest import MakeClient, stored
from tests.servers.check_changes import moved
from tests.servers.provider import Misbehaviour, Provider, running
from tests.servers.serving import CERTIFICATE

TODAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


def answer(**facts: Any) -> Answer:
    told = {
        "verb": "ListRecords",
        "url": "http://example.org/oai",
        "status": 200,
        "headers": {},
        "size": 1000,
        "seconds": 0.5,
        "received_at": "2026-11-23T12:00:00Z",
        "response_date": "2026-11-23T12:00:00Z",
        "good": True,
        **facts,
    }
    return Answer(**told)


def judged(*answers: Answer, url: str = "http://example.org/oai") -> Report:
    report = Report(url=url, asked_on="2026-11-23")
    check_connection(report, list(answers), TODAY)
    return report


def keys(report: Report) -> list[str]:
    return [finding.key for finding in report.findings]


def test_a_connection_without_tls_is_told_but_not_on_this_machine() -> None:
    assert keys(judged(answer())) == ["plain_http"]
    here = "http://127.0.0.1:8000/oai"
    assert keys(judged(answer(url=here), url=here)) == []


def test_a_move_to_https_is_told_with_the_address_to_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # its certificate is not looked at
    report = judged(answer(url="https://example.org/oai"))
    assert keys(report) == ["moved_to_https"]
    assert report.findings[0].values == {"to": "https://example.org/oai"}


@pytest.mark.parametrize("to", ["https://www.example.org/oai", "https://example.org/oai2"])
def test_any_other_move_is_told(to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert keys(judged(answer(url=to))) == ["redirected"]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_followed_and_told(status: int, make_client: MakeClient) -> None:
    wrong = Misbehaviour(verb=(), change=moved(status, "/new"))
    with running(Provider(stored(12), page_size=10, misbehaviours=[wrong])) as url:
        report = check(make_client(url))
    assert keys(report) == ["tokens", "get", "dates_seconds", "redirected"]
    assert report.connection is not None
    assert report.connection.final_url == url.replace("/oai", "/new")


def test_slow_pages_are_told_with_the_median() -> None:
    report = judged(*(answer(seconds=seconds) for seconds in (0.1, 12.34, 99.0)))
    assert ("slow", {"seconds": 12.3}) in [(f.key, f.values) for f in report.findings]
    assert "slow" not in keys(judged(answer(seconds=0.1), answer(seconds=0.2)))


def test_large_pages_without_compression_are_told() -> None:
    large = answer(size=123_456)
    assert judged(large).findings[-1].values == {"kilobytes": 123}
    packed = answer(size=123_456, headers={"content-encoding": "gzip"})
    report = judged(packed)
    assert keys(report) == ["plain_http"]
    assert report.connection is not None
    assert report.connection.compressed


@pytest.mark.parametrize(
    ("response_date", "date", "said", "ahead"),
    [
        ("2026-11-23T12:04:00Z", "Mon, 23 Nov 2026 12:00:00 GMT", [], 240),
        ("2026-11-23T13:00:00Z", "Mon, 23 Nov 2026 12:00:00 GMT", ["responseDate"], 3600),
        ("2026-11-23T11:00:00Z", "Mon, 23 Nov 2026 11:00:00 GMT", ["responseDate", "Date"], -3600),
        ("2026-11-23T12:00:00Z", "", [], 0),
        ("2026-11-23T13:00:00+01:00", "no date", [], 0),
    ],
    ids=["within reason", "local time as UTC", "an hour late", "no Date", "with an offset"],
)
def test_clocks_are_compared(response_date: str, date: str, said: list[str], ahead: int) -> None:
    headers = {"date": date} if date else {}
    report = judged(answer(response_date=response_date, headers=headers))
    told = [finding.values["header"] for finding in report.findings if finding.key == "clock_off"]
    assert told == said
    assert report.connection is not None
    assert report.connection.clock_ahead == ahead


def test_limits_are_told() -> None:
    headers = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "59", "server": "nginx"}
    report = judged(answer(headers=headers))
    assert report.connection is not None
    assert report.connection.limits == {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "59"}


def test_a_failed_try_is_told_only_where_another_succeeded() -> None:
    failed = answer(status=502, good=False)
    assert "unsteady" in keys(judged(failed, answer()))
    assert "unsteady" not in keys(judged(failed, answer(verb="Identify")))


@pytest.mark.parametrize(
    ("today", "key"),
    [
        (datetime(2126, 10, 1, tzinfo=UTC), "certificate_ends"),
        (datetime(2126, 9, 1, tzinfo=UTC), "certificate"),
    ],
)
def test_the_end_of_a_certificate_is_told_in_its_last_month(
    today: datetime, key: str, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    with running(Provider(stored(3)), tls=True) as url:
        report = check(make_client(url), today=today)
    assert report.findings[-1].key == key
    assert report.findings[-1].values == {"date": "2126-10-30"}
    assert report.connection is not None
    assert report.connection.certificate_until == "2126-10-30"


def test_a_certificate_that_nobody_trusts_is_a_problem(make_client: MakeClient) -> None:
    provider = Provider(stored(3))
    with running(provider, tls=True) as url:
        report = check(make_client(url))
    assert keys(report) == ["tls_untrusted"]
    assert report.findings[0].values["why"] == "self-signed certificate"
    assert provider.questions == []


def test_https_on_a_port_that_speaks_http_is_a_problem(make_client: MakeClient) -> None:
    with running(Provider(stored(3))) as url:
        report = check(make_client(url.replace("http:", "https:")))
    assert keys(report) == ["tls_failed"]


def test_a_certificate_that_cannot_be_seen_is_unknown() -> None:
    assert certificate_end("http://127.0.0.1:9/oai") is None
    assert certificate_end("https://127.0.0.1:9/oai") is None
    with running(Provider(), tls=True) as url:
        assert certificate_end(url) is None
