"""Writes records in the place of what they were before: only what is otherwise.

To delete a row and insert it again touches a page of every index, and in a large catalogue each of
them is another one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from harvester.catalogue import fulltext, vocabularies
from harvester.catalogue.row import COLUMNS, Columns

_BEFORE = f"""
    select {", ".join(COLUMNS)} from records where number in (select value from json_each(?))
    order by number
"""
_PLACES = range(1, len(COLUMNS))


def replace(
    connection: sqlite3.Connection, now: Mapping[int, Columns]
) -> tuple[dict[int, Columns], dict[str, str]]:
    """Write rows of `records`, by number, in the place of others with the same id and citation key.

    Returns:
        By number the words of those that were found by others than now, as the index of words has
        them; and which values the records had in columns that are facets: see `vocabularies.part`.
    """
    changed: dict[tuple[int, ...], list[Columns]] = {}
    words: dict[int, Columns] = {}
    left: set[tuple[str, str | int]] = set()
    for old in connection.execute(_BEFORE, (json.dumps(list(now)),)):
        number = old[0]
        new = now[number]
        places = tuple(place for place in _PLACES if old[place] != new[place])
        changed.setdefault(places, []).append((*(new[place] for place in places), number))
        left.update(vocabularies.numbered(old, places))
        if fulltext.words(old) != fulltext.words(new):
            words[number] = fulltext.words(old)
    for places, values in changed.items():
        if places:
            columns = ", ".join(f"{COLUMNS[place]} = ?" for place in places)
            connection.executemany(f"update records set {columns} where number = ?", values)
    return words, vocabularies.left(connection, left)
