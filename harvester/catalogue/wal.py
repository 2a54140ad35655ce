"""Keeps the write-ahead log of the catalogue short, beside the thread that writes it.

SQLite writes the log back within a commit, and begins it anew only when nobody reads out of it. At
a million records a commit changes pages all over the file, and to write them back takes as long as
a third of the commit itself; and where readers follow upon each other without a gap the log would
grow until they sleep. So another thread writes it back, and waits for the readers of one moment.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import sqlite_utils

LONGEST = 64 * 2**20
"""How many bytes the log may have before it is written back."""
MOST = 8
"""How many times as long it may be before the writer waits for that."""
PATIENCE_MS = 1000
"""How long readers are waited for; who reads for longer is met with again after the next batch."""

_threads: dict[Path, threading.Thread] = {}


def shorten(db: sqlite_utils.Database) -> None:
    """Write the log back when it has become long; nothing happens within a transaction."""
    if db.conn.in_transaction:
        return
    file = _file(db)
    log = file.with_name(f"{file.name}-wal")
    size = log.stat().st_size if log.exists() else 0
    if size < LONGEST:
        return
    running = _threads.get(file)
    if running is None or not running.is_alive():
        running = threading.Thread(target=_write_back, args=(file,), name="wal")
        try:
            running.start()
        except RuntimeError:  # the machine gives no thread
            _write_back(file)
            return
        _threads[file] = running
    if size > MOST * LONGEST:
        running.join()


def empty(db: sqlite_utils.Database) -> bool:
    """Write the log back, and say whether nothing is left in it: nobody may be reading."""
    if running := _threads.pop(_file(db), None):
        running.join()
    busy, *_ = db.conn.execute("pragma wal_checkpoint(truncate)").fetchone()
    return not busy


def _file(db: sqlite_utils.Database) -> Path:
    return Path(db.conn.execute("pragma database_list").fetchone()[2])


def _write_back(file: Path) -> None:
    # What cannot be written back stays in the log, and `empty` tells of it.
    with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma wal_checkpoint(passive)").fetchone()
        connection.execute(f"pragma busy_timeout = {PATIENCE_MS}")
        connection.execute("pragma wal_checkpoint(truncate)").fetchone()
