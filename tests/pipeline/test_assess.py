"""A report on each source is kept whenever its records are others, and compared with the last."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from harvester import pipeline
from harvester.archive import open_archive
from harvester.catalogue import open_for_reading, quality
from harvester.catalogue.quality import Summary
from harvester.errors import UsageError
from harvester.pipeline import assessing
from harvester.settings import Settings
from tests.pipeline.asking import DC, LATER, harvest, stored
from tests.servers.provider import Provider, Stored

TODAY = datetime.now(UTC).date().isoformat()
UNKNOWN = DC.replace("<dc:type>article", "<dc:type>Geheimtyp").format("Over werk")


def shown(installation: Settings) -> list[Summary]:
    with closing(open_for_reading(installation.directory)) as catalogue:
        return quality.shown(catalogue)


def days(installation: Settings) -> list[str]:
    with closing(open_archive(installation.directory, for_reading=True)) as archive:
        return [day for (day,) in archive.execute("select day from reports order by day")]


def antedate(installation: Settings, day: str) -> None:
    """Let the last report be of an earlier day."""
    with closing(sqlite3.connect(installation.directory / "archive.db")) as archive, archive:
        archive.execute("update reports set day = ? where day = ?", (day, TODAY))


def test_a_harvest_ends_with_a_report(installation: Settings, provider: Provider) -> None:
    harvest(installation, provider)
    (summary,) = shown(installation)
    assert (summary.report.records, summary.report.counted) == (7, 7)
    assert summary.report.understood == 1.0
    assert (summary.day, summary.since, summary.drift) == (TODAY, None, [])
    assert days(installation) == [TODAY]


def test_drift_is_told_against_the_last_report_of_an_earlier_day(
    installation: Settings, provider: Provider
) -> None:
    harvest(installation, provider)
    antedate(installation, "2026-01-01")
    provider.records[2] = Stored("oai:x:2", UNKNOWN, LATER)
    harvest(installation, provider)
    for summaries in (shown(installation), pipeline.assess(installation, "x")):
        (summary,) = summaries
        assert summary.since == "2026-01-01"
        told = [change.told for change in summary.drift]
        assert told == ["types.unknown: “Geheimtyp” is new, in 1 record"]
    assert days(installation) == ["2026-01-01", TODAY]
    provider.records[2] = stored(2, datestamp=LATER)
    harvest(installation, provider, full=True)
    assert shown(installation)[0].drift == []
    assert days(installation) == ["2026-01-01", TODAY]


def test_a_night_without_news_keeps_report_and_drift(
    installation: Settings, provider: Provider
) -> None:
    harvest(installation, provider)
    antedate(installation, "2026-01-01")
    harvest(installation, provider)
    harvest(installation, provider, full=True)
    assert days(installation) == ["2026-01-01"]
    pipeline.rebuild(installation)
    assert days(installation) == ["2026-01-01"]


def test_a_catalogue_that_was_deleted_comes_back_with_its_report(
    installation: Settings, provider: Provider
) -> None:
    harvest(installation, provider)
    antedate(installation, "2026-01-01")
    provider.records[2] = Stored("oai:x:2", UNKNOWN, LATER)
    harvest(installation, provider)
    before = shown(installation)
    for file in installation.directory.glob("catalogue.db*"):
        file.unlink()
    pipeline.rebuild(installation)
    assert shown(installation) == before


def test_what_a_killed_run_brought_is_reported_by_the_next(
    installation: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(quality, "outdated", kill)
        with pytest.raises(Killed):
            harvest(installation, provider)
    assert shown(installation) == []
    with pipeline.writing(installation, "test"):
        pass
    assert shown(installation)[0].report.records == 7


def test_an_erased_record_is_in_no_report(installation: Settings, provider: Provider) -> None:
    provider.records[2] = Stored("oai:x:2", UNKNOWN, LATER)
    harvest(installation, provider)
    antedate(installation, "2026-01-01")
    pipeline.suppress(installation, "oai:x:2", "order of a court", erase=True)
    (summary,) = shown(installation)
    assert summary.report.unknown == []
    raw = b"".join(file.read_bytes() for file in installation.directory.glob("*.db*"))
    assert b"Geheimtyp" not in raw


def test_a_source_without_records_has_no_report(installation: Settings, provider: Provider) -> None:
    harvest(installation, provider)
    with pytest.raises(UsageError, match="no records of orbi"):
        assessing.assess(installation, "orbi")
    for number, record in enumerate(provider.records):
        provider.records[number] = Stored(record.identifier, "", LATER, deleted=True)
    harvest(installation, provider)
    assert shown(installation) == []
    assert pipeline.assess(installation) == []
