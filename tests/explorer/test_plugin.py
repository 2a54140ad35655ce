"""Plain Datasette with our plugin: its own pages stay whole, other databases stay as they are."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from datasette.app import Datasette
from datasette.plugins import pm
from datasette.utils import StartupError, parse_metadata

from harvester import schemas
from harvester.archive import open_archive
from harvester.catalogue.query import FACETS
from harvester.explorer import file, plugin, serve, site
from tests.explorer import shelf
from tests.explorer.conftest import Get
from tests.explorer.reading import css, parsed, text

METADATA = parse_metadata(schemas.shipped("metadata.yml").read_text(encoding="utf-8"))


def test_it_is_installed_by_its_entry_point() -> None:
    assert pm.get_plugin("harvester") is plugin


async def test_plain_datasette_shows_the_same_site(directory: Path) -> None:
    instance = Datasette([str(directory / "catalogue.db")], metadata=METADATA)
    await instance.invoke_startup()
    for path in ("/", "/search?q=action", f"/record/{shelf.SEED.id}", "/status", "/search.bib"):
        assert (await instance.client.get(path)).status_code == 200
    assert (await instance.client.get("/catalogue.json?sql=select+1")).status_code == 403


async def test_without_metadata_it_works_too(directory: Path) -> None:
    instance = Datasette([str(directory / "catalogue.db")])
    await instance.invoke_startup()
    response = await instance.client.get("/")
    assert response.status_code == 200
    assert "<h1>Catalogue</h1>" in response.text


async def test_the_file_may_have_any_name_and_the_site_any_path(tmp_path: Path) -> None:
    file = shelf.fill(tmp_path).rename(tmp_path / "my books.sqlite")
    instance = Datasette([str(file)], settings={"base_url": "/library/"})
    await instance.invoke_startup()
    response = await instance.client.get("/search?q=action&sort=title")
    assert response.status_code == 200
    assert 'href="/library/search?q=action&amp;keyword=' in response.text
    assert 'href="/library/-/explorer/site.css?' in response.text
    redirect = await instance.client.get("/record/oai:orbi.ulg.ac.be:2268/231953")
    assert redirect.headers["location"] == f"/library/record/{shelf.SEED.id}"


async def test_it_is_inert_where_no_catalogue_is(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.db"
    connection = sqlite3.connect(file)
    connection.execute("create table records (id text)")
    connection.execute("insert into records values ('orbi-1')")
    connection.commit()
    instance = Datasette([str(file)])
    await instance.invoke_startup()
    assert site.find(instance) is None
    index = await instance.client.get("/")
    assert "content-security-policy" not in index.headers
    assert "Search the catalogue" not in index.text
    assert "<h1" in index.text
    assert (await instance.client.get("/search")).status_code == 404
    assert (await instance.client.get("/status")).status_code == 404
    assert "/record/" not in (await instance.client.get("/catalogue/records")).text


async def test_a_file_that_is_no_database_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"nonsense" * 100)
    assert not file.is_catalogue(tmp_path / "x.db")
    assert not file.is_catalogue(tmp_path / "missing.db")


def test_an_archive_is_never_served(tmp_path: Path) -> None:
    shelf.fill(tmp_path)
    open_archive(tmp_path).close()
    both = [str(tmp_path / "catalogue.db"), str(tmp_path / "archive.db")]
    with pytest.raises(StartupError, match=r"archive\.db is the private archive"):
        Datasette(both)


async def test_datasettes_own_pages_stay(get: Get) -> None:
    rows = json.loads((await get("/catalogue/records.json?_size=max")).text)
    assert rows["filtered_table_rows_count"] == 35
    assert (await get("/catalogue/records")).status_code == 200
    assert (await get("/catalogue/records.csv?_stream=on")).text.count("\r\n") >= 36
    row = (await get("/catalogue/records/1.json?_shape=array")).text
    assert json.loads(row)[0]["id"] == shelf.SEED.id
    assert (await get("/catalogue.json")).status_code == 200


async def test_the_facets_of_the_search_are_there(get: Get) -> None:
    found = json.loads((await get("/catalogue/records.json?_search=action")).text)
    facets = {name: facet["results"] for name, facet in found["facet_results"].items()}
    assert set(facets) == set(FACETS)
    counts = {value["value"]: value["count"] for value in facets["keyword"]}
    assert counts["action publique"] == 6


async def test_full_text_search_works_in_the_table_too(get: Get) -> None:
    found = json.loads((await get("/catalogue/records.json?_search=chomeurs")).text)
    assert found["filtered_table_rows_count"] == 1


async def test_rows_lead_to_the_pages_of_their_records(get: Get) -> None:
    link = f'<a href="/record/{shelf.SEED.id}">{shelf.SEED.id}</a>'
    assert link in (await get("/catalogue/records")).text
    assert link in (await get("/catalogue/doubtful_values")).text
    assert 'href="/search"' in (await get("/catalogue")).text


@pytest.mark.parametrize(
    "path",
    [
        "/catalogue?sql=select+1",
        "/catalogue.json?sql=select+*+from+records",
        "/catalogue.csv?sql=select+1",
        "/catalogue/records?_where=1=1",
        "/catalogue/records.json?_where=1=1",
        "/catalogue/records.csv?_where=1=1",
    ],
)
async def test_visitors_run_no_sql(get: Get, path: str) -> None:
    assert (await get(path)).status_code == 403


@pytest.mark.parametrize("path", ["/catalogue/records?_facet=title", "/catalogue.db"])
async def test_visitors_cannot_ask_for_what_is_off(get: Get, path: str) -> None:
    assert (await get(path)).status_code in (400, 403)


async def test_an_unknown_address_is_a_page_of_ours(get: Get) -> None:
    response = await get("/catalogue/nothing")
    assert response.status_code == 404
    html = parsed(response.text)
    assert text(css(html, "h1")[0]) == "There is no such page"


async def test_style_sheet_and_icon_are_ours_and_stay_in_caches(get: Get) -> None:
    for name, kind in (("site.css", "text/css"), ("icon.svg", "image/svg+xml")):
        response = await get(f"/-/explorer/{name}")
        assert response.headers["content-type"].startswith(kind)
        assert "immutable" in response.headers["cache-control"]
    for name in ("nothing.css", "plugin.py"):
        assert (await get(f"/-/explorer/{name}")).status_code == 404


async def test_pages_may_be_cached_for_a_while(get: Get) -> None:
    assert (await get("/search")).headers["cache-control"] == "max-age=60"
    assert (await get("/record/nope")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "//evil.example", 404),
        ("GET", "/a//b.c", 404),
        ("GET", "/.well-known/security.txt", 404),
        ("GET", "/-/threads", 404),
        ("GET", "/-/messages", 404),
        ("POST", "/search", 405),
        ("DELETE", "/catalogue/records", 405),
        ("HEAD", "/search", 200),
        ("GET", "/record/oai:x.example:http://h//1", 404),
    ],
)
async def test_what_a_public_site_does_not_do(
    directory: Path, method: str, path: str, status: int
) -> None:
    instance = serve.instance(directory)
    await instance.invoke_startup()
    response = await instance.client.request(method, path)
    assert response.status_code == status
    assert response.headers["x-content-type-options"] == "nosniff"
