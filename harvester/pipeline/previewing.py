"""Says what a rebuild would change, before anything is written."""

from __future__ import annotations

from collections import Counter

import msgspec

from harvester.archive import ledger, pages
from harvester.catalogue import copies, search
from harvester.model import Record
from harvester.normalise.completion import texts
from harvester.pipeline import arrival
from harvester.settings import Settings
from harvester.sources import Source
from harvester.workspace import Workspace, opened_for_reading

MOST_KINDS = 10_000
"""How many different changes of a field are told apart; what comes after them is only counted."""
_MINTED = ("id", "citekey", "work")
_TOLD = "notes"


class Change(msgspec.Struct, frozen=True):
    """One change that a field would undergo.

    Attributes:
        before, after: the values that would go and come, as text; empty where there are none.
        records: how many records it would happen to.
        example: the id of one of them.
    """

    before: str
    after: str
    records: int
    example: str


class Field(msgspec.Struct, frozen=True):
    """What would become of a field: in how many records it changes, the commonest changes first."""

    name: str
    records: int
    changes: list[Change]


class Preview(msgspec.Struct, frozen=True):
    """What a rebuild would change.

    Attributes:
        records: how many were compared.
        changed: how many would differ.
        added: how many are not in the catalogue, and would be.
        lost: how many cannot be understood any more, and would go to quarantine.
        retold: how many would only come about in another way, with the same values.
        fields: those that change, the one with the most records first.
    """

    records: int
    changed: int
    added: int
    lost: int
    retold: int
    fields: list[Field]


class _Changes:
    """The changes of one field, counted."""

    def __init__(self) -> None:
        self.records = 0
        self.kinds: Counter[tuple[str, str]] = Counter()
        self.examples: dict[tuple[str, str], str] = {}

    def count(self, before: str, after: str, id_: str) -> None:
        self.records += 1
        kind = (before, after)
        if kind in self.kinds or len(self.kinds) < MOST_KINDS:
            self.kinds[kind] += 1
            self.examples.setdefault(kind, id_)

    def field(self, name: str, most: int) -> Field:
        found = self.kinds.most_common(most)
        changes = [Change(*kind, count, self.examples[kind]) for kind, count in found]
        return Field(name, self.records, changes)


def preview(settings: Settings, source: Source | None = None, *, examples: int = 3) -> Preview:
    """Understand again what the archive holds, and compare it with the catalogue.

    Nothing is written, and other commands may write meanwhile.

    Args:
        settings: the installation, with the tables of today.
        source: only this source's records; None means all.
        examples: how many changes of a field are told, the commonest first.

    Raises:
        UsageError: nothing was ever harvested here, or the catalogue is missing.
    """
    tally: Counter[str] = Counter()
    fields: dict[str, _Changes] = {}
    with opened_for_reading(settings) as workspace:
        numbers = {one.name: number for number, one in workspace.sources.items()}
        number = numbers[source.name] if source else None
        for page in pages.current(workspace.archive, number):
            _compare(workspace, arrival.read(page, settings.overlay), tally, fields)
    told = sorted(fields.items(), key=lambda item: (-item[1].records, item[0]))
    return Preview(
        tally["records"],
        tally["changed"],
        tally["added"],
        tally["lost"],
        tally["retold"],
        [changes.field(name, examples) for name, changes in told],
    )


def _compare(
    workspace: Workspace, read: arrival.Arrival, tally: Counter[str], fields: dict[str, _Changes]
) -> None:
    understood, lost = arrival.preview(workspace, read)
    tally["lost"] += lost
    known = ledger.minted(workspace.archive, read.source, understood)
    for identifier, one in understood.items():
        tally["records"] += 1
        id_ = known[identifier].id if identifier in known else ""
        before = search.get(workspace.catalogue.conn, id_) if id_ else None
        if before is None:
            tally["added"] += 1
            continue
        one = copies.with_original(workspace.catalogue.conn, one)
        differing = [
            name
            for name in Record.__struct_fields__
            if name not in _MINTED and getattr(before, name) != getattr(one.record, name)
        ]
        if differing == [_TOLD]:
            tally["retold"] += 1
        elif differing:
            tally["changed"] += 1
        for name in differing:
            if name != _TOLD:
                old, new = _apart(getattr(before, name), getattr(one.record, name))
                fields.setdefault(name, _Changes()).count(old, new, id_)


def _apart(before: object, after: object) -> tuple[str, str]:
    """Return as text what only the one and only the other says; all if only the order differs."""
    old, new = texts(before), texts(after)
    gone = [text for text in old if text not in new]
    came = [text for text in new if text not in old]
    if not gone and not came:
        gone, came = old, new
    return " | ".join(gone), " | ".join(came)
