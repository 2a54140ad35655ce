"""Which page holds the current version of a record, and which records could not be read."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

import msgspec

from harvester.archive.runs import Tally
from harvester.model import RawRecord

_LIVE = """
    insert into items (source, identifier, format, page, digest, datestamp)
    values (?, ?, ?, ?, ?, ?)
    on conflict (source, identifier, format) do update
    set page = excluded.page, digest = excluded.digest, datestamp = excluded.datestamp,
        deleted_page = null"""
_TOUCH = """
    update items set datestamp = ? where source = ? and identifier = ? and format = ?"""
_IMPORTED = """
    select id from pages
    where id in (select value from json_each(:pages)) and window is null
      and (select window from pages where id = :page) is not null"""
_SEEN_AT_SERVER = """
    update items set page = ? where source = ? and identifier = ? and format = ?"""
_DELETED = "update items set deleted_page = ? where source = ? and identifier = ?"
_NEVER_LIVE = "insert into items (source, identifier, format, deleted_page) values (?, ?, '', ?)"
_FORGET_NEVER_LIVE = "delete from items where source = ? and identifier = ? and format = ''"
_VERSIONS = """
    select identifier, format, page, digest, deleted_page, datestamp from items
    where source = ? and identifier in (select value from json_each(?))
    order by identifier, format"""
_QUARANTINE = """
    insert or replace into quarantine (source, identifier, page, reason, content)
    values (?, ?, ?, ?, ?)"""
_RELEASE = """
    delete from quarantine where source = :source and (page = :page or
        (page < :page and identifier in (select value from json_each(:identifiers))))"""
_RELEASE_NAMELESS = """
    delete from quarantine
    where substr(identifier, 1, length(:nameless)) = :nameless and page in (
        select pages.id from pages join windows as earlier on earlier.id = pages.window
        join windows as this on this.id = :window
        where earlier.source = this.source and earlier.prefix = this.prefix
          and earlier.id < this.id)"""
NAMELESS = "(no identifier) "
_QUARANTINED_PAGES = """
    select distinct page from quarantine where :source is null or source = :source order by page"""
_QUARANTINED = "select count(*) from quarantine where :source is null or source = :source"
_ON_PAGE = "select distinct identifier from items where page = :page or deleted_page = :page"

_MAKE_LISTED = """
    create temp table if not exists listed (
        source integer not null,
        identifier text not null,
        datestamp text not null,
        primary key (source, identifier)
    ) without rowid"""
_EMPTY_LISTED = "delete from temp.listed where source = ?"
_NOTE_LISTED = """
    insert into temp.listed (source, identifier, datestamp) values (?, ?, ?)
    on conflict do update set datestamp = max(datestamp, excluded.datestamp)"""
# What only came from files was never in the server's list, and is not missing there.
_FROM_SERVER = """
    select count(distinct identifier) from items
    where source = ? and deleted_page is null
      and exists (select 1 from pages where id = items.page and window is not null)"""
_MISSING = """
    select distinct identifier from items
    where source = :source and deleted_page is null
      and exists (select 1 from pages where id = items.page and window is not null)
      and not exists (select 1 from temp.listed
                      where source = :source and identifier = items.identifier)
    order by identifier"""
_UNKNOWN = """
    select identifier from temp.listed
    where source = :source
      and not exists (select 1 from items
                      where source = :source and identifier = listed.identifier
                        and deleted_page is null)
      and not exists (select 1 from quarantine
                      where source = :source and identifier = listed.identifier)
      and not exists (select 1 from ledger join suppressions on record = number
                      where source = :source and identifier = listed.identifier
                        and erased is not null)
    order by identifier"""
_OUTDATED = """
    select identifier from temp.listed
    where source = :source
      and not exists (select 1 from items
                      join pages on pages.id = items.page
                      join windows on windows.id = pages.window
                      where items.source = :source and identifier = listed.identifier
                        and deleted_page is null and prefix = :prefix
                        and coalesce(items.datestamp, '') >= listed.datestamp)
      and not exists (select 1 from quarantine
                      where source = :source and identifier = listed.identifier)
      and not exists (select 1 from ledger join suppressions on record = number
                      where source = :source and identifier = listed.identifier
                        and erased is not null)
    order by identifier"""


class Version(msgspec.Struct, frozen=True):
    """Where the current version of a record in one format lies.

    Attributes:
        format: its format; "" for a record that was never seen live.
        page: the page of its last live version, None if it was never seen live.
        digest: a hash of what that version says.
        deleted_page: the page that says that it is deleted, None while it lives.
        datestamp: its latest datestamp; None where that was never noted.
    """

    identifier: str
    format: str
    page: int | None
    digest: bytes | None
    deleted_page: int | None
    datestamp: str | None = None


class Broken(msgspec.Struct, frozen=True):
    """A record that could not be read or understood, with its bytes."""

    identifier: str
    reason: str
    content: bytes


def digest(raw: RawRecord) -> bytes:
    """Return a hash of what a record says; its datestamp is left out, since servers touch it."""
    return hashlib.blake2b(
        msgspec.msgpack.encode((raw.format, raw.sets, raw.values)), digest_size=16
    ).digest()


def enter(
    connection: sqlite3.Connection, source: int, page: int, records: Sequence[RawRecord]
) -> Tally:
    """Enter the records of a page as current where they are new or changed.

    Entering a page again changes nothing, nor does entering it after a later one. A record that
    says what it said under a later datestamp was only touched: its current version stays.
    Runs inside the caller's transaction.

    Returns:
        How many were new, changed, unchanged, touched, deleted.
    """
    tally = Tally()
    unchanged: list[Version] = []
    known = versions(connection, source, (raw.identifier for raw in records))
    for raw in records:
        forms = known.setdefault(raw.identifier, {})
        if any(_newest(form) > page for form in forms.values()):
            tally.unchanged += 1
            continue
        if raw.deleted:
            if forms and all(form.deleted_page for form in forms.values()):
                tally.unchanged += 1
                continue
            tally.deleted += 1
            if forms:
                connection.execute(_DELETED, (page, source, raw.identifier))
            else:
                connection.execute(_NEVER_LIVE, (source, raw.identifier, page))
                forms[""] = Version(raw.identifier, "", None, None, page)
            for name, form in forms.items():
                forms[name] = msgspec.structs.replace(form, deleted_page=page)
            continue
        said = digest(raw)
        old = forms.get(raw.format)
        if old is not None and old.digest == said and old.deleted_page is None:
            unchanged.append(old)
            # An earlier datestamp is that of a page which is entered again.
            if raw.datestamp > (old.datestamp or ""):
                touch = (raw.datestamp, source, raw.identifier, raw.format)
                connection.execute(_TOUCH, touch)
                forms[raw.format] = msgspec.structs.replace(old, datestamp=raw.datestamp)
                tally.touched += old.datestamp is not None
                tally.unchanged += old.datestamp is None
            else:
                tally.unchanged += 1
            continue
        if any(form.page for form in forms.values()):
            tally.changed += 1
        else:
            tally.new += 1
        if forms.pop("", None) is not None:
            connection.execute(_FORGET_NEVER_LIVE, (source, raw.identifier))
        datestamp = raw.datestamp or None
        connection.execute(_LIVE, (source, raw.identifier, raw.format, page, said, datestamp))
        forms[raw.format] = Version(raw.identifier, raw.format, page, said, None, datestamp)
    _see_at_server(connection, source, page, unchanged)
    return tally


def gone(connection: sqlite3.Connection, source: int, page: int, identifiers: Iterable[str]) -> int:
    """Enter records as deleted that a whole list of identifiers no longer names.

    Runs inside the caller's transaction. Records that are not there are passed over.

    Args:
        connection: the archive.
        source: the number of the source.
        page: the last page of that list, which proves it.
        identifiers: what is no longer there; `missing_from_sweep` tells.

    Returns:
        How many were deleted.
    """
    known = versions(connection, source, identifiers)
    headers = [RawRecord(identifier, "", deleted=True) for identifier in known]
    return enter(connection, source, page, headers).deleted


def versions(
    connection: sqlite3.Connection, source: int, identifiers: Iterable[str]
) -> dict[str, dict[str, Version]]:
    """Return the current versions of records: by identifier, then by format."""
    found: dict[str, dict[str, Version]] = {}
    for row in connection.execute(_VERSIONS, (source, json.dumps(list(identifiers)))):
        found.setdefault(row[0], {})[row[1]] = Version(*row)
    return found


def newest_on_page(
    connection: sqlite3.Connection, source: int, page: int
) -> dict[str, dict[str, Version]]:
    """Return the versions, by identifier and format, of the records whose newest word is here.

    The newest word is the latest live version in any format, or the deletion.
    """
    identifiers = [row[0] for row in connection.execute(_ON_PAGE, {"page": page})]
    return {
        identifier: forms
        for identifier, forms in versions(connection, source, identifiers).items()
        if max(map(_newest, forms.values())) == page
    }


def quarantine(
    connection: sqlite3.Connection, source: int, page: int, broken: Iterable[Broken]
) -> None:
    """Put broken records aside with their bytes; runs inside the caller's transaction."""
    connection.executemany(
        _QUARANTINE,
        ((source, item.identifier, page, item.reason, item.content) for item in broken),
    )


def release(
    connection: sqlite3.Connection, source: int, page: int, identifiers: Iterable[str]
) -> None:
    """Forget the quarantine of a page that is read again, and of records that came once more.

    Args:
        connection: the archive, inside the caller's transaction.
        source: the number of the source.
        page: the page that is read.
        identifiers: the records on it; what earlier pages had of them is out of date.
    """
    connection.execute(
        _RELEASE, {"source": source, "page": page, "identifiers": json.dumps(list(identifiers))}
    )


def release_nameless(connection: sqlite3.Connection, window: int) -> None:
    """Forget the records without identifier that earlier lists left in quarantine.

    Nothing else tells whether such a record was mended.

    Args:
        connection: the archive.
        window: a window that was complete, over the whole source: it has every record anew.
    """
    with connection:
        connection.execute(_RELEASE_NAMELESS, {"nameless": NAMELESS, "window": window})


def quarantined_pages(connection: sqlite3.Connection, source: int | None = None) -> list[int]:
    """Return the numbers of the pages that have records in quarantine."""
    return [row[0] for row in connection.execute(_QUARANTINED_PAGES, {"source": source})]


def quarantined(connection: sqlite3.Connection, source: int | None = None) -> int:
    """Return how many records are in quarantine, of one source or of all."""
    return int(connection.execute(_QUARANTINED, {"source": source}).fetchone()[0])


def begin_sweep(connection: sqlite3.Connection, source: int) -> None:
    """Begin to compare what a source's server lists with what is here; forget an earlier sweep.

    What is listed lies in a temporary table on the disk: a million identifiers need no memory.
    """
    with _together(connection):
        connection.execute(_MAKE_LISTED)
        connection.execute(_EMPTY_LISTED, (source,))


def note_listed(
    connection: sqlite3.Connection, source: int, listed: Iterable[tuple[str, str]]
) -> None:
    """Note identifier and datestamp of records that the server lists as live, perhaps twice."""
    with _together(connection):
        connection.executemany(_NOTE_LISTED, ((source, *record) for record in listed))


def from_server(connection: sqlite3.Connection, source: int) -> int:
    """Return how many live records of a source came from its server, not only from files."""
    return int(connection.execute(_FROM_SERVER, (source,)).fetchone()[0])


def missing_from_sweep(connection: sqlite3.Connection, source: int) -> list[str]:
    """Return the live records that came from the server and that its list no longer names.

    Records that only came from files are exempt.
    """
    return [row[0] for row in connection.execute(_MISSING, {"source": source})]


def outdated_in_sweep(connection: sqlite3.Connection, source: int, prefix: str) -> list[str]:
    """Return the listed records that did not come as they are listed, in one metadata prefix.

    Those in quarantine, and those that were erased, are left out.
    """
    rows = connection.execute(_OUTDATED, {"source": source, "prefix": prefix})
    return [row[0] for row in rows]


def unknown_in_sweep(connection: sqlite3.Connection, source: int) -> list[str]:
    """Return the listed records that are neither live here, nor in quarantine, nor erased."""
    return [row[0] for row in connection.execute(_UNKNOWN, {"source": source})]


def _see_at_server(
    connection: sqlite3.Connection, source: int, page: int, unchanged: Sequence[Version]
) -> None:
    """Let records that were imported be the server's from when it lists them as well."""
    where = json.dumps(list({old.page for old in unchanged}))
    imported = {row[0] for row in connection.execute(_IMPORTED, {"pages": where, "page": page})}
    connection.executemany(
        _SEEN_AT_SERVER,
        [
            (page, source, old.identifier, old.format)
            for old in unchanged
            if old.page in imported and old.page != page
        ],
    )


def _together(connection: sqlite3.Connection) -> AbstractContextManager[object]:
    """Run the block as a part of the caller's transaction, or in one of its own."""
    return nullcontext() if connection.in_transaction else connection


def _newest(form: Version) -> int:
    return max(form.page or 0, form.deleted_page or 0)
