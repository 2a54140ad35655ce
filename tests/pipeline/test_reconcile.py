"""Deletions that are never announced, and records that never came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from harvester import pipeline
from harvester.archive import items
from harvester.catalogue import store
from harvester.pipeline import arrival, reconciling
from harvester.results import Ask, Result
from harvester.settings import Settings
from tests.pipeline.asking import DOWN, LATER, day_by_day, harvest, records, source_of, stored
from tests.servers.changes import replacing
from tests.servers.provider import Misbehaviour, Provider, Reply, running


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider(day_by_day(40), page_size=7)
    with running(found):
        yield found


def reconcile(installation: Settings, provider: Provider, **ask: object) -> Result:
    return harvest(installation, provider, reconcile=True, **ask)


def test_what_is_no_longer_listed_is_deleted_and_keeps_its_citation(
    installation: Settings, provider: Provider
) -> None:
    harvest(installation, provider)
    before = records(installation)
    del provider.records[5:8]
    result = reconcile(installation, provider)
    assert (result.state, result.no_longer_listed) == ("complete", 3)
    assert "3 no longer listed" in result.line()
    after = records(installation, deleted=True)
    gone = [after[f"oai:x:{number}"] for number in (5, 6, 7)]
    assert all(record.deleted for record in gone)
    assert gone[0].citekey == before["oai:x:5"].citekey
    assert len(records(installation)) == 37
    assert {asked["identifier"] for asked in provider.asked("GetRecord")} == {
        "oai:x:5", "oai:x:6", "oai:x:7",
    }  # fmt: skip
    again = reconcile(installation, provider)
    assert (again.state, again.no_longer_listed) == ("complete", 0)


def test_a_rebuilt_catalogue_knows_what_is_gone(installation: Settings, provider: Provider) -> None:
    harvest(installation, provider)
    del provider.records[5:8]
    reconcile(installation, provider)
    before = records(installation, deleted=True)
    for file in installation.directory.glob("catalogue.db*"):
        file.unlink()
    pipeline.rebuild(installation)
    assert records(installation, deleted=True) == before


def test_what_comes_back_is_live_again(installation: Settings, provider: Provider) -> None:
    harvest(installation, provider)
    gone = provider.records.pop(5)
    reconcile(installation, provider)
    assert "oai:x:5" not in records(installation)
    gone.datestamp = LATER
    provider.records.append(gone)
    harvest(installation, provider)
    assert "oai:x:5" in records(installation)


@pytest.mark.parametrize(("lost", "state"), [(4, "complete"), (5, "partial"), (40, "partial")])
def test_many_deletions_need_a_person(
    installation: Settings, provider: Provider, lost: int, state: str
) -> None:
    harvest(installation, provider)
    del provider.records[:lost]
    provider.records.append(stored(99, datestamp=LATER))  # an empty list would prove nothing
    result = reconcile(installation, provider)
    assert result.state == state
    if state == "complete":
        return
    assert result.exit_code == 1
    assert f"no longer lists {lost} of 41 records" in result.line()
    assert "--accept-deletions" in result.line()
    assert len(records(installation)) == 41
    result = reconcile(installation, provider, accept_deletions=True)
    assert (result.state, result.no_longer_listed) == ("complete", lost)
    assert len(records(installation)) == 41 - lost


def test_more_than_so_many_are_not_asked_for_one_by_one(
    installation: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "MOST", 2)
    harvest(installation, provider)
    del provider.records[:3]
    assert "--accept-deletions" in reconcile(installation, provider).line()
    assert reconcile(installation, provider, accept_deletions=True).no_longer_listed == 3
    assert provider.asked("GetRecord") == []


def test_a_list_that_skips_records_deletes_nothing(
    installation: Settings, provider: Provider
) -> None:
    """Paging without a stable order gives one record twice and another not at all (atom#1581)."""
    harvest(installation, provider)
    skipped = replacing(rb"<header><identifier>oai:x:9</identifier>.*?</header>", b"")
    provider.announces_size = False
    provider.misbehaviours = [Misbehaviour(verb="ListIdentifiers", change=skipped)]
    result = reconcile(installation, provider)
    assert (result.state, result.no_longer_listed) == ("complete", 0)
    assert provider.asked("GetRecord") == [
        {"verb": "GetRecord", "identifier": "oai:x:9", "metadataPrefix": "oai_dc"}
    ]
    assert len(records(installation)) == 40


def test_what_only_came_from_files_is_exempt(
    installation: Settings, provider: Provider, tmp_path: Path
) -> None:
    provider.records.append(stored(99))
    answer = requests.get(
        provider.url,
        {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "oai:x:99"},
        timeout=5,
    )
    (tmp_path / "answer.xml").write_bytes(answer.content)
    provider.records.pop()
    pipeline.import_files(installation, [tmp_path / "answer.xml"], source_of(provider))
    harvest(installation, provider)
    assert len(records(installation)) == 41
    result = reconcile(installation, provider)
    assert (result.state, result.no_longer_listed) == ("complete", 0)
    assert len(records(installation)) == 41


@pytest.mark.parametrize(
    ("reply", "state"),
    [(DOWN, "partial"), (Reply(b"", 429, {"Retry-After": "7200"}), "throttled")],
    ids=["broken-off", "throttled"],
)
def test_an_incomplete_list_proves_nothing(
    installation: Settings, provider: Provider, reply: Reply, state: str
) -> None:
    harvest(installation, provider)
    del provider.records[5]
    provider.misbehaviours = [Misbehaviour(verb="ListIdentifiers", page=3, change=lambda *_: reply)]
    result = reconcile(installation, provider)
    assert result.state == state
    assert "nothing was compared" in result.line()
    assert len(records(installation)) == 40


def test_a_harvest_that_is_not_complete_is_not_compared(
    installation: Settings, provider: Provider
) -> None:
    harvest(installation, provider)
    del provider.records[5]
    provider.misbehaviours = [Misbehaviour(change=lambda *_: Reply(b"", 403))]
    result = reconcile(installation, provider)
    assert result.state == "blocked"
    assert "not compared" in result.line()
    assert provider.asked("ListIdentifiers") == []


def test_a_server_that_falls_silent_while_it_is_asked_deletes_nothing(
    installation: Settings, provider: Provider
) -> None:
    harvest(installation, provider)
    del provider.records[5:7]
    throttles = Reply(b"", 429, {"Retry-After": "7200"})
    provider.misbehaviours = [Misbehaviour(verb="GetRecord", since=2, change=lambda *_: throttles)]
    result = reconcile(installation, provider)
    assert result.state == "throttled"
    assert "nothing was deleted" in result.line()
    assert len(records(installation)) == 40


def test_what_is_listed_and_never_came_is_fetched(
    installation: Settings, provider: Provider
) -> None:
    """Records that were indexed late have old datestamps, and no later harvest asks for them."""
    harvest(installation, provider)
    provider.records.insert(3, stored(77, datestamp="2020-01-01T00:00:00Z"))
    assert harvest(installation, provider).tally.new == 0
    result = reconcile(installation, provider)
    assert (result.state, result.tally.new) == ("complete", 1)
    assert "oai:x:77" in records(installation)


def test_what_is_listed_and_not_handed_out_is_told(
    installation: Settings, provider: Provider
) -> None:
    harvest(installation, provider)
    provider.records.insert(3, stored(77, datestamp="2020-01-01T00:00:00Z"))
    provider.misbehaviours = [Misbehaviour(verb="GetRecord", change=lambda *_: DOWN)]
    result = reconcile(installation, provider)
    assert (result.state, result.exit_code) == ("partial", 1)
    assert "lists 1 record that it does not hand out (oai:x:77)" in result.line()


def test_very_many_that_never_came_need_a_full_harvest(
    installation: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "MOST", 2)
    harvest(installation, provider)
    provider.records += [
        stored(number, datestamp="2020-01-01T00:00:00Z") for number in (101, 102, 103)
    ]
    result = reconcile(installation, provider)
    assert result.state == "partial"
    assert "lists 3 records that never came: harvest it with --full" in result.line()
    assert reconcile(installation, provider, full=True).state == "complete"


def test_every_list_counts_because_a_record_may_move(
    installation: Settings, provider: Provider
) -> None:
    provider.sets = {"a": "A", "b": "B"}
    for number, record in enumerate(provider.records):
        record.sets = ["a"] if number % 2 else ["b"]
    for set_spec in ("a", "b"):
        assert harvest(installation, provider, set_spec=set_spec).state == "complete"
    provider.records[3].sets = ["b"]
    result = reconcile(installation, provider, set_spec="a")
    assert (result.state, result.no_longer_listed) == ("complete", 0)
    assert {asked.get("set") for asked in provider.asked("ListIdentifiers")} >= {"a", "b"}
    assert len(records(installation)) == 40


@pytest.mark.parametrize("moment", ["archive", "catalogue"])
def test_a_kill_between_archive_and_catalogue_is_made_good(
    installation: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    class Killed(BaseException):
        pass

    harvest(installation, provider)
    del provider.records[5:8]
    gone, put = items.gone, arrival.store

    def kill(*arguments: object) -> int:
        raise Killed

    def gone_and_kill(*arguments: object) -> int:
        monkeypatch.setattr(arrival, "store", kill)
        return gone(*arguments)  # type: ignore[arg-type]

    if moment == "archive":
        monkeypatch.setattr(items, "gone", kill)
    else:
        monkeypatch.setattr(items, "gone", gone_and_kill)
    with pytest.raises(Killed):
        reconcile(installation, provider)
    assert len(records(installation)) == 40
    monkeypatch.setattr(items, "gone", gone)
    monkeypatch.setattr(arrival, "store", put)
    with pipeline.writing(installation, "test") as workspace:
        live = len(records(installation))
        assert store.applied_page(workspace.catalogue) > 0
    assert live == (40 if moment == "archive" else 37)
    assert reconcile(installation, provider).state == "complete"
    assert len(records(installation)) == 37


def test_two_sources_are_compared_at_the_same_time(installation: Settings) -> None:
    one, two = Provider(day_by_day(40), page_size=7), Provider(day_by_day(40), page_size=5)
    with running(one), running(two):
        wanted = [source_of(one, "one"), source_of(two, "two")]
        pipeline.harvest(installation, wanted, Ask())
        del one.records[3]
        del two.records[30:33]
        results = pipeline.harvest(installation, wanted, Ask(reconcile=True), jobs=2)
    assert [result.no_longer_listed for result in results] == [1, 3]
    assert "oai:x:3" not in records(installation, source="one")
    assert "oai:x:3" in records(installation, source="two")
    assert "oai:x:31" in records(installation, source="one")
