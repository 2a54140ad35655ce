"""Pages show each publication once, and say of how many copies it is."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from feedparser.api import parse

from harvester.catalogue import store, works
from harvester.catalogue.works import Work
from harvester.explorer import serve
from harvester.model import Record
from tests.explorer import shelf
from tests.explorer.conftest import Get, Page
from tests.explorer.reading import Element, css, link, parsed, text, texts
from tests.explorer.test_record_page import served

SOCIAL = "/record/work-social"
STAAT = "De sociale staat van Nederland"

WORKS = [
    Work(4, "work-social", "bijl2017sociale"),
    Work(6, "work-trust", "key-of-trust"),
    Work(36, "work-gone", "key-of-gone"),
    Work(35, "work-merged", None),
    Work(33, "work-left", None),
]
MEMBERS = {4: 4, 35: 4, 6: 6, 14: 6, 18: 6, 20: 6, 33: None, 36: 36}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shelf, with two works of several copies, and three that are something else by now."""
    made = tmp_path_factory.mktemp("works")
    shelf.fill(made)
    with closing(store.open_catalogue(made)) as catalogue:
        members = {record: work for record, work in MEMBERS.items() if work}
        works.replace(catalogue, WORKS, members, 1)
    return made


def total(page: Element) -> str:
    return text(css(page, "#found")[0])


def titles(page: Element) -> list[str]:
    return texts(css(page, ".hit h2"))


async def test_a_list_has_each_publication_once(page: Page) -> None:
    search = await page("/search?q=staat&lang=en")
    assert total(search) == "1 publication for staat"
    (hit,) = css(search, ".hit")
    assert text(css(hit, "h2")[0]) == STAAT
    assert css(hit, "h2 a")[0].get("href") == f"{SOCIAL}?lang=en"
    assert "2 copies: VU Research Portal, pure-uva" in text(hit)
    assert "Source:" not in text(hit)
    assert hit.xpath(".//input/@value") == ["work-social"]


async def test_copies_of_one_source_are_told_with_it_once(page: Page) -> None:
    (hit,) = css(await page("/search?q=%22Trust%2C+inequality%22"), ".hit")
    assert "4 copies: Ghent University Academic Bibliography, ORBilu, VU Research Portal" in text(
        hit
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "and 1 more source"),
        ("de", "und 1 weitere Quelle"),
        ("fr", "et 1 autre source"),
        ("nl", "en nog 1 bron"),
    ],
)
async def test_further_sources_are_counted_as_sources(
    tmp_path: Path, language: str, words: str
) -> None:
    copies = [Record(id=f"{name}-1", source=name, title="T") for name in "abcd"]
    await served(tmp_path, copies)
    with closing(store.open_catalogue(tmp_path)) as catalogue:
        members = dict.fromkeys(range(1, 5), 1)
        works.replace(catalogue, [Work(1, "work-t", "t")], members, 1)
    get = await served(tmp_path, copies)
    (hit,) = css(parsed((await get(f"/search?lang={language}")).text), ".hit")
    assert f"a, b, c {words}" in text(hit)


async def test_a_switch_shows_records(page: Page) -> None:
    search = await page("/search?q=staat&language=nld")
    path = link(search, "Show single records")
    assert path == "/search?q=staat&language=nld&show=records"
    records = await page(path)
    assert total(records) == "2 records for staat"
    assert len(css(records, ".hit")) == 2
    assert "Source: VU Research Portal" in text(css(records, ".list")[0])
    assert link(records, "Show publications") == "/search?q=staat&language=nld"
    # All that the page leads to is of records too.
    kept = records.xpath("//div[@class='box']//input[@name='show']/@value")
    assert kept == ["records"]
    assert css(records, ".bar a")[0].get("href") == "/search?q=staat&language=nld&show=records"
    assert link(records, "BibTeX") == "/search.bib?q=staat&language=nld&show=records"
    assert "show=records" in css(records, ".chips a")[0].get("href")


@pytest.mark.parametrize(
    ("language", "of_works", "of_records"),
    [
        ("de", "31 Veröffentlichungen", "35 Datensätze"),
        ("en", "31 publications", "35 records"),
        ("fr", "31 publications", "35 notices"),
        ("nl", "31 publicaties", "35 records"),
    ],
)
async def test_the_two_lists_are_called_so_in_every_language(
    page: Page, language: str, of_works: str, of_records: str
) -> None:
    assert total(await page(f"/search?lang={language}")) == of_works
    assert total(await page(f"/search?show=records&lang={language}")) == of_records


async def test_without_works_there_is_nothing_to_switch(tmp_path: Path) -> None:
    shelf.fill(tmp_path)
    instance = serve.instance(tmp_path)
    await instance.invoke_startup()
    works_ = parsed((await instance.client.get("/search")).text)
    records = parsed((await instance.client.get("/search?show=records")).text)
    assert not css(works_, ".switch")
    assert text(css(records, ".switch")[0]) == "Show publications"
    assert (total(works_), total(records)) == ("35 publications", "35 records")


async def test_every_count_of_the_column_is_the_length_of_its_list(page: Page) -> None:
    for show in ("", "show=records"):
        search = await page(f"/search?{show}")
        values = [one for one in css(search, ".facets li a") if css(one, ".count")]
        assert len(values) > 20
        for value in values:
            found = await page(value.get("href"))
            assert total(found).split()[0] == text(css(value, ".count")[0]), value.get("href")


async def test_the_chart_and_the_page_of_values_speak_of_the_same(page: Page) -> None:
    search = await page("/search?years=2017-2017")
    (bar,) = [one for one in search.iter("a") if (one.get("aria-label") or "").startswith("2017:")]
    assert bar.get("aria-label") == "2017: 1 publication"
    records = await page("/search?show=records")
    figure = css(records, ".years")[0]
    assert css(figure, "svg")[0].get("aria-label") == "Records by year"
    assert "2017: 2 records" in [one.get("aria-label") for one in figure.iter("a")]
    values = await page("/search/source")
    counts = {
        text(css(one, "bdi")[0]): text(css(one, ".count")[0]) for one in css(values, "#values li")
    }
    assert counts["VU Research Portal"] == "8"
    of_records = await page("/search/source?show=records&q=staat")
    assert "of the records for staat" in text(of_records)
    assert link(of_records, "Back to the result") == "/search?q=staat&show=records"


async def test_the_page_of_a_work_shows_what_its_best_copies_say(page: Page) -> None:
    work = await page(SOCIAL)
    assert text(css(work, "h1")[0]) == STAAT
    assert text(css(work, "#address")[0]).endswith(SOCIAL)
    assert work.xpath("//link[@rel='canonical']/@href")[0].endswith(SOCIAL)
    assert link(work, "BibTeX") == f"{SOCIAL}.bib"
    assert "bijl2017sociale" in text(css(work, "#cite")[0].getparent())
    assert not [one for one in work.iter("a") if text(one) == "All values as received"]
    assert STAAT in text(css(work, "#citation")[0])
    single = await page("/record/pure-uva-0001")
    assert text(css(single, "h1")[0]) == "De sociale staat van Nederland 2017"
    similar = css(work, "#similar")
    assert "/record/pure-uva-0001" not in [
        one.get("href") for found in similar for one in found.getparent().iter("a")
    ]


@pytest.mark.parametrize("suffix", [".bib", ".ris", ".csl.json", ".jsonl", ".csv", ".enw"])
async def test_a_work_has_the_other_forms(get: Get, suffix: str) -> None:
    response = await get(f"{SOCIAL}{suffix}")
    assert response.status_code == 200
    assert STAAT in response.text
    assert f'filename="bijl2017sociale{suffix}"' in response.headers["content-disposition"]


async def test_a_work_as_json(get: Get) -> None:
    view = (await get(f"{SOCIAL}.json")).json()
    assert (view["id"], view["work"], view["citekey"]) == (
        "work-social", "work-social", "bijl2017sociale",
    )  # fmt: skip
    copy = (await get("/record/pure-uva-0001.json")).json()
    assert (copy["id"], copy["work"]) == ("pure-uva-0001", "work-social")


async def test_the_other_forms_of_a_list_are_of_works(get: Get) -> None:
    found = (await get("/search.json?q=staat")).json()
    assert (found["total"], found["query"]) == (1, [["q", "staat"]])
    assert [one["id"] for one in found["records"]] == ["work-social"]
    assert found["facets"]["source"]["values"][0]["count"] == 1
    records = (await get("/search.json?q=staat&show=records")).json()
    assert (records["total"], records["query"]) == (2, [["q", "staat"], ["show", "records"]])
    keys = [
        line for line in (await get("/search.bib?q=staat")).text.splitlines() if "@" in line[:1]
    ]
    assert len(keys) == 1
    assert "bijl2017sociale" in keys[0]
    assert (await get("/search.jsonl?q=staat&show=records")).text.count("\n") == 2


async def test_a_feed_has_each_publication_once(get: Get) -> None:
    read = parse((await get("/search.atom?q=staat")).content)
    (entry,) = read.entries
    assert entry.id.endswith(":record:work-social")
    assert entry.link.endswith(SOCIAL)
    records = parse((await get("/search.atom?q=staat&show=records")).content)
    assert len(records.entries) == 2
    assert read.feed.id != records.feed.id
    assert "show" not in read.feed.id


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("work-merged", SOCIAL),
        ("work-merged.bib", f"{SOCIAL}.bib"),
        ("work-left", "/record/orbi-0031"),
    ],
)
async def test_a_work_that_became_another_leads_there(get: Get, asked: str, path: str) -> None:
    response = await get(f"/record/{asked}")
    assert (response.status_code, response.headers["location"]) == (302, path)


async def test_a_work_without_a_live_copy_is_gone_and_an_unknown_one_is_not_found(
    page: Page, get: Get
) -> None:
    gone = await page("/record/work-gone", 410)
    assert "Un rapport retiré" in text(gone)
    assert (await get("/record/work-gone.json")).status_code == 410
    assert (await get("/unapi?id=work-gone&format=ris")).status_code == 410
    await page("/record/work-none", 404)


async def test_works_can_be_selected(page: Page, get: Get) -> None:
    selection = await page("/selection?ids=work-social.orbi-0031.work-merged.nothing")
    assert text(css(selection, "#selected")[0]) == "2 selected publications"
    assert "1 of them is not in the catalogue" in text(selection)
    assert "2 copies: VU Research Portal, pure-uva" in text(selection)
    assert "ids=work-social.orbi-0031" in text(css(selection, "#address")[0])
    bib = (await get("/selection.bib?ids=work-social")).text
    assert "bijl2017sociale" in bib


def test_of_many_copies_the_one_asked_about_and_the_best_are_listed(directory: Path) -> None:
    with closing(store.open_for_reading(directory)) as catalogue:
        best, *_, last = (copy.record.id for copy in works.copies(catalogue, "work-trust"))
        assert {copy.record.id for copy in works.copies(catalogue, last, 2)} == {best, last}


async def test_a_work_stands_for_copies_that_are_selected_with_it(
    page: Page, get: Get, directory: Path
) -> None:
    with closing(store.open_for_reading(directory)) as catalogue:
        copies = ".".join(copy.record.id for copy in works.copies(catalogue, "work-social"))
    bib = (await get(f"/selection.bib?ids={copies}.work-social")).text
    assert bib.count("\n@") + bib.startswith("@") == 1
    selection = await page(f"/selection?ids={copies}.work-social")
    assert text(css(selection, "#selected")[0]) == "1 selected publication"
    assert (await get(f"/selection.bib?ids={copies}")).text.count("@") == 2


async def test_the_start_page_and_the_sources_count_publications(page: Page) -> None:
    start = await page("/")
    assert "31 publications" in text(css(start, ".lead")[0])
    for one in css(start, ".ranked li"):
        path = css(one, "a")[0].get("href")
        assert total(await page(path)).split()[0] == text(css(one, ".count")[0])
    places = await page("/sources")
    assert text(css(places, ".lead")[0]).startswith("31 publications")
    source = await page("/sources/biblio")
    path = css(source, ".hero .hint a")[0].get("href")
    assert text(css(source, ".hero .hint a")[0]) == total(await page(path))


async def test_programs_read_a_work_as_they_read_a_record(page: Page, get: Get) -> None:
    ris = (await get("/unapi?id=work-social&format=ris")).text
    assert STAAT in ris
    (hit,) = css(await page("/search?q=staat"), ".hit")
    assert hit.xpath(".//abbr[@class='unapi-id']/@title") == ["work-social"]
    headers = (await get(SOCIAL)).headers["link"]
    assert f'{SOCIAL}.bib>; rel="describedby"' in headers
