"""Records that a librarian hides, or that a court wants erased, stay away whatever happens."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from harvester import pipeline
from harvester.archive import open_archive, pages
from harvester.errors import UsageError
from harvester.oai.received import content
from harvester.results import Ask
from harvester.settings import Settings
from tests.pipeline.asking import LATER, harvest, records, source_of, status_of, stored
from tests.servers.provider import Provider

SECRET = "Een geheim dossier"


@pytest.fixture
def harvested(installation: Settings, provider: Provider) -> Settings:
    provider.records[2] = stored(2, SECRET)
    harvest(installation, provider)
    assert len(records(installation)) == 7
    return installation


def rebuilt(installation: Settings) -> None:
    for file in installation.directory.glob("catalogue.db*"):
        file.unlink()
    pipeline.rebuild(installation)


def bytes_of(installation: Settings) -> bytes:
    """Everything that lies in the data folder, and every page without its compression."""
    raw = b"".join(file.read_bytes() for file in installation.directory.glob("*.db*"))
    with closing(open_archive(installation.directory, for_reading=True)) as archive:
        unpacked = b"".join(content(kept.received) for kept in pages.after(archive, 0))
    return raw + unpacked


def test_a_suppressed_record_is_nowhere_and_comes_back(
    harvested: Settings, provider: Provider
) -> None:
    record = records(harvested)["oai:x:2"]
    pipeline.suppress(harvested, "oai:x:2", "withdrawn by its author", erase=False)
    assert "oai:x:2" not in records(harvested, deleted=True)
    rebuilt(harvested)
    assert "oai:x:2" not in records(harvested, deleted=True)
    provider.records[2] = stored(2, "Anders", datestamp=LATER)
    harvest(harvested, provider)
    harvest(harvested, provider, full=True)
    assert "oai:x:2" not in records(harvested, deleted=True)
    pipeline.show_again(harvested, record.id)
    shown = records(harvested)["oai:x:2"]
    assert (shown.id, shown.citekey, shown.title) == (record.id, record.citekey, "Anders 2")


def test_a_suppressed_record_that_is_deleted_leaves_no_tombstone(
    harvested: Settings, provider: Provider
) -> None:
    pipeline.suppress(harvested, "oai:x:2", "withdrawn", erase=False)
    provider.records[2] = stored(2, datestamp=LATER, deleted=True)
    harvest(harvested, provider)
    assert "oai:x:2" not in records(harvested, deleted=True)


def test_a_kill_after_the_decision_hides_the_record_all_the_same(
    harvested: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("harvester.pipeline.suppressing.hide_suppressed", kill)
        with pytest.raises(Killed):
            pipeline.suppress(harvested, "oai:x:2", "withdrawn", erase=False)
    assert "oai:x:2" in records(harvested)
    with pipeline.writing(harvested, "test"):
        assert "oai:x:2" not in records(harvested)


def test_an_erased_record_leaves_no_byte_and_is_erased_again_when_it_comes(
    harvested: Settings, provider: Provider
) -> None:
    assert SECRET.encode() in bytes_of(harvested)
    pipeline.suppress(harvested, "oai:x:2", "order of a court", erase=True)
    assert SECRET.encode() not in bytes_of(harvested)
    assert len(records(harvested)) == 6
    rebuilt(harvested)
    assert len(records(harvested)) == 6
    provider.records[2] = stored(2, SECRET, datestamp=LATER)
    for ask in ({}, {"full": True}, {"reconcile": True}):
        assert harvest(harvested, provider, **ask).state == "complete"
        assert "oai:x:2" not in records(harvested, deleted=True)
        assert SECRET.encode() not in bytes_of(harvested)
    assert len(records(harvested)) == 6


def test_an_erased_record_that_is_kept_when_the_run_is_killed_is_erased_by_the_next(
    harvested: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    pipeline.suppress(harvested, "oai:x:2", "order of a court", erase=True)
    provider.records[2] = stored(2, SECRET, datestamp=LATER)
    with monkeypatch.context() as patched:
        patched.setattr("harvester.pipeline.arrival.enter", kill)
        with pytest.raises(Killed):
            harvest(harvested, provider)
    assert SECRET.encode() in bytes_of(harvested)
    with pipeline.writing(harvested, "test"):
        pass
    assert SECRET.encode() not in bytes_of(harvested)


def test_an_erased_record_that_is_allowed_again_comes_back_with_its_id(
    harvested: Settings, provider: Provider
) -> None:
    record = records(harvested)["oai:x:2"]
    pipeline.suppress(harvested, "oai:x:2", "order of a court", erase=True)
    pipeline.show_again(harvested, "oai:x:2")
    assert "oai:x:2" not in records(harvested)
    harvest(harvested, provider, full=True)
    assert records(harvested)["oai:x:2"].id == record.id


def test_a_suppressed_record_is_not_counted(harvested: Settings) -> None:
    assert status_of(harvested).live == 7
    pipeline.suppress(harvested, "oai:x:2", "withdrawn", erase=False)
    assert status_of(harvested).live == len(records(harvested)) == 6
    pipeline.suppress(harvested, "oai:x:2", "order of a court", erase=True)
    assert status_of(harvested).live == 6
    pipeline.show_again(harvested, "oai:x:2")
    assert status_of(harvested).live == 6


def test_an_erased_record_cannot_be_explained(harvested: Settings) -> None:
    known = records(harvested)["oai:x:2"]
    pipeline.suppress(harvested, "oai:x:2", "order of a court", erase=True)
    for key in (known.id, "oai:x:2"):
        with pytest.raises(UsageError, match=f"nothing of {known.id} any more"):
            pipeline.explain(harvested, key)


def test_a_record_that_another_source_erased_is_explained(
    harvested: Settings, provider: Provider
) -> None:
    pipeline.harvest(harvested, [source_of(provider, "y")], Ask())
    (erased,) = (found.record.id for found in pipeline.explain(harvested, "oai:x:2")[:1])
    pipeline.suppress(harvested, erased, "order of a court", erase=True)
    (left,) = pipeline.explain(harvested, "oai:x:2")
    assert left.record.id != erased


def test_the_words_of_a_suppressed_record_are_suggested_to_nobody(harvested: Settings) -> None:
    words = "select word from words where word = 'geheim'"
    file = harvested.directory / "catalogue.db"
    with closing(sqlite3.connect(file)) as catalogue:
        assert catalogue.execute(words).fetchall()
        pipeline.suppress(harvested, "oai:x:2", "withdrawn", erase=False)
        assert not catalogue.execute(words).fetchall()


def test_what_is_unknown_cannot_be_hidden(harvested: Settings) -> None:
    with pytest.raises(UsageError, match="no record has"):
        pipeline.suppress(harvested, "oai:x:999", "x", erase=False)
    with pytest.raises(UsageError, match="is not suppressed"):
        pipeline.show_again(harvested, "oai:x:1")


def test_the_words_of_an_erased_record_are_not_in_the_index(harvested: Settings) -> None:
    pipeline.suppress(harvested, "oai:x:2", "order of a court", erase=True)
    with closing(sqlite3.connect(harvested.directory / "catalogue.db")) as catalogue:
        blocks = catalogue.execute("select block from records_fts_data").fetchall()
    assert not any(b"geheim" in block for (block,) in blocks)
