"""`/status`: the sources, and how their last harvests went."""

from __future__ import annotations

import sqlite3

import msgspec
from datasette.utils.asgi import Request, Response

from harvester import links
from harvester.catalogue import doubts
from harvester.explorer import labels
from harvester.explorer.interface import gettext
from harvester.explorer.site import Site

SOURCES = "select * from sources order by title collate nocase, name"


class SourceRow(msgspec.Struct, frozen=True):
    """A source with its last harvest, as the catalogue tells it; times are ISO.

    What has a default is not in the catalogue of an earlier version, which plain Datasette shows.
    """

    name: str
    title: str
    url: str | None
    state: str
    reason: str | None
    last_started: str | None
    last_complete: str | None
    last_new: int
    last_changed: int
    last_deleted: int
    records: int
    deleted: int
    quarantined: int
    needs_attention: bool
    last_touched: int = 0
    missing: int = 0

    @property
    def state_in_words(self) -> str:
        """What its last harvest came to."""
        words = gettext(labels.STATES.get(self.state, self.state))
        return gettext("%(state)s; goes on by itself", state=words) if self.goes_on else words

    @property
    def goes_on(self) -> bool:
        """The harvest has to wait or was stopped, and nobody needs to do anything."""
        return self.state in ("throttled", "interrupted") and not self.needs_attention

    @property
    def address(self) -> str | None:
        """Its OAI-PMH address, where that may stand in a link."""
        return links.safe(self.url) if self.url else None


async def status(site: Site, request: Request) -> Response:
    """Answer `/status`."""

    def ask(connection: sqlite3.Connection) -> tuple[list[SourceRow], int]:
        return sources(connection), site.keep(connection, "doubts", doubts.count)

    rows, doubtful = await site.read(ask)
    return await site.page(
        "status.html",
        request,
        here="status",
        sources=rows,
        total=sum(row.records for row in rows),
        unwell=[row for row in rows if row.needs_attention],
        doubts=doubtful,
        of_records=True,
    )


def sources(connection: sqlite3.Connection) -> list[SourceRow]:
    """Read every source of the catalogue."""
    rows = connection.execute(SOURCES)
    names = [column[0] for column in rows.description]
    return [
        msgspec.convert(dict(zip(names, row, strict=True)), SourceRow, strict=False) for row in rows
    ]
