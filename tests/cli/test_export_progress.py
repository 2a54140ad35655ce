"""A long export shows how far it is where somebody looks on, and nothing elsewhere."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from harvester import terminal
from harvester.catalogue import store, works
from harvester.catalogue.works import Work
from harvester.cli import commands, reading
from harvester.model import Record
from harvester.results import Progress
from tests.explorer import shelf


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    shelf.fill(tmp_path)
    return tmp_path


def export(directory: Path, *options: str) -> str:
    output = ["-o", str(directory / "all.bib")]
    arguments = ["--db", str(directory), "export", "bibtex", *options, *output]
    done = CliRunner().invoke(commands.cli, arguments)
    assert done.exit_code == 0, done.output
    assert (directory / "all.bib").stat().st_size
    return done.output


def test_a_bar_is_shown_on_a_terminal(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=100)
    monkeypatch.setattr(terminal, "err", console)
    assert export(directory) == ""
    live = len([record for record in shelf.records() if not record.deleted])
    assert f"{live}/{live}" in shown.getvalue()
    assert "all.bib" in shown.getvalue()


def test_the_bar_of_works_ends_with_the_last_work(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(store.open_catalogue(directory)) as catalogue:
        works.replace(catalogue, [Work(3, "work-a", "key-of-a")], {3: 3, 4: 3, 6: 3}, 1)
    shown = io.StringIO()
    monkeypatch.setattr(terminal, "err", Console(file=shown, force_terminal=True, width=100))
    assert export(directory, "--works") == ""
    live = len([record for record in shelf.records() if not record.deleted])
    assert f"{live - 2}/{live - 2}" in shown.getvalue()
    written = (directory / "all.bib").read_text(encoding="utf-8")
    assert written.count("\n@") + written.startswith("@") == live - 2
    assert "{key-of-a," in written
    assert export(directory) == ""
    written = (directory / "all.bib").read_text(encoding="utf-8")
    assert written.count("\n@") + written.startswith("@") == live
    assert "{key-of-a," not in written


def test_nothing_is_shown_without_one(directory: Path) -> None:
    assert export(directory) == ""


def test_steps_are_told_from_time_to_time_and_at_the_end() -> None:
    told: list[Progress] = []
    records = (Record(source="s", title=str(number)) for number in range(250))
    assert len(list(reading._counted(records, "x.bib", 250, told.append))) == 250
    assert [step.done for step in told] == [100, 200, 250]
    assert {(step.source, step.total) for step in told} == {("x.bib", 250)}
