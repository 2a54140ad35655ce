"""Every rule that the modules emit has its line in plain words, and no line is left over."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harvester import normalise
from harvester.model import RawRecord, RawValue
from harvester.normalise import RULES, Tables, understand
from harvester.sources import Source
from tests.normalise.conftest import cases

KINDS = "|".join(sorted({rule.partition(".")[0] for rule in RULES}))
NAMED = re.compile(rf'"((?:{KINDS})\.(?!yml)[a-z0-9-]+)"')
MADE = re.compile(rf'f"((?:{KINDS})\.)\{{')
# The element that a table of cases is about.
ELEMENTS = {
    "citations": "dc:source",
    "dates": "dc:date",
    "date_choices": "dc:date",
    "descriptions": "dc:description",
    "disciplines": "dc:subject",
    "identifiers": "dc:identifier",
    "keywords": "dc:subject",
    "languages": "dc:language",
    "names": "dc:creator",
    "rights": "dc:rights",
    "text": "dc:title",
    "titles": "dc:title",
    "types": "dc:type",
}


def emitted() -> tuple[set[str], set[str]]:
    """Return the rules that stand in the source, and how those begin that are made there."""
    package = Path(normalise.__file__).parent.parent
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("normalise", "linking")
        for path in (package / folder).glob("*.py")
        if path.stem not in ("rules", "tables")
    ]
    named = {rule for source in sources for rule in NAMED.findall(source)}
    return named, {start for source in sources for start in MADE.findall(source)}


def test_every_rule_of_the_source_is_explained() -> None:
    named, _ = emitted()
    assert len(named) > 100
    assert named - set(RULES) == set()


def test_every_rule_that_is_explained_is_in_the_source() -> None:
    named, made = emitted()
    assert made == {"citation.", "identifiers.", "links."}
    assert {rule for rule in set(RULES) - named if not rule.startswith(tuple(made))} == set()


@pytest.mark.parametrize("platform", ["generic", "orbi", "pure", "base", "eprints"])
@pytest.mark.parametrize("name", sorted(ELEMENTS))
def test_every_rule_of_the_cases_is_explained(name: str, platform: str, tables: Tables) -> None:
    source = Source("ours", "Ours", platform=platform, aggregator=platform == "base")
    element = ELEMENTS[name]
    for case in cases(name):
        row: dict[str, Any] = case.values[0]
        given = row.get("values") or [row.get("value")]
        values = [
            RawValue(element, one["text"], one.get("language"))
            if isinstance(one, dict)
            else RawValue(row.get("element", element), str(one))
            for one in given
        ]
        form = "base_dc" if platform == "base" else "oai_dc"
        trace = understand(RawRecord("oai:ours:1", form, values=values), source, tables).trace
        assert {note.rule for note in trace} <= set(RULES)


def test_every_rule_of_whole_records_is_explained(
    catalogue: dict[str, Source], tables: Tables
) -> None:
    for case in cases("records"):
        row = case.values[0]
        facts = row["source"]
        source = catalogue[facts] if isinstance(facts, str) else msgspec.convert(facts, Source)
        values = [RawValue(*value) for value in row["values"]]
        raw = RawRecord(row["identifier"], row.get("format", "oai_dc"), values=values)
        assert {note.rule for note in understand(raw, source, tables).trace} <= set(RULES)
