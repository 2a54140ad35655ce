"""What copies are looked for by: the keys of each record, and the pairs that were found.

Every function works inside the caller's transaction.
"""

from __future__ import annotations

import json
import sqlite3
import struct
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from harvester.catalogue import documents
from harvester.linking import blocking
from harvester.linking.grouping import Joined
from harvester.model import Record

_PENDING = "select record from link_pending order by record"
_ADD_PENDING = "insert or ignore into link_pending select value from json_each(?)"
_ALL_PENDING = "insert or ignore into link_pending select number from records"
_RECORDS = """
    select p.value, r.id, r.citekey, dictionary, document from json_each(?) p
    left join records r on r.number = p.value left join documents d on d.number = r.number
"""
_LIVE = "select number from records where number in (select value from json_each(?))"
_COUNT_LIVE = "select count(*) from records"
_KEYS = "select keys from link_records where record = ?"
_SET_KEYS = "insert or replace into link_records (record, keys) values (?, ?)"
_FORGET_KEYS = "delete from link_records where record = ?"
_ADD = "insert or ignore into link_keys (key, record) values (?, ?)"
_DROP = "delete from link_keys where key = ? and record = ?"
_SHARING = "select record from link_keys where key = ? limit ?"
_COUNT = "select count(*) from (select 1 from link_keys where key = ? limit ?)"
_FRESH = "create temp table fresh (key integer not null, record integer not null)"
_ADD_FRESH = "insert into fresh values (?, ?)"
_ORDER_FRESH = """
    insert into link_keys (key, record) select distinct key, record from temp.fresh
    order by key, record
"""
_PARTNERS = """
    select other from link_pairs where one = :record
    union all select one from link_pairs where other = :record
"""
_DROP_PAIRS = "delete from link_pairs where one = :record or other = :record"
_DROP_RELATIONS = "delete from relations where record = :record or other = :record"
_ADD_PAIR = "insert or replace into link_pairs (one, other, score, apart) values (?, ?, ?, ?)"
_ADD_RELATION = "insert or replace into relations (record, relation, other) values (?, ?, ?)"
_FORGET_DECISIONS = "update link_pairs set decided = null where decided is not null"
_DECIDE = """
    insert into link_pairs (one, other, score, apart, decided) values (?, ?, 0, '', ?)
    on conflict (one, other) do update set decided = excluded.decided
"""
_JOINED = """
    select score, one, other, min(a.id, b.id) || ' ' || max(a.id, b.id) from link_pairs
    join records a on a.number = one join records b on b.number = other
    where score > 0 and apart = ''
"""

Keys = frozenset[int]

_KEY = struct.Struct("<q")


class Pair(msgspec.Struct, frozen=True):
    """Two records that were compared and are worth keeping.

    Attributes:
        one, other: their numbers, the lower one first.
        score: above 0 they are one publication, unless they are `apart`.
        apart: why they are two whatever the score says, else "".
    """

    one: int
    other: int
    score: float
    apart: str = ""


class Relation(msgspec.Struct, frozen=True):
    """What a record is of another, by number: one of `linking.relating.RELATIONS`."""

    record: int
    relation: str
    other: int


def pending(connection: sqlite3.Connection) -> list[int]:
    """Return the records that were written or went since copies were last looked for."""
    return [record for (record,) in connection.execute(_PENDING)]


def records(
    connection: sqlite3.Connection, numbers: Iterable[int]
) -> Iterator[tuple[int, Record | None]]:
    """Give records by their numbers; None for those that are not live."""
    for number, *row in connection.execute(_RECORDS, (json.dumps(list(numbers)),)):
        yield number, documents.record(connection, *row) if row[-1] is not None else None


def live(connection: sqlite3.Connection, records: Iterable[int]) -> set[int]:
    """Return those of some records that are live."""
    rows = connection.execute(_LIVE, (json.dumps(list(records)),))
    return {record for (record,) in rows}


def count_live(connection: sqlite3.Connection) -> int:
    """Return how many records are live."""
    found: int = connection.execute(_COUNT_LIVE).fetchone()[0]
    return found


def again(connection: sqlite3.Connection, records: Iterable[int] | None = None) -> None:
    """Have copies looked for again, of some records or of all."""
    if records is None:
        connection.execute(_ALL_PENDING)
    else:
        connection.execute(_ADD_PENDING, (json.dumps(list(records)),))


def done(connection: sqlite3.Connection) -> None:
    """Copies have been looked for of all that was pending."""
    connection.execute("delete from link_pending")


def enter_all(connection: sqlite3.Connection, found: Iterable[tuple[int, Keys]]) -> None:
    """Write the keys of all records anew, and forget all pairs."""
    for table in ("link_keys", "link_records", "link_pairs", "relations"):
        connection.execute(f"delete from {table}")
    connection.execute(_FRESH)
    for record, keys in found:
        connection.execute(_SET_KEYS, (record, _packed(keys)))
        connection.executemany(_ADD_FRESH, ((key, record) for key in keys))
    connection.execute(_ORDER_FRESH)
    connection.execute("drop table temp.fresh")


def enter(connection: sqlite3.Connection, found: Iterable[tuple[int, Keys | None]]) -> set[int]:
    """Write the keys of some records; None for those that are not live any more.

    Returns:
        Other records, of which copies are to be looked for again: a key that they have tells less
        or more now.
    """
    dropped: list[tuple[int, int]] = []
    added: list[tuple[int, int]] = []
    records = set()
    for record, keys in found:
        records.add(record)
        before = keys_of(connection, record)
        now = keys or frozenset()
        dropped += [(key, record) for key in before - now]
        added += [(key, record) for key in now - before]
        if keys is None:
            connection.execute(_FORGET_KEYS, (record,))
        elif now != before:
            connection.execute(_SET_KEYS, (record, _packed(now)))
    changed = {key for key, _ in (*dropped, *added)}
    told = {key: _tells(connection, key) for key in changed}
    connection.executemany(_DROP, dropped)
    connection.executemany(_ADD, sorted(added))
    touched: set[int] = set()
    for key in changed:
        if _tells(connection, key) != told[key]:
            touched.update(_sharing(connection, key, -1))
    return touched - records


def keys_of(connection: sqlite3.Connection, record: int) -> Keys:
    """Return the keys of a record."""
    row = connection.execute(_KEYS, (record,)).fetchone()
    return frozenset(one for (one,) in _KEY.iter_unpack(row[0])) if row else frozenset()


def partners(connection: sqlite3.Connection, record: int) -> list[int]:
    """Return the records that share enough keys with one."""
    shared: Counter[int] = Counter()
    for key in keys_of(connection, record):
        weight = blocking.weight(key)
        if weight:
            most = blocking.most(key)
            block = _sharing(connection, key, most + 1)
            if len(block) <= most:
                for other in block:
                    shared[other] += weight
    return [
        other for other, weight in shared.items() if weight >= blocking.ENOUGH and other != record
    ]


def count(connection: sqlite3.Connection, key: int, most: int) -> int:
    """Say how many records have a key; `most` where there are more."""
    found: int = connection.execute(_COUNT, (key, most)).fetchone()[0]
    return found


def forget_pairs(connection: sqlite3.Connection, records: Iterable[int]) -> set[int]:
    """Forget the pairs of some records, and return those whom they were paired with."""
    found: set[int] = set()
    for record in records:
        wanted = {"record": record}
        found.update(other for (other,) in connection.execute(_PARTNERS, wanted))
        connection.execute(_DROP_PAIRS, wanted)
        connection.execute(_DROP_RELATIONS, wanted)
    return found


def keep(connection: sqlite3.Connection, found: Iterable[Pair | Relation]) -> None:
    """Keep what comparing records has told."""
    for one in found:
        add = _ADD_PAIR if isinstance(one, Pair) else _ADD_RELATION
        connection.execute(add, msgspec.structs.astuple(one))


def decide(connection: sqlite3.Connection, decided: Mapping[tuple[int, int], bool]) -> None:
    """Note of pairs, the lower number first, what librarians said: one publication, or not."""
    connection.execute(_FORGET_DECISIONS)
    connection.executemany(_DECIDE, ((*pair, same) for pair, same in decided.items()))


def joined(connection: sqlite3.Connection) -> Iterator[Joined]:
    """Give all pairs that are one publication."""
    for row in connection.execute(_JOINED):
        yield Joined(*row)


def _sharing(connection: sqlite3.Connection, key: int, most: int) -> Sequence[int]:
    return [record for (record,) in connection.execute(_SHARING, (key, most))]


def _tells(connection: sqlite3.Connection, key: int) -> int:
    """What the number of records with a key makes of it."""
    if blocking.weight(key):
        most = blocking.most(key)
        return int(count(connection, key, most + 1) > most)
    return count(connection, key, blocking.COMMON)


def _packed(keys: Collection[int]) -> bytes:
    return struct.pack(f"<{len(keys)}q", *sorted(keys))
