"""Pages as they came over the wire."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator

import msgspec
import zstandard

from harvester.errors import HarvesterError
from harvester.oai.received import Received

ZSTD_LEVEL = 3

_KEEP = """
    insert into pages
        (run, source, window, url, params, status, headers, received_at, elapsed, sha256, body)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_PAGE = """
    select id, source, url, params, status, headers, received_at, elapsed, sha256, body
    from pages"""
_ONE = f"{_PAGE} where id = ?"
_AFTER = f"{_PAGE} where id > ? order by id"
_CURRENT = f"""
    {_PAGE}
    where (:source is null or source = :source)
      and (exists (select 1 from items where items.page = pages.id)
           or exists (select 1 from items where items.deleted_page = pages.id))
    order by id"""
_RECEIVED_AT = "select received_at from pages where id = ?"
_LAST = "select coalesce(max(id), 0) from pages"


class KeptPage(msgspec.Struct, frozen=True):
    """A page with its number in the archive and the number of its source."""

    id: int
    source: int
    received: Received


def keep(
    connection: sqlite3.Connection, run: int, source: int, window: int | None, received: Received
) -> int:
    """Keep a page; when this returns it is on the disk.

    Args:
        connection: the archive.
        run: the number of the run.
        source: the number of the source.
        window: the number of the window; None for Identify and for files.
        received: the answer, or the file.

    Returns:
        The page's number; pages of later answers have greater ones.

    Raises:
        HarvesterError: the disk is full, or the archive cannot be written.
    """
    try:
        with connection:
            cursor = connection.execute(
                _KEEP,
                (
                    run,
                    source,
                    window,
                    received.url,
                    json.dumps(received.params, ensure_ascii=False),
                    received.status,
                    json.dumps(received.headers, ensure_ascii=False),
                    received.received_at,
                    received.elapsed,
                    hashlib.sha256(received.body).digest(),
                    zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(received.body),
                ),
            )
    except sqlite3.OperationalError as error:
        raise HarvesterError(
            f"the archive cannot take another page ({error}): make room on the disk, "
            "then run the same command again"
        ) from error
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def read(connection: sqlite3.Connection, page: int) -> KeptPage:
    """Return one page.

    Raises:
        HarvesterError: the archive lacks it, or its bytes no longer have their checksum.
    """
    row = connection.execute(_ONE, (page,)).fetchone()
    if row is None:
        raise HarvesterError(f"page {page} is not in the archive")
    return _page(row)


def after(connection: sqlite3.Connection, page: int) -> Iterator[KeptPage]:
    """Yield the pages that were received after this one, oldest first."""
    for row in connection.execute(_AFTER, (page,)):
        yield _page(row)


def current(connection: sqlite3.Connection, source: int | None = None) -> Iterator[KeptPage]:
    """Yield the pages that hold the current version of some record, oldest first.

    Args:
        connection: the archive.
        source: only pages of this source; None means all.
    """
    for row in connection.execute(_CURRENT, {"source": source}):
        yield _page(row)


def received_at(connection: sqlite3.Connection, page: int) -> str:
    """Return when a page was received, as ISO time."""
    return str(connection.execute(_RECEIVED_AT, (page,)).fetchone()[0])


def last(connection: sqlite3.Connection) -> int:
    """Return the number of the newest page, 0 where there is none."""
    return int(connection.execute(_LAST).fetchone()[0])


def _page(row: tuple[int, int, str, str, int, str, str, float, bytes, bytes]) -> KeptPage:
    number, source, url, params, status, headers, received_at, elapsed, sha256, packed = row
    try:
        body = zstandard.ZstdDecompressor().decompress(packed)
    except zstandard.ZstdError:
        body = None
    if body is None or hashlib.sha256(body).digest() != sha256:
        raise HarvesterError(
            f"page {number} of the archive ({url}) is damaged on the disk: "
            "restore a backup, or harvest its source with --full"
        )
    received = Received(
        url=url,
        params=json.loads(params),
        status=status,
        headers=json.loads(headers),
        body=body,
        received_at=received_at,
        elapsed=elapsed,
    )
    return KeptPage(number, source, received)
