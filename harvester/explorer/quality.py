"""`/status/SOURCE`: what the records of a source hold, how well they are understood, its drift."""

from __future__ import annotations

import sqlite3

import msgspec
from datasette.utils.asgi import Request, Response

from harvester.catalogue import quality as summaries
from harvester.catalogue.drift import Change
from harvester.catalogue.quality import Summary
from harvester.catalogue.query import Query
from harvester.catalogue.report import Report, Unknown
from harvester.explorer import labels
from harvester.explorer.interface import gettext
from harvester.explorer.problem import no_such_source
from harvester.explorer.site import Site
from harvester.explorer.status import SourceRow, sources
from harvester.normalise.rules import RULES

# A catalogue of an earlier version, which plain Datasette shows, has no summaries.
HAS_SUMMARIES = "select 1 from sqlite_schema where name = 'quality'"


class Unread(msgspec.Struct, frozen=True):
    """A fallback rule in words, the values it gave up on, and their share of all of its kind."""

    what: str
    values: int
    share: float
    examples: list[Unknown]


async def quality(site: Site, request: Request) -> Response:
    """Answer `/status/SOURCE`."""
    name = request.url_vars["name"]

    def ask(connection: sqlite3.Connection) -> tuple[SourceRow | None, Summary | None]:
        row = next((row for row in sources(connection) if row.name == name), None)
        return row, summary(connection, name)

    row, found = await site.read(ask)
    if row is None:
        return await no_such_source(site, request, name)
    return await site.page(
        "quality.html",
        request,
        here="status",
        source=row,
        of_records=True,
        records_path=site.search_path(Query(facets={"source": (name,)})),
        summary=found,
        unread=unread(found.report) if found else [],
        changes=[(named(change), change) for change in found.drift] if found else [],
        names={name: gettext(words) for name, words in labels.COUNTED.items()},
    )


def summary(connection: sqlite3.Connection, name: str) -> Summary | None:
    """Read the summary of a source; None where it has no report yet."""
    if connection.execute(HAS_SUMMARIES).fetchone() is None:
        return None
    return next(iter(summaries.shown(connection, name)), None)


def unread(report: Report) -> list[Unread]:
    """Lay out what was not understood, by rule; rules that an older report knew are left out."""
    return [
        Unread(
            gettext(RULES[one.rule].what),
            one.values,
            one.share,
            [unknown for unknown in report.unknown if unknown.rule == one.rule],
        )
        for one in report.rules
        if one.fallback and one.rule in RULES
    ]


def named(change: Change) -> str:
    """Say in words which field or rule has drifted; what is no longer known goes by its name."""
    if change.what == "field":
        return gettext(labels.COUNTED.get(change.name, change.name))
    return gettext(RULES[change.name].what) if change.name in RULES else change.name
