"""Suppressed records: a librarian's decision in the ledger, through every rebuild, and reversible.

Erasing goes further, for legal orders: the record's bytes leave the archive too. The ledger then
still knows the record, so that it is erased again when its repository sends it anew.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable

import msgspec
import zstandard

from harvester.archive import cutting, housekeeping, ledger, pages, reports
from harvester.archive.ledger import LedgerEntry
from harvester.errors import HarvesterError, UsageError
from harvester.oai.datestamps import now

_SUPPRESS = """
    insert into suppressions (record, reason, since)
    select number, :reason, :now from ledger where id = :id
    on conflict do update set reason = excluded.reason"""
_UNDO = "delete from suppressions where record = (select number from ledger where id = ?)"
_SUPPRESSED = """
    select ledger.identifier from ledger join suppressions on record = number
    where source = ? and identifier in (select value from json_each(?))"""
_NEEDS_ERASING = f"{_SUPPRESSED} and erased is not null"
_LISTED = """
    select ledger.id, ledger.citekey, sources.name, ledger.identifier, reason, since, erased
    from suppressions cross join ledger on number = record
    cross join sources on sources.id = ledger.source
    order by since, ledger.number"""
_MARK_ERASED = """
    update suppressions set erased = ?
    where record = (select number from ledger where source = ? and identifier = ?)"""
_PAGES = "select id from pages where source = ? order by id"
_REPLACE_PAGE = "update pages set sha256 = ?, body = ?, erased = ? where id = ?"
_DELETE_ITEM = "delete from items where source = ? and identifier = ?"
_DELETE_QUARANTINE = "delete from quarantine where source = ? and identifier = ?"
_QUARANTINE = "select identifier, content from quarantine where source = ? and page = ?"
_REPLACE_QUARANTINE = """
    update quarantine set content = ? where source = ? and page = ? and identifier = ?"""
# A portal page that holds the record now, or an earlier state of it, or of one that is not current.
_HOLDS_NO_OTHER = """
    select not exists (select 1 from items
                       where (page = :page or deleted_page = :page) and identifier <> :identifier)
       and not exists (select 1 from quarantine
                       where page = :page and identifier <> :identifier)"""


class Suppression(msgspec.Struct, frozen=True):
    """A record that is hidden; times are ISO 8601 in UTC.

    Attributes:
        reason: the librarian's own words.
        erased: when its bytes were taken out of the archive; None where they are still there.
    """

    id: str
    citekey: str | None
    source: str
    identifier: str
    reason: str
    since: str
    erased: str | None


def suppress(connection: sqlite3.Connection, key: str, reason: str) -> LedgerEntry:
    """Decide that a record is shown nowhere; said again, only the reason changes.

    Args:
        connection: the archive.
        key: an id, a citation key, or an OAI identifier that only one source has.
        reason: why, in the librarian's own words.

    Raises:
        UsageError: the key is unknown, or means several records.
    """
    entry = ledger.only(connection, key)
    with connection:
        connection.execute(_SUPPRESS, {"id": entry.id, "reason": reason, "now": now()})
    return entry


def undo(connection: sqlite3.Connection, key: str) -> LedgerEntry:
    """Take the decision back; what was erased comes back when its repository sends it again.

    Raises:
        UsageError: the key is unknown, means several records, or one that is not suppressed.
    """
    entry = ledger.only(connection, key)
    with connection:
        if not connection.execute(_UNDO, (entry.id,)).rowcount:
            raise UsageError(f"{entry.id} is not suppressed")
    return entry


def suppressed(connection: sqlite3.Connection, source: int, identifiers: Iterable[str]) -> set[str]:
    """Return those of a source's records that are suppressed, erased or not."""
    rows = connection.execute(_SUPPRESSED, (source, json.dumps(list(identifiers))))
    return {row[0] for row in rows}


def needs_erasing(
    connection: sqlite3.Connection, source: int, identifiers: Iterable[str]
) -> set[str]:
    """Return those of a source's records that were erased, and must be again if they come."""
    rows = connection.execute(_NEEDS_ERASING, (source, json.dumps(list(identifiers))))
    return {row[0] for row in rows}


def listed(connection: sqlite3.Connection) -> list[Suppression]:
    """Return all suppressed records, the oldest decision first."""
    return [Suppression(*row) for row in connection.execute(_LISTED)]


def erase(connection: sqlite3.Connection, source: int, identifier: str) -> int:
    """Take a suppressed record's bytes out of every page, older ones too, and out of the file.

    The rest of each page stays byte for byte, and the page says that something was erased. At last
    the database is written anew, so that nothing is left in its free pages or its log. Said again,
    it finishes what was interrupted.

    Args:
        connection: the archive, with no transaction open; the only one that writes.
        source: the number of the source.
        identifier: the record's OAI identifier, or a portal page's own.

    Returns:
        How many pages held it.

    Raises:
        UsageError: the record is not suppressed.
        TryLaterError: somebody reads the archive, so that its log cannot be emptied.
        HarvesterError: the disk is full, or a page is damaged and cannot be searched.
    """
    if identifier not in suppressed(connection, source, [identifier]):
        raise UsageError(f"{identifier} is not suppressed: suppress it before it is erased")
    erased, damaged = 0, []
    with connection:
        for (page,) in connection.execute(_PAGES, (source,)).fetchall():
            try:
                erased += _cut(connection, page, identifier)
            except HarvesterError as error:
                damaged.append(str(error))
        _forget(connection, source, identifier)
        reports.forget(connection, source)
        connection.execute(_MARK_ERASED, (now(), source, identifier))
    housekeeping.rewrite(connection)
    if damaged:
        raise HarvesterError(
            f"{identifier} was erased from all pages that can be read, but {'; '.join(damaged)}"
        )
    return erased


def erase_from_page(
    connection: sqlite3.Connection, source: int, page: int, identifiers: Iterable[str]
) -> None:
    """Take records out of a page that has just come; runs inside the caller's transaction.

    Args:
        connection: the archive.
        source: the number of the source.
        page: the page.
        identifiers: what `needs_erasing` names of the records on it.
    """
    for identifier in identifiers:
        _cut(connection, page, identifier)
        _forget(connection, source, identifier)


def _cut(connection: sqlite3.Connection, page: int, identifier: str) -> bool:
    """Cut a record out of a page, and out of what quarantine has of the page; say if it was there.

    Raises:
        HarvesterError: the page is damaged on the disk.
    """
    kept = pages.read(connection, page)
    content = cutting.unpacked(kept.received)
    left = cutting.without(content, identifier)
    if (
        left is None
        and kept.received.url.startswith("file:")
        and content != cutting.NOTHING
        and cutting.is_portal_page(content)
        and cutting.mentions(content, identifier)
        and _holds_no_other(connection, page, identifier)
    ):
        left = cutting.NOTHING
    for name, aside in connection.execute(_QUARANTINE, (kept.source, page)).fetchall():
        as_received = msgspec.structs.replace(kept.received, body=aside)
        rest = cutting.without(cutting.unpacked(as_received), identifier)
        if rest is not None:
            connection.execute(_REPLACE_QUARANTINE, (rest, kept.source, page, name))
    if left is None:
        return False
    packed = zstandard.ZstdCompressor(level=pages.ZSTD_LEVEL).compress(left)
    digest = hashlib.sha256(left).digest()
    connection.execute(_REPLACE_PAGE, (digest, packed, now(), page))
    return True


def _holds_no_other(connection: sqlite3.Connection, page: int, identifier: str) -> bool:
    names = {"page": page, "identifier": identifier}
    return bool(connection.execute(_HOLDS_NO_OTHER, names).fetchone()[0])


def _forget(connection: sqlite3.Connection, source: int, identifier: str) -> None:
    connection.execute(_DELETE_ITEM, (source, identifier))
    connection.execute(_DELETE_QUARANTINE, (source, identifier))
