"""The walk over Dublin Core children, as `oai_dc` and `base_dc` have them."""

from __future__ import annotations

import pytest
from lxml import etree

from harvester.formats import base_dc, oai_dc
from harvester.model import RawValue

DC = "http://purl.org/dc/elements/1.1/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
BASE_DC = "http://oai.base-search.net/base_dc/"
ALI = "http://www.niso.org/schemas/ali/1.0/"


def parse(text: str) -> etree._Element:
    return etree.fromstring(text, etree.XMLParser(resolve_entities=False, collect_ids=False))


def walk(children: str) -> list[RawValue]:
    return oai_dc.walk(
        parse(
            f'<oai_dc:dc xmlns:oai_dc="{OAI_DC}" xmlns:dc="{DC}" xmlns:ali="{ALI}" '
            'xmlns:dcterms="http://purl.org/dc/terms/" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xsi:schemaLocation="{OAI_DC} oai_dc.xsd">{children}</oai_dc:dc>'
        )
    )


@pytest.mark.parametrize(
    "document",
    [
        f'<oai_dc:dc xmlns:oai_dc="{OAI_DC}" xmlns:dc="{DC}"><dc:title>T</dc:title></oai_dc:dc>',
        f'<dc xmlns="{OAI_DC}" xmlns:d="{DC}"><d:title>T</d:title></dc>',
        f'<dc xmlns="{OAI_DC}"><title xmlns="{DC}">T</title></dc>',
        f'<x:dc xmlns:x="{OAI_DC}"><x:title>T</x:title></x:dc>',
        f'<x:dc xmlns:x="{OAI_DC}"><title>T</title></x:dc>',
        f'<x:dc xmlns:x="{OAI_DC}" xmlns:dc="http://purl.org/dc/elements/1.0/">'
        "<dc:title>T</dc:title></x:dc>",
    ],
)
def test_how_namespaces_are_declared_does_not_matter(document: str) -> None:
    assert oai_dc.walk(parse(document)) == [RawValue("dc:title", "T")]


def test_namespaces_may_be_declared_far_above() -> None:
    page = parse(
        f'<OAI-PMH xmlns:o="{OAI_DC}" xmlns:dc="{DC}"><record><metadata><o:dc>'
        "<dc:title>T</dc:title></o:dc></metadata></record></OAI-PMH>"
    )
    assert oai_dc.walk(page[0][0][0]) == [RawValue("dc:title", "T")]


def test_a_record_of_orbilu() -> None:
    """In the form of 2025: languages, an ORCID iD in xml:id, elements of NISO's ALI."""
    values = walk(
        '<dc:type xml:lang="en">doctoral thesis</dc:type>'
        "<dc:type>http://purl.org/coar/resource_type/c_db06</dc:type>"
        '<ali:free_to_read start_date="2025-10-27"/>'
        "<ali:license_ref>https://orbilu.uni.lu/page/user-license</ali:license_ref>"
        '<dc:creator xml:id="https://orcid.org/0009-0002-3399-0736">PEI, Yu</dc:creator>'
        '<dc:subject xml:lang="fr">Ingénierie, informatique &amp; technologie</dc:subject>'
    )
    assert values == [
        RawValue("dc:type", "doctoral thesis", "en"),
        RawValue("dc:type", "http://purl.org/coar/resource_type/c_db06"),
        RawValue("ali:free_to_read", "", None, {"start_date": "2025-10-27"}),
        RawValue("ali:license_ref", "https://orbilu.uni.lu/page/user-license"),
        RawValue("dc:creator", "PEI, Yu", None, {"id": "https://orcid.org/0009-0002-3399-0736"}),
        RawValue("dc:subject", "Ingénierie, informatique & technologie", "fr"),
    ]


def test_empty_values_are_dropped_and_the_order_is_kept() -> None:
    values = walk(
        "<dc:title/><dc:title> </dc:title><dc:date>2019</dc:date><dc:title>T</dc:title>"
        '<dc:rights xml:lang="fr"/><dc:identifier xsi:type="dcterms:URI">\n</dc:identifier>'
        '<dcterms:license xsi:nil="true"/><ali:license_ref/><ali:free_to_read/><dc:date>1</dc:date>'
    )
    assert values == [
        RawValue("dc:date", "2019"),
        RawValue("dc:title", "T"),
        RawValue("ali:free_to_read", ""),
        RawValue("dc:date", "1"),
    ]


def test_attributes_go_by_their_local_names() -> None:
    """E-periodica and SLDR type their values; an attribute without namespace wins."""
    values = walk(
        '<dc:identifier xsi:type="dcterms:URI">http://x</dc:identifier>'
        '<dc:identifier xsi:type="dcterms:URI" type="doi" scheme="a">10.1/2</dc:identifier>'
        '<dc:title xml:lang=" " xml:space="preserve">T</dc:title>'
    )
    assert values == [
        RawValue("dc:identifier", "http://x", None, {"type": "dcterms:URI"}),
        RawValue("dc:identifier", "10.1/2", None, {"type": "doi", "scheme": "a"}),
        RawValue("dc:title", "T"),
    ]


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("Das <i>Kapital</i>, Band 1", "Das Kapital, Band 1"),
        ("<p>Erstens.</p><p>Zweitens.</p>", "Erstens. Zweitens."),
        ("eine<br/>Zeile", "eine Zeile"),
        ("<a><b>tief</b> unten</a> und <c/>danach", "tief unten und danach"),
        ("vor<!-- nichts -->nach", "vornach"),
        ("vor<?php nichts ?>nach", "vornach"),
        ("<![CDATA[<b>Text</b>]]> &lt;i&gt;", "<b>Text</b> <i>"),
        ("  zwei\n  Zeilen ", "zwei\n  Zeilen"),
    ],
)
def test_inner_markup_is_flattened(inside: str, text: str) -> None:
    assert walk(f"<dc:title>{inside}</dc:title>") == [RawValue("dc:title", text)]


def test_entities_are_not_resolved() -> None:
    root = parse(
        f'<!DOCTYPE dc [<!ENTITY a "AAAA"><!ENTITY b "&a;&a;">]><dc xmlns="{OAI_DC}">'
        f'<title xmlns="{DC}">vor &b; nach</title>&b;</dc>'
    )
    assert oai_dc.walk(root) == [RawValue("dc:title", "vor &b; nach")]


def test_foreign_elements_keep_the_prefix_of_their_document() -> None:
    values = walk(
        "<dcterms:abstract>A</dcterms:abstract>"
        '<thesis:degree xmlns:thesis="http://www.ndltd.org/standards/metadata/etdms/1.0/">PhD'
        "</thesis:degree>"
        '<n:resourceType xmlns:n="http://namespace.openaire.eu/schema/oaire/" uri="u"/>'
        '<q:flag xmlns:q="urn:x"/>'
    )
    assert values == [
        RawValue("dcterms:abstract", "A"),
        RawValue("thesis:degree", "PhD"),
        RawValue("oaire:resourceType", "", None, {"uri": "u"}),
    ]


def test_what_base_adds() -> None:
    root = parse(
        f'<base_dc:dc xmlns:base_dc="{BASE_DC}" xmlns:dc="{DC}">'
        "<dc:language>en_AU</dc:language>"
        '<base_dc:autoclasscode type="ddc">530</base_dc:autoclasscode>'
        "<base_dc:contributor>Summann, Friedrich (Author)</base_dc:contributor>"
        "<base_dc:authod>\n<base_dc:creator_name>Summann, Friedrich</base_dc:creator_name>\n"
        "<base_dc:creator_id>https://orcid.org/0000-0002-6297-3348</base_dc:creator_id>\n"
        "</base_dc:authod><base_dc:oa>2</base_dc:oa></base_dc:dc>"
    )
    assert base_dc.FORMAT.readers[root.tag](root) == [
        RawValue("dc:language", "en_AU"),
        RawValue("base_dc:autoclasscode", "530", None, {"type": "ddc"}),
        RawValue("base_dc:contributor", "Summann, Friedrich (Author)"),
        RawValue(
            "base_dc:authod",
            "Summann, Friedrich | https://orcid.org/0000-0002-6297-3348",
            None,
            {
                "creator_name": "Summann, Friedrich",
                "creator_id": "https://orcid.org/0000-0002-6297-3348",
            },
        ),
        RawValue("base_dc:oa", "2"),
    ]
