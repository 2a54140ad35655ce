"""Publications of CERIF: persons, bodies and containers are linked objects with parts."""

from __future__ import annotations

import pytest

from harvester.model import RawValue
from tests.formats.reading import of, read, recorded


def test_an_author_has_person_and_affiliation() -> None:
    person, body = of(recorded("cerif"), "cerif:Author")
    assert person.attributes == {
        "displayName": "van Dijk, Sanne",
        "family": "van Dijk",
        "given": "Sanne",
        "orcid": "https://orcid.org/0000-0002-1825-0097",
        "affiliation": "Radboud University",
    }
    assert (body.value, body.attributes) == ("Stichting Leegstand", {"type": "corporate"})


def test_the_container_has_its_numbers_and_editors() -> None:
    values = recorded("cerif")
    (book,) = of(values, "cerif:PartOf")
    assert (book.value, book.attributes["ISBN"]) == ("Het lege midden", "9789052603001")
    (editor,) = of(values, "cerif:PartOf/Editor")
    assert editor.attributes["family"] == "Hoek"


def test_a_subtitle_belongs_to_the_title_of_its_language() -> None:
    _, values = read(
        '<Publication xmlns="https://www.openaire.eu/cerif-profile/1.2/">'
        '<Title xml:lang="nl">A</Title><Title xml:lang="en">B</Title>'
        '<Subtitle xml:lang="en">C</Subtitle><Subtitle xml:lang="de">D</Subtitle></Publication>'
    )
    assert values == [
        RawValue("cerif:Title", "A", "nl"),
        RawValue("cerif:Title", "B", "en", {"subTitle": "C"}),
        RawValue("cerif:Subtitle", "D", "de"),
    ]


@pytest.mark.parametrize("profile", ["1.1", "1.2"])
def test_both_profiles_are_read(profile: str) -> None:
    xml = f'<Publication xmlns="https://www.openaire.eu/cerif-profile/{profile}/"><DOI>10.1/x</DOI></Publication>'
    assert read(xml) == ("cerif", [RawValue("cerif:DOI", "10.1/x")])


def test_a_comment_beside_a_text_is_no_part_of_it() -> None:
    """The guidelines' own samples explain their codes so."""
    xml = (
        '<Publication xmlns="https://www.openaire.eu/cerif-profile/1.2/">'
        '<Type xmlns="https://www.openaire.eu/cerif-profile/vocab/COAR_Publication_Types">'
        "http://purl.org/coar/resource_type/c_6501<!-- journal article --></Type></Publication>"
    )
    kind = RawValue("cerif:Type", "http://purl.org/coar/resource_type/c_6501")
    assert read(xml) == ("cerif", [kind])
