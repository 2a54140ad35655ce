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

from harvester.catalogue import documents
from harvester.catalogue.ready import Key, Ready, make_ready, origin_of
from harvester.catalogue.row import Entry
from harvester.model import Record, Understood
from harvester.normalise.completion import prefer

_ORIGINALS = """
    select source, oai_identifier, changed, id, citekey, dictionary, document
    from records join documents using (number)
    where oai_identifier in (select value from json_each(?))
"""
_COPIES = """
    select number, added, copies.changed, origin_source, id, citekey,
        coalesce(copies.dictionary, documents.dictionary),
        coalesce(copies.document, documents.document)
    from copies join records using (number) join documents using (number)
    where (origin_source, copies.origin_identifier) in
        (select value ->> 0, value ->> 1 from json_each(?))
"""
_INSERT = """
    insert into copies (number, origin_source, origin_identifier, changed, dictionary, document)
    values (?, ?, ?, ?, ?, ?)
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
        document: the copy as it came itself, see `documents.pack`; None where it is shown so.
    """

    origin: Key
    changed: str
    document: bytes | None


def preferred(
    connection: sqlite3.Connection, entries: Mapping[int, Ready]
) -> dict[int, tuple[Ready, Copy | None]]:
    """Give the values of their originals to those that are copies.

    Returns:
        by number the record as it is to be shown, and what is to be kept of a copy.
    """
    originals = _originals(connection, {one.copy_of for one in entries.values() if one.copy_of})
    found: dict[int, tuple[Ready, Copy | None]] = {}
    for number, ready in entries.items():
        key = ready.copy_of
        if key is None:
            found[number] = (ready, None)
        elif key not in originals:
            found[number] = (ready, Copy(key, ready.changed, None))
        else:
            changed, original = originals[key]
            record, account = documents.unpack(ready.document)
            record.id, record.citekey = ready.id, ready.citekey
            record, notes = prefer(original, record)
            shown = Entry(
                number, record, ready.added, max(ready.changed, changed), account + notes, key[0]
            )
            found[number] = (make_ready(shown), Copy(key, ready.changed, ready.document))
    return found


def with_original(connection: sqlite3.Connection, understood: Understood) -> Understood:
    """Give a record that is a copy the values of its original, as `preferred` does."""
    key = origin_of(understood.record, understood.home)
    found = _originals(connection, {key} if key else ())
    if key is None or key not in found:
        return understood
    record, notes = prefer(found[key][1], understood.record)
    return Understood(record, understood.trace + notes, understood.home)


def of(connection: sqlite3.Connection, originals: Iterable[Key]) -> dict[int, Ready]:
    """Return the copies of records as they came themselves, by number."""
    found = {}
    rows = connection.execute(_COPIES, (json.dumps(list(originals)),))
    for number, added, changed, home, *row in rows:
        record, account = documents.whole(connection, *row)
        found[number] = make_ready(Entry(number, record, added, changed, account, home))
    return found


def keep(connection: sqlite3.Connection, copies: Mapping[int, Copy]) -> None:
    """Enter what is kept of copies; inside the caller's transaction."""
    ours = documents.number()
    connection.executemany(
        _INSERT,
        (
            (number, *copy.origin, copy.changed, ours if copy.document else None, copy.document)
            for number, copy in copies.items()
        ),
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
        (source, identifier): (changed, documents.record(connection, *row))
        for source, identifier, changed, *row in connection.execute(_ORIGINALS, (identifiers,))
        if (source, identifier) in wanted
    }
