"""A result or a record in another form; a result is streamed: the whole of it, in little memory."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Request, Response

from harvester.explorer.problem import away, too_many, too_slow
from harvester.explorer.site import PAGE_LIMIT_MS, AwayError, Site, TooSlowError
from harvester.export import Exporter
from harvester.model import Record

LOG = logging.getLogger(__name__)

Texts = Callable[[sqlite3.Connection], Iterator[str]]

PIECE = 64 * 1024

STALLED_AFTER = 120
"""Seconds that a reader may take for a piece, before another gets the place."""

WAITING = 20
"""Seconds to wait for a place among those who download, before one is asked to come again."""

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Whole(ABC):
    """An answer that Datasette can send: a whole result, while it is read from the catalogue.

    It has a place among those of the site for as long as its reader takes, and stops when the
    reader has gone.
    """

    def __init__(self, site: Site, request: Request, headers: dict[str, str]) -> None:
        """Prepare the answer; nothing is read before it is sent.

        Args:
            site: whose catalogue is read.
            request: what was asked; its reader may go away.
            headers: of the answer.
        """
        self._site = site
        self._request = request
        self._headers = headers

    async def asgi_send(self, send: Send) -> None:
        """Send headers and text when there is a place."""
        headers = [(name.lower().encode(), value.encode()) for name, value in self._headers.items()]
        start = {"type": "http.response.start", "status": 200, "headers": headers}
        if self._request.method == "HEAD":
            await send(start)
            await send({"type": "http.response.body", "body": b""})
            return
        try:
            async with asyncio.timeout(WAITING):
                await self._site.places.acquire()
        except TimeoutError:
            await (await too_many(self._site, self._request)).asgi_send(send)
            return
        gone = asyncio.ensure_future(self._reader_goes())
        try:
            await self._send_text(send, start, gone)
        finally:
            gone.cancel()
            self._site.places.release()

    @abstractmethod
    async def _send_text(
        self, send: Send, start: dict[str, Any], gone: asyncio.Future[None]
    ) -> None:
        """Send the start and the pieces; without an end where the text is not whole."""

    async def _reader_goes(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass


class Download(Whole):
    """A long text, in pieces.

    The download reads through a connection of its own, for as long as the reader takes. All
    downloads of a site take turns at one thread, which each holds only while a piece is made: slow
    readers keep nobody waiting, and Datasette's threads are left to pages.
    """

    def __init__(
        self,
        site: Site,
        request: Request,
        media_type: str,
        texts: Texts,
        name: str | None = None,
    ) -> None:
        """Prepare the answer; nothing is read before it is sent.

        Args:
            site: whose catalogue is read.
            request: what was asked; its reader may go away.
            media_type: of the text, with its charset.
            texts: gives the text in pieces, from a connection to the catalogue.
            name: the name of the file that a browser saves; None for what is no file.
        """
        headers = file_headers(site, name) if name else site.headers()
        super().__init__(site, request, {**headers, "Content-Type": media_type})
        self._texts = texts
        self._name = name

    async def _send_text(
        self, send: Send, start: dict[str, Any], gone: asyncio.Future[None]
    ) -> None:
        try:
            connection = self._site.connect()
        except AwayError:
            await (await away(self._site, self._request)).asgi_send(send)
            return
        try:
            pieces = in_pieces(self._texts(connection))
            # The first piece is made before the headers are sent: what fails there is an error
            # page, not a broken file.
            try:
                piece = await self._next(connection, pieces, gone)
            except TooSlowError:
                await (await too_slow(self._site, self._request)).asgi_send(send)
                return
            await send(start)
            try:
                while piece is not None:
                    async with asyncio.timeout(STALLED_AFTER):
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
                    piece = await self._next(connection, pieces, gone)
                async with asyncio.timeout(STALLED_AFTER):
                    await send({"type": "http.response.body", "body": b""})
            except (TooSlowError, TimeoutError) as error:
                # Without its last piece the answer is no whole one: the server closes the
                # connection, and the reader's program says that the file is not complete.
                why = "a piece took too long" if isinstance(error, TooSlowError) else "nobody read"
                LOG.warning("%s was cut short: %s", self._name or self._request.path, why)
        finally:
            connection.close()

    async def _next(
        self, connection: sqlite3.Connection, pieces: Iterator[bytes], gone: asyncio.Future[None]
    ) -> bytes | None:
        """Make the next piece when it is this download's turn; None when no more are wanted."""

        def make() -> bytes | None:
            with sqlite_timelimit(connection, PAGE_LIMIT_MS):
                return next(pieces, None)

        async with self._site.turn:
            if gone.done():
                return None
            try:
                return await asyncio.get_running_loop().run_in_executor(self._site.writer, make)
            except sqlite3.OperationalError as error:
                if str(error) == "interrupted":
                    raise TooSlowError from error
                raise


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


def one_record(site: Site, exporter: Exporter, record: Record, name: str) -> Response:
    """One record as an exporter writes it, in a file of this name."""
    return Response(
        text_of(site, exporter, record), 200, file_headers(site, name), exporter.media_type
    )


def text_of(site: Site, exporter: Exporter, record: Record) -> str:
    """One record as an exporter writes it."""
    return "".join(exporter.writer(site.overlay)([record]))


def file_headers(site: Site, name: str) -> dict[str, str]:
    """The headers of a file of this name, without its content type."""
    return {**site.headers(), "Content-Disposition": f'attachment; filename="{name}"'}


def json_answer(site: Site, body: bytes, status: int = 200) -> Response:
    """A JSON answer from encoded JSON."""
    return Response(
        body, status, site.headers(status), content_type="application/json; charset=utf-8"
    )
