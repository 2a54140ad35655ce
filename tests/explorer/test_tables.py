"""Datasette's own page of `records` counts as the search does, on every page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from harvester.catalogue.query import FACETS
from harvester.catalogue.store import Entry, open_catalogue, put
from harvester.explorer import serve
from harvester.model import Record

Get = Callable[[str], Awaitable[Any]]
Pairs = list[tuple[str, str]]

SHOWN = 30
TABLE = "/catalogue/records.json"


async def table(get: Get, pairs: Pairs) -> Any:
    response = await get(f"{TABLE}?{urlencode(pairs)}")
    assert response.status_code == 200, response.text[:500]
    return json.loads(response.text)


def counts(found: Any) -> dict[str, dict[str, int]]:
    return {
        name: {value["value"]: value["count"] for value in facet["results"]}
        for name, facet in found["facet_results"].items()
    }


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [("q", "action")],
        [("keyword", "action publique")],
        [("language", "fra"), ("not_type", "book")],
        [("years", "2010-2020"), ("type", "journal article"), ("type", "book")],
        [("q", "-action"), ("not_keyword", "contrôle")],
        [("q", "année:2010-2020 OR type:book -lang:nl"), ("not_source", "biblio")],
        [("q", "actions"), ("language", "fra")],
    ],
)
async def test_its_filters_and_counts_are_those_of_the_search(get: Get, pairs: Pairs) -> None:
    searched = json.loads((await get(f"/search.json?{urlencode(pairs)}")).text)
    found = await table(get, [(f"_{name}", value) for name, value in pairs])
    assert found["filtered_table_rows_count"] == searched["total"]
    assert set(found["facet_results"]) == set(FACETS)
    assert counts(found) == {
        name: {value["value"]: value["count"] for value in facet["values"][:SHOWN]}
        for name, facet in searched["facets"].items()
    }


@pytest.mark.parametrize(
    "pairs",
    [
        [("_sort", "number")],
        [("_sort_desc", "added")],
        [("_sort", "container")],
        [("type", "journal article")],
        [("year__gt", "2012"), ("_language", "fra")],
        [("_search", "action")],
    ],
)
async def test_every_page_has_the_same_counts(get: Get, pairs: Pairs) -> None:
    first = await table(get, [*pairs, ("_size", "3")])
    page, rows = first, list(first["rows"])
    while page["next"]:
        page = await table(get, [*pairs, ("_size", "3"), ("_next", page["next"])])
        assert counts(page) == counts(first)
        rows += page["rows"]
    assert len(rows) == first["filtered_table_rows_count"] > 3
    columns = first["columns"]
    kinds = [row[columns.index("type")] for row in rows]
    assert counts(first)["type"] == {kind: kinds.count(kind) for kind in set(kinds) - {None}}


@pytest.mark.parametrize(
    ("name", "sort"),
    [
        ("records", ""),
        ("records", "_sort=added"),
        ("records", "_sort_desc=added"),
        ("records", "_sort=year"),
        ("records", "_sort_desc=year"),
        ("records", "_sort_desc=source"),
        ("records", "_sort_desc=number"),
        ("records", "_sort_desc=added&number__gt=3&number__lt=40"),
        ("records", "_sort_desc=added&_source=x&_q=t"),
        ("deleted_records", ""),
        ("deleted_records", "_sort_desc=source"),
    ],
)
async def test_rows_that_tie_stand_on_one_page_each(tmp_path: Path, name: str, sort: str) -> None:
    deleted = name == "deleted_records"
    db = open_catalogue(tmp_path)
    day = "2026-01-0{}T06:00:00Z"
    put(
        db,
        [
            Entry(
                number,
                Record(
                    id=f"x-{number}", source="x", title="t", deleted=deleted,
                    year=None if number % 3 else 2000 + number % 2,
                ),
                added=day.format(number % 2 + 1),
                changed=day.format(number % 2 + 1),
            )
            for number in range(1, 51)
        ],
    )  # fmt: skip
    db.close()
    instance = serve.instance(tmp_path)
    await instance.invoke_startup()
    found: list[str] = []
    path = f"/catalogue/{name}.json?_size=7&_shape=objects&{sort}"
    while path:
        page = (await instance.client.get(path)).json()
        found += [row["id"] for row in page["rows"]]
        path = (page["next_url"] or "").partition("localhost")[2]
    assert len(found) == len(set(found)) == page["filtered_table_rows_count"] > 30
    file = (await instance.client.get(f"/catalogue/{name}.csv?_stream=on&{sort}")).text
    assert [row["id"] for row in csv.DictReader(io.StringIO(file))] == found


async def test_choosing_a_value_narrows_and_choosing_it_again_widens(get: Get) -> None:
    found = await table(get, [("_size", "3")])
    page = await table(get, [("_size", "3"), ("_next", found["next"])])
    value = page["facet_results"]["keyword"]["results"][0]
    narrowed = json.loads((await get(value["toggle_url"].partition("localhost")[2])).text)
    assert narrowed["filtered_table_rows_count"] == value["count"]
    (chosen,) = [one for one in narrowed["facet_results"]["keyword"]["results"] if one["selected"]]
    again = json.loads((await get(chosen["toggle_url"].partition("localhost")[2])).text)
    assert again["filtered_table_rows_count"] == found["filtered_table_rows_count"]


async def test_rank_is_refused_with_a_word_on_where_relevance_is(get: Get) -> None:
    response = await get(f"{TABLE}?_search=action&_sort=rank")
    assert response.status_code == 400
    assert "/search?q=" in response.json()["error"]


async def test_the_search_of_the_table_is_not_ignored(get: Get) -> None:
    everything, some = await table(get, []), await table(get, [("_search", "action")])
    assert 0 < some["filtered_table_rows_count"] < everything["filtered_table_rows_count"]


async def test_other_tables_keep_datasettes_ways(get: Get) -> None:
    response = await get("/catalogue/keywords.json?_q=action&_sort=value")
    assert response.status_code == 200
    assert not response.json()["facet_results"]


async def test_the_page_shows_labels_and_the_csv_is_narrowed(get: Get) -> None:
    page = await get("/catalogue/records?_keyword=action+publique")
    assert page.status_code == 200
    assert "Sociology &amp; social sciences" in page.text
    rows = (await get("/catalogue/records.csv?_keyword=action+publique&_stream=on")).text
    found = await table(get, [("_keyword", "action publique")])
    assert len(rows.splitlines()) >= found["filtered_table_rows_count"] + 1
