"""Every page in every language, on a telephone and on a desk, by eye, by keyboard and by axe."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from harvester.explorer.interface import LANGUAGES
from tests.explorer import shelf

pytestmark = pytest.mark.browser

WIDTHS = (360, 1280)
PAGES = {
    "start": "/",
    "results": "/search?q=action&keyword=action+publique&years=2000-2020",
    "filters": "/search?q=action#filters",
    "nothing": "/search?q=action&keyword=migratie&type=book",
    "values": "/search/keyword?q=action",
    "record": f"/record/{shelf.SEED.id}?account=all",
    "hostile": f"/record/{shelf.HOSTILE.id}",
    "selection": f"/selection?ids={shelf.SEED.id}.{shelf.HOSTILE.id}.nobody-1",
    "empty": "/selection",
    "several": f"/record/{shelf.SHARED}",
    "withdrawn": f"/record/{shelf.WITHDRAWN.id}",
    "missing": "/record/nope",
    "sources": "/sources",
    "source": "/sources/orbi",
    "status": "/status",
    "report": "/status/orbi",
    "about": "/about",
    "help": "/help",
    "api": "/api",
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RUN = """async (what) => {
    const result = await axe.run(document, {runOnly: what, resultTypes: ["violations"]});
    return result.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 200))]);
}"""
FOCUSABLE = "a[href], button, input, summary, [tabindex='0']"
REACHABLE = """(focusable) => [...document.querySelectorAll(focusable)]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && one.type !== "hidden")
    .length"""
FOCUSED = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    one.dataset.reached = "";
    const drawn = getComputedStyle(one);
    return [one.outerHTML.slice(0, 120), drawn.outlineStyle !== "none"];
}"""
REACHED = "() => document.querySelectorAll('[data-reached]').length"


def address(site: str, path: str, language: str) -> str:
    path, _, fragment = path.partition("#")
    asked = f"{site}{path}{'&' if '?' in path else '?'}lang={language}"
    return f"{asked}#{fragment}" if fragment else asked


def opened(chromium: Browser, width: int, scheme: Literal["light", "dark"]) -> BrowserContext:
    # What axe runs is not the page's own: only the tests may go round the page's policy.
    return chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        reduced_motion="reduce",
        bypass_csp=True,
    )


@pytest.fixture
def problems() -> list[str]:
    """What the browser complained about."""
    return []


def watched(page: Page, problems: list[str]) -> Page:
    page.on("console", lambda message: problems.append(message.text) if told(message) else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return page


def told(message: Any) -> bool:
    """Whether a message is of a fault: that a page is missing, or withdrawn, is none here."""
    return message.type == "error" and "Failed to load resource" not in message.text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits_and_axe_finds_nothing(
    chromium: Browser, site: str, language: str, width: int, problems: list[str]
) -> None:
    context = opened(chromium, width, "light")
    page = watched(context.new_page(), problems)
    faults: dict[str, Any] = {}
    for name, path in PAGES.items():
        page.goto(address(site, path, language))
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (name, wide)
        assert page.evaluate("document.documentElement.lang") == language
        page.evaluate(AXE)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            # Words are the same in both; only colours are looked at twice.
            if found := page.evaluate(RUN, TAGS if scheme == "light" else COLOURS):
                faults[f"{name} {scheme}"] = found
    context.close()
    assert not faults
    assert not problems


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_alone_reaches_everything(
    chromium: Browser, site: str, name: str, width: int
) -> None:
    context = opened(chromium, width, "light")
    page = context.new_page()
    page.goto(address(site, PAGES[name], "en").partition("#")[0])
    expected = page.evaluate(REACHABLE, FOCUSABLE)
    unseen = []
    for _ in range(expected + 5):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused and not focused[1]:
            unseen.append(focused[0])
    reached = page.evaluate(REACHED)
    context.close()
    assert reached >= expected
    assert not unseen


@pytest.fixture
def scripted(chromium: Browser) -> Iterator[Page]:
    """A page with scripts, under the site's own policy."""
    context = chromium.new_context(viewport={"width": 360, "height": 800}, locale="en-GB")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


def test_a_citation_is_copied(scripted: Page, site: str, problems: list[str]) -> None:
    page = watched(scripted, problems)
    page.goto(f"{site}/record/{shelf.SEED.id}")
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("Gérard, J. (2019). ")
    assert not problems


def test_values_are_filtered_while_typing(scripted: Page, site: str) -> None:
    scripted.goto(f"{site}/search/keyword")
    values = scripted.locator("#values li:visible bdi")
    before = values.count()
    scripted.get_by_label("Containing").fill("CONTROLE")
    assert values.all_inner_texts() == ["contrôle"]
    assert not scripted.get_by_text("No value contains this.").is_visible()
    scripted.get_by_label("Containing").fill("zzz")
    assert values.count() == 0
    assert scripted.get_by_text("No value contains this.").is_visible()
    scripted.get_by_label("Containing").fill("")
    assert values.count() == before


def test_escape_closes_the_filters(scripted: Page, site: str) -> None:
    scripted.goto(f"{site}/search?q=action")
    scripted.get_by_role("link", name="Filter").click()
    assert scripted.get_by_role("complementary").is_visible()
    scripted.keyboard.press("Escape")
    assert not scripted.get_by_role("complementary").is_visible()
    assert scripted.evaluate("document.activeElement.className") == "tofilters"


def test_the_language_is_switched_on_the_same_page(scripted: Page, site: str) -> None:
    scripted.goto(f"{site}/search?q=action")
    scripted.get_by_role("link", name="NL Nederlands").click()
    assert scripted.url == f"{site}/search?q=action&lang=nl"
    scripted.get_by_role("searchbox").fill("beleid")
    scripted.keyboard.press("Enter")
    scripted.wait_for_url("**/search?q=beleid&lang=nl")
    assert scripted.evaluate("document.documentElement.lang") == "nl"
