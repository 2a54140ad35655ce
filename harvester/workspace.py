"""What a command works on: the open databases, the sources, the tables; one writer at a time."""

from __future__ import annotations

import fcntl
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import msgspec
import sqlite_utils

from harvester.archive import FILE, open_archive, runs
from harvester.catalogue import store
from harvester.errors import HarvesterError, TryLaterError
from harvester.normalise.tables import Tables
from harvester.normalise.tables import load as load_tables
from harvester.settings import Settings
from harvester.sources import Source

LOCK = "lock"
# A command that only asks whether somebody writes holds the lock for a moment.
LOCK_TRIES = 10
LOCK_PAUSE = 0.05


class Workspace(msgspec.Struct):
    """What a command that writes has open.

    Attributes:
        settings: the installation.
        archive: the connection to `archive.db`.
        catalogue: the database `catalogue.db`.
        sources: every source that anything was received from, by its number in the archive.
        tables: the knowledge that records are understood with.
    """

    settings: Settings
    archive: sqlite3.Connection
    catalogue: sqlite_utils.Database
    sources: dict[int, Source]
    tables: Tables

    def number(self, source: Source) -> int:
        """Return the number of a source in the archive, entered where it is new."""
        number = runs.source_number(self.archive, source)
        self.sources[number] = source
        return number


@contextmanager
def opened(settings: Settings, also: Iterable[Source] = ()) -> Iterator[Workspace]:
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
        known = runs.known_sources(archive)
        facts = merged([*known.values(), *also], settings)
        yield Workspace(
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
        HarvesterError: the directory cannot be written.
    """
    try:
        lock = (directory / LOCK).open("w")
    except OSError as error:
        raise HarvesterError(f"{directory} cannot be written: {error}") from error
    with lock:
        if not _lock(lock, fcntl.LOCK_EX, LOCK_TRIES):
            raise TryLaterError(
                f"another command is writing to {directory}: try again when it has ended"
            )
        yield


def is_writing(directory: Path) -> bool:
    """Say whether some command is writing to a data directory right now."""
    path = directory / LOCK
    if not path.is_file():
        return False
    with path.open() as lock:
        return not _lock(lock, fcntl.LOCK_SH, 1)


def _lock(lock: IO[str], kind: int, tries: int) -> bool:
    for left in reversed(range(tries)):
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(LOCK_PAUSE if left else 0)
        else:
            return True
    return False


def merged(received: Iterable[Source], settings: Settings) -> dict[str, Source]:
    """Return sources by name: those received from, and over them the shipped and configured ones.

    What the tables say today counts, not what they said when a source was harvested.
    """
    return {source.name: source for source in received} | dict(settings.sources)


def all_sources(settings: Settings) -> dict[str, Source]:
    """Return every source by name: shipped, in config.yml, or harvested by its URL before."""
    return merged(received_sources(settings).values(), settings)


def own_sources(settings: Settings) -> list[Source]:
    """Return the OAI-PMH sources of this installation: harvested before, or in config.yml."""
    names = [*received_sources(settings), *settings.config.sources]
    everything = all_sources(settings)
    mine = [everything[name] for name in dict.fromkeys(names)]
    return [source for source in mine if source.urls and not source.portal]


def received_sources(settings: Settings) -> dict[str, Source]:
    """Return the sources that were harvested or imported here, as the tables have them today."""
    if not (settings.directory / FILE).is_file():
        return {}
    with closing(open_archive(settings.directory, for_reading=True)) as archive:
        found = runs.known_sources(archive, harvested=True).values()
    return {source.name: settings.sources.get(source.name, source) for source in found}
