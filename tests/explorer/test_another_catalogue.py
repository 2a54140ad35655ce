"""A server runs on while its catalogue is put back from a backup, or deleted and made anew."""

from __future__ import annotations

import asyncio
import gc
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from harvester.catalogue.store import FILE, Entry, open_catalogue, put, set_built_from
from harvester.explorer import serve, site, table_file
from harvester.model import Keyword, Record
from tests.explorer.reading import parsed, text

PAGES = ("/", "/search", "/search.json", "/search.jsonl", "/catalogue/records.json")


def fill(directory: Path, keyword: str, count: int = 2) -> Path:
    """Write a catalogue of one generation, whose first record has a keyword."""
    directory.mkdir(exist_ok=True)
    records = [
        Record(id=f"x-{keyword}-{number}", source="x", title=keyword) for number in range(count)
    ]
    records[0].keywords.append(Keyword(keyword))
    db = open_catalogue(directory)
    put(
        db,
        [
            Entry(number, record, added="2026-01-01T06:00:00Z", changed="2026-01-01T06:00:00Z")
            for number, record in enumerate(records, 1)
        ],
    )
    db.close()
    return directory / FILE


def built_from(catalogue: Path, archive: str) -> None:
    """Say that a catalogue holds all of an archive."""
    db = open_catalogue(catalogue.parent)
    set_built_from(db, archive)
    db.close()


def delete(catalogue: Path) -> None:
    for file in catalogue.parent.glob(f"{FILE}*"):
        file.unlink()


async def serving(directory: Path) -> Datasette:
    """Serve a catalogue, and ask for all kinds of pages once."""
    instance = serve.instance(directory)
    await instance.invoke_startup()
    for path in PAGES:
        assert (await instance.client.get(path)).status_code == 200
    return instance


async def keywords(instance: Datasette) -> str:
    """What the facet column beside all hits says."""
    page = parsed((await instance.client.get("/search")).text)
    return " ".join(text(one) for one in page.xpath("//aside"))


async def test_what_is_put_back_is_shown_though_it_has_as_many_generations(tmp_path: Path) -> None:
    here = fill(tmp_path / "here", "before")
    there = fill(tmp_path / "there", "restored")
    instance = await serving(here.parent)
    assert "before" in await keywords(instance)
    with closing(sqlite3.connect(there)) as source, closing(sqlite3.connect(here)) as target:
        source.backup(target)
    assert "restored" in await keywords(instance)
    assert "before" not in await keywords(instance)


async def test_a_catalogue_that_is_made_anew_is_shown(tmp_path: Path) -> None:
    catalogue = fill(tmp_path, "before", 3)
    instance = await serving(tmp_path)
    delete(catalogue)
    built_from(fill(tmp_path, "anew"), "x")
    assert "anew" in await keywords(instance)
    for path in PAGES:
        answer = (await instance.client.get(path)).text
        assert "anew" in answer, path
        assert "before" not in answer, path
    found = (await instance.client.get("/search.json?show=records")).json()
    assert found["total"] == 2
    assert found["facets"]["keyword"]["values"] == [
        {"value": "anew", "label": "anew", "count": 1, "chosen": False}
    ]


async def test_until_then_the_deleted_one_is_shown(tmp_path: Path) -> None:
    catalogue = fill(tmp_path, "before")
    instance = await serving(tmp_path)
    delete(catalogue)
    assert "before" in await keywords(instance)
    catalogue.touch()  # SQLite makes it before anything stands in it
    assert "before" in await keywords(instance)
    catalogue.unlink()
    fill(tmp_path, "anew")
    assert "before" in await keywords(instance)
    built_from(catalogue, "x")
    assert "anew" in await keywords(instance)


async def test_until_then_no_page_fails_whoever_else_asks(tmp_path: Path) -> None:
    catalogue = fill(tmp_path, "before")
    instance = serve.instance(tmp_path)
    await instance.invoke_startup()
    delete(catalogue)
    all_at_once = threading.Barrier(instance.setting("num_sql_threads"))

    def ask(connection: sqlite3.Connection) -> int:
        all_at_once.wait(10)
        found: int = connection.execute("select count(*) from records").fetchone()[0]
        return found

    database = instance.databases["catalogue"]
    asked = (database.execute_fn(ask) for _ in range(all_at_once.parties))
    assert set(await asyncio.gather(*asked)) == {2}


@pytest.mark.parametrize("there", [False, True], ids=["deleted", "not yet whole"])
@pytest.mark.parametrize("path", ["/search.bib", "/sitemap-1.xml"])
async def test_until_then_downloads_are_asked_to_come_again(
    tmp_path: Path, path: str, there: bool
) -> None:
    catalogue = fill(tmp_path, "before")
    instance = await serving(tmp_path)
    delete(catalogue)
    if there:
        fill(tmp_path, "anew")
    response = await instance.client.get(path)
    assert (response.status_code, response.headers["retry-after"]) == (503, "30")
    assert "The catalogue is being made anew" in response.text


async def test_a_download_that_waits_for_its_turn_reads_what_it_began_with(tmp_path: Path) -> None:
    fill(tmp_path, "before")
    instance = await serving(tmp_path)
    catalogue = fill(tmp_path, "before", 300)  # while it is served, the rest stays in its log
    found = site.find(instance)
    assert found is not None
    await found.turn.acquire()
    asked = asyncio.ensure_future(instance.client.get("/search.jsonl?show=records"))
    while found.places._value == site.MOST_DOWNLOADS:
        await asyncio.sleep(0.01)
    delete(catalogue)
    with closing(open_catalogue(tmp_path).conn):
        fill(tmp_path, "anew", 300)
        found.turn.release()
        shown = await asked
    assert shown.status_code == 200
    assert shown.text.count("x-before-") == 300


@pytest.mark.parametrize("path", ["/catalogue", "/catalogue.json"])
async def test_so_is_who_asks_how_large_the_file_is(tmp_path: Path, path: str) -> None:
    catalogue = fill(tmp_path, "before")
    instance = await serving(tmp_path)
    delete(catalogue)
    response = await instance.client.get(path)
    assert (response.status_code, response.headers["retry-after"]) == (503, "30")
    assert "The catalogue is being made anew" in response.text


async def test_a_table_is_not_written_half_from_the_one_and_half_from_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(table_file, "PIECE", 10)
    catalogue = fill(tmp_path, "before", 30)
    instance = await serving(tmp_path)
    found = site.find(instance)
    assert found is not None
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if len(sent) == 5:
            delete(catalogue)
            built_from(fill(tmp_path, "anew", 30), "x")
            await found.follow()

    scope = {
        "type": "http", "method": "GET", "path": "/catalogue/records.csv", "scheme": "http",
        "raw_path": b"/catalogue/records.csv", "query_string": b"_stream=on&_size=5",
        "headers": [(b"host", b"localhost")],
    }  # fmt: skip
    app: Any = instance.app()
    await app(scope, receive, send)
    assert sent[-1]["more_body"]
    assert b"anew" not in b"".join(message.get("body", b"") for message in sent)
    assert caplog.messages == [
        "/catalogue/records.csv was cut short: the catalogue was made anew meanwhile"
    ]


async def test_a_deleted_one_is_let_go_so_that_the_disk_has_its_room_again(tmp_path: Path) -> None:
    catalogue = fill(tmp_path, "before")
    instance = await serving(tmp_path)
    delete(catalogue)
    built_from(fill(tmp_path, "anew"), "x")
    old = instance.executor
    assert "anew" in await keywords(instance)
    assert old is not None
    old.shutdown(wait=True)
    gc.collect()
    held = [os.readlink(file) for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
    assert not [name for name in held if str(tmp_path) in name and name.endswith("(deleted)")]
