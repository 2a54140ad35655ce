"""Reports on how well each source is understood, and compares that with an earlier day."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime

import msgspec

from harvester.archive import known, open_archive, reports
from harvester.archive.reports import Kept
from harvester.catalogue import open_for_reading, quality, sums
from harvester.catalogue.drift import TERMS, drift, to_keep
from harvester.catalogue.meta import writing
from harvester.catalogue.quality import SHOWN, Summary
from harvester.catalogue.report import Report, report, sources
from harvester.errors import UsageError
from harvester.settings import Settings
from harvester.workspace import Workspace


def assess(settings: Settings, name: str | None = None) -> list[Summary]:
    """Report on sources as the catalogue has them now, with their drift.

    Args:
        settings: the installation.
        name: the source; None means all that have live records.

    Raises:
        UsageError: there are no records of it here, or a database is of another version.
    """
    with (
        closing(open_archive(settings.directory, for_reading=True)) as archive,
        closing(open_for_reading(settings.directory)) as catalogue,
    ):
        numbers = _numbers(archive)
        there = sources(catalogue)
        if name is not None and name not in there:
            raise UsageError(f"there are no records of {name} here: harvest it first")
        return [
            _summary(report(catalogue, source), reports.last(archive, numbers[source]))
            for source in there
            if name in (None, source)
        ]


def assess_again(workspace: Workspace) -> None:
    """Report anew on every source whose records are others now: for readers, and for later days."""
    numbers = _numbers(workspace.archive)
    for source in quality.outdated(workspace.catalogue.conn):
        kept = reports.last(workspace.archive, numbers[source])
        with writing(workspace.catalogue) as connection:
            sums.complete(connection, source)
            now = report(connection, source, most=SHOWN, every=TERMS)
        summary = _summary(now, kept)
        text = _text(summary.report)
        if not kept or kept[0].text != text:
            reports.put(workspace.archive, numbers[source], Kept(summary.day, text))
        quality.show(workspace.catalogue, summary)


def _numbers(archive: sqlite3.Connection) -> dict[str, int]:
    return {source.name: number for number, source in known.known_sources(archive).items()}


def _text(of: Report) -> str:
    return msgspec.json.encode(to_keep(of)).decode()


def _summary(now: Report, kept: Sequence[Kept]) -> Summary:
    """Compare a report with the last one before it: of an earlier day, and not itself.

    Args:
        now: the report.
        kept: the last two that were kept, the latest first; one of today will be replaced.
    """
    today = datetime.now(UTC).date().isoformat()
    latest = kept[0] if kept else None
    same = latest is not None and latest.text == _text(now)
    before = kept[1:] if latest and (same or latest.day == today) else kept
    day = latest.day if latest and same else today
    if not before:
        return Summary(day, now, None, [])
    earlier = before[0]
    return Summary(
        day, now, earlier.day, drift(msgspec.json.decode(earlier.text, type=Report), now)
    )
