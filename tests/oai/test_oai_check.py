"""What `sources check` asks, and what it finds."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester import sample
from harvester.oai.check import Report, check, lines, probe
from harvester.oai.check.findings import Finding
from harvester.oai.check.report import LANGUAGES
from harvester.oai.client import Client
from harvester.oai.datestamps import write_datestamp
from harvester.oai.failures import StoppedError
from harvester.oai.quirks import Quirks
from harvester.oai.stopping import Stop
from harvester.oai.windows import Window
from tests.oai.conftest import Harvest, MakeClient, stored
from tests.servers.changes import answering, oai_error, replacing, stalling
from tests.servers.check_changes import NO_RECORDS, PAGE_SIZE, ROWS, Row, sets_page
from tests.servers.provider import DAYS, Misbehaviour, Provider, Stored, running

SCREEN = 24
QUIRKY = [row for row in ROWS if row.quirks != Quirks()]


def odd(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.severity != "good"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_what_a_server_does_is_found(row: Row, make_client: MakeClient) -> None:
    with running(row.provider()) as url:
        report = check(make_client(url))
    found = [finding for finding in report.findings if finding.key == row.key]
    assert [finding.severity for finding in found] == [row.severity], report.findings
    assert row.values.items() <= found[0].values.items()
    if row.alone:
        assert odd(report) == found
    assert report.quirks == row.quirks
    label = {"problem": "Problem: ", "note": "Note: "}[row.severity]
    assert any(line.startswith(label) for line in lines(report))
    for language, letter in itertools.product(LANGUAGES, (False, True)):
        told = "\n".join(lines(report, language, "library@example.org", letter))
        assert not re.search(r"[{}]|None", told)


@pytest.mark.parametrize("row", QUIRKY, ids=lambda r: r.key)
@pytest.mark.parametrize("from_", [None, "2026-01-10T00:00:00Z"], ids=["all", "what is new"])
def test_a_harvest_that_knows_the_quirks_has_no_detours(
    row: Row, from_: str | None, make_client: MakeClient, harvest: Harvest
) -> None:
    with running(row.provider()) as url:
        quirks = check(make_client(url)).quirks
    provider = row.provider()
    with running(provider) as url:
        client = make_client(url, quirks=quirks)
        got = harvest(url, Window("oai_dc", from_=from_), client)
    assert got.outcome.state == "complete"
    assert {f"oai:x:{number:02}" for number in range(9 if from_ else 0, 25)} <= set(got.identifiers)
    assert len(provider.questions) == len(got.steps)
    assert client.quirks == quirks


def test_the_table_names_each_finding_once() -> None:
    assert len({row.key for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    ("records", "granularity", "dates"),
    [
        (25, "YYYY-MM-DDThh:mm:ssZ", "dates_seconds"),
        (25, DAYS, "dates_days"),
        (11, "YYYY-MM-DDThh:mm:ssZ", "dates_seconds"),
    ],
)
def test_an_honest_server_is_in_order(
    records: int, granularity: str, dates: str, make_client: MakeClient
) -> None:
    provider = Provider(stored(records), page_size=PAGE_SIZE, granularity=granularity)
    with running(provider) as url:
        report = check(make_client(url))
    assert [finding.key for finding in report.findings] == ["tokens", "get", dates]
    assert len(provider.questions) <= 12


@pytest.mark.parametrize("granularity", ["YYYY-MM-DDThh:mm:ssZ", DAYS])
@pytest.mark.parametrize(
    "datestamps",
    [
        ["2026-01-01T12:00:00Z"],
        ["2026-01-01T12:00:00Z", "2026-01-01T12:00:01Z"],
        ["2026-01-02T12:00:00Z", "2026-01-01T12:00:00Z"],
        ["2026-01-01T12:00:00Z", "2026-01-01T12:00:01Z", "2026-01-01T12:00:02Z"],
        ["1970-01-01T00:00:00Z", "2026-01-01T12:00:00Z", "2026-02-01T12:00:00Z"],
    ],
    ids=["one", "two", "falling", "close together", "the epoch"],
)
def test_dates_are_tried_with_whatever_datestamps_there_are(
    datestamps: list[str], granularity: str, make_client: MakeClient
) -> None:
    records = [Stored(f"oai:x:{n}", "<thing/>", stamp) for n, stamp in enumerate(datestamps)]
    with running(Provider(records, granularity=granularity)) as url:
        report = check(make_client(url))
    assert odd(report) == []
    assert report.findings[-1].key == ("dates_days" if granularity == DAYS else "dates_seconds")


@settings(max_examples=30, deadline=None)
@given(
    times=st.lists(
        st.datetimes(datetime(1995, 1, 1), datetime(2025, 1, 1), timezones=st.just(UTC)),
        min_size=1,
        max_size=30,
    ),
    granularity=st.sampled_from(["YYYY-MM-DDThh:mm:ssZ", DAYS]),
    page_size=st.sampled_from([2, 10, 100]),
)
def test_an_honest_server_is_never_accused(
    times: list[datetime], granularity: str, page_size: int
) -> None:
    records = [
        Stored(f"oai:x:{number}", "<thing/>", write_datestamp(time))
        for number, time in enumerate(times)
    ]
    with running(Provider(records, page_size=page_size, granularity=granularity)) as url:
        client = Client(url)
        report = check(client)
        client.close()
    assert odd(report) == []
    assert report.findings[-1].key in ("dates_seconds", "dates_days")


def test_facts_are_reported(make_client: MakeClient) -> None:
    records = stored(12)
    records[0].deleted = True
    provider = Provider(
        records, page_size=10, prefixes=("oai_dc", "mods"), sets={"a": "Alpha", "b": "Beta"}
    )
    with running(provider) as url:
        report = check(make_client(url))
    assert report.identity is not None
    assert report.identity.repository_name == "A small provider"
    assert report.prefixes == ["oai_dc", "mods"]
    assert [(known.spec, known.name) for known in report.sets] == [("a", "Alpha"), ("b", "Beta")]
    assert (report.set_count, report.more_sets) == (2, False)
    first = report.first_page
    assert first is not None
    assert (first.prefix, first.records, first.deleted, first.complete_list_size) == (
        "oai_dc", 10, 1, 12,
    )  # fmt: skip
    assert (first.more, first.token, first.order) == (True, "10|metadataPrefix=oai_dc", "rising")
    connection = report.connection
    assert connection is not None
    assert (connection.final_url, connection.requests) == (url, len(provider.questions))
    assert connection.page_seconds is not None
    assert abs(connection.clock_ahead or 0) <= 5


@pytest.mark.parametrize(
    ("first", "order"), [(0, "rising"), (20, "none")], ids=["rising", "month's end"]
)
def test_the_order_of_datestamps_is_told(first: int, order: str, make_client: MakeClient) -> None:
    with running(Provider(stored(12, first))) as url:
        report = check(make_client(url))
    assert report.first_page is not None
    assert report.first_page.order == order


def test_falling_datestamps_are_told(make_client: MakeClient) -> None:
    with running(Provider(stored(12)[::-1])) as url:
        report = check(make_client(url))
    assert report.first_page is not None
    assert report.first_page.order == "falling"


@pytest.mark.parametrize(
    ("offered", "wanted", "asked"),
    [
        (("oai_dc", "mods"), ("mods", "oai_dc"), "mods"),
        (("oai_dc", "mods"), ("base_dc", "oai_dc"), "oai_dc"),
        (("oai_dc", "mods"), ("base_dc",), "oai_dc"),
        (("mods",), ("oai_dc",), "mods"),
    ],
)
def test_records_are_asked_for_in_the_best_prefix(
    offered: tuple[str, ...], wanted: tuple[str, ...], asked: str, make_client: MakeClient
) -> None:
    provider = Provider(stored(3), prefixes=offered)
    with running(provider) as url:
        check(make_client(url), prefixes=wanted)
    assert {question["metadataPrefix"] for question in provider.asked("ListRecords")} == {asked}


def test_many_sets_are_counted_and_the_first_are_named(make_client: MakeClient) -> None:
    sets = {f"s{number}": f"Set {number}" for number in range(130)}
    with running(Provider(stored(1), sets=sets)) as url:
        report = check(make_client(url))
    assert (len(report.sets), report.set_count, report.more_sets) == (100, 130, False)


def test_no_sets_are_no_fault_and_unknown_sets_are_not_told_as_none(
    make_client: MakeClient,
) -> None:
    with running(Provider(stored(1))) as url:
        report = check(make_client(url))
    assert report.set_count == 0
    assert "Sets: none" in lines(report)
    wrong = Misbehaviour(verb="ListSets", change=answering(500))
    with running(Provider(stored(1), misbehaviours=[wrong])) as url:
        report = check(make_client(url))
    assert report.set_count is None
    assert not any(line.startswith("Sets") for line in lines(report))


@pytest.mark.parametrize("ending", ["loop", "repeat", "endless"])
def test_a_list_of_sets_without_end_is_left(ending: str, make_client: MakeClient) -> None:
    page = {
        "loop": sets_page(lambda number: f"s{number}", lambda number: "again"),
        "repeat": sets_page(lambda number: "s", lambda number: f"t{number}"),
        "endless": sets_page(lambda number: f"s{number}", lambda number: f"t{number}"),
    }[ending]
    provider = Provider(stored(1), misbehaviours=[Misbehaviour(verb="ListSets", change=page)])
    with running(provider) as url:
        report = check(make_client(url))
    assert len(provider.asked("ListSets")) <= 10
    assert report.more_sets
    assert any(line.startswith("Sets (at least ") for line in lines(report))
    assert report.first_page is not None


def test_an_empty_first_page_does_not_hide_the_second(make_client: MakeClient) -> None:
    wrong = Misbehaviour(verb="ListRecords", change=NO_RECORDS, page=1)
    provider = Provider(stored(25), page_size=PAGE_SIZE, misbehaviours=[wrong])
    with running(provider) as url:
        report = check(make_client(url))
    assert [finding.key for finding in report.findings] == ["empty_first_page", "tokens"]


def test_a_dead_server_has_one_problem(make_client: MakeClient, waits: list[float]) -> None:
    with running(Provider()) as url:
        pass
    report = check(make_client(url))
    assert [finding.key for finding in report.findings] == ["refused"]
    assert (report.identity, report.first_page, report.connection) == (None, None, None)
    assert lines(report) == [
        url,
        f"Problem: {url.split('/')[2]} refuses the connection.",
        "As it is now, it cannot be harvested.",
    ]
    assert waits == []


def test_a_host_that_does_not_exist_has_one_problem(make_client: MakeClient) -> None:
    report = check(make_client("http://no-such-host.invalid/oai"))
    assert report.findings == [Finding("unknown_host", "problem", {"host": "no-such-host.invalid"})]


def test_a_web_server_is_told_in_one_line(make_client: MakeClient) -> None:
    wrong = Misbehaviour(verb=(), change=answering(200, b"<!DOCTYPE html><html></html>"))
    provider = Provider(stored(3), misbehaviours=[wrong])
    with running(provider) as url:
        report = check(make_client(url))
    assert len(provider.questions) == 3
    assert report.findings == [
        Finding("html", "problem", {"verb": "Identify, ListMetadataFormats, ListRecords"})
    ]


def test_a_server_without_identify_is_asked_the_rest(make_client: MakeClient) -> None:
    wrong = Misbehaviour(verb="Identify", change=oai_error("badVerb"))
    with running(Provider(stored(12), page_size=10, misbehaviours=[wrong])) as url:
        report = check(make_client(url))
    assert [finding.key for finding in odd(report)] == ["oai_error_said"]
    assert report.first_page is not None
    assert "It can be harvested, but see the problems above." in lines(report)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (answering(429, b"", {"Retry-After": "5000"}), "throttled_until"),
        (answering(403, b"<html>"), "blocked_refused"),
    ],
)
def test_nothing_more_is_asked_of_a_server_that_refuses(
    change: object, key: str, make_client: MakeClient
) -> None:
    wrong = Misbehaviour(verb="ListMetadataFormats", change=change)  # type: ignore[arg-type]
    provider = Provider(stored(3), misbehaviours=[wrong])
    with running(provider) as url:
        report = check(make_client(url))
    assert [question.verb for question in provider.questions] == [
        "Identify",
        "ListMetadataFormats",
    ]
    assert [finding.key for finding in report.findings] == [key]


def test_patience_has_an_end(make_client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "MAX_SECONDS", 0.4)
    slow = Misbehaviour(verb="ListSets", change=stalling)
    provider = Provider(stored(3), misbehaviours=[slow])
    with running(provider) as url:
        report = check(make_client(url))
    assert [finding.key for finding in report.findings] == ["timeout", "out_of_time"]
    assert provider.asked("ListIdentifiers") == []


def test_a_run_that_has_to_end_ends(make_client: MakeClient) -> None:
    stop = Stop()
    stop.ask("it was told to")
    provider = Provider(stored(3))
    with running(provider) as url, pytest.raises(StoppedError):
        check(make_client(url, stop=stop))
    assert provider.questions == []


def test_the_client_is_left_as_it_was(make_client: MakeClient) -> None:
    with running(Provider(stored(3))) as url:
        client = make_client(url)
        before = (client.pauses, client.transport.page_seconds, client.keep)
        check(client)
    assert (client.pauses, client.transport.page_seconds, client.keep) == before


def test_what_is_known_of_a_server_stays_known(make_client: MakeClient) -> None:
    known = Quirks(wrong_size=True)
    with running(Provider(stored(3))) as url:
        report = check(make_client(url, quirks=known))
    assert report.quirks == known


def test_a_report_is_data(make_client: MakeClient) -> None:
    wrong = Misbehaviour(verb="Identify", change=replacing(b">2.0<", b">1.1<"))
    with running(Provider(stored(12), page_size=10, misbehaviours=[wrong])) as url:
        report = check(make_client(url))
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report


def test_the_sample_repositories_are_in_order(make_client: MakeClient) -> None:
    with sample.running() as sources:
        reports = {name: check(make_client(one.urls[0])) for name, one in sources.items()}
    assert len(reports) == 3
    for name, report in reports.items():
        assert odd(report) == [], name
        assert report.quirks == Quirks()
        assert len(lines(report)) <= SCREEN / 2
        assert report.first_page is not None
        assert report.first_page.order == "rising"
