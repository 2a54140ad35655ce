"""From one run to the next: where a list is taken up again, what a server asked for, its ways."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from harvester import pipeline
from harvester.archive import known, open_archive, windows
from harvester.oai.quirks import Quirks
from harvester.oai.stopping import Stop
from harvester.results import Ask, Progress, Result
from harvester.settings import Settings
from harvester.sources import Source
from tests.pipeline.asking import (
    DOWN,
    LATER,
    day_by_day,
    harvest,
    records,
    source_of,
    status_of,
    stored,
)  # fmt: skip
from tests.servers.provider import DAYS, Misbehaviour, Provider, Reply

THROTTLES = Reply(b"", 429, {"Retry-After": "7200"})


def quirks(installation: Settings) -> Quirks:
    with closing(open_archive(installation.directory, for_reading=True)) as archive:
        return known.quirks(archive, 1)


def not_before(installation: Settings, when: str | None) -> None:
    with closing(open_archive(installation.directory)) as archive:
        known.set_not_before(archive, 1, when)


def stopped_after(installation: Settings, provider: Provider, pages: int) -> Result:
    stop, seen = Stop(), []

    def count(step: Progress) -> None:
        seen.append(step)
        if len(seen) == pages:
            stop.ask("the test says so")

    (result,) = pipeline.harvest(installation, [source_of(provider)], Ask(), count, stop=stop)
    return result


class TestTakingUpAgain:
    def test_an_ordered_list_goes_on_at_its_last_datestamp(
        self, installation: Settings, provider: Provider
    ) -> None:
        provider.records = day_by_day(30)
        result = stopped_after(installation, provider, 5)
        assert (result.state, result.exit_code) == ("interrupted", 75)
        assert "the test says so" in result.line()
        came = len(records(installation))
        assert 15 <= came <= 18
        provider.questions.clear()
        result = harvest(installation, provider)
        assert result.state == "complete"
        (first, *_) = provider.asked("ListRecords")
        assert first["from"] == provider.records[came - 1].datestamp
        assert result.listed <= 30 - came + 3
        assert len(records(installation)) == 30
        assert status_of(installation).state == "complete"

    def test_a_list_without_order_is_asked_for_again_and_loses_nothing(
        self, installation: Settings, provider: Provider
    ) -> None:
        provider.records = day_by_day(30)[::-1]
        assert stopped_after(installation, provider, 5).state == "interrupted"
        assert harvest(installation, provider).state == "complete"
        assert len(records(installation)) == 30

    def test_older_records_behind_the_place_where_it_went_on_are_fetched(
        self, installation: Settings, provider: Provider
    ) -> None:
        every = day_by_day(30)
        provider.records = every[12:] + every[:12]
        assert stopped_after(installation, provider, 4).state == "interrupted"
        result = harvest(installation, provider)
        assert result.state == "complete"
        assert len(records(installation)) == 30

    def test_where_nothing_proves_that_all_came_it_is_asked_for_everything_again(
        self, installation: Settings, provider: Provider
    ) -> None:
        every = day_by_day(30)
        provider.records = every[12:] + every[:12]
        stopped_after(installation, provider, 4)
        down = Misbehaviour(verb="ListIdentifiers", change=lambda *_: Reply(b"<html/>", 404))
        provider.misbehaviours.append(down)
        result = harvest(installation, provider)
        assert (result.state, result.exit_code) == ("short", 1)
        assert "nothing proves that all its records came" in result.line()
        provider.questions.clear()
        assert harvest(installation, provider).state == "complete"
        assert "from" not in provider.asked("ListRecords")[0]
        assert len(records(installation)) == 30

    def test_the_mark_of_a_list_that_was_taken_up_is_that_of_its_end(
        self, installation: Settings, provider: Provider
    ) -> None:
        provider.records = day_by_day(30)
        stopped_after(installation, provider, 5)
        with closing(open_archive(installation.directory, for_reading=True)) as archive:
            assert windows.watermark(archive, 1, "oai_dc", None) is None
        harvest(installation, provider)
        with closing(open_archive(installation.directory, for_reading=True)) as archive:
            plan = windows.plan(archive, 1, "oai_dc", None)
        assert plan.watermark is not None
        assert (plan.resume, plan.holes) == (None, [])

    def test_a_full_harvest_asks_for_everything_whatever_came_before(
        self, installation: Settings, provider: Provider
    ) -> None:
        provider.records = day_by_day(30)
        stopped_after(installation, provider, 5)
        provider.questions.clear()
        assert harvest(installation, provider, full=True).listed == 30
        assert "from" not in provider.asked("ListRecords")[0]

    def test_dates_of_the_user_move_nothing(
        self, installation: Settings, provider: Provider
    ) -> None:
        provider.records = day_by_day(30)
        stopped_after(installation, provider, 5)
        with closing(open_archive(installation.directory, for_reading=True)) as archive:
            before = windows.plan(archive, 1, "oai_dc", None)
        result = harvest(installation, provider, from_="2026-01-20", until="2026-01-25")
        assert result.state == "complete"
        with closing(open_archive(installation.directory, for_reading=True)) as archive:
            assert windows.plan(archive, 1, "oai_dc", None) == before

    def test_a_hole_is_named_and_filled_the_next_night(
        self, installation: Settings, provider: Provider
    ) -> None:
        provider.records = day_by_day(30)
        provider.misbehaviours = [
            Misbehaviour(
                verb=("ListRecords", "GetRecord"), holding=(b"Over werk 13<",),
                change=lambda *_: DOWN,
            )
        ]  # fmt: skip
        result = harvest(installation, provider)
        assert (result.state, result.exit_code) == ("partial", 1)
        assert "oai:x:13" in result.line()
        assert len(records(installation)) == 29
        row = status_of(installation)
        assert (row.missing_identifiers, row.needs_attention) == (1, True)
        provider.misbehaviours.clear()
        provider.questions.clear()
        assert harvest(installation, provider).state == "complete"
        assert len(records(installation)) == 30
        assert status_of(installation).missing == 0
        assert "from" in provider.asked("ListRecords")[0]  # not the whole list


class TestListsOfBefore:
    def test_a_source_known_by_its_sets_is_asked_for_these_and_nothing_else(
        self, installation: Settings, provider: Provider
    ) -> None:
        provider.sets = {"a": "A", "b": "B", "c": "C"}
        for number, record in enumerate(provider.records):
            record.sets = ["abc"[number % 3]]
        for name in ("a", "b"):
            assert harvest(installation, provider, set_spec=name).state == "complete"
        assert harvest(installation, provider, set_spec="mistyped").state != "complete"
        provider.records[0].datestamp = provider.records[1].datestamp = LATER
        provider.questions.clear()
        result = harvest(installation, provider, as_before=True)
        assert (result.state, result.listed, result.tally.touched) == ("complete", 2, 2)
        assert [asked["set"] for asked in provider.asked("ListRecords")] == ["a", "b"]
        assert len(records(installation)) == 5
        assert harvest(installation, provider).listed == 7
        provider.questions.clear()
        assert harvest(installation, provider, as_before=True).state == "complete"
        assert ["set" in asked for asked in provider.asked("ListRecords")] == [False]

    def test_the_worst_of_them_counts(self, installation: Settings, provider: Provider) -> None:
        provider.sets = {"a": "A", "b": "B"}
        for number, record in enumerate(provider.records):
            record.sets = ["ab"[number % 2]]
        for name in ("a", "b"):
            harvest(installation, provider, set_spec=name)
        down = Misbehaviour(
            verb=(),
            change=lambda question, reply: DOWN if question.arguments.get("set") == "a" else reply,
        )
        provider.misbehaviours.append(down)
        result = harvest(installation, provider, as_before=True)
        assert (result.state, result.exit_code) == ("failed", 1)
        assert "HTTP 500" in result.line()


class TestPatience:
    def test_a_server_that_wants_to_be_left_alone_is(
        self, installation: Settings, provider: Provider
    ) -> None:
        provider.misbehaviours = [Misbehaviour(verb="Identify", change=lambda *_: THROTTLES)]
        assert harvest(installation, provider).state == "throttled"
        provider.misbehaviours.clear()
        provider.questions.clear()
        for ask in ({}, {"full": True}):
            result = harvest(installation, provider, **ask)
            assert (result.state, result.exit_code) == ("throttled", 75)
            assert "not to come before" in result.line()
        assert provider.questions == []
        row = status_of(installation)
        assert row.state == "throttled"
        assert row.not_before is not None
        assert row.not_before > datetime.now(UTC).isoformat()

    def test_after_that_time_it_is_asked_again(
        self, installation: Settings, provider: Provider
    ) -> None:
        harvest(installation, provider)
        past = datetime.now(UTC) - timedelta(seconds=5)
        not_before(installation, past.strftime("%Y-%m-%dT%H:%M:%SZ"))
        assert harvest(installation, provider).state == "complete"
        assert status_of(installation).not_before is None

    def test_what_was_received_before_is_not_asked_for_again(
        self, installation: Settings, provider: Provider
    ) -> None:
        provider.records = day_by_day(30)
        provider.misbehaviours = [Misbehaviour(page=5, change=lambda *_: THROTTLES)]
        assert harvest(installation, provider).state == "throttled"
        for ask in ({}, {"full": True}):
            assert harvest(installation, provider, **ask).state == "throttled"  # it is not asked
        not_before(installation, None)
        provider.misbehaviours.clear()
        provider.questions.clear()
        assert harvest(installation, provider).state == "complete"
        assert provider.asked("ListRecords")[0]["from"] == provider.records[11].datestamp
        assert len(records(installation)) == 30

    def test_a_new_source_that_is_throttled_at_once_is_not_forgotten(
        self, installation: Settings, provider: Provider
    ) -> None:
        provider.misbehaviours = [Misbehaviour(verb="Identify", change=lambda *_: THROTTLES)]
        harvest(installation, provider)
        assert status_of(installation).state == "throttled"

    def test_the_third_day_running_needs_a_person(
        self, installation: Settings, provider: Provider
    ) -> None:
        harvest(installation, provider)
        provider.misbehaviours = [Misbehaviour(verb="Identify", change=lambda *_: THROTTLES)]
        for days, needed in ((4, False), (3, False), (2, True), (1, True)):
            result = harvest(installation, provider)
            assert result.state == "throttled"
            assert result.needs_person is needed, days
            not_before(installation, None)
            # A night passes.
            with closing(open_archive(installation.directory)) as archive, archive:
                archive.execute(
                    "update windows set started = ? where id = (select max(id) from windows)",
                    ((datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ"),),
                )
        assert "day 4 running" in result.line()
        provider.misbehaviours.clear()
        harvest(installation, provider)
        assert status_of(installation).nights_throttled == 0


class TestQuirks:
    def test_what_a_server_does_otherwise_is_found_once(
        self, installation: Settings, provider: Provider
    ) -> None:
        harvest(installation, provider)
        provider.granularity = DAYS
        provider.misbehaviours = [
            Misbehaviour(
                verb="Identify",
                change=lambda _, reply: msgspec.structs.replace(
                    reply, body=reply.body.replace(b"YYYY-MM-DD<", b"YYYY-MM-DDThh:mm:ssZ<")
                ),
            )
        ]
        provider.records.append(stored(8, datestamp=LATER))
        provider.questions.clear()
        assert harvest(installation, provider).state == "complete"
        wrong, right = (asked["from"] for asked in provider.asked("ListRecords")[:2])
        assert wrong.startswith(right)
        assert quirks(installation).days_only
        provider.questions.clear()
        assert harvest(installation, provider).state == "complete"
        assert provider.asked("ListRecords")[0]["from"] == right

    def test_what_the_librarian_told_is_used_and_not_remembered(
        self, installation: Settings, provider: Provider
    ) -> None:
        told = Quirks(days_only=True)
        source = Source(name="x", title="X", urls=[provider.url], quirks=told)
        for _ in range(2):
            (result,) = pipeline.harvest(installation, [source], Ask())
            assert result.state == "complete"
        assert len(provider.asked("ListRecords")[-1].get("from", "2026-01-01")) == len("2026-01-01")
        assert quirks(installation) == Quirks()


@pytest.mark.parametrize("state", ["throttled", "interrupted", "complete"])
def test_what_time_mends_needs_nobody(state: str) -> None:
    assert not Result("x", state).needs_person


@pytest.mark.parametrize("state", ["partial", "short", "loop", "blocked", "failed"])
def test_what_it_does_not_mend_does(state: str) -> None:
    assert Result("x", state).needs_person
