from __future__ import annotations

import re
from pathlib import Path

import pytest

from harvester.export import exporters
from harvester.languages import bcp47
from harvester.model import Record


def test_a_language_has_two_letters_where_there_are_two() -> None:
    assert [bcp47(code) for code in ("nld", "ltz", "ang", "xxx")] == ["nl", "lb", "ang", "xxx"]


def test_a_librarian_adds_a_language(tmp_path: Path) -> None:
    (tmp_path / "languages.yml").write_text("languages:\n  qya: {alpha2: qy, en: Quenya}\n")
    assert (bcp47("qya"), bcp47("qya", tmp_path)) == ("qya", "qy")


@pytest.mark.parametrize("name", ["bibtex", "ris", "enw", "csl-json", "datacite", "mods", "jsonld"])
def test_a_language_of_the_librarian_reaches_every_format_that_tells_it(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "languages.yml").write_text("languages:\n  qya: {alpha2: qy, en: Quenya}\n")
    record = Record(
        id="s-1", source="s", citekey="namarie-abcde", title="Namárië", languages=["qya"]
    )
    write = exporters()[name].writer(tmp_path)
    assert re.search(r"\bqy\b", "".join(write([record])))
