"""Many sources at once: each ends as it does, and none ends another."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from harvester import pipeline
from harvester.archive import pages
from harvester.errors import HarvesterError
from harvester.formats import read_page
from harvester.model import RawRecord
from harvester.oai.page import Page
from harvester.oai.received import Received
from harvester.oai.stopping import Stop
from harvester.pipeline import arrival, visit
from harvester.results import Ask, Progress, Result, exit_code, summary
from harvester.settings import Settings
from harvester.sources import Source
from harvester.workspace import Workspace
from tests.pipeline.asking import day_by_day, records, source_of, status_of
from tests.servers.provider import Misbehaviour, Provider, Reply, running

DEAD = Source(name="dead", title="Dead", urls=["http://127.0.0.1:9/oai"])
THROTTLES = Reply(b"", 429, {"Retry-After": "7200"})


@pytest.fixture
def providers() -> Iterator[list[Provider]]:
    """Five servers on this machine."""
    with ExitStack() as stack:
        found = [Provider(day_by_day(20), page_size=3) for _ in range(5)]
        for provider in found:
            stack.enter_context(running(provider))
        yield found


def named(providers: list[Provider]) -> list[Source]:
    return [source_of(provider, f"s{number}") for number, provider in enumerate(providers)]


def harvest(
    installation: Settings, wanted: list[Source], jobs: int = 6, **more: object
) -> dict[str, Result]:
    found = pipeline.harvest(installation, wanted, Ask(), jobs=jobs, **more)  # type: ignore[arg-type]
    assert [result.source for result in found] == [source.name for source in wanted]
    return {result.source: result for result in found}


def test_six_at_once_of_which_one_is_dead_and_one_throttles(
    installation: Settings, providers: list[Provider]
) -> None:
    providers[2].misbehaviours = [Misbehaviour(page=3, change=lambda *_: THROTTLES)]
    found = harvest(installation, [*named(providers), DEAD])
    states = {name: result.state for name, result in found.items()}
    complete = {f"s{number}": "complete" for number in (0, 1, 3, 4)}
    assert states == {**complete, "s2": "throttled", "dead": "failed"}
    assert exit_code(found.values()) == 1
    for name in complete:
        assert len(records(installation, source=name)) == 20
    assert len(records(installation, source="s2")) == 6
    told = summary(list(found.values()), 1.0)
    assert told.startswith("6 sources: 4 complete, ")
    assert "86 new" in told


def test_two_sources_of_one_host_never_ask_it_at_the_same_time(
    installation: Settings, providers: list[Provider]
) -> None:
    one, two = (
        Source(name=name, title=name, urls=[f"{providers[0].url}?repository={name}"])
        for name in ("one", "two")
    )
    harvest(installation, [one, two])
    asked = ["=one" in question.path for question in providers[0].questions]
    assert asked == sorted(asked, reverse=True)
    assert True in asked
    assert False in asked


def test_the_mark_never_passes_a_page_that_is_not_in_the_catalogue(
    installation: Settings, providers: list[Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run is killed in the middle of one source while the others go on to their ends."""

    class Killed(BaseException):
        pass

    put = arrival.put

    def killed(workspace: Workspace, pages: Sequence[tuple[arrival.Waiting, Any]]) -> int:
        for page, _ in pages:
            if workspace.sources[page.source].name == "s0" and page.seen[0] == "oai:x:6":
                raise Killed
        return put(workspace, pages)

    monkeypatch.setattr(arrival, "put", killed)
    with pytest.raises(Killed):
        harvest(installation, named(providers), stop=Stop())
    assert len(records(installation, source="s0")) == 6
    monkeypatch.setattr(arrival, "put", put)
    with pipeline.writing(installation, "test"):
        assert len(records(installation, source="s0")) >= 9
    found = harvest(installation, named(providers))
    assert exit_code(found.values()) == 0
    assert len(records(installation)) == 20
    assert sum(len(records(installation, source=name)) for name in found) == 100


def test_a_fault_of_our_own_is_one_source_s_failure(
    installation: Settings,
    providers: list[Provider],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    providers[1].records = day_by_day(20, sets=["poison"])

    def fails(page: Page) -> list[object]:
        found = read_page(page)
        if any(isinstance(record, RawRecord) and record.sets for record in found):
            raise ZeroDivisionError("a plugin is wrong")
        return list(found)

    for module in (arrival, visit):
        monkeypatch.setattr(module, "read_page", fails)
    with caplog.at_level(logging.INFO, "harvester"):
        found = harvest(installation, named(providers))
    states = {name: result.state for name, result in found.items()}
    assert states == {name: "failed" if name == "s1" else "complete" for name in found}
    assert "ZeroDivisionError: a plugin is wrong" in found["s1"].line()
    assert "\n" not in found["s1"].line()
    assert "Traceback" in caplog.text
    assert status_of(installation, "s1").state == "failed"

    # The next run meets the page again: it is set aside, and all others are harvested.
    again = harvest(installation, named(providers))
    assert {result.state for name, result in again.items() if name != "s1"} == {"complete"}
    assert status_of(installation, "s1").quarantined > 0

    monkeypatch.undo()
    assert pipeline.rebuild(installation) == 0
    assert len(records(installation, source="s1")) >= 3
    assert harvest(installation, named(providers))["s1"].state == "complete"
    assert len(records(installation, source="s1")) == 20


def test_a_full_disk_ends_the_run_and_nothing_is_lost(
    installation: Settings, providers: list[Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = pages.keep

    def full(*arguments: object) -> int:
        if arguments[2] == 3 and pages.last(arguments[0]) > 20:  # type: ignore[arg-type]
            raise HarvesterError("the archive cannot take another page (disk full)")
        return keep(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pages, "keep", full)
    with pytest.raises(HarvesterError, match="cannot take another page"):
        harvest(installation, named(providers))
    monkeypatch.undo()
    found = harvest(installation, named(providers))
    assert exit_code(found.values()) == 0
    assert sum(len(records(installation, source=name)) for name in found) == 100


def test_whoever_looks_on_is_told_by_one_thread_at_a_time(
    installation: Settings, providers: list[Provider]
) -> None:
    inside: list[str] = []
    seen: list[Progress] = []

    def look(step: Progress) -> None:
        assert not inside
        inside.append(step.source)
        seen.append(step)
        assert inside.pop() == step.source

    harvest(installation, named(providers), progress=look)
    for number in range(5):
        steps = [step for step in seen if step.source == f"s{number}"]
        assert [step.done for step in steps] == [3, 6, 9, 12, 15, 18, 20]
        assert {step.total for step in steps} == {20}


def test_a_run_that_must_end_reports_what_it_did_not_begin(
    installation: Settings, providers: list[Provider]
) -> None:
    stop = Stop()

    def end(step: Progress) -> None:
        if step.source == "s1":
            stop.ask("the test says so")

    found = harvest(installation, named(providers), jobs=1, progress=end, stop=stop)
    assert found["s0"].state == "complete"
    assert found["s1"].state == "interrupted"
    assert 0 < len(records(installation, source="s1")) < 20
    assert {found[name].state for name in ("s2", "s3", "s4")} == {"interrupted"}
    assert providers[2].questions == []
    assert exit_code(found.values()) == 75
    assert not any(result.needs_person for result in found.values())
    again = harvest(installation, named(providers))
    assert exit_code(again.values()) == 0
    assert any("from" in asked for asked in providers[1].asked("ListRecords"))


def test_received_is_what_was_sent(installation: Settings, providers: list[Provider]) -> None:
    """Pages of several sources that are kept at the same time do not mix."""
    harvest(installation, named(providers))
    with pipeline.writing(installation, "test") as workspace:
        for kept in pages.after(workspace.archive, 0):
            assert isinstance(kept.received, Received)
            source = workspace.sources[kept.source]
            assert kept.received.url == source.urls[0]
