"""Copies of a record that its origin gives too: what the origin says goes before.

An aggregator's copy is often damaged on the way. Where the catalogue also holds the record of the
repository that it comes from, the copy shows the origin's values; its own are kept in the table
`copies`, and come back when the origin's record goes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping

import msgspec
import zstandard

from harvester.catalogue import accounts
from harvester.catalogue.row import Entry
from harvester.model import DECODER, ENCODER, Record, Understood
from harvester.normalise.completion import PREFERRED, prefer

Key = tuple[str, str]
"""A source's name and the OAI identifier of a record there."""

_ORIGINALS = """
    select source, oai_identifier, changed, record from records
    where oai_identifier in (select value from json_each(?))
"""
_COPIES = """
    select copies.number, added, copies.changed, origin_source,
        coalesce(copies.record, records.record), account
    from copies join records using (number) left join accounts using (number)
    where (copies.origin_source, copies.origin_identifier) in
        (select value ->> 0, value ->> 1 from json_each(?))
"""
_INSERT = """
    insert into copies (number, origin_source, origin_identifier, changed, record)
    values (?, ?, ?, ?, ?)
"""
_WANTING = """
    select distinct copies.origin_source, copies.origin_identifier
    from copies join records as copy using (number)
    where copy.source in (select value from json_each(:sources)) and (:all or not exists (
        select 1 from records as original
        where original.oai_identifier = copies.origin_identifier
          and original.source = copies.origin_source))
    order by copies.origin_source, copies.origin_identifier
"""


class Copy(msgspec.Struct, frozen=True):
    """What is kept of a copy.

    Attributes:
        origin: where its original is.
        changed: ISO time when this version of the copy itself came.
        record: the copy's own values as JSON, under zstd; None where they are what is shown.
    """

    origin: Key
    changed: str
    record: bytes | None


def origin_of(entry: Entry) -> Key | None:
    """Return where the original of a record is; None where it is no copy, or deleted."""
    record, home = entry.record, entry.home
    identifier = record.origin.oai_identifier if record.origin else None
    if record.deleted or not identifier or home in (None, record.source):
        return None
    return (home, identifier) if home else None


def preferred(
    connection: sqlite3.Connection, entries: Mapping[int, Entry]
) -> dict[int, tuple[Entry, Copy | None]]:
    """Give the values of their originals to those that are copies.

    Returns:
        by number the entry as it is to be shown, and what is to be kept of a copy.
    """
    keys = {number: origin_of(entry) for number, entry in entries.items()}
    originals = _originals(connection, {key for key in keys.values() if key})
    found: dict[int, tuple[Entry, Copy | None]] = {}
    for number, entry in entries.items():
        key = keys[number]
        if key is None:
            found[number] = (entry, None)
            continue
        changed, original = originals.get(key, ("", None))
        if original is None:
            found[number] = (entry, Copy(key, entry.changed, None))
            continue
        record, notes = prefer(original, entry.record)
        shown = msgspec.structs.replace(
            entry,
            record=record,
            changed=max(entry.changed, changed),
            trace=[*entry.trace, *notes],
        )
        own = zstandard.ZstdCompressor(level=1).compress(ENCODER.encode(entry.record))
        found[number] = (shown, Copy(key, entry.changed, own))
    return found


def with_original(connection: sqlite3.Connection, understood: Understood) -> Understood:
    """Give a record that is a copy the values of its original, as `preferred` does."""
    entry = Entry(0, understood.record, "", "", understood.trace, understood.home)
    shown, _ = preferred(connection, {0: entry})[0]
    return Understood(shown.record, list(shown.trace), understood.home)


def of(connection: sqlite3.Connection, originals: Iterable[Key]) -> dict[int, Entry]:
    """Return the copies of records as they came themselves, by number."""
    entries = {}
    wanted = json.dumps(list(originals))
    for number, added, changed, home, content, account in connection.execute(_COPIES, (wanted,)):
        if isinstance(content, bytes):
            content = zstandard.ZstdDecompressor().decompress(content)
        trace = accounts.unpack(account) if account else []
        own = [note for note in trace if note.rule != PREFERRED]
        entries[number] = Entry(number, DECODER.decode(content), added, changed, own, home)
    return entries


def keep(connection: sqlite3.Connection, copies: Mapping[int, Copy]) -> None:
    """Enter what is kept of copies; inside the caller's transaction."""
    connection.executemany(
        _INSERT,
        ((number, *copy.origin, copy.changed, copy.record) for number, copy in copies.items()),
    )


def wanting(
    connection: sqlite3.Connection, sources: Iterable[str], *, every: bool = False
) -> dict[str, list[str]]:
    """Return the originals that copies of some sources lack.

    Args:
        connection: a connection to `catalogue.db`.
        sources: names of the sources that the copies came from.
        every: those too that are here already.

    Returns:
        OAI identifiers by the name of the source that has them.
    """
    rows = connection.execute(_WANTING, {"sources": json.dumps(list(sources)), "all": every})
    found: dict[str, list[str]] = {}
    for source, identifier in rows:
        found.setdefault(source, []).append(identifier)
    return found


def _originals(
    connection: sqlite3.Connection, keys: Iterable[Key]
) -> dict[Key, tuple[str, Record]]:
    wanted = set(keys)
    if not wanted:
        return {}
    identifiers = json.dumps([identifier for _, identifier in wanted])
    return {
        (source, identifier): (changed, DECODER.decode(text))
        for source, identifier, changed, text in connection.execute(_ORIGINALS, (identifiers,))
        if (source, identifier) in wanted
    }
