"""`/search` shows the hits of a query and what narrows them down."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from harvester.catalogue import index
from harvester.catalogue.store import open_catalogue
from harvester.model import Record
from tests.explorer.conftest import Get, Page
from tests.explorer.reading import Element, css, link, parsed, text, texts
from tests.explorer.test_record_page import served


def total(page: Element) -> str:
    return text(css(page, "#found")[0])


def chosen(page: Element) -> list[str]:
    return [one.get("aria-label") or text(one) for one in css(page, ".chips a")]


def facet(page: Element, name: str) -> dict[str, str]:
    """The values of a facet with what stands behind each."""
    section = css(page, f"#facet-{name}")[0].getparent()
    return {
        text(css(one, "bdi")[0]): text((css(one, ".count") or [one])[-1])
        for one in css(section, "li a")
        if css(one, "bdi")
    }


async def test_without_a_query_it_shows_everything_the_newest_first(page: Page) -> None:
    search = await page("/search")
    assert total(search) == "35 publications"
    years = [int(text(one)) for one in css(search, ".hit .year")]
    assert years == sorted(years, reverse=True)


async def test_words_are_found_without_their_accents_and_the_box_keeps_them(page: Page) -> None:
    search = await page("/search?q=controle+chomeurs")
    assert total(search) == "1 publication for controle chomeurs"
    assert search.get_element_by_id("q").get("value") == "controle chomeurs"
    assert texts(css(search, ".hit h2")) == ["Le contrôle des chômeurs, une action publique locale"]


async def test_a_hit_tells_what_a_reader_wants_to_know(page: Page) -> None:
    hit = css(await page("/search?q=externalisation"), ".hit")[0]
    assert texts(css(hit, ".eyebrow span")) == ["Journal article", "French", "Peer reviewed"]
    assert link(hit, "Gérard, Julie") == "/search?creator=G%C3%A9rard%2C+Julie"
    assert text(css(hit, ".year")[0]) == "2019"
    assert text(css(hit, ".in")[0]) == "Ministere du Travail et de la Participation"
    assert link(hit, "contrôle") == "/search?keyword=contr%C3%B4le"
    assert link(hit, "Publication at orbi.uliege.be") == (
        "https://orbi.uliege.be/handle/2268/231953"
    )
    assert text(css(hit, "details summary")[0]) == "Abstract"
    assert css(hit, "details p")[0].get("lang") == "fr"
    assert css(hit, "h2 bdi")[0].get("lang") == "fr"
    assert "Source: ORBi" in text(hit)


async def test_a_journal_article_names_journal_volume_and_pages(page: Page) -> None:
    hit = css(await page("/search?q=gemeenten"), ".hit")[0]
    assert text(css(hit, ".in")[0]) == "Mens en maatschappij, 87 (2), pp. 115–138"


async def test_facets_have_counts_and_narrow_the_result(page: Page) -> None:
    search = await page("/search?q=action")
    assert facet(search, "keyword")["contrôle"] == "3"
    assert facet(search, "language") == {"French": "5", "English": "1"}
    section = css(search, "#facet-keyword")[0].getparent()
    path = link(section, "contrôle 3")
    assert path == "/search?q=action&keyword=contr%C3%B4le"
    assert total(await page(path)) == "3 publications for action"


async def test_two_keywords_combine_to_records_with_both(page: Page) -> None:
    search = await page("/search?keyword=action+publique&keyword=activation")
    assert total(search) == "1 publication"
    assert chosen(search) == [
        "Remove filter: Keyword action publique",
        "Remove filter: Keyword activation",
        "Remove all filters",
    ]


async def test_two_languages_widen(page: Page) -> None:
    search = await page("/search?language=fra&language=deu")
    assert total(search) == "11 publications"


async def test_a_chip_is_a_link_to_the_query_without_it(page: Page) -> None:
    search = await page("/search?q=action&keyword=contr%C3%B4le&years=2010-2016")
    assert [chip.get("href") for chip in css(search, ".chips a")] == [
        "/search?q=action&years=2010-2016",
        "/search?q=action&keyword=contr%C3%B4le",
        "/search?q=action",
    ]
    assert text(css(search, ".chips a")[1]) == "Years 2010–2016"


async def test_a_chosen_value_can_be_dropped_in_its_facet_too(page: Page) -> None:
    search = await page("/search?type=report&keyword=beleid")
    section = css(search, "#facet-type")[0].getparent()
    value = css(section, "li a")[0]
    assert value.get("aria-label") == "Remove filter: Type Report"
    assert value.get("href") == "/search?keyword=beleid"


async def test_facets_that_cannot_narrow_are_left_out(page: Page) -> None:
    search = await page("/search?q=externalisation")
    assert total(search) == "1 publication for externalisation"
    assert not css(search, ".facets")


async def test_a_new_search_keeps_filters_and_order(page: Page) -> None:
    search = await page("/search?q=action&language=fra&sort=title&page=1")
    kept = {
        one.get("name"): one.get("value")
        for one in css(search, ".box form input")
        if one.get("type") == "hidden"
    }
    assert kept == {"language": "fra", "sort": "title"}


async def test_values_are_shown_in_words_and_asked_for_in_codes(page: Page) -> None:
    search = await page(
        "/search?language=nld&access=open+access&peer_reviewed=true&source=biblio"
        "&discipline=orbi%3AH11"
    )
    assert chosen(search)[:-1] == [
        "Remove filter: Discipline Sociology & social sciences",
        "Remove filter: Language Dutch",
        "Remove filter: Access Open access",
        "Remove filter: Peer review Peer reviewed",
        "Remove filter: Source Ghent University Academic Bibliography",
    ]


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("from=2010&until=2015", "/search?years=2010-2015"),
        ("from=2010&until=", "/search?years=2010-"),
        ("from=&until=2015&q=a&page=4", "/search?q=a&years=-2015"),
        ("from=&until=", "/search"),
        ("from=x&until=2015", "/search"),
        ("from=2015&until=2010", "/search?years=2010-2015"),
    ],
)
async def test_the_form_for_years_leads_to_the_canonical_address(
    get: Get, given: str, address: str
) -> None:
    response = await get(f"/search?{given}")
    assert (response.status_code, response.headers["location"]) == (302, address)


async def test_the_form_for_years_shows_the_years_that_were_chosen(page: Page) -> None:
    search = await page("/search?years=2011-2014")
    assert search.get_element_by_id("from").get("value") == "2011"
    assert search.get_element_by_id("until").get("value") == "2014"
    assert len(css(search, ".years .chosen")) == 4


async def test_orders(page: Page) -> None:
    search = await page("/search?sort=title")
    assert texts(css(search, ".bar nav a")) == ["Newest", "Oldest", "Title", "Newly added"]
    current = [one for one in css(search, ".bar nav a") if one.get("aria-current")]
    assert texts(current) == ["Title"]
    titles = texts(css(search, ".hit h2"))
    assert titles[:2] == ["Arbeidsmigranten in de tuinbouw", "Bachelorproef: buurthuizen in Gent"]


async def test_relevance_is_an_order_only_where_there_are_words(page: Page) -> None:
    search = await page("/search?q=migration")
    current = [one for one in css(search, ".bar nav a") if one.get("aria-current")]
    assert texts(current) == ["Relevance"]
    assert link(search, "Newest") == "/search?q=migration&sort=newest"


async def test_pages(page: Page) -> None:
    first = await page("/search?sort=title")
    assert len(css(first, ".hit")) == 20
    assert link(css(first, ".pages")[0], "Next") == "/search?sort=title&page=2"
    second = await page("/search?sort=title&page=2")
    assert len(css(second, ".hit")) == 15
    assert css(second, ".hits")[0].get("start") == "21"
    assert link(css(second, ".pages")[0], "Previous") == "/search?sort=title"
    assert not set(texts(css(first, ".hit h2"))) & set(texts(css(second, ".hit h2")))


async def test_a_page_past_the_end_leads_to_the_last_one(get: Get) -> None:
    response = await get("/search?page=99")
    assert (response.status_code, response.headers["location"]) == (302, "/search?page=2")


@pytest.mark.parametrize("page_", ["0", "-1", "x", "", "99999999999999999999", "²"])
async def test_a_page_that_is_none_is_the_first_or_the_last(get: Get, page_: str) -> None:
    assert (await get(f"/search?page={page_}")).status_code in (200, 302)


async def test_nothing_found_says_which_filter_to_drop(page: Page) -> None:
    search = await page("/search?q=action&keyword=contr%C3%B4le&language=nld")
    assert total(search) == "0 publications for action"
    assert texts(css(search, ".empty li a"))[:1] == ["Drop Language Dutch"]
    assert link(search, "Drop Language Dutch") == "/search?q=action&keyword=contr%C3%B4le"
    assert "3 publications" in text(css(search, ".empty")[0])


async def test_nothing_found_whatever_is_dropped_says_so(page: Page) -> None:
    search = await page("/search?q=action&keyword=migratie&type=book")
    assert "Dropping one part is not enough" in text(css(search, ".empty")[0])
    assert link(css(search, ".empty")[0], "Remove all filters") == "/search?q=action"


async def test_nothing_found_says_which_word_to_drop(page: Page) -> None:
    search = await page("/search?q=action+contr%C3%B4le+xylotheque&language=fra")
    assert total(search) == "0 publications for action contrôle xylotheque"
    options = css(search, ".empty")[0]
    assert link(options, "Drop Word xylotheque") == ("/search?q=action+contr%C3%B4le&language=fra")
    assert "3 publications" in text(options)
    assert "Drop Word action" not in text(options)


async def test_a_word_that_filters_make_rare_is_meant_as_it_is(tmp_path: Path) -> None:
    words = [("thuis", year) for year in range(2001, 2005)] + [("this", 2001)] * 60
    records = [
        Record(id=f"a-{number}", source="a", title=word, year=year)
        for number, (word, year) in enumerate(words)
    ]
    get = await served(tmp_path, records)
    with closing(open_catalogue(tmp_path)) as catalogue:
        index.store(catalogue)
    for path, asked in (("/search?q=thuis&years=2001-2001", 0), ("/search?q=thuys", 1)):
        assert len(css(parsed((await get(path)).text), ".meant")) == asked


async def test_a_misspelled_word_leads_to_the_one_that_is_meant(page: Page) -> None:
    search = await page("/search?q=action+contrle&language=fra")
    meant = css(search, ".meant")[0]
    assert text(meant) == "Did you mean action controle? 3 publications"
    path = link(meant, "action controle")
    assert path == "/search?q=action+controle&language=fra"
    assert total(await page(path)) == "3 publications for action controle"


@pytest.mark.parametrize("query", ["action", "xylotheque", "-contrle", "contrl*", "year:2019"])
async def test_nobody_is_asked_whether_another_word_is_meant(page: Page, query: str) -> None:
    assert not css(await page(f"/search?q={query}"), ".meant")


async def test_fields_find_and_are_marked(page: Page) -> None:
    search = await page("/search?q=auteur:gerard+ann%C3%A9e:2019+type:article+lang:fr")
    assert texts(css(search, ".hit .year")) == ["2019"]
    assert texts(css(search, ".hit .by mark")) == ["Gérard"]


async def test_nothing_found_without_filters_gives_advice(page: Page) -> None:
    search = await page("/search?q=xylotheque")
    assert "Nothing in the catalogue matches." in text(search)
    assert "Try the beginning of a word with a star" in text(search)


@pytest.mark.parametrize(
    "query",
    [
        "%22", "AND+OR", "*", "-", "(", "a%00b", "keyword%3A", "%F0%9F%92%A9", "%FF%FE", "NEAR%2F2",
        "x" * 3000, "+".join(["w"] * 300),
    ],
)  # fmt: skip
async def test_no_words_make_it_fail(get: Get, query: str) -> None:
    assert (await get(f"/search?q={query}")).status_code == 200


@pytest.mark.parametrize(
    "parameters",
    [
        "unknown=1",
        "years=abc",
        "year=x",
        "type=",
        "keyword=%00",
        "sort=rank",
        "peer_reviewed=maybe",
    ],
)
async def test_parameters_that_mean_nothing_do_no_harm(get: Get, parameters: str) -> None:
    assert (await get(f"/search?{parameters}")).status_code == 200


async def test_result_lists_are_not_for_search_engines(page: Page) -> None:
    search = await page("/search?q=action")
    assert search.xpath("//meta[@name='robots']/@content") == ["noindex"]


async def test_the_forms_of_the_whole_result_are_offered(page: Page) -> None:
    search = await page("/search?q=action&page=1")
    assert link(search, "BibTeX") == "/search.bib?q=action"
    assert link(search, "JSON Lines") == "/search.jsonl?q=action"
    assert link(search, "JSON by the page") == "/search.json?q=action"
    alternate = search.xpath("//link[@rel='alternate' and @type='application/x-bibtex']/@href")
    assert alternate == ["/search.bib?q=action", "/search.biblatex.bib?q=action"]
