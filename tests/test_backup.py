"""Both databases in one file, and back."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlite_utils
import zstandard

from harvester import backup as backups
from harvester import pipeline, schemas, settings, sources
from harvester.archive import housekeeping, known, open_archive, pages, runs
from harvester.catalogue.store import applied_page, open_catalogue, open_for_reading
from harvester.errors import HarvesterError, UsageError
from harvester.model import Record
from harvester.oai.received import Received
from harvester.results import Ask
from harvester.sources import Source
from tests.pipeline.asking import day_by_day, records
from tests.servers.provider import Misbehaviour, Provider, Question, Reply, Stored, running


def fill(directory: Path, answer: Received, count: int = 1) -> None:
    directory.mkdir(exist_ok=True)
    with closing(open_archive(directory)) as connection:
        source = known.source_number(connection, Source(name="orbi", title="ORBi"))
        run = runs.start_run(connection, "harvest")
        for _ in range(count):
            pages.keep(connection, run, source, None, answer)


def count(directory: Path) -> int:
    with closing(open_archive(directory, for_reading=True)) as connection:
        return pages.last(connection)


def test_there_and_back(tmp_path: Path, answer: Received) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "b.tar.zst"
    fill(here, answer, 3)
    assert backups.backup(here, file) == file.stat().st_size
    assert backups.restore(there, file) is None
    assert count(there) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar.zst", "here", "there"]


def test_a_catalogue_of_an_earlier_version_is_carried_over_for_a_server_that_runs(
    tmp_path: Path, answer: Received
) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "b.tar.zst"
    fill(here, answer)
    with closing(sqlite3.connect(here / "catalogue.db")) as old:
        schemas.migrations("catalogue").apply(sqlite_utils.Database(old), stop_before="documents")
    backups.backup(here, file)
    fill(there, answer)
    open_catalogue(there).close()
    backups.restore(there, file)
    with closing(open_for_reading(there)) as catalogue:
        assert catalogue.execute("select count(*) from documents").fetchone() == (0,)


def test_what_was_there_is_backed_up_first(tmp_path: Path, answer: Received) -> None:
    here, file = tmp_path / "here", tmp_path / "b.tar.zst"
    fill(here, answer, 1)
    backups.backup(here, file)
    fill(here, answer, 4)
    before = backups.restore(here, file)
    assert count(here) == 1
    assert before is not None
    backups.restore(here, before)
    assert count(here) == 5


def test_a_backup_while_a_writer_is_in_a_transaction(tmp_path: Path, answer: Received) -> None:
    here, file = tmp_path / "here", tmp_path / "b.tar.zst"
    fill(here, answer, 2)
    with closing(open_archive(here)) as writer:
        writer.execute("insert into runs (command, started) values ('harvest', 'now')")
        backups.backup(here, file)
        writer.rollback()
    backups.restore(tmp_path / "there", file)
    assert count(tmp_path / "there") == 2


def test_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to back up"):
        backups.backup(tmp_path, tmp_path / "b.tar.zst")


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x28\xb5\x2f\xfd broken"])
def test_a_file_that_is_no_backup(tmp_path: Path, answer: Received, content: bytes) -> None:
    file = tmp_path / "b.tar.zst"
    file.write_bytes(content)
    fill(tmp_path / "here", answer, 2)
    with pytest.raises(UsageError, match=r"b\.tar\.zst is no"):
        backups.restore(tmp_path / "here", file)
    assert count(tmp_path / "here") == 2


def test_a_backup_cut_short_restores_nothing(tmp_path: Path, answer: Received) -> None:
    here, file = tmp_path / "here", tmp_path / "b.tar.zst"
    fill(here, answer, 2)
    backups.backup(here, file)
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(HarvesterError):
        backups.restore(here, file)
    assert count(here) == 2


def test_a_backup_with_a_foreign_member_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "b.tar.zst"
    plain = tmp_path / "evil.tar"
    with tarfile.open(plain, "w") as tar:
        (tmp_path / "evil").write_text("evil")
        tar.add(tmp_path / "evil", arcname="../evil.db")
    file.write_bytes(zstandard.ZstdCompressor().compress(plain.read_bytes()))
    with pytest.raises(UsageError, match="is no backup"):
        backups.restore(tmp_path / "here", file)


def test_a_newer_archive_is_refused(tmp_path: Path, answer: Received) -> None:
    fill(tmp_path, answer)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection, connection:
        connection.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at)"
            " values ('archive', 'm999_future', 'now')"
        )
    for for_reading in (True, False):
        with pytest.raises(UsageError, match=r"newer version .*m999_future"):
            open_archive(tmp_path, for_reading=for_reading)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_text("this is not a database, only text" * 100)
    for for_reading in (True, False):
        with pytest.raises(UsageError, match=r"archive\.db"):
            open_archive(tmp_path, for_reading=for_reading)


def rot(database: Path) -> None:
    """Overwrite the middle of a database with noise."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (database.stat().st_size - 4096))


def test_a_damaged_archive_does_not_replace_a_good_backup(tmp_path: Path, answer: Received) -> None:
    here, file = tmp_path / "here", tmp_path / "b.tar.zst"
    fill(here, answer, 3)
    backups.backup(here, file)
    good = file.read_bytes()
    rot(here / "archive.db")
    with pytest.raises(HarvesterError, match=r"malformed|damaged"):
        backups.backup(here, file)
    assert file.read_bytes() == good


def test_a_damaged_archive_is_moved_aside_for_a_good_backup(
    tmp_path: Path, answer: Received
) -> None:
    here, file = tmp_path / "here", tmp_path / "b.tar.zst"
    fill(here, answer, 3)
    backups.backup(here, file)
    rot(here / "archive.db")
    before = backups.restore(here, file)
    assert before == here / "before-restore.damaged"
    assert (before / "archive.db").is_file()
    assert count(here) == 3


def test_a_database_of_another_kind_is_refused(tmp_path: Path, answer: Received) -> None:
    here, other, file = tmp_path / "here", tmp_path / "other", tmp_path / "b.tar.zst"
    fill(here, answer, 2)
    fill(other, answer, 1)
    backups.backup(other, file)
    with closing(sqlite3.connect(tmp_path / "shell.db")) as connection, connection:
        connection.execute("create table pages (y)")
    plain = tmp_path / "shell.tar"
    with tarfile.open(plain, "w") as tar:
        tar.add(tmp_path / "shell.db", arcname="archive.db")
    file.write_bytes(zstandard.ZstdCompressor().compress(plain.read_bytes()))
    with pytest.raises(UsageError, match="is no archive"):
        backups.restore(here, file)
    assert count(here) == 2


def test_a_whole_archive_that_cannot_be_backed_up_stays_where_it_is(
    tmp_path: Path, answer: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, file = tmp_path / "here", tmp_path / "b.tar.zst"
    fill(here, answer, 2)
    backups.backup(here, file)
    fill(here, answer, 2)

    def full(directory: Path, target: Path) -> int:
        raise HarvesterError(f"no backup was written to {target}: database or disk is full")

    monkeypatch.setattr(backups, "backup", full)
    with pytest.raises(HarvesterError, match="disk is full"):
        backups.restore(here, file)
    assert count(here) == 4
    assert not list(here.glob("before-restore*"))


class TestWhileAHarvestRuns:
    """A harvest in a process of its own, and backups of what it is writing."""

    def command(self, directory: Path, *arguments: str) -> list[str]:
        start = "from harvester.cli import main; main()"
        return [sys.executable, "-c", start, "--db", str(directory), *arguments]

    def harvested(self, directory: Path, url: str) -> dict[str, Record]:
        """Harvest to the end, and return what the catalogue then holds."""
        installation = settings.load(directory)
        (result,) = pipeline.harvest(installation, [sources.resolve(url, {})], Ask())
        assert result.state == "complete", result.line()
        return records(installation, deleted=True)

    @pytest.fixture
    def gate(self) -> threading.Semaphore:
        """Lets so many pages of the provider through as it is released."""
        return threading.Semaphore(0)

    @pytest.fixture
    def slow(self, gate: threading.Semaphore) -> Iterator[Provider]:
        """A provider of sixty pages behind a gate."""

        def waiting(_: Question, reply: Reply) -> Reply:
            assert gate.acquire(timeout=120)
            return reply

        records = day_by_day(300)
        records[7] = Stored("oai:x:7", "", "2026-01-08T12:00:00Z")
        records[8] = Stored("oai:x:8", "", "2026-01-09T12:00:00Z", deleted=True)
        provider = Provider(records, page_size=5, misbehaviours=[Misbehaviour(change=waiting)])
        with running(provider):
            yield provider

    @contextmanager
    def harvest(
        self, directory: Path, provider: Provider, gate: threading.Semaphore
    ) -> Iterator[None]:
        """Let another process harvest meanwhile; at the end, all pages come through."""
        with subprocess.Popen(self.command(directory, "harvest", provider.url)) as process:
            try:
                yield
            finally:
                gate.release(1000)
        assert process.returncode == 0

    def wait_for(self, provider: Provider, pages: int) -> None:
        """Wait until so many pages were asked for."""
        deadline = time.monotonic() + 60
        while len(provider.asked("ListRecords")) < pages:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def test_each_backup_goes_on_to_the_same_end(
        self, tmp_path: Path, slow: Provider, gate: threading.Semaphore
    ) -> None:
        here = tmp_path / "here"
        files: list[Path] = []
        with self.harvest(here, slow, gate):
            for number in range(9):
                self.wait_for(slow, 6 * number + 1)
                gate.release(6)
                files.append(tmp_path / f"{number}.tar.zst")
                backups.backup(here, files[-1])
        slow.misbehaviours.clear()
        undisturbed = self.harvested(tmp_path / "undisturbed", slow.url)
        assert len(undisturbed) == 299
        unfinished = 0
        for file in files:
            there = tmp_path / file.stem
            backups.restore(there, file)
            with closing(open_archive(there, for_reading=True)) as archive:
                assert housekeeping.verify(archive) == []
                last = pages.last(archive)
            if (there / "catalogue.db").is_file():
                with closing(open_catalogue(there)) as catalogue:
                    assert applied_page(catalogue) <= last
                unfinished += len(records(settings.load(there), deleted=True)) < len(undisturbed)
            assert self.harvested(there, slow.url) == undisturbed
            shutil.rmtree(there)
        assert unfinished == len(files)

    def test_nothing_is_restored_under_a_harvest(
        self, tmp_path: Path, slow: Provider, gate: threading.Semaphore
    ) -> None:
        here, file = tmp_path / "here", tmp_path / "b.tar.zst"
        with self.harvest(here, slow, gate):
            gate.release(5)
            self.wait_for(slow, 6)
            backups.backup(here, file)
            refused = subprocess.run(
                self.command(here, "restore", str(file)),
                capture_output=True,
                text=True,
                check=False,
            )
        assert refused.returncode == 75
        assert "`harvester harvest`" in refused.stderr
        assert len(records(settings.load(here), deleted=True)) == 299
