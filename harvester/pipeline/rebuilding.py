"""Makes records anew from the archive, offline, and accounts for them."""

from __future__ import annotations

import functools
from contextlib import closing

from harvester.archive import items, known, ledger, open_archive, pages
from harvester.catalogue import copies, open_for_reading
from harvester.catalogue.store import FILE as CATALOGUE
from harvester.errors import UsageError
from harvester.model import Understood
from harvester.normalise.tables import load as load_tables
from harvester.pipeline import arrival
from harvester.pipeline.understanding import understand_record
from harvester.pipeline.writing import apply_again, store_current, writing
from harvester.settings import Settings
from harvester.sources import Source
from harvester.workspace import merged


def rebuild(settings: Settings, source: Source | None = None) -> int:
    """Read and understand again what the archive holds, and retry what is in quarantine.

    Args:
        settings: the installation.
        source: only this source's records; None means all.

    Returns:
        The number of records that are in quarantine afterwards.
    """
    with writing(settings, "normalise", [source] if source else []) as workspace:
        number = workspace.number(source) if source else None
        broken = items.quarantined_pages(workspace.archive, number)
        apply_again(workspace, (pages.read(workspace.archive, page) for page in broken))
        store_current(workspace, number)
        return items.quarantined(workspace.archive, number)


def explain(settings: Settings, key: str) -> list[Understood]:
    """Understand records again, with the account of where each of their values comes from.

    Args:
        settings: the installation.
        key: an id, a citation key or an OAI identifier (which several sources may share).

    Returns:
        One account a record; empty where the key is unknown. A copy whose original is in the
        catalogue shows what that says.

    Raises:
        UsageError: nothing was ever harvested here, or all that the key means was erased.
    """
    with closing(open_archive(settings.directory, for_reading=True)) as archive:
        facts = merged(known.known_sources(archive).values(), settings)
        tables = load_tables(facts, settings.overlay)
        read = functools.partial(arrival.read_live, archive, settings.overlay)
        found: list[Understood] = []
        gone = None
        for entry in ledger.find(archive, key):
            versions = items.versions(archive, entry.source, [entry.identifier])
            if entry.identifier not in versions:
                gone = entry.id
                continue
            raws = arrival.raw_records(versions[entry.identifier], read)
            understood = understand_record(entry.identifier, raws, facts[entry.source_name], tables)
            understood.record.id, understood.record.citekey = entry.id, entry.citekey
            found.append(understood)
    if gone and not found:
        raise UsageError(f"the archive holds nothing of {gone} any more: its bytes were erased")
    if not (settings.directory / CATALOGUE).is_file():
        return found
    with closing(open_for_reading(settings.directory)) as catalogue:
        return [copies.with_original(catalogue, understood) for understood in found]
