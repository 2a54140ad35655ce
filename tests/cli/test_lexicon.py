"""`harvester lexicon` learns phrases from files or from what was harvested."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.cli.running import one_line, run

RECORD = """\
<record xmlns="http://www.openarchives.org/OAI/2.0/"><header>
<identifier>oai:example.org:{number}</identifier><datestamp>2022-06-01</datestamp></header>
<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>Title {number}</dc:title><dc:subject>{subject}</dc:subject></oai_dc:dc>
</metadata></record>
"""


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    folder = tmp_path / "answers"
    folder.mkdir()
    subjects = ["Liège, Belgique", "Liège, Belgique", "Education, Higher", "Education, Higher"]
    for number, subject in enumerate(subjects):
        record = RECORD.format(number=number, subject=subject)
        (folder / f"{number}.xml").write_text(record, "utf-8")
    return folder


def learned(table: Path) -> dict[str, int]:
    phrases = yaml.safe_load(table.read_text("utf-8"))["phrases"]
    assert isinstance(phrases, dict)
    return phrases


def test_from_files(answers: Path, tmp_path: Path) -> None:
    table = tmp_path / "learned" / "phrases.yml"
    done = run("lexicon", "-o", table, answers, db=tmp_path / "db")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert learned(table) == {"Liège, Belgique": 2}


def test_from_what_was_harvested_and_corrected(answers: Path, tmp_path: Path) -> None:
    db = tmp_path / "db"
    assert run("import", "--source", "orbi", answers, db=db).returncode == 0
    assert run("lexicon", db=db).returncode == 0
    table = db / "schemas" / "phrases.yml"
    assert learned(table) == {"Liège, Belgique": 2}
    table.write_text(table.read_text("utf-8").replace('Belgique": 2', 'Belgique": 0'), "utf-8")
    assert run("lexicon", "--least", "3", db=db).returncode == 0
    assert learned(table) == {"Liège, Belgique": 0}
    assert run("normalise", "--all", db=db).returncode == 0


def test_nothing_to_learn_from(tmp_path: Path) -> None:
    done = run("lexicon", db=tmp_path / "db")
    assert done.returncode == 2
    assert "harvest" in one_line(done.stderr)
