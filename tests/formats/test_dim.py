"""DIM: DSpace's fields by their names."""

from __future__ import annotations

from harvester.model import RawValue
from tests.formats.reading import read, recorded

DIM = 'xmlns:dim="http://www.dspace.org/xmlns/dspace/dim"'


def test_a_field_is_called_as_in_dspace() -> None:
    values = recorded("dim_dspace")
    assert values[0] == RawValue(
        "dim:dc.contributor.author",
        "Peeters, Jan",
        None,
        {"authority": "will be referenced::ORCID::0000-0002-1825-0097", "confidence": "600"},
    )
    assert values[8].language == "en"
    assert values[-1].element == "dim:local.bibliographicCitation.jcat"


def test_fields_without_name_or_text_are_left_out() -> None:
    fields = (
        '<dim:field mdschema="dc">x</dim:field><dim:field mdschema="dc" element="title"/>'
        '<dim:field element="title">T</dim:field>'
    )
    assert read(f"<dim:dim {DIM}>{fields}</dim:dim>")[1] == [RawValue("dim:dc.title", "T")]
