"""Commands that keep the data small, whole and lawful, and make it come every night."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harvester import cron
from harvester.archive import known, open_archive
from harvester.workspace import alone
from tests.cli.running import HARVESTER, one_line, run
from tests.pipeline.asking import LATER, day_by_day, stored
from tests.servers.changes import oai_error
from tests.servers.provider import DAYS, Misbehaviour, Provider, Question, Reply, running


def takes_days_only(question: Question, reply: Reply) -> Reply:
    if len(question.arguments.get("from", "")) > len(DAYS):
        return oai_error("badArgument")(question, reply)
    return reply


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider(day_by_day(20), page_size=6)
    with running(found):
        yield found


@pytest.fixture
def db(provider: Provider, tmp_path: Path) -> Path:
    """A data folder with two harvests, of which the second supersedes a page of the first."""
    data = tmp_path / "db"
    assert run("harvest", provider.url, db=data).returncode == 0
    for number in range(6):
        provider.records[number] = stored(number, "Anders", datestamp=LATER)
    assert run("harvest", "--all", db=data).returncode == 0
    return data


def id_of(identifier: str, db: Path) -> str:
    with closing(sqlite3.connect(db / "catalogue.db")) as catalogue:
        select = "select id from records where oai_identifier = ?"
        found: str = catalogue.execute(select, (identifier,)).fetchone()[0]
    return found


def exported(db: Path) -> str:
    return run("export", "jsonl", "--deleted", db=db).stdout


class TestArchive:
    def test_what_is_superseded_is_counted_and_removed(self, db: Path) -> None:
        before = exported(db)
        (size,) = json.loads(run("archive", "size", "--json", db=db).stdout)
        assert size["pages"] > size["superseded_pages"] > 0
        table = run("archive", "size", db=db)
        assert (table.returncode, table.stderr) == (0, "")
        assert "superseded" in table.stdout
        dry = run("archive", "prune", "--dry-run", db=db)
        assert f"{size['superseded_pages']} pages would be removed" in dry.stdout
        early = run("archive", "prune", "--before", "2020-01-01", "--dry-run", db=db)
        assert "0 pages would be removed" in early.stdout
        done = run("archive", "prune", db=db)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        (left,) = json.loads(run("archive", "size", "--json", db=db).stdout)
        assert left["pages"] == size["pages"] - size["superseded_pages"]
        for file in db.glob("catalogue.db*"):
            file.unlink()
        assert run("normalise", "--all", db=db).returncode == 0
        assert exported(db) == before

    def test_a_damaged_page_is_found(self, db: Path) -> None:
        assert run("archive", "verify", db=db).returncode == 0
        with closing(sqlite3.connect(db / "archive.db")) as archive, archive:
            archive.execute("update pages set body = zeroblob(20) where id = 3")
        done = run("archive", "verify", db=db)
        assert done.returncode == 1
        assert "page 3 of the archive" in one_line(done.stderr)

    def test_pages_become_files(self, db: Path, tmp_path: Path) -> None:
        done = run("archive", "export", tmp_path / "pages", db=db)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        (size,) = json.loads(run("archive", "size", "--json", db=db).stdout)
        assert len(list((tmp_path / "pages").glob("*.xml"))) == size["pages"]
        facts = json.loads((tmp_path / "pages" / "00000002.json").read_text("utf-8"))
        assert facts["params"]["verb"] == "ListRecords"
        again = run("import", tmp_path / "pages", db=tmp_path / "new")
        assert again.returncode == 1  # Identify and the JSON files hold no records

    def test_pages_of_one_source(self, db: Path, provider: Provider, tmp_path: Path) -> None:
        done = run("archive", "export", tmp_path / "pages", "--source", "orbi", db=db)
        assert done.returncode == 2
        assert "orbi" in one_line(done.stderr)
        name = json.loads(run("status", "--json", db=db).stdout)[0]["name"]
        done = run("archive", "export", tmp_path / "pages", "--source", name, db=db)
        assert done.returncode == 0
        assert list((tmp_path / "pages").iterdir())

    @pytest.mark.parametrize(
        "wrong", [["prune", "--before", "soon"], ["prune"], ["size"], ["verify"], ["export", "x"]]
    )
    def test_mistakes(self, wrong: list[str], tmp_path: Path) -> None:
        done = run("archive", *wrong, db=tmp_path / "empty")
        assert done.returncode == 2
        one_line(done.stderr)
        assert not (tmp_path / "empty" / "archive.db").exists()


class TestSuppress:
    def test_a_record_is_hidden_and_shown_again(self, db: Path) -> None:
        before = exported(db)
        done = run("suppress", "oai:x:7", "--reason", "withdrawn by its author", db=db)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert '"oai:x:7"' not in exported(db)
        listed = run("suppress", db=db)
        assert "withdrawn by its author" in listed.stdout
        assert run("suppress", "oai:x:7", "--undo", db=db).returncode == 0
        assert exported(db) == before
        assert run("suppress", db=db).stdout == ""

    def test_a_record_is_erased(self, db: Path, provider: Provider) -> None:
        assert b"Over werk 7" in (db / "catalogue.db").read_bytes()
        done = run("suppress", "oai:x:7", "--reason", "a court", "--erase", db=db)
        assert (done.returncode, done.stderr) == (0, "")
        assert b"Over werk 7<" not in b"".join(file.read_bytes() for file in db.glob("*.db*"))
        assert run("harvest", "--all", "--full", db=db).returncode == 0
        assert '"oai:x:7"' not in exported(db)

    def test_what_is_not_there_or_not_hidden(self, db: Path) -> None:
        done = run("suppress", "oai:x:999", "--reason", "x", db=db)
        assert done.returncode == 2
        assert "'oai:x:999'" in one_line(done.stderr)
        done = run("suppress", "oai:x:7", "--undo", db=db)
        assert done.returncode == 2
        assert "is not suppressed" in one_line(done.stderr)

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            (["oai:x:7"], "--reason"),
            (["oai:x:7", "--reason", " "], "--reason"),
            (["--reason", "x"], "which record"),
            (["oai:x:7", "--undo", "--erase"], "--undo stands alone"),
            (["oai:x:7", "--reason", "x"], "archive.db"),
        ],
        ids=["no-reason", "blank-reason", "no-record", "undo-and-erase", "no-archive"],
    )
    def test_mistakes(self, tmp_path: Path, wrong: list[str], told: str) -> None:
        done = run("suppress", *wrong, db=tmp_path)
        assert done.returncode == 2
        assert told in one_line(done.stderr)


class TestCheck:
    def test_what_is_found_is_told_and_remembered(self, provider: Provider, tmp_path: Path) -> None:
        provider.misbehaviours = [Misbehaviour(change=takes_days_only)]
        done = run("sources", "check", provider.url, "--json", db=tmp_path)
        assert json.loads(done.stdout)["quirks"] == {"days_only": True}
        with closing(open_archive(tmp_path, for_reading=True)) as archive:
            assert known.quirks(archive, 1).days_only
        for language in ("en", "de", "fr", "nl"):
            told = run("sources", "check", provider.url, "--lang", language, db=tmp_path)
            assert provider.url in told.stdout
        letter = run("sources", "check", provider.url, "--letter", db=tmp_path)
        assert len(letter.stdout.splitlines()) > 3
        assert run("harvest", provider.url, db=tmp_path).returncode == 0
        provider.questions.clear()
        assert run("harvest", provider.url, db=tmp_path).returncode == 0
        assert len(provider.asked("ListRecords")[0]["from"]) == len("2026-01-01")

    def test_another_command_that_writes_is_told(self, tmp_path: Path, provider: Provider) -> None:
        provider.granularity = DAYS
        assert run("harvest", provider.url, db=tmp_path).returncode == 0
        with alone(tmp_path, "harvest"):
            done = run("sources", "check", provider.url, db=tmp_path)
        assert "not remembered" in one_line(done.stderr)

    def test_a_server_that_is_not_there_is_not_remembered(self, tmp_path: Path) -> None:
        done = run("sources", "check", "http://127.0.0.1:9/oai", db=tmp_path)
        assert done.returncode == 1
        assert "127.0.0.1:9" in done.stdout
        assert not (tmp_path / "archive.db").exists()


class TestCron:
    def test_the_crontab_line_runs_this_installation(self, tmp_path: Path) -> None:
        data = tmp_path / "50 % of it"
        done = run("cron", db=data)
        assert (done.returncode, done.stderr) == (0, "")
        (line,) = (
            line for line in done.stdout.splitlines() if re.match(r"\d+ \d+ \* \* \*  ", line)
        )
        minute, hour, *_, words = line.split(maxsplit=5)
        assert 0 <= int(minute) < 60
        assert 0 <= int(hour) < 6
        assert f"'{data}'".replace("%", r"\%") in words
        assert str(HARVESTER) in words
        assert "--max-time" in words
        # What cron hands to the shell: the command does run, and has nothing to harvest.
        ran = subprocess.run(
            ["sh", "-c", words.replace(r"\%", "%")], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 2
        assert "name a source" in one_line(ran.stderr)

    def test_mail_goes_to_the_contact(self, tmp_path: Path) -> None:
        (tmp_path / "config.yml").write_text("contact: library@example.org", "utf-8")
        assert "\nMAILTO=library@example.org\n" in run("cron", db=tmp_path).stdout

    @pytest.mark.skipif(
        shutil.which("systemd-analyze") is None, reason="there is no systemd on this machine"
    )
    @pytest.mark.parametrize("name", ["plain", 'a "b" $HOME 50% c'])
    def test_systemd_accepts_the_units(self, tmp_path: Path, name: str) -> None:
        data = tmp_path / name
        printed = run("cron", db=data).stdout
        parts = re.split(r"^# /etc/systemd/system/(\S+)\n", printed, flags=re.MULTILINE)[1:]
        units = dict(zip(parts[::2], parts[1::2], strict=True))
        assert set(units) == {"harvester.service", "harvester.timer"}
        for unit, content in units.items():
            (tmp_path / unit).write_text(content, "utf-8")
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit) for unit in units)],
            capture_output=True,
            text=True,
            check=False,
        )
        ours = [line for line in done.stderr.splitlines() if "harvester" in line]
        assert (done.returncode, ours) == (0, [])

    def test_units_of_an_odd_path_mean_that_path(self) -> None:
        unit = cron.service(["/opt/h", "--db", '/srv/a "b" $x 5%'], Path("/srv"), "www")
        assert 'ExecStart=/opt/h --db "/srv/a \\"b\\" $$x 5%%"' in unit


def test_status_tells_what_happened(provider: Provider, db: Path) -> None:
    provider.records[10] = stored(10, "Over werk", datestamp=LATER)
    del provider.records[11]
    assert run("harvest", "--all", db=db).returncode == 0
    (row,) = json.loads(run("status", "--json", db=db).stdout)
    assert (row["state"], row["touched"], row["needs_attention"]) == ("complete", 1, False)
    shown = run("status", db=db).stdout
    for column in (
        "last complete",
        "new",
        "changed",
        "touched",
        "deleted",
        "quarantine",
        "missing",
    ):
        assert column in shown


def test_a_backup_names_what_was_suppressed_after_it(db: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.zst"
    assert run("suppress", "oai:x:7", "--reason", "withdrawn", db=db).returncode == 0
    assert run("backup", file, db=db).returncode == 0
    assert run("restore", file, db=db).stderr == ""
    id_ = id_of("oai:x:6", db)
    assert run("suppress", "oai:x:6", "--reason", "withdrawn", db=db).returncode == 0
    done = run("restore", file, db=db)
    assert done.returncode == 0
    assert one_line(done.stderr).split(": ")[-1].strip() == id_
    assert id_ in run("export", "jsonl", db=db).stdout


def test_a_backup_names_what_was_erased_after_it(db: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.zst"
    ids = sorted(id_of(name, db) for name in ("oai:x:7", "oai:x:8"))
    assert run("suppress", "oai:x:7", "--reason", "withdrawn", db=db).returncode == 0
    assert run("backup", file, db=db).returncode == 0
    for name in ("oai:x:7", "oai:x:8"):
        assert run("suppress", name, "--reason", "a court", "--erase", db=db).returncode == 0
    told = one_line(run("restore", file, db=db).stderr)
    assert told.endswith(f": {ids[0]} (with --erase), {ids[1]} (with --erase)\n")


def test_a_backup_takes_the_place_of_a_damaged_archive(db: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.zst"
    assert run("backup", file, db=db).returncode == 0
    (db / "archive.db").write_bytes(b"damaged")
    (db / "catalogue.db").unlink()
    assert run("restore", file, db=db).returncode == 0


def test_what_a_backup_knows_nothing_of_is_suppressed_anew_after_the_next_harvest(
    provider: Provider, db: Path, tmp_path: Path
) -> None:
    file = tmp_path / "b.tar.zst"
    assert run("backup", file, db=db).returncode == 0
    provider.records.append(stored(99, "Later", datestamp=LATER))
    assert run("harvest", "--all", "--full", db=db).returncode == 0
    assert run("suppress", "oai:x:99", "--reason", "withdrawn", db=db).returncode == 0
    told = one_line(run("restore", file, db=db).stderr)
    assert "when the next harvest has brought them again" in told
    hidden = told.split(": ")[-1].strip()
    assert run("suppress", hidden, "--reason", "withdrawn", db=db).returncode == 2
    assert run("harvest", "--all", "--full", db=db).returncode == 0
    assert run("suppress", hidden, "--reason", "withdrawn", db=db).returncode == 0
    assert hidden not in run("export", "jsonl", db=db).stdout
