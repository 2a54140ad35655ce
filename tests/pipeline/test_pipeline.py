"""The whole way of a record, over real HTTP into real databases."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest
import requests
from sqlite_utils import Database

from harvester import normalise, pipeline, sample, sources
from harvester.archive import pages
from harvester.catalogue import store
from harvester.catalogue.ready import Ready
from harvester.errors import HarvesterError
from harvester.model import RawRecord, Understood
from harvester.normalise.tables import Tables
from harvester.pipeline import arrival, understanding
from harvester.results import Ask, Result, exit_code
from harvester.settings import Settings
from harvester.sources import Source
from harvester.workspace import opened
from tests.pipeline.asking import DC, DOWN, LATER, harvest, records, status_of, stored
from tests.servers.changes import truncated
from tests.servers.provider import Misbehaviour, Provider, Reply, Stored, running


class TestHarvest:
    def test_all_records_arrive_with_their_fields(
        self, installation: Settings, provider: Provider
    ) -> None:
        result = harvest(installation, provider)
        assert (result.state, result.tally.new, result.listed, result.pages) == (
            "complete",
            7,
            7,
            3,
        )
        found = records(installation)
        assert sorted(found) == [f"oai:x:{number}" for number in range(7)]
        record = found["oai:x:3"]
        assert record.title == "Over werk 3"
        assert (record.year, record.languages) == (2019, ["nld"])
        assert [creator.family for creator in record.creators] == ["de Vries"]
        assert record.type
        assert record.citekey
        assert record.id.startswith("x-")

    def test_a_second_harvest_changes_nothing_and_says_so(
        self, installation: Settings, provider: Provider
    ) -> None:
        harvest(installation, provider)
        before = records(installation)
        result = harvest(installation, provider)
        assert "nothing new" in result.line()
        assert records(installation) == before

    def test_it_asks_only_for_what_is_new(self, installation: Settings, provider: Provider) -> None:
        harvest(installation, provider)
        provider.records[2] = stored(2, "Een nieuwe titel", datestamp=LATER)
        provider.records.append(stored(8, datestamp=LATER))
        result = harvest(installation, provider)
        assert "from" not in provider.asked("ListRecords")[0]
        assert "from" in provider.asked("ListRecords")[-1]
        assert (result.listed, result.tally.new, result.tally.changed) == (2, 1, 1)
        assert records(installation)["oai:x:2"].title == "Een nieuwe titel 2"

    def test_the_archive_is_on_the_disk_before_the_catalogue_says_so(
        self, installation: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        harvest(installation, provider)
        provider.records[2] = stored(2, "Iets heel anders", datestamp=LATER)
        fsync, put_ready = os.fsync, store.put_ready
        done: list[str] = []

        def syncs(file: int) -> None:
            done.append(Path(f"/proc/self/fd/{file}").resolve().name)
            fsync(file)

        def puts(db: Database, entries: Collection[Ready], *, applied_page: int) -> int:
            done.extend("catalogue" for _ in entries)
            return put_ready(db, entries, applied_page=applied_page)

        monkeypatch.setattr(os, "fsync", syncs)
        monkeypatch.setattr(store, "put_ready", puts)
        assert harvest(installation, provider).tally.changed == 1
        assert done.count("catalogue") == 1
        assert done[done.index("catalogue") - 1] == "archive.db-wal"

    def test_a_changed_record_keeps_id_and_citation_key(
        self, installation: Settings, provider: Provider
    ) -> None:
        harvest(installation, provider)
        before = records(installation)["oai:x:2"]
        provider.records[2] = stored(2, "Iets heel anders", datestamp=LATER)
        harvest(installation, provider)
        after = records(installation)["oai:x:2"]
        assert (after.id, after.citekey) == (before.id, before.citekey)

    def test_a_deleted_record_leaves_the_lists_and_keeps_its_citation(
        self, installation: Settings, provider: Provider
    ) -> None:
        harvest(installation, provider)
        provider.records[2] = Stored("oai:x:2", datestamp=LATER, deleted=True)
        assert harvest(installation, provider).tally.deleted == 1
        assert "oai:x:2" not in records(installation)
        tombstone = records(installation, deleted=True)["oai:x:2"]
        assert tombstone.deleted
        assert tombstone.title == "Over werk 2"
        provider.records[2] = stored(2, datestamp="2999-01-02T00:00:00Z")
        harvest(installation, provider)
        assert records(installation)["oai:x:2"].citekey == tombstone.citekey

    def test_a_list_that_breaks_off_is_not_complete(
        self, installation: Settings, provider: Provider
    ) -> None:
        provider.misbehaviours = [
            Misbehaviour(page=2, change=lambda *_: DOWN),
            Misbehaviour(verb="GetRecord", change=lambda *_: DOWN),
        ]
        result = harvest(installation, provider)
        assert result.state != "complete"
        assert result.exit_code == 1
        assert len(records(installation)) == 3
        provider.misbehaviours.clear()
        provider.questions.clear()
        result = harvest(installation, provider)
        assert result.state == "complete"
        assert len(records(installation)) == 7

    def test_a_record_without_metadata_goes_to_quarantine_and_comes_back(
        self, installation: Settings, provider: Provider
    ) -> None:
        provider.records[4] = Stored("oai:x:4", "")
        result = harvest(installation, provider)
        assert (result.state, result.tally.quarantined) == ("complete", 1)
        assert status_of(installation).quarantined == 1
        assert len(records(installation)) == 6
        provider.records[4] = stored(4, datestamp=LATER)
        harvest(installation, provider)
        assert status_of(installation).quarantined == 0
        assert len(records(installation)) == 7

    def test_a_complete_list_forgets_only_nameless_records_of_earlier_ones(
        self, installation: Settings, provider: Provider
    ) -> None:
        provider.records[4] = Stored("", DC.format("No name"))
        provider.records[5] = Stored("oai:x:5", "")
        for _ in range(2):
            assert harvest(installation, provider, full=True).tally.quarantined == 2
        assert status_of(installation).quarantined == 2
        del provider.records[4:6]
        assert harvest(installation, provider, full=True).state == "complete"
        assert status_of(installation).quarantined == 1

    def test_a_set_has_its_own_mark(self, installation: Settings, provider: Provider) -> None:
        provider.sets = {"h10": "Sociology"}
        provider.records[1] = stored(1, sets=["h10"])
        assert harvest(installation, provider, set_spec="h10").listed == 1
        assert harvest(installation, provider).listed == 7

    def test_a_portal_is_not_harvested(self, installation: Settings) -> None:
        portal = Source(name="p", title="P", portal=True)
        (result,) = pipeline.harvest(installation, [portal], Ask())
        assert result.exit_code == 1
        assert "import" in result.line()

    @pytest.mark.parametrize(
        ("reply", "state", "code"),
        [
            (Reply(b"", 429, {"Retry-After": "7200"}), "throttled", 75),
            (Reply(b"<html><title>Hello</title></html>", 200), "failed", 1),
            (
                Reply(
                    b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01'
                    b"T00:00:00Z</responseDate><request>x</request>"
                    b'<error code="restrictedInterface">register</error></OAI-PMH>'
                ),
                "blocked",
                1,
            ),
        ],
        ids=["throttled", "html", "restricted"],
    )
    def test_a_server_that_gives_nothing(
        self, installation: Settings, provider: Provider, reply: Reply, state: str, code: int
    ) -> None:
        provider.misbehaviours.append(Misbehaviour(verb=(), change=lambda *_: reply))
        result = harvest(installation, provider)
        assert (result.state, result.exit_code) == (state, code)
        assert result.reason
        assert "\n" not in result.line()

    @pytest.mark.parametrize("reply", [DOWN, Reply(b"<html><title>Hello</title></html>")])
    def test_a_server_that_cannot_say_what_it_is_is_harvested_all_the_same(
        self, installation: Settings, provider: Provider, reply: Reply
    ) -> None:
        provider.misbehaviours.append(Misbehaviour(verb="Identify", change=lambda *_: reply))
        for _ in range(2):
            assert harvest(installation, provider).state == "complete"
        assert len(records(installation)) == 7

    def test_a_file_and_a_harvest_of_one_server_are_one_source(
        self, installation: Settings, provider: Provider, tmp_path: Path
    ) -> None:
        answer = requests.get(
            provider.url, {"verb": "ListRecords", "metadataPrefix": "oai_dc"}, timeout=5
        )
        (tmp_path / "answer.xml").write_bytes(answer.content)
        (imported,) = pipeline.import_files(installation, [tmp_path / "answer.xml"], None)
        assert (imported.state, imported.tally.new) == ("complete", 3)
        source = sources.resolve(provider.url, {})
        (result,) = pipeline.harvest(installation, [source], Ask())
        assert (result.tally.new, result.tally.unchanged) == (4, 3)
        assert len(records(installation)) == 7


class TestFormats:
    def test_two_formats_of_one_identifier_are_one_record(self, installation: Settings) -> None:
        with sample.running() as repositories:
            base = repositories["sample-base"]
            for prefix in ("base_dc", "oai_dc"):
                (result,) = pipeline.harvest(installation, [base], Ask(prefix=prefix))
                assert result.state == "complete"
        found = records(installation)
        before = records(installation, deleted=True)
        assert len(before) == result.listed
        assert len(found) == sum(not record.deleted for record in before.values())
        pipeline.rebuild(installation)
        assert records(installation, deleted=True) == before


class TestSurvival:
    def test_pages_that_were_kept_but_not_applied_are_applied_next_time(
        self, installation: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Killed(BaseException):
            pass

        put = arrival.put
        calls = []

        def killed(*arguments: object) -> int:
            calls.append(1)
            if len(calls) == 2:
                raise Killed
            return put(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(arrival, "put", killed)
        with pytest.raises(Killed):
            harvest(installation, provider)
        monkeypatch.setattr(arrival, "put", put)
        assert len(records(installation)) == 3
        assert status_of(installation).state == "interrupted"
        with pipeline.writing(installation, "test"):
            # The page that was being stored, and perhaps the one that was fetched meanwhile.
            assert len(records(installation)) in (6, 7)
        harvest(installation, provider)
        assert len(records(installation)) == 7

    def test_a_deleted_catalogue_comes_back_the_same(
        self, installation: Settings, provider: Provider
    ) -> None:
        harvest(installation, provider)
        provider.records[2] = Stored("oai:x:2", datestamp=LATER, deleted=True)
        provider.records[3] = stored(3, "Anders", datestamp=LATER)
        provider.records.append(Stored("oai:x:99", datestamp=LATER, deleted=True))
        harvest(installation, provider)
        before = records(installation, deleted=True)
        assert len(before) == 8
        for file in installation.directory.glob("catalogue.db*"):
            file.unlink()
        pipeline.rebuild(installation)
        assert records(installation, deleted=True) == before

    def test_the_whole_records_of_a_page_that_is_cut_off_survive_a_rebuild(
        self, installation: Settings, provider: Provider
    ) -> None:
        provider.misbehaviours = [
            Misbehaviour(page=2, change=truncated),
            Misbehaviour(verb="GetRecord", change=lambda *_: DOWN),
        ]
        result = harvest(installation, provider)
        assert result.state == "partial"
        before = records(installation)
        assert 3 < len(before) < 7
        for file in installation.directory.glob("catalogue.db*"):
            file.unlink()
        pipeline.rebuild(installation)
        assert records(installation) == before

    def test_an_archive_older_than_the_catalogue_is_refused(
        self, installation: Settings, provider: Provider
    ) -> None:
        harvest(installation, provider)
        for file in installation.directory.glob("archive.db*"):
            file.unlink()
        with (
            pytest.raises(HarvesterError, match="restore a backup"),
            pipeline.writing(installation, "test"),
        ):
            pass

    def test_one_record_that_cannot_be_understood_does_not_stop_the_others(
        self, installation: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        understand_all = normalise.understand_all

        def fails(raws: Sequence[RawRecord], source: Source, tables: Tables) -> list[Understood]:
            if any(raw.identifier == "oai:x:5" for raw in raws):
                raise ZeroDivisionError("a rule is wrong")
            return understand_all(raws, source, tables)

        monkeypatch.setattr(understanding, "understand_all", fails)
        result = harvest(installation, provider)
        assert (result.state, result.tally.quarantined) == ("complete", 1)
        assert len(records(installation)) == 6
        monkeypatch.setattr(understanding, "understand_all", understand_all)
        assert pipeline.rebuild(installation) == 0
        assert len(records(installation)) == 7
        monkeypatch.setattr(understanding, "understand_all", fails)
        assert pipeline.rebuild(installation) == 1
        before = records(installation)
        assert len(before) == 6
        for file in installation.directory.glob("catalogue.db*"):
            file.unlink()
        pipeline.rebuild(installation)
        assert records(installation) == before


class TestExitCodes:
    @pytest.mark.parametrize(
        ("states", "code"),
        [
            ([], 0),
            (["complete"], 0),
            (["complete", "throttled"], 75),
            (["throttled", "short", "complete"], 1),
            (["blocked"], 1),
        ],
    )
    def test_the_worst_source_decides(self, states: list[str], code: int) -> None:
        assert exit_code(Result("x", state) for state in states) == code


def test_ghent_comes_whole(installation: Settings, corpus: Path) -> None:
    answer = (corpus / "oai" / "scrapi_ghent_00.xml").read_bytes()
    provider = Provider(pages=[answer])
    with running(provider):
        result = harvest(installation, provider)
        assert (result.state, result.tally.new) == ("complete", 135)
        again = harvest(installation, provider)
    assert again.tally.unchanged == 135
    assert "nothing new" in again.line()
    found = records(installation)
    assert len(found) == 135
    for record in found.values():
        assert record.title, record.id
        assert record.creators, record.id
        assert record.year, record.id
        assert record.type, record.id
        assert record.languages, record.id


def test_the_tables_know_the_sources_that_are_only_in_the_archive(
    installation: Settings, provider: Provider
) -> None:
    harvest(installation, provider)
    with opened(installation, "test") as workspace:
        assert [source.name for source in workspace.sources.values()] == ["x"]
        assert pages.last(workspace.archive) == 4
