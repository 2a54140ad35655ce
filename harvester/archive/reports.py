"""Reports on how well each source was understood, of the days on which that changed."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

_LAST = "select day, report from reports where source = ? order by day desc limit 2"
_PUT = "insert or replace into reports (source, day, report) values (?, ?, ?)"
_FORGET = "delete from reports where source = ?"


class Kept(NamedTuple):
    """A report of an earlier day (ISO), as JSON."""

    day: str
    text: str


def last(connection: sqlite3.Connection, source: int) -> list[Kept]:
    """Return the last two reports on a source, by its number, the latest first."""
    return [Kept(*row) for row in connection.execute(_LAST, (source,))]


def put(connection: sqlite3.Connection, source: int, kept: Kept) -> None:
    """Keep a report on a source; it replaces another one of the same day."""
    with connection:
        connection.execute(_PUT, (source, *kept))


def forget(connection: sqlite3.Connection, source: int) -> None:
    """Forget the reports on a source, which may hold values of a record that is to be erased.

    Runs inside the caller's transaction.
    """
    connection.execute(_FORGET, (source,))
