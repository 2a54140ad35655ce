"""What search engines are told: robots.txt, the sitemap, the search bar, canonical addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.robotparser import RobotFileParser

import pytest
from datasette.app import Datasette
from lxml import etree

from harvester.catalogue import moments
from harvester.catalogue.store import Entry, open_catalogue, put
from harvester.explorer import opensearch, serve
from harvester.model import Record
from tests.explorer import shelf
from tests.explorer.conftest import Get, Page

MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
SEARCH = {"o": "http://a9.com/-/spec/opensearch/1.1/"}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/search", True),
        ("/search?page=2", True),
        ("/search?sort=added&page=40", True),
        ("/search?keyword=action", False),
        ("/search?q=action&keyword=x", False),
        ("/search.bib", False),
        ("/search.atom?q=x", False),
        (f"/record/{shelf.SEED.id}", True),
        (f"/record/{shelf.SEED.id}.bib", True),
        ("/catalogue/records?_facet=title", False),
        ("/-/metadata", False),
        ("/-/explorer/site.css", True),
        ("/unapi?id=x", False),
        ("/sitemap.xml", True),
        ("/sitemap-1.xml", True),
        ("/status", True),
    ],
)
async def test_records_may_be_read_and_facets_not_followed(
    get: Get, path: str, allowed: bool
) -> None:
    response = await get("/robots.txt")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    robots = RobotFileParser()
    robots.parse(response.text.splitlines())
    assert robots.can_fetch("anybot", f"http://localhost{path}") is allowed
    assert robots.site_maps() == ["http://localhost/sitemap.xml"]


async def test_the_sitemap_has_every_live_record_once_with_its_date(get: Get) -> None:
    index = await get("/sitemap.xml")
    assert index.headers["content-type"] == "application/xml; charset=utf-8"
    (address,) = xpath(index.content, "//s:sitemap/s:loc/text()")
    part = await get(str(address).removeprefix("http://localhost"))
    assert part.headers["content-type"] == "application/xml; charset=utf-8"
    assert "content-disposition" not in part.headers
    urls = xpath(part.content, "//s:url")
    found = {url[0].text: url[1].text for url in urls}
    live = [record.id for record in shelf.records() if not record.deleted]
    assert len(urls) == len(live)
    assert set(found) == {f"http://localhost/record/{id_}" for id_ in live}
    assert found[f"http://localhost/record/{shelf.SEED.id}"] == "2026-02-02T06:00:00Z"


def xpath(body: bytes, path: str) -> list[Any]:
    found: Any = etree.fromstring(body).xpath(path, namespaces={**MAP, **SEARCH})
    return list(found)


def catalogue(directory: Path, numbers: list[int]) -> None:
    db = open_catalogue(directory)
    now = "2026-01-01T00:00:00Z"
    put(db, [Entry(n, Record(id=f"a-{n}", source="a", title="T"), now, now) for n in numbers])
    db.close()


async def test_it_comes_in_parts_and_empty_ones_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moments, "PART", 10)
    monkeypatch.setattr(moments, "_BATCH", 3)
    numbers = [*range(1, 11), 12, *range(35, 41), 51]
    catalogue(tmp_path, numbers)
    instance = serve.instance(tmp_path)
    await instance.invoke_startup()
    index = await instance.client.get("/sitemap.xml")
    paths = [
        str(loc).removeprefix("http://localhost") for loc in xpath(index.content, "//s:loc/text()")
    ]
    assert paths == [f"/sitemap-{part}.xml" for part in (1, 2, 4, 6)]
    ids: list[str] = []
    for path in paths:
        part = await instance.client.get(path)
        locs = xpath(part.content, "//s:loc/text()")
        assert len(locs) <= 10
        ids += [str(loc).rpartition("/")[2] for loc in locs]
    assert ids == [f"a-{number}" for number in numbers]
    assert (await instance.client.get("/sitemap-3.xml")).status_code == 404
    assert (await instance.client.get("/sitemap-0.xml")).status_code == 404


async def test_an_empty_catalogue_has_an_empty_index(tmp_path: Path) -> None:
    open_catalogue(tmp_path).close()
    instance = serve.instance(tmp_path)
    await instance.invoke_startup()
    response = await instance.client.get("/sitemap.xml")
    assert not xpath(response.content, "//s:loc")


def test_a_part_has_as_many_addresses_as_a_sitemap_may() -> None:
    assert moments.PART == 50_000


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml", "/sitemap-1.xml"])
async def test_head_gives_the_headers_alone(datasette: Datasette, path: str) -> None:
    get, head = await datasette.client.get(path), await datasette.client.head(path)
    assert (head.status_code, head.text) == (200, "")
    assert head.headers["content-type"] == get.headers["content-type"]


async def test_a_browser_can_add_the_search(get: Get) -> None:
    response = await get("/opensearch.xml")
    assert (
        response.headers["content-type"] == "application/opensearchdescription+xml; charset=utf-8"
    )

    def said(name: str) -> str:
        (text,) = xpath(response.content, f"//o:{name}/text()")
        return str(text)

    assert said("ShortName") == "Social-science"
    assert said("LongName") == "Social-science literature of the Benelux"
    assert len(said("Description")) <= 1024
    templates = {one.get("type"): one.get("template") for one in xpath(response.content, "//o:Url")}
    assert templates == {
        "text/html": "http://localhost/search?q={searchTerms}&page={startPage?}",
        "application/atom+xml": "http://localhost/search.atom?q={searchTerms}&page={startPage?}",
        "application/opensearchdescription+xml": "http://localhost/opensearch.xml",
    }
    filled = templates["text/html"].replace("{searchTerms}", "action").replace("{startPage?}", "")
    assert (await get(filled.removeprefix("http://localhost"))).status_code == 200
    (icon,) = xpath(response.content, "//o:Image/text()")
    assert (await get(str(icon).removeprefix("http://localhost"))).status_code == 200


@pytest.mark.parametrize(
    ("text", "short"),
    [("Catalogue", "Catalogue"), ("a" * 20, "a" * 16), ("Books of the town of X", "Books of the")],
)
def test_names_are_cut_at_words(text: str, short: str) -> None:
    assert opensearch.cut(text, 16) == short


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/", "/"),
        ("/status", "/status"),
        ("/status/orbi", "/status/orbi"),
        ("/search?sort=title&q=action&lang=nl&utm_source=x", "/search?q=action&sort=title"),
        ("/search?page=2", "/search?page=2"),
        (f"/record/{shelf.SEED.id}?account=all", f"/record/{shelf.SEED.id}"),
    ],
)
async def test_every_page_says_where_it_is_best_known(
    page: Page, path: str, canonical: str
) -> None:
    found = (await page(path)).xpath("//head/link[@rel='canonical']/@href")
    assert found == [f"http://localhost{canonical}"]


async def test_all_of_it_is_below_the_base_url(directory: Path) -> None:
    instance = serve.instance(directory)
    instance._settings["base_url"] = "/library/"
    await instance.invoke_startup()
    robots = (await instance.client.get("/robots.txt")).text
    assert "Disallow: /library/search?keyword=\n" in robots
    assert "Sitemap: http://localhost/library/sitemap.xml\n" in robots
    assert (
        "<loc>http://localhost/library/sitemap-1.xml</loc>"
        in (await instance.client.get("/sitemap.xml")).text
    )
    assert (
        f"<loc>http://localhost/library/record/{shelf.SEED.id}</loc>"
        in (await instance.client.get("/sitemap-1.xml")).text
    )
    bar = (await instance.client.get("/opensearch.xml")).text
    assert 'template="http://localhost/library/search?q={searchTerms}' in bar
