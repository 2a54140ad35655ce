"""The preferred view of a work: field by field what the best of its copies says."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from harvester.model import Link, Note, Record
from harvester.normalise.completion import TOGETHER, complete, told

PREFERRED = "work.preferred"
"""The rule that puts a value of another copy into the view; `element` names that copy's record."""

_OPEN = "open access"
_VERSIONS = {
    "corrected version of record": 0, "version of record": 0, "proof": 1, "accepted version": 1,
    "submitted version": 2, "author's original": 2,
}  # fmt: skip
_UNKNOWN = 1
_EARLY = ("preprint", "working paper")
_OF_THE_RECORD = frozenset({
    "id", "source", "oai_identifier", "datestamp", "sets", "deleted", "citekey", "work", "provider",
    "origin", "notes", "links", "rights",
})  # fmt: skip
_SHOWN_LINKS = ("landing", "fulltext")


def rank(record: Record) -> tuple[bool, int, int]:
    """Return how good a copy is, the lowest first.

    What the repository itself says goes before what an aggregator handed on, the published version
    before earlier ones, the fuller record before the leaner.
    """
    early = 2 if record.type in _EARLY else _VERSIONS.get(record.version or "", _UNKNOWN)
    filled = sum(getattr(record, field) not in (None, []) for field in record.__struct_fields__)
    return record.provider is not None, early, -filled


def view(copies: Sequence[Record], work: str, citekey: str | None) -> Record:
    """Return one record that says of a work what the best of its copies say.

    Values that a source gave go before those that were inferred or detected. An open copy decides
    how the work may be had. The notes tell which value is of which copy.

    Args:
        copies: the live records of the work, the best first.
        work: its id, which becomes the id of the view.
        citekey: its citation key.
    """
    best, *others = copies
    shown = best
    for copy in others:
        surer = _surer(shown, copy)
        shown = _taken(shown, complete(surer, copy), best, copy)
    return msgspec.structs.replace(shown, id=work, citekey=citekey, work=work, links=_links(copies))


def _surer(shown: Record, copy: Record) -> Record:
    """Take from a copy what it is sure of and the view is not."""
    doubted = _doubted(shown) - _doubted(copy)
    together = {field: fields for fields in TOGETHER for field in fields}
    changes: dict[str, object] = {}
    for field in doubted - _OF_THE_RECORD:
        fields = together.get(field, (field,))
        if getattr(copy, fields[0]) not in (None, []):
            changes |= {name: getattr(copy, name) for name in fields}
    if _access(copy) == _OPEN != _access(shown):
        changes["rights"] = copy.rights
    if not changes:
        return shown
    notes = [note for note in shown.notes if note.field not in changes]
    return msgspec.structs.replace(shown, **changes, notes=notes)


def _taken(before: Record, after: Record, best: Record, copy: Record) -> Record:
    """Note what came from a copy; what belongs to a record stays that of the best."""
    own = {field: getattr(best, field) for field in ("provider", "origin")}
    after = msgspec.structs.replace(after, **own)
    notes = [
        Note(field, copy.id, told(getattr(before, field)), PREFERRED, told(getattr(after, field)))
        for field in after.__struct_fields__
        if field != "notes" and getattr(after, field) != getattr(before, field)
    ]
    return msgspec.structs.replace(after, notes=[*after.notes, *notes])


def _doubted(record: Record) -> set[str]:
    return {note.field for note in record.notes if note.certainty < 1}


def _access(record: Record) -> str | None:
    return record.rights.access if record.rights else None


def _links(copies: Sequence[Record]) -> list[Link]:
    """The links of the best copy, and where the others are to be had."""
    found = {(link.url, link.rel): link for link in copies[0].links}
    for copy in copies[1:]:
        for link in copy.links:
            if link.rel in _SHOWN_LINKS:
                found.setdefault((link.url, link.rel), link)
    return list(found.values())
