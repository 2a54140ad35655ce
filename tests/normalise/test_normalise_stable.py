"""What was understood stays understood: read back, it says the same, in whichever process."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from harvester import schemas
from harvester.errors import HarvesterError
from harvester.formats import document, formats, oai_dc
from harvester.model import RawRecord, RawValue, Record
from harvester.normalise import Tables, understand
from harvester.oai import page
from harvester.sample.repository import repositories, sources
from harvester.sources import Source, by_host

OWN = Source("own", "Own")
# What the fifteen of Dublin Core, BASE and portal pages have, and what no format has.
ELEMENTS = sorted(
    {f"dc:{name}" for name in oai_dc.ELEMENTS.split()}
    | {element for element in schemas.load("fields.yml") if not element.startswith("ui:")}
    | {
        "base_dc:lang", "base_dc:typenorm", "base_dc:oa", "base_dc:year", "base_dc:link",
        "base_dc:collection", "base_dc:classcode", "base_dc:rightsnorm", "base_dc:country",
        "dcterms:abstract", "dcterms:accessRights", "dcterms:bibliographicCitation",
        "dcterms:issued", "dcterms:license", "dcterms:tableOfContents",
        "ali:free_to_read", "ali:license_ref", "dc:provenance", "portal:Notiz", "datacite:other",
    }
)  # fmt: skip

# Any character there is, halves of surrogate pairs and what no XML may hold included.
characters = st.text(st.characters(exclude_categories=()), max_size=30)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.builds(
            RawValue,
            st.sampled_from(ELEMENTS),
            characters,
            st.none() | characters,
            st.dictionaries(st.sampled_from(["id", "start_date", "label"]), characters, max_size=1),
        ),
        max_size=10,
    ),
    st.sampled_from(sorted(formats())),
    st.sampled_from([OWN, Source("base", "BASE", platform="base", aggregator=True)]),
)
def test_any_character_in_any_element_of_any_format(
    tables: Tables, values: list[RawValue], name: str, source: Source
) -> None:
    record = understand(RawRecord("oai:x:1", name, values=values), source, tables).record
    assert not any("\ud800" <= character <= "\udfff" for character in record.title)


@pytest.fixture(scope="module")
def sampled() -> list[tuple[Source, RawRecord]]:
    """What the sample repositories hold, in each of their formats."""
    known = sources(dict.fromkeys(repositories(), "http://127.0.0.1/oai"))
    return [
        (
            known[name],
            RawRecord(
                item.identifier, prefix, item.datestamp, list(item.sets),
                values=oai_dc.walk(etree.fromstring(xml, page.parser())),
            ),
        )
        for name, repository in repositories().items()
        for item in repository.items
        for prefix, xml in item.metadata.items()
    ]  # fmt: skip


def given_back(record: Record) -> RawRecord:
    """Write what was understood as plain Dublin Core of a repository without habits."""
    identifiers, rights = record.identifiers, record.rights
    written = [
        ("dc:title", record.title),
        *(("dc:title", title.text) for title in record.titles),
        *(("dc:creator", agent.literal) for agent in record.creators),
        *(("dc:subject", keyword.label) for keyword in record.keywords),
        *(("dc:language", language) for language in record.languages),
        *(("dc:publisher", publisher) for publisher in record.publishers),
        ("dc:type", record.type_uri),
        ("dc:date", record.issued),
        ("dc:identifier", identifiers and identifiers.doi and f"doi:{identifiers.doi}"),
        ("dc:rights", rights and rights.access_uri),
        ("dc:rights", rights and rights.licence),
    ]
    values = [RawValue(element, value) for element, value in written if value]
    return RawRecord("x:1", "oai_dc", record.datestamp or "", values=values)


def said(record: Record) -> dict[str, object]:
    """Return the values that were given back, by field, without those that are missing."""
    identifiers, rights = record.identifiers, record.rights
    values = {
        "title": record.title,
        "titles": [title.text for title in record.titles],
        "creators": [(agent.literal, agent.family, agent.given) for agent in record.creators],
        "keywords": [keyword.label for keyword in record.keywords],
        "languages": record.languages,
        "publishers": record.publishers,
        "type": record.type,
        "issued": record.issued and (record.issued, record.year),
        "doi": identifiers and identifiers.doi,
        "access": rights and rights.access,
        "licence": rights and rights.licence,
    }
    return {field: value for field, value in values.items() if value}


def changed(source: Source, raw: RawRecord, tables: Tables) -> Iterator[tuple[str, object, object]]:
    first = understand(raw, source, tables).record
    before, after = said(first), said(understand(given_back(first), OWN, tables).record)
    for field, value in before.items():
        if after.get(field) != value:
            yield field, value, after.get(field)


def test_the_sample_reads_the_same_again(
    tables: Tables, sampled: list[tuple[Source, RawRecord]]
) -> None:
    assert len(sampled) > 900
    for source, raw in sampled:
        assert list(changed(source, raw, tables)) == [], raw.identifier


def test_recorded_answers_read_the_same_again(
    corpus: Path, catalogue: dict[str, Source], tables: Tables
) -> None:
    records = 0
    different: list[tuple[str, object, object]] = []
    for path in sorted((corpus / "oai").glob("*.xml")):
        try:
            found = document.read(path.read_bytes())
        except HarvesterError:
            continue  # what cannot be read is the reader's business
        source = (by_host(found.host, catalogue) if found.host else None) or OWN
        for raw in found.records:
            if isinstance(raw, RawRecord) and not raw.deleted:
                records += 1
                different += changed(source, raw, tables)
    # Left are names in capitals with initials (`MISHRA, P.K.`), those that tell what the initials
    # stand for, and licences ported to a country.
    assert {field for field, _, _ in different} <= {"creators", "licence", "languages"}, different
    assert len(different) < records / 100


# Prints a digest of how all records of a file are understood.
_DIGEST = """
import hashlib, sys, msgspec
from harvester import schemas, sources
from harvester.model import RawRecord
from harvester.normalise import load, understand
from harvester.sources import Source

tables = load(sources.from_table(schemas.load("sources.yml")))
held = msgspec.json.decode(sys.stdin.buffer.read(), type=list[tuple[Source, RawRecord]])
told = msgspec.json.encode([understand(raw, source, tables) for source, raw in held])
print(hashlib.sha256(told).hexdigest())
"""


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_every_process_understands_the_same(
    tables: Tables, sampled: list[tuple[Source, RawRecord]], seed: str
) -> None:
    held = sampled[::10]
    here = msgspec.json.encode([understand(raw, source, tables) for source, raw in held])
    there = subprocess.run(
        [sys.executable, "-c", _DIGEST],
        input=msgspec.json.encode(held),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )
    assert there.stdout.decode().strip() == hashlib.sha256(here).hexdigest()
