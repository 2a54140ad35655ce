"""A whole table as CSV (`?_stream=on`) is Datasette's own, and looks whole only where it is."""

from __future__ import annotations

import asyncio
import csv
import io
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.views.table import TableView

from harvester.explorer import download, site, table_file

ADDRESS = "/catalogue/records.csv"
Message = dict[str, Any]
Ask = Callable[..., Awaitable[list[Message]]]


@pytest.fixture
def ask(datasette: Datasette, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Ask for an address in small pieces; what was sent is returned, however it ended."""
    monkeypatch.setattr(table_file, "PIECE", 100)

    async def asked(
        query: str = "_stream=on&_size=10",
        *,
        method: str = "GET",
        sending: Callable[[list[Message]], Awaitable[None]] | None = None,
        gone: asyncio.Event | None = None,
    ) -> list[Message]:
        sent: list[Message] = []

        async def receive() -> Message:
            await (gone or asyncio.Event()).wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if sending:
                await sending(sent)
            sent.append(message)
            await asyncio.sleep(0)

        scope = {
            "type": "http", "method": method, "path": ADDRESS, "raw_path": ADDRESS.encode(),
            "query_string": query.encode(), "headers": [(b"host", b"localhost")], "scheme": "http",
        }  # fmt: skip
        app: Any = datasette.app()
        await asyncio.wait_for(app(scope, receive, send), 30)
        return sent

    return asked


def is_ended(sent: list[Message]) -> bool:
    return not sent[-1].get("more_body", False)


def said(sent: list[Message]) -> str:
    return b"".join(message.get("body", b"") for message in sent).decode()


def fail_on_later_pages(
    datasette: Datasette, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Let each page but the first one fail."""
    data: Any = TableView.data

    async def failing(self: TableView, request: object, **more: Any) -> object:
        if more.get("_next"):
            raise error
        return await data(self, request, **more)

    monkeypatch.setattr(TableView, "data", failing)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (
            QueryInterrupted(sqlite3.OperationalError("interrupted"), "select secret", {}),
            "a page took too long",
        ),
        (RuntimeError("select secret"), "RuntimeError('select secret')"),
    ],
)
async def test_one_that_breaks_off_does_not_look_whole(
    datasette: Datasette,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    why: str,
) -> None:
    fail_on_later_pages(datasette, monkeypatch, error)
    sent = await ask()
    assert sent[0]["status"] == 200
    assert len(said(sent).splitlines()) > 5
    assert not is_ended(sent)
    assert "secret" not in said(sent)
    assert caplog.messages == [f"{ADDRESS} was cut short: {why}"]


@pytest.mark.parametrize(
    "query",
    [
        "_stream=on",
        "_stream=1&_sort=title&_labels=on&_size=10",
        "_stream=on&_size=3&_dl=1",
        "_stream=on&_size=7&_header=off&_col=id&_col=title",
        "_stream=on&_keyword=action+publique&_facet=source",
        "_stream=on&year__gt=2000&_q=action",
    ],
)
@pytest.mark.parametrize("table", ["records", "deleted_records", "documents", "newest_records"])
async def test_it_is_what_datasette_writes(
    datasette: Datasette, monkeypatch: pytest.MonkeyPatch, table: str, query: str
) -> None:
    address = f"/catalogue/{table}.csv?{query}"
    ours = await datasette.client.get(address)
    monkeypatch.setattr(table_file, "TableFile", lambda site, request, file: file)
    theirs = await datasette.client.get(address)
    assert ours.status_code == theirs.status_code
    assert ours.text == theirs.text
    for name in ("content-type", "content-disposition"):
        assert ours.headers.get(name) == theirs.headers.get(name)


async def test_it_is_not_bounded(datasette: Datasette, ask: Ask) -> None:
    assert datasette.setting("max_csv_mb") == 0
    sent = await ask()
    assert is_ended(sent)
    rows = list(csv.DictReader(io.StringIO(said(sent))))
    assert len(rows) == 35


async def test_it_stops_when_the_reader_goes(
    ask: Ask, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = asyncio.Event()

    async def sending(sent: list[Message]) -> None:
        if len(sent) == 2:
            gone.set()

    assert len(await ask(sending=sending, gone=gone)) < 6
    assert (caplog.messages, capsys.readouterr().err) == ([], "")


@pytest.mark.parametrize("count", [2, 30])
async def test_who_reads_no_more_gives_the_place_to_another(
    datasette: Datasette,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    count: int,
) -> None:
    monkeypatch.setattr(table_file, "STALLED_AFTER", 0.05)

    async def sending(sent: list[Message]) -> None:
        if len(sent) == count:
            await asyncio.Event().wait()

    assert not is_ended(await ask(sending=sending))
    assert caplog.messages == [f"{ADDRESS} was cut short: nobody read"]
    found = site.find(datasette)
    assert found is not None
    assert found.places._value == site.MOST_DOWNLOADS
    assert found.turn._value == 1


async def test_it_waits_for_a_place_among_the_downloads(
    datasette: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = site.find(datasette)
    assert found is not None
    for _ in range(site.MOST_DOWNLOADS):
        await found.places.acquire()
    monkeypatch.setattr(download, "WAITING", 0.05)
    response = await datasette.client.get(f"{ADDRESS}?_stream=on")
    assert (response.status_code, response.headers["retry-after"]) == (503, "30")
    assert (await datasette.client.get(ADDRESS)).status_code == 200


async def test_head_reads_no_page_but_the_first(ask: Ask) -> None:
    start, body = await ask(method="HEAD")
    assert (start["status"], body["body"]) == (200, b"")


async def test_one_page_is_sent_at_once_so_that_a_slow_reader_is_let_go(ask: Ask) -> None:
    start, body = await ask("_size=max")
    assert start["status"] == 200
    assert is_ended([start, body])
    assert len(body["body"].splitlines()) > 10
