"""Formats other than Dublin Core, over HTTP or from a file, into the catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester import pipeline
from harvester.settings import Settings
from harvester.sources import Source
from tests.pipeline.asking import DC, LATER, harvest, records, status_of
from tests.servers.provider import Provider, Stored, running

FORMATS = Path(__file__).parent.parent / "cases" / "formats"
PREFIXES = {
    "didl_pure": "nl_didl",
    "mods_ugent": "mods_36",
    "qdc_dspace": "qdc",
    "oai_openaire_dspace": "oai_openaire",
    "dim_dspace": "dim",
    "marcxml_alma": "marc21",
    "datacite_zenodo": "oai_datacite",
    "cerif": "oai_cerif_openaire",
}


def metadata(name: str) -> str:
    return (FORMATS / f"{name}.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "prefix"), PREFIXES.items())
def test_a_record_arrives_with_its_parts(installation: Settings, name: str, prefix: str) -> None:
    provider = Provider([Stored("oai:x:1", metadata(name))], prefixes=(prefix,))
    with running(provider):
        result = harvest(installation, provider, prefix=prefix)
    assert (result.state, result.tally.new, result.tally.quarantined) == ("complete", 1, 0)
    assert provider.asked("ListRecords")[0]["metadataPrefix"] == prefix
    record = records(installation)["oai:x:1"]
    assert record.creators[0].family
    assert record.title
    assert record.year
    assert record.citekey
    assert status_of(installation).quarantined == 0


def test_two_formats_of_one_identifier_make_one_record(installation: Settings) -> None:
    plain = DC.format("Stemmen in de supermarkt").replace(
        "</oai_dc:dc>",
        "<dc:description>Only Dublin Core has this text.</dc:description></oai_dc:dc>",
    )
    provider = Provider([Stored("oai:x:1", plain)], prefixes=("oai_dc", "mods"))
    with running(provider):
        harvest(installation, provider)
        before = records(installation)["oai:x:1"]
        assert before.container is None
        provider.records = [Stored("oai:x:1", metadata("mods_pure"), datestamp=LATER)]
        harvest(installation, provider, prefix="mods")
    (record,) = records(installation).values()
    assert (record.id, record.citekey) == (before.id, before.citekey)
    assert record.container is not None
    assert record.container.volume == "14"
    assert [abstract.text for abstract in record.abstracts] == ["Only Dublin Core has this text."]


def test_it_comes_back_the_same_from_the_archive(installation: Settings) -> None:
    provider = Provider([Stored("oai:x:1", metadata("didl_pure"))], prefixes=("nl_didl",))
    with running(provider):
        harvest(installation, provider, prefix="nl_didl")
    before = records(installation)
    pipeline.rebuild(installation)
    assert records(installation) == before


def test_a_file_is_imported(installation: Settings, tmp_path: Path) -> None:
    path = tmp_path / "record.xml"
    header = "<header><identifier>oai:x:9</identifier><datestamp>2024-01-01</datestamp></header>"
    xml = f"<record>{header}<metadata>{metadata('marcxml_dial')}</metadata></record>"
    path.write_text(xml, encoding="utf-8")
    source = Source(name="x", title="X", urls=["https://x.org/oai"])
    (imported,) = pipeline.import_files(installation, [path], source)
    assert (imported.state, imported.tally.new) == ("complete", 1)
    assert records(installation)["oai:x:9"].container is not None
