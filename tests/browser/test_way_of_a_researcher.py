"""What a researcher does, in a real browser: search, narrow down, read, take the citation along."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bibtexparser.entrypoint import parse_file
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/search",
    "/search?q=action&keyword=action+publique&years=2000-2020",
    "/search?q=action#filters",
    "/search?q=action&keyword=migratie&type=book",
    "/search?q=contrle",
    "/search?q=action+xylotheque",
    "/help",
    "/record/orbi-231953-s3ed0",
    "/record/orbi-666-h0st1",
    "/selection?ids=orbi-231953-s3ed0.orbi-666-h0st1",
    "/status",
]
SMALL = """() => [...document.querySelectorAll("main a, main button, main input, main summary")]
    .filter(one => one.getClientRects().length && getComputedStyle(one).display !== "inline")
    .filter(one => !one.closest("svg") && one.type !== "hidden")
    .filter(one => one.getBoundingClientRect().height < 23.5)
    .map(one => one.outerHTML.slice(0, 120))"""


def entries(file: Path) -> dict[str, str]:
    """Read a BibTeX file: titles by citation key."""
    library = parse_file(str(file))
    assert not library.failed_blocks
    return {entry.key: entry["title"] for entry in library.entries}


def download(page: Page, label: str, to: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=label, exact=True).click()
    file = to / download.value.suggested_filename
    download.value.save_as(file)
    return file


def test_a_misspelled_word_and_a_field(browser: BrowserContext, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/search?q=contrle")
    page.get_by_text("Did you mean").get_by_role("link", name="controle").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("for controle")
    assert page.get_by_role("searchbox").input_value() == "controle"
    page.get_by_role("searchbox").fill("année:2019 auteur:gerard xylotheque")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Drop Word xylotheque").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "1 publication for année:2019 auteur:gerard"
    )
    expect(page.locator(".by mark")).to_have_text("Gérard")


def test_from_the_start_page_to_a_bibtex_file(
    browser: BrowserContext, site: str, tmp_path: Path
) -> None:
    page = browser.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: problems.append(dialog.message))

    page.goto(f"{site}/")
    page.get_by_role("searchbox").fill("politiques")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("for politiques")
    page.get_by_role("searchbox").fill("action")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("6 publications for action")

    facets = page.get_by_role("complementary")
    facets.get_by_role("link", name="action publique 6").click()
    facets.get_by_role("link", name="contrôle 3").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 publications for action")
    chips = page.get_by_role("list", name="Chosen filters").get_by_role("link")
    assert chips.count() == 3
    assert len(entries(download(page, "BibTeX", tmp_path))) == 3

    page.get_by_role("link", name="Quand l’externalisation").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Quand l’externalisation")
    found = entries(download(page, "BibTeX", tmp_path))
    assert list(found) == ["gerard2019externalisation-s3ed0"]

    page.go_back()
    page.get_by_role("link", name="Remove filter: Keyword contrôle").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("6 publications for action")
    assert not problems


def mark(page: Page, title: str) -> None:
    page.get_by_role("checkbox", name=title).check()


def test_marked_publications_are_exported_and_cited_together(
    browser: BrowserContext, site: str, tmp_path: Path
) -> None:
    page = browser.new_page()
    page.goto(f"{site}/search?q=action&sort=title")
    mark(page, "Quand l’externalisation")
    page.get_by_role("checkbox").last.check()
    page.get_by_role("button", name="Show the selection").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 selected publications")
    expect(page).to_have_url(re.compile(r"/selection\?ids=[a-z0-9-]+\.[a-z0-9-]+$"))
    assert len(entries(download(page, "BibTeX", tmp_path))) == 2

    page.get_by_role("link", name="MLA").click()
    expect(page.get_by_role("list").filter(has_text="Gérard, Julie.")).to_be_visible()
    page.get_by_role("link", name="Remove Quand l’externalisation").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 selected publication")
    expect(page.get_by_role("link", name="MLA")).to_have_attribute("aria-current", "true")


@pytest.mark.parametrize("browser", ["with scripts"], indirect=True)
def test_a_browser_keeps_the_selection_from_page_to_page(
    browser: BrowserContext, site: str
) -> None:
    page = browser.new_page()
    page.goto(f"{site}/search?q=action&sort=title")
    selection = page.get_by_role("navigation", name="Site").get_by_role("link", name="Selection")
    mark(page, "Quand l’externalisation")
    expect(selection).to_have_text("Selection (1)")
    page.goto(f"{site}/record/biblio-0027")
    button = page.get_by_role("button", name="Select", exact=True)
    button.click()
    expect(page.get_by_role("button", name="Selected")).to_have_attribute("aria-pressed", "true")
    expect(selection).to_have_text("Selection (2)")
    selection.click()
    expect(page).to_have_url(f"{site}/selection?ids=orbi-231953-s3ed0.biblio-0027")
    page.get_by_role("link", name="Remove Quand l’externalisation").click()
    expect(selection).to_have_text("Selection (1)")
    page.goto(f"{site}/search?q=action&sort=title")
    expect(page.get_by_role("checkbox", name="Quand l’externalisation")).not_to_be_checked()

    page.goto(f"{site}/selection?ids=orbi-231953-s3ed0")
    expect(selection).to_have_text("Selection (1)")
    page.get_by_role("button", name="Keep as my selection").click()
    page.goto(f"{site}/selection?ids=biblio-0027")
    page.get_by_role("link", name="Empty the selection").click()  # that of somebody else
    expect(selection).to_have_text("Selection (1)")
    selection.click()
    expect(page).to_have_url(f"{site}/selection?ids=orbi-231953-s3ed0")
    page.get_by_role("link", name="Empty the selection").click()
    expect(selection).to_have_text("Selection")
    expect(page.get_by_text("Nothing is selected.")).to_be_visible()


@pytest.mark.parametrize("browser", ["with scripts"], indirect=True)
@pytest.mark.parametrize("kept", ["nonsense", '{"a": 1}', '["<b>", "orbi-231953-s3ed0"]'])
def test_what_else_a_browser_has_kept_breaks_nothing(
    browser: BrowserContext, site: str, kept: str
) -> None:
    page = browser.new_page()
    page.goto(f"{site}/search?q=action&sort=title")
    page.evaluate("kept => localStorage.setItem('selection', kept)", kept)
    page.reload()
    page.get_by_role("checkbox").last.check()
    selection = page.get_by_role("navigation", name="Site").get_by_role("link", name="Selection")
    count = 2 if "orbi" in kept else 1
    expect(selection).to_have_text(f"Selection ({count})")


@pytest.mark.parametrize("browser", ["with scripts"], indirect=True)
def test_a_full_selection_takes_no_more(browser: BrowserContext, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/search?q=action&sort=title")
    full = [f"nobody-{number}" for number in range(200)]
    page.evaluate("ids => localStorage.setItem('selection', JSON.stringify(ids))", full)
    page.reload()
    expect(page.get_by_role("checkbox").first).to_be_disabled()
    page.get_by_role("button", name="Show the selection").click()
    page.get_by_role("link", name="Selection (200)").wait_for()


@pytest.mark.parametrize("browser", ["with scripts"], indirect=True)
@pytest.mark.parametrize(
    ("language", "copied"),
    [("en", "Copied"), ("de", "Kopiert"), ("fr", "Copié"), ("nl", "Gekopieerd")],
)
def test_a_citation_is_copied_with_its_italics(
    browser: BrowserContext, site: str, language: str, copied: str
) -> None:
    browser.grant_permissions(["clipboard-read", "clipboard-write"])
    page = browser.new_page()
    page.goto(f"{site}/record/biblio-0001?lang={language}")
    button = page.locator("button[data-copy=citation]")
    button.click()
    expect(button).to_have_text(copied)
    assert page.evaluate("navigator.clipboard.readText()").startswith("Hofman, M. (2012). ")
    html = page.evaluate(
        "navigator.clipboard.read().then(all => all[0].getType('text/html')).then(it => it.text())"
    )
    assert "<i>Mens en maatschappij</i>, <i>87</i>(2)" in html


def test_abstracts_unfold(browser: BrowserContext, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/search?q=externalisation")
    abstract = page.get_by_text("est confié à des opérateurs privés")
    expect(abstract).not_to_be_visible()
    page.get_by_text("Abstract", exact=True).click()
    expect(abstract).to_be_visible()


def test_a_printed_list_tells_its_filters_and_has_nothing_to_press(
    browser: BrowserContext, site: str
) -> None:
    page = browser.new_page()
    page.goto(f"{site}/search?q=externalisation&language=fra")
    page.emulate_media(media="print", color_scheme="dark")
    found = page.locator(".hit mark").first
    assert found.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(246, 231, 161)"
    assert page.locator(".chips").is_visible()
    assert page.locator(".chips").inner_text().split() == ["Language", "French"]
    pressed = "button, input, summary, .chips svg, .switch"
    assert [one for one in page.locator(pressed).all() if one.is_visible()] == []
    title, abstract = page.locator(".hit h2"), page.locator(".hit details p")
    assert title.bounding_box()["x"] == abstract.bounding_box()["x"]  # type: ignore[index]
    assert not page.locator(".excerpt").is_visible()


def test_filters_unfold_on_a_narrow_screen(browser: BrowserContext, site: str) -> None:
    page = browser.new_page()
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{site}/search?q=action")
    value = page.get_by_role("complementary").get_by_role("link", name="contrôle 3")
    expect(value).not_to_be_visible()
    page.get_by_role("link", name="Filter").click()
    value.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 publications for action")
    expect(page.get_by_role("complementary")).not_to_be_visible()
    page.get_by_role("link", name="Filter (1)").click()
    page.get_by_role("link", name="Close").click()
    expect(page.get_by_role("complementary")).not_to_be_visible()


def test_a_range_of_years_is_typed_in(browser: BrowserContext, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/search?q=action")
    page.get_by_label("First year").fill("2014")
    page.get_by_label("Last year").fill("2019")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(f"{site}/search?q=action&years=2014-2019")


def test_the_keyboard_reaches_the_content_first(browser: BrowserContext, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/search?q=action")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.is_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site}/search?q=action#main")


@pytest.mark.parametrize("browser", ["with scripts"], indirect=True)
@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_pages_fit_every_screen_and_every_finger(
    browser: BrowserContext, site: str, width: int
) -> None:
    page = browser.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    for path in PAGES:
        page.goto(site + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate(SMALL) == [], path


@pytest.mark.parametrize("browser", ["with scripts"], indirect=True)
@pytest.mark.parametrize(("width", "columns"), [(320, 1), (360, 1), (768, 4), (1280, 4)])
def test_the_account_is_seen_whole(
    browser: BrowserContext, site: str, width: int, columns: int
) -> None:
    page = browser.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/record/orbi-231953-s3ed0", "/record/orbi-666-h0st1"):
        page.goto(f"{site}{path}?account=all")
        page.evaluate("document.querySelector('.account').open = true")
        table = page.get_by_role("group").locator("table")
        rows = table.locator("tbody tr").all()
        assert rows
        for row in rows:
            cells = [cell.bounding_box() for cell in row.locator("td").all()]
            assert len(cells) == 4
            assert all(cell and cell["x"] + cell["width"] <= width for cell in cells)
            assert len({cell["x"] for cell in cells if cell}) == columns
        assert (
            table.evaluate("one => one.parentElement.scrollWidth - one.parentElement.clientWidth")
            <= 0
        )
