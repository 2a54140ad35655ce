"""`harvester link` groups copies and obeys librarians; `explain` says how alike two records are."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.running import one_line, run

RECORD = """
  <record><header><identifier>oai:{host}:{number}</identifier>
    <datestamp>2026-01-01</datestamp></header>
    <metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>
      <dc:creator>de Vries, Jan</dc:creator><dc:date>2019</dc:date>
      <dc:type>article</dc:type></oai_dc:dc></metadata></record>"""
ANSWER = """<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
  <responseDate>2026-01-02T00:00:00Z</responseDate>
  <request verb="ListRecords" metadataPrefix="oai_dc">https://{host}/oai</request>
  <ListRecords>{records}</ListRecords></OAI-PMH>"""
TITLES = {1: "Vertrouwen in de overheid na de storm", 2: "Kiezers zonder partij"}


def works(db: Path) -> int:
    with closing(sqlite3.connect(db / "catalogue.db")) as catalogue:
        counted = (
            "select count(*) from (select work from work_records group by 1 having count(*) > 1)"
        )
        found: int = catalogue.execute(counted).fetchone()[0]
        return found


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A data folder in which two repositories have an article in common."""
    for host, numbers in (("orbi.example", (1, 2)), ("base.example", (1,))):
        records = (RECORD.format(host=host, number=one, title=TITLES[one]) for one in numbers)
        answer = tmp_path / f"{host}.xml"
        answer.write_text(ANSWER.format(host=host, records="".join(records)), "utf-8")
        said = run("import", "--source", host.partition(".")[0], answer, db=tmp_path / "db")
        assert said.stderr == ""
    return tmp_path / "db"


def test_copies_become_a_work_and_stay_one_after_the_next_import(db: Path, tmp_path: Path) -> None:
    assert works(db) == 0
    done = run("link", db=db)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert works(db) == 1
    assert "3 records looked at" in (db / "harvest.log").read_text("utf-8")
    assert run("import", "--source", "orbilu", tmp_path / "orbi.example.xml", db=db).returncode == 0
    assert works(db) == 2


def test_what_a_librarian_says_counts(db: Path) -> None:
    pair = ("oai:orbi.example:1", "oai:base.example:1")
    assert run("link", "--split", *pair, db=db).returncode == 0
    assert works(db) == 0
    told = run("explain", *pair, db=db).stdout
    assert "a librarian decided: two publications" in told
    assert "they do not stand in one work" in told
    assert run("link", "--undo", *pair, db=db).returncode == 0
    assert works(db) == 1
    assert (
        run("link", "--confirm", "oai:orbi.example:1", "oai:orbi.example:2", db=db).returncode == 0
    )
    assert (
        "a librarian decided: one publication"
        in run("explain", "oai:orbi.example:2", "oai:orbi.example:1", db=db).stdout
    )


def test_a_pair_is_explained_feature_by_feature(db: Path) -> None:
    told = run("explain", "oai:orbi.example:1", "oai:base.example:1", db=db).stdout
    features = {line.split()[0]: line.split()[1:] for line in told.splitlines() if line.strip()}
    assert features["title"][0] == "1.00"
    assert float(features["sum"][0]) > 0
    assert "above 0: one publication" in told


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["link", "--all", "--split", "x", "y"], "one thing at a time"),
        (["link", "--confirm", "oai:orbi.example:1", "oai:z:1"], "no record has"),
        (["link", "--undo", "oai:orbi.example:1", "oai:base.example:1"], "nothing was decided"),
        (["explain", "oai:orbi.example:1", "oai:z:1"], "no record has"),
        (["explain", "oai:orbi.example:1", "oai:orbi.example:1"], "are one record"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(db: Path, arguments: list[str], why: str) -> None:
    done = run(*arguments, db=db)
    assert done.returncode == 2
    one_line(done.stderr)
    assert why in done.stderr


def test_an_empty_folder_has_nothing_to_link(tmp_path: Path) -> None:
    done = run("link", db=tmp_path / "none")
    assert done.returncode == 2
    assert "harvest first" in done.stderr


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("words: {yearly: ['...']}", "yearly"),
        ("words: {about: {review: {begin: ['?']}}}", "begin"),
        ("words: {kinds: {journal: {types: [x], apart: [boek]}}}", "there is no kind 'boek'"),
        ("fitted: {titel: 3}", "there is no feature 'titel'"),
        ("given: {doi_same: .inf}", "doi_same"),
        ("bias: .nan", "bias"),
    ],
)
def test_rules_that_make_no_sense_are_told_in_a_line(db: Path, rows: str, why: str) -> None:
    (db / "schemas").mkdir()
    (db / "schemas" / "linking.yml").write_text(rows, "utf-8")
    done = run("link", db=db)
    assert (done.returncode, works(db)) == (2, 0)
    one_line(done.stderr)
    assert "linking.yml" in done.stderr
    assert why in done.stderr
