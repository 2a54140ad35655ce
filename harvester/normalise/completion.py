"""Several formats of one record make one record: the richest, completed from the others."""

from __future__ import annotations

import msgspec

from harvester.model import Container, Identifiers, Record, Rights

# What belongs to the harvest, not to the publication, stays the richer record's.
_ITS_OWN = frozenset({
    "id", "source", "oai_identifier", "datestamp", "sets", "deleted", "citekey", "work", "notes",
})  # fmt: skip
# Fields that say one thing together are taken together.
_TOGETHER = (("type", "type_uri"), ("issued", "year"), ("title", "titles"))
_GROUPS = (Container, Identifiers, Rights)


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
    for fields in _TOGETHER:
        if not getattr(record, fields[0]):
            changes |= {field: getattr(other, field) for field in fields}
            taken.add(fields[0])
    together = {field for fields in _TOGETHER for field in fields}
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
