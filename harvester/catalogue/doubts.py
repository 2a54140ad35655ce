"""The pairs of records in doubt: a person should say whether they are one publication."""

from __future__ import annotations

import sqlite3

import msgspec

from harvester.catalogue import documents
from harvester.model import Record

DOUBTFUL = 2.0
"""A pair whose score is nearer to 0 is in doubt."""

_DOUBTS = f"""
    from link_pairs
    left join work_records v on v.record = one left join work_records w on w.record = other
    where decided is null and apart = ''
        and (abs(score) < {DOUBTFUL} or score > 0 and v.work is not w.work)
"""
_THERE = "select 1 from sqlite_schema where name = 'link_pairs'"
_COUNT = f"select count(*) {_DOUBTS}"
# The records themselves are read for the pairs of the page alone.
_PAGE = f"""
    with page (one, other, score, together) as materialized (
        select one, other, abs(score), v.work is not null and v.work is w.work {_DOUBTS}
        order by 3, 1, 2 limit :limit offset :offset
    )
    select together, a.id, a.citekey, c.dictionary, c.document,
        b.id, b.citekey, d.dictionary, d.document
    from page join records a on a.number = one join records b on b.number = other
    join documents c on c.number = one join documents d on d.number = other
    order by score, one, other
"""


class Doubt(msgspec.Struct, frozen=True):
    """Two records that may be one publication, and whether they are taken for one."""

    one: Record
    other: Record
    together: bool


class Doubts(msgspec.Struct, frozen=True):
    """A page of doubtful pairs, the most doubtful first, and how many there are in all."""

    total: int
    pairs: list[Doubt]


def count(connection: sqlite3.Connection) -> int:
    """Return how many pairs are in doubt; 0 in a catalogue of an earlier version."""
    if connection.execute(_THERE).fetchone() is None:
        return 0
    total: int = connection.execute(_COUNT).fetchone()[0]
    return total


def doubts(connection: sqlite3.Connection, offset: int, limit: int) -> Doubts:
    """Return pairs that nobody has decided on yet: near to 0, or kept apart for another's sake."""
    rows = connection.execute(_PAGE, {"offset": offset, "limit": limit})
    return Doubts(
        count(connection),
        [
            Doubt(
                documents.record(connection, *row[:4]),
                documents.record(connection, *row[4:]),
                bool(together),
            )
            for together, *row in rows
        ],
    )
