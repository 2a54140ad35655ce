"""The sources that the archive knows, and what it remembers of their servers."""

from __future__ import annotations

import sqlite3

import msgspec

from harvester.oai.quirks import Quirks
from harvester.sources import Source

_ADD = """
    insert into sources (name, facts) values (:name, :facts)
    on conflict (name) do update set facts = excluded.facts where facts <> excluded.facts"""
_NUMBER = "select id from sources where name = ?"
_KNOWN = "select id, facts from sources order by id"
_HARVESTED = """
    select id, facts from sources
    where exists (select 1 from windows where source = sources.id)
       or exists (select 1 from items where source = sources.id)
    order by id"""
_IS_EMPTY = """
    select not exists (select 1 from items where source = :source)
       and not exists (select 1 from quarantine where source = :source)"""
_FORGET = (
    "update pages set window = null where source = ?",
    "delete from watermarks where source = ?",
    "delete from holes where source = ?",
    "delete from windows where source = ?",
    "update sources set quirks = '{}', not_before = null where id = ?",
)
_QUIRKS = "select quirks from sources where id = ?"
_REMEMBER_QUIRKS = "update sources set quirks = ? where id = ?"
_NOT_BEFORE = "select not_before from sources where id = ?"
_SET_NOT_BEFORE = "update sources set not_before = ? where id = ?"


def source_number(connection: sqlite3.Connection, source: Source) -> int:
    """Return the number of a source, entered or brought up to date where needed."""
    with connection:
        connection.execute(
            _ADD, {"name": source.name, "facts": msgspec.json.encode(source).decode()}
        )
    return int(connection.execute(_NUMBER, (source.name,)).fetchone()[0])


def known_sources(connection: sqlite3.Connection, *, harvested: bool = False) -> dict[int, Source]:
    """Return every source that the archive knows, by its number.

    Args:
        connection: the archive.
        harvested: only those that have records, or are to be asked again.
    """
    rows = connection.execute(_HARVESTED if harvested else _KNOWN)
    return {number: msgspec.json.decode(facts, type=Source) for number, facts in rows}


def forget_if_empty(connection: sqlite3.Connection, source: int) -> None:
    """Forget how a source was asked that never gave a record, such as a mistyped address.

    What it answered stays.
    """
    if connection.execute(_IS_EMPTY, {"source": source}).fetchone()[0]:
        with connection:
            for statement in _FORGET:
                connection.execute(statement, (source,))


def quirks(connection: sqlite3.Connection, source: int) -> Quirks:
    """Return the ways of a source's server that were found by asking it.

    A way that this version does not know is passed over: a later version may have found it.
    """
    found: dict[str, bool] = msgspec.json.decode(
        connection.execute(_QUIRKS, (source,)).fetchone()[0], type=dict[str, bool]
    )
    return Quirks(**{name: found[name] for name in Quirks.__struct_fields__ if name in found})


def remember_quirks(connection: sqlite3.Connection, source: int, quirks: Quirks) -> None:
    """Remember the ways of a source's server, in place of those that were remembered."""
    with connection:
        connection.execute(_REMEMBER_QUIRKS, (msgspec.json.encode(quirks).decode(), source))


def not_before(connection: sqlite3.Connection, source: int) -> str | None:
    """Return until when a source's server wants to be left alone, ISO 8601 in UTC."""
    found = connection.execute(_NOT_BEFORE, (source,)).fetchone()[0]
    return None if found is None else str(found)


def set_not_before(connection: sqlite3.Connection, source: int, when: str | None) -> None:
    """Remember until when a source's server wants to be left alone; None: it may be asked."""
    with connection:
        connection.execute(_SET_NOT_BEFORE, (when, source))
