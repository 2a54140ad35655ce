"""What a command works on: the open databases, the sources, the tables; one writer at a time."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec
import sqlite_utils

from harvester.archive import FILE, known, open_archive
from harvester.catalogue import open_for_reading, store
from harvester.errors import HarvesterError, TryLaterError
from harvester.normalise.tables import Tables
from harvester.normalise.tables import load as load_tables
from harvester.settings import Settings
from harvester.sources import Source
from harvester.unapplied import Unapplied

LOCK = "lock"
# A command that only asks whether somebody writes holds the lock for a moment.
LOCK_TRIES = 10
LOCK_PAUSE = 0.05


class Holder(msgspec.Struct, frozen=True):
    """Who writes to a data directory: what the lock file tells to those who wait.

    Attributes:
        command: what it does, such as `harvest`.
        process: its process id.
        since: when it began.
    """

    command: str
    process: int
    since: datetime


class LockedError(TryLaterError):
    """Another command is writing.

    Attributes:
        seconds: for how long; None where that cannot be said.
    """

    def __init__(self, directory: Path, holder: Holder | None) -> None:
        self.seconds: float | None = None
        who = "another command"
        if holder:
            self.seconds = (datetime.now(UTC) - holder.since).total_seconds()
            who = (
                f"`harvester {holder.command}` (process {holder.process}, "
                f"since {holder.since:%Y-%m-%d %H:%M} UTC)"
            )
        super().__init__(f"{who} is writing to {directory}: try again when it has ended")


class Workspace(msgspec.Struct):
    """What a command that writes has open; several threads may work on it.

    Attributes:
        settings: the installation.
        archive: the connection to `archive.db`.
        catalogue: the database `catalogue.db`.
        sources: every source that anything was received from, by its number in the archive.
        tables: the knowledge that records are understood with.
        lock: held by whoever works with the databases.
        unapplied: the pages that were kept and are not in the catalogue yet.
    """

    settings: Settings
    archive: sqlite3.Connection
    catalogue: sqlite_utils.Database
    sources: dict[int, Source]
    tables: Tables
    lock: threading.RLock = msgspec.field(default_factory=threading.RLock)
    unapplied: Unapplied = msgspec.field(default_factory=Unapplied)

    def number(self, source: Source) -> int:
        """Return the number of a source in the archive, entered where it is new."""
        with self.lock:
            number = known.source_number(self.archive, source)
            self.sources[number] = source
        return number


@contextmanager
def opened(settings: Settings, command: str, also: Iterable[Source] = ()) -> Iterator[Workspace]:
    """Open both databases for writing, alone.

    Args:
        settings: the installation.
        command: what is done, for others who have to wait.
        also: sources that will be written, so that origins are recognised among them.

    Raises:
        TryLaterError: another command is writing.
        HarvesterError: a database cannot be opened.
    """
    with (
        alone(settings.directory, command),
        closing(open_archive(settings.directory)) as archive,
        closing(store.open_catalogue(settings.directory)) as catalogue,
    ):
        received = known.known_sources(archive)
        facts = merged([*received.values(), *also], settings)
        yield Workspace(
            settings,
            archive,
            catalogue,
            {number: facts[source.name] for number, source in received.items()},
            load_tables(facts, settings.overlay),
        )
        catalogue.execute("pragma wal_checkpoint(truncate)")


@contextmanager
def opened_for_reading(settings: Settings) -> Iterator[Workspace]:
    """Open both databases for reading; others may write meanwhile.

    Raises:
        UsageError: one of them is missing, or of another version.
    """
    with (
        closing(open_archive(settings.directory, for_reading=True)) as archive,
        closing(open_for_reading(settings.directory)) as catalogue,
    ):
        received = known.known_sources(archive)
        facts = merged(received.values(), settings)
        yield Workspace(
            settings,
            archive,
            sqlite_utils.Database(catalogue),
            {number: facts[source.name] for number, source in received.items()},
            load_tables(facts, settings.overlay),
        )


@contextmanager
def alone(directory: Path, command: str) -> Iterator[None]:
    """Keep every other command from writing to a data directory.

    Args:
        directory: the data directory.
        command: what is done, for others who have to wait.

    Raises:
        LockedError: another command is writing there.
        HarvesterError: the directory cannot be written.
    """
    try:
        lock = (directory / LOCK).open("a+b")
    except OSError as error:
        raise HarvesterError(f"{directory} cannot be written: {error}") from error
    with lock:
        if not _lock(lock, fcntl.LOCK_EX, LOCK_TRIES):
            raise LockedError(directory, _holder(lock))
        # What a killed command left there is written over; nobody reads it while nobody writes.
        _write(lock, msgspec.json.encode(Holder(command, os.getpid(), datetime.now(UTC))))
        yield
        _write(lock, b"")


def is_writing(directory: Path) -> bool:
    """Say whether some command is writing to a data directory right now."""
    path = directory / LOCK
    if not path.is_file():
        return False
    with path.open("rb") as lock:
        return not _lock(lock, fcntl.LOCK_SH, 1)


def _write(lock: IO[bytes], content: bytes) -> None:
    lock.truncate(0)
    lock.write(content)
    lock.flush()


def _holder(lock: IO[bytes]) -> Holder | None:
    lock.seek(0)
    try:
        return msgspec.json.decode(lock.read(), type=Holder)
    except msgspec.DecodeError:
        return None  # it has only just taken the lock, or is of an older version


def _lock(lock: IO[bytes], kind: int, tries: int) -> bool:
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
    # Asked before the archive is opened for writing, which upgrades it.
    with closing(open_archive(settings.directory, for_reading=True, older=True)) as archive:
        found = known.known_sources(archive, harvested=True).values()
    return {source.name: settings.sources.get(source.name, source) for source in found}
