"""The file of the catalogue: whether it is one of ours and complete, and whether it is another."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from harvester.database import open_read_only
from harvester.errors import UsageError

IS_CATALOGUE = "select 1 from catalogue_meta where key = 'kind' and value = 'harvester-catalogue'"

IS_WHOLE = "select 1 from catalogue_meta where key = 'built_from'"
"""A catalogue that is made anew from an archive gets this when it holds all of it."""


def is_catalogue(path: Path, sign: str = IS_CATALOGUE) -> bool:
    """Whether a file is a catalogue that this software wrote."""
    try:
        connection = connect(path)
        try:
            return connection.execute(sign).fetchone() is not None
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return False


def is_complete(path: Path) -> bool:
    """Whether a file is a catalogue of this version, with all that its archive holds."""
    # Whoever comes until then asks this: what is quick to ask goes first.
    if not (is_catalogue(path, IS_WHOLE) and is_catalogue(path)):
        return False
    try:
        open_read_only(path, "catalogue").close()
    except UsageError:
        return False
    return True


def file_at(path: Path) -> tuple[int, int] | None:
    """Tell a file from another one that takes its place; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def connect(path: Path) -> sqlite3.Connection:
    """Open a file for reading only; several threads may use it, one at a time."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
