"""The documentation is true: generated parts are up to date, examples run, links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


def test_generated_parts_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


PORTAL_PAGE = """\
De buurt als vangnet

Auteur: Peeters, An
Documenttype: artikel
Verschijningsdatum: 2021
Trefwoorden: buurt / armoede
Taal: Nederlands
Permalink: https://search.fid-benelux.de/Record/base-1
"""
EXAMPLES = re.findall(
    r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text("utf-8"), re.DOTALL
)


def test_the_python_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.txt").write_text(PORTAL_PAGE, "utf-8")
    for example in EXAMPLES:
        exec(example, {})
    printed = capsys.readouterr().out
    assert "De buurt als vangnet" in printed
    assert "sample-orbi: complete" in printed
    assert "@article{" in printed
