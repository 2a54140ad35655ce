"""Works as the catalogue has them: copied from the ledger, with one record that leads each.

A record that is in no work stands for itself. The lead of a work is the best of its live records;
lists show it in the place of all of them, with the values of the preferred view.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import sqlite_utils

from harvester.catalogue import changes, documents
from harvester.catalogue.hits import FOLLOWERS
from harvester.catalogue.meta import meta, set_meta, writing
from harvester.linking import preferring
from harvester.model import Record

_VERSION = "works"
_CHUNK = 1000

_INSERT_WORK = "insert or replace into works (number, id, citekey) values (?, ?, ?)"
# A key has the name of a creator: nothing of a suppressed record is left here.
_FORGET_KEYS = """
    update works set citekey = null
    where number in (select value from json_each(?)) and not exists (
        select 1 from work_records m where m.work = works.number and (
            exists (select 1 from records where number = m.record)
            or exists (select 1 from deleted_records where number = m.record)
        )
    )
"""
_KNOWN = "select number from works where citekey is not null"
_INSERT_MEMBER = "insert into work_records (record, work) values (?, ?)"
_DELETE_MEMBERS = "delete from work_records where record in (select value from json_each(?))"
_OF_RECORDS = """
    select distinct work from work_records where record in (select value from json_each(?))
"""
_MEMBERS = """
    select work, m.record, lead, r.id, r.citekey, dictionary, document
    from work_records m left join records r on r.number = m.record
    left join documents d on d.number = r.number
    where work in (select value from json_each(?)) order by work, m.record
"""
_COUNT = """
    select count(*), coalesce(sum(copies), 0) from (
        select count(*) as copies from work_records where lead is not null
        group by work having copies > 1
    )
"""
_SET_LEAD = "update work_records set lead = ? where record = ?"
_PENDING = "insert or ignore into link_pending select value from json_each(?)"
_ARE_THERE = f"select exists ({FOLLOWERS})"
_LEADS = """
    select record, lead from work_records
    where record in (select value from json_each(?)) and lead is not null
"""
_BY_ID = "select number, citekey from works where id = ?"
_LEAD_OF = "select lead from work_records where work = ? and lead is not null limit 1"
_ID_OF = "select id from work_records join works on number = work where record = ?"
_HAS_MEMBERS = "select exists (select 1 from work_records where work = ?)"
_GONE = """
    select r.id, r.citekey, dictionary, document
    from work_records m join deleted_records r on r.number = m.record
    join documents d on d.number = r.number
    where work = :work order by m.record <> :work, m.record limit 1
"""
_SOURCES = """
    select w.id, r.source from works w join work_records m on m.work = w.number
    join records r on r.number = m.record
    where w.id in (select value from json_each(?)) order by m.record <> m.lead, m.record
"""
_VIEWED = """
    select lead, w.id, w.citekey, m.record, r.id, r.citekey, dictionary, document
    from work_records m join works w on w.number = work join records r on r.number = m.record
    join documents d on d.number = r.number
    where lead in (select value from json_each(?)) order by lead
"""
_COPIES = """
    select m.record, (
        select decided from link_pairs
        where one = min(m.record, :number) and other = max(m.record, :number)
    ), r.id, r.citekey, dictionary, document
    from work_records m join records r on r.number = m.record
    join documents d on d.number = r.number
    where work = (select work from work_records where record = :number) and lead is not null
    order by m.record <> :number, m.record <> lead, m.record limit :limit
"""
_NUMBER = """
    select number from records where id = :id
    union all
    select m.lead from works w join work_records m on m.work = w.number and m.lead = m.record
    where w.id = :id
"""


class Copy(msgspec.Struct, frozen=True):
    """A copy of a publication, and whether a librarian said of it and another that they are one."""

    record: Record
    decided: bool | None


class Work(msgspec.Struct, frozen=True):
    """A work: the number of the record that founded it, its id, and that record's citation key.

    Of a work of which nothing is left the catalogue does not keep the key.
    """

    number: int
    id: str
    citekey: str | None


def version(db: sqlite_utils.Database) -> int:
    """Return which version of the ledger's works the catalogue has; -1 before the first."""
    return int(meta(db.conn, _VERSION) or -1)


def known(connection: sqlite3.Connection) -> set[int]:
    """Return the numbers of the works that the catalogue has with their citation keys."""
    return {number for (number,) in connection.execute(_KNOWN)}


def replace(
    db: sqlite_utils.Database, works: Iterable[Work], members: Mapping[int, int], version: int
) -> None:
    """Write all works anew.

    Args:
        db: the catalogue.
        works: every work that was ever minted.
        members: the number of its work for each record that is in one.
        version: of the ledger's works.

    Raises:
        TryLaterError: another process is writing.
        HarvesterError: it cannot be written.
    """
    with writing(db) as connection:
        rows = connection.execute("select record, work from work_records")
        before = {record: work for record, work in rows}  # noqa: C416 - the cursor is gone after it
        moved: dict[int, int | None] = dict.fromkeys(before.keys() - members.keys())
        moved |= {one: work for one, work in members.items() if before.get(one) != work}
        _move(connection, works, moved, version)


def move(
    db: sqlite_utils.Database,
    works: Iterable[Work],
    moved: Mapping[int, int | None],
    version: int,
) -> None:
    """Let records join a work, or leave theirs for none.

    Args:
        db: the catalogue.
        works: those that are not `known`.
        moved: for each record that moves the number of its work.
        version: of the ledger's works.

    Raises:
        TryLaterError: another process is writing.
        HarvesterError: it cannot be written.
    """
    with writing(db) as connection:
        _move(connection, works, moved, version)


def copies(connection: sqlite3.Connection, id_: str, limit: int = 50) -> list[Copy]:
    """Return the live records of a work, the best first; none where there is only one.

    Args:
        connection: a connection to `catalogue.db`.
        id_: the id of one of them, which is asked about, or of the work: then its best is.
        limit: the most records to return.
    """
    rows = connection.execute(_COPIES, {"number": number(connection, id_), "limit": limit})
    found = {
        record: Copy(documents.record(connection, *row), None if decided is None else bool(decided))
        for record, decided, *row in rows
    }
    ordered = _ordered([(record, copy.record) for record, copy in found.items()])
    return [found[record] for record, _ in ordered] if len(ordered) > 1 else []


def number(connection: sqlite3.Connection, id_: str) -> int | None:
    """Return the number of a live record, or of the one that leads a work, by its id."""
    row = connection.execute(_NUMBER, {"id": id_}).fetchone()
    return row[0] if row else None


def count(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return how many works have two live records and more, and how many these are."""
    works, copies = connection.execute(_COUNT).fetchone()
    return works, copies


def written(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[int]:
    """Note that records were written or went: copies are to be looked for, leads chosen again.

    Returns:
        The numbers of the records whose lead is another one now.
    """
    listed = json.dumps(list(numbers))
    connection.execute(_PENDING, (listed,))
    return _lead(connection, [work for (work,) in connection.execute(_OF_RECORDS, (listed,))])


def are_there(connection: sqlite3.Connection) -> bool:
    """Say whether any work has several live copies: if none has, works are single records."""
    return bool(connection.execute(_ARE_THERE).fetchone()[0])


def views(connection: sqlite3.Connection, leads: Iterable[int]) -> dict[int, Record]:
    """Return the preferred views of works, by the number of the record that leads each.

    Numbers of records that lead none are passed over.
    """
    found: dict[int, tuple[str, str | None, list[tuple[int, Record]]]] = {}
    rows = connection.execute(_VIEWED, (json.dumps(list(leads)),))
    for lead, id_, citekey, number, *row in rows:
        copies = found.setdefault(lead, (id_, citekey, []))[2]
        copies.append((number, documents.record(connection, *row)))
    return {
        lead: preferring.view([record for _, record in _ordered(copies)], id_, citekey)
        for lead, (id_, citekey, copies) in found.items()
    }


def leads(connection: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, int]:
    """Return for those of some records that are live and in a work the record that leads it."""
    return dict(iter(connection.execute(_LEADS, (json.dumps(list(numbers)),))))


def get(connection: sqlite3.Connection, id: str) -> Record | int | None:  # noqa: A002 - the contract's word
    """Return what became of a work.

    Returns:
        Its preferred view; a tombstone with its id where none of its copies is live; that of the
        work that it became a part of; the number of the record that founded it where that stands
        for itself; None where there is no such work, or nothing of it is left.
    """
    row = connection.execute(_BY_ID, (id,)).fetchone()
    if row is None:
        return None
    work, citekey = row
    lead = connection.execute(_LEAD_OF, (work,)).fetchone()
    if lead:
        return views(connection, lead)[lead[0]]
    if not connection.execute(_HAS_MEMBERS, (work,)).fetchone()[0]:
        became = connection.execute(_ID_OF, (work,)).fetchone()
        return get(connection, became[0]) if became else int(work)
    gone = connection.execute(_GONE, {"work": work}).fetchone()
    if gone is None:
        return None
    record = documents.record(connection, *gone)
    return msgspec.structs.replace(record, id=id, citekey=citekey, work=id)


def sources(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the source of each live copy of some works, that of the lead first, by work id."""
    found: dict[str, list[str]] = {}
    for id_, source in connection.execute(_SOURCES, (json.dumps(list(ids)),)):
        found.setdefault(id_, []).append(source)
    return found


def _move(
    connection: sqlite3.Connection,
    works: Iterable[Work],
    moved: Mapping[int, int | None],
    version: int,
) -> None:
    entered = list(works)
    connection.executemany(_INSERT_WORK, map(msgspec.structs.astuple, entered))
    changed: list[int] = []
    numbers = sorted(moved)
    touched: set[int] = set()
    for start in range(0, len(numbers), _CHUNK):
        listed = json.dumps(numbers[start : start + _CHUNK])
        touched.update(work for (work,) in connection.execute(_OF_RECORDS, (listed,)))
        connection.execute(_DELETE_MEMBERS, (listed,))
    connection.executemany(
        _INSERT_MEMBER, ((record, work) for record, work in moved.items() if work is not None)
    )
    touched.update(work for work in moved.values() if work is not None)
    left = sorted(touched)
    for start in range(0, len(left), _CHUNK):
        changed += _lead(connection, left[start : start + _CHUNK])
    connection.execute(_FORGET_KEYS, (json.dumps([work.number for work in entered]),))
    set_meta(connection, _VERSION, str(version))
    if moved:
        changes.move(connection, {*changed, *moved})


def _lead(connection: sqlite3.Connection, works: Sequence[int]) -> list[int]:
    """Choose the record that leads each of some works; return the records whose lead changed."""
    if not works:
        return []
    copies: dict[int, list[tuple[int, Record]]] = {}
    before: dict[int, tuple[int, int | None]] = {}
    for work, record, lead, *row in connection.execute(_MEMBERS, (json.dumps(list(works)),)):
        before[record] = (work, lead)
        if row[-1] is not None:
            copies.setdefault(work, []).append((record, documents.record(connection, *row)))
    connection.execute(_FORGET_KEYS, (json.dumps([one for one in works if one not in copies]),))
    leads = {work: _ordered(found)[0][0] for work, found in copies.items()}
    live = {record for found in copies.values() for record, _ in found}
    changed = {
        record: now
        for record, (work, lead) in before.items()
        if (now := leads[work] if record in live else None) != lead
    }
    connection.executemany(_SET_LEAD, ((lead, record) for record, lead in changed.items()))
    return list(changed)


def _ordered(copies: list[tuple[int, Record]]) -> list[tuple[int, Record]]:
    """The best copy first; of equals the one that came first."""
    return sorted(copies, key=lambda copy: (*preferring.rank(copy[1]), copy[0]))
