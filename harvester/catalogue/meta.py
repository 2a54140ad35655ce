"""What the catalogue knows of itself, and how it is written: one transaction, one generation."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sqlite_utils

from harvester.errors import HarvesterError, TryLaterError

FILE = "catalogue.db"

LONGEST_LOG = 64 * 2**20
"""How many bytes the write-ahead log may have before the writer waits for readers."""
PATIENCE_MS = 1000
"""How long it waits; who reads for longer is met with again after the next batch."""

# A write before the first read: the lock is waited for, and no other writer can come between.
_LOCK = "update catalogue_meta set value = value where key = 'generation'"
_META = "select value from catalogue_meta where key = ?"
_SET_META = "insert or replace into catalogue_meta (key, value) values (?, ?)"


def generation(connection: sqlite3.Connection) -> int:
    """Return a number that is another one whenever the records are others."""
    return int(meta(connection, "generation") or 0)


def meta(connection: sqlite3.Connection, key: str) -> str | None:
    """Return what is kept under a key."""
    found = connection.execute(_META, (key,)).fetchone()
    return str(found[0]) if found else None


def set_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Keep something under a key; inside the caller's transaction."""
    connection.execute(_SET_META, (key, value))


@contextlib.contextmanager
def one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """See one moment of the catalogue within the block, whatever a harvest commits meanwhile."""
    if connection.in_transaction:
        yield
        return
    connection.execute("begin")
    try:
        yield
    finally:
        connection.rollback()


@contextlib.contextmanager
def writing(db: sqlite_utils.Database) -> Iterator[sqlite3.Connection]:
    """Run the block in one transaction; within a transaction of the caller, as a part of it.

    Raises:
        TryLaterError: another process is writing.
        HarvesterError: it cannot be written.
    """
    try:
        with db.atomic():
            db.conn.execute(_LOCK)
            yield db.conn
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise TryLaterError(
                f"{FILE} is being written by another program: try again when it has ended"
            ) from error
        raise unwritten(error) from error
    except sqlite3.DatabaseError as error:
        raise unwritten(error) from error


def shorten_log(db: sqlite_utils.Database) -> None:
    """Empty the write-ahead log when it has become long; nothing happens within a transaction.

    SQLite begins it anew only when nobody reads out of it. Where readers follow upon each other
    without a gap it would grow until they sleep, so that the writer has to wait for those of one
    moment.
    """
    if db.conn.in_transaction:
        return
    log = Path(f"{db.conn.execute('pragma database_list').fetchone()[2]}-wal")
    if not log.exists() or log.stat().st_size < LONGEST_LOG:
        return
    (usual,) = db.conn.execute("pragma busy_timeout").fetchone()
    db.conn.execute(f"pragma busy_timeout = {PATIENCE_MS}")
    try:
        db.conn.execute("pragma wal_checkpoint(truncate)").fetchone()
    finally:
        db.conn.execute(f"pragma busy_timeout = {usual}")


def unwritten(error: sqlite3.Error) -> HarvesterError:
    """Say that the catalogue could not be written."""
    return HarvesterError(
        f"{FILE} was left as it was, because it cannot be written: {error}; "
        f"if it stays so, delete {FILE} and run `harvester normalise --all`"
    )
