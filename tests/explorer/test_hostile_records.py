"""Hostile records break no page, run nothing, and make none too large."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from lxml import etree

from harvester.explorer import serve
from harvester.export import exporters
from tests.explorer import hostile
from tests.explorer.reading import parsed, text

MOST = 600_000
"""Bytes that no page with these records may exceed; the largest holds 300 keywords and names."""

SAFE = re.compile(r"https?://[^\"<> ]*|/[^/]?.*|#\w+|\?.*", re.DOTALL)

PAGES = [
    "/",
    "/search?keyword=malice",
    "/search?q=enormous",
    "/search?q=lengthy+OR+enormous",
    "/search/keyword",
    "/search/creator",
    "/search/publisher",
    *(f"/record/{record.id}" for record in hostile.records()),
    f"/selection?ids={'.'.join(record.id for record in hostile.records())}",
    "/catalogue",
    "/catalogue/records",
    "/catalogue/creators",
    *(f"/catalogue/records/{number}" for number in range(1, len(hostile.records()) + 1)),
]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile.fill(tmp_path_factory.mktemp("hostile"))


@pytest.fixture
async def datasette(directory: Path) -> Datasette:
    instance = serve.instance(directory)
    await instance.invoke_startup()
    return instance


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_whole_small_and_runs_nothing(datasette: Datasette, path: str) -> None:
    response = await datasette.client.get(path)
    assert response.status_code == 200
    assert len(response.content) < MOST
    assert response.text.rstrip().endswith("</html>")
    page = parsed(response.text)
    scripts = [one for one in page.xpath("//script") if "window.ran" in (one.text or "")]
    for data in scripts:  # what browsers read and do not run: the record as JSON
        assert data.get("type") == "application/ld+json"
        assert json.loads(data.text)["@context"] == "https://schema.org"
    assert not page.xpath("//img[@onerror] | //svg[@onload] | //*[@onclick] | //*[@onmouseover]")
    for address in page.xpath("//@href | //@src | //@action"):
        assert SAFE.fullmatch(address), address[:200]
        assert len(address) < 16_000
    assert "49" not in [text(one) for one in page.iter("bdi")]


@pytest.mark.parametrize(
    "path",
    ["/search.atom?keyword=malice", "/search.atom?q=enormous", "/sitemap.xml", "/sitemap-1.xml"],
)
async def test_feeds_and_sitemaps_are_whole_and_small_too(datasette: Datasette, path: str) -> None:
    response = await datasette.client.get(path)
    assert response.status_code == 200
    assert len(response.content) < MOST
    assert "<script" not in response.text
    assert "\u202e" not in response.text
    found = [one.text for one in etree.fromstring(response.content).iter("{*}id", "{*}loc")]
    assert len(found) >= 1 + path.startswith("/search")


@pytest.mark.parametrize("name", exporters())
async def test_every_form_of_all_of_them_comes_to_its_end(datasette: Datasette, name: str) -> None:
    response = await datasette.client.get(f"/search{exporters()[name].suffix}?show=records")
    assert response.status_code == 200
    for title in ("Enormous", "Controls", "Keywords"):
        assert title in response.text


@pytest.mark.parametrize("path", ["/search?keyword=malice", "/record/x-bidi", "/"])
async def test_an_override_does_not_reach_beyond_its_value(datasette: Datasette, path: str) -> None:
    page = parsed((await datasette.client.get(path)).text)
    held = 0
    for element in page.iter():
        own = [element.text, *(child.tail for child in element)]
        if isinstance(element.tag, str) and any("\u202e" in (part or "") for part in own):
            held += 1
            isolated = element.tag == "bdi" or element.get("dir") == "auto"
            assert isolated or element.xpath("ancestor::bdi | ancestor::*[@dir='auto']"), text(
                element
            )
    assert held >= 1
    for attribute in page.xpath("//@content | //title/text()"):
        assert "\u202e" not in attribute


async def test_the_whole_of_a_long_record_is_behind_a_link(datasette: Datasette) -> None:
    for record in hostile.records():
        page = parsed((await datasette.client.get(f"/record/{record.id}")).text)
        links = [one.get("href") for one in page.iter("a") if text(one) == "The whole record"]
        long = record.id in ("x-title", "x-abstract", "x-keywords", "x-links")
        assert links == ([f"/record/{record.id}.json"] if long else []), record.id
        if long:
            whole: dict[str, Any] = json.loads((await datasette.client.get(links[0])).text)
            assert whole["title"] == record.title
            assert len(whole["keywords"]) == len(record.keywords)


async def test_how_many_creators_there_are_is_told_of_the_whole_record(
    datasette: Datasette,
) -> None:
    page = parsed((await datasette.client.get("/search?q=keywords")).text)
    assert "and 9994 more" in text(page).replace(",", "")
