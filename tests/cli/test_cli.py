"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import click
import pytest

from harvester.cli.commands import cli
from tests.cli.running import HARVESTER, one_line, run


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    db = tmp_path_factory.mktemp("demo") / "data"
    done = run("demo", "--no-serve", db=db)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return db


class TestDemo:
    def test_it_ends_with_a_summary(self, demo: Path) -> None:
        again = run("demo", "--no-serve", db=demo)
        assert again.returncode == 0
        for name in ("sample-orbi", "sample-base", "sample-pure"):
            assert f"{name}: complete, nothing new" in again.stdout
        records = re.search(r"(\d+) records in ", again.stdout)
        assert records is not None
        assert int(records[1]) >= 600

    def test_status_needs_nobody(self, demo: Path) -> None:
        done = run("status", "--json", db=demo)
        assert done.returncode == 0
        rows = json.loads(done.stdout)
        assert [row["state"] for row in rows] == ["complete"] * 3
        assert all(row["live"] > 100 and row["gone"] > 0 for row in rows)
        assert "sample-base" in run("status", db=demo).stdout

    def test_a_rebuilt_catalogue_is_the_same(self, demo: Path) -> None:
        before = run("export", "jsonl", "--deleted", db=demo).stdout
        for left in demo.glob("catalogue.db*"):
            left.unlink()
        done = run("normalise", "--all", db=demo)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert run("export", "jsonl", "--deleted", db=demo).stdout == before

    def test_export_takes_the_query_and_facets_of_the_page(self, demo: Path) -> None:
        every = run("export", "jsonl", db=demo).stdout.splitlines()
        french = run("export", "jsonl", "--language", "fra", db=demo).stdout.splitlines()
        assert 0 < len(french) < len(every)
        assert all("fra" in json.loads(line)["languages"] for line in french)
        recent = run("export", "jsonl", "--years", "2020-", db=demo).stdout.splitlines()
        assert {json.loads(line)["year"] >= 2020 for line in recent} == {True}

    def test_export_to_a_file_is_whole_or_not_there(self, demo: Path, tmp_path: Path) -> None:
        file = tmp_path / "all.bib"
        done = run("export", "bibtex", "-o", file, db=demo)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert file.read_text("utf-8").count("\n}") >= 600
        done = run("export", "bibtex", "-o", tmp_path / "no" / "all.bib", db=demo)
        assert done.returncode in (1, 2)
        one_line(done.stderr)

    def test_explain_tells_the_way_of_every_value(self, demo: Path) -> None:
        done = run("explain", "oai:orbi.ulg.ac.be:2268/231953", db=demo)
        assert done.returncode == 0
        assert "isomorphisme institutionnel" in done.stdout
        for field in ("title", "creators", "keywords", "disciplines", "languages"):
            assert f"\n{field}" in done.stdout
        again = run("explain", done.stdout.split()[0], db=demo)
        assert again.stdout == done.stdout

    def test_backup_and_restore(self, demo: Path, tmp_path: Path) -> None:
        file = tmp_path / "b.tar.zst"
        assert run("backup", file, db=demo).returncode == 0
        assert run("restore", file, db=tmp_path / "new").returncode == 0
        before = run("export", "jsonl", db=demo).stdout
        assert run("export", "jsonl", db=tmp_path / "new").stdout == before


class TestMistakes:
    """A user's mistake is one line on stderr and never a traceback."""

    def test_an_unknown_source_names_the_nearest(self, tmp_path: Path) -> None:
        done = run("harvest", "obri", db=tmp_path)
        assert done.returncode == 2
        assert "did you mean orbi" in one_line(done.stderr)

    def test_no_source_at_all(self, tmp_path: Path) -> None:
        done = run("harvest", db=tmp_path)
        assert done.returncode == 2
        assert "--all" in one_line(done.stderr)

    def test_an_unreachable_host(self, tmp_path: Path) -> None:
        done = run("harvest", "http://127.0.0.1:9/oai", db=tmp_path)
        assert done.returncode == 1
        assert "127.0.0.1:9" in one_line(done.stderr)
        assert run("status", db=tmp_path).stdout.count("\n") == 1

    def test_a_url_that_is_none(self, tmp_path: Path) -> None:
        done = run("harvest", "ftp://example.org/oai", db=tmp_path)
        assert done.returncode == 2
        one_line(done.stderr)

    @pytest.mark.parametrize(
        "content",
        [b"", b"\x00\x01\x02", b"%PDF-1.4", b"<html><p>Hello</p></html>", b"{}", b"hello"],
    )
    def test_an_unreadable_file(self, tmp_path: Path, content: bytes) -> None:
        file = tmp_path / "file.bin"
        file.write_bytes(content)
        done = run("import", file, db=tmp_path / "db")
        assert done.returncode == 1
        assert "file.bin" in one_line(done.stderr)

    def test_a_source_without_a_name(self, tmp_path: Path) -> None:
        file = tmp_path / "page.xml"
        file.write_text("<x/>", "utf-8")
        done = run("import", "--source", "", file, db=tmp_path / "db")
        assert done.returncode == 2
        assert "no source is named ''" in one_line(done.stderr)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        done = run("import", tmp_path / "no.xml", db=tmp_path)
        assert done.returncode == 2
        assert "no.xml" in one_line(done.stderr)

    @pytest.mark.parametrize(
        "command", [["export", "bibtex"], ["explain", "x"], ["status"], ["serve"], ["backup", "b"]]
    )
    def test_an_empty_data_folder(self, tmp_path: Path, command: list[str]) -> None:
        done = run(*command, db=tmp_path / "empty")
        assert done.returncode == 2
        one_line(done.stderr)

    @pytest.mark.parametrize(
        "wrong",
        [
            ["--years", "20x5"],
            ["--sort", "bogus"],
            ["--peer-reviewed", "yes"],
            ["--year", "MMXX"],
            ["--deleted"],
        ],
    )
    def test_a_filter_that_means_nothing(self, tmp_path: Path, wrong: list[str]) -> None:
        done = run("export", "bibtex", *wrong, db=tmp_path)
        assert done.returncode == 2
        assert wrong[0] in one_line(done.stderr)

    def test_tombstones_of_works(self, tmp_path: Path) -> None:
        done = run("export", "jsonl", "--works", "--deleted", db=tmp_path)
        assert done.returncode == 2
        assert "leave out --deleted or --works" in one_line(done.stderr)

    @pytest.mark.parametrize(
        "wrong",
        [
            ["--from", "garbage"],
            ["--until", "2026-13-45"],
            ["--from", "2026-02-01", "--until", "2026-01-01"],
            ["--full", "--from", "2026-01-01"],
        ],
    )
    def test_dates_that_mean_nothing(self, tmp_path: Path, wrong: list[str]) -> None:
        done = run("harvest", "orbi", *wrong, db=tmp_path)
        assert done.returncode == 2
        assert wrong[0] in one_line(done.stderr)

    @pytest.mark.parametrize("command", [["export", "jsonl", "-o"], ["backup"]])
    def test_a_database_is_never_overwritten(self, demo: Path, command: list[str]) -> None:
        done = run(*command, demo / "archive.db", db=demo)
        assert done.returncode == 2
        assert "archive.db" in one_line(done.stderr)
        assert run("status", db=demo).returncode == 0

    def test_a_full_output(self, demo: Path) -> None:
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [str(HARVESTER), "--db", str(demo), "export", "jsonl"],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
                check=False,
            )
        assert done.returncode == 1
        assert "Traceback" not in done.stderr

    def test_a_catalogue_of_another_archive(self, demo: Path, tmp_path: Path) -> None:
        assert run("demo", "--no-serve", db=tmp_path).returncode == 0
        with closing(sqlite3.connect(tmp_path / "archive.db")) as connection, connection:
            connection.execute("update identity set archive = 'another'")
        done = run("normalise", "--all", db=tmp_path)
        assert done.returncode == 1
        assert "was not built from the archive.db" in one_line(done.stderr)

    def test_hidden_files_of_a_folder_are_no_records(self, tmp_path: Path) -> None:
        for name in (".git/config", ".hidden"):
            (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "in" / name).write_text("no record", "utf-8")
        done = run("import", tmp_path / "in", db=tmp_path / "db")
        assert (done.returncode, done.stderr) == (0, "")

    def test_nothing_to_rebuild(self, tmp_path: Path) -> None:
        done = run("normalise", "--all", db=tmp_path)
        assert done.returncode == 2
        one_line(done.stderr)

    def test_a_format_that_does_not_exist(self, tmp_path: Path) -> None:
        done = run("export", "marc", db=tmp_path)
        assert done.returncode == 2
        assert "bibtex" in one_line(done.stderr)

    def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("here already", "utf-8")
        done = run("harvest", "orbi", db=tmp_path / "file" / "db")
        assert done.returncode == 1
        one_line(done.stderr)

    def test_a_broken_configuration(self, tmp_path: Path) -> None:
        (tmp_path / "config.yml").write_text("contact: [", "utf-8")
        done = run("harvest", "orbi", db=tmp_path)
        assert done.returncode == 2
        assert "config.yml" in one_line(done.stderr)

    def test_an_unknown_setting(self, tmp_path: Path) -> None:
        (tmp_path / "config.yml").write_text("contcat: me@example.org", "utf-8")
        done = run("harvest", "orbi", db=tmp_path)
        assert done.returncode == 2
        assert "contcat" in one_line(done.stderr)

    def test_a_newer_database(self, tmp_path: Path) -> None:
        assert run("demo", "--no-serve", db=tmp_path).returncode == 0
        for name in ("archive", "catalogue"):
            with closing(sqlite3.connect(tmp_path / f"{name}.db")) as connection, connection:
                connection.execute(
                    "insert into _sqlite_migrations (migration_set, name, applied_at)"
                    f" values ('{name}', 'm999', 'now')"
                )
        for command in (["status"], ["harvest", "orbi"], ["export", "jsonl"], ["serve"]):
            done = run(*command, db=tmp_path)
            assert done.returncode == 2
            assert "newer version" in one_line(done.stderr)

    def test_no_command_at_all(self) -> None:
        done = run()
        assert done.returncode == 2
        assert "\nCommands:\n" in done.stderr

    def test_a_command_that_does_not_exist(self) -> None:
        done = run("havrest")
        assert done.returncode == 2
        assert "havrest" in one_line(done.stderr)


def commands(group: click.Group = cli, above: str = "") -> list[tuple[str, click.Command]]:
    found = []
    for name, command in group.commands.items():
        found.append((f"{above}{name}", command))
        if isinstance(command, click.Group):
            found += commands(command, f"{above}{name} ")
    return found


@pytest.mark.parametrize(("name", "command"), commands(), ids=lambda value: str(value))
def test_every_command_has_help_with_an_example(name: str, command: click.Command) -> None:
    assert command.help
    assert "Example: harvester" in command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.name} has no help"


def test_version() -> None:
    assert re.fullmatch(r"harvester, version \d+\.\d+\.\d+\n", run("--version").stdout)
