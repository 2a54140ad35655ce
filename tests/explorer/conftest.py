"""A catalogue on a shelf, and the site that shows it, without a socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from harvester.explorer import serve
from tests.explorer import shelf
from tests.explorer.reading import Element, parsed

Get = Callable[[str], Awaitable[Any]]
Page = Callable[..., Awaitable[Element]]


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a catalogue in it."""
    made = tmp_path_factory.mktemp("shelf")
    shelf.fill(made)
    return made


@pytest.fixture
async def datasette(directory: Path) -> Datasette:
    """The instance that `harvester serve` would run."""
    instance = serve.instance(directory)
    await instance.invoke_startup()
    return instance


@pytest.fixture
def get(datasette: Datasette) -> Get:
    """Ask the site for an address."""

    async def ask(path: str) -> Any:
        return await datasette.client.get(path)

    return ask


@pytest.fixture
def page(get: Get) -> Page:
    """Ask the site for a page, parsed."""

    async def ask(path: str, status: int = 200) -> Element:
        response = await get(path)
        assert response.status_code == status, response.text[:500]
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        return parsed(response.text)

    return ask
