"""Databases of every earlier version are upgraded in place, and nothing in them is lost."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from harvester import backup as backups
from harvester import pipeline, schemas, settings
from harvester.archive import FILE as ARCHIVE
from harvester.archive import housekeeping, open_archive, suppressions
from harvester.catalogue import open_for_reading
from harvester.catalogue.store import FILE as CATALOGUE
from harvester.catalogue.store import open_catalogue
from harvester.errors import HarvesterError, UsageError
from harvester.model import Record
from harvester.results import Result
from tests.archive import earlier
from tests.archive.earlier import Kind
from tests.cli.running import run
from tests.full_disk import full_beyond
from tests.pipeline.asking import LATER, harvest, records, status_of, stored
from tests.servers.provider import Provider, Stored, running

ARCHIVES = range(1, len(earlier.steps("archive")))
CATALOGUES = range(1, len(earlier.steps("catalogue")))
VERSIONS: list[tuple[Kind, int]] = [
    *[("archive", known) for known in ARCHIVES],
    *[("catalogue", known) for known in CATALOGUES],
]
FILES: dict[Kind, str] = {"archive": ARCHIVE, "catalogue": CATALOGUE}

_A_KILLED_RUN = """
    insert into windows (run, source, prefix, set_spec, reaches_now, started, finished, state)
    values (1, 1, 'oai_dc', '', 1, '2026-11-01T01:00:00Z', null, null),
           (1, 1, 'oai_dc', 'h10', 1, '2026-11-01T01:00:00Z', '2026-11-01T01:01:00Z', 'partial')"""


class Today:
    """A data directory that this version wrote, and the provider that it harvested."""

    def __init__(self, directory: Path, provider: Provider) -> None:
        self.directory, self.provider = directory, provider
        installation = settings.load(directory)
        harvest(installation, provider)
        provider.records[2] = stored(2, "Anders", datestamp="2026-02-01T00:00:00Z")
        provider.records[3] = Stored("oai:x:3", "", "2026-02-01T00:00:00Z", deleted=True)
        provider.records[4] = Stored("oai:x:4", "", "2026-02-01T00:00:00Z")
        provider.records.append(Stored("oai:x:9", "", "2026-02-01T00:00:00Z", deleted=True))
        assert harvest(installation, provider, full=True).tally.quarantined == 1
        with closing(open_archive(directory)) as archive, archive:
            archive.execute(_A_KILLED_RUN)
        for file in (ARCHIVE, CATALOGUE):
            with closing(sqlite3.connect(directory / file)) as connection:
                connection.execute("pragma wal_checkpoint(truncate)")


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Today]:
    provider = Provider([stored(number) for number in range(7)], page_size=3)
    with running(provider):
        yield Today(tmp_path_factory.mktemp("today"), provider)


def left_by(today: Today, directory: Path, kind: Kind, known: int) -> Path:
    """Make a data directory in which one database is that of an earlier version."""
    return left_from(today.directory, directory, kind, known)


def left_from(new: Path, directory: Path, kind: Kind, known: int) -> Path:
    """Make of one that this version wrote a data directory of which one database is older."""
    directory.mkdir()
    for name, file in FILES.items():
        if name != kind:
            shutil.copy(new / file, directory / file)
    earlier.left_by(kind, known, new / FILES[kind], directory / FILES[kind])
    return directory / FILES[kind]


def open_for_writing(directory: Path) -> None:
    open_archive(directory).close()
    open_catalogue(directory).close()


def night(directory: Path, today: Today) -> tuple[Result, dict[str, Record]]:
    """Harvest after something came, something was mended and something only touched."""
    provider = Provider(today.provider.records, page_size=3)
    provider.records[1] = stored(1, datestamp=LATER)
    provider.records[4] = stored(4, datestamp=LATER)
    provider.records.append(stored(11, datestamp=LATER))
    installation = settings.load(directory)
    with running(provider):
        result = harvest(installation, provider)
    return result, records(installation, deleted=True)


@pytest.mark.parametrize(("kind", "known"), VERSIONS)
class TestEveryEarlierVersion:
    def test_it_is_upgraded_with_all_that_is_in_it(
        self, today: Today, tmp_path: Path, kind: Kind, known: int
    ) -> None:
        path = left_by(today, tmp_path / "db", kind, known)
        _, columns = earlier.schema_of(path, kind)
        before = earlier.rows(path, columns)
        assert sum(map(len, before.values())) > known
        open_for_writing(path.parent)
        assert earlier.rows(path, columns) == before
        with closing(open_archive(path.parent)) as archive:
            assert housekeeping.verify(archive) == []
        assert earlier.schema_of(path, kind) == earlier.schema_of(
            today.directory / FILES[kind], kind
        )

    def test_who_only_reads_is_told_what_to_do(
        self, today: Today, tmp_path: Path, kind: Kind, known: int
    ) -> None:
        path = left_by(today, tmp_path / "db", kind, known)
        before = path.read_bytes()
        read = {"archive": lambda: open_archive(path.parent, for_reading=True)}
        with pytest.raises(UsageError, match=r"older version .* run `harvester normalise --all`"):
            read.get(kind, lambda: open_for_reading(path.parent))().close()
        assert path.read_bytes() == before

    @pytest.mark.parametrize("said", ["normalise --all", "harvest x"])
    def test_the_command_line_upgrades_it(
        self, today: Today, tmp_path: Path, kind: Kind, known: int, said: str
    ) -> None:
        path = left_by(today, tmp_path / "db", kind, known)
        ended = run(*said.split(), db=path.parent)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert earlier.schema_of(path, kind)[0] == earlier.steps(kind)

    def test_harvest_status_and_rebuild_go_on(
        self, today: Today, tmp_path: Path, kind: Kind, known: int
    ) -> None:
        path = left_by(today, tmp_path / "db", kind, known)
        shutil.copytree(today.directory, tmp_path / "control")
        result, found = night(path.parent, today)
        expected, control = night(tmp_path / "control", today)
        assert found == control
        assert (result.state, result.tally.new, result.tally.changed) == ("complete", 1, 0)
        # Before the second step the archive did not note datestamps.
        assert result.tally.touched == (0 if (kind, known) == ("archive", 1) else 2)
        assert expected.tally.touched == 2
        installation = settings.load(path.parent)
        told = status_of(installation)
        assert (told.quarantined, told.missing, told.nights_throttled) == (0, 0, 0)
        assert told.last_complete is not None
        (path.parent / CATALOGUE).unlink()
        assert pipeline.rebuild(installation) == 0
        assert records(installation, deleted=True) == control

    def test_its_backup_is_restored_and_goes_on(
        self, today: Today, tmp_path: Path, kind: Kind, known: int
    ) -> None:
        path = left_by(today, tmp_path / "db", kind, known)
        _, columns = earlier.schema_of(path, kind)
        before = earlier.rows(path, columns)
        backups.backup(path.parent, tmp_path / "b.tar.zst")
        shutil.copytree(today.directory, tmp_path / "there")
        backups.restore(tmp_path / "there", tmp_path / "b.tar.zst")
        restored = tmp_path / "there" / path.name
        assert earlier.rows(restored, columns) == before
        # A server may go on reading the catalogue, and knows this version of it alone.
        steps = known if kind == "archive" else None
        assert earlier.schema_of(restored, kind)[0] == earlier.steps(kind)[:steps]
        result, _ = night(tmp_path / "there", today)
        assert result.state == "complete"
        assert earlier.schema_of(restored, kind)[0] == earlier.steps(kind)


def test_a_restored_archive_of_an_earlier_version_is_asked_for_what_it_hides(
    today: Today, tmp_path: Path
) -> None:
    shutil.copytree(today.directory, tmp_path / "now")
    pipeline.suppress(settings.load(tmp_path / "now"), "oai:x:5", "a wish", erase=False)
    path = left_from(tmp_path / "now", tmp_path / "db", "archive", max(ARCHIVES))
    backups.backup(path.parent, tmp_path / "b.tar.zst")
    ended = run("restore", str(tmp_path / "b.tar.zst"), db=tmp_path / "now")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_what_a_new_version_can_do_works_on_an_old_archive(today: Today, tmp_path: Path) -> None:
    path = left_by(today, tmp_path / "db", "archive", 1)
    with closing(open_archive(path.parent)) as archive:
        suppressions.suppress(archive, "oai:x:5", "a legal order")
        assert suppressions.erase(archive, 1, "oai:x:5") == 2
        (size,) = housekeeping.sizes(archive)
        assert size.superseded_pages
        assert housekeeping.prune(archive, before=None, dry=False).pages == size.superseded_pages
        assert housekeeping.verify(archive) == []


def killed_at(statement: int, directory: Path, kind: Kind) -> bool:
    """Open a database in a process that dies before a statement; say if there were so many."""
    child = os.fork()
    if child == 0:
        try:
            connect, left = sqlite3.connect, [statement]

            def watched(*arguments: Any, **options: Any) -> sqlite3.Connection:
                connection: sqlite3.Connection = connect(*arguments, **options)

                def count(_: str) -> None:
                    left[0] -= 1
                    if left[0] == 0:
                        os.kill(os.getpid(), signal.SIGKILL)

                connection.set_trace_callback(count)
                return connection

            sqlite3.connect = watched  # type: ignore[assignment]
            (open_archive if kind == "archive" else open_catalogue)(directory).close()
            os._exit(0)
        finally:
            os._exit(1)
    _, how = os.waitpid(child, 0)
    if os.WIFSIGNALED(how):
        assert os.WTERMSIG(how) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(how) == 0
    return False


@pytest.mark.parametrize("kind", FILES)
def test_killed_before_any_statement_it_is_a_whole_database_of_some_version(
    today: Today, tmp_path: Path, kind: Kind
) -> None:
    path = left_by(today, tmp_path / "db", kind, 1)
    _, columns = earlier.schema_of(path, kind)
    before = earlier.rows(path, columns)
    shapes = {}
    for known in range(1, len(earlier.steps(kind)) + 1):
        made = tmp_path / f"{known}"
        with closing(sqlite3.connect(made)) as connection:
            schemas.migrations(kind).apply(
                sqlite_utils.Database(connection), stop_before=earlier.steps(kind)[known:]
            )
        shapes[known] = earlier.schema_of(made, kind)[1]
    versions, statement = set(), 0
    while True:
        statement += 1
        shutil.rmtree(tmp_path / "again", ignore_errors=True)
        shutil.copytree(path.parent, tmp_path / "again")
        if not killed_at(statement, tmp_path / "again", kind):
            break
        copy = tmp_path / "again" / path.name
        applied, shape = earlier.schema_of(copy, kind)
        assert shape == shapes[len(applied)], f"killed before statement {statement}"
        versions.add(len(applied))
        assert earlier.rows(copy, columns) == before
        if statement % 5 == 0:
            open_for_writing(copy.parent)
            assert earlier.schema_of(copy, kind)[0] == earlier.steps(kind)
    assert versions == set(shapes)


@pytest.mark.parametrize("kind", FILES)
def test_a_full_disk_leaves_a_whole_database_of_some_version(
    today: Today, tmp_path: Path, kind: Kind
) -> None:
    path = left_by(today, tmp_path / "db", kind, 1)
    _, columns = earlier.schema_of(path, kind)
    before = earlier.rows(path, columns)
    told = []
    for room in range(0, 200_000, 8_000):
        shutil.rmtree(tmp_path / "again", ignore_errors=True)
        shutil.copytree(path.parent, tmp_path / "again")
        copy = tmp_path / "again" / path.name
        try:
            with full_beyond(room):
                (open_archive if kind == "archive" else open_catalogue)(copy.parent).close()
        except HarvesterError as error:
            told.append(str(error))
        assert earlier.rows(copy, columns) == before
        open_for_writing(copy.parent)
        assert earlier.rows(copy, columns) == before
        assert earlier.schema_of(copy, kind)[0] == earlier.steps(kind)
    assert told
    assert all(f"{path.name} cannot be opened: " in line for line in told), told
