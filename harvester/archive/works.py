"""Works in the ledger: which records are copies of one publication, and what librarians decided.

A work is founded by a record and has its citation key; founder and work belong together for ever,
so that ids and keys stay whoever comes and goes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

import msgspec

from harvester.archive import citekey
from harvester.archive.ledger import ID_HASH_LENGTH

BEGINNING = "work"
"""How ids of works begin: `work-7k3mx…`."""

_WORKS = """
    select works.number, works.id, citekey, since from works
    join ledger on ledger.number = works.number order by since, works.number
"""
_MEMBERS = "select record, work from work_members order by record"
_FOUNDER = """
    select sources.name, identifier from ledger join sources on sources.id = ledger.source
    where number = ?
"""
_ID_TAKEN = "select 1 from works where id = ?"
_INSERT = "insert into works (number, id, since) values (?, ?, ?)"
_JOIN = "insert or replace into work_members (record, work) values (?, ?)"
_LEAVE = "delete from work_members where record = ?"
_DECIDE = """
    insert or replace into link_decisions (one, other, same, since) values (?, ?, ?, ?)
"""
_DECIDED = "select same from link_decisions where one = ? and other = ?"
_TAKE_BACK = "delete from link_decisions where one = ? and other = ?"
_DECISIONS = """
    select one, other, same, since, a.id, b.id from link_decisions
    join ledger a on a.number = one join ledger b on b.number = other order by one, other
"""


class Work(msgspec.Struct, frozen=True):
    """A work: the number of the record that founded it, its id, its citation key, since when."""

    number: int
    id: str
    citekey: str | None
    since: str


class Decision(msgspec.Struct, frozen=True):
    """A librarian's decision on two records: their numbers, the lower one first, and their ids."""

    one: int
    other: int
    same: bool
    since: str
    ids: tuple[str, str]


def works(connection: sqlite3.Connection) -> list[Work]:
    """Return all works that were ever minted, the oldest first."""
    return [Work(*row) for row in connection.execute(_WORKS)]


def members(connection: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    """Give the number of each record of a work, deleted ones too, with that of its work."""
    yield from connection.execute(_MEMBERS)


def version(connection: sqlite3.Connection) -> int:
    """Return a number that is another one whenever works are others."""
    found: int = connection.execute("select version from works_version").fetchone()[0]
    return found


def mint(connection: sqlite3.Connection, founder: int, now: str) -> None:
    """Mint the work that a record founds; inside the caller's transaction."""

    def is_taken(name: str) -> bool:
        return bool(connection.execute(_ID_TAKEN, (name,)).fetchone())

    source, identifier = connection.execute(_FOUNDER, (founder,)).fetchone()
    digest = citekey.identity_hash(source, identifier)
    id_ = citekey.free_name(BEGINNING, digest, ID_HASH_LENGTH, is_taken)
    connection.execute(_INSERT, (founder, id_, now))


def move(connection: sqlite3.Connection, moved: Mapping[int, int | None]) -> None:
    """Let records join a work, or leave theirs for none; inside the caller's transaction."""
    connection.executemany(_JOIN, ((record, work) for record, work in moved.items() if work))
    connection.executemany(_LEAVE, ((record,) for record, work in moved.items() if not work))
    connection.execute("update works_version set version = version + 1")


def decide(
    connection: sqlite3.Connection, one: int, other: int, same: bool | None, now: str
) -> None:
    """Keep what a librarian says of two records; None takes back what was said."""
    one, other = sorted((one, other))
    if same is None:
        connection.execute(_TAKE_BACK, (one, other))
    else:
        connection.execute(_DECIDE, (one, other, same, now))


def decided(connection: sqlite3.Connection, one: int, other: int) -> bool | None:
    """Return whether a librarian said that two records are one publication; None: nothing."""
    row = connection.execute(_DECIDED, sorted((one, other))).fetchone()
    return bool(row[0]) if row else None


def decisions(connection: sqlite3.Connection) -> list[Decision]:
    """Return what librarians decided."""
    return [
        Decision(one, other, bool(same), since, (id_, other_id))
        for one, other, same, since, id_, other_id in connection.execute(_DECISIONS)
    ]
