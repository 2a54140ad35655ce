"""`harvester quality` tells what is understood of each source, and lists what is not."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.running import one_line, run

RECORD = """
  <record><header><identifier>oai:x.example:{number}</identifier>
    <datestamp>2026-01-01</datestamp></header>
    <metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Werk {number}</dc:title>
      <dc:creator>de Vries, Jan</dc:creator><dc:date>2019</dc:date>
      <dc:type>{kind}</dc:type></oai_dc:dc></metadata></record>"""
ANSWER = """<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
  <responseDate>2026-01-02T00:00:00Z</responseDate>
  <request verb="ListRecords" metadataPrefix="oai_dc">https://x.example/oai</request>
  <ListRecords>{}</ListRecords></OAI-PMH>"""


def fetched(file: Path, kinds: list[str]) -> Path:
    """Write an answer with a record of each type."""
    records = (RECORD.format(number=number, kind=kind) for number, kind in enumerate(kinds))
    file.write_text(ANSWER.format("".join(records)), encoding="utf-8")
    return file


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A data folder with a source of 22 records, three of which have an unknown type."""
    db = tmp_path / "db"
    kinds = ["article"] * 19 + ["Geheimtyp", "Geheimtyp", "Andertyp &lt;b>[red]&lt;/b>"]
    assert run("import", "--source", "orbi", fetched(tmp_path / "a.xml", kinds), db=db).stderr == ""
    return db


def test_every_source_in_a_line(db: Path) -> None:
    done = run("quality", db=db)
    assert (done.returncode, done.stderr) == (0, "")
    head, line = done.stdout.splitlines()[:2]
    assert head.split()[:4] == ["source", "records", "title", "creators"]
    assert line.split() == [
        "orbi", "22", "100.0%", "100.0%", "100.0%", "86.4%", "0.0%", "0.0%", "0.0%", "96.6%",
    ]  # fmt: skip


def test_one_source(db: Path) -> None:
    told = run("quality", "orbi", db=db).stdout
    assert told.startswith("orbi: 22 records, 96.6% understood\n")
    rows = [line.split() for line in told.splitlines()]
    assert ["type", "19", "86.4%"] in rows
    assert ["dc:type", "22", "0", "19", "86.4%"] in rows
    assert rows[-1] == ["there", "is", "no", "earlier", "report"]
    assert "Andertyp <b>[red]</b> (orbi-" in told


def test_what_a_rule_gave_up_on(db: Path) -> None:
    for arguments in (["--json"], ["orbi", "--json"]):
        found = json.loads(run("quality", *arguments, "--list", "types.unknown", db=db).stdout)
        assert [(one["source"], one["value"], one["records"]) for one in found] == [
            ("orbi", "Geheimtyp", 2),
            ("orbi", "Andertyp <b>[red]</b>", 1),
        ]
    listed = run("quality", "--list", "types.unknown", db=db).stdout.splitlines()
    assert listed[1].split()[:3] == ["orbi", "2", "Geheimtyp"]


def test_json_holds_the_whole_report(db: Path) -> None:
    (summary,) = json.loads(run("quality", "--json", db=db).stdout)
    assert summary["since"] is None
    assert {"field": "type", "records": 19, "share": 0.8636} in summary["report"]["fields"]
    assert summary["report"]["unknown"][0]["value"] == "Geheimtyp"


def test_drift_is_told_and_changes_no_exit_code(db: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(db / "archive.db")) as archive, archive:
        archive.execute("update reports set day = '2026-01-03'")
    later = fetched(tmp_path / "b.xml", ["article"] * 22).read_text("utf-8")
    (tmp_path / "b.xml").write_text(later.replace("2026-01-01", "2026-01-04"), encoding="utf-8")
    run("import", "--source", "orbi", tmp_path / "b.xml", db=db)
    assert run("quality", "orbi", db=db).stdout.splitlines()[-3:] == [
        "since 2026-01-03: type: 100%, before 86%",
        "since 2026-01-03: types.term: 100%, before 86%",
        "since 2026-01-03: types.unknown: 0%, before 14%",
    ]
    assert run("quality", db=db).stdout.splitlines()[1].endswith("3 since 2026-01-03")
    done = run("status", db=db)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == (
        "orbi: 3 things are otherwise than on 2026-01-03; `harvester quality orbi` tells them"
    )
    (row,) = json.loads(run("status", "--json", db=db).stdout)
    assert [change["name"] for change in row["drift"]] == ["type", "types.term", "types.unknown"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--list", "types.term"], "take one of citation.unread, dates.impossible"),
        (["nobody"], "no source is named 'nobody'"),
        (["ugent-biblio"], "there are no records of ugent-biblio here"),
    ],
)
def test_mistakes_of_users(db: Path, arguments: list[str], says: str) -> None:
    done = run("quality", *arguments, db=db)
    assert done.returncode == 2
    assert says in one_line(done.stderr)


def test_before_the_first_harvest(tmp_path: Path) -> None:
    done = run("quality", db=tmp_path)
    assert done.returncode == 2
    assert "there is no archive.db" in one_line(done.stderr)
