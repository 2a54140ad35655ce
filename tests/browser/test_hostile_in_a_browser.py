"""Hostile records in a real browser: nothing runs, pages are whole, values stay in their places."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import serving
from tests.explorer import hostile

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("browser", ["with scripts"], indirect=True),
]

OURS = [
    "/",
    "/search?keyword=malice",
    "/search?q=script",
    "/search?q=%3Cscript%3Ewindow.ran%3D1%3C%2Fscript%3E",
    "/search/keyword",
    "/search/creator",
    *(f"/record/{record.id}" for record in hostile.records()),
    "/record/%3Cscript%3Ewindow.ran%3D1%3C%2Fscript%3E",
]
TABLES = ["/catalogue", "/catalogue/records", "/catalogue/records/1", "/catalogue/creators"]

WIDTHS = """() => {
    const shown = document.querySelector("h1 bdi");
    const range = document.createRange();
    const place = (node, from, to) => {
        range.setStart(node, from);
        range.setEnd(node, to);
        return range.getBoundingClientRect().left;
    };
    const after = document.createElement("p");
    after.append(shown.cloneNode(true), "abc");
    document.body.append(after);
    const text = after.lastChild;
    return [place(text, 0, 1), place(text, 1, 2), place(text, 2, 3)];
}"""
"""Where the letters stand that follow a value with an override: left to right as written."""


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(hostile.fill(tmp_path_factory.mktemp("hostile"))) as address:
        yield address


@pytest.mark.parametrize("path", [*OURS, *TABLES])
def test_nothing_runs_and_the_page_is_whole(
    browser: BrowserContext, hostile_site: str, path: str
) -> None:
    page = browser.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(hostile_site + path)
    assert answer is not None
    assert page.evaluate("window.ran") is None
    assert page.evaluate("document.querySelectorAll('main script, main svg[onload]').length") == 0
    assert [url for url in asked if not url.startswith(hostile_site)] == []
    if path in OURS:
        expect(page.get_by_role("contentinfo")).to_be_visible()
        missing = "Failed to load resource"  # what Chromium says of a page that is 404
        assert [one for one in problems if answer.ok or missing not in one] == []
    for link in page.locator("a[href]").evaluate_all("all => all.map(one => one.protocol)"):
        assert link in ("http:", "https:", ":")  # ":" is no address at all


def test_an_override_ends_with_its_value(browser: BrowserContext, hostile_site: str) -> None:
    page = browser.new_page()
    page.goto(f"{hostile_site}/record/x-bidi")
    first, second, third = page.evaluate(WIDTHS)
    assert first < second < third


def test_a_script_that_got_into_a_page_would_not_run(
    browser: BrowserContext, hostile_site: str
) -> None:
    page = browser.new_page()
    body = (
        "<!doctype html><title>x</title><script>window.ran = 1</script><p onclick='x()'>whole</p>"
    )

    def injected(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        route.fulfill(response=answer, body=body)  # type: ignore[attr-defined]

    page.route("**/search", injected)
    page.goto(f"{hostile_site}/search")
    expect(page.get_by_text("whole")).to_be_visible()
    assert page.evaluate("window.ran") is None
