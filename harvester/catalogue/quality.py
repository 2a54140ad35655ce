"""What readers see of how well each source is understood: its last report, and its drift.

A summary is outdated as soon as a record of its source came, went, or was understood otherwise, in
the same transaction.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable

import msgspec
import sqlite_utils

from harvester.catalogue.drift import Change
from harvester.catalogue.report import Report, Unknown
from harvester.catalogue.store import writing

SHOWN = 20
"""So many values of each fallback rule stand in a summary, the commonest."""

_OUTDATED = "select source from quality where outdated order by source"
_SHOW = """
    insert into quality (source, outdated, day, report, since, drift)
    values (:source, 0, :day, :report, :since, :drift)
    on conflict (source) do update set
        outdated = 0, day = :day, report = :report, since = :since, drift = :drift
"""
_DELETE = "delete from quality where source = ?"
_SHOWN = "select day, report, since, drift from quality where report is not null"
_SHOWN_OF = f"{_SHOWN} and source = ?"


class Summary(msgspec.Struct, frozen=True):
    """A report as it is shown: of which day it is, and what has drifted since an earlier day."""

    day: str
    report: Report
    since: str | None
    drift: list[Change]


def commonest(unknown: Iterable[Unknown], most: int = SHOWN) -> list[Unknown]:
    """Return the first of each rule's values, so many at most."""
    counts: Counter[str] = Counter()
    kept = []
    for one in unknown:
        counts[one.rule] += 1
        if counts[one.rule] <= most:
            kept.append(one)
    return kept


def outdated(connection: sqlite3.Connection) -> list[str]:
    """Return the sources whose records are understood otherwise since their summary was written."""
    return [name for (name,) in connection.execute(_OUTDATED)]


def show(db: sqlite_utils.Database, summary: Summary) -> None:
    """Write what readers see of a source's report; nothing is left of one without records.

    Raises:
        TryLaterError: another process is writing.
        HarvesterError: it cannot be written.
    """
    seen = msgspec.structs.replace(summary.report, unknown=commonest(summary.report.unknown))
    source = summary.report.source
    with writing(db) as connection:
        if summary.report.records:
            row = {
                "source": source,
                "day": summary.day,
                "report": msgspec.json.encode(seen).decode(),
                "since": summary.since,
                "drift": msgspec.json.encode(summary.drift).decode(),
            }
            connection.execute(_SHOW, row)
        else:
            connection.execute(_DELETE, (source,))


def shown(connection: sqlite3.Connection, source: str | None = None) -> list[Summary]:
    """Return what readers see of the reports: on one source, or on all."""
    rows = (
        connection.execute(_SHOWN) if source is None else connection.execute(_SHOWN_OF, (source,))
    )
    return [
        Summary(
            day,
            msgspec.json.decode(report_, type=Report),
            since,
            msgspec.json.decode(drift_, type=list[Change]),
        )
        for day, report_, since, drift_ in rows
    ]
