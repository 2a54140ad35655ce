"""Finds records: pages of hits, whole result sets, single records, and the sums of the catalogue.

Every function takes a plain connection to `catalogue.db`, which may be read-only, and writes
nothing, not even temporary tables. Live records come in the query's order. Tombstones come only
when the query says `deleted`, after the live hits: those of the chosen sources, whatever else is
asked for, since a tombstone may have lost the words and values it once had, and who keeps a copy
of a result must learn of every deletion.

Where the query asks for works, each comes as its preferred view, whose id and citation key are the
work's; a record that is in no work comes as it is. Every record carries the id of its work.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterator, Sequence

import msgspec

from harvester.catalogue import documents, index, works
from harvester.catalogue.query import Query
from harvester.model import Record

_FARTHEST = 2**53

_TOMBSTONES = """
    from deleted_records
    where :sources = '[]' or source in (select value from json_each(:sources))
"""
_DOCUMENT = "r.id, r.citekey, dictionary, document"
_WORK = """
    join documents d on d.number = r.number
    left join work_records m on m.record = r.number left join works w on w.number = m.work
"""
_RECORDS = f"""
    select r.number, w.id, {_DOCUMENT} from records r {_WORK}
    where r.number in (select value from json_each(:numbers))
"""
_DELETED_RECORDS = f"""
    select r.number, w.id, {_DOCUMENT} from deleted_records r {_WORK}
    where r.number in (select value from json_each(:numbers))
"""
_BY_ID = f"""
    select w.id, {_DOCUMENT} from records r {_WORK} where r.id = :id
    union all select w.id, {_DOCUMENT} from deleted_records r {_WORK} where r.id = :id
"""
_BY_IDS = f"""
    select w.id, {_DOCUMENT} from records r {_WORK}
    where r.id in (select value from json_each(:ids))
"""
_BY_OAI_IDENTIFIER = f"""
    select oai_identifier = :identifier as own, r.number, w.id, {_DOCUMENT} from records r {_WORK}
    where oai_identifier = :identifier or origin_identifier = :identifier
    union all
    select oai_identifier = :identifier, r.number, w.id, {_DOCUMENT} from deleted_records r {_WORK}
    where oai_identifier = :identifier or origin_identifier = :identifier
    order by own desc, 2
"""
_COUNTS = """
    select source, sum(live), sum(gone) from (
        select source, count(*) as live, 0 as gone from records group by source
        union all
        select source, 0, count(*) from deleted_records group by source
    ) group by source order by source
"""


class Found(msgspec.Struct, frozen=True):
    """A page of hits, and how many hits there are in all: records, or views of works."""

    total: int
    records: list[Record]


class SourceCount(msgspec.Struct, frozen=True):
    """How many records the catalogue has from one source."""

    records: int
    deleted: int


class Counts(msgspec.Struct, frozen=True):
    """How many records the catalogue has: live ones, tombstones, and both by source name."""

    records: int
    deleted: int
    sources: dict[str, SourceCount]


def search(
    connection: sqlite3.Connection, query: Query, *, offset: int = 0, limit: int = 20
) -> Found:
    """Return one page of the hits.

    Args:
        connection: a connection to `catalogue.db`.
        query: what is asked for.
        offset: hits to pass over; past the end the page is empty and the total still right.
        limit: the most records to return.
    """
    offset, limit = (min(max(number, 0), _FARTHEST) for number in (offset, limit))
    with index.reading(connection) as hits:
        total, numbers = hits.total(query), hits.page(query, offset, limit)
    records = by_numbers(connection, numbers, works=query.works)
    if query.deleted:
        gone = _tombstones(connection, query)
        start = max(offset - total, 0)
        end = start + max(limit - len(numbers), 0)
        records += _fetch(connection, _DELETED_RECORDS, gone[start:end])
        total += len(gone)
    return Found(total, records)


def stream(connection: sqlite3.Connection, query: Query, batch: int = 500) -> Iterator[Record]:
    """Give every hit in the query's order, in little memory (8 bytes a hit and one batch).

    What is a hit is decided at the start: records that a harvest adds meanwhile are not given,
    and those that it removes are left out. A work is given as it is when its turn comes.

    Args:
        connection: a connection to `catalogue.db`; statements of others may run between batches.
        query: what is asked for.
        batch: how many records are read at once.
    """
    with index.reading(connection) as hits:
        numbers = hits.page(query, 0, -1)
    for start in range(0, len(numbers), batch):
        part = numbers[start : start + batch]
        yield from _views(connection, part, numbers) if query.works else _live(connection, part)
    if query.deleted:
        gone = _tombstones(connection, query)
        for start in range(0, len(gone), batch):
            yield from _fetch(connection, _DELETED_RECORDS, gone[start : start + batch])


def get(connection: sqlite3.Connection, id: str) -> Record | None:  # noqa: A002 - the contract's word
    """Return the record with this id, live or deleted, or the view of the work with it.

    Where all records have left a work, it is what became of the record that founded it: its id is
    another one then. None if there is neither record nor work.
    """
    row = connection.execute(_BY_ID, {"id": id}).fetchone()
    return _record(connection, *row) if row else _work(connection, id)


def by_numbers(
    connection: sqlite3.Connection, numbers: Sequence[int], *, works: bool = False
) -> list[Record]:
    """Return live records by the numbers of their rows, or works by their leads, in this order."""
    return list(_views(connection, numbers, numbers) if works else _live(connection, numbers))


def by_ids(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Record]:
    """Return the live records and works with these ids, in their order, as `get` does.

    Ids of none are left out; two ids may have become one work.
    """
    rows = connection.execute(_BY_IDS, {"ids": json.dumps(list(ids))})
    records = {one.id: one for one in (_record(connection, *row) for row in rows)}
    found = {}
    for id_ in ids:
        record = records.get(id_) or _work(connection, id_)
        if record and not record.deleted:
            found[id_] = record
    return found


def by_oai_identifier(connection: sqlite3.Connection, identifier: str) -> list[Record]:
    """Return the records with this OAI identifier, live or deleted.

    Several sources may use one identifier. Records that carry it themselves come first, then
    those of an aggregator that name it as their origin's.
    """
    rows = connection.execute(_BY_OAI_IDENTIFIER, {"identifier": identifier})
    return [_record(connection, *row) for _, _, *row in rows]


def counts(connection: sqlite3.Connection) -> Counts:
    """Count the live records and the tombstones, in all and by source."""
    sources = {name: SourceCount(live, gone) for name, live, gone in connection.execute(_COUNTS)}
    return Counts(
        sum(count.records for count in sources.values()),
        sum(count.deleted for count in sources.values()),
        sources,
    )


def newest(connection: sqlite3.Connection, limit: int, *, works: bool = False) -> list[Record]:
    """Return the records, or works, that came into the catalogue last."""
    return search(connection, Query(sort="added", works=works), limit=limit).records


def _tombstones(connection: sqlite3.Connection, query: Query) -> Sequence[int]:
    sources = {"sources": json.dumps(query.facets.get("source", ()))}
    rows = connection.execute(f"select number {_TOMBSTONES} order by number", sources)
    return array("q", (number for (number,) in rows))


def _live(connection: sqlite3.Connection, numbers: Sequence[int]) -> Iterator[Record]:
    return _fetch(connection, _RECORDS, numbers)


def _fetch(connection: sqlite3.Connection, select: str, numbers: Sequence[int]) -> Iterator[Record]:
    """Give the records of these numbers in their order; those that are gone are left out."""
    found = _by_number(connection, select, numbers)
    yield from (found[number] for number in numbers if number in found)


def _by_number(
    connection: sqlite3.Connection, select: str, numbers: Sequence[int]
) -> dict[int, Record]:
    if not numbers:
        return {}
    rows = connection.execute(select, {"numbers": json.dumps(list(numbers))})
    return {number: _record(connection, *row) for number, *row in rows}


def _views(
    connection: sqlite3.Connection, numbers: Sequence[int], listed: Sequence[int]
) -> Iterator[Record]:
    """Give the works that these records lead, and those of the records that are in none.

    Args:
        connection: a connection to `catalogue.db`.
        numbers: of the records; where meanwhile another one leads the work, it is given still.
        listed: the numbers of the whole list, of which each work is given once.
    """
    leads = works.leads(connection, numbers)
    views = works.views(connection, leads.values())
    alone = [number for number in numbers if number not in leads]
    records = _by_number(connection, _RECORDS, alone)
    for number in numbers:
        lead = leads.get(number, number)
        found = views.get(lead) or records.get(number)
        if found and (lead == number or lead not in listed):
            yield found


def _work(connection: sqlite3.Connection, id_: str) -> Record | None:
    """What became of a work: its view, a tombstone, or the record that founded it."""
    found = works.get(connection, id_)
    if not isinstance(found, int):
        return found
    founder = next(_views(connection, [found], []), None)
    return founder or next(_fetch(connection, _DELETED_RECORDS, [found]), None)


def _record(
    connection: sqlite3.Connection,
    work: str | None,
    id_: str,
    citekey: str | None,
    dictionary: int,
    document: bytes,
) -> Record:
    record = documents.record(connection, id_, citekey, dictionary, document)
    record.work = work
    return record
