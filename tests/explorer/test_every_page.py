"""What holds for every page: nothing from elsewhere, headings in order, names for everything."""

from __future__ import annotations

import itertools

import pytest

from tests.explorer import shelf
from tests.explorer.conftest import Get, Page
from tests.explorer.reading import css, text

PAGES = [
    ("/", 200),
    ("/search", 200),
    ("/search?q=action&keyword=action+publique&years=2000-2020", 200),
    ("/search?q=nothing+at+all&type=book", 200),
    (f"/record/{shelf.SEED.id}", 200),
    (f"/record/{shelf.HOSTILE.id}", 200),
    ("/record/biblio-0027", 200),
    (f"/record/{shelf.SHARED}", 200),
    (f"/record/{shelf.WITHDRAWN.id}", 410),
    ("/record/nope", 404),
    (f"/record/{shelf.SEED.id}?style=chicago", 200),
    ("/selection", 200),
    (f"/selection?ids={shelf.SEED.id}.{shelf.HOSTILE.id}.nobody-1", 200),
    ("/selection.nope", 404),
    ("/search.nope", 404),
    ("/nowhere/at/all", 404),
    ("/search/keyword?q=action", 200),
    ("/search/nothing", 404),
    ("/sources", 200),
    ("/sources/orbi", 200),
    ("/sources/nobody", 404),
    ("/about", 200),
    ("/help", 200),
    ("/api", 200),
    ("/status", 200),
    ("/copies", 200),
    ("/status/orbi", 200),
    ("/status/nobody", 404),
]

pytestmark = pytest.mark.parametrize(("path", "status"), PAGES)


async def test_it_fetches_and_runs_nothing_from_elsewhere(
    page: Page, path: str, status: int
) -> None:
    parsed = await page(path, status)
    assert not parsed.xpath("//style | //iframe | //object | //*[@style]")
    (script,) = parsed.xpath("//script[@src or @type != 'application/ld+json']")
    assert script.get("src").startswith("/-/explorer/site.js?")
    assert not script.text_content()
    for kind in ("stylesheet", "icon"):
        (address,) = parsed.xpath(f"//link[@rel='{kind}']/@href")
        assert address.startswith("/-/explorer/")
    assert not parsed.xpath("//img/@src")


async def test_it_has_a_title_a_language_and_headings_in_order(
    page: Page, path: str, status: int
) -> None:
    parsed = await page(path, status)
    assert parsed.get("lang") == "en"
    assert text(css(parsed, "title")[0])
    levels = [int(one.tag[1]) for one in parsed.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels.count(1) == 1
    assert len(parsed.xpath("//main//h1")) == 1
    steps = [later - earlier for earlier, later in itertools.pairwise(levels)]
    assert all(step <= 1 for step in steps), levels


async def test_everything_has_a_name(page: Page, path: str, status: int) -> None:
    parsed = await page(path, status)
    ids = parsed.xpath("//@id")
    assert len(ids) == len(set(ids))
    for reference in parsed.xpath("//@aria-labelledby | //label/@for"):
        assert reference in ids
    for field in parsed.xpath("//input[not(@type='hidden')]"):
        assert parsed.xpath(f"//label[@for='{field.get('id')}']")
    for one in parsed.xpath("//a | //button"):
        assert text(one) or one.get("aria-label"), one.get("href")
    for icon in parsed.xpath("//svg"):
        assert icon.get("aria-hidden") == "true" or icon.get("aria-label")


async def test_it_can_be_skipped_to_its_content(page: Page, path: str, status: int) -> None:
    parsed = await page(path, status)
    first = parsed.xpath("//a")[0]
    assert (first.get("href"), text(first)) == ("#main", "Skip to the content")
    assert parsed.get_element_by_id("main").tag == "main"


async def test_it_says_where_it_is_and_how_to_search_and_to_subscribe(
    page: Page, path: str, status: int
) -> None:
    parsed = await page(path, status)
    canonical = parsed.xpath("//head/link[@rel='canonical']/@href")
    assert len(canonical) == (status == 200)
    assert all(one.startswith("http://localhost/") for one in canonical)
    assert parsed.xpath("//head/link[@rel='search']/@href") == ["/opensearch.xml"]
    (feed,) = parsed.xpath("//head/link[@type='application/atom+xml']/@href")
    assert feed.startswith("/search.atom")


async def test_it_forbids_what_it_does_not_need(get: Get, path: str, status: int) -> None:
    headers = (await get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    (policy,) = headers.get_list("content-security-policy")
    assert "frame-ancestors 'none'" in policy
    if path != "/nowhere/at/all":
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
    assert len(headers.get_list("referrer-policy")) <= 1
    assert "set-cookie" not in headers
