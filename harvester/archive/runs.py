"""Runs of a command, and what their windows brought."""

from __future__ import annotations

import sqlite3

import msgspec

from harvester.oai.datestamps import now

_START_RUN = "insert into runs (command, started) values (?, ?)"
_FINISH_RUN = "update runs set finished = ?, exit_code = ? where id = ?"


class Tally(msgspec.Struct):
    """What a window brought, in records.

    `touched` ones say what they said before under a later datestamp.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    touched: int = 0
    deleted: int = 0
    quarantined: int = 0

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        self.new += other.new
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.touched += other.touched
        self.deleted += other.deleted
        self.quarantined += other.quarantined


def start_run(connection: sqlite3.Connection, command: str) -> int:
    """Enter a run of a command and return its number."""
    with connection:
        cursor = connection.execute(_START_RUN, (command, now()))
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def finish_run(connection: sqlite3.Connection, run: int, exit_code: int) -> None:
    """Enter how a run ended."""
    with connection:
        connection.execute(_FINISH_RUN, (now(), exit_code, run))
