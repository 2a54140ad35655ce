"""The databases, sources and tables that a command works on."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import sqlite_utils

from harvester.archive import FILE, open_archive, runs
from harvester.catalogue import store
from harvester.errors import TryLaterError
from harvester.normalise.tables import Tables
from harvester.normalise.tables import load as load_tables
from harvester.settings import Settings
from harvester.sources import Source

LOCK = "lock"


class Stores(msgspec.Struct):
    """The open databases and tables of a command that writes."""

    settings: Settings
    archive: sqlite3.Connection
    catalogue: sqlite_utils.Database
    sources: dict[int, Source]
    tables: Tables


@contextmanager
def opened(settings: Settings, also: Iterable[Source] = ()) -> Iterator[Stores]:
    """Open both databases for writing, alone.

    Args:
        settings: the installation.
        also: sources that will be written, so that origins are recognised among them.

    Raises:
        TryLaterError: another command is writing.
        HarvesterError: a database cannot be opened.
    """
    with (
        alone(settings.directory),
        closing(open_archive(settings.directory)) as archive,
        closing(store.open_catalogue(settings.directory)) as catalogue,
    ):
        for source in also:
            runs.source_number(archive, source)
        known = runs.known_sources(archive)
        facts = {source.name: source for source in known.values()} | dict(settings.sources)
        yield Stores(
            settings,
            archive,
            catalogue,
            {number: facts[source.name] for number, source in known.items()},
            load_tables(facts, settings.overlay),
        )
        catalogue.execute("pragma wal_checkpoint(truncate)")


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Keep every other command from writing to a data directory.

    Raises:
        TryLaterError: another command is writing there.
    """
    with (directory / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TryLaterError(
                f"another command is writing to {directory}: try again when it has ended"
            ) from error
        yield


def all_sources(settings: Settings) -> dict[str, Source]:
    """Return every source by name: shipped, in config.yml, or harvested by its URL before."""
    return received_sources(settings) | dict(settings.sources)


def own_sources(settings: Settings) -> list[Source]:
    """Return the OAI-PMH sources of this installation: harvested before, or in config.yml."""
    names = [*received_sources(settings), *settings.config.sources]
    everything = all_sources(settings)
    mine = [everything[name] for name in dict.fromkeys(names)]
    return [source for source in mine if source.urls and not source.portal]


def received_sources(settings: Settings) -> dict[str, Source]:
    """Return the sources that anything was received from, by name."""
    if not (settings.directory / FILE).is_file():
        return {}
    with closing(open_archive(settings.directory, for_reading=True)) as archive:
        return {source.name: source for source in runs.known_sources(archive).values()}
