"""MARCXML: fields by their tags, subfields by their codes."""

from __future__ import annotations

from harvester.model import RawValue
from tests.formats.reading import of, read, recorded

MARC = 'xmlns="http://www.loc.gov/MARC21/slim"'


def test_a_field_has_its_subfields_and_indicators() -> None:
    (title,) = of(recorded("marcxml_alma"), "marc:245")
    assert title.attributes == {
        "ind1": "1",
        "ind2": "3",
        "a": "La frontière au quotidien :",
        "b": "les travailleurs frontaliers au Luxembourg /",
        "c": "Josiane Weber",
    }
    assert title.value.endswith("Luxembourg / Josiane Weber")


def test_the_leader_tells_type_and_level() -> None:
    assert recorded("marcxml_dial")[0].attributes == {"type": "a", "level": "b"}
    (value,) = read(f"<record {MARC}><leader>0</leader></record>")[1]
    assert value == RawValue("marc:leader", "0")


def test_repeated_subfields_stand_together() -> None:
    (languages,) = of(recorded("marcxml_alma"), "marc:041")
    assert languages.attributes["a"] == "fre; ltz"


def test_fields_without_tag_or_subfields_are_left_out() -> None:
    xml = f'<record {MARC}><datafield tag="245"/><controlfield>1</controlfield></record>'
    assert read(xml) == ("marcxml", [])
