"""Recorded answers of real repositories are read, or every record says why not."""

from __future__ import annotations

from pathlib import Path

from harvester.formats import Unreadable, document, read_page
from harvester.model import RawRecord
from harvester.oai import page as oai_page
from harvester.oai.received import NotOaiError

REASONS = ("no format reads metadata whose root is ", "the record's header has no identifier")


def test_every_well_formed_list_of_records_is_read(corpus: Path) -> None:
    read = unreadable = 0
    for path in sorted((corpus / "oai").glob("*.xml")):
        try:
            page = oai_page.parse(path.read_bytes())
        except NotOaiError:
            continue
        if page.verb not in ("ListRecords", "GetRecord"):
            continue
        records = read_page(page)
        assert len(records) == len(page.records), path.name
        for record in records:
            if isinstance(record, Unreadable):
                assert record.reason.startswith(REASONS), (path.name, record.reason)
                unreadable += 1
            else:
                assert record.identifier
                assert record.deleted or record.values, (path.name, record.identifier)
                read += 1
    assert read > 4000
    assert unreadable < 20


def test_the_records_of_ghent(corpus: Path) -> None:
    found = document.read((corpus / "oai" / "scrapi_ghent_00.xml").read_bytes())
    assert found.base_url == "https://biblio.ugent.be/oai/"
    assert len(found.records) == 135
    for record in found.records:
        assert isinstance(record, RawRecord)
        assert record.format == "oai_dc"
        elements = {value.element for value in record.values}
        assert {"dc:title", "dc:creator", "dc:date", "dc:type", "dc:language"} <= elements


def test_the_record_of_orbilu(corpus: Path) -> None:
    found = document.read((corpus / "base" / "orbilu_oai_dc_record_2025.xml").read_bytes())
    (record,) = found.records
    assert isinstance(record, RawRecord)
    assert record.identifier == "oai:orbilu.uni.lu:10993/66145"
    assert record.sets == ["com_f00", "col_f03", "class_c05"]
    (creator,) = [value for value in record.values if value.element == "dc:creator"]
    assert creator.attributes == {"id": "https://orcid.org/0009-0002-3399-0736"}
    assert [value.language for value in record.values if value.element == "dc:subject"] == [
        "en",
        "en",
        "fr",
        "fr",
    ]


def test_the_record_of_base(corpus: Path) -> None:
    found = document.read((corpus / "base" / "base_dc_record_2015.xml").read_bytes())
    assert found.base_url == "http://oai.base-search.net/oai"
    (record,) = found.records
    assert isinstance(record, RawRecord)
    assert record.format == "base_dc"
    assert record.identifier == "ftanucanberra:oai:digitalcollections.anu.edu.au:1885/10005"
    values = {value.element: value for value in record.values}
    assert values["base_dc:autoclasscode"].attributes == {"type": "ddc"}
    assert values["base_dc:lang"].value == "eng"


def test_the_reference_record_is_recognised(seed: Path) -> None:
    found = document.read(seed.read_bytes())
    assert found.host == "search.fid-benelux.de"
    assert [record.identifier for record in found.records] == ["base-26943181"]
