"""Finds records: pages of hits, whole result sets, single records, and the sums of the catalogue.

Every function takes a plain connection to `catalogue.db`, which may be read-only, and writes
nothing, not even temporary tables. Live records come in the query's order. Tombstones come only
when the query says `deleted`, after the live hits: those of the chosen sources, whatever else is
asked for, since a tombstone may have lost the words and values it once had, and who keeps a copy
of a result must learn of every deletion.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterator, Sequence

import msgspec

from harvester.catalogue import index
from harvester.catalogue.query import Query
from harvester.model import DECODER, Record

_FARTHEST = 2**53

_TOMBSTONES = """
    from deleted_records
    where :sources = '[]' or source in (select value from json_each(:sources))
"""
_RECORDS = """
    select number, record from records where number in (select value from json_each(:numbers))
"""
_DELETED_RECORDS = """
    select number, record from deleted_records
    where number in (select value from json_each(:numbers))
"""
_BY_ID = """
    select record from records where id = :id
    union all select record from deleted_records where id = :id
"""
_BY_IDS = """
    select id, record from records where id in (select value from json_each(:ids))
"""
_BY_OAI_IDENTIFIER = """
    select record, oai_identifier = :identifier as own, number from records
    where oai_identifier = :identifier or origin_identifier = :identifier
    union all
    select record, oai_identifier = :identifier, number from deleted_records
    where oai_identifier = :identifier or origin_identifier = :identifier
    order by own desc, number
"""
_COUNTS = """
    select source, sum(live), sum(gone) from (
        select source, count(*) as live, 0 as gone from records group by source
        union all
        select source, 0, count(*) from deleted_records group by source
    ) group by source order by source
"""


class Found(msgspec.Struct, frozen=True):
    """A page of hits, and how many hits there are in all."""

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
    records = by_numbers(connection, numbers)
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
    and those that it removes are left out.

    Args:
        connection: a connection to `catalogue.db`; statements of others may run between batches.
        query: what is asked for.
        batch: how many records are read at once.
    """
    with index.reading(connection) as hits:
        numbers = hits.page(query, 0, -1)
    for start in range(0, len(numbers), batch):
        yield from _fetch(connection, _RECORDS, numbers[start : start + batch])
    if query.deleted:
        gone = _tombstones(connection, query)
        for start in range(0, len(gone), batch):
            yield from _fetch(connection, _DELETED_RECORDS, gone[start : start + batch])


def get(connection: sqlite3.Connection, id: str) -> Record | None:  # noqa: A002 - the contract's word
    """Return the record with this id, live or deleted; None if there is none."""
    row = connection.execute(_BY_ID, {"id": id}).fetchone()
    return DECODER.decode(row[0]) if row else None


def by_numbers(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[Record]:
    """Return live records by the numbers of their rows, in the order of these."""
    return list(_fetch(connection, _RECORDS, numbers))


def by_ids(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Record]:
    """Return the live records with these ids, in their order; ids of no record are left out."""
    found = {
        id_: DECODER.decode(record)
        for id_, record in connection.execute(_BY_IDS, {"ids": json.dumps(list(ids))})
    }
    return [found[id_] for id_ in dict.fromkeys(ids) if id_ in found]


def by_oai_identifier(connection: sqlite3.Connection, identifier: str) -> list[Record]:
    """Return the records with this OAI identifier, live or deleted.

    Several sources may use one identifier. Records that carry it themselves come first, then
    those of an aggregator that name it as their origin's.
    """
    rows = connection.execute(_BY_OAI_IDENTIFIER, {"identifier": identifier})
    return [DECODER.decode(row[0]) for row in rows]


def counts(connection: sqlite3.Connection) -> Counts:
    """Count the live records and the tombstones, in all and by source."""
    sources = {name: SourceCount(live, gone) for name, live, gone in connection.execute(_COUNTS)}
    return Counts(
        sum(count.records for count in sources.values()),
        sum(count.deleted for count in sources.values()),
        sources,
    )


def newest(connection: sqlite3.Connection, limit: int) -> list[Record]:
    """Return the records that came into the catalogue last."""
    return search(connection, Query(sort="added"), limit=limit).records


def _tombstones(connection: sqlite3.Connection, query: Query) -> Sequence[int]:
    sources = {"sources": json.dumps(query.facets.get("source", ()))}
    rows = connection.execute(f"select number {_TOMBSTONES} order by number", sources)
    return array("q", (number for (number,) in rows))


def _fetch(connection: sqlite3.Connection, select: str, numbers: Sequence[int]) -> Iterator[Record]:
    """Give the records of these numbers in their order; those that are gone are left out."""
    if numbers:
        wanted = {"numbers": json.dumps(list(numbers))}
        texts = dict(iter(connection.execute(select, wanted)))
        yield from (DECODER.decode(texts[number]) for number in numbers if number in texts)
