"""Joins the stages: the one module that knows them all.

A record's way: `oai` asks, `archive` keeps the page, `formats` reads it, `normalise` understands
it, `catalogue` stores it. `apply` is that way for one page; harvesting, importing and rebuilding
only differ in where the pages come from.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from harvester import sources as source_catalogue
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
from harvester.oai.received import Received, content
from harvester.results import Ask, Progress, Result, exit_code
from harvester.settings import Settings
from harvester.sources import Source
from harvester.stores import Stores, opened

log = logging.getLogger("harvester")

FILE_SCHEME = "file:"


@contextmanager
def writing(settings: Settings, also: Iterable[Source] = ()) -> Iterator[Stores]:
    """Open both databases for writing, and bring the catalogue up to the archive first.

    A run that was killed may have kept pages that the catalogue lacks, and a catalogue that was
    deleted lacks them all: they are applied before anything else happens.
    """
    with opened(settings, also) as stores:
        _catch_up(stores)
        yield stores
        store.put_sources(stores.catalogue, runs.status(stores.archive))


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
    results = []
    with writing(settings, wanted) as stores:
        run = runs.start_run(stores.archive, "harvest")
        for source in wanted:
            started = time.monotonic()
            result = _harvest_source(stores, run, source, ask, progress)
            result.seconds = time.monotonic() - started
            log.log(logging.INFO if result.state == "complete" else logging.ERROR, result.line())
            results.append(result)
        runs.finish_run(stores.archive, run, exit_code(results))
    return results


def import_files(settings: Settings, files: Iterable[Path], source: Source | None) -> list[Result]:
    """Bring files the whole way into the catalogue as if a server had sent them.

    Args:
        settings: the installation.
        files: OAI-PMH answers, single records, portal pages as text or HTML.
        source: whose records they are; None finds it by the host that a file names.

    Returns:
        One result a file, under the file's name.
    """
    results = []
    with writing(settings, [source] if source else []) as stores:
        run = runs.start_run(stores.archive, "import")
        for file in files:
            started = time.monotonic()
            result = _import_file(stores, run, file, source)
            result.seconds = time.monotonic() - started
            log.log(logging.INFO if result.state == "complete" else logging.ERROR, result.line())
            results.append(result)
        runs.finish_run(stores.archive, run, exit_code(results))
    return results


def rebuild(settings: Settings, source: Source | None = None) -> int:
    """Read and understand again what the archive holds, and retry what is in quarantine.

    Args:
        settings: the installation.
        source: only this source's records; None means all.

    Returns:
        The number of records that are in quarantine afterwards.
    """
    with writing(settings, [source] if source else []) as stores:
        number = runs.source_number(stores.archive, source) if source else None
        for page in items.quarantined_pages(stores.archive, number):
            apply(stores, pages.read(stores.archive, page))
        _rebuild(stores, number)
        return len(items.quarantined_pages(stores.archive, number))


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
        known = runs.known_sources(archive)
        facts = {source.name: source for source in known.values()} | dict(settings.sources)
        tables = load_tables(facts, settings.overlay)
        found = []
        for entry in ledger.find(archive, key):
            versions = items.versions(archive, entry.source, [entry.identifier])
            raws = _raws(archive, versions[entry.identifier].values(), settings.overlay)
            understood = _understand(entry.identifier, raws, facts[entry.source_name], tables)
            understood.record.id, understood.record.citekey = entry.id, entry.citekey
            found.append(understood)
        return found


def apply(stores: Stores, page: KeptPage) -> Tally:
    """Bring the records of a kept page into the catalogue; doing so again changes nothing.

    Returns:
        How many records were new, changed, unchanged, deleted, put into quarantine.
    """
    return _apply(
        stores,
        page.source,
        page.id,
        page.received.received_at,
        _read(page, stores.settings.overlay),
    )


def _harvest_source(
    stores: Stores, run: int, source: Source, ask: Ask, progress: Callable[[Progress], None]
) -> Result:
    archive, config = stores.archive, stores.settings.config
    if source.portal or not source.urls:
        return Result(source.name, "failed", "it has no OAI-PMH server: import its pages instead")
    number = runs.source_number(archive, source)
    client = Client(
        source.urls[0],
        contact=config.contact,
        politeness=config.politeness,
        auth=stores.settings.credentials(source.name),
    )
    try:
        identity = oai.identify(client, lambda got: pages.keep(archive, run, number, None, got))
    except HarvesterError as error:
        return _failed(stores, run, number, source, ask, str(error))
    runs.keep_identity(archive, number, identity)
    window = _window(stores, number, source, ask, identity.granularity)
    window_number = runs.start_window(archive, run, number, window)
    result = Result(source.name, "failed")
    received_at = ""

    def keep(received: Received) -> int:
        nonlocal received_at
        received_at = received.received_at
        return pages.keep(archive, run, number, window_number, received)

    answers = oai.harvest(client, window, keep)
    while True:
        try:
            page_number, page = next(answers)
        except StopIteration as end:
            outcome = end.value
            break
        result.pages += 1
        result.listed += len(page.records)
        result.tally.add(_apply(stores, number, page_number, received_at, read_page(page)))
        progress(Progress(source.name, result.listed, page.complete_list_size))
    result.state, result.reason = outcome.state, outcome.reason
    runs.finish_window(
        archive,
        window_number,
        number,
        window,
        outcome,
        result.tally,
        moves_watermark=ask.until is None and ask.from_ is None,
    )
    return result


def _failed(stores: Stores, run: int, number: int, source: Source, ask: Ask, reason: str) -> Result:
    window = oai.Window(ask.prefix or source.prefixes[0], ask.set_spec, ask.from_, ask.until)
    outcome = oai.Outcome(state="failed", reason=reason)
    runs.finish_window(
        stores.archive,
        runs.start_window(stores.archive, run, number, window),
        number,
        window,
        outcome,
        Tally(),
        moves_watermark=False,
    )
    return Result(source.name, "failed", reason)


def _window(stores: Stores, number: int, source: Source, ask: Ask, granularity: str) -> oai.Window:
    prefix = ask.prefix or source.prefixes[0]
    from_ = ask.from_
    if from_ is None and not ask.full:
        watermark = runs.watermark(stores.archive, number, prefix, ask.set_spec)
        from_ = oai.next_from(watermark, granularity)
    return oai.Window(prefix, ask.set_spec, from_, ask.until)


def _import_file(stores: Stores, run: int, file: Path, source: Source | None) -> Result:
    result = Result(str(file), "failed")
    try:
        body = file.read_bytes()
        found = document.read(body, stores.settings.overlay)
    except (OSError, HarvesterError) as error:
        result.reason = str(error)
        return result
    owner = source or _owner(stores, found.host)
    if owner is None:
        result.reason = "it does not say where it comes from: name its source with --source"
        return result
    number = runs.source_number(stores.archive, owner)
    stores.sources[number] = owner
    received = Received(
        url=file.resolve().as_uri(),
        params={},
        status=200,
        headers={},
        body=body,
        received_at=runs.now(),
        elapsed=0.0,
    )
    page = pages.keep(stores.archive, run, number, None, received)
    result.tally = _apply(stores, number, page, received.received_at, found.records)
    result.listed, result.pages, result.state = len(found.records), 1, "complete"
    return result


def _owner(stores: Stores, host: str | None) -> Source | None:
    if host is None:
        return None
    known = source_catalogue.by_host(host, stores.settings.sources) or source_catalogue.by_host(
        host, {source.name: source for source in stores.sources.values()}
    )
    return known or Source(name=source_catalogue.name_for(f"https://{host}"), title=host)


def _catch_up(stores: Stores) -> None:
    applied, last = store.applied_page(stores.catalogue), pages.last(stores.archive)
    if applied > last:
        raise HarvesterError(
            f"catalogue.db in {stores.settings.directory} knows pages that archive.db lacks: "
            "restore a backup, or delete catalogue.db to rebuild it from this archive"
        )
    if applied == 0 < last:
        log.info("catalogue.db is new: it is built from the archive")
        _rebuild(stores, None)
    for page in pages.after(stores.archive, store.applied_page(stores.catalogue)):
        apply(stores, page)


def _rebuild(stores: Stores, source: int | None) -> None:
    last = pages.last(stores.archive)
    for page in pages.current(stores.archive, source):
        _store(
            stores,
            page.source,
            page.id,
            page.received.received_at,
            _read(page, stores.settings.overlay),
        )
    if source is None:
        store.put(stores.catalogue, [], applied_page=last)


def _apply(
    stores: Stores,
    source: int,
    page: int,
    received_at: str,
    records: Sequence[RawRecord | Unreadable],
) -> Tally:
    with stores.archive:
        readable = [record for record in records if isinstance(record, RawRecord)]
        tally = items.enter(stores.archive, source, page, readable)
    tally.quarantined = _store(stores, source, page, received_at, records)
    return tally


def _store(
    stores: Stores,
    source: int,
    page: int,
    received_at: str,
    records: Sequence[RawRecord | Unreadable],
) -> int:
    """Understand and store the records whose newest version or deletion is on a page.

    Returns:
        How many of the page's records were put into quarantine.
    """
    archive, facts = stores.archive, stores.sources[source]
    broken = [
        items.Broken(
            record.identifier or f"record {place} of the page", record.reason, record.content
        )
        for place, record in enumerate(records, start=1)
        if isinstance(record, Unreadable)
    ]
    here = {
        (record.identifier, record.format): record
        for record in records
        if isinstance(record, RawRecord) and not record.deleted
    }
    understood: dict[str, Record] = {}
    for identifier, versions in items.newest_on_page(archive, source, page).items():
        one = next(iter(versions.values()))
        gone = all(version.deleted_page for version in versions.values())
        if len(versions) == 1 and one.page == page and not gone:
            raws = [here[key]] if (key := (identifier, one.format)) in here else []
        else:
            raws = _raws(archive, versions.values(), stores.settings.overlay)
        if not raws and not gone:
            continue  # it is Unreadable by now, and so among the broken ones
        try:
            record = _understand(identifier, raws, facts, stores.tables).record
        except Exception as error:
            log.exception("%s: %s cannot be understood", facts.name, identifier)
            bytes_ = msgspec.json.encode(raws)
            broken.append(items.Broken(identifier, f"{type(error).__name__}: {error}", bytes_))
            continue
        record.deleted = gone
        understood[identifier] = record
    with archive:
        seen = [record.identifier for record in records if record.identifier]
        items.release(archive, source, page, seen)
        items.quarantine(archive, source, page, broken)
        minted = ledger.mint(archive, source, facts.name, understood, received_at)
    entries = []
    for identifier, record in understood.items():
        known = minted[identifier]
        record.id, record.citekey = known.id, known.citekey
        entries.append(store.Entry(known.number, record, known.first_seen, received_at))
    store.put(stores.catalogue, entries, applied_page=page)
    return len(broken)


def _understand(
    identifier: str, raws: Sequence[RawRecord], source: Source, tables: Tables
) -> Understood:
    if not raws:
        return Understood(Record(source=source.name, oai_identifier=identifier, deleted=True), [])
    first, *others = (understand(raw, source, tables) for raw in raws)
    record, trace = first.record, list(first.trace)
    for other in others:
        record = complete(record, other.record)
        trace += other.trace
    return Understood(record, trace)


def _raws(
    archive: sqlite3.Connection, versions: Iterable[items.Version], overlay: Path
) -> list[RawRecord]:
    """Read the last live version of a record in each of its formats, the richest first."""
    found = []
    for version in versions:
        if version.page is not None:
            found += [
                raw
                for raw in _read(pages.read(archive, version.page), overlay)
                if isinstance(raw, RawRecord)
                and (raw.identifier, raw.format, raw.deleted)
                == (version.identifier, version.format, False)
            ][-1:]
    richness = {name: format_.richness for name, format_ in formats().items()}
    return sorted(found, key=lambda raw: -richness.get(raw.format, 0))


def _read(page: KeptPage, overlay: Path) -> list[RawRecord | Unreadable]:
    """Read a kept page again.

    An answer of a server that is no OAI-PMH has no records: the run that received it said so.
    """
    if page.received.url.startswith(FILE_SCHEME):
        try:
            return document.read(page.received.body, overlay).records
        except HarvesterError as error:
            return [Unreadable(None, "", str(error), page.received.body)]
    try:
        return read_page(oai_page.parse(content(page.received)))
    except oai_page.NotOaiError:
        return []
