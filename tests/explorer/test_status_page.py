"""`/status` shows the sources, and how their last harvests went."""

from __future__ import annotations

from pathlib import Path

from harvester.catalogue.store import open_catalogue
from harvester.explorer import serve
from tests.explorer.conftest import Page
from tests.explorer.reading import css, link, parsed, text, texts


async def test_each_source_at_a_glance(page: Page) -> None:
    status = await page("/status")
    rows = {text(css(row, "th")[0]): texts(css(row, "td")) for row in css(status, "tbody tr")}
    assert list(rows) == [
        "Ghent University Academic Bibliography OAI-PMH", "ORBi OAI-PMH", "ORBilu OAI-PMH",
        "VU Research Portal OAI-PMH",
    ]  # fmt: skip
    assert rows["ORBi OAI-PMH"] == ["Complete", "2026-11-20 03:04", "10", "3", "5", "1", "0"]
    assert rows["VU Research Portal OAI-PMH"][0] == (
        "Shorter than announced "
        "the server announced 812 records and sent 790: the next run asks again"
    )


async def test_it_says_how_many_need_attention(page: Page) -> None:
    assert "One of them needs attention." in text(await page("/status"))


async def test_a_source_leads_to_its_records(page: Page) -> None:
    status = await page("/status")
    assert link(status, "ORBi") == "/search?source=orbi"


async def test_before_the_first_harvest(tmp_path: Path) -> None:
    open_catalogue(tmp_path).close()
    instance = serve.instance(tmp_path)
    await instance.invoke_startup()
    for path, words in [
        ("/status", "Nothing has been harvested yet."),
        ("/", "0 publications from 0 repositories"),
        ("/search", "0 publications"),
    ]:
        response = await instance.client.get(path)
        assert response.status_code == 200
        assert words in text(parsed(response.text))
