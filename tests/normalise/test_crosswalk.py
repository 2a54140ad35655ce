"""Crosswalks: records of other formats than Dublin Core, understood as those."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from harvester import formats
from harvester.errors import UsageError
from harvester.model import DECODER, ENCODER, RawRecord, RawValue, Record, Understood
from harvester.normalise import RULES, Tables, complete, load, understand
from harvester.sources import Source
from tests.normalise.conftest import CASES, cases

Catalogue = dict[str, Source]

OURS = Source("ours", "Ours")
HEADER = ("notes", "source", "oai_identifier", "datestamp", "origin")


def raw(row: dict[str, Any]) -> RawRecord:
    """Return the record of a row of formats.yml as its format reads it."""
    root = etree.fromstring((CASES / "formats" / f"{row['file']}.xml").read_bytes())
    name, reader = formats._by_root()[str(root.tag)]
    assert name == row["format"]
    return RawRecord(row["identifier"], name, "2024-01-01T00:00:00Z", values=reader(root))


def source_of(row: dict[str, Any], catalogue: Catalogue) -> Source:
    facts = row["source"]
    return catalogue[facts] if isinstance(facts, str) else msgspec.convert(facts, Source)


def read(tables: Tables, format_: str, *values: tuple[Any, ...]) -> Record:
    return whole(tables, format_, *values).record


def whole(tables: Tables, format_: str, *values: tuple[Any, ...]) -> Understood:
    record = RawRecord("oai:x:1", format_, values=[RawValue(*value) for value in values])
    return understand(record, OURS, tables)


@pytest.mark.parametrize("row", cases("formats"))
def test_records(row: dict[str, Any], catalogue: Catalogue, tables: Tables) -> None:
    record = understand(raw(row), source_of(row, catalogue), tables).record
    printed: dict[str, Any] = msgspec.to_builtins(record)
    assert {name: held for name, held in printed.items() if name not in HEADER} == row["record"]


@pytest.mark.parametrize("row", cases("formats"))
def test_every_value_is_accounted_for(
    row: dict[str, Any], catalogue: Catalogue, tables: Tables
) -> None:
    record = raw(row)
    trace = understand(record, source_of(row, catalogue), tables).trace
    told = {(note.element, note.original) for note in trace}
    for value in record.values:
        assert not value.value or (value.element, value.value) in told
    assert {note.rule for note in trace} <= set(RULES)


def test_what_parts_say_is_named_after_them(tables: Tables) -> None:
    host = ("mods:relatedItem", "Sociologie", None, {"type": "host", "volume": "14"})
    trace = whole(tables, "mods", host).trace
    told = {note.element: note.result for note in trace if note.field == "container"}
    assert told == {"mods:relatedItem": "Sociologie", "mods:relatedItem@volume": "14"}


@pytest.mark.parametrize("row", cases("formats"))
def test_dublin_core_of_the_same_publication_only_completes(
    row: dict[str, Any], catalogue: Catalogue, tables: Tables
) -> None:
    source = source_of(row, catalogue)
    rich = understand(raw(row), source, tables).record
    plain = RawRecord(
        row["identifier"],
        "oai_dc",
        values=[
            RawValue("dc:title", rich.title),
            RawValue("dc:creator", rich.creators[0].literal),
            RawValue("dc:date", str(rich.year)),
            RawValue("dc:coverage", "Benelux"),
            RawValue("dc:description", "A second description, which only the Dublin Core has."),
        ],
    )
    both = complete(rich, understand(plain, source, tables).record)
    changed = {
        field
        for field in both.__struct_fields__
        if getattr(both, field) != getattr(rich, field) and field != "notes"
    }
    assert changed <= {"abstracts"}
    richness = {name: one.richness for name, one in formats.formats().items()}
    assert richness[row["format"]] > richness["base_dc"] > richness["oai_dc"]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"role": "aut"}, ("creators", None)),
        ({}, ("creators", None)),
        ({"role": "http://id.loc.gov/vocabulary/relators/edt"}, ("contributors", "editor")),
        ({"role": "edt; aut"}, ("creators", None)),
        ({"role": "ths; thesis advisor"}, ("contributors", "advisor")),
        ({"role": "Promotor"}, ("contributors", "advisor")),
        ({"role": "choreographer"}, ("contributors", "choreographer")),
        ({"role": "xyz"}, ("contributors", None)),
    ],
)
def test_roles(
    tables: Tables, attributes: dict[str, str], expected: tuple[str, str | None]
) -> None:
    parts = {"family": "Maes", "given": "Eva", **attributes}
    record = read(tables, "mods", ("mods:name", "Maes, Eva", None, parts))
    field, role = expected
    (agent,) = getattr(record, field)
    assert (agent.literal, agent.role) == ("Maes, Eva", role)


@pytest.mark.parametrize(
    ("family", "given", "literal", "rule"),
    [
        ("De Clercq", "Hannelore", "De Clercq, Hannelore", "names.parts"),
        ("Vries", "Beatrijs de", "de Vries, Beatrijs", "names.particle"),
        ("PEI", "Yu", "Pei, Yu", "names.capitals"),
        ("Plato", "", "Plato", "names.parts"),
        ("Bank", "Jan", "Bank, Jan", "names.parts"),
        ("Smith, Jr.", "John", "Smith, Jr., John", "names.parts"),
        ("Universiteit", "Ann", "Universiteit, Ann", "names.parts"),
        ("N.N.", "", None, "names.nobody"),
    ],
)
def test_parts_of_names_are_believed(
    tables: Tables, family: str, given: str, literal: str | None, rule: str
) -> None:
    parts = {"family": family, "given": given} if given else {"family": family}
    understood = whole(tables, "mods", ("mods:name", f"{family}, {given}", None, parts))
    assert [agent.literal for agent in understood.record.creators] == ([literal] if literal else [])
    assert [note.rule for note in understood.trace if note.field == "creators"] == [rule]


def test_the_article_of_a_title_is_put_before_it(tables: Tables) -> None:
    for article, title, expected in (
        ("L’", "externalisation", "L’externalisation"),
        ("De", "buurt", "De buurt"),
    ):
        record = read(tables, "mods", ("mods:title", title, None, {"nonSort": article}))
        assert record.title == expected


def test_the_title_goes_before_its_translations(tables: Tables) -> None:
    record = read(
        tables,
        "mods",
        ("mods:title", "Care", "en", {"type": "translated"}),
        ("mods:title", "Zorg", "nl", {}),
        ("mods:title", "Z.", None, {"type": "abbreviated"}),
    )
    assert record.title == "Zorg"
    assert [title.text for title in record.titles] == ["Care"]


@pytest.mark.parametrize(
    ("dates", "issued"),
    [
        ({"Issued": "2020-03-04", "Created": "2019"}, "2020-03-04"),
        ({"Created": "2018-01-01", "Accepted": "2019-05-05"}, "2019-05-05"),
        ({"Submitted": "2017-02-02"}, "2017-02-02"),
        ({"Updated": "2017-02-02"}, None),
    ],
)
def test_dates_by_what_the_source_calls_them(
    tables: Tables, dates: dict[str, str], issued: str | None
) -> None:
    values = [("datacite:date", day, None, {"dateType": kind}) for kind, day in dates.items()]
    assert read(tables, "datacite", *values).issued == issued


@pytest.mark.parametrize(
    ("available", "access", "embargo"),
    [
        ("2023-11-02", "open access", "2023-11-02"),
        ("2099-01-01", "embargoed access", "2099-01-01"),
    ],
)
def test_an_embargo_ends_when_it_is_available(
    tables: Tables, available: str, access: str, embargo: str
) -> None:
    values = [
        RawValue("datacite:rights", "embargoed access"),
        RawValue("datacite:date", available, None, {"dateType": "Available"}),
    ]
    record = RawRecord("oai:x:1", "oai_openaire", "2024-01-01", values=values)
    rights = understand(record, OURS, tables).record.rights
    assert rights is not None
    assert (rights.access, rights.embargo_until) == (access, embargo)


def test_a_time_stamp_of_dspace_ends_no_embargo(tables: Tables) -> None:
    record = read(
        tables,
        "qdc",
        ("dc:rights", "info:eu-repo/semantics/embargoedAccess"),
        ("dcterms:available", "2016-06-30T08:14:10Z"),
        ("dcterms:created", "2016-06-30T08:14:10Z"),
    )
    assert record.rights is not None
    assert (record.rights.access, record.rights.embargo_until) == ("embargoed access", None)
    assert record.issued == "2016"


def test_a_day_of_availability_alone_is_no_embargo(tables: Tables) -> None:
    record = read(
        tables,
        "oai_openaire",
        ("datacite:rights", "open access"),
        ("datacite:date", "2020-01-01", None, {"dateType": "Available"}),
    )
    assert record.rights is not None
    assert record.rights.embargo_until is None


@pytest.mark.parametrize("label", ["Sociology", "FOS: Sociology"])
def test_a_class_that_names_its_scheme_is_not_named_twice(tables: Tables, label: str) -> None:
    subject = ("datacite:subject", label, None, {"subjectScheme": "FOS"})
    record = read(tables, "datacite", subject)
    assert [(one.scheme, one.code) for one in record.disciplines] == [("fos", "5.4")]


@pytest.mark.parametrize(("relation", "issn"), [("IsPartOf", ["0378-5955"]), ("Cites", None)])
def test_only_what_it_is_part_of_is_its_container(
    tables: Tables, relation: str, issn: list[str] | None
) -> None:
    parts = {"relatedIdentifierType": "ISSN", "relationType": relation}
    record = read(tables, "datacite", ("datacite:relatedIdentifier", "0378-5955", None, parts))
    assert (record.container.issn if record.container else None) == issn


def test_dublin_core_has_no_crosswalk(tables: Tables) -> None:
    assert {"oai_dc", "base_dc", "fid_portal"} & set(tables.crosswalks) == set()
    assert set(tables.crosswalks) <= set(formats.formats())


def test_the_librarians_rows_come_first(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / "crosswalks").mkdir()
    (tmp_path / "crosswalks" / "dim.yml").write_text(
        "elements: {dim:local.titel: [{to: 'dc:title'}], dim:dc.title: [{to: ''}]}"
    )
    (tmp_path / "crosswalks" / "lom.yml").write_text("elements: {lom:t: [{to: 'dc:title'}]}")
    (tmp_path / "roles.yml").write_text("choreographer: {creates: true, terms: [chr]}")
    tables = load(catalogue, tmp_path)
    record = read(tables, "dim", ("dim:dc.title", "A"), ("dim:local.titel", "B"))
    assert (record.title, record.titles) == ("B", [])
    assert read(tables, "lom", ("lom:t", "C")).title == "C"
    assert read(tables, "mods", ("mods:name", "Maes, Eva", None, {"role": "chr"})).creators


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            "elements:\n  x: [{too: 'dc:title'}]",
            "own.yml, line 2: elements → x → 0 → too: there is no",
        ),
        (
            "elements:\n  x:\n  - to: title",
            "line 3: elements → x → 0: no rule reads the element 'title'",
        ),
        ("elements: {x: {to: 'dc:title'}}", "elements → x: expected a list"),
        ("like: [latin]", "line 1: like → 0: latin has no crosswalk"),
    ],
)
def test_a_row_that_does_not_fit_is_named(
    tmp_path: Path, catalogue: Catalogue, content: str, told: str
) -> None:
    (tmp_path / "crosswalks").mkdir()
    (tmp_path / "crosswalks" / "own.yml").write_text(content)
    with pytest.raises(UsageError, match=re.escape(told)) as error:
        load(catalogue, tmp_path)
    assert "crosswalks" in str(error.value)


def test_a_third_party_brings_its_crosswalk(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought = tmp_path / "lom.yml"
    brought.write_text("like: [dim]\nelements: {lom:title: [{to: 'dc:title'}]}")
    lom = formats.Format("lom", 15, {}, brought)
    monkeypatch.setattr(
        "harvester.normalise.tables.formats", lambda: {**formats.formats(), "lom": lom}
    )
    tables = load(catalogue)
    record = read(tables, "lom", ("lom:title", "A"), ("dim:dc.language.iso", "nl"))
    assert (record.title, record.languages) == ("A", ["nld"])


FRAGMENTS = [
    "2020", "aut", "host", "10.1000/x", "0378-5955", "https://x.org/handle/1/2", "; ", "L’",
    "Maes, Eva", "Available", "Issued", "DOI", "issn", "{value}", "*", "corporate", "\u202e",
    "&amp;", "http://purl.org/coar/access_right/c_f1cf", "1-2", "van", "DDC", "300", "yes",
]  # fmt: skip
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=4).map("".join)
PARTS = [
    "type", "role", "family", "given", "affiliation", "volume", "issue", "start", "end", "list",
    "subTitle", "nonSort", "dateType", "identifierType", "valueURI", "href", "uri", "a", "b", "t",
    "g", "x", "relatedItem", "relationType", "titleType", "kind", "value", "orcid",
]  # fmt: skip


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_record_is_understood(tables: Tables, data: st.DataObject) -> None:
    format_ = data.draw(st.sampled_from(sorted(tables.crosswalks)))
    elements = [*tables.crosswalks[format_], "dc:title", "dc:date", "other:x"]
    values = data.draw(
        st.lists(
            st.builds(
                RawValue,
                st.sampled_from(elements),
                texts,
                st.none() | st.sampled_from(["nl", "und", ""]),
                st.dictionaries(st.sampled_from(PARTS), texts, max_size=5),
            ),
            max_size=8,
        )
    )
    record = RawRecord("oai:x:1", format_, "2020-01-01", values=values)
    understood = understand(record, OURS, tables)
    assert DECODER.decode(ENCODER.encode(understood.record)) == understood.record
    assert {note.rule for note in understood.trace} <= set(RULES)
    assert understood == understand(record, OURS, tables)
    assert not any(link.url.startswith("javascript") for link in understood.record.links)


def test_what_a_librarian_leaves_out_is_not_used(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / "crosswalks").mkdir()
    (tmp_path / "crosswalks" / "qdc.yml").write_text("elements: {dc:subject: [{}]}")
    record = RawRecord("oai:x:1", "qdc", values=[RawValue("dc:subject", "A")])
    understood = understand(record, OURS, load(catalogue, tmp_path))
    assert understood.record.keywords == []
    assert [note.rule for note in understood.trace if note.original == "A"] == ["record.unused"]
