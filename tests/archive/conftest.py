"""An empty archive, with one source and one run in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from harvester.archive import known, open_archive, runs
from harvester.sources import Source


class Opened(NamedTuple):
    connection: sqlite3.Connection
    source: int
    run: int


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Opened]:
    with closing(open_archive(tmp_path)) as connection:
        source = known.source_number(connection, Source(name="orbi", title="ORBi"))
        yield Opened(connection, source, runs.start_run(connection, "harvest"))
