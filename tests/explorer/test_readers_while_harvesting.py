"""Serving goes on without an error while a harvest writes."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from datasette.utils.asgi import Request

from bench import readers
from harvester.catalogue.query import from_parameters
from harvester.catalogue.search import stream
from harvester.catalogue.store import Entry, open_catalogue, put
from harvester.explorer import file, serve, site
from harvester.explorer.download import Download
from harvester.model import Record
from tests.explorer import shelf
from tests.pipeline.asking import stored
from tests.servers.provider import Provider, running

RECORDS = 3000
TITLE = "Werkgelegenheid in Vlaanderen"


@pytest.mark.parametrize("count", [50])
def test_many_readers_meet_no_error_while_a_harvest_writes(tmp_path: Path, count: int) -> None:
    provider = Provider([stored(number, TITLE) for number in range(200)], page_size=100)
    with running(provider):
        assert readers.harvest(tmp_path, provider.url).wait() == 0
        provider.records = [stored(number, TITLE) for number in range(RECORDS)]
        found = readers.read_while(
            tmp_path, lambda: readers.harvest(tmp_path, provider.url, "--full"), count, 1
        )
    assert not found.errors, found.errors[:5]
    assert found.harvested == 0
    assert set(found.statuses) == {200}
    assert found.statuses[200] >= count
    assert (found.before, found.after) == (200, RECORDS)
    assert set(found.seconds) == {
        "start page", "search", "search with facets", "record", "whole result", "table",
    }  # fmt: skip


async def test_a_reader_who_stays_does_not_keep_the_log_of_the_database(tmp_path: Path) -> None:
    shelf.fill(tmp_path)
    found = site.find(serve.instance(tmp_path))
    assert found is not None
    reading, go_on = asyncio.Event(), asyncio.Event()
    sent: list[dict[str, Any]] = []

    def write(records: Iterator[Record]) -> Iterator[str]:
        for record in records:
            yield record.id + " " * 65_536

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if len(sent) == 3:
            reading.set()
            await go_on.wait()

    request = Request({"type": "http", "method": "GET", "headers": []}, receive)
    everything = from_parameters([])
    download = Download(
        found,
        request,
        "text/plain; charset=utf-8",
        lambda connection: write(stream(connection, everything, batch=1)),
        "x",
    )
    task = asyncio.ensure_future(download.asgi_send(send))
    await reading.wait()
    db = open_catalogue(tmp_path)
    for number in range(1000, 1003):
        record = Record(id=f"x-{number}", source="x", title="New")
        put(db, [Entry(number, record, added="2026-03-01", changed="2026-03-01")])
        busy, in_log, moved = db.conn.execute("pragma wal_checkpoint(truncate)").fetchone()
        assert (busy, in_log, moved) == (0, 0, 0)
        assert (tmp_path / "catalogue.db-wal").stat().st_size == 0
    db.close()
    go_on.set()
    await task
    assert sent[-1] == {"type": "http.response.body", "body": b""}
    assert len(sent) == len(shelf.records()) + 1  # its head and its end, without the withdrawn one


def test_the_site_reads_only(tmp_path: Path) -> None:
    connection = file.connect(shelf.fill(tmp_path))
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("delete from records")
    connection.close()
