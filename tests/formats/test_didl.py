"""DIDL: MODS unwrapped, with the identifier, the page and the files around it."""

from __future__ import annotations

from harvester.model import RawValue
from tests.formats.reading import of, read, recorded

DIDL = 'xmlns="urn:mpeg:mpeg21:2002:02-DIDL-NS"'


def test_the_items_come_before_the_description() -> None:
    values = recorded("didl_pure")
    assert [value.element for value in values[:6]] == [
        "didl:identifier",
        "didl:modified",
        "didl:resource",
        "didl:file",
        "didl:page",
        "mods:title",
    ]
    assert of(values, "didl:file") == [
        RawValue(
            "didl:file",
            "https://research.vu.nl/ws/files/123/meer.pdf",
            None,
            {
                "accessRights": "http://purl.org/eprint/accessRights/OpenAccess",
                "mimeType": "application/pdf",
                "kind": "objectFile",
                "version": "publishedVersion",
            },
        )
    ]


def test_items_of_the_older_profile_are_known() -> None:
    values = recorded("didl_narcis")
    assert [value.value for value in of(values, "didl:page")] == [
        "http://dare.uva.nl/record/299999"
    ]
    assert [value.value for value in of(values, "didl:file")] == [
        "http://dare.uva.nl/document/99999"
    ]


def test_an_author_identifier_belongs_to_its_name() -> None:
    first, second, _ = of(recorded("didl_narcis"), "mods:name")
    assert first.attributes["dai"] == "123456789"
    assert "dai" not in second.attributes


def test_dublin_core_within_is_read_too() -> None:
    name, values = read(
        f"<DIDL {DIDL}><Item><Component><Resource>"
        '<dc xmlns="http://www.openarchives.org/OAI/2.0/oai_dc/"><title>T</title></dc>'
        "</Resource></Component></Item></DIDL>"
    )
    assert (name, values) == ("didl", [RawValue("dc:title", "T")])


def test_an_empty_one_has_no_values() -> None:
    assert read(f"<DIDL {DIDL}><Item/><!-- nothing --></DIDL>") == ("didl", [])
