"""Writes records in the place of what they were before: only what is otherwise.

To delete a row and insert it again touches a page of every index, and in a large catalogue each of
them is another one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from harvester.catalogue import vocabularies
from harvester.catalogue.row import COLUMNS, SEARCHED, Columns

_BEFORE = f"""
    select {", ".join(COLUMNS)} from records where number in (select value from json_each(?))
    order by number
"""
_PLACES = range(1, len(COLUMNS))
_SEARCHED = [COLUMNS.index(column) for column in SEARCHED]
_DELETE_FROM_INDEX = f"""
    insert into records_fts (records_fts, rowid, {", ".join(SEARCHED)})
    values ('delete', ?, {", ".join("?" * len(SEARCHED))})
"""


def replace(
    connection: sqlite3.Connection, now: Mapping[int, Columns]
) -> tuple[list[Columns], dict[str, str]]:
    """Write rows of `records`, by number, in the place of others with the same id and citation key.

    What was found by other words than now leaves the index of words.

    Returns:
        The rows that are to be indexed again, and which values the records had in columns that are
        facets: see `vocabularies.part`.
    """
    changed: dict[tuple[int, ...], list[Columns]] = {}
    before: list[Columns] = []
    reworded: list[Columns] = []
    left: set[tuple[str, str | int]] = set()
    for old in connection.execute(_BEFORE, (json.dumps(list(now)),)):
        number = old[0]
        new = now[number]
        places = tuple(place for place in _PLACES if old[place] != new[place])
        changed.setdefault(places, []).append((*(new[place] for place in places), number))
        left.update(vocabularies.numbered(old, places))
        if any(place in _SEARCHED for place in places):
            reworded.append(new)
            before.append((number, *(old[place] for place in _SEARCHED)))
    connection.executemany(_DELETE_FROM_INDEX, before)
    for places, values in changed.items():
        if places:
            columns = ", ".join(f"{COLUMNS[place]} = ?" for place in places)
            connection.executemany(f"update records set {columns} where number = ?", values)
    return reworded, vocabularies.left(connection, left)
