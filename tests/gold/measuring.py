"""Scores the whole gold set: what is understood here, and what RecordManager's rules make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from harvester.normalise import Tables, understand
from harvester.sources import Source
from tests.gold import recordmanager
from tests.gold.rows import Row, records
from tests.gold.score import FIELDS, GROUPS, OVERALL, Compared, Score, compare, total


class Measured(NamedTuple):
    """A row of the gold set, and how both fare with its record, field by field."""

    row: Row
    ours: list[Compared]
    peer: list[Compared]


class Line(NamedTuple):
    """A line of the table: a field or a group of fields, and the scores of both."""

    name: str
    ours: Score
    peer: Score


def measure(
    found: list[Row], corpus: Path, catalogue: Mapping[str, Source], tables: Tables
) -> list[Measured]:
    """Understand the records of all rows and compare them; rows without a record are left out."""
    return [
        Measured(
            row,
            compare(row, understand(one.raw, one.source, tables).record),
            compare(row, recordmanager.understand(one.raw)),
        )
        for row, recorded in records(found, corpus, catalogue)
        for one in recorded[:1]
    ]


def lines(measured: Sequence[Measured]) -> list[Line]:
    """Add up the scores by field, by group, and overall."""
    wanted = {field: (field,) for field in FIELDS} | {**GROUPS, "overall": OVERALL}
    ours = [one for row in measured for one in row.ours]
    peer = [one for row in measured for one in row.peer]
    return [Line(name, total(ours, fields), total(peer, fields)) for name, fields in wanted.items()]
