"""Which records are copies of one publication: found anew, decided by librarians, explained."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import msgspec

from harvester.archive import ledger, works
from harvester.archive.ledger import LedgerEntry
from harvester.catalogue import candidates, store
from harvester.errors import UsageError
from harvester.linking import weighing
from harvester.linking.evidence import Evidence, Weights
from harvester.pipeline.linking import Linked, Reader, relink
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


def link(settings: Settings, *, every: bool = False) -> Linked:
    """Look for copies of what was written since the last time; from then on, after every harvest.

    Args:
        settings: the installation.
        every: of all records anew.

    Raises:
        TryLaterError: another command is writing.
        HarvesterError: a database cannot be written.
    """
    with writing(settings, "link") as workspace:
        return relink(workspace, every=every)


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
            them that could be taken back.
        TryLaterError: another command is writing.
    """
    with writing(settings, "link") as workspace:
        archive = workspace.archive
        entries = ledger.only(archive, one), ledger.only(archive, other)
        first, second = (_number(archive, entry) for entry in entries)
        if first == second:
            raise UsageError(f"{one} and {other} are one record")
        if same is None and works.decided(archive, first, second) is None:
            raise UsageError(f"nothing was decided of {one} and {other}")
        with archive:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            works.decide(archive, first, second, same, now)
        with store.writing(workspace.catalogue) as connection:
            candidates.again(connection, (first, second))
        relink(workspace)
    return entries


def explain_pair(settings: Settings, one: str, other: str) -> Compared:
    """Compare two records feature by feature.

    Raises:
        UsageError: a record is unknown, a key means several, or a record is not live.
    """
    with opened_for_reading(settings) as workspace:
        archive, catalogue = workspace.archive, workspace.catalogue.conn
        entries = ledger.only(archive, one), ledger.only(archive, other)
        first, second = numbers = [_number(archive, entry) for entry in entries]
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


def _number(archive: sqlite3.Connection, entry: LedgerEntry) -> int:
    return ledger.numbers(archive, entry.source, [entry.identifier])[0]
