"""Qualified Dublin Core, under each of its roots."""

from __future__ import annotations

import pytest

from harvester.model import RawValue
from tests.formats.reading import of, read, recorded

TERMS = 'xmlns:dcterms="http://purl.org/dc/terms/"'


def test_refinements_stand_beside_the_elements() -> None:
    values = recorded("qdc_dspace")
    assert of(values, "dcterms:issued") == [RawValue("dcterms:issued", "2015-09")]
    assert of(values, "dc:creator") == [RawValue("dc:creator", "Dubois, Marie")]


@pytest.mark.parametrize(
    "root",
    [
        'qualifieddc xmlns="http://dspace.org/qualifieddc/"',
        'qualifieddc xmlns="http://worldcat.org/xmlschemas/qdc-1.0/"',
        'qdc xmlns="http://dspace.org/qualifieddc/"',
        "qualifieddc",
        'dcterms xmlns="http://purl.org/dc/terms/"',
    ],
)
def test_all_roots_are_read(root: str) -> None:
    xml = (
        f"<{root}><t:issued xmlns:t='http://purl.org/dc/terms/'>2019</t:issued></{root.split()[0]}>"
    )
    assert read(xml) == ("qdc", [RawValue("dcterms:issued", "2019")])
