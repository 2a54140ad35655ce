"""Which records are copies of one publication: found anew, decided by librarians, explained."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from harvester.archive import ledger, works
from harvester.archive.ledger import LedgerEntry
from harvester.catalogue import candidates, store
from harvester.errors import UsageError
from harvester.linking import weighing
from harvester.linking.evidence import Evidence, Weights
from harvester.linking.grouping import contradiction
from harvester.pipeline.linking import Linked, Reader, Tell, relink
from harvester.pipeline.writing import writing
from harvester.settings import Settings
from harvester.workspace import opened_for_reading


class Compared(msgspec.Struct, frozen=True):
    """Two records and how alike they are.

    Attributes:
        one, other: the records.
        evidence: their features.
        weights: what each feature counts.
        decided: whether a librarian said that they are one publication; None: nothing.
        together: whether they stand in one work.
    """

    one: LedgerEntry
    other: LedgerEntry
    evidence: Evidence
    weights: Weights
    decided: bool | None
    together: bool


def link(settings: Settings, *, every: bool = False, tell: Tell = lambda _: None) -> Linked:
    """Look for copies of what was written since the last time; from then on, after every harvest.

    Args:
        settings: the installation.
        every: of all records anew.
        tell: is told how many records were read, and compared.

    Raises:
        TryLaterError: another command is writing.
        HarvesterError: a database cannot be written.
    """
    with writing(settings, "link") as workspace:
        return relink(workspace, every=every, tell=tell)


def decide(
    settings: Settings, one: str, other: str, *, same: bool | None
) -> tuple[LedgerEntry, LedgerEntry]:
    """Keep what a librarian says of two records, through every rebuild.

    Args:
        settings: the installation.
        one: an id, a citation key, or an OAI identifier that only one source has.
        other: that of another record.
        same: they are one publication, or two; None takes back what was said of them.

    Raises:
        UsageError: a record is unknown, or a key means several; both are one; nothing was said of
            them that could be taken back; it contradicts what was said of others.
        TryLaterError: another command is writing.
    """
    with writing(settings, "link") as workspace:
        archive = workspace.archive
        entries, (first, second) = _two(archive, one, other)
        if same is None and works.decided(archive, first, second) is None:
            raise UsageError(f"nothing was decided of {one} and {other}")
        if same is not None:
            asked = dict(zip((first, second), (entry.id for entry in entries), strict=True))
            _check(archive, asked, same=same)
        with store.writing(workspace.catalogue) as connection:  # first: the run may be killed
            candidates.again(connection, (first, second))
        with archive:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            works.decide(archive, first, second, same, now)
        relink(workspace)
    return entries


def _check(archive: sqlite3.Connection, asked: Mapping[int, str], *, same: bool) -> None:
    """Refuse to keep of two records, their ids by number, what contradicts what was said before."""
    ids = dict(asked)
    decided = {}
    for known in works.decisions(archive):
        decided[known.one, known.other] = known.same
        ids |= zip((known.one, known.other), known.ids, strict=True)
    first, second = sorted(asked)
    clash = contradiction({**decided, (first, second): same})
    if clash is None:
        return
    (one, other), records = clash
    raise UsageError(
        f"{ids[one]} and {ids[other]} are said to be two publications, but what was confirmed makes"
        f" one of {', '.join(sorted(ids[record] for record in records))}: take back with --undo"
        " what is wrong, then say this again"
    )


def explain_pair(settings: Settings, one: str, other: str) -> Compared:
    """Compare two records feature by feature.

    Raises:
        UsageError: a record is unknown, a key means several, both are one, or one is not live.
    """
    with opened_for_reading(settings) as workspace:
        archive, catalogue = workspace.archive, workspace.catalogue.conn
        entries, numbers = _two(archive, one, other)
        first, second = numbers
        live = candidates.live(catalogue, numbers)
        for entry, number in zip(entries, numbers, strict=True):
            if number not in live:
                raise UsageError(f"{entry.id} is deleted or hidden: it cannot be compared")
        table = weighing.load(settings.overlay)
        members = dict(works.members(archive))
        return Compared(
            *entries,
            Reader(catalogue, table).compare(first, second),
            table.weights,
            works.decided(archive, first, second),
            first in members and members[first] == members.get(second),
        )


def _two(
    archive: sqlite3.Connection, one: str, other: str
) -> tuple[tuple[LedgerEntry, LedgerEntry], tuple[int, int]]:
    """Return the two records that keys mean, and their numbers."""
    entries = ledger.only(archive, one), ledger.only(archive, other)
    first, second = (
        ledger.numbers(archive, entry.source, [entry.identifier])[0] for entry in entries
    )
    if first == second:
        raise UsageError(f"{one} and {other} are one record")
    return entries, (first, second)
