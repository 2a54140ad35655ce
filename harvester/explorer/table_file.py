"""A table of Datasette as CSV: as Datasette writes it, but never cut short without a sign of it.

Datasette 0.65 catches what fails on a later page, writes it as the last line, and ends the file as
if it were whole. Nor does it notice that the reader has gone, or reads no more.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

from datasette.utils.asgi import AsgiStream, Request, Response

from harvester.explorer.download import PIECE, STALLED_AFTER, Send, Whole
from harvester.explorer.site import Site

LOG = logging.getLogger(__name__)


class CutShortError(BaseException):
    """The rest of a file is not written.

    It is no `Exception`, because Datasette would write that into the file.
    """


async def table_file(site: Site, request: Request) -> Response | Whole:
    """Answer `/catalogue/records.csv`: one page of a table, or with `_stream` the whole of it."""
    from datasette.views.table import TableView

    answer: Any = await TableView(site.datasette).dispatch_request(request)
    if not isinstance(answer, AsgiStream):
        given: Response = answer  # a redirect to the table's own name
        return given
    if request.args.get("_stream"):
        return TableFile(site, request, answer)
    page = _Page()
    await answer.stream_fn(page)
    return Response("".join(page.texts), 200, answer.headers, answer.content_type)


class TableFile(Whole):
    """A whole table, which Datasette reads page after page."""

    def __init__(self, site: Site, request: Request, file: AsgiStream) -> None:
        """Prepare the answer.

        Args:
            site: whose catalogue is read.
            request: what was asked; its reader may go away.
            file: what Datasette answers; its first page is read already.
        """
        super().__init__(site, request, {**file.headers, "Content-Type": file.content_type})
        self._file = file

    async def _send_text(
        self, send: Send, start: dict[str, Any], gone: asyncio.Future[None]
    ) -> None:
        await send(start)
        pieces = _Pieces(self._site, send, gone)
        try:
            async with self._site.turn:
                await self._file.stream_fn(pieces)
                await pieces.send(more=False)
        except CutShortError as error:
            if not gone.done():
                LOG.warning("%s was cut short: %s", self._request.path, error)


class _Page:
    """Takes a page of a table, to be sent at once."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def write(self, text: str) -> None:
        """Take what Datasette writes, but for the error that it writes instead of raising it."""
        if failed := sys.exception():
            raise failed
        self.texts.append(text)


class _Pieces:
    """Takes a table row by row, and sends it in pieces; others have their turn meanwhile."""

    def __init__(self, site: Site, send: Send, gone: asyncio.Future[None]) -> None:
        self._site = site
        self._catalogue = site.file
        self._send = send
        self._gone = gone
        self._piece = bytearray()

    async def write(self, text: str) -> None:
        """Take what Datasette writes.

        Raises:
            CutShortError: it is the error that it writes instead of raising it; the reader has
                gone, or reads no more.
        """
        if failed := sys.exception():
            raise CutShortError(_why(failed)) from failed
        self._piece += text.encode()
        if len(self._piece) >= PIECE:
            await self.send(more=True)

    async def send(self, *, more: bool) -> None:
        """Send what was taken; without more to come it is the end."""
        message = {"type": "http.response.body", "body": bytes(self._piece), "more_body": more}
        self._piece.clear()
        if self._site.file != self._catalogue:
            raise CutShortError("the catalogue was made anew meanwhile")
        self._site.turn.release()
        try:
            async with asyncio.timeout(STALLED_AFTER):
                await self._send(message)
        except TimeoutError as error:
            raise CutShortError("nobody read") from error
        finally:
            await self._site.turn.acquire()
        if more and self._gone.done():
            raise CutShortError("the reader has gone")


def _why(failed: BaseException) -> str:
    from datasette.database import QueryInterrupted

    return "a page took too long" if isinstance(failed, QueryInterrupted) else repr(failed)
