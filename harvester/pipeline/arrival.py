"""The way of a page that was kept: its records are read, entered, understood, stored."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from harvester.archive import items, ledger, pages, suppressions, sync, unsynced
from harvester.archive.pages import KeptPage
from harvester.archive.runs import Tally
from harvester.catalogue import store as catalogue
from harvester.catalogue.ready import Ready
from harvester.errors import HarvesterError
from harvester.formats import Unreadable, document, formats, read_page
from harvester.model import RawRecord, Understood
from harvester.oai.page import page_of
from harvester.oai.received import NotOaiError
from harvester.pipeline.understanding import Failed, Made, Outcome, Word, make, understand_word
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


class Waiting(NamedTuple):
    """A page whose records were entered, and are to be understood and stored.

    Attributes:
        source, page: numbers of the archive.
        received_at: ISO time.
        words: the records whose newest word is on the page.
        lost: the identifiers of those whose newest word cannot be read any more.
        seen: the identifiers of all records on it.
        broken: what could not be read.
    """

    source: int
    page: int
    received_at: str
    words: list[Word]
    lost: list[str]
    seen: list[str]
    broken: list[items.Broken]


def enter(
    workspace: Workspace,
    arrival: Arrival,
    also: Callable[[sqlite3.Connection], None] = lambda _: None,
) -> tuple[Arrival, Tally]:
    """Enter the records of a page into the archive.

    Doing so again changes nothing.

    Args:
        workspace: what is open.
        arrival: the page.
        also: what else becomes true in the archive, in the same transaction.

    Returns:
        The page without what was erased by order, and how many of its records were new, changed,
        unchanged, deleted.
    """
    with workspace.lock, unsynced(workspace.archive) as archive:
        arrival = _without_erased(archive, arrival)
        readable = [record for record in arrival.records if isinstance(record, RawRecord)]
        tally = items.enter(archive, arrival.source, arrival.page, readable)
        also(archive)
    return arrival, tally


def waiting(workspace: Workspace, arrival: Arrival) -> Waiting:
    """Find the records whose newest version or deletion is on a page; suppressed ones are not."""
    source, page = arrival.source, arrival.page
    with workspace.lock:
        newest = _newest(workspace, arrival)
        names = [word.identifier for word in newest]
        hidden = suppressions.suppressed(workspace.archive, source, names)
    broken = [
        items.Broken(_identifier(record), record.reason, record.content)
        for record in arrival.records
        if isinstance(record, Unreadable)
    ]
    shown = [word for word in newest if word.identifier not in hidden]
    return Waiting(
        source,
        page,
        arrival.received_at,
        words=[word for word in shown if word.raws or word.deleted],
        lost=[word.identifier for word in shown if not word.raws and not word.deleted],
        seen=[_identifier(record) for record in arrival.records],
        broken=broken,
    )


def bring(workspace: Workspace, arrival: Arrival) -> Tally:
    """Enter the records of a page into the archive, and store those that it brings.

    Returns:
        How many records were new, changed, unchanged, deleted, put into quarantine.
    """
    arrival, tally = enter(workspace, arrival)
    tally.quarantined = store(workspace, arrival)
    return tally


def store(workspace: Workspace, arrival: Arrival) -> int:
    """Understand and store the records whose newest version or deletion is on a page.

    Returns:
        How many of the page's records were put into quarantine.
    """
    page = waiting(workspace, arrival)
    made = make(page.words, workspace.sources[page.source], workspace.tables)
    return put(workspace, [(page, made)])


def put(workspace: Workspace, made: Sequence[tuple[Waiting, Sequence[Outcome]]]) -> int:
    """Store what was made of pages, in their order: one transaction in each database.

    Returns:
        How many of the pages' records were put into quarantine.
    """
    entries: dict[int, Ready] = {}
    lost: dict[int, None] = {}
    quarantined = 0
    with workspace.lock:
        with workspace.archive:
            for page, outcomes in made:
                quarantined += _quarantine(workspace, page, outcomes)
                # What a later page says of a record counts.
                brought, gone = _minted(workspace, page, outcomes)
                for number in (*brought, *gone):
                    entries.pop(number, None)
                    lost.pop(number, None)
                entries |= brought
                lost |= dict.fromkeys(gone)
        # The catalogue says which pages are in it: the archive must not fall back behind that.
        sync(workspace.archive)
        reached = {page.source: page.page for page, _ in made}
        catalogue.remove(workspace.catalogue, lost)
        mark = workspace.unapplied.mark(reached)
        catalogue.put_ready(workspace.catalogue, entries.values(), applied_page=mark)
        workspace.unapplied.applied(reached)
    return quarantined


def preview(workspace: Workspace, arrival: Arrival) -> tuple[dict[str, Understood], int]:
    """Understand what `store` would store of a page, and write nothing.

    Returns:
        Records by identifier, and how many cannot be understood.
    """
    page = waiting(workspace, arrival)
    facts, understood, failed = workspace.sources[page.source], {}, 0
    for word in page.words:
        try:
            understood[word.identifier] = understand_word(word, facts, workspace.tables)
        except Exception:
            log.exception("%s: %s cannot be understood", facts.name, word.identifier)
            failed += 1
    return understood, failed + len(page.lost)


def set_aside(workspace: Workspace, kept: KeptPage, record: Unreadable) -> None:
    """Put a page into quarantine in place of its records, and take it for applied."""
    broken = items.Broken(_identifier(record), record.reason, record.content)
    reached = {kept.source: kept.id}
    with workspace.lock:
        with workspace.archive as archive:
            items.quarantine(archive, kept.source, kept.id, [broken])
        mark = workspace.unapplied.mark(reached)
        catalogue.put(workspace.catalogue, [], applied_page=mark)
        workspace.unapplied.applied(reached)


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
    raws = [raw for raw in found if raw is not None]
    if len(raws) > 1:
        richness = {name: format_.richness for name, format_ in formats().items()}
        raws.sort(key=lambda raw: -richness.get(raw.format, 0))
    return raws


def _without_erased(archive: sqlite3.Connection, arrival: Arrival) -> Arrival:
    """Erase again what was erased by order and has come anew."""
    seen = [record.identifier for record in arrival.records if record.identifier]
    erased = suppressions.needs_erasing(archive, arrival.source, seen)
    if not erased:
        return arrival
    suppressions.erase_from_page(archive, arrival.source, arrival.page, erased)
    left = [record for record in arrival.records if record.identifier not in erased]
    return arrival._replace(records=left)


def _newest(workspace: Workspace, arrival: Arrival) -> list[Word]:
    """Return the newest word on each of the records that have it on a page."""
    live = {arrival.page: _live(arrival.records)}

    def read(page: int) -> PageRecords:
        if page not in live:
            live[page] = read_live(workspace.archive, workspace.settings.overlay, page)
        return live[page]

    newest = items.newest_on_page(workspace.archive, arrival.source, arrival.page)
    return [
        Word(
            identifier,
            raw_records(versions, read),
            all(version.deleted_page for version in versions.values()),
        )
        for identifier, versions in newest.items()
    ]


def _quarantine(workspace: Workspace, page: Waiting, outcomes: Sequence[Outcome]) -> int:
    """Put into quarantine what could not be read or understood, and return how many those are."""
    name, broken = workspace.sources[page.source].name, list(page.broken)
    for one in outcomes:
        if isinstance(one, Failed):
            log.error("%s: %s cannot be understood\n%s", name, one.identifier, one.account)
            broken.append(items.Broken(one.identifier, one.reason, one.content))
    items.release(workspace.archive, page.source, page.page, page.seen)
    items.quarantine(workspace.archive, page.source, page.page, broken)
    return len(broken)


def _minted(
    workspace: Workspace, page: Waiting, outcomes: Sequence[Outcome]
) -> tuple[dict[int, Ready], list[int]]:
    """Give the records of a page what the ledger knows of them.

    Returns:
        the records by number, and the numbers of those that cannot be shown any more.
    """
    made = {one.identifier: one for one in outcomes if isinstance(one, Made)}
    failed = [one.identifier for one in outcomes if isinstance(one, Failed)]
    minted = ledger.mint(
        workspace.archive,
        page.source,
        workspace.sources[page.source].name,
        {identifier: one.readable for identifier, one in made.items()},
        page.received_at,
    )
    brought = {}
    for identifier, one in made.items():
        known, ready = minted[identifier], one.ready
        ready.number, ready.id, ready.citekey = known.number, known.id, known.citekey
        ready.added, ready.changed = known.first_seen, page.received_at
        brought[known.number] = ready
    return brought, ledger.numbers(workspace.archive, page.source, [*page.lost, *failed])


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
