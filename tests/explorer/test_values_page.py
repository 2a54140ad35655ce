"""`/search/FACET` shows all values of a facet; `/sources`, `/help` and their like lead on."""

from __future__ import annotations

import pytest
from datasette.app import Datasette

from harvester.catalogue.row import sort_form
from harvester.explorer import values
from harvester.explorer.guide import IN_FIELDS, QUERIES
from harvester.explorer.labels import FACETS
from harvester.explorer.record import report
from harvester.explorer.site import find
from tests.explorer import shelf
from tests.explorer.conftest import Page
from tests.explorer.reading import css, link, text, texts


async def test_all_values_lead_to_their_records(page: Page) -> None:
    found = await page("/search/keyword?q=action")
    assert text(css(found, "h1")[0]) == "Keywords"
    assert link(found, "contrôle 3") == "/search?q=action&keyword=contr%C3%B4le"
    assert link(found, "Back to the result") == "/search?q=action"
    counts = [int(text(one)) for one in css(found, "#values .count")]
    assert counts == sorted(counts, reverse=True)


async def test_they_are_filtered_without_accents_and_sorted_by_name(page: Page) -> None:
    found = await page("/search/keyword?containing=CONTROLE")
    assert texts(css(found, "#values bdi")) == ["contrôle"]
    found = await page("/search/keyword?order=name")
    words = [sort_form(one) for one in texts(css(found, "#values bdi"))]
    assert words == sorted(words, key=str)
    nothing = await page("/search/keyword?containing=zzz")
    assert text(css(nothing, ".notice")[0]) == "No value contains this."
    assert "hidden" not in css(nothing, ".notice")[0].attrib


@pytest.mark.parametrize(
    ("parameters", "size", "whole"),
    [("", values.PAGE_SIZE, True), ("", 3, False), ("?containing=contr", values.PAGE_SIZE, False)],
)
async def test_only_a_page_with_all_values_filters_them_itself(
    page: Page, monkeypatch: pytest.MonkeyPatch, parameters: str, size: int, whole: bool
) -> None:
    monkeypatch.setattr(values, "PAGE_SIZE", size)
    found = await page(f"/search/keyword{parameters}")
    assert ("data-filter" in css(found, ".filter")[0].attrib) is whole
    assert "hidden" in css(found, ".notice")[0].attrib


async def test_what_is_chosen_can_be_dropped(page: Page) -> None:
    found = await page("/search/language?language=fra")
    (chosen,) = css(found, "#values .chosen")
    assert chosen.get("aria-label") == "Remove filter: Languages French"
    assert chosen.get("href") == "/search"


@pytest.mark.parametrize("facet", FACETS)
@pytest.mark.parametrize("parameters", ["", "?order=x", "?containing=%00&page=-1"])
async def test_every_facet_has_its_page(page: Page, facet: str, parameters: str) -> None:
    await page(f"/search/{facet}{parameters}")


async def test_every_example_of_the_help_can_be_tried(page: Page) -> None:
    guide = await page("/help")
    examples = css(guide, ".examples a")
    assert texts(examples) == [query for query, _ in (*QUERIES, *IN_FIELDS)]
    for one in examples:
        await page(one.get("href"))


async def test_every_form_is_named_for_programs(page: Page) -> None:
    forms = css(await page("/api"), "table")[0]
    assert {".bib", ".jsonl", ".json"} <= set(texts(css(forms, "td a")))


async def test_sources_lead_to_their_pages(page: Page) -> None:
    sources = await page("/sources")
    assert link(sources, "ORBi") == "/sources/orbi"
    one = await page("/sources/orbi")
    assert text(css(one, ".lead")[0]) == "Université de Liège · Belgium"
    assert link(one, "What its records hold") == "/status/orbi"
    assert "French" in texts(css(one, ".ranked bdi"))
    (kept,) = one.xpath("//form[@role='search']/input[@type='hidden']")
    assert (kept.get("name"), kept.get("value")) == ("source", "orbi")


async def test_words_of_the_search_are_marked(page: Page) -> None:
    search = await page("/search?q=controle")
    assert "contrôle" in {one.lower() for one in texts(css(search, ".hit h2 mark"))}


async def test_a_record_leads_to_others_on_its_subjects(page: Page) -> None:
    record = await page(f"/record/{shelf.SEED.id}")
    similar = css(record, "#similar")[0].getparent()
    paths = [one.get("href") for one in css(similar, "a")]
    assert 0 < len(paths) <= 5
    assert f"/record/{shelf.SEED.id}" not in paths


async def test_an_error_is_told_to_the_source(page: Page, datasette: object) -> None:
    record = await page(f"/record/{shelf.SEED.id}")
    assert link(record, "Report an error to the source") == shelf.SEED.links[0].url
    site = find(datasette)  # type: ignore[arg-type]
    assert site is not None
    facts = {"orbi": type(site.facts["orbi"])("orbi", "ORBi", contact="a&b@x.example")}
    site.facts = facts
    letter = report(site, shelf.SEED, "https://catalogue.example/record/1")
    assert letter is not None
    assert letter.startswith("mailto:a%26b@x.example?subject=Error%20in%20the%20record%20oai")
    assert "https%3A%2F%2Fcatalogue.example" in letter


async def test_a_value_can_be_left_out(page: Page) -> None:
    search = await page("/search?q=action")
    section = css(search, "#facet-language")[0].getparent()
    (out,) = [one for one in css(section, ".without") if "French" in one.get("aria-label")]
    assert out.get("aria-label") == "Leave out: Language French"
    assert out.get("href") == "/search?q=action&not_language=fra"
    left = await page(out.get("href"))
    assert text(css(left, "#found")[0]) == "1 publication for action"
    (chip,) = css(left, ".chips a")
    assert chip.get("aria-label") == "Remove filter: Language not French"
    assert chip.get("href") == "/search?q=action"


async def test_a_page_past_the_end_leads_to_the_last_one(datasette: Datasette) -> None:
    response = await datasette.client.get("/search/keyword?page=99&order=name")
    assert response.status_code == 302
    assert response.headers["location"] == "/search/keyword?order=name"
