"""`/selection`: marked records are listed, cited, exported and shared; and the cite box."""

from __future__ import annotations

from pathlib import Path

import pytest
from bibtexparser.entrypoint import parse_string
from datasette.app import Datasette

from harvester.explorer import selection
from tests.explorer import shelf
from tests.explorer.conftest import Get, Page
from tests.explorer.reading import css, link, parsed, text, texts

TWO = f"{shelf.SEED.id}.biblio-0027"


async def test_it_lists_and_cites_what_is_marked(page: Page) -> None:
    shown = await page(f"/selection?ids={TWO}")
    assert text(css(shown, "h1")[0]) == "2 selected publications"
    assert [one.get("href") for one in css(shown, ".hit h3 a")] == [
        f"/record/{shelf.SEED.id}", "/record/biblio-0027",
    ]  # fmt: skip
    references = texts(css(shown, ".references li"))
    assert len(references) == 2
    assert any(one.startswith("Gérard, J. (2019). Quand l’externalisation") for one in references)


@pytest.mark.parametrize("suffix", [".bib", ".ris", ".csl.json", ".jsonl", ".enw"])
async def test_it_is_exported_in_its_order(get: Get, suffix: str) -> None:
    response = await get(f"/selection{suffix}?ids={TWO}")
    name = f'attachment; filename="selection{suffix}"'
    assert response.headers["content-disposition"] == name
    seed = response.text.index("Quand l’externalisation")
    other = response.text.index((await get("/record/biblio-0027.json")).json()["title"])
    assert seed < other


async def test_bibtex_reads_back(get: Get) -> None:
    library = parse_string((await get(f"/selection.bib?ids={TWO}")).text)
    assert not library.failed_blocks
    assert library.entries[0].key == shelf.SEED.citekey


async def test_a_form_without_scripts_is_led_to_the_address_to_share(get: Get) -> None:
    response = await get(f"/selection?id={shelf.SEED.id}&id=biblio-0027&id={shelf.SEED.id}&lang=de")
    assert response.status_code == 302
    assert response.headers["location"] == f"/selection?ids={TWO}&lang=de"


async def test_a_form_keeps_the_style(get: Get) -> None:
    response = await get(f"/selection?id={shelf.SEED.id}&style=mla")
    assert response.headers["location"] == f"/selection?ids={shelf.SEED.id}&style=mla"


async def test_one_is_removed_and_the_style_stays(page: Page) -> None:
    shown = await page(f"/selection?ids={TWO}&style=mla")
    remove = [one.get("href") for one in shown.xpath("//a[@data-unmark and @data-unmark != '*']")]
    assert remove == [
        "/selection?ids=biblio-0027&style=mla", f"/selection?ids={shelf.SEED.id}&style=mla",
    ]  # fmt: skip
    assert link(shown, "DGS") == f"/selection?ids={TWO}&style=dgs#references"


async def test_what_is_not_there_is_told(page: Page) -> None:
    gone = shelf.WITHDRAWN.id
    shown = await page(f"/selection?ids={shelf.SEED.id}.{gone}.nobody-1.{'x' * 200}.<b>")
    assert text(css(shown, "h1")[0]) == "1 selected publication"
    notice = "2 of them are not in the catalogue, or no longer."
    assert texts(css(shown, ".notice")) == [notice]
    empty = await page("/selection")
    assert "Nothing is selected" in text(css(empty, "main")[0])


async def test_a_selection_has_an_end(page: Page) -> None:
    ids = ".".join(f"nobody-{number}" for number in range(selection.MOST + 1))
    shown = await page(f"/selection?ids={ids}")
    assert texts(css(shown, ".notice")) == [
        "200 of them are not in the catalogue, or no longer.",
        "A selection holds 200 publications; the others were left out.",
    ]


async def test_browsers_keep_as_many_as_are_taken(get: Get) -> None:
    script = (await get("/-/explorer/site.js")).text
    assert f"const MOST_KEPT = {selection.MOST};" in script


async def test_hits_can_be_marked_without_scripts(page: Page) -> None:
    shown = await page("/search?q=action&lang=nl")
    (form,) = shown.xpath("//form[@id='marked']")
    assert form.get("action") == "/selection"
    assert form.xpath(".//input[@name='lang']/@value") == ["nl"]
    boxes = shown.xpath("//input[@type='checkbox']")
    assert len(boxes) == 6
    assert {(one.get("form"), one.get("name")) for one in boxes} == {("marked", "id")}


@pytest.mark.parametrize(
    ("style", "starts"),
    [
        ("", "Gérard, J. (2019). Quand"),
        ("nonsense", "Gérard, J. (2019). Quand"),
        ("mla", "Gérard, Julie. “Quand"),
        ("dgs", "Gérard, J. 2019: Quand"),
    ],
)
async def test_the_cite_box_has_the_style_that_is_asked_for(
    page: Page, style: str, starts: str
) -> None:
    shown = await page(f"/record/{shelf.SEED.id}?style={style}")
    assert text(css(shown, "#citation")[0]).startswith(starts)
    (current,) = shown.xpath("//nav[@class='styles']//a[@aria-current]")
    assert text(current) == {"mla": "MLA", "dgs": "DGS"}.get(style, "APA")
    path = f"/record/{shelf.SEED.id}?style=chicago#cite"
    assert link(shown, "Chicago") == path


async def test_the_cite_box_speaks_the_readers_language(page: Page) -> None:
    english = await page("/record/pure-vu-0003?lang=en")
    german = await page("/record/pure-vu-0003?lang=de")
    assert "[Doctoral thesis]" in text(css(english, "#citation")[0])
    assert "[Dissertation]" in text(css(german, "#citation")[0])


async def test_where_a_style_fails_there_is_a_plain_reference(
    datasette: Datasette, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("as a style may")

    monkeypatch.setattr("harvester.export.citations._bibliography", fail)
    response = await datasette.client.get(f"/record/{shelf.SEED.id}")
    assert response.status_code == 200
    shown = text(css(parsed(response.text), "#citation")[0])
    assert shown.startswith("Gérard, Julie (2019): Quand l’externalisation")
