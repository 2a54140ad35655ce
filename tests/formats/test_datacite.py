"""DataCite, bare and wrapped, in all its versions."""

from __future__ import annotations

import pytest

from harvester.model import RawValue
from tests.formats.reading import of, read, recorded


def test_a_creator_has_parts_and_identifiers() -> None:
    (creator,) = of(recorded("datacite_zenodo"), "datacite:creator")
    assert creator.value == "Claes, Tom"
    assert creator.attributes == {
        "nameType": "Personal",
        "family": "Claes",
        "given": "Tom",
        "affiliation": "KU Leuven; UHasselt",
        "orcid": "0000-0002-1825-0097",
    }


def test_lists_are_seen_through() -> None:
    elements = [value.element for value in recorded("datacite_dataverse")]
    assert "datacite:rights" not in elements
    assert elements.count("datacite:date") == 2
    assert not any(element.endswith("s") for element in elements)


def test_a_value_may_stand_in_its_attributes_alone() -> None:
    (kind,) = of(recorded("datacite_dataverse"), "datacite:resourceType")
    assert (kind.value, kind.attributes) == ("", {"resourceTypeGeneral": "Dataset"})


def test_a_subtitle_is_part_of_the_title() -> None:
    _, values = read(
        '<resource xmlns="http://datacite.org/schema/kernel-4"><titles>'
        '<title titleType="Subtitle">B</title><title>A</title></titles></resource>'
    )
    assert values == [RawValue("datacite:title", "A", None, {"subTitle": "B"})]
    _, alone = read(
        '<resource xmlns="http://datacite.org/schema/kernel-4"><titles>'
        '<title titleType="Subtitle">B</title></titles></resource>'
    )
    assert alone == [RawValue("datacite:title", "B", None, {"titleType": "Subtitle"})]


def test_a_related_item_has_volume_and_pages() -> None:
    _, values = read(
        '<resource xmlns="http://datacite.org/schema/kernel-4"><relatedItems>'
        '<relatedItem relatedItemType="Journal" relationType="IsPublishedIn">'
        '<relatedItemIdentifier relatedItemIdentifierType="ISSN">0025-9454</relatedItemIdentifier>'
        "<titles><title>Mens en Maatschappij</title></titles><volume>96</volume>"
        '<number numberType="Article">7</number></relatedItem></relatedItems></resource>'
    )
    assert values == [
        RawValue(
            "datacite:relatedItem",
            "Mens en Maatschappij",
            None,
            {
                "relatedItemType": "Journal",
                "relationType": "IsPublishedIn",
                "relatedItemIdentifier": "0025-9454",
                "volume": "96",
                "number": "7",
                "relatedItemIdentifierType": "ISSN",
                "numberType": "Article",
            },
        )
    ]


@pytest.mark.parametrize("kernel", ["2.2", "3", "4"])
def test_all_kernels_are_read(kernel: str) -> None:
    xml = f'<resource xmlns="http://datacite.org/schema/kernel-{kernel}"><publisher>P</publisher></resource>'
    assert read(xml) == ("datacite", [RawValue("datacite:publisher", "P")])


def test_an_empty_wrapper_has_no_values_of_a_resource() -> None:
    xml = '<oai_datacite xmlns="http://schema.datacite.org/oai/oai-1.0/"><payload/></oai_datacite>'
    assert read(xml) == ("datacite", [])
