"""MODS: parts stay together, whatever prefix or namespace a server has."""

from __future__ import annotations

import pytest

from harvester.model import RawValue
from tests.formats.reading import of, read, recorded

MODS = 'xmlns="http://www.loc.gov/mods/v3"'


def mods(inner: str, declared: str = MODS) -> list[RawValue]:
    name, values = read(f"<mods {declared}>{inner}</mods>")
    assert name == "mods"
    return values


def test_a_name_has_its_parts() -> None:
    first, second = of(recorded("mods_ugent"), "mods:name")
    assert first == RawValue(
        "mods:name",
        "De Clercq, Hannelore",
        None,
        {
            "type": "personal",
            "given": "Hannelore",
            "family": "De Clercq",
            "orcid": "0000-0002-1694-233X",
            "role": "author",
            "affiliation": "PS05",
        },
    )
    assert second.attributes["role"] == "editor"


def test_a_name_without_parts_is_its_text() -> None:
    (name,) = mods("<name><namePart>Jansen, K.</namePart><role>ed</role></name>")
    assert (name.value, name.attributes) == ("Jansen, K.", {"role": "ed"})


def test_several_roles_and_affiliations_stand_together() -> None:
    (name,) = mods(
        "<name><namePart>J</namePart><role><roleTerm>aut</roleTerm></role>"
        "<role><roleTerm>edt</roleTerm></role><affiliation>A</affiliation>"
        "<affiliation>B</affiliation></name>"
    )
    assert name.attributes == {"role": "aut; edt", "affiliation": "A; B"}


def test_a_title_has_its_subtitle_article_and_kind() -> None:
    values = mods(
        '<titleInfo type="translated" lang="dut"><nonSort>De</nonSort><title>buurt</title>'
        "<subTitle>een studie</subTitle><partNumber>2</partNumber></titleInfo>"
    )
    parts = {"type": "translated", "subTitle": "een studie", "nonSort": "De", "partNumber": "2"}
    assert values == [RawValue("mods:title", "buurt", "dut", parts)]


def test_the_host_has_volume_issue_and_pages() -> None:
    host = of(recorded("mods_pure"), "mods:relatedItem")[0]
    assert host.value == "Sociologie"
    parts = {"type": "host", "volume": "14", "issue": "2-3", "articlenumber": "104417"}
    assert host.attributes == parts
    (number,) = of(recorded("mods_pure"), "mods:relatedItem/identifier")
    assert number.attributes == {"type": "issn", "relatedItem": "host"}


def test_a_series_within_the_host_says_so() -> None:
    values = mods(
        '<relatedItem type="host"><titleInfo><title>Book</title></titleInfo>'
        '<relatedItem type="series"><titleInfo><title>Series</title></titleInfo></relatedItem>'
        "</relatedItem>"
    )
    host, series = of(values, "mods:relatedItem")
    assert (host.value, series.value) == ("Book", "Series")
    assert series.attributes == {"within": "host", "type": "series"}


def test_topics_are_one_each_and_a_heading_is_one() -> None:
    values = mods(
        "<subject><topic>a</topic><topic>b</topic></subject>"
        '<subject authority="lcsh"><topic>Women</topic><geographic>Belgium</geographic></subject>'
        "<subject><name><namePart>Weil</namePart><namePart>Simone</namePart></name></subject>"
        "<subject>plain</subject>"
    )
    subjects = of(values, "mods:subject")
    assert [value.value for value in subjects] == [
        "a",
        "b",
        "Women -- Belgium",
        "Weil, Simone",
        "plain",
    ]
    assert subjects[2].attributes == {"authority": "lcsh", "kind": "topic; geographic"}


def test_wrappers_are_seen_through() -> None:
    values = mods(
        '<originInfo eventType="publication"><place><placeTerm type="text">Gent</placeTerm></place>'
        '<dateIssued encoding="w3cdtf">2019</dateIssued></originInfo>'
        "<location><url>https://x.org/1</url></location>"
    )
    assert [value.element for value in values] == ["mods:place", "mods:dateIssued", "mods:url"]
    assert values[1].attributes == {"encoding": "w3cdtf", "eventType": "publication"}


@pytest.mark.parametrize("declared", [MODS, "", 'xmlns="http://www.openarchives.org/OAI/2.0/"'])
def test_a_forgotten_namespace_makes_no_difference(declared: str) -> None:
    assert mods("<genre>article</genre>", declared) == [RawValue("mods:genre", "article")]


def test_a_collection_gives_its_first_record() -> None:
    name, values = read(
        f"<modsCollection {MODS}><mods><genre>a</genre></mods><mods><genre>b</genre></mods>"
        "</modsCollection>"
    )
    assert (name, values) == ("mods", [RawValue("mods:genre", "a")])


def test_the_kind_of_a_part_counts_for_details_without_one() -> None:
    (host,) = mods(
        '<relatedItem type="host"><part type="volume"><detail><number>4</number></detail></part>'
        "</relatedItem>"
    )
    assert host.attributes == {"type": "host", "volume": "4"}


def test_a_comment_is_no_part_of_a_role() -> None:
    (name,) = mods("<name><namePart>J</namePart><role>aut<!-- author --></role></name>")
    assert name.attributes == {"role": "aut"}


@pytest.mark.parametrize("reference", ["IDref", "IDRef"])
def test_an_author_identifier_is_found_by_either_spelling(reference: str) -> None:
    (name,) = mods(
        '<name ID="n1"><namePart>J</namePart></name><extension><daiList xmlns="info:eu-repo/dai">'
        f'<identifier {reference}="n1">071792279</identifier></daiList></extension>'
    )
    assert name.attributes == {"ID": "n1", "dai": "071792279"}
