"""When records came and changed, and all of them in parts, for those who keep up with us."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

PART = 50_000
"""How many numbers one part of the list of all records spans, and so how many records at most."""

_BATCH = 1000

_MOMENTS = """
    select id, added, changed from records where id in (select value from json_each(:ids))
    union all
    select w.id, max(iif(m.record = m.lead, r.added, '')), max(r.changed)
    from works w join work_records m on m.work = w.number join records r on r.number = m.record
    where w.id in (select value from json_each(:ids)) group by w.id
"""
_LAST_ADDED = "select max(added) from records"
_PARTS = """
    with recursive parts (part, after) as (
        select 1, 0
        union all
        select part + 1, after + :size from parts
        where after + :size < (select max(number) from records)
    )
    select part from parts
    where exists (select 1 from records where number > after and number <= after + :size)
"""
_PART = """
    select number, id, changed from records
    where number > ? and number <= ? order by number limit ?
"""


class Moments(NamedTuple):
    """When a record came into the catalogue, and when this version of it came; ISO, UTC."""

    added: str
    changed: str


class Address(NamedTuple):
    """The id of a live record, and when this version of it came."""

    id: str
    changed: str


def moments(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Moments]:
    """Return when each of these live records and works came and changed, by id.

    A work came with the record that leads it, and changed when the last of its copies did.
    """
    rows = connection.execute(_MOMENTS, {"ids": json.dumps(list(ids))})
    return {id_: Moments(added, changed) for id_, added, changed in rows}


def last_added(connection: sqlite3.Connection) -> str | None:
    """Return when the newest record came; None where there is none."""
    moment: str | None = connection.execute(_LAST_ADDED).fetchone()[0]
    return moment


def parts(connection: sqlite3.Connection) -> list[int]:
    """List the parts of the list of all records that hold any, from 1."""
    return [part for (part,) in connection.execute(_PARTS, {"size": PART})]


def addresses(connection: sqlite3.Connection, part: int) -> Iterator[Address]:
    """Give the live records of one part, the oldest first.

    They are read in batches, so that a slow reader keeps no harvest from tidying up.
    """
    after, last = (part - 1) * PART, part * PART
    while rows := connection.execute(_PART, (after, last, _BATCH)).fetchall():
        for number, id_, changed in rows:
            yield Address(id_, changed)
            after = number
