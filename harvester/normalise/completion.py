"""Several formats of one record make one record: the richest, completed from the others.

So do a copy that an aggregator handed on and the record of the repository that it comes from.
"""

from __future__ import annotations

from typing import Any

import msgspec

from harvester.model import Container, Identifiers, Note, Record, Rights

# What belongs to the harvest, not to the publication, stays the richer record's.
_ITS_OWN = frozenset({
    "id", "source", "oai_identifier", "datestamp", "sets", "deleted", "citekey", "work", "notes",
})  # fmt: skip
TOGETHER = (("type", "type_uri"), ("issued", "year"), ("title", "titles"))
"""Fields that say one thing together are taken together."""
_GROUPS = (Container, Identifiers, Rights)
# And what tells of the way of a copy stays the copy's.
_ITS_WAY = (*sorted(_ITS_OWN - {"notes"}), "provider", "origin")

PREFERRED = "origin.preferred"
"""The rule that puts a value of the origin in the place of a copy's."""


def complete(record: Record, other: Record) -> Record:
    """Fill the empty fields of a record from the record of another format of it.

    Nothing that the record says is changed. Identifiers, container and rights are completed part by
    part; an access right and its URI, a type and its URI, a date and its year go together. The
    notes of the fields that are taken come along.

    Args:
        record: the record of the richest format.
        other: the record of the same identifier in another format.
    """
    taken: set[str] = set()
    changes: dict[str, object] = {}
    for fields in TOGETHER:
        if not getattr(record, fields[0]):
            changes |= {field: getattr(other, field) for field in fields}
            taken.add(fields[0])
    together = {field for fields in TOGETHER for field in fields}
    for field in record.__struct_fields__:
        if field in _ITS_OWN or field in together:
            continue
        mine, theirs = getattr(record, field), getattr(other, field)
        if theirs in (None, []) or theirs == mine:
            continue
        if mine in (None, []):
            changes[field] = theirs
            taken.add(field)
        elif isinstance(mine, _GROUPS):
            completed = _completed(mine, theirs)
            if completed != mine:
                changes[field] = completed
                taken.add(field)
    if not taken:
        return record
    told = set(map(msgspec.structs.astuple, record.notes))
    notes = record.notes + [
        note
        for note in other.notes
        if note.field in taken and msgspec.structs.astuple(note) not in told
    ]
    return msgspec.structs.replace(record, **changes, notes=notes)


def _completed(mine: msgspec.Struct, theirs: msgspec.Struct) -> msgspec.Struct:
    changes = {
        field: getattr(theirs, field)
        for field in mine.__struct_fields__
        if not getattr(mine, field) and getattr(theirs, field)
    }
    if isinstance(mine, Rights) and mine.access:
        changes.pop("access_uri", None)
    return msgspec.structs.replace(mine, **changes)


def prefer(original: Record, copy: Record) -> tuple[Record, list[Note]]:
    """Let the record of the origin go before a copy of it; the copy fills what the origin lacks.

    Args:
        original: the record as the repository that it comes from gives it.
        copy: the record as somebody handed it on, damaged maybe.

    Returns:
        the copy with the origin's values, and a note for each field that changed.
    """
    way = {field: getattr(copy, field) for field in _ITS_WAY}
    permalinks = [link for link in copy.links if link.rel == "permalink"]
    whole = complete(original, copy)
    links = [*original.links, *(link for link in permalinks if link not in original.links)]
    shown = msgspec.structs.replace(whole, **way, links=links if original.links else copy.links)
    notes = [
        Note(field, "", before, PREFERRED, after)
        for field in shown.__struct_fields__
        if field != "notes" and getattr(shown, field) != getattr(copy, field)
        for before, after in [(told(getattr(copy, field)), told(getattr(shown, field)))]
    ]
    shown.notes = [*shown.notes, *notes]
    return shown, notes


def told(value: object) -> str:
    """Return the value of a field as one text, for people."""
    return " | ".join(texts(value))


def texts(value: object) -> list[str]:
    """Return what a field says as texts: one a value, and one a part where it has parts."""
    if isinstance(value, list):
        return ["; ".join(texts(item)) for item in value]
    plain: Any = msgspec.to_builtins(value)
    if isinstance(plain, dict):
        return [f"{key}: {', '.join(texts(item))}" for key, item in plain.items()]
    return [] if plain is None or plain == "" else [str(plain)]
