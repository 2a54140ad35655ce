"""What a rebuild would change is told before anything is written."""

from __future__ import annotations

from contextlib import closing

import pytest

from harvester import pipeline
from harvester.catalogue import documents, open_for_reading, store
from harvester.errors import UsageError
from harvester.pipeline import previewing
from harvester.results import Ask
from harvester.settings import Settings, load
from tests.pipeline.asking import harvest, records, source_of, stored
from tests.servers.provider import Provider

TYPES = """
types:
  http://purl.org/coar/resource_type/c_6501:
    terms: [werkstuk]
"""


def content(installation: Settings) -> list[bytes]:
    files = ("archive.db", "catalogue.db")
    return [(installation.directory / file).read_bytes() for file in files]


@pytest.fixture
def harvested(installation: Settings, provider: Provider) -> Settings:
    """Three records of a type that no table knows."""
    provider.records[:] = [stored(number) for number in range(3)]
    for record in provider.records:
        record.metadata = record.metadata.replace("<dc:type>article", "<dc:type>werkstuk")
    harvest(installation, provider)
    assert {record.type for record in records(installation).values()} == {None}
    return installation


def test_unchanged_tables_change_nothing(harvested: Settings) -> None:
    assert pipeline.preview(harvested) == pipeline.Preview(3, 0, 0, 0, 0, [])


def test_the_works_of_copies_are_no_change(harvested: Settings, provider: Provider) -> None:
    pipeline.harvest(harvested, [source_of(provider, "y")], Ask())
    pipeline.link(harvested)
    assert all(record.work for record in records(harvested).values())
    assert pipeline.preview(harvested) == pipeline.Preview(6, 0, 0, 0, 0, [])


def test_a_new_row_of_a_table_is_told_by_field_with_an_example(harvested: Settings) -> None:
    overlay = harvested.directory / "schemas"
    overlay.mkdir()
    (overlay / "types.yml").write_text(TYPES, encoding="utf-8")
    before = content(harvested)
    found = pipeline.preview(load(harvested.directory))
    assert content(harvested) == before
    assert (found.records, found.changed, found.added, found.lost) == (3, 3, 0, 0)
    fields = {field.name: field for field in found.fields}
    assert set(fields) == {"type", "type_uri"}
    assert fields["type"].records == 3
    (change,) = fields["type"].changes
    assert (change.before, change.after, change.records) == ("", "journal article", 3)
    assert change.example in {record.id for record in records(harvested).values()}

    pipeline.rebuild(load(harvested.directory))
    assert {record.type for record in records(harvested).values()} == {"journal article"}
    assert pipeline.preview(load(harvested.directory)).changed == 0


def test_one_source_alone(harvested: Settings, provider: Provider) -> None:
    other = source_of(provider, "y")
    pipeline.harvest(harvested, [other], Ask())
    assert pipeline.preview(harvested).records == 6
    assert pipeline.preview(harvested, other).records == 3


def test_records_that_the_catalogue_lacks_are_counted(harvested: Settings) -> None:
    with closing(store.open_catalogue(harvested.directory)) as catalogue:
        store.remove(catalogue, [1])
    assert pipeline.preview(harvested).added == 1


def test_a_suppressed_record_is_passed_over(harvested: Settings) -> None:
    known = records(harvested)["oai:x:1"]
    pipeline.suppress(harvested, known.id, "withdrawn", erase=False)
    assert pipeline.preview(harvested).records == 2


def test_nothing_harvested_is_said(installation: Settings) -> None:
    with pytest.raises(UsageError, match="harvest"):
        pipeline.preview(installation)


def test_what_differs_is_told_alone() -> None:
    assert previewing._apart(["a", "b"], ["b", "c"]) == ("a", "c")
    assert previewing._apart(["a", "b"], ["b", "a"]) == ("a | b", "b | a")
    assert previewing._apart(None, 2019) == ("", "2019")


def test_the_account_in_the_catalogue_is_the_one_that_explain_gives(harvested: Settings) -> None:
    known = records(harvested)["oai:x:1"]
    with closing(open_for_reading(harvested.directory)) as catalogue:
        kept = documents.account(catalogue, known.id)
    (told,) = pipeline.explain(harvested, known.id)
    assert kept == told.trace
    assert {note.original for note in kept} >= {"Over werk 1", "werkstuk", "nl", "2019"}
