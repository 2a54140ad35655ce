"""Which page holds the current version of a record, and which records could not be read."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence

import msgspec

from harvester.archive.runs import Tally
from harvester.model import RawRecord

_LIVE = """
    insert into items (source, identifier, format, page, digest) values (?, ?, ?, ?, ?)
    on conflict (source, identifier, format) do update
    set page = excluded.page, digest = excluded.digest, deleted_page = null"""
_DELETED = "update items set deleted_page = ? where source = ? and identifier = ?"
_NEVER_LIVE = "insert into items (source, identifier, format, deleted_page) values (?, ?, '', ?)"
_FORGET_NEVER_LIVE = "delete from items where source = ? and identifier = ? and format = ''"
_VERSIONS = """
    select identifier, format, page, digest, deleted_page from items
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


class Version(msgspec.Struct, frozen=True):
    """Where the current version of a record in one format lies.

    Attributes:
        format: its format; "" for a record that was never seen live.
        page: the page of its last live version, None if it was never seen live.
        digest: a hash of what that version says.
        deleted_page: the page that says that it is deleted, None while it lives.
    """

    identifier: str
    format: str
    page: int | None
    digest: bytes | None
    deleted_page: int | None


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

    Entering a page again changes nothing, nor does entering it after a later one.
    Runs inside the caller's transaction.

    Returns:
        How many were new, changed, unchanged, deleted.
    """
    tally = Tally()
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
            tally.unchanged += 1
            continue
        if any(form.page for form in forms.values()):
            tally.changed += 1
        else:
            tally.new += 1
        if forms.pop("", None) is not None:
            connection.execute(_FORGET_NEVER_LIVE, (source, raw.identifier))
        connection.execute(_LIVE, (source, raw.identifier, raw.format, page, said))
        forms[raw.format] = Version(raw.identifier, raw.format, page, said, None)
    return tally


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


def _newest(form: Version) -> int:
    return max(form.page or 0, form.deleted_page or 0)
