"""`/` is the way in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.explorer.conftest import Page
from tests.explorer.reading import css, link, parsed, text, texts
from tests.explorer.test_record_page import served


async def test_it_says_how_much_there_is(page: Page) -> None:
    start = await page("/")
    assert text(css(start, "h1")[0]) == "Social-science literature of the Benelux"
    assert "35 publications from 5 repositories" in text(css(start, ".lead")[0])


async def test_its_box_searches(page: Page) -> None:
    form = css(await page("/"), "form")[0]
    assert form.get("action") == "/search"
    assert [one.get("name") for one in form.iter("input")] == ["q"]


async def test_frequent_values_lead_to_their_records(page: Page) -> None:
    start = await page("/")
    assert link(start, "action publique 6") == "/search?keyword=action+publique"
    assert link(start, "Sociology & social sciences") == "/search?discipline=orbi%3AH11"
    assert link(start, "Journal article") == "/search?type=journal+article"
    assert link(start, "Dutch") == "/search?language=nld"


async def test_years_lead_to_their_records(page: Page) -> None:
    bars = css(await page("/"), ".years a")
    paths = [bar.get("href") for bar in bars]
    assert "/search?years=2012-2012" in paths
    assert "2012: 2 publications" in [bar.get("aria-label") for bar in bars]


async def test_the_newest_records_stand_there_the_latest_first(page: Page) -> None:
    start = await page("/")
    newest = texts(css(start, ".newest a"))
    assert len(newest) == 8
    assert newest[0] == "Bachelorproef: buurthuizen in Gent"
    assert link(start, "All, the latest first") == "/search?sort=added"


async def test_withdrawn_records_are_not_there(page: Page) -> None:
    assert "Un rapport retiré" not in text(await page("/"))


@pytest.mark.parametrize("path", ["/", "/search"])
async def test_an_empty_catalogue_says_that_it_is(tmp_path: Path, path: str) -> None:
    get = await served(tmp_path, [])
    page = parsed((await get(path)).text)
    assert texts(css(page, "main .notice")) == ["Nothing has been harvested yet."]
    assert css(page, "main h2") == []
    assert "Nothing in the catalogue matches" in (await get("/search?q=a")).text
