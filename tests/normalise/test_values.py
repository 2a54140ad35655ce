"""One table of cases for each kind of value: what a repository wrote, and what it means."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from harvester.model import Agent, Container, Note, RawRecord, RawValue, Rights
from harvester.normalise import (
    RULES,
    Tables,
    citation,
    dates,
    descriptions,
    identifiers,
    languages,
    links,
    names,
    origin,
    publishers,
    rights,
    subjects,
    text,
    titles,
    types,
)
from harvester.normalise.text import Value
from harvester.sources import Source
from tests.normalise.conftest import cases, dialect, values


def plain(value: object) -> Any:
    """Return a struct as the JSON that it becomes, without empty fields."""
    return msgspec.to_builtins(value)


def known(notes: list[Note]) -> None:
    """Every rule has its line in plain words."""
    assert {note.rule for note in notes} <= set(RULES)


@pytest.mark.parametrize("row", cases("text"))
def test_text(row: dict[str, Any]) -> None:
    assert text.readable(row["value"]) == (row["text"], row.get("rule", ""))


@pytest.mark.parametrize("row", [case for case in cases("text") if "twice" not in str(case.id)])
def test_text_that_is_readable_stays(row: dict[str, Any]) -> None:
    once = text.readable(row["value"])[0]
    assert text.readable(once) == (once, "")


@pytest.mark.parametrize("row", cases("names"))
def test_names(row: dict[str, Any], tables: Tables) -> None:
    agents, notes = names.read(
        values([row["value"]], "dc:creator", **row.get("attributes", {})),
        tables.names,
        field=row.get("of", "creators"),
        country=row.get("country"),
    )
    assert agents == msgspec.convert(row["result"], list[Agent])
    assert notes
    known(notes)


@pytest.mark.parametrize("row", cases("dates"))
def test_dates(row: dict[str, Any], tables: Tables) -> None:
    dated = dates.parse(str(row["value"]), tables.dates)
    assert (dated.edtf, dated.year, dated.role) == (
        str(row["edtf"]),
        row.get("year"),
        row.get("role", "issued"),
    )
    assert dated.rule in RULES


@pytest.mark.parametrize("row", cases("date_choices"))
def test_the_date_of_publication(row: dict[str, Any], tables: Tables) -> None:
    chosen, notes = dates.read(
        values(row["values"], "dc:date"),
        values(row.get("fallback", []), "base_dc:year"),
        tables.dates,
        joined=row.get("joined", False),
        elsewhere=values(row.get("elsewhere", []), "dc:relation"),
        title=row.get("title", ""),
    )
    expected = row["result"]
    assert chosen == dates.Dates(
        expected.get("issued"), expected.get("year"), expected.get("embargo_until")
    )
    known(notes)


@pytest.mark.parametrize("row", cases("languages"))
def test_languages(row: dict[str, Any], tables: Tables) -> None:
    codes, notes = languages.read(values([row["value"]], "dc:language"), [], tables.languages)
    assert codes == row["codes"]
    assert [note.rule for note in notes] == [row.get("rule", notes[0].rule)]
    known(notes)


@pytest.mark.parametrize("row", cases("detected"))
def test_the_language_of_a_text(row: dict[str, Any], tables: Tables) -> None:
    assert languages.detect(row["text"], tables.languages) == row["language"]


@pytest.mark.parametrize("row", cases("types"))
def test_types(row: dict[str, Any], tables: Tables) -> None:
    kind, notes = types.read(
        values(row["values"], "dc:type"),
        values(row.get("base", []), "base_dc:typenorm"),
        row.get("title", ""),
        tables.types,
    )
    described = values(row.get("described", []), "dc:description")
    kind, further = types.degree(kind, described, tables.types)
    known(further)
    stated, further = types.stated_version(described, tables.types)
    known(further)
    version = kind.version or stated
    assert (kind.type.label if kind.type else None) == row.get("type")
    assert (version.label if version else None) == row.get("version")
    if "uri" in row:
        assert kind.type
        assert kind.type.uri == row["uri"]
    known(notes)


@pytest.mark.parametrize("row", cases("identifiers"))
def test_identifiers(row: dict[str, Any]) -> None:
    found, rule = identifiers.find(str(row["value"]))
    assert [[one.scheme, one.value] for one in found] == row["found"]
    if "rule" in row:
        assert rule == row["rule"]
    assert not rule or rule in RULES


@pytest.mark.parametrize("row", cases("rights"))
def test_rights(row: dict[str, Any], tables: Tables) -> None:
    indicators = [
        Value(one["element"], "", one.get("value", ""), None, one.get("attributes", {}), "", "",
              one["element"])
        for one in row.get("indicators", [])
    ]  # fmt: skip
    understood, notes = rights.read(
        values(row["values"], "dc:rights"),
        indicators,
        values(row.get("normalised", []), "base_dc:rightsnorm"),
        values([row["oa"]] if "oa" in row else [], "base_dc:oa"),
        embargo_until=row.get("embargo_until"),
        today=row.get("today", "2026-01-01"),
        terms=tables.rights,
    )
    if row["result"] is None:
        assert understood is None
    else:
        assert understood is not None
        understood.access_uri = None
        assert understood == msgspec.convert(row["result"], Rights)
    known(notes)


@pytest.mark.parametrize("row", cases("titles"))
def test_titles(row: dict[str, Any], tables: Tables) -> None:
    titled, notes = titles.read(
        values(row["values"], "dc:title"),
        dialect=dialect(tables, row),
        languages=tables.languages,
        container=row.get("container"),
        from_agency=row.get("from_agency", False),
        given=row.get("languages", ()),
    )
    assert [titled.title, *(title.text for title in titled.parallel)] == row["titles"]
    known(notes)


@pytest.mark.parametrize("row", cases("disciplines"))
def test_the_disciplines_of_orbi(row: dict[str, Any], tables: Tables) -> None:
    test_subjects({"platform": "orbi", **row}, tables)


@pytest.mark.parametrize("row", cases("keywords"))
def test_subjects(row: dict[str, Any], tables: Tables) -> None:
    words = subjects.Words(tables.disciplines, tables.phrases, tables.languages, tables.no_keywords)
    given, sets = values(row["values"]), row.get("sets", [])
    said, notes = subjects.read(given, [], sets, dialect(tables, row), words)
    known(notes)
    assert [keyword.label for keyword in said.keywords] == row.get("keywords", [])
    codes = [f"{one.scheme}:{one.code}" for one in said.disciplines]
    assert codes == row.get("disciplines", [])
    assert [concept.uri for concept in said.concepts] == row.get("concepts", [])


@pytest.mark.parametrize("row", cases("descriptions"))
def test_descriptions(row: dict[str, Any], tables: Tables) -> None:
    described, notes = descriptions.read(
        values(row["values"], "dc:description"),
        values(row.get("types", []), "dc:type"),
        row.get("languages", []),
        dialect(tables, row),
        tables.languages,
        row.get("title", ""),
    )
    assert [
        [abstract.text, abstract.language, *(["detected"] if abstract.detected else [])]
        for abstract in described.abstracts
    ] == row.get("abstracts", [])
    assert described.peer_reviewed == row.get("peer_reviewed")
    assert described.funding == row.get("funding", [])
    assert described.keywords == row.get("keywords", [])
    known(notes)


@pytest.mark.parametrize("row", cases("citations"))
def test_citations(row: dict[str, Any], tables: Tables) -> None:
    spoken = dialect(tables, row)
    element = row.get("element", "dc:source")
    given = values(row["values"], element)
    container, cited, notes = citation.read(
        [(value, element == "dc:source") for value in given]
        + citation.in_descriptions(values(row.get("described", []), "dc:description")),
        row.get("title", ""),
        doi_is_own=spoken.source_doi_is_own,
        nothing=tables.no_titles,
        collections=spoken.collections,
        authors=values(row.get("creators", []), "dc:creator"),
    )
    own = [] if element == "dc:source" else [(v, *identifiers.find(v.text)) for v in given]
    kind = types.find(row.get("type", "journal article"), tables.types)
    numbers, further = identifiers.read([], own, cited, kind=kind, relation_is_own=False)
    container.issn, container.isbn = numbers.container_issn, numbers.container_isbn
    citation.numbered_article(container, numbers.own.doi)
    assert container == msgspec.convert(row["result"], Container)
    assert numbers.own.doi == row.get("doi")
    known([*notes, *further])


@pytest.mark.parametrize("row", cases("links"))
def test_links(row: dict[str, Any], catalogue: dict[str, Source]) -> None:
    given = values(row.get("identifiers", []), "dc:identifier")
    given += values(row.get("permalinks", []), "dc:identifier:permalink")
    relations = values(row.get("relations", []), "dc:relation")
    numbers, _ = identifiers.read(
        [(value, *identifiers.find(value.text)) for value in given],
        [(value, *identifiers.find(value.text)) for value in relations],
        [],
        kind=None,
        relation_is_own=False,
    )
    understood, notes = links.read(
        given,
        relations,
        values(row.get("chosen", []), "base_dc:link"),
        numbers.own,
        catalogue[row["of"]] if "of" in row else None,
    )
    assert [[link.rel, link.url] for link in understood] == row["links"]
    assert set(row.get("rules", ())) <= {note.rule for note in notes}
    known(notes)


@pytest.mark.parametrize("row", cases("publishers"))
def test_publishers(row: dict[str, Any], tables: Tables) -> None:
    given = values(row["values"], "dc:publisher")
    understood, notes = publishers.read(given, tables.names.nameless)
    assert understood == row["result"]
    assert len(notes) == len(given)
    assert notes[-1].rule == row.get("rule", notes[-1].rule)
    known(notes)


@pytest.mark.parametrize("row", cases("origins"))
def test_origins(row: dict[str, Any], catalogue: dict[str, Source], tables: Tables) -> None:
    facts = row["source"]
    source = catalogue[facts] if isinstance(facts, str) else msgspec.convert(facts, Source)
    raw = RawRecord(
        row["identifier"],
        row.get("format", "oai_dc"),
        values=[RawValue(name, one) for name, ones in row["values"].items() for one in ones],
    )
    groups = text.read(raw.values)
    handles = (
        one.value
        for value in groups["dc:identifier"]
        for one in identifiers.find(value.text)[0]
        if one.scheme == "handle"
    )
    home = origin.find(raw, source, groups, next(handles, None), tables.origins)
    assert (list(home.carriers), home.from_agency) == (
        row.get("carriers", []),
        row.get("agency", False),
    )
    described, provider, notes = origin.describe(home, raw, groups)
    expected = row["origin"]
    assert (plain(described) if described else None) == expected
    assert (provider.name if provider else None) == row.get("provider")
    assert not expected or notes[0].rule == row.get("rule", notes[0].rule)
    known(notes)
