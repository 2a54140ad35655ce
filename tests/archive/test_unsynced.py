"""What pages tell again is not waited for; whatever comes after it is."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from harvester.archive import open_archive, unsynced

FULL = 2


def test_all_of_the_block_happens_and_then_every_commit_is_synced_again(tmp_path: Path) -> None:
    connection = open_archive(tmp_path)
    with unsynced(connection):
        assert connection.execute("pragma synchronous").fetchone()[0] < FULL
        connection.execute("insert into sources (name, facts) values ('x', '{}')")
    assert not connection.in_transaction
    assert connection.execute("pragma synchronous").fetchone() == (FULL,)
    assert connection.execute("select name from sources").fetchall() == [("x",)]


def test_nothing_of_a_block_that_fails_happens(tmp_path: Path) -> None:
    connection = open_archive(tmp_path)
    twice = [("x",), ("x",)]
    with pytest.raises(sqlite3.IntegrityError), unsynced(connection):
        connection.executemany("insert into sources (name, facts) values (?, '{}')", twice)
    assert connection.execute("pragma synchronous").fetchone() == (FULL,)
    assert connection.execute("select name from sources").fetchall() == []
