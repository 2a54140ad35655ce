"""The write-ahead log stays short, whoever reads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harvester.catalogue import meta
from harvester.catalogue.store import Entry, open_catalogue, open_for_reading, put
from harvester.model import Abstract, Record

LONGEST = 400_000


@contextmanager
def read_without_a_gap(directory: Path) -> Iterator[None]:
    """Two readers, of whom one always begins before the other ends."""
    over = threading.Event()
    turns = [threading.Semaphore(1), threading.Semaphore(0)]

    def read(own: int) -> None:
        connection = open_for_reading(directory)
        while not over.is_set():
            turns[own].acquire()
            connection.rollback()
            connection.execute("begin")
            connection.execute("select count(*) from records").fetchone()
            turns[1 - own].release()
            time.sleep(0.002)
        turns[1 - own].release()
        connection.close()

    readers = [threading.Thread(target=read, args=(own,)) for own in (0, 1)]
    for reader in readers:
        reader.start()
    try:
        yield
    finally:
        over.set()
        for reader in readers:
            reader.join()


def log_at_its_longest(directory: Path) -> int:
    """Write many batches while others read; returns the bytes of the log at its longest."""
    db = open_catalogue(directory)
    db.conn.execute("pragma wal_checkpoint(truncate)")  # of the empty tables, larger than our limit
    longest = 0
    words = " ".join(f"word{number}" for number in range(400))
    with read_without_a_gap(directory):
        for number in range(120):
            record = Record(
                id=f"x-{number}", source="x", title=f"{number}", abstracts=[Abstract(words)]
            )
            put(db, [Entry(number + 1, record, added="2026-03-01", changed="2026-03-01")])
            longest = max(longest, (directory / "catalogue.db-wal").stat().st_size)
    assert db.conn.execute("select count(*) from records").fetchone() == (120,)
    db.close()
    return longest


def test_readers_without_a_gap_do_not_let_it_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlimited = log_at_its_longest(tmp_path)
    monkeypatch.setattr(meta, "LONGEST_LOG", LONGEST)
    folder = tmp_path / "other"
    folder.mkdir()
    assert log_at_its_longest(folder) < 2 * LONGEST < unlimited


def test_a_reader_who_stays_is_not_waited_for_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meta, "LONGEST_LOG", 1)
    monkeypatch.setattr(meta, "PATIENCE_MS", 1)
    db = open_catalogue(tmp_path)
    reader = open_for_reading(tmp_path)
    reader.execute("begin")
    assert reader.execute("select count(*) from records").fetchone() == (0,)
    record = Record(id="x-1", source="x", title="One")
    assert put(db, [Entry(1, record, added="2026-03-01", changed="2026-03-01")]) == 1
    assert db.conn.execute("pragma busy_timeout").fetchone() == (30_000,)
    assert reader.execute("select count(*) from records").fetchone() == (0,)
    reader.rollback()
    assert reader.execute("select count(*) from records").fetchone() == (1,)
    reader.close()
    db.close()
