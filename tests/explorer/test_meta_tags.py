"""The meta tags of a record page: what Zotero and its like read."""

from __future__ import annotations

import pytest

from harvester.explorer import meta
from harvester.model import Abstract, Agent, Container, Identifiers, Keyword, Link, Record
from tests.explorer import shelf
from tests.explorer.conftest import Page

PERMALINK = "https://catalogue.example/record/x"


def tags(record: Record) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, content in meta.tags(record, PERMALINK):
        found.setdefault(name, []).append(content)
    return found


ARTICLE = Record(
    source="x",
    title="Sociaal kapitaal",
    creators=[
        Agent("de Vries, Jan", "de Vries", "Jan"),
        Agent("Centraal Planbureau", corporate=True),
    ],
    contributors=[Agent("Peeters, An", role="editor"), Agent("Maes, Jo", role="advisor")],
    type="journal article",
    issued="2019-03-05",
    year=2019,
    languages=["nld", "eng"],
    container=Container(
        "Mens en maatschappij", "87", "2", "115--138", issn=["0025-9454", "1876-2816"]
    ),
    keywords=[Keyword("vertrouwen"), Keyword("arbeid; werk")],
    identifiers=Identifiers(doi="10.5555/abc"),
    links=[Link("https://x.example/1", "landing"), Link("https://x.example/1.pdf", "fulltext")],
    publishers=["Pers"],
)


def test_a_journal_article() -> None:
    assert tags(ARTICLE) == {
        "citation_title": ["Sociaal kapitaal"],
        "citation_author": ["de Vries, Jan", "Centraal Planbureau"],
        "citation_editor": ["Peeters, An"],
        "citation_publication_date": ["2019/03/05"],
        "citation_journal_title": ["Mens en maatschappij"],
        "citation_volume": ["87"],
        "citation_issue": ["2"],
        "citation_firstpage": ["115"],
        "citation_lastpage": ["138"],
        "citation_publisher": ["Pers"],
        "citation_doi": ["10.5555/abc"],
        "citation_issn": ["0025-9454"],
        "citation_language": ["nl"],
        "citation_keywords": ["vertrouwen", "arbeid, werk"],
        "citation_public_url": ["https://x.example/1"],
        "citation_pdf_url": ["https://x.example/1.pdf"],
        "DC.type": ["journal article"],
        "z:itemType": ["journalArticle"],
    }


@pytest.mark.parametrize(
    ("kind", "item_type", "tag"),
    [
        ("book part", "bookSection", "citation_inbook_title"),
        ("conference paper", "conferencePaper", "citation_conference_title"),
        ("doctoral thesis", "thesis", "citation_dissertation_institution"),
        ("working paper", "report", "citation_technical_report_institution"),
        ("dataset", "dataset", "citation_publisher"),
        ("conference presentation", "presentation", "citation_publisher"),
        ("preprint", "preprint", "citation_publisher"),
        ("other", "document", "citation_publisher"),
        (None, "document", "citation_publisher"),
    ],
)
def test_the_type_is_said_in_zoteros_words_too(kind: str | None, item_type: str, tag: str) -> None:
    record = Record(
        source="x", title="T", type=kind, publishers=["P"], container=Container("C", "1")
    )
    found = tags(record)
    assert found["z:itemType"] == [item_type]
    assert tag in found
    # Two of these names would make Zotero take the last one's type.
    assert len({"citation_inbook_title", "citation_conference_title"} & set(found)) <= 1


@pytest.mark.parametrize(
    ("creators", "said"),
    [
        (["de Vries, Jan"], ["de Vries, Jan"]),
        (["de Vries, Jan Piet"], ["de Vries, Jan Piet;"]),
        (["de Vries, Jan Piet", "Maes, Jo"], ["de Vries, Jan Piet", "Maes, Jo"]),
        (["Centraal Bureau voor de Statistiek"], ["Centraal Bureau voor de Statistiek"]),
        (["A; B"], ["A, B"]),
        ([], []),
    ],
)
def test_no_author_is_taken_for_two(creators: list[str], said: list[str]) -> None:
    record = Record(source="x", creators=[Agent(name) for name in creators])
    assert meta.authors(record) == said


def test_who_only_edited_it_is_no_author() -> None:
    editor = Agent("Maes, Jo", "Maes", "Jo", role="editor")
    found = tags(Record(source="x", title="T", type="book", creators=[editor]))
    assert found["citation_editor"] == ["Maes, Jo"]
    assert "citation_author" not in found


def test_the_abstract_is_that_in_the_language_of_the_publication() -> None:
    abstracts = [Abstract("In English.", "eng"), Abstract("In het Nederlands.", "nld")]
    record = Record(source="x", title="T", languages=["nld"], abstracts=abstracts)
    assert tags(record)["citation_abstract"] == ["In het Nederlands."]


def test_a_pdf_is_one_in_capitals_too() -> None:
    record = Record(source="x", title="T", links=[Link("https://x.example/1.PDF", "fulltext")])
    assert tags(record)["citation_pdf_url"] == ["https://x.example/1.PDF"]


def test_the_language_is_always_said() -> None:
    assert tags(Record(source="x", title="T"))["citation_language"] == ["und"]


@pytest.mark.parametrize(
    ("issued", "year", "date"),
    [
        ("2019-03-05", 2019, "2019/03/05"),
        ("2019-03", 2019, "2019/03"),
        ("2019", 2019, "2019"),
        ("2019~", 2019, "2019"),
        ("2018/2020", 2018, "2018"),
        (None, 2019, "2019"),
        ("20XX", None, None),
        ("2008-21", 2008, "2008"),
        (None, None, None),
    ],
)
def test_dates(issued: str | None, year: int | None, date: str | None) -> None:
    assert meta.publication_date(Record(source="x", issued=issued, year=year)) == date


def test_a_record_without_a_link_is_cited_by_its_page() -> None:
    assert tags(Record(source="x", title="T"))["citation_public_url"] == [PERMALINK]


def test_no_tag_turns_round_or_breaks_the_line() -> None:
    for name, content in meta.tags(shelf.HOSTILE, PERMALINK):
        assert content.isprintable(), name
        assert "javascript:" not in content


async def test_they_stand_in_the_head_of_the_page(page: Page) -> None:
    record = await page(f"/record/{shelf.SEED.id}")
    found = {one.get("name"): one.get("content") for one in record.xpath("//head/meta[@name]")}
    assert found["citation_title"] == shelf.SEED.title
    assert found["citation_author"] == "Gérard, Julie"
    assert found["citation_language"] == "fr"
    assert found["DC.type"] == "journal article"
    assert found["citation_public_url"] == "https://orbi.uliege.be/handle/2268/231953"
