"""A server runs on while its catalogue is put back from a backup, or deleted and made anew."""

from __future__ import annotations

import gc
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from datasette.app import Datasette

from harvester.catalogue.store import FILE, Entry, open_catalogue, put
from harvester.explorer import serve
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
    fill(tmp_path, "anew")
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


async def test_a_deleted_one_is_let_go_so_that_the_disk_has_its_room_again(tmp_path: Path) -> None:
    catalogue = fill(tmp_path, "before")
    instance = await serving(tmp_path)
    delete(catalogue)
    fill(tmp_path, "anew")
    old = instance.executor
    assert "anew" in await keywords(instance)
    assert old is not None
    old.shutdown(wait=True)
    gc.collect()
    held = [os.readlink(file) for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
    assert not [name for name in held if str(tmp_path) in name and name.endswith("(deleted)")]
