"""Fixtures: an installation in a folder of its own, a small provider, and clients in a hurry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester import settings
from harvester.oai import client, mend
from harvester.pipeline import reconciling
from harvester.settings import Settings
from tests.pipeline.asking import stored
from tests.servers.provider import Provider, running


@pytest.fixture
def installation(tmp_path: Path) -> Settings:
    return settings.load(tmp_path / "db")


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider([stored(number) for number in range(7)], page_size=3)
    with running(found):
        yield found


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two tries."""
    monkeypatch.setattr(client, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr(mend, "HASTY", (0.0,))
    monkeypatch.setattr(reconciling, "HASTY", (0.0,))
