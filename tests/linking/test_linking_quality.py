"""How well records are linked, on labelled pairs that nothing was fitted on."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.linking import weighing
from tests.linking import measuring


@pytest.mark.parametrize(("version", "least"), [("Structured", 0.985), ("Dirty", 0.97)])
def test_pairs_of_dblp_and_acm(corpus: Path, version: str, least: float) -> None:
    assert measuring.pairs(corpus, version, "test", weighing.load().weights).f1 >= least


def test_citations_of_several_databases(corpus: Path) -> None:
    found = measuring.groups(corpus, weighing.load())
    assert found.recall >= 0.995
    assert found.precision >= 0.995
