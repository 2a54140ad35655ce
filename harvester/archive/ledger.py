"""The ledger: ids, citation keys and first-seen dates, minted once and final."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping

import msgspec

from harvester.archive import citekey
from harvester.errors import UsageError

ID_HASH_LENGTH = 10
CITEKEY_HASH_LENGTH = 5

_KNOWN = """
    select identifier, number, id, citekey, first_seen from ledger
    where source = ? and identifier in (select value from json_each(?))"""
_NOT_IN_IDS = re.compile(r"[^a-z0-9-]")
_INSERT = """
    insert into ledger (source, identifier, id, citekey, first_seen) values (?, ?, ?, ?, ?)
    on conflict do nothing returning number"""
_ADD_CITEKEY = "update ledger set citekey = ? where number = ?"
_NUMBERS = """
    select number from ledger
    where source = ? and identifier in (select value from json_each(?))"""
_ID_TAKEN = "select 1 from ledger where id = ?"
_KEY_TAKEN = "select 1 from ledger where citekey = ?"
_FIND = """
    select ledger.source, sources.name, ledger.identifier, ledger.id, ledger.citekey
    from ledger join sources on sources.id = ledger.source
    where ledger.id = :key or ledger.citekey = :key or ledger.identifier = :key
    order by ledger.number"""


class Minted(msgspec.Struct, frozen=True):
    """What the ledger knows of one record; `number` is its integer key in every table."""

    number: int
    id: str
    citekey: str | None
    first_seen: str


class LedgerEntry(msgspec.Struct, frozen=True):
    """Where the record behind an id lies."""

    source: int
    source_name: str
    identifier: str
    id: str
    citekey: str | None


def minted(
    connection: sqlite3.Connection, source: int, identifiers: Iterable[str]
) -> dict[str, Minted]:
    """Return what the ledger knows of records of one source, by identifier."""
    rows = connection.execute(_KNOWN, (source, json.dumps(list(identifiers))))
    return {identifier: Minted(*known) for identifier, *known in rows}


def mint(
    connection: sqlite3.Connection,
    source: int,
    source_name: str,
    records: Mapping[str, str | None],
    now: str,
) -> dict[str, Minted]:
    """Look up the records of one source, and mint what the ledger does not know yet.

    A record that was only ever seen deleted has no citation key until it is seen live. Where a
    new id or key is taken, its hash is lengthened until it is free; the older one stays.

    Args:
        connection: the archive, inside the caller's transaction.
        source: the source's number in the archive.
        source_name: its name, which the hashes are made from.
        records: by identifier (the OAI identifier, or a portal page's own) what the citation key
            begins with, as `citekey.readable_part` gives it; None for one that is deleted.
        now: ISO time that becomes `first_seen` of new records.

    Returns:
        What is minted, by identifier.
    """
    found = minted(connection, source, records)
    beginning = _NOT_IN_IDS.sub("-", source_name)
    for identifier, readable in records.items():
        known = found.get(identifier)
        if known is not None and (known.citekey or readable is None):
            continue
        digest = citekey.identity_hash(source_name, identifier)
        if known is not None:
            key = _free_citekey(connection, readable, digest)
            connection.execute(_ADD_CITEKEY, (key, known.number))
            found[identifier] = msgspec.structs.replace(known, citekey=key)
            continue
        # Names are seldom taken, and the table says so itself.
        id_ = f"{beginning}-{digest[:ID_HASH_LENGTH]}"
        key = None if readable is None else f"{readable}-{digest[:CITEKEY_HASH_LENGTH]}"
        row = connection.execute(_INSERT, (source, identifier, id_, key, now)).fetchone()
        if row is None:
            id_ = _free_id(connection, beginning, digest)
            key = _free_citekey(connection, readable, digest)
            row = connection.execute(_INSERT, (source, identifier, id_, key, now)).fetchone()
        found[identifier] = Minted(row[0], id_, key, now)
    return found


def numbers(connection: sqlite3.Connection, source: int, identifiers: Iterable[str]) -> list[int]:
    """Return the numbers of those records of a source that the ledger knows."""
    rows = connection.execute(_NUMBERS, (source, json.dumps(list(identifiers))))
    return [row[0] for row in rows]


def find(connection: sqlite3.Connection, key: str) -> list[LedgerEntry]:
    """Return the records that an id, a citation key or an OAI identifier means.

    An OAI identifier may mean several: universities share them. What is no text, as bytes of a
    command line may be, means none.
    """
    if any("\ud800" <= character <= "\udfff" for character in key):
        return []
    return [LedgerEntry(*row) for row in connection.execute(_FIND, {"key": key})]


def only(connection: sqlite3.Connection, key: str) -> LedgerEntry:
    """Return the one record that an id, a citation key or an OAI identifier means.

    Raises:
        UsageError: the key is unknown, or means several records.
    """
    found = find(connection, key)
    if not found:
        raise UsageError(f"no record has the id, citation key or OAI identifier {key!r}")
    if len(found) > 1:
        several = ", ".join(f"{entry.id} ({entry.source_name})" for entry in found)
        raise UsageError(f"{key} means {len(found)} records: say which by its id: {several}")
    return found[0]


def _free_id(connection: sqlite3.Connection, beginning: str, digest: str) -> str:
    def is_taken(name: str) -> bool:
        return bool(connection.execute(_ID_TAKEN, (name,)).fetchone())

    return citekey.free_name(beginning, digest, ID_HASH_LENGTH, is_taken)


def _free_citekey(connection: sqlite3.Connection, readable: str | None, digest: str) -> str | None:
    def is_taken(name: str) -> bool:
        return bool(connection.execute(_KEY_TAKEN, (name,)).fetchone())

    if readable is None:
        return None
    return citekey.free_name(readable, digest, CITEKEY_HASH_LENGTH, is_taken)
