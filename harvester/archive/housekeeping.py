"""Housekeeping: the size of the archive, superseded pages, damaged pages, pages as files.

It never touches the ledger, nor the current version of a record.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from datetime import datetime
from pathlib import Path

import msgspec
import zstandard

from harvester.archive import cutting, pages
from harvester.errors import HarvesterError, TryLaterError
from harvester.oai.datestamps import write_datestamp

_BATCH = 500
_FRAME_HEADER = 18  # bytes; that of a zstd frame is no longer

# Nothing that is known today lies on such a page. The newest page of all stays, because the next
# one must get a new number, and what each source said of itself last, as evidence.
_SUPERSEDED = """
    with identified as materialized (
        select source, max(run) as run from pages
        where window is null and params ->> 'verb' = 'Identify' group by source),
    superseded as (
        select id from pages
        where not exists (select 1 from items where items.page = pages.id)
          and not exists (select 1 from items where items.deleted_page = pages.id)
          and not exists (select 1 from quarantine where quarantine.page = pages.id)
          and id < (select max(id) from pages)
          and not (window is null and params ->> 'verb' is 'Identify'
                   and (source, run) in (select source, run from identified)))"""
_SIZES = f"""
    {_SUPERSEDED}
    select sources.name, pages.id, length(body), pages.id in superseded
    from pages join sources on sources.id = pages.source order by sources.name, pages.id"""
_PRUNABLE = f"""
    {_SUPERSEDED}
    select id, length(body) from pages
    where id in superseded and (:before is null or received_at < :before) order by id"""
_DELETE_PAGE = "delete from pages where id = ?"
_FREE = "pragma freelist_count"
_QUICK_CHECK = "pragma quick_check(10)"
_LOST = """
    with named as (
        select page, source from items where page is not null
        union all
        select deleted_page, source from items where deleted_page is not null
        union all
        select page, source from quarantine)
    select page, sources.name, count(*) from named join sources on sources.id = named.source
    where not exists (select 1 from pages where id = page) group by page, sources.name"""
_NAMES = """
    select pages.id, sources.name, hex(sha256), erased
    from pages join sources on sources.id = pages.source
    where :source is null or source = :source order by pages.id"""


class Size(msgspec.Struct):
    """What the pages of a source take; `packed` and `unpacked` are bytes.

    Those that are superseded are counted twice: among all, and on their own.
    """

    source: str
    pages: int = 0
    packed: int = 0
    unpacked: int = 0
    superseded_pages: int = 0
    superseded_packed: int = 0


class Pruned(msgspec.Struct, frozen=True):
    """What was removed, or would be: pages, and their bytes as packed."""

    pages: int
    packed: int


class Damage(msgspec.Struct, frozen=True):
    """Something that is wrong with the archive; `page` and `source` where it is about one."""

    page: int | None
    source: str | None
    reason: str


def sizes(connection: sqlite3.Connection) -> list[Size]:
    """Return what the pages of each source take, in the order of their names."""
    found: dict[str, Size] = {}
    for source, page, packed, superseded in connection.execute(_SIZES):
        size = found.setdefault(source, Size(source))
        size.pages += 1
        size.packed += packed
        size.unpacked += _unpacked(connection, page, packed)
        size.superseded_pages += superseded
        size.superseded_packed += packed * superseded
    return list(found.values())


def prune(connection: sqlite3.Connection, *, before: datetime | None, dry: bool) -> Pruned:
    """Remove pages that are superseded: a rebuild never reads them.

    What stays: every page with the current version or the deletion of a record or with something
    in quarantine, what each source said of itself last, and the newest page of all. Interrupted,
    it leaves what it has not removed yet; said again, it goes on.

    Args:
        connection: the archive, with no transaction open; every page must have been brought into
            the catalogue, because one that was not looks superseded.
        before: only pages that were received before this time in UTC; None means all.
        dry: only say what would be removed.

    Returns:
        What was removed, or would be.

    Raises:
        TryLaterError: the pages are removed, but somebody reads the archive, so that the disk
            space is not free yet.
        HarvesterError: the same, because the disk is full.
    """
    latest = None if before is None else write_datestamp(before)
    found = connection.execute(_PRUNABLE, {"before": latest}).fetchall()
    if not dry:
        for start in range(0, len(found), _BATCH):
            with connection:
                batch = [(page,) for page, _ in found[start : start + _BATCH]]
                connection.executemany(_DELETE_PAGE, batch)
        if connection.execute(_FREE).fetchone()[0]:
            rewrite(connection)
    return Pruned(len(found), sum(packed for _, packed in found))


def rewrite(connection: sqlite3.Connection) -> None:
    """Write the database anew: free pages go, and with them whatever was left in them.

    Raises:
        TryLaterError: somebody reads it, so that its log cannot be emptied.
        HarvesterError: the disk is full.
    """
    try:
        connection.execute("vacuum")
        busy = connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise HarvesterError(
            f"the archive could not be written anew ({error}): make room on the disk for three "
            "times its size, then say the same again"
        ) from error
    if busy:
        raise TryLaterError(
            "the archive was written anew, but another program is reading what it was before: "
            "say the same again when that has ended"
        )


def verify(connection: sqlite3.Connection) -> list[Damage]:
    """Read every page of the archive and check it against its checksum.

    Returns:
        What is damaged; empty where all is well.
    """
    found = []
    try:
        found += [
            Damage(None, None, f"SQLite: {verdict}")
            for (verdict,) in connection.execute(_QUICK_CHECK)
            if verdict != "ok"
        ]
        found += [
            Damage(page, source, f"page {page} is not there, but {_records(count)} said to be")
            for page, source, count in connection.execute(_LOST)
        ]
        for page, source, _, _ in connection.execute(_NAMES, {"source": None}).fetchall():
            try:
                pages.read(connection, page)
            except HarvesterError as error:
                found.append(Damage(page, source, str(error)))
    except sqlite3.DatabaseError as error:
        found.append(Damage(None, None, f"the archive cannot be read further ({error})"))
    return found


def export_pages(connection: sqlite3.Connection, directory: Path, source: int | None = None) -> int:
    """Write pages as files: what was received, and beside it how.

    `00000123.xml` holds the body of page 123 with the compression taken off, `00000123.json` the
    request, the status, the headers and the times. Each file appears when it is whole.

    Args:
        connection: the archive.
        directory: the folder, made if missing; files of the same names are replaced.
        source: the number of a source; None means all.

    Returns:
        The number of pages.

    Raises:
        HarvesterError: a file cannot be written, or pages are damaged; those that are not were
            written.
    """
    written, damaged = 0, []
    for page, name, sha256, erased in connection.execute(_NAMES, {"source": source}).fetchall():
        try:
            received = pages.read(connection, page).received
        except HarvesterError as error:
            damaged.append(str(error))
            continue
        facts = msgspec.structs.asdict(received)
        del facts["body"]
        facts = {"page": page, "source": name, **facts, "sha256": sha256.lower(), "erased": erased}
        try:
            directory.mkdir(parents=True, exist_ok=True)
            _write(directory / f"{page:08}.xml", cutting.unpacked(received))
            _write(
                directory / f"{page:08}.json",
                msgspec.json.format(msgspec.json.encode(facts), indent=1) + b"\n",
            )
        except OSError as error:
            raise HarvesterError(
                f"page {page} cannot be written to {directory}: {error}: "
                "make room or choose another folder, then say the same again"
            ) from error
        written += 1
    if damaged:
        raise HarvesterError(f"{written:,} pages were written, but {'; '.join(damaged)}")
    return written


def _records(count: int) -> str:
    return "1 record is" if count == 1 else f"{count:,} records are"


def _unpacked(connection: sqlite3.Connection, page: int, packed: int) -> int:
    """Return the size of a page as its first bytes tell it; a damaged one counts as it lies."""
    with connection.blobopen("pages", "body", page, readonly=True) as body:
        try:
            return zstandard.frame_content_size(body.read(_FRAME_HEADER))
        except zstandard.ZstdError:
            return packed


def _write(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".page-", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except OSError:
            Path(file.name).unlink(missing_ok=True)
            raise
