"""The way of one page that was kept: its records are read, entered, understood, stored."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from harvester.archive import items, ledger, pages, suppressions
from harvester.archive.pages import KeptPage
from harvester.archive.runs import Tally
from harvester.catalogue import store as catalogue
from harvester.errors import HarvesterError
from harvester.formats import Unreadable, document, formats, read_page
from harvester.model import RawRecord, Record, Understood
from harvester.normalise import complete, understand
from harvester.normalise.tables import Tables
from harvester.oai.page import page_of
from harvester.oai.received import NotOaiError
from harvester.sources import Source
from harvester.workspace import Workspace

log = logging.getLogger("harvester")

FILE_SCHEME = "file:"

PageRecords = Mapping[tuple[str, str], RawRecord]


class Arrival(NamedTuple):
    """A page that was kept, with the records that were read from it.

    `source` and `page` are numbers of the archive; `received_at` is ISO time.
    """

    source: int
    page: int
    received_at: str
    records: Sequence[RawRecord | Unreadable]


class _Word(NamedTuple):
    """What is known of a record whose newest version or deletion is on a page."""

    raws: list[RawRecord]
    deleted: bool


def bring(
    workspace: Workspace,
    arrival: Arrival,
    also: Callable[[sqlite3.Connection], None] = lambda _: None,
) -> Tally:
    """Enter the records of a page into the archive, and store those that it brings.

    Doing so again changes nothing.

    Args:
        workspace: what is open.
        arrival: the page.
        also: what else becomes true in the archive, in the same transaction.

    Returns:
        How many records were new, changed, unchanged, deleted, put into quarantine.
    """
    with workspace.lock, workspace.archive as archive:
        arrival = _without_erased(archive, arrival)
        readable = [record for record in arrival.records if isinstance(record, RawRecord)]
        tally = items.enter(archive, arrival.source, arrival.page, readable)
        also(archive)
    tally.quarantined = store(workspace, arrival)
    return tally


def store(workspace: Workspace, arrival: Arrival) -> int:
    """Understand and store the records whose newest version or deletion is on a page.

    Suppressed ones are passed over. While records are understood, which takes the most time and
    needs no database, others may use them.

    Returns:
        How many of the page's records were put into quarantine.
    """
    source, page = arrival.source, arrival.page
    with workspace.lock:
        newest = _newest(workspace, arrival)
        hidden = suppressions.suppressed(workspace.archive, source, newest)
    newest = {name: word for name, word in newest.items() if name not in hidden}
    understood, unusable, broken = _understood(workspace, arrival, newest)
    with workspace.lock:
        with workspace.archive as archive:
            seen = [_identifier(record) for record in arrival.records]
            items.release(archive, source, page, seen)
            items.quarantine(archive, source, page, broken)
            minted = ledger.mint(
                archive,
                source,
                workspace.sources[source].name,
                {identifier: one.record for identifier, one in understood.items()},
                arrival.received_at,
            )
            lost = ledger.numbers(archive, source, unusable)
        entries = []
        for identifier, one in understood.items():
            known = minted[identifier]
            one.record.id, one.record.citekey = known.id, known.citekey
            entries.append(
                catalogue.Entry(
                    known.number,
                    one.record,
                    known.first_seen,
                    arrival.received_at,
                    one.trace,
                    one.home,
                )
            )
        catalogue.remove(workspace.catalogue, lost)
        mark = workspace.unapplied.mark(source, page)
        catalogue.put(workspace.catalogue, entries, applied_page=mark)
        workspace.unapplied.applied(source, page)
    return len(broken)


def preview(workspace: Workspace, arrival: Arrival) -> tuple[dict[str, Understood], int]:
    """Understand what `store` would store of a page, and write nothing.

    Returns:
        Records by identifier, and how many cannot be understood.
    """
    newest = _newest(workspace, arrival)
    hidden = suppressions.suppressed(workspace.archive, arrival.source, newest)
    shown = {name: word for name, word in newest.items() if name not in hidden}
    understood, unusable, _ = _understood(workspace, arrival, shown)
    return understood, len(unusable)


def set_aside(workspace: Workspace, kept: KeptPage, record: Unreadable) -> None:
    """Put a page into quarantine in place of its records, and take it for applied."""
    broken = items.Broken(_identifier(record), record.reason, record.content)
    with workspace.lock:
        with workspace.archive as archive:
            items.quarantine(archive, kept.source, kept.id, [broken])
        mark = workspace.unapplied.mark(kept.source, kept.id)
        catalogue.put(workspace.catalogue, [], applied_page=mark)
        workspace.unapplied.applied(kept.source, kept.id)


def read(kept: KeptPage, overlay: Path) -> Arrival:
    """Read a kept page again.

    An answer of a server that is no OAI-PMH has no records, and one that was cut off has those
    that came whole: the run that received it said so.
    """
    received = kept.received
    records: Sequence[RawRecord | Unreadable]
    try:
        if received.url.startswith(FILE_SCHEME):
            records = document.read(received.body, overlay).records
        else:
            records = read_page(page_of(received))
    except NotOaiError as error:
        records = read_page(error.page) if error.page else []
    except HarvesterError as error:
        records = [Unreadable(None, str(error), received.body)]
    return Arrival(kept.source, kept.id, received.received_at, records)


def read_live(archive: sqlite3.Connection, overlay: Path, page: int) -> PageRecords:
    """Read the live records of a kept page, by identifier and format."""
    return _live(read(pages.read(archive, page), overlay).records)


def raw_records(
    versions: Mapping[str, items.Version], read: Callable[[int], PageRecords]
) -> list[RawRecord]:
    """Return the last live version of a record in each of its formats, the richest first.

    Args:
        versions: where they lie, by format.
        read: gives the live records of a page.
    """
    found = [
        read(version.page).get((version.identifier, version.format))
        for version in versions.values()
        if version.page is not None
    ]
    richness = {name: format_.richness for name, format_ in formats().items()}
    return sorted(filter(None, found), key=lambda raw: -richness.get(raw.format, 0))


def understand_record(
    identifier: str, raws: Sequence[RawRecord], source: Source, tables: Tables
) -> Understood:
    """Understand a record from all its formats; a tombstone that was never live has none."""
    if not raws:
        return Understood(Record(source=source.name, oai_identifier=identifier, deleted=True), [])
    first, *others = (understand(raw, source, tables) for raw in raws)
    record, trace = first.record, list(first.trace)
    for other in others:
        record = complete(record, other.record)
        trace += other.trace
    return Understood(record, trace, first.home)


def _without_erased(archive: sqlite3.Connection, arrival: Arrival) -> Arrival:
    """Erase again what was erased by order and has come anew."""
    seen = [record.identifier for record in arrival.records if record.identifier]
    erased = suppressions.needs_erasing(archive, arrival.source, seen)
    if not erased:
        return arrival
    suppressions.erase_from_page(archive, arrival.source, arrival.page, erased)
    left = [record for record in arrival.records if record.identifier not in erased]
    return arrival._replace(records=left)


def _newest(workspace: Workspace, arrival: Arrival) -> dict[str, _Word]:
    """Return, by identifier, the records whose newest word is on a page."""
    live = {arrival.page: _live(arrival.records)}

    def read(page: int) -> PageRecords:
        if page not in live:
            live[page] = read_live(workspace.archive, workspace.settings.overlay, page)
        return live[page]

    newest = items.newest_on_page(workspace.archive, arrival.source, arrival.page)
    return {
        identifier: _Word(
            raw_records(versions, read),
            all(version.deleted_page for version in versions.values()),
        )
        for identifier, versions in newest.items()
    }


def _understood(
    workspace: Workspace, arrival: Arrival, newest: Mapping[str, _Word]
) -> tuple[dict[str, Understood], list[str], list[items.Broken]]:
    """Understand what a page brings.

    Returns:
        Records by identifier, the identifiers of those that cannot be shown any more, and for the
        quarantine what could not be read or understood.
    """
    facts = workspace.sources[arrival.source]
    broken = [
        items.Broken(_identifier(record), record.reason, record.content)
        for record in arrival.records
        if isinstance(record, Unreadable)
    ]
    understood: dict[str, Understood] = {}
    unusable: list[str] = []
    for identifier, (raws, deleted) in newest.items():
        if not raws and not deleted:
            unusable.append(identifier)  # it cannot be read any more: it is broken already
            continue
        try:
            one = understand_record(identifier, raws, facts, workspace.tables)
        except Exception as error:
            log.exception("%s: %s cannot be understood", facts.name, identifier)
            bytes_ = msgspec.json.encode(raws)
            broken.append(items.Broken(identifier, f"{type(error).__name__}: {error}", bytes_))
            unusable.append(identifier)
            continue
        one.record.deleted = deleted
        understood[identifier] = one
    return understood, unusable, broken


def _identifier(record: RawRecord | Unreadable) -> str:
    """Return a record's identifier, or a name made from its bytes where it has none."""
    if record.identifier:
        return record.identifier
    content_ = record.content if isinstance(record, Unreadable) else b""
    return f"{items.NAMELESS}{hashlib.sha256(content_).hexdigest()[:12]}"


def _live(records: Iterable[RawRecord | Unreadable]) -> PageRecords:
    return {
        (record.identifier, record.format): record
        for record in records
        if isinstance(record, RawRecord) and not record.deleted
    }
