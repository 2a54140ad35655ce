"""Plain Datasette shows the catalogue too: its search finds, and its facets count live records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest_asyncio
import sqlite_utils
from datasette import app

from harvester.catalogue import store
from harvester.catalogue.store import Entry
from harvester.model import Agent, Discipline, Keyword

Build = Callable[..., Entry]

DATASETTE: Any = app.Datasette  # it has no types


@pytest_asyncio.fixture
async def datasette(
    catalogue: sqlite_utils.Database, entry: Build, tmp_path: Path
) -> AsyncIterator[Any]:
    store.put(
        catalogue,
        [
            entry(
                1,
                title="Élan social",
                keywords=[Keyword("travail"), Keyword("école")],
                creators=[Agent("Gérard, Julie")],
                disciplines=[Discipline("orbi", "H10", en="Sociology", fr="Sociologie")],
            ),
            entry(2, title="Zorg", keywords=[Keyword("travail")]),
            entry(3, title="Élan", keywords=[Keyword("travail")], deleted=True),
        ],
    )
    instance = DATASETTE([str(tmp_path / store.FILE)])
    await instance.invoke_startup()
    yield instance
    for database in instance.databases.values():
        database.close()


async def table(datasette: Any, parameters: str) -> Any:
    response = await datasette.client.get(f"/catalogue/records.json?_shape=objects&{parameters}")
    assert response.status_code == 200
    return response.json()


async def test_the_search_field_finds(datasette: Any) -> None:
    for words, numbers in (
        ("elan", [1]),
        ("gerard", [1]),
        ("sociologie", [1]),
        ("travail", [1, 2]),
    ):
        found = await table(datasette, f"_search={words}")
        assert [row["number"] for row in found["rows"]] == numbers


async def test_array_facets_count_live_records(datasette: Any) -> None:
    found = await table(datasette, "_facet_array=keywords&_facet_array=disciplines")
    counts = {
        name: {value["value"]: value["count"] for value in facet["results"]}
        for name, facet in found["facet_results"].items()
    }
    assert counts == {"keywords": {"travail": 2, "école": 1}, "disciplines": {"Sociology": 1}}


async def test_array_filters_combine(datasette: Any) -> None:
    found = await table(datasette, "keywords__arraycontains=travail&keywords__arraycontains=école")
    assert [row["number"] for row in found["rows"]] == [1]


async def test_the_pages_of_the_database_and_of_a_row_open(datasette: Any) -> None:
    for path in ("/catalogue", "/catalogue/records", "/catalogue/records/1", "/catalogue/keywords"):
        assert (await datasette.client.get(path)).status_code == 200
