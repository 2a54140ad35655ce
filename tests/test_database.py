"""Opening the databases: made, upgraded, refused, read while another writes or where none can."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from harvester.database import open_database, open_read_only
from harvester.errors import UsageError


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "archive.db"
    open_database(path, "archive", durable=True).close()
    return path


def test_it_is_made_with_a_write_ahead_log(made: Path) -> None:
    with closing(sqlite3.connect(made)) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
        assert connection.execute("select count(*) from ledger").fetchone() == (0,)


def test_an_older_one_is_upgraded_by_a_writer_and_named_by_a_reader(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma journal_mode = wal")
    with pytest.raises(UsageError, match=r"older version.*normalise --all"):
        open_read_only(path, "archive")
    open_database(path, "archive", durable=True).close()
    open_read_only(path, "archive").close()


def test_a_reader_changes_nothing(made: Path) -> None:
    with (
        closing(open_read_only(made, "archive")) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("delete from ledger")


def test_it_is_read_in_a_folder_that_cannot_be_written(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    for left in made.parent.glob("archive.db-*"):
        left.unlink()
    with closing(open_read_only(made, "archive")) as connection:
        assert connection.execute("select count(*) from pages").fetchone() == (0,)
    assert sorted(path.name for path in made.parent.iterdir()) == ["archive.db"]


def test_a_missing_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no archive\.db"):
        open_read_only(tmp_path / "archive.db", "archive")
