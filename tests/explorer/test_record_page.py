"""`/record/ID` shows one publication, how to get it, how to cite it, where it comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harvester.catalogue.store import Entry, open_catalogue, put
from harvester.explorer import serve
from harvester.model import Agent, Discipline, Origin, Record
from harvester.normalise.rules import RULES
from tests.explorer import shelf
from tests.explorer.conftest import Get, Page
from tests.explorer.reading import Element, css, link, parsed, text, texts

SEED = f"/record/{shelf.SEED.id}"
HOSTILE = f"/record/{shelf.HOSTILE.id}"


def fields(page: Element) -> dict[str, list[str]]:
    return {text(css(one, "dt")[0]): texts(css(one, "dd")) for one in css(page, ".fields div")}


async def test_the_reference_record(page: Page) -> None:
    record = await page(SEED)
    heading = css(record, "h1 bdi")[0]
    assert text(heading) == shelf.SEED.title
    assert heading.get("lang") == "fr"
    assert css(record, ".abstract")[0].get("lang") == "fr"
    assert css(record, ".words a")[0].get("lang") == "fr"
    assert texts(css(record, ".words a")) == [word.label for word in shelf.SEED.keywords]
    assert fields(record) == {
        "Type": ["Journal article"],
        "Published": ["2019"],
        "Publisher": ["Ministere du Travail et de la Participation"],
        "Language": ["French"],
        "Discipline": [
            "Social & behavioral sciences, psychology",
            "Sociology & social sciences Sociologie & sciences sociales",
        ],
        "Peer review": ["Peer reviewed"],
        "Funding": ["ARC-Understanding flexicurity"],
        "Handle": ["2268/231953"],
    }


async def test_the_way_to_the_publication_comes_first(page: Page) -> None:
    record = await page(SEED)
    assert link(record, "Publication at orbi.uliege.be") == shelf.SEED.links[0].url
    both = await page("/record/biblio-0001")
    assert texts(css(both, ".actions a")) == [
        "Full text at biblio.example",
        "Publication at biblio.example",
    ]


async def test_values_lead_to_searches_and_identifiers_to_their_resolvers(page: Page) -> None:
    record = await page(SEED)
    assert link(record, "action publique") == "/search?keyword=action+publique"
    assert link(record, "Gérard, Julie") == "/search?creator=G%C3%A9rard%2C+Julie"
    assert link(record, "Sociology & social sciences") == "/search?discipline=orbi%3AH11"
    assert link(record, "French") == "/search?language=fra"
    assert link(record, "2268/231953") == "https://hdl.handle.net/2268/231953"
    other = await page("/record/biblio-0001")
    assert link(other, "10.5555/biblio.1") == "https://doi.org/10.5555/biblio.1"


async def test_every_search_that_a_record_leads_to_finds_it(page: Page) -> None:
    for id_ in (shelf.SEED.id, shelf.HOSTILE.id):
        record = await page(f"/record/{id_}")
        paths = {one.get("href") for one in record.iter("a")}
        searches = {path for path in paths if path.startswith("/search?")}
        assert len(searches) > 5
        for path in searches:
            found = {one.get("href") for one in css(await page(path), ".hit h2 a")}
            assert f"/record/{id_}" in found, path


async def test_where_it_comes_from(page: Page) -> None:
    record = await page(SEED)
    panel = css(record, "#provenance")[0].getparent()
    shown = dict(zip(texts(css(panel, "dt")), texts(css(panel, "dd")), strict=True))
    assert shown == {
        "Source": "ORBi",
        "Passed on by": "BASE",
        "First held by": "ORBi",
        "OAI identifier": "oai:orbi.ulg.ac.be:2268/231953",
        "Last changed there": "11 February 2024",
        "Sets": "com_2268_1, class_ART",
        "Page at the source": "https://search.fid-benelux.de/Record/base-26943181",
    }


async def test_how_its_values_came_about(page: Page) -> None:
    account = css(await page(SEED), ".account")[0]
    assert account.tag == "details"
    rows = [texts(css(row, "td")) for row in css(account, "tbody tr")]
    said = RULES["languages.term"].what
    assert rows[0] == ["Language dc:language", "Französisch", "fra", f"{said} languages.term"]
    said = RULES["disciplines.rejoined"].what
    assert rows[2] == [
        "Keywords dc:subject",
        "psychology",
        "left out",
        f"{said} disciplines.rejoined 90 % certain",
    ]
    assert texts(css(account, ".tag"))[0] == "languages.term"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "in der Tabelle der Sprachen gefunden"),
        ("fr", "trouvé dans la table des langues"),
        ("nl", "gevonden in de tabel van talen"),
    ],
)
async def test_a_rule_is_explained_as_the_reader_reads(
    page: Page, language: str, said: str
) -> None:
    account = css(await page(f"{SEED}?lang={language}"), ".account")[0]
    assert texts(css(account, "tbody td"))[3] == f"{said} languages.term"
    assert account.xpath(".//*[@lang='en']") == []


@pytest.mark.parametrize(
    ("language", "called"),
    [("en", "Keywords"), ("de", "Schlagwörter"), ("fr", "Mots-clés"), ("nl", "Trefwoorden")],
)
async def test_the_account_calls_a_field_as_the_page_does(
    page: Page, language: str, called: str
) -> None:
    record = await page(f"{SEED}?lang={language}")
    named = {cell.get("title"): (cell.text or "").strip() for cell in css(record, ".field")}
    assert set(named) == {"languages", "peer_reviewed", "keywords"}
    assert named["keywords"] == called
    headings = css(record, "h2") + css(record, ".fields dt")
    assert set(named.values()) <= set(texts(headings))


async def test_a_record_of_a_name_alone_has_no_empty_heading(tmp_path: Path) -> None:
    get = await served(tmp_path, [Record(id="a-1", source="a", title="T")])
    page = parsed((await get("/record/a-1")).text)
    assert css(page, "#details") == []


async def test_long_lists_of_creators_are_counted_as_the_reader_counts(tmp_path: Path) -> None:
    creators = [Agent(f"Family{number}, Given") for number in range(1506)]
    get = await served(tmp_path, [Record(id="a-1", source="a", title="T", creators=creators)])
    assert "und 1.500 weitere" in (await get("/search?lang=de")).text


async def test_a_rule_that_nobody_explains_shows_its_code(page: Page) -> None:
    account = css(await page(HOSTILE), ".account")[0]
    assert texts(css(account, "tbody td"))[3] == "text.x 50 % certain"


async def test_a_discipline_is_called_the_same_on_its_record_and_among_the_facets(
    tmp_path: Path,
) -> None:
    shelved = Record(
        id="a-1",
        source="a",
        title="T",
        disciplines=[
            Discipline("s", code="1", de="Soziologie", nl="Sociologie"),
            Discipline("s", code="2", de="Recht", fr="Droit"),
            Discipline("s", code="3"),
        ],
    )
    get = await served(tmp_path, [shelved])
    found = parsed((await get("/search?q=nothing&discipline=s:1&discipline=s:2")).text)
    assert texts(css(found, ".chips bdi")) == ["Sociologie", "Droit"]
    record = parsed((await get("/record/a-1")).text)
    assert fields(record)["Discipline"] == ["Sociologie Soziologie", "Droit Recht", "3"]
    found = parsed((await get("/")).text)
    assert {"Sociologie", "Droit"} <= set(texts(found.iter("bdi")))


async def test_how_to_cite_it(page: Page) -> None:
    record = await page(SEED)
    panel = css(record, "#cite")[0].getparent()
    assert text(css(panel, ".citation")[0]) == (
        f"Gérard, J. (2019). {shelf.SEED.title}. https://hdl.handle.net/2268/231953"
    )
    assert link(panel, "BibTeX") == f"{SEED}.bib"
    assert "gerard2019externalisation-s3ed0" in text(panel)


async def test_its_permalink(page: Page) -> None:
    record = await page(SEED)
    assert record.xpath("//link[@rel='canonical']/@href") == [f"http://localhost{SEED}"]
    assert link(record, f"http://localhost{SEED}") == f"http://localhost{SEED}"


async def test_its_json_is_the_record(get: Get) -> None:
    response = await get(f"{SEED}.json")
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert json.loads(response.text)["identifiers"] == {"handle": "2268/231953"}
    lines = await get(f"{SEED}.jsonl")
    assert json.loads(lines.text) == json.loads(response.text)


async def test_its_bibtex(get: Get) -> None:
    response = await get(f"{SEED}.bib")
    assert response.headers["content-type"] == "application/x-bibtex; charset=utf-8"
    assert response.headers["content-disposition"] == (
        'attachment; filename="gerard2019externalisation-s3ed0.bib"'
    )
    assert "gerard2019externalisation-s3ed0" in response.text
    assert "Gérard, Julie" in response.text


async def test_persons_with_what_is_known_of_them(page: Page) -> None:
    record = await page("/record/pure-uva-0001")
    assert text(css(record, ".by")[0]) == "Jansen, Anna (editor, University of Amsterdam) · 2017"
    assert css(record, ".orcid")[0].get("href") == "https://orcid.org/0000-0002-1825-0097"
    assert fields(record)["Contributors"] == ["Smit, Piet advisor"]


@pytest.mark.parametrize("suffix", ["", ".bib", ".json"])
async def test_an_oai_identifier_leads_to_the_record(get: Get, suffix: str) -> None:
    for written in ("oai:orbi.ulg.ac.be:2268/231953", "oai%3Aorbi.ulg.ac.be%3A2268%2F231953"):
        response = await get(f"/record/{written}{suffix}")
        assert (response.status_code, response.headers["location"]) == (302, SEED + suffix)


async def test_an_oai_identifier_of_several_records_leads_to_all_of_them(page: Page) -> None:
    several = await page(f"/record/{shelf.SHARED}")
    assert text(css(several, "h1")[0]) == f"2 records have the OAI identifier {shelf.SHARED}"
    assert len(css(several, ".hit")) == 2


async def test_all_values_as_received_are_shown_on_demand(page: Page) -> None:
    (more,) = [a for a in css(await page(SEED), ".account a") if "rel" in a.attrib]
    assert (more.get("href"), more.get("rel")) == (f"{SEED}?account=all#account", "nofollow")
    account = css(await page(f"{SEED}?account=all"), ".account")[0]
    assert "open" in account.attrib
    rows = [texts(css(row, "td")) for row in css(account, "tbody tr")]
    assert len(rows) == len(shelf.SEED.notes) + 1
    assert rows[-1][0] == "Parallel titles dc:title"
    assert rows[-1][1:] == ["Quand l’externalisation", "Quand", "taken as given titles.given"]
    assert css(account, ".hint a")[0].get("href") == SEED


async def test_an_account_is_escaped_and_cut(page: Page) -> None:
    account = css(await page(f"{HOSTILE}?account=all"), ".account")[0]
    assert not any(css(account, tag) for tag in ("script", "b", "i"))
    received = texts(css(account, "tbody td"))[1]
    assert received.startswith("<script>ox")
    assert len(received) <= 2000


async def test_a_record_of_an_earlier_version_has_only_its_notes(page: Page) -> None:
    plain = next(one for one in shelf.records() if one.id not in shelf.ACCOUNTS and not one.deleted)
    account = css(await page(f"/record/{plain.id}?account=all"), ".account")[0]
    assert "open" not in account.attrib


COPIED = "oai:first.example:1"
OWN = [Record(id=f"own-{n}", source=f"own{n}", oai_identifier=COPIED, title="T") for n in (1, 2)]
COPIES = [
    Record(
        id=f"copy-{n}",
        source=f"aggregator{n}",
        oai_identifier=f"oai:aggregator.example:{n}",
        origin=Origin("First", COPIED),
        title="T",
    )
    for n in (1, 2)
]


async def served(directory: Path, records: list[Record]) -> Get:
    """Serve these records alone."""
    db = open_catalogue(directory)
    added = "2026-01-01T00:00:00Z"
    put(db, [Entry(number, one, added, added) for number, one in enumerate(records, start=1)])
    db.close()
    instance = serve.instance(directory)
    await instance.invoke_startup()

    async def ask(path: str) -> Any:
        return await instance.client.get(path)

    return ask


@pytest.mark.parametrize(
    ("records", "ids"),
    [
        ([OWN[0], COPIES[0]], ["own-1"]),
        ([*COPIES, OWN[1]], ["own-2"]),
        ([COPIES[0]], ["copy-1"]),
        ([*OWN, COPIES[0]], ["own-1", "own-2"]),
        (COPIES, ["copy-1", "copy-2"]),
    ],
)
async def test_who_carries_an_oai_identifier_comes_before_copies_that_name_it_as_their_origin(
    tmp_path: Path, records: list[Record], ids: list[str]
) -> None:
    get = await served(tmp_path, records)
    response = await get(f"/record/{COPIED}")
    if len(ids) == 1:
        assert (response.status_code, response.headers["location"]) == (302, f"/record/{ids[0]}")
    else:
        assert response.status_code == 200
        found = css(parsed(response.text), ".hit h2 a")
        assert sorted(one.get("href") for one in found) == [f"/record/{one}" for one in ids]


async def test_a_withdrawn_record_is_gone_and_cited(page: Page) -> None:
    gone = await page(f"/record/{shelf.WITHDRAWN.id}", status=410)
    assert "ORBi deleted it on 1 June 2025." in text(gone)
    assert text(css(gone, ".citation")[0]) == "Dupont, Marie (2007): Un rapport retiré."


async def test_other_forms_of_a_withdrawn_record_are_gone_too(get: Get) -> None:
    path = f"/record/{shelf.WITHDRAWN.id}"
    assert (await get(f"{path}.bib")).status_code == 410
    response = await get(f"{path}.json")
    assert (response.status_code, json.loads(response.text)["deleted"]) == (410, True)


@pytest.mark.parametrize(
    "name",
    ["nope", "nope.bib", "oai:x:1", "..%2f..%2fetc%2fpasswd", "%00", "a%0d%0ab", "%FF", "<b>"],
)
async def test_an_unknown_record_is_a_page_of_ours(page: Page, name: str) -> None:
    missing = await page(f"/record/{name}", status=404)
    assert text(css(missing, "h1")[0]) == "There is no such record"


async def test_hostile_values_are_text(page: Page, get: Get) -> None:
    for path in (HOSTILE, "/search?q=alert", "/", "/search?source=orbi&sort=title"):
        response = await get(path)
        html = parsed(response.text)
        assert not html.xpath("//body//script | //img | //b[.='bold']")
        assert len(html.xpath("//script[@src or @type != 'application/ld+json']")) == 1
        assert not [name for one in html.iter() for name in one.attrib if name.startswith("on")]
        for address in html.xpath("//a/@href"):
            assert address.startswith(("/", "#", "http://", "https://")), address
    record = await page(HOSTILE)
    assert '<script>alert("title")</script>' in text(css(record, "h1")[0])
    assert fields(record)["See also"] == ["https://example.org/a b", "https://example.org/fine"]
    assert fields(record)["Licence"] == ["javascript:alert(8)"]


async def test_the_direction_of_a_title_ends_with_it(get: Get) -> None:
    response = await get(HOSTILE)
    html = parsed(response.text)
    turned = [one for one in html.iter() if "\u202e" in (one.text or "")]
    assert {one.tag for one in turned} == {"bdi"}
