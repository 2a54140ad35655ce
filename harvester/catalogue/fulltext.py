"""Keeps the index of the words of records.

It is kept by hand: under a trigger SQLite would write it out after every row, which takes four
times as long. What leaves it is told once more, before the row goes.
"""

from __future__ import annotations

import operator
import sqlite3
from collections.abc import Callable, Iterable, Mapping

from harvester.catalogue.row import COLUMNS, SEARCHED, Columns

_COLUMNS = ", ".join(SEARCHED)
_MARKS = ", ".join("?" * len(SEARCHED))
_ENTER = f"insert into records_fts (rowid, {_COLUMNS}) values (?, {_MARKS})"
_LEAVE = f"insert into records_fts (records_fts, rowid, {_COLUMNS}) values ('delete', ?, {_MARKS})"
_FORGET = f"""
    insert into records_fts (records_fts, rowid, {_COLUMNS}) select 'delete', number, {_COLUMNS}
    from records where number in (select value from json_each(?)) order by number
"""
_MERGE = "insert into records_fts (records_fts) values ('optimize')"

_NUMBER: Callable[[Columns], int] = operator.itemgetter(0)
_WORDS: Callable[[Columns], Columns] = operator.itemgetter(*map(COLUMNS.index, SEARCHED))


def words(row: Columns) -> Columns:
    """Take from a row of `records` what is searched."""
    return _WORDS(row)


def enter(
    connection: sqlite3.Connection, rows: Iterable[Columns], before: Mapping[int, Columns]
) -> None:
    """Enter the words of records, in place of those that the index has of some, by number.

    FTS5 gathers in memory what comes in the order of numbers, a record's old words before its new
    ones; at every step back it writes out what it has.
    """
    for row in sorted(rows, key=_NUMBER):
        number = _NUMBER(row)
        if number in before:
            connection.execute(_LEAVE, (number, *before[number]))
        connection.execute(_ENTER, (number, *words(row)))


def forget(connection: sqlite3.Connection, numbers: str) -> None:
    """Take out the words of records that are about to be deleted; `numbers` is a JSON array."""
    connection.execute(_FORGET, (numbers,))


def merge(connection: sqlite3.Connection) -> None:
    """Write the index anew: what left it stays in its segments until they are merged."""
    connection.execute(_MERGE)
