"""The interface speaks four languages, each of them whole."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from datasette.app import Datasette

from harvester.explorer import interface
from harvester.explorer.interface import LANGUAGES, LOCALE, SOURCE, Reading, asked
from harvester.explorer.templating import SHIPPED
from harvester.normalise.rules import RULES
from tests.explorer import shelf
from tests.explorer.conftest import Get
from tests.explorer.reading import Element, css, link, parsed, text, texts
from tests.explorer.test_metadata import METADATA

PACKAGE = Path(interface.__file__).parents[1]
TRANSLATED = sorted(set(LANGUAGES) - {SOURCE})
PAGES = [
    "/",
    "/search",
    "/search?q=action&keyword=action+publique&years=2000-2020",
    "/search?q=nothing+at+all&type=book",
    "/search?q=action&keyword=migratie&type=book",
    "/search/keyword?q=action",
    "/search/type?order=name&containing=a",
    f"/record/{shelf.SEED.id}?account=all",
    f"/record/{shelf.HOSTILE.id}",
    "/record/biblio-0001",
    "/record/pure-uva-0001",
    f"/record/{shelf.SHARED}",
    f"/record/{shelf.WITHDRAWN.id}",
    "/record/nope",
    "/search.nope",
    "/nowhere/at/all",
    "/sources",
    "/sources/orbi",
    "/sources/nobody",
    "/status",
    "/status/orbi",
    "/status/pure-vu",
    "/about",
    "/help",
    "/api",
]
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")


def catalogue(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "explorer.po").open("rb") as file:
        return read_po(file, locale=language)


def messages() -> set[str | tuple[str, ...]]:
    """Every message that templates and modules have, and what rules say of themselves."""
    found = extract_from_dir(
        PACKAGE,
        method_map=[
            ("explorer/**.py", "python"),
            ("normalise/rules.py", "python"),
            ("explorer/**.html", "jinja2"),
        ],
        options_map={"explorer/**.html": {"trimmed": "true"}},
        keywords={**DEFAULT_KEYWORDS, "Rule": None},
    )
    return {message for _, _, message, _, _ in found}


def forms(message: Message) -> list[tuple[str, str]]:
    """The pairs of source and translation that a message has."""
    translated = message.string
    if isinstance(message.id, tuple):
        assert isinstance(translated, tuple)
        singular, plural = message.id
        return [(singular, translated[0]), *((plural, form) for form in translated[1:])]
    assert isinstance(message.id, str)
    assert isinstance(translated, str)
    return [(message.id, translated)]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_catalogue_is_complete_and_holds_nothing_else(language: str) -> None:
    known = catalogue(language)
    assert {message.id for message in known if message.id} == messages()
    assert not known.obsolete
    for message in known:
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        for source, translated in forms(message):
            assert translated.strip(), message.id
            assert set(PLACEHOLDER.findall(source)) == set(PLACEHOLDER.findall(translated)), source
            assert source[-1:].isspace() == translated[-1:].isspace(), source


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_rule_is_explained(language: str) -> None:
    known = catalogue(language)
    explained = {message.id for message in known if message.id and message.string != message.id}
    assert {rule.what for rule in RULES.values()} - explained == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_numbers_have_as_many_forms_as_the_language(language: str) -> None:
    known = catalogue(language)
    for message in known:
        if isinstance(message.id, tuple):
            assert len(forms(message)) == known.num_plurals


def test_what_is_shipped_in_metadata_is_translated() -> None:
    told = [METADATA[name] for name in ("title", "description", "license", "about")]
    assert [" ".join(one.split()) for one in told] == list(SHIPPED)


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("path", PAGES)
async def test_no_english_word_is_left_where_there_is_a_translation(
    get: Get, path: str, language: str
) -> None:
    response = await get(f"{path}{'&' if '?' in path else '?'}lang={language}")
    page = parsed(response.text)
    assert page.get("lang") == language
    pairs = [pair for message in catalogue(language) if message.id for pair in forms(message)]
    english = [
        pattern(source) for source, translated in pairs if source.lower() != translated.lower()
    ]
    translations = [pattern(translated) for _, translated in pairs]
    left = [
        said
        for said in interface_texts(page, language)
        if any(one.fullmatch(said) for one in english)
        and not any(one.fullmatch(said) for one in translations)
    ]
    assert left == []


def pattern(message: str) -> re.Pattern[str]:
    """What a message may have become on a page."""
    parts = re.split(r"%\(\w+\)s", " ".join(message.split()))
    return re.compile(".+".join(re.escape(part) for part in parts))


def interface_texts(page: Element, language: str) -> list[str]:
    """What a page says in its own words: not values, not what is said to be in another language."""
    values = "ancestor-or-self::bdi or ancestor-or-self::code or ancestor-or-self::time"
    tagged = f"ancestor-or-self::*[@lang][1][@lang != '{language}']"
    own = f"not({values} or {tagged})"
    found = page.xpath(f"//body//text()[{own}] | //title/text()")
    for name in ("aria-label", "placeholder", "data-label", "data-done"):
        found += page.xpath(f"//*[@{name}][not({tagged})]/@{name}")
    return [" ".join(str(one).split()) for one in found if str(one).strip()]


@pytest.mark.parametrize(
    ("query", "accepted", "language", "chosen"),
    [
        ("", "", "en", False),
        ("", "de", "de", False),
        ("", "it, fr-BE;q=0.7, de;q=0.2", "fr", False),
        ("", "nl;q=0.2, de;q=0.9", "de", False),
        ("", "nl;q=0", "en", False),
        ("", "*", "en", False),
        ("", ";;;q=x,,\x00", "en", False),
        ("lang=nl", "de", "nl", True),
        ("lang=xx", "de", "de", False),
        ("lang=xx&lang=fr", "", "fr", True),
        ("q=lang=nl", "", "en", False),
    ],
)
def test_the_language_is_chosen(query: str, accepted: str, language: str, chosen: bool) -> None:
    assert asked(query, accepted) == Reading(language, chosen)


async def test_it_follows_the_browser_and_says_so(datasette: Datasette) -> None:
    response = await datasette.client.get("/search", headers={"Accept-Language": "nl-BE,nl;q=0.9"})
    assert parsed(response.text).get("lang") == "nl"
    assert response.headers["content-language"] == "nl"
    assert "accept-language" in response.headers["vary"].lower()
    assert "lang=" not in css(parsed(response.text), ".hit h2 a")[0].get("href")


async def test_a_language_chosen_in_the_address_stays_in_every_link_and_form(get: Get) -> None:
    response = await get("/search?q=action&lang=de")
    page = parsed(response.text)
    for one in page.xpath("//main//a[starts-with(@href, '/')]/@href"):
        if re.match(r"/search\.[a-z]", one):
            assert "lang=" not in one
        else:
            assert "lang=de" in one, one
    for form in page.iter("form"):
        assert form.xpath("input[@type='hidden' and @name='lang']/@value") == ["de"]
    assert "lang=de" in (await get("/search?from=2010&until=2015&lang=de")).headers["location"]


async def test_what_is_passed_on_holds_no_language(get: Get) -> None:
    page = parsed((await get(f"/record/{shelf.SEED.id}?lang=de")).text)
    permalink = f"http://localhost/record/{shelf.SEED.id}"
    assert page.xpath("//link[@rel='canonical']/@href") == [permalink]
    assert link(page, permalink) == permalink


async def test_the_page_is_offered_in_every_language(get: Get) -> None:
    page = parsed((await get("/search?q=a%26b&lang=de&sort=title")).text)
    alternates = page.xpath("//link[@rel='alternate' and @hreflang]")
    assert {one.get("hreflang"): one.get("href") for one in alternates} == {
        tag: f"http://localhost/search?q=a%26b&sort=title&lang={tag}" for tag in LANGUAGES
    }
    switch = css(page, ".languages a")
    assert texts(switch) == [f"{tag.upper()} {name}" for tag, name in LANGUAGES.items()]
    assert [one.get("lang") for one in switch if one.get("aria-current")] == ["de"]


@pytest.mark.parametrize(
    ("language", "count", "kind", "written", "discipline"),
    [
        ("de", "35 Veröffentlichungen", "Zeitschriftenartikel", "Französisch", "Sociology"),
        ("fr", "35 publications", "Article de revue", "Français", "Sociologie"),
        ("nl", "35 publicaties", "Tijdschriftartikel", "Frans", "Sociology"),
    ],
)
async def test_values_are_called_as_the_reader_reads(
    get: Get, language: str, count: str, kind: str, written: str, discipline: str
) -> None:
    page = parsed((await get(f"/search?lang={language}")).text)
    assert text(css(page, "#found")[0]) == count
    values = {name: css(page, f"#facet-{name}")[0].getparent() for name in LABELLED}
    assert kind in texts(css(values["type"], "bdi"))
    assert written in texts(css(values["language"], "bdi"))
    (found,) = [one for one in css(values["discipline"], "bdi") if "ociolog" in text(one)]
    assert text(found).startswith(discipline)
    assert found.get("lang") == (None if language == "fr" else "en")


LABELLED = ("type", "language", "discipline")


async def test_one_and_none_are_counted_as_the_language_does(get: Get) -> None:
    async def found(language: str, words: str) -> str:
        page = parsed((await get(f"/search?q={words}&lang={language}")).text)
        return text(css(page, "#found")[0])

    assert await found("fr", "xylotheque") == "0 publication pour xylotheque"
    assert await found("de", "xylotheque") == "0 Veröffentlichungen zu xylotheque"
    assert await found("de", "externalisation") == "1 Veröffentlichung zu externalisation"


@pytest.mark.parametrize(
    ("language", "number", "share", "day", "moment"),
    [
        ("en", "1,234,567", "50.0 %", "11 February 2024", "11 Feb 2024, 09:31"),
        ("de", "1.234.567", "50,0 %", "11. Februar 2024", "11.02.2024, 09:31"),
        ("fr", "1 234 567", "50,0 %", "11 février 2024", "11 févr. 2024, 09:31"),
        ("nl", "1.234.567", "50,0 %", "11 februari 2024", "11 feb 2024, 09:31"),
    ],
)
async def test_numbers_and_dates(
    language: str, number: str, share: str, day: str, moment: str
) -> None:
    said: dict[str, str] = {}

    async def app(*_: Any) -> None:
        said["number"] = interface.decimal(1234567)
        said["share"] = interface.percent(0.5)
        said["day"] = interface.day("2024-02-11T09:31:07Z")
        said["moment"] = interface.moment("2024-02-11T09:31:07Z")

    scope = {"type": "http", "headers": [], "query_string": f"lang={language}".encode()}
    await interface.wrapper(app)(scope, asyncio.Queue[Any]().get, app)
    spaced = {name: re.sub(r"[\u202f\u00a0]", " ", words) for name, words in said.items()}
    assert spaced == {"number": number, "share": share, "day": day, "moment": moment}
    assert interface.reading() == Reading()


@pytest.mark.parametrize("written", ["", "1999~", "2024-13", "2024-02-31", "19XX", "2010/2015"])
def test_what_is_no_date_stays_as_it_is(written: str) -> None:
    assert interface.day(written) == written


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026-11-25T16:16:16Z", "25 Nov 2026, 16:16"),
        ("2026-01-05T00:30:00+02:00", "4 Jan 2026, 22:30"),
        ("yesterday", "yesterday"),
    ],
)
def test_a_time_is_told_to_the_minute_in_utc(written: str, shown: str) -> None:
    assert interface.moment(written) == shown
