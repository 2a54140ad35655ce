"""What publications are of others: reviews, parts, translations, earlier versions."""

from __future__ import annotations

import sqlite3

import msgspec

from harvester.catalogue import documents, works
from harvester.model import Record

# A work is what its copies are; of each other work the record that leads it is given.
_RELATED = """
    with mine (number) as (
        select :number
        union select record from work_records where work = (
            select work from work_records where record = :number
        )
    ),
    found (relation, outward, number) as (
        select relation, 1, coalesce(m.lead, r.other) from relations r
        left join work_records m on m.record = r.other where r.record in (select number from mine)
        union
        select relation, 0, coalesce(m.lead, r.record) from relations r
        left join work_records m on m.record = r.record where r.other in (select number from mine)
    )
    select relation, outward, id, citekey, dictionary, document
    from found join records using (number) join documents using (number)
    where number not in (select number from mine)
    order by relation, outward, year, number limit :limit
"""


class Related(msgspec.Struct, frozen=True):
    """A related publication.

    Attributes:
        relation: one of `linking.relating.RELATIONS`.
        outward: the one asked for is that of this one; else this one is that of the one asked for.
        record: one of its copies.
    """

    relation: str
    outward: bool
    record: Record


def related(connection: sqlite3.Connection, id_: str, limit: int = 20) -> list[Related]:
    """Return the publications that one has to do with.

    Args:
        connection: a connection to `catalogue.db`.
        id_: the id of a record or of a work.
        limit: the most publications to return.
    """
    rows = connection.execute(_RELATED, {"number": works.number(connection, id_), "limit": limit})
    return [
        Related(relation, bool(outward), documents.record(connection, *row))
        for relation, outward, *row in rows
    ]
