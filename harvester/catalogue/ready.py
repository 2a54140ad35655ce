"""Makes records ready for the catalogue: what needs no database, so that any process may do it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from harvester.catalogue import counts, documents, forms
from harvester.catalogue.counts import Counts
from harvester.catalogue.row import Columns, Entry, Values, columns, values
from harvester.model import Record

Key = tuple[str, str]
"""A source's name and the OAI identifier of a record there."""


class Ready(msgspec.Struct, array_like=True, gc=False):
    """A record as it will lie in the catalogue; it travels between processes.

    Attributes:
        deleted: it is a tombstone.
        source, oai_identifier: where it comes from.
        columns: the other columns of its row, see `row.columns`, and then those of `forms.of`.
        values: what has tables of its own.
        counts: how it was understood; None for a tombstone.
        document: the record and its account, see `documents.pack`.
        copy_of: where its original is; None where it is no copy, or deleted.
        number, id, citekey, added, changed: the ledger's, as in `Entry`; whoever writes it may set
            them last.
    """

    deleted: bool
    source: str
    oai_identifier: str | None
    columns: Columns
    values: Values
    counts: Counts | None
    document: bytes
    copy_of: Key | None
    number: int = 0
    id: str = ""
    citekey: str | None = None
    added: str = ""
    changed: str = ""


def make_ready(entry: Entry) -> Ready:
    """Do for a record all that needs no database."""
    (ready,) = make_all_ready([entry])
    return ready


def make_all_ready(entries: Sequence[Entry]) -> list[Ready]:
    """Do for records all that needs no database, in their order.

    Each step is done for all of them before the next one: its code and tables are then at hand in
    the processor, which saves a third of the time.
    """
    records = [entry.record for entry in entries]
    accounts = [() if entry.record.deleted else entry.trace for entry in entries]
    found = [values(record) for record in records]
    rows = list(map(columns, records, found))
    formed = [forms.of(record) for record in records]
    counted = [
        None if entry.record.deleted else counts.count(entry.record, entry.trace)
        for entry in entries
    ]
    packed = list(map(documents.pack, records, accounts))
    return [
        Ready(
            entry.record.deleted,
            entry.record.source,
            entry.record.oai_identifier,
            row + form,
            value,
            count,
            document,
            origin_of(entry.record, entry.home),
            entry.number,
            entry.record.id,
            entry.record.citekey,
            entry.added,
            entry.changed,
        )
        for entry, row, form, value, count, document in zip(
            entries, rows, formed, found, counted, packed, strict=True
        )
    ]


def origin_of(record: Record, home: str | None) -> Key | None:
    """Return where the original of a record is; None where it is no copy, or deleted.

    Args:
        record: the record.
        home: the name of the source that it comes from in the first place, where that is known.
    """
    identifier = record.origin.oai_identifier if record.origin else None
    if record.deleted or not identifier or not home or home == record.source:
        return None
    return (home, identifier)
