from __future__ import annotations

from pathlib import Path

from harvester.languages import bcp47


def test_a_language_has_two_letters_where_there_are_two() -> None:
    assert [bcp47(code) for code in ("nld", "ltz", "ang", "xxx")] == ["nl", "lb", "ang", "xxx"]


def test_a_librarian_adds_a_language(tmp_path: Path) -> None:
    (tmp_path / "languages.yml").write_text("languages:\n  qya: {alpha2: qy, en: Quenya}\n")
    assert (bcp47("qya"), bcp47("qya", tmp_path)) == ("qya", "qy")
