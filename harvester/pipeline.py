"""Joins the stages: the one module that knows them all.

A record's way: `oai` asks, `archive` keeps the page, `formats` reads it, `normalise` understands
it, `catalogue` stores it. `apply` is that way for one page that was kept; harvesting, importing
and rebuilding only differ in where the pages come from.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar, cast

import msgspec

from harvester import sources as source_catalogue
from harvester.archive import identity as archive_identity
from harvester.archive import items, ledger, open_archive, pages, runs
from harvester.archive.pages import KeptPage
from harvester.archive.runs import Tally
from harvester.catalogue import store
from harvester.errors import HarvesterError
from harvester.formats import Unreadable, document, formats, read_page
from harvester.model import RawRecord, Record, Understood
from harvester.normalise import complete, understand
from harvester.normalise.tables import Tables
from harvester.normalise.tables import load as load_tables
from harvester.oai import harvest as oai
from harvester.oai import page as oai_page
from harvester.oai.client import Client
from harvester.oai.datestamps import now
from harvester.oai.failures import AnswerError
from harvester.oai.received import MAX_BODY, NotOaiError, Received, content
from harvester.results import Ask, Progress, Result, exit_code
from harvester.settings import Settings
from harvester.sources import Source
from harvester.workspace import Workspace, merged, opened

log = logging.getLogger("harvester")

FILE_SCHEME = "file:"

Job = TypeVar("Job")
PageRecords = Mapping[tuple[str, str], RawRecord]


class Arrival(NamedTuple):
    """A page that was kept, with the records that were read from it.

    `source` and `page` are numbers of the archive; `received_at` is ISO time.
    """

    source: int
    page: int
    received_at: str
    records: Sequence[RawRecord | Unreadable]


@contextmanager
def writing(settings: Settings, also: Iterable[Source] = ()) -> Iterator[Workspace]:
    """Open both databases for writing, and bring the catalogue up to the archive first.

    A run that was killed may have kept pages that the catalogue lacks, and a catalogue that was
    deleted lacks them all: they are applied before anything else happens.
    """
    with opened(settings, also) as workspace:
        _catch_up(workspace)
        yield workspace
        store.put_sources(workspace.catalogue, runs.status(workspace.archive))


def harvest(
    settings: Settings,
    wanted: Sequence[Source],
    ask: Ask,
    progress: Callable[[Progress], None] = lambda _: None,
) -> list[Result]:
    """Harvest sources one after the other, each the whole way into the catalogue.

    Args:
        settings: the installation.
        wanted: the sources.
        ask: what to ask each of them for.
        progress: called after every page.

    Raises:
        HarvesterError: nothing can be written; what one source does is in its `Result`.
    """
    return _run(
        settings,
        "harvest",
        wanted,
        wanted,
        lambda workspace, run, source: _harvest_source(workspace, run, source, ask, progress),
    )


def import_files(settings: Settings, files: Iterable[Path], source: Source | None) -> list[Result]:
    """Bring files the whole way into the catalogue as if a server had sent them.

    Args:
        settings: the installation.
        files: OAI-PMH answers, single records, portal pages as text or HTML.
        source: whose records they are; None finds it by the address that a file names.

    Returns:
        One result a file, under the file's name.
    """
    return _run(
        settings,
        "import",
        [source] if source else [],
        files,
        lambda workspace, run, file: _import_file(workspace, run, file, source),
    )


def rebuild(settings: Settings, source: Source | None = None) -> int:
    """Read and understand again what the archive holds, and retry what is in quarantine.

    Args:
        settings: the installation.
        source: only this source's records; None means all.

    Returns:
        The number of records that are in quarantine afterwards.
    """
    with writing(settings, [source] if source else []) as workspace:
        number = workspace.number(source) if source else None
        for page in items.quarantined_pages(workspace.archive, number):
            apply(workspace, pages.read(workspace.archive, page))
        _rebuild(workspace, number)
        return items.quarantined(workspace.archive, number)


def explain(settings: Settings, key: str) -> list[Understood]:
    """Understand records again, with the account of where each of their values comes from.

    Args:
        settings: the installation.
        key: an id, a citation key or an OAI identifier (which several sources may share).

    Returns:
        One account a record; empty where the key is unknown.

    Raises:
        UsageError: nothing was ever harvested here.
    """
    with closing(open_archive(settings.directory, for_reading=True)) as archive:
        facts = merged(runs.known_sources(archive).values(), settings)
        tables = load_tables(facts, settings.overlay)
        read = functools.partial(_read_live, archive, settings.overlay)
        found = []
        for entry in ledger.find(archive, key):
            versions = items.versions(archive, entry.source, [entry.identifier])
            raws = _raws(versions[entry.identifier], read)
            understood = _understand(entry.identifier, raws, facts[entry.source_name], tables)
            understood.record.id, understood.record.citekey = entry.id, entry.citekey
            found.append(understood)
        return found


def apply(workspace: Workspace, kept: KeptPage) -> Tally:
    """Bring the records of a kept page into the catalogue; doing so again changes nothing.

    Returns:
        How many records were new, changed, unchanged, deleted, put into quarantine.
    """
    return _bring(workspace, _arrival(kept, workspace.settings.overlay))


def _run(
    settings: Settings,
    command: str,
    also: Iterable[Source],
    jobs: Iterable[Job],
    do: Callable[[Workspace, int, Job], Result],
) -> list[Result]:
    results = []
    with writing(settings, also) as workspace:
        run = runs.start_run(workspace.archive, command)
        for job in jobs:
            started = time.monotonic()
            result = do(workspace, run, job)
            result.seconds = time.monotonic() - started
            log.log(logging.INFO if result.state == "complete" else logging.ERROR, result.line())
            results.append(result)
        runs.finish_run(workspace.archive, run, exit_code(results))
    return results


def _harvest_source(
    workspace: Workspace, run: int, source: Source, ask: Ask, progress: Callable[[Progress], None]
) -> Result:
    archive, config = workspace.archive, workspace.settings.config
    if source.portal or not source.urls:
        return Result(source.name, "failed", "it has no OAI-PMH server: import its pages instead")
    number = workspace.number(source)
    reaches_now = ask.from_ is None and ask.until is None
    prefix = ask.prefix or source.prefixes[0]
    window = oai.Window(prefix, ask.set_spec, ask.from_, ask.until)
    result = Result(source.name, "failed")
    with closing(
        Client(
            source.urls[0],
            contact=config.contact,
            politeness=config.politeness,
            auth=workspace.settings.credentials(source.name),
        )
    ) as client:
        try:
            keep = functools.partial(pages.keep, archive, run, number, None)
            identity = oai.identify(client, keep)
        except AnswerError as error:
            outcome = oai.outcome_of(error)
            window_number = runs.start_window(archive, run, number, window, reaches_now=reaches_now)
        else:
            if ask.from_ is None and not ask.full:
                watermark = runs.watermark(archive, number, prefix, ask.set_spec)
                from_ = oai.next_from(watermark, identity.granularity)
                window = msgspec.structs.replace(window, from_=from_)
            window_number = runs.start_window(archive, run, number, window, reaches_now=reaches_now)
            keep = functools.partial(pages.keep, archive, run, number, window_number)
            outcome = _walk(workspace, number, oai.harvest(client, window, keep), result, progress)
    result.state, result.reason = outcome.state, outcome.reason
    runs.finish_window(archive, window_number, number, window, outcome, result.tally)
    if outcome.state == "complete" and window == oai.Window(prefix):
        items.release_nameless(archive, window_number)
    if source.name not in workspace.settings.sources and outcome.state != "complete":
        runs.forget_if_empty(archive, number)
    return result


def _walk(
    workspace: Workspace,
    source: int,
    answers: Generator[tuple[int, oai_page.Page], None, oai.Outcome],
    result: Result,
    progress: Callable[[Progress], None],
) -> oai.Outcome:
    """Bring the pages of a list into the catalogue, each before the next one is asked for."""
    while True:
        try:
            number, page = next(answers)
        except StopIteration as end:
            return cast("oai.Outcome", end.value)
        result.pages += 1
        result.listed += len(page.records)
        received_at = pages.received_at(workspace.archive, number)
        result.tally.add(_bring(workspace, Arrival(source, number, received_at, read_page(page))))
        progress(Progress(result.source, result.listed, page.complete_list_size))


def _import_file(workspace: Workspace, run: int, file: Path, source: Source | None) -> Result:
    result = Result(str(file), "failed")
    try:
        with file.open("rb") as opened_file:
            body = opened_file.read(MAX_BODY + 1)  # one byte too many is refused below
        found = document.read(body, workspace.settings.overlay)
        owner = source or _owner(workspace, found)
    except (OSError, HarvesterError) as error:
        result.reason = str(error)
        return result
    if owner is None:
        result.reason = "it does not say where it comes from: name its source with --source"
        return result
    number = workspace.number(owner)
    received = Received(
        url=file.resolve().as_uri(),
        params={},
        status=200,
        headers={},
        body=body,
        received_at=now(),
        elapsed=0.0,
    )
    page = pages.keep(workspace.archive, run, number, None, received)
    result.tally = _bring(workspace, Arrival(number, page, received.received_at, found.records))
    result.listed, result.pages, result.state = len(found.records), 1, "complete"
    return result


def _owner(workspace: Workspace, found: document.Document) -> Source | None:
    """Find whose records a document holds: those of its base URL, or of its permalink's host."""
    known = merged(workspace.sources.values(), workspace.settings)
    if found.base_url is not None:
        return source_catalogue.resolve(found.base_url, known)
    if found.host is not None:
        return source_catalogue.by_host(found.host, known) or source_catalogue.resolve(
            f"https://{found.host}", known
        )
    return None


def _catch_up(workspace: Workspace) -> None:
    archive = archive_identity(workspace.archive)
    owner = store.built_from(workspace.catalogue)
    if owner is None:
        store.set_built_from(workspace.catalogue, archive)
    applied, last = store.applied_page(workspace.catalogue), pages.last(workspace.archive)
    if owner not in (None, archive) or applied > last:
        raise HarvesterError(
            f"catalogue.db in {workspace.settings.directory} was not built from the archive.db "
            "beside it: put the right archive.db back, or restore a backup; only if that archive "
            "is lost for good, move catalogue.db away and run `harvester normalise --all`"
        )
    if applied == 0 < last:
        log.info("catalogue.db is new: it is built from the archive")
        _rebuild(workspace, None)
    for page in pages.after(workspace.archive, store.applied_page(workspace.catalogue)):
        apply(workspace, page)


def _rebuild(workspace: Workspace, source: int | None) -> None:
    last = pages.last(workspace.archive)
    for page in pages.current(workspace.archive, source):
        _store(workspace, _arrival(page, workspace.settings.overlay))
    if source is None:
        store.put(workspace.catalogue, [], applied_page=last)


def _bring(workspace: Workspace, arrival: Arrival) -> Tally:
    """Enter the records of a page into the archive, and store those that it brings."""
    with workspace.archive as archive:
        readable = [record for record in arrival.records if isinstance(record, RawRecord)]
        tally = items.enter(archive, arrival.source, arrival.page, readable)
    tally.quarantined = _store(workspace, arrival)
    return tally


def _store(workspace: Workspace, arrival: Arrival) -> int:
    """Understand and store the records whose newest version or deletion is on a page.

    Returns:
        How many of the page's records were put into quarantine.
    """
    source, page = arrival.source, arrival.page
    understood, unusable, broken = _understood(workspace, arrival)
    with workspace.archive as archive:
        seen = [_identifier(record) for record in arrival.records]
        items.release(archive, source, page, seen)
        items.quarantine(archive, source, page, broken)
        minted = ledger.mint(
            archive, source, workspace.sources[source].name, understood, arrival.received_at
        )
        lost = ledger.numbers(archive, source, unusable)
    entries = []
    for identifier, record in understood.items():
        known = minted[identifier]
        record.id, record.citekey = known.id, known.citekey
        entries.append(store.Entry(known.number, record, known.first_seen, arrival.received_at))
    store.remove(workspace.catalogue, lost)
    store.put(workspace.catalogue, entries, applied_page=page)
    return len(broken)


def _understood(
    workspace: Workspace, arrival: Arrival
) -> tuple[dict[str, Record], list[str], list[items.Broken]]:
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
    live = {arrival.page: _live(arrival.records)}

    def read(page: int) -> PageRecords:
        if page not in live:
            live[page] = _read_live(workspace.archive, workspace.settings.overlay, page)
        return live[page]

    understood: dict[str, Record] = {}
    unusable: list[str] = []
    newest = items.newest_on_page(workspace.archive, arrival.source, arrival.page)
    for identifier, versions in newest.items():
        gone = all(version.deleted_page for version in versions.values())
        raws = _raws(versions, read)
        if not raws and not gone:
            unusable.append(identifier)  # it cannot be read any more: it is broken already
            continue
        try:
            record = _understand(identifier, raws, facts, workspace.tables).record
        except Exception as error:
            log.exception("%s: %s cannot be understood", facts.name, identifier)
            bytes_ = msgspec.json.encode(raws)
            broken.append(items.Broken(identifier, f"{type(error).__name__}: {error}", bytes_))
            unusable.append(identifier)
            continue
        record.deleted = gone
        understood[identifier] = record
    return understood, unusable, broken


def _understand(
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
    return Understood(record, trace)


def _raws(
    versions: Mapping[str, items.Version], read: Callable[[int], PageRecords]
) -> list[RawRecord]:
    """Return the last live version of a record in each of its formats, the richest first."""
    found = [
        read(version.page).get((version.identifier, version.format))
        for version in versions.values()
        if version.page is not None
    ]
    richness = {name: format_.richness for name, format_ in formats().items()}
    return sorted(filter(None, found), key=lambda raw: -richness.get(raw.format, 0))


def _read_live(archive: sqlite3.Connection, overlay: Path, page: int) -> PageRecords:
    return _live(_arrival(pages.read(archive, page), overlay).records)


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


def _arrival(kept: KeptPage, overlay: Path) -> Arrival:
    """Read a kept page again.

    An answer of a server that is no OAI-PMH has no records: the run that received it said so.
    """
    received = kept.received
    records: Sequence[RawRecord | Unreadable]
    try:
        if received.url.startswith(FILE_SCHEME):
            records = document.read(received.body, overlay).records
        else:
            records = read_page(oai_page.parse(content(received)))
    except NotOaiError:
        records = []
    except HarvesterError as error:
        records = [Unreadable(None, str(error), received.body)]
    return Arrival(kept.source, kept.id, received.received_at, records)
