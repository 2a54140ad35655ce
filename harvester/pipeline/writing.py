"""Opens both databases for writing, and brings the catalogue up to the archive."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from harvester.archive import identity as archive_identity
from harvester.archive import ledger, pages, suppressions, works
from harvester.archive.pages import KeptPage
from harvester.archive.status import status
from harvester.catalogue import index, store
from harvester.errors import HarvesterError
from harvester.formats import Unreadable
from harvester.pipeline import arrival
from harvester.pipeline.assessing import assess_again
from harvester.pipeline.helpers import helping
from harvester.pipeline.line import Line
from harvester.pipeline.linking import copy_works, relink
from harvester.settings import Settings
from harvester.sources import Source
from harvester.workspace import Workspace, opened

log = logging.getLogger("harvester")


@contextmanager
def writing(settings: Settings, command: str, also: Iterable[Source] = ()) -> Iterator[Workspace]:
    """Open both databases for writing, and bring the catalogue up to the archive first.

    A run that was killed may have kept pages that the catalogue lacks, and a catalogue that was
    deleted lacks them all: they are applied before anything else happens. Once copies have been
    looked for, they are again whenever something was written.

    Args:
        settings: the installation.
        command: what is done, for others who have to wait.
        also: sources that will be written, so that origins are recognised among them.

    Raises:
        TryLaterError: another command is writing.
        HarvesterError: a database cannot be written.
    """
    with opened(settings, command, also) as workspace:
        _catch_up(workspace)
        yield workspace
        if works.version(workspace.archive):
            relink(workspace)
        assess_again(workspace)
        store.put_sources(workspace.catalogue, status(workspace.archive))
        index.store(workspace.catalogue)


def apply_again(workspace: Workspace, kept: Iterable[KeptPage]) -> None:
    """Bring pages that were kept into the catalogue, as a harvest would; twice is no harm."""
    _again(workspace, kept, entered=False)


def store_current(workspace: Workspace, source: int | None) -> None:
    """Read and understand again every page that holds the current version of some record.

    Args:
        workspace: what is open.
        source: the number of a source; None means all.
    """
    last = pages.last(workspace.archive)
    _again(workspace, pages.current(workspace.archive, source), entered=True)
    if source is None:
        store.put(workspace.catalogue, [], applied_page=last)


def hide_suppressed(workspace: Workspace) -> None:
    """Take suppressed records out of the catalogue, those of a command that was killed as well."""
    archive = workspace.archive
    store.remove(
        workspace.catalogue,
        [
            number
            for hidden in suppressions.listed(archive)
            for entry in ledger.find(archive, hidden.id)
            for number in ledger.numbers(archive, entry.source, [entry.identifier])
        ],
    )


def _catch_up(workspace: Workspace) -> None:
    archive = archive_identity(workspace.archive)
    owner = store.built_from(workspace.catalogue)
    applied, last = store.applied_page(workspace.catalogue), pages.last(workspace.archive)
    if owner not in (None, archive) or applied > last:
        raise HarvesterError(
            f"catalogue.db in {workspace.settings.directory} was not built from the archive.db "
            "beside it: put the right archive.db back, or restore a backup; only if that archive "
            "is lost for good, move catalogue.db away and run `harvester normalise --all`"
        )
    if owner is None:
        if last:
            log.info("catalogue.db is new: it is built from the archive")
            store_current(workspace, None)
        store.set_built_from(workspace.catalogue, archive)
    apply_again(workspace, pages.after(workspace.archive, store.applied_page(workspace.catalogue)))
    hide_suppressed(workspace)
    copy_works(workspace)


def _again(workspace: Workspace, kept: Iterable[KeptPage], *, entered: bool) -> None:
    """Bring pages into the catalogue again; those our own code fails on go into quarantine.

    A fault in a format or a rule must not stop all that comes after it, night for night.
    """

    def set_aside(page: KeptPage, error: Exception) -> None:
        log.error("page %s cannot be brought into the catalogue", page.id, exc_info=error)
        reason = f"{type(error).__name__}: {error}"
        arrival.set_aside(workspace, page, Unreadable(None, reason, page.received.body))

    def fault(page: int, error: Exception) -> None:
        set_aside(pages.read(workspace.archive, page), error)

    with helping(workspace.tables) as helpers:
        line = Line(workspace, helpers, fault)
        for page in kept:
            try:
                read = arrival.read(page, workspace.settings.overlay)
                if entered:
                    line.store(read)
                else:
                    line.bring(read)
            except (HarvesterError, sqlite3.Error, OSError):
                raise
            except Exception as error:
                line.settle()
                set_aside(page, error)
        line.settle()
