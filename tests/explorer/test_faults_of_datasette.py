"""Where Datasette 0.65 answers 500, or calls its own slowness the asker's fault."""

from __future__ import annotations

import json
import sqlite3

import pytest
from datasette.app import Datasette
from datasette.database import QueryInterrupted

from tests.explorer.conftest import Get

TABLE = "/catalogue/records"


@pytest.mark.parametrize("suffix", ["", ".json", ".csv"])
@pytest.mark.parametrize(
    ("parameters", "line"),
    [
        ("_sort=nosuch", "Cannot sort table by nosuch"),
        ("_sort_desc=nosuch", "Cannot sort table by nosuch"),
        ("_sort=year&_sort_desc=year", "Cannot use _sort and _sort_desc at the same time"),
        ("_timelimit=abc", "_timelimit must be a whole number."),
        ("_timelimit=1e9", "_timelimit must be a whole number."),
        ("_timelimit=-1", "_timelimit must be a whole number."),
        ("_through=abc", "A parameter of this address cannot be read."),
        ("_through=1", "A parameter of this address cannot be read."),
        ("_through=[]", "A parameter of this address cannot be read."),
        ("_through={}", "A parameter of this address cannot be read."),
        ("year__in=[1", "A parameter of this address cannot be read."),
        ("year__gt=99999999999999999999999", "A parameter of this address cannot be read."),
    ],
)
async def test_a_parameter_that_cannot_be_read_is_400(
    get: Get, suffix: str, parameters: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    response = await get(f"{TABLE}{suffix}?{parameters}")
    assert response.status_code == 400
    told = json.loads(response.text)["error"] if _is_json(response) else response.text
    assert line in told
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "path",
    [
        f"{TABLE}.json?_json_infinity=x",
        "/catalogue.json?_shape=array",
        f"{TABLE}/1.json?_json_infinity=x",
    ],
)
async def test_so_are_those_of_json(get: Get, path: str) -> None:
    response = await get(path)
    assert response.status_code == 400
    assert json.loads(response.text)["ok"] is False


@pytest.mark.parametrize(
    "path",
    ["//host", "/.well-known/security.txt", "/.git/config", "/a//b", "//"],
)
async def test_an_address_that_is_none_is_404(get: Get, path: str) -> None:
    assert (await get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/catalogue.csv", "/catalogue.csv?_stream=on"])
async def test_a_database_is_no_file_of_rows(get: Get, path: str) -> None:
    response = await get(path)
    assert response.status_code == 404
    assert "There is no such file" in response.text


@pytest.mark.parametrize("suffix", ["", ".json"])
async def test_a_table_that_takes_too_long_is_503(
    datasette: Datasette, get: Get, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted(*_: object, **__: object) -> None:
        raise QueryInterrupted(sqlite3.OperationalError("interrupted"), "select 1", {})

    monkeypatch.setattr(datasette.databases["catalogue"], "execute", interrupted)
    response = await get(f"/catalogue/newest_records{suffix}")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "30"
    assert "This took too long" in response.text
    assert "select" not in response.text


async def test_a_fault_of_the_server_stays_one(
    datasette: Datasette, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(datasette.databases["catalogue"], "execute", broken)
    assert (await get("/catalogue/newest_records")).status_code == 500


def _is_json(response: object) -> bool:
    return "json" in response.headers["content-type"]  # type: ignore[attr-defined]
