"""Keep: `archive.db` holds everything received as it came, and what must never be minted anew.

One module a subject, each a set of functions over the archive's connection:

- `pages`: the bytes from the wire.
- `known`: the sources, and what is remembered of their servers.
- `runs`, `windows`: what was asked, how far it came, what is missing, where to go on.
- `status`: every source at a glance.
- `items`: which page holds the current version of a record, and what is in quarantine.
- `ledger`, `citekey`: ids and citation keys, minted once.
- `works`: which records are copies of one publication, and what librarians decided.
- `reports`: how well each source was understood, by day.
- `suppressions`, `cutting`: records that are hidden, or erased from every page.
- `housekeeping`: sizes, superseded and damaged pages, pages as files.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harvester.database import open_database, open_read_only

FILE = "archive.db"


def open_archive(
    directory: Path, *, for_reading: bool = False, older: bool = False
) -> sqlite3.Connection:
    """Open the archive of a data directory; for writing it is made or upgraded where needed.

    Every commit is synced, so that what is said to be kept survives a power cut; what is deleted
    is overwritten, so that nothing of an erased record stays in free pages.

    Args:
        directory: the data directory.
        for_reading: nothing is made or changed; a harvest may be writing meanwhile.
        older: for reading what every version keeps alike, so that older ones will do.

    Raises:
        UsageError: it is missing (for reading), no archive, or of another version.
        HarvesterError: it cannot be opened.
    """
    if for_reading:
        return open_read_only(directory / FILE, "archive", older=older)
    connection = open_database(directory / FILE, "archive", durable=True).conn
    connection.execute("pragma secure_delete = on")
    return connection


@contextmanager
def unsynced(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Run the block in one transaction that is not waited for until it is on the disk.

    After a power cut it may not have happened, as if the command had been killed before. For what
    kept pages tell again, as long as nobody else was told: `sync` comes before.
    """
    connection.execute("pragma synchronous = normal")
    try:
        with connection:
            yield connection
    finally:
        connection.execute("pragma synchronous = full")


def sync(connection: sqlite3.Connection) -> None:
    """Wait until all that was committed is on the disk.

    A commit of SQLite's own does so only where it changes something.

    Raises:
        sqlite3.OperationalError: the disk cannot.
    """
    (file,) = connection.execute(
        "select file from pragma_database_list where name = 'main'"
    ).fetchone()
    try:
        log = os.open(f"{file}-wal", os.O_RDONLY)
    except FileNotFoundError:
        return  # it was written back, which syncs
    try:
        os.fsync(log)
    except OSError as error:
        raise sqlite3.OperationalError(str(error)) from error
    finally:
        os.close(log)


def identity(connection: sqlite3.Connection) -> str:
    """Return the random name of an archive, which a catalogue that was built from it remembers."""
    return str(connection.execute("select archive from identity").fetchone()[0])
