"""A visit to one source: its pages are kept as they come, and brought into the catalogue."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import msgspec

from harvester.archive import known, pages, windows
from harvester.archive.runs import Tally
from harvester.catalogue import store
from harvester.formats import read_page
from harvester.oai import harvest as oai
from harvester.oai.client import Client
from harvester.oai.quirks import Quirks
from harvester.oai.received import Received
from harvester.oai.stopping import Stop
from harvester.pipeline.arrival import Arrival
from harvester.pipeline.helpers import Helpers
from harvester.pipeline.line import Line
from harvester.results import Ask, Progress, Result
from harvester.sources import Source
from harvester.workspace import Workspace


class Run(msgspec.Struct, frozen=True):
    """A harvest of several sources.

    Attributes:
        workspace: what is open.
        helpers: the processes that understand records beside this one.
        number: the run's number in the archive.
        ask: what each source is asked for.
        progress: called after every page.
        stop: says when the run has to end.
    """

    workspace: Workspace
    helpers: Helpers
    number: int
    ask: Ask
    progress: Callable[[Progress], None]
    stop: Stop


class Visit(msgspec.Struct, frozen=True):
    """A source that is being asked.

    Attributes:
        run: the run that it belongs to.
        source: the source.
        number: its number in the archive.
        client: asks its server.
        result: what has come so far.
        line: the pages of it that are on their way into the catalogue.
    """

    run: Run
    source: Source
    number: int
    client: Client
    result: Result
    line: Line

    def keep(self, window: int | None) -> Callable[[Received], int]:
        """Return what keeps answers as a part of a window; None for those that belong to no list.

        It may be called from another thread than the one that brings the pages.
        """
        workspace = self.run.workspace

        def keep(received: Received) -> int:
            with workspace.lock:
                page = pages.keep(workspace.archive, self.run.number, self.number, window, received)
                workspace.unapplied.kept(self.number, page)
            return page

        return keep

    def bring(self, step: oai.Step, window: int | None) -> Tally:
        """Enter the records of a page that was kept, and note how far its window has come.

        The page is on its way into the catalogue then; `settle` waits until it is there.
        """
        with self.run.workspace.lock:
            received_at = pages.received_at(self.run.workspace.archive, step.number)
        read = Arrival(self.number, step.number, received_at, read_page(step.page))

        def note(archive: sqlite3.Connection) -> None:
            if window is not None:
                windows.progress(archive, window, step.reached, step.holes)

        tally = self.line.bring(read, note)
        self.result.tally.add(tally)
        self.result.pages += 1
        if step.page.verb != "ListIdentifiers":
            self.result.listed += len(step.page.records)
            self._tell(step.page.complete_list_size)
        return tally

    def settle(self) -> None:
        """Wait until all pages that were brought are in the catalogue."""
        self.result.tally.quarantined += self.line.settle()

    def _tell(self, total: int | None) -> None:
        with self.run.workspace.lock:
            self.run.progress(Progress(self.source.name, self.result.listed, total))


@contextmanager
def visiting(run: Run, source: Source, result: Result) -> Iterator[Visit]:
    """Get ready to ask a source; at the end, what was learnt of its server is remembered.

    Raises:
        UsageError: its address or the contact is none.
    """
    workspace = run.workspace
    number = workspace.number(source)
    with workspace.lock:
        remembered = known.quirks(workspace.archive, number)
    quirks = source.quirks.joined(remembered)
    settings = workspace.settings
    client = Client(
        source.urls[0],
        contact=settings.config.contact,
        politeness=settings.config.politeness,
        auth=settings.credentials(source.name),
        quirks=quirks,
        stop=run.stop,
    )
    with closing(client):
        visit = Visit(run, source, number, client, result, Line(workspace, run.helpers))
        yield visit
        visit.settle()
    with workspace.lock:
        if client.quirks != quirks:
            found = remembered.joined(_without(client.quirks, source.quirks))
            known.remember_quirks(workspace.archive, number, found)
        mark = workspace.unapplied.ended(number)
        store.put(workspace.catalogue, [], applied_page=mark)


def _without(quirks: Quirks, told: Quirks) -> Quirks:
    """Leave out what the librarian told, who may take it back."""
    return Quirks(
        **{
            name: getattr(quirks, name) and not getattr(told, name)
            for name in Quirks.__struct_fields__
        }
    )
