"""`metadata.yml` tells the truth about the catalogue, and its queries run."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from datasette.utils import detect_fts, parse_metadata

from harvester import schemas
from harvester.catalogue.query import FACETS
from harvester.catalogue.store import Entry, open_catalogue, put
from harvester.model import Keyword, Record
from tests.explorer.conftest import Get

METADATA: dict[str, Any] = parse_metadata(
    schemas.shipped("metadata.yml").read_text(encoding="utf-8")
)
CATALOGUE = METADATA["databases"]["catalogue"]
TABLES: dict[str, Any] = CATALOGUE["tables"]
QUERIES: dict[str, Any] = CATALOGUE["queries"]


@pytest.fixture
def connection(directory: Path) -> sqlite3.Connection:
    return sqlite3.connect(directory / "catalogue.db")


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"pragma table_info([{table}])")]


def test_sql_by_visitors_is_off() -> None:
    assert CATALOGUE["allow_sql"] is False


def test_it_names_only_tables_there_are(connection: sqlite3.Connection) -> None:
    for table in TABLES:
        assert columns(connection, table), table


def test_every_table_is_described_or_hidden(connection: sqlite3.Connection) -> None:
    tables = {
        name
        for (name,) in connection.execute("select name from sqlite_master where type = 'table'")
        if not name.startswith(("records_fts", "sqlite_"))
    }
    assert tables == set(TABLES)
    for name, facts in TABLES.items():
        assert facts.get("title") or facts.get("hidden"), name


@pytest.mark.parametrize("table", ["records", "sources"])
def test_every_column_is_described(connection: sqlite3.Connection, table: str) -> None:
    assert list(TABLES[table]["columns"]) == columns(connection, table)


def test_full_text_search_is_found_by_datasette(connection: sqlite3.Connection) -> None:
    assert detect_fts(connection, "records") == TABLES["records"]["fts_table"]


def test_facets_are_those_of_the_search() -> None:
    facets = TABLES["records"]["facets"]
    assert {facet["catalogue"] for facet in facets} == set(FACETS)


@pytest.mark.parametrize("query", QUERIES)
async def test_each_query_runs_and_is_named(get: Get, query: str) -> None:
    assert QUERIES[query]["title"]
    response = await get(f"/catalogue/{query}.json?_shape=array")
    assert response.status_code == 200, response.text
    assert isinstance(json.loads(response.text), list)


@pytest.mark.parametrize(
    ("query", "column", "values"),
    [
        ("records_without_type", "id", ["biblio-0027"]),
        ("records_without_year", "id", ["biblio-0027"]),
        ("records_without_language", "id", ["biblio-0027"]),
        ("records_without_link", "id", ["orbi-666-h0st1", "pure-uva-0001"]),
        ("recently_withdrawn", "id", ["orbi-777-g0ne1"]),
        ("sources_that_need_attention", "name", ["pure-vu"]),
        ("doubtful_values", "rule", ["text.x", "disciplines.rejoined"]),
    ],
)
async def test_queries_find_what_needs_a_librarian(
    get: Get, query: str, column: str, values: list[str]
) -> None:
    rows = json.loads((await get(f"/catalogue/{query}.json?_shape=array")).text)
    assert {row[column] for row in rows} == set(values)


async def test_keywords_in_several_spellings_are_those_of_ascii_as_it_says(
    tmp_path: Path,
) -> None:
    words = ["Welfare", "welfare", "État", "état"]
    record = Record(id="a-1", source="a", title="T", keywords=[Keyword(word) for word in words])
    db = open_catalogue(tmp_path)
    put(db, [Entry(1, record, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")])
    db.close()
    connection = sqlite3.connect(tmp_path / "catalogue.db")
    query = QUERIES["keywords_in_several_spellings"]
    rows = connection.execute(query["sql"]).fetchall()
    assert [sorted(spellings.split(" · ")) for spellings, _ in rows] == [["Welfare", "welfare"]]
    assert "A to Z" in query["description"]
