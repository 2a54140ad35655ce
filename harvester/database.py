"""Opens the two databases: WAL, migrations in order, and one clear line when that cannot be."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Literal

import sqlite_utils

from harvester import schemas
from harvester.errors import HarvesterError, UsageError

BUSY_SECONDS = 30
PAGE_CACHE_KIB = {"archive": 16_384, "catalogue": 65_536}
"""What each connection may keep in memory; a harvest writes to the archive and hardly reads it."""
PAGE_BYTES = {"archive": 4096, "catalogue": 8192}
"""Of new databases; two records of the catalogue seldom fit a small page, and the rest is lost."""


def open_database(
    path: Path, name: Literal["archive", "catalogue"], *, durable: bool
) -> sqlite_utils.Database:
    """Open a database for writing, made or upgraded to this version where needed.

    Args:
        path: the file; made if missing.
        name: whose migrations apply.
        durable: sync at every commit (the archive), not only at checkpoints (the catalogue, which
            can be rebuilt).

    Raises:
        UsageError: the file is no SQLite database, or a newer version of this software wrote it.
        HarvesterError: it cannot be opened or upgraded (permissions, full disk).
    """
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
        connection.execute(f"pragma page_size = {PAGE_BYTES[name]}")
        connection.execute("pragma journal_mode = wal")
        connection.execute(f"pragma synchronous = {'full' if durable else 'normal'}")
        connection.execute(f"pragma cache_size = -{PAGE_CACHE_KIB[name]}")
        connection.execute("pragma foreign_keys = on")
        database = sqlite_utils.Database(connection)
        _refuse_newer(database, path, name)
        migrations = schemas.migrations(name)
        if migrations.pending(database):
            migrations.apply(database)
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error):
            raise UsageError(
                f"{path} is not an SQLite database: move it away, or name another folder with --db"
            ) from error
        raise HarvesterError(f"{path} cannot be opened: {error}") from error
    return database


def open_read_only(
    path: Path, name: Literal["archive", "catalogue"], *, older: bool = False
) -> sqlite3.Connection:
    """Open a database for reading; a harvest may be writing meanwhile.

    Args:
        path: the file.
        name: whose migrations apply.
        older: it may be of an older version, for what every version keeps alike.

    Raises:
        UsageError: it is missing, no SQLite database, or of another version.
    """
    if not path.is_file():
        raise UsageError(
            f"there is no {path.name} in {path.parent} yet: run `harvester harvest`, "
            "or name another folder with --db"
        )
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?{_mode(path)}", uri=True)
        database = sqlite_utils.Database(connection)
        _refuse_newer(database, path, name)
        if not older and schemas.migrations(name).pending(database):
            raise UsageError(
                f"{path} was written by an older version of this software: "
                "run `harvester normalise --all` once, which upgrades it"
            )
    except sqlite3.DatabaseError as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    return connection


def _mode(path: Path) -> str:
    """Say how to open a database for reading.

    Even a reader of a WAL database writes its -shm file. Where the folder cannot be written, nobody
    else writes the database either, so it may be read as it lies there.
    """
    wal = path.with_name(f"{path.name}-wal")
    at_rest = not wal.is_file() or wal.stat().st_size == 0
    return "immutable=1" if at_rest and not os.access(path.parent, os.W_OK) else "mode=ro"


def _refuse_newer(
    database: sqlite_utils.Database, path: Path, name: Literal["archive", "catalogue"]
) -> None:
    migrations = schemas.migrations(name)
    ours = {migration.name for migration in migrations.pending(sqlite_utils.Database(memory=True))}
    newer = {migration.name for migration in migrations.applied(database)} - ours
    if newer:
        raise UsageError(
            f"{path} was written by a newer version of this software "
            f"(which has {', '.join(sorted(newer))}): install that version or a later one"
        )
