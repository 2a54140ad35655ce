"""Names in which there is nothing to be done are seen by their parts: both ways must agree."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
import yaml

from harvester.normalise import Tables, names
from harvester.normalise.text import Value

CASES = Path(__file__).parent.parent / "cases" / "names.yml"
ODD = [
    *("N", "Janssens", "Li", "LI", "de", "von", "X.", "J.-P.", "Jpl", "hooks", "bell"),
    *("Jr.", "III", "Dr.", "Md", "MPP", "editor", "al", "e.a.", "1950-", "R13596", "(Ann)"),
    *("Bureau", "University", "Inc", "Ltd"),
    *("Anonymous", "Unknown", "Unkn", "Various", "Authors"),
]


def parts() -> list[str]:
    """Return what stands on either side of the commas of the cases, and odd parts."""
    rows = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    found = {part.strip() for row in rows for part in str(row.get("value")).split(",")}
    return sorted(part for part in found if 0 < len(part) < 20)[::3] + ODD


@pytest.mark.parametrize("country", [None, "BE"])
def test_a_name_is_read_as_its_parts_together_say(tables: Tables, country: str | None) -> None:
    plain = 0
    for family, given in product(parts(), ODD):
        for text in (f"{family}, {given}", f"{given}, {family}"):
            value = Value("dc:creator", "", text, None, {}, text, "", "dc:creator")
            agents, notes = names.read([value], tables.names, field="creators", country=country)
            if [note.rule for note in notes] == ["names.given"]:
                plain += 1
                assert (agents[0], "names.given", 1.0) == names.parse(text, tables.names, country)
    assert plain > 1000
