"""What machines read on a record's page: schema.org as JSON-LD, and signposting's links."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from httpx import Response
from requests.utils import parse_header_links

from harvester import kinds, schemas
from harvester.catalogue.store import Entry, open_catalogue, put
from harvester.explorer import forms, serve, signposting
from harvester.export import jsonld
from harvester.model import (
    Abstract,
    Agent,
    Container,
    Identifiers,
    Keyword,
    Link,
    Record,
    Rights,
    Title,
)
from tests.explorer import shelf
from tests.explorer.conftest import Get, Page
from tests.explorer.reading import parsed

# Of schema.org, release 29: the kinds of CreativeWork that a publication can be.
SCHEMA_TYPES = {
    "Article", "AudioObject", "BlogPosting", "Book", "Chapter", "CreativeWork", "Dataset",
    "ImageObject", "LearningResource", "Manuscript", "Map", "Message", "NewsArticle", "Newspaper",
    "Periodical", "Poster", "PresentationDigitalDocument", "Report", "Review", "ScholarlyArticle",
    "SheetMusic", "SoftwareSourceCode", "TechArticle", "Thesis", "VideoObject", "WebSite",
}  # fmt: skip
PERMALINK = "https://catalogue.example/record/x-1"

RECORD = Record(
    id="x-1",
    source="x",
    title="Sociaal kapitaal",
    titles=[Title("Social capital", "eng")],
    creators=[
        Agent("de Vries, Jan", "de Vries", "Jan", orcid="0000-0002-1825-0097", affiliation="VU"),
        Agent("Centraal Planbureau", corporate=True),
    ],
    contributors=[Agent("Peeters, An", "Peeters", "An", role="editor"), Agent("Smit", role="x")],
    type="journal article",
    type_uri=f"{kinds.COAR}c_6501",
    issued="2019-03-05",
    year=2019,
    container=Container("Mens", "87", "2", "115–138", issn=["0025-9454"]),
    languages=["nld", "eng"],
    abstracts=[Abstract("In English.", "eng")],
    keywords=[Keyword("vertrouwen")],
    identifiers=Identifiers(doi="10.5555/ABC", handle="1/2"),
    rights=Rights(access="open access", licence="CC-BY-4.0"),
    links=[Link("https://x.example/1", "landing"), Link("https://x.example/é.pdf", "fulltext")],
    publishers=["Pers"],
    funding=["NWO 1"],
)


def read(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(jsonld.script(record, PERMALINK))
    return found


def test_an_article() -> None:
    assert read(RECORD) == {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "@id": "https://doi.org/10.5555/ABC",
        "url": PERMALINK,
        "name": "Sociaal kapitaal",
        "alternateName": ["Social capital"],
        "author": [
            {
                "@type": "Person",
                "@id": "https://orcid.org/0000-0002-1825-0097",
                "name": "de Vries, Jan",
                "familyName": "de Vries",
                "givenName": "Jan",
                "affiliation": {"@type": "Organization", "name": "VU"},
            },
            {"@type": "Organization", "name": "Centraal Planbureau"},
        ],
        "editor": [
            {"@type": "Person", "name": "Peeters, An", "familyName": "Peeters", "givenName": "An"}
        ],
        "contributor": [{"@type": "Person", "name": "Smit"}],
        "datePublished": "2019-03-05",
        "inLanguage": ["nl", "en"],
        "abstract": ["In English."],
        "keywords": ["vertrouwen"],
        "publisher": [{"@type": "Organization", "name": "Pers"}],
        "isPartOf": {
            "@type": "PublicationIssue",
            "issueNumber": "2",
            "isPartOf": {
                "@type": "PublicationVolume",
                "volumeNumber": "87",
                "isPartOf": {"@type": "Periodical", "name": "Mens", "issn": ["0025-9454"]},
            },
        },
        "pageStart": "115",
        "pageEnd": "138",
        "identifier": [
            {"@type": "PropertyValue", "propertyID": "DOI", "value": "10.5555/ABC"},
            {"@type": "PropertyValue", "propertyID": "Handle", "value": "1/2"},
        ],
        "sameAs": [
            "https://doi.org/10.5555/ABC",
            "https://hdl.handle.net/1/2",
            "https://x.example/1",
        ],
        "encoding": [{"@type": "MediaObject", "contentUrl": "https://x.example/é.pdf"}],
        "license": "https://spdx.org/licenses/CC-BY-4.0",
        "isAccessibleForFree": True,
        "funding": [{"@type": "Grant", "name": "NWO 1"}],
    }


@pytest.mark.parametrize("uri", schemas.load("types.yml")["types"])
def test_every_type_is_one_of_schema_org(uri: str) -> None:
    assert read(Record(source="x", type_uri=uri))["@type"] in SCHEMA_TYPES


def test_a_chapter_is_part_of_a_book_and_a_report_of_a_series() -> None:
    where = Container("Bundel", pages="7", series="Reeks", isbn=["978-90-1"])
    chapter = read(Record(source="x", type="book part", container=where))
    assert chapter["isPartOf"] == {
        "@type": "Book",
        "name": "Bundel",
        "isbn": ["978-90-1"],
        "isPartOf": {"@type": "BookSeries", "name": "Reeks"},
    }
    assert chapter["pagination"] == "7"
    report = read(Record(source="x", type="report", container=Container("Reeks", issue="3")))
    assert report["isPartOf"] == {"@type": "CreativeWorkSeries", "name": "Reeks"}
    assert report["position"] == "3"


def test_a_book_in_a_series_keeps_its_number_and_issn() -> None:
    where = Container("Acta", "12", issn=["0567-7572"], isbn=["978-94-6261-024-8"])
    assert read(Record(source="x", type="conference paper", container=where))["isPartOf"] == {
        "@type": "Book",
        "name": "Acta",
        "isbn": ["978-94-6261-024-8"],
        "position": "12",
        "isPartOf": {"@type": "BookSeries", "issn": ["0567-7572"]},
    }


def test_an_article_without_pages_has_its_number_and_a_journal_without_a_name_its_issn() -> None:
    where = Container(article_number="e12345", issn=["0025-9454"])
    found = read(Record(source="x", type="journal article", container=where))
    assert found["pagination"] == "e12345"
    assert found["isPartOf"] == {"@type": "Periodical", "issn": ["0025-9454"]}


def test_no_address_is_said_twice() -> None:
    doi = "https://doi.org/10.5555/abc"
    known = Identifiers(doi="10.5555/abc")
    for found in ([], [Link(doi, "landing")]):
        record = Record(source="x", title="T", identifiers=known, links=found)
        assert read(record)["sameAs"] == [doi]


@pytest.mark.parametrize(
    ("issued", "date"),
    [("2008-05", "2008-05"), ("2008-21", "2008"), ("2008~", "2008"), ("2008/2010", "2008")],
)
def test_a_date_is_one_of_iso_8601(issued: str, date: str) -> None:
    assert read(Record(source="x", issued=issued, year=2008))["datePublished"] == date


def test_what_is_not_known_is_left_out() -> None:
    assert read(Record(source="x", title="T", year=2019)) == {
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "@id": PERMALINK,
        "url": PERMALINK,
        "name": "T",
        "datePublished": "2019",
    }


@pytest.mark.parametrize(
    "title",
    [
        "</script><script>alert(1)</script>",
        "<!-- <script>",
        "]]> & \u2028\u2029 \u202e \\u003c",
        '"}',
    ],
)
async def test_no_title_ends_the_script(tmp_path: Path, title: str) -> None:
    db = open_catalogue(tmp_path)
    now = "2026-01-01T00:00:00Z"
    put(db, [Entry(1, Record(id="a-1", source="a", title=title), now, now)])
    db.close()
    instance = serve.instance(tmp_path)
    await instance.invoke_startup()
    response = await instance.client.get("/record/a-1")
    # The other one is the site's own, which is a file.
    assert response.text.count("<script") == response.text.count("</script") == 2
    (script,) = parsed(response.text).xpath("//script[@type='application/ld+json']")
    assert json.loads(script.text)["name"] == title
    assert script.text.isprintable()


async def test_it_stands_on_the_page_of_a_record_and_nowhere_else(page: Page) -> None:
    (script,) = (await page(f"/record/{shelf.SEED.id}")).xpath("//head/script[not(@src)]")
    found = json.loads(script.text)
    assert found["name"] == shelf.SEED.title
    assert found["url"] == f"http://localhost/record/{shelf.SEED.id}"
    assert not (await page("/search")).xpath("//script[not(@src)]")


def links(response: Response) -> dict[str, list[tuple[str, str]]]:
    """Read a `Link` header: by relation, the addresses with their types."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in parse_header_links(response.headers["link"]):
        found.setdefault(one["rel"], []).append((one["url"], one.get("type", "")))
    return found


@pytest.fixture
async def one(tmp_path: Path) -> Datasette:
    """A site with one record."""
    db = open_catalogue(tmp_path)
    now = "2026-01-01T00:00:00Z"
    crowd = [Agent(f"A{n}, B", orcid=f"0000-0002-1825-{n:04}") for n in range(2000)]
    many = Record(id="x-2", source="x", title="T", creators=crowd)
    put(db, [Entry(1, RECORD, now, now), Entry(2, many, now, now)])
    db.close()
    instance = serve.instance(tmp_path)
    await instance.invoke_startup()
    return instance


async def test_links_lead_from_the_page_to_all_around_it(one: Datasette) -> None:
    page = "http://localhost/record/x-1"
    assert links(await one.client.get("/record/x-1")) == {
        "cite-as": [("https://doi.org/10.5555/ABC", "")],
        "type": [("https://schema.org/ScholarlyArticle", ""), ("https://schema.org/AboutPage", "")],
        "describedby": [
            (f"{page}.bib", "application/x-bibtex"),
            (f"{page}.ris", "application/x-research-info-systems"),
            (f"{page}.enw", "application/x-endnote-refer"),
            (f"{page}.csl.json", "application/vnd.citationstyles.csl+json"),
            (f"{page}.biblatex.bib", "application/x-bibtex"),
            (f"{page}.csv", "text/csv"),
            (f"{page}.datacite.xml", "application/vnd.datacite.datacite+xml"),
            (f"{page}.jsonl", "application/x-ndjson"),
            (f"{page}.jsonld", "application/ld+json"),
            (f"{page}.mods.xml", "application/mods+xml"),
            (f"{page}.json", "application/json"),
        ],
        "license": [("https://spdx.org/licenses/CC-BY-4.0", "")],
        "item": [("https://x.example/%C3%A9.pdf", "application/pdf")],
        "author": [("https://orcid.org/0000-0002-1825-0097", "")],
    }


async def test_head_gives_them_too(one: Datasette) -> None:
    head = await one.client.head("/record/x-1")
    assert links(head) == links(await one.client.get("/record/x-1"))
    assert head.content == b""


async def test_what_they_lead_to_is_what_they_say(one: Datasette) -> None:
    for address, media_type in links(await one.client.get("/record/x-1"))["describedby"]:
        answer = await one.client.get(address.removeprefix("http://localhost"))
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == media_type
        if not address.endswith(".json"):
            assert links(answer)["describes"] == [("http://localhost/record/x-1", "text/html")]


async def test_a_thousand_authors_leave_a_header_that_proxies_take(one: Datasette) -> None:
    response = await one.client.get("/record/x-2")
    header = response.headers["link"]
    assert 2500 < len(header) <= signposting.MOST_BYTES
    found = links(response)
    assert found["cite-as"] == [("http://localhost/record/x-2", "")]
    assert len(found["describedby"]) == len(forms.by_suffix()) + 1
    assert len(found["author"]) > 20


async def test_nothing_breaks_out_of_the_header(get: Get) -> None:
    response = await get(f"/record/{shelf.HOSTILE.id}")
    assert response.headers["link"].isascii()
    for found in links(response).values():
        for address, _ in found:
            assert address.startswith(("http://", "https://"))
            assert not set('<>" ') & set(address)
