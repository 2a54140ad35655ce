"""Fixtures of the whole test suite, and the one place that knows the optional corpus."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harvester.oai.received import Received

CHECKOUT = Path(__file__).parent.parent
CORPUS = Path(os.environ.get("HARVESTER_CORPUS", CHECKOUT.parent / "shared" / "fixtures"))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """A folder of recorded answers of real repositories, which not everybody has."""
    if not CORPUS.is_dir():
        pytest.skip("no corpus of recorded answers here (HARVESTER_CORPUS names its folder)")
    return CORPUS


@pytest.fixture(scope="session")
def seed(corpus: Path) -> Path:
    """The reference record as it was printed by the portal."""
    return corpus.parent / "seed" / "fid-benelux-record.txt"


@pytest.fixture
def answer() -> Received:
    """An answer as it came over the wire."""
    return Received(
        url="https://orbi.uliege.be/oai/request",
        params={"verb": "ListRecords", "metadataPrefix": "oai_dc"},
        status=200,
        headers={"content-type": "text/xml"},
        body=b"<OAI-PMH>" + b"x" * 5000 + b"</OAI-PMH>",
        received_at="2026-11-23T01:00:00Z",
        elapsed=0.25,
    )
