"""The sample providers, running."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from harvester import sample
from harvester.sources import Source
from tests.sample.asking import NAMES


@pytest.fixture(scope="module")
def sources() -> Iterator[dict[str, Source]]:
    with sample.running() as started:
        yield started


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


@pytest.fixture(params=NAMES)
def source(request: pytest.FixtureRequest, sources: dict[str, Source]) -> Source:
    return sources[request.param]
