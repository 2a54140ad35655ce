"""One writer at a time; what the tables say today counts."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from harvester import settings, workspace
from harvester.archive import known, open_archive, runs, windows
from harvester.errors import TryLaterError
from harvester.oai.harvest import Window
from harvester.sources import Source


def test_there_is_one_writer(tmp_path: Path) -> None:
    assert not workspace.is_writing(tmp_path)
    with workspace.alone(tmp_path, "import"):
        assert workspace.is_writing(tmp_path)
        with (
            pytest.raises(TryLaterError, match=r"`harvester import` \(process \d+, since "),
            workspace.alone(tmp_path, "import"),
        ):
            pass
    assert not workspace.is_writing(tmp_path)


def test_asking_leaves_no_trace(tmp_path: Path) -> None:
    workspace.is_writing(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_the_tables_say_today_counts(tmp_path: Path) -> None:
    with closing(open_archive(tmp_path)) as archive:
        run = runs.start_run(archive, "harvest")
        for name in ("orbi", "example-org-oai"):
            source = Source(name=name, title="As it was", urls=["https://example.org/oai"])
            number = known.source_number(archive, source)
            windows.start_window(archive, run, number, Window("oai_dc"), reaches_now=True)
    found = workspace.received_sources(settings.load(tmp_path))
    assert found["orbi"].handle_prefixes == ["2268"]
    assert found["example-org-oai"].title == "As it was"
