"""The walk over a list: what is asked, what comes, and when it may be called complete."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.errors import HarvesterError
from harvester.oai import walk as walk_module
from harvester.oai.client import keep_nothing
from harvester.oai.failures import LoopError
from harvester.oai.harvest import Identity, Window, harvest, identify, outcome_of
from harvester.oai.page import Header, Page, PageRecord
from harvester.oai.received import Received
from harvester.oai.walk import Outcome, Walk
from tests.oai.conftest import ALL, Harvest, MakeClient, stored
from tests.servers.changes import answering, oai_error, replacing
from tests.servers.lists import empty_page
from tests.servers.provider import DAYS, Change, Misbehaviour, Provider, running


def test_a_list_is_walked_to_its_end(harvest: Harvest) -> None:
    provider = Provider(stored(25), page_size=10, response_date="2026-11-20T08:00:00Z")
    with running(provider) as url:
        got = harvest(url)
    assert got.outcome == Outcome(
        state="complete",
        response_date="2026-11-20T08:00:00Z",
        complete_list_size=25,
        until_now=True,
    )
    assert [step.number for step in got.steps] == [1, 2, 3]
    assert got.identifiers == [record.identifier for record in provider.records]


def test_one_page_is_asked_for_ahead_and_no_more(make_client: MakeClient) -> None:
    provider = Provider(stored(45), page_size=10)
    with running(provider) as url:
        steps = harvest(make_client(url), Window("oai_dc"), lambda received: 7)
        for given in (1, 2, 3):
            assert next(steps).number == 7
            time.sleep(0.02)
            assert given <= len(provider.questions) <= given + 1
        steps.close()
    assert len(provider.questions) <= 4


def test_a_full_harvest_sends_no_from(harvest: Harvest) -> None:
    provider = Provider(stored(2))
    with running(provider) as url:
        harvest(url)
    assert provider.asked("ListRecords") == [{"verb": "ListRecords", "metadataPrefix": "oai_dc"}]


def test_a_window_asks_for_its_set_and_dates(harvest: Harvest) -> None:
    records = stored(28)
    for record in records[::2]:
        record.sets = ("even",)
    provider = Provider(records, sets={"even": "Even numbers"})
    window = Window("oai_dc", "even", "2026-01-05T00:00:00Z", "2026-01-09T23:59:59Z")
    with running(provider) as url:
        got = harvest(url, window)
    assert got.outcome.state == "complete"
    assert got.identifiers == ["oai:x:04", "oai:x:06", "oai:x:08"]
    assert provider.questions[0].arguments == {
        "verb": "ListRecords",
        "metadataPrefix": "oai_dc",
        "set": "even",
        "from": "2026-01-05T00:00:00Z",
        "until": "2026-01-09T23:59:59Z",
    }


def test_deletions_come_as_headers(harvest: Harvest) -> None:
    records = stored(2)
    records[0].deleted = True
    with running(Provider(records)) as url:
        (step,) = harvest(url).steps
    assert [(r.header.deleted, r.metadata is None) for r in step.page.records] == [
        (True, True),
        (False, False),
    ]


@pytest.mark.parametrize("gzips", [False, True])
def test_compression_on_the_wire_makes_no_difference(gzips: bool, harvest: Harvest) -> None:
    with running(Provider(stored(25), page_size=10, gzips=gzips)) as url:
        assert len(harvest(url).identifiers) == 25


def test_a_server_that_counts_days_is_asked_in_days(harvest: Harvest) -> None:
    provider = Provider(stored(10), granularity=DAYS)
    window = Window("oai_dc", None, "2026-01-03T10:00:00Z", "2026-01-05T10:00:00Z")
    with running(provider) as url:
        got = harvest(url, window)
    assert got.outcome.state == "complete"
    assert got.identifiers == ["oai:x:02", "oai:x:03", "oai:x:04"]
    assert [asked["from"] for asked in provider.asked("ListRecords")] == [
        "2026-01-03T10:00:00Z",
        "2026-01-03",
    ]


def test_a_bad_argument_is_not_asked_again_where_it_is_not_the_date(harvest: Harvest) -> None:
    provider = Provider(stored(1), misbehaviours=[Misbehaviour(change=oai_error("badArgument"))])
    with running(provider) as url:
        got = harvest(url, Window("oai_dc", None, "2026-01-03", None))
    assert got.outcome.state == "failed"
    assert "badArgument" in (got.outcome.reason or "")
    # Once more without the date: it may lie before the earliest datestamp.
    assert [asked.get("from") for asked in provider.asked("ListRecords")] == ["2026-01-03", None]


def test_nothing_new_is_complete(harvest: Harvest) -> None:
    provider = Provider(stored(3), response_date="2026-11-20T08:00:00Z")
    with running(provider) as url:
        got = harvest(url, Window("oai_dc", None, "2026-06-01T00:00:00Z"))
    assert (got.outcome.state, got.outcome.until_now) == ("complete", True)
    assert got.outcome.response_date == "2026-11-20T08:00:00Z"


@pytest.mark.parametrize("window", [Window("oai_dc"), Window("oai_dc", until="2026-01-01")])
def test_a_repository_without_any_record_is_suspicious(window: Window, harvest: Harvest) -> None:
    with running(Provider()) as url:
        got = harvest(url, window)
    assert got.outcome.state == "suspicious-empty"
    assert "no records at all" in (got.outcome.reason or "")


def test_an_empty_list_without_an_error_is_no_better(harvest: Harvest) -> None:
    provider = Provider(stored(3), misbehaviours=[Misbehaviour(change=empty_page)])
    with running(provider) as url:
        assert harvest(url).outcome.state == "suspicious-empty"
        incremental = harvest(url, Window("oai_dc", None, "2026-01-01T00:00:00Z"))
    assert incremental.outcome.state == "complete"


@pytest.mark.parametrize(
    ("code", "state", "says"),
    [
        ("restrictedInterface", "blocked", "register"),
        ("cannotDisseminateFormat", "failed", "sources check"),
        ("noSetHierarchy", "failed", "no sets"),
        ("badVerb", "failed", "address"),
        ("somethingNew", "failed", "ask the repository"),
        ("", "failed", "an error without a code"),
    ],
)
def test_an_oai_error_becomes_a_state_and_advice(
    code: str, state: str, says: str, harvest: Harvest
) -> None:
    provider = Provider(misbehaviours=[Misbehaviour(change=oai_error(code))])
    with running(provider) as url:
        outcome = harvest(url).outcome
    assert outcome.state == state
    assert outcome.reason is not None
    assert says in outcome.reason
    assert code in outcome.reason


def test_an_unreachable_server_is_a_failure_and_no_exception(
    harvest: Harvest, make_client: MakeClient
) -> None:
    with running(Provider()) as url:
        pass
    got = harvest(url)
    assert got.outcome.state == "failed"
    assert "refused" in (got.outcome.reason or "")
    assert got.outcome.response_date is None


def test_what_keep_raises_is_not_the_servers_fault(make_client: MakeClient) -> None:
    def full(received: Received) -> int:
        raise HarvesterError("the disk is full")

    with running(Provider(stored(1))) as url, pytest.raises(HarvesterError, match="disk"):
        next(harvest(make_client(url), Window("oai_dc"), full))


@pytest.mark.parametrize(
    ("said", "noted"),
    [
        ("<responseDate>2026-11-20T10:00:00+02:00</responseDate>", "2026-11-20T08:00:00Z"),
        ("<responseDate>2026-11-20</responseDate>", "2026-11-20T00:00:00Z"),
    ],
)
def test_the_servers_time_is_noted_in_one_form(said: str, noted: str, harvest: Harvest) -> None:
    odd = Misbehaviour(change=replacing(rb"<responseDate>.*?</responseDate>", said.encode()))
    with running(Provider(stored(1), misbehaviours=[odd])) as url:
        assert harvest(url).outcome.response_date == noted


@pytest.mark.parametrize(
    "said", ["", "<responseDate>now</responseDate>", "<responseDate>2099-01-01</responseDate>"]
)
def test_a_missing_or_future_time_gives_way_to_a_true_one(said: str, harvest: Harvest) -> None:
    odd = Misbehaviour(change=replacing(rb"<responseDate>.*?</responseDate>", said.encode()))
    with running(Provider(stored(1), misbehaviours=[odd])) as url:
        got = harvest(url)
    assert got.outcome.response_date is not None
    assert got.outcome.response_date <= got.kept[0].received_at
    assert got.outcome.response_date[:4] == got.kept[0].received_at[:4]


def test_the_watermark_is_the_time_of_the_first_page(harvest: Harvest) -> None:
    late = Misbehaviour(
        change=replacing(rb"<responseDate>.*?</responseDate>", b"<responseDate/>"), page=2
    )
    provider = Provider(
        stored(4), page_size=2, response_date="2026-11-20T08:00:00Z", misbehaviours=[late]
    )
    with running(provider) as url:
        assert harvest(url).outcome.response_date == "2026-11-20T08:00:00Z"


def test_identify_gives_what_the_server_says(make_client: MakeClient) -> None:
    with running(Provider(stored(1))) as url:
        assert identify(make_client(url), keep_nothing) == Identity(
            repository_name="A small provider",
            base_url=url,
            protocol_version="2.0",
            granularity="YYYY-MM-DDThh:mm:ssZ",
            earliest_datestamp="2026-01-01T12:00:00Z",
            deleted_record="persistent",
            admin_emails=["keeper@example.org"],
        )


@pytest.mark.parametrize(
    ("change", "state", "says"),
    [
        (answering(200, b"<html><title>Hello</title></html>"), "failed", "page titled “Hello”"),
        (oai_error("badVerb"), "failed", "badVerb"),
        (oai_error("restrictedInterface"), "blocked", "register"),
        (answering(403, b""), "blocked", "refuses this client"),
        (answering(401, b""), "blocked", "a user and password"),
        (answering(429, b"", {"Retry-After": "3600"}), "throttled", "asks for patience"),
        (answering(503, b"", {"Retry-After": "3600"}), "throttled", "asks for patience"),
    ],
    ids=["HTML", "badVerb", "restrictedInterface", "403", "401", "429", "503"],
)
def test_a_server_that_cannot_say_what_it_is_fails_by_its_state(
    change: Change, state: str, says: str, make_client: MakeClient
) -> None:
    provider = Provider(misbehaviours=[Misbehaviour(verb="Identify", change=change)])
    with running(provider) as url, pytest.raises(HarvesterError, match=re.escape(says)) as caught:
        identify(make_client(url), keep_nothing)
    outcome = outcome_of(caught.value)
    assert (outcome.state, outcome.reason) == (state, str(caught.value))
    assert (outcome.not_before is not None) == (state == "throttled")
    assert outcome.not_before is None or f"after {outcome.not_before}" in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"<OAI-PMH><ListSets/></OAI-PMH>", b"<OAI-PMH><ListRecords/></OAI-PMH>"]
)
def test_static_files_that_do_not_say_what_they_are_are_harvested_all_the_same(
    body: bytes, make_client: MakeClient
) -> None:
    silent = Misbehaviour(verb="Identify", change=answering(200, body))
    provider = Provider(stored(3), misbehaviours=[silent])
    with running(provider) as url:
        assert identify(make_client(url), keep_nothing) == Identity()


def test_a_failure_of_another_kind_has_failed() -> None:
    assert outcome_of(HarvesterError("no")) == Outcome(state="failed", reason="no")
    assert outcome_of(LoopError("again")).state == "loop"


def test_an_identify_without_most_of_it_is_enough(make_client: MakeClient) -> None:
    bare = Misbehaviour(
        verb="Identify", change=answering(200, b"<OAI-PMH><Identify> </Identify></OAI-PMH>")
    )
    with running(Provider(misbehaviours=[bare])) as url:
        assert identify(make_client(url), keep_nothing) == Identity()


def page_of(identifiers: list[str], *, size: int | None = None) -> Page:
    records = [PageRecord(Header(known, "2026-01-01", [], False), None) for known in identifiers]
    return Page(verb="ListRecords", records=records, complete_list_size=size)


def test_pages_that_stay_empty_for_ever_end_the_walk() -> None:
    walk = Walk("example.org", ALL, full=True)
    for _ in range(walk_module.MAX_EMPTY_PAGES):
        assert walk.count(page_of([])) is None
    error = walk.count(page_of([]))
    assert error is not None
    assert walk.broke(error).state == "loop"


def test_the_size_announced_first_binds() -> None:
    """arXiv's list grows while it is read; what is added then, the next harvest asks for."""
    grown, shrunk = Walk("example.org", ALL, full=True), Walk("example.org", ALL, full=True)
    for walk, later in ((grown, 5), (shrunk, 2)):
        walk.count(page_of(["a", "b"], size=3))
        walk.count(page_of(["c"] if walk is grown else [], size=later))
    assert grown.ended().state == "complete"
    assert shrunk.ended().state == "short"


def test_records_without_identifiers_count_one_by_one() -> None:
    walk = Walk("example.org", ALL, full=True)
    walk.count(page_of(["", ""], size=3))
    walk.count(page_of(["a"]))
    assert walk.ended().state == "complete"


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(0, 400), min_size=1, max_size=30), max_size=20), st.data())
def test_complete_means_that_as_many_came_as_were_announced(
    numbers: list[list[int]], data: st.DataObject
) -> None:
    distinct = len({number for page in numbers for number in page})
    size = data.draw(st.integers(0, distinct + 3))
    walk = Walk("example.org", ALL)
    looped = [walk.count(page_of([str(n) for n in page], size=size)) for page in numbers]
    outcome = walk.ended()
    if numbers:
        assert (outcome.state == "complete") == (distinct >= size)
    assert any(looped) == (len({tuple(page) for page in numbers}) < len(numbers))


def test_a_million_records_are_counted_without_a_million_strings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(walk_module, "_BUCKET_SIZE", 100)
    walk = Walk("example.org", ALL, full=True)
    for start in range(0, 5000, 100):
        walk.count(page_of([f"oai:x:{n}" for n in range(start, start + 100)], size=5001))
    outcome = walk.ended()
    assert outcome.state == "short"
    assert "announced 5,001 records, 5,000 came:" in (outcome.reason or "")


def test_the_recorded_page_of_ghent_is_harvested(corpus: Path, harvest: Harvest) -> None:
    recorded = (corpus / "oai" / "scrapi_ghent_00.xml").read_bytes()
    with running(Provider(pages=[recorded])) as url:
        got = harvest(url)
    assert (got.outcome.state, len(got.identifiers)) == ("complete", 135)
    assert got.outcome.complete_list_size == 135


def test_recorded_pages_with_tokens_are_walked(corpus: Path, harvest: Harvest) -> None:
    recorded = [(corpus / "oai" / f"scrapi_calpoly_0{n}.xml").read_bytes() for n in range(3)]
    with running(Provider(pages=recorded)) as url:
        got = harvest(url)
    assert (got.outcome.state, len(got.identifiers)) == ("complete", 208)


def test_recorded_pages_that_lack_one_are_short(corpus: Path, harvest: Harvest) -> None:
    last = (corpus / "oai" / "scrapi_calpoly_02.xml").read_bytes()
    with running(Provider(pages=[last])) as url:
        got = harvest(url)
    assert got.outcome.state == "short"
    assert "announced 208 records, 8 came" in (got.outcome.reason or "")
