"""The tables that understanding needs, read once, and the cases of `tests/cases/`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from harvester import schemas, sources
from harvester.model import RawValue
from harvester.normalise import Tables, load, profile, text
from harvester.normalise.text import Value

CASES = Path(__file__).parent.parent / "cases"


@pytest.fixture(scope="session")
def catalogue() -> dict[str, sources.Source]:
    """The shipped repositories."""
    return sources.from_table(schemas.load("sources.yml"))


@pytest.fixture(scope="session")
def tables(catalogue: dict[str, sources.Source]) -> Tables:
    return load(catalogue)


def cases(name: str) -> list[Any]:
    """Return the rows of a table of cases, named by where they were seen."""
    rows = yaml.safe_load((CASES / f"{name}.yml").read_text(encoding="utf-8"))
    assert all(row["seen"] for row in rows)
    return [pytest.param(row, id=f"{number}-{row['seen']}") for number, row in enumerate(rows)]


def values(texts: Sequence[Any], element: str = "dc:subject", **attributes: Any) -> list[Value]:
    """Make readable values of one element; a row may give a language or attributes."""
    raw = [
        RawValue(element, one["text"], one.get("language"))
        if isinstance(one, dict)
        else RawValue(element, str(one), None, attributes)
        for one in texts
    ]
    return text.read(raw).get(element.partition(":")[0] + ":" + element.split(":")[1], [])


def dialect(tables: Tables, row: dict[str, Any]) -> profile.Dialect:
    """Return the dialect of a row: its platform and carriers."""
    found = tables.profiles.dialects[
        row.get("platform", "generic"),
        tuple(row.get("carriers", ["base"] if row.get("joined") else [])),
    ]
    if row.get("from_agency"):
        return profile.uncut(found)
    return found
