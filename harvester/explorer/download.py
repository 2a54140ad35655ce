"""A result or a record in another form, streamed: the whole of it, in little memory."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from datasette.utils.asgi import Request, Response

from harvester.explorer.site import Site, connect
from harvester.export import Exporter
from harvester.model import Record

PIECE = 64 * 1024

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Download:
    """An answer that Datasette can send: the records of a question, as an exporter writes them.

    The download reads through a connection of its own, for as long as the reader takes, and holds
    a thread of Datasette's executor only while a piece is made: slow readers keep nobody waiting.
    """

    def __init__(
        self,
        site: Site,
        request: Request,
        exporter: Exporter,
        records: Callable[[sqlite3.Connection], Iterator[Record]],
        name: str,
    ) -> None:
        """Prepare the answer; nothing is read before it is sent.

        Args:
            site: whose catalogue is read.
            request: what was asked; its reader may go away.
            exporter: writes the form.
            records: gives the records, from a connection to the catalogue.
            name: the name of the file.
        """
        self._site = site
        self._request = request
        self._exporter = exporter
        self._records = records
        self._name = name

    async def asgi_send(self, send: Send) -> None:
        """Send headers and pieces; stop when the reader has gone."""
        headers = {
            **self._site.headers(),
            "Content-Type": self._exporter.media_type,
            "Content-Disposition": f'attachment; filename="{self._name}"',
        }
        start = {
            "type": "http.response.start",
            "status": 200,
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
        if self._request.method == "HEAD":
            await send(start)
            await send({"type": "http.response.body", "body": b""})
            return
        loop = asyncio.get_running_loop()
        executor = self._site.datasette.executor
        connection = connect(Path(self._site.database.path))
        gone = asyncio.ensure_future(self._reader_goes())
        try:
            pieces = in_pieces(self._exporter.write(self._records(connection)))
            # The first piece is made before the headers are sent: what fails there is an error
            # page, not a broken file.
            piece = await loop.run_in_executor(executor, next, pieces, None)
            await send(start)
            while piece is not None and not gone.done():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece = await loop.run_in_executor(executor, next, pieces, None)
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            connection.close()

    async def _reader_goes(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass


def in_pieces(texts: Iterator[str]) -> Iterator[bytes]:
    """Join small texts to pieces of about `PIECE` bytes in UTF-8."""
    piece = bytearray()
    for text in texts:
        piece += text.encode()
        if len(piece) >= PIECE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def json_answer(site: Site, body: bytes, status: int = 200) -> Response:
    """A JSON answer from encoded JSON."""
    return Response(
        body, status, site.headers(status), content_type="application/json; charset=utf-8"
    )
