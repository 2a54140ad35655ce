"""A data folder that is harvested into, as fast as can be: for tests of many harvests."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from harvester import pipeline, settings, workspace
from harvester.archive import known, open_archive
from harvester.archive.status import SourceStatus, status
from harvester.catalogue import open_for_reading, search
from harvester.catalogue.query import Query
from harvester.normalise.tables import load as load_tables
from harvester.oai.quirks import Quirks
from harvester.oai.stopping import Stop
from harvester.results import Ask, Result, exit_code
from harvester.settings import Config, Politeness, Settings
from harvester.sources import Source


class Installation:
    """A data folder, and one source that is harvested into it.

    Args:
        found: the installation.
        quirks: what the librarian has told of the source.
    """

    def __init__(self, found: Settings, quirks: Quirks) -> None:
        self._settings = found
        self._quirks = quirks

    def harvest(self, url: str, ask: Ask = Ask(), **more: Any) -> tuple[Result, int]:  # noqa: B008
        """Return how the source ended, and the exit code of the run."""
        source = Source(name="x", title="X", urls=[url], quirks=self._quirks)
        results = pipeline.harvest(self._settings, [source], ask, **more)
        return results[0], exit_code(results)

    def titles(self) -> dict[str, str]:
        """Return the title of every live record of the catalogue, by OAI identifier."""
        with closing(open_for_reading(self._settings.directory)) as catalogue:
            found = list(search.stream(catalogue, Query()))
        return {record.oai_identifier or "": record.title or "" for record in found}

    def status(self) -> SourceStatus:
        with closing(open_archive(self._settings.directory, for_reading=True)) as archive:
            (found,) = status(archive)
        return found

    def accounted_for(self) -> int:
        """Count what is in the catalogue, in quarantine, or a tombstone."""
        found = self.status()
        return len(self.titles()) + found.quarantined + found.gone

    def let_a_day_pass(self) -> None:
        """Forget until when the server wanted to be left alone."""
        with closing(open_archive(self._settings.directory)) as archive:
            known.set_not_before(archive, 1, None)


class Template:
    """An empty installation to be copied, and tables that are read once: both take their time."""

    def __init__(self, empty: Settings) -> None:
        self._empty = empty

    @contextmanager
    def copied(self, *, patience: float = 5.0, quirks: Quirks = Quirks()) -> Iterator[Installation]:  # noqa: B008
        """Make an installation in memory, where there is some: nothing here is about disks."""
        memory = Path("/dev/shm")
        with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
            directory = Path(folder) / "db"
            shutil.copytree(self._empty.directory, directory)
            polite = Politeness(connect_timeout=2.0, read_timeout=patience)
            found = Settings(directory, Config(politeness=polite), self._empty.sources)
            yield Installation(found, quirks)


@contextmanager
def template(directory: Path, waits: list[float]) -> Iterator[Template]:
    """Make a template; while it is there, clients wait in no time, and note for how long."""
    empty = settings.load(directory)
    tables = load_tables({}, empty.overlay)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workspace, "load_tables", lambda facts, overlay: tables)
        patch.setattr(Stop, "sleep", lambda self, seconds: waits.append(seconds))
        with workspace.opened(empty, "test"):
            pass
        yield Template(empty)
