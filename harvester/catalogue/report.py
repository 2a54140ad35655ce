"""How well the records of a source are understood, from what the catalogue holds of it now."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence

import msgspec

from harvester.catalogue.counts import FIELDS, Step, sums_of
from harvester.normalise.rules import FALLBACKS

UNUSED = "record.unused"
"""The rule of values that no field has a place for: there is nothing to be understood."""


class FieldCount(msgspec.Struct, frozen=True):
    """How many records have a field, and which share of all that is."""

    field: str
    records: int
    share: float


class ElementCount(msgspec.Struct, frozen=True):
    """How many values an element has, and what became of them.

    A value that was taken apart counts by its parts.

    Attributes:
        element: its name.
        values: all of them.
        unused: those that no field has a place for.
        understood: those of the others that no fallback gave up on.
        share: of those that have a place, the share that is understood; 1 where there are none.
    """

    element: str
    values: int
    unused: int
    understood: int
    share: float


class RuleCount(msgspec.Struct, frozen=True):
    """To how many values a rule led, and their share among all of its kind (`dates.…`)."""

    rule: str
    values: int
    share: float
    fallback: bool


class Unknown(msgspec.Struct, frozen=True):
    """A value that was not understood, by which rule, in how many records, and the id of one."""

    rule: str
    value: str
    records: int
    example: str


class Report(msgspec.Struct, frozen=True):
    """How well a source is understood.

    Attributes:
        source: its name.
        records: its live records.
        counted: those that this report knows; the others were understood by a version that
            counted nothing.
        fields: in the order of `counts.FIELDS`, those that any record has.
        elements: by name.
        rules: by name.
        unknown: by rule, the commonest first.
    """

    source: str
    records: int
    counted: int
    fields: list[FieldCount]
    elements: list[ElementCount]
    rules: list[RuleCount]
    unknown: list[Unknown]

    @property
    def understood(self) -> float:
        """The share of all values with a place that are understood; 1 where there are none."""
        wanted = sum(one.values - one.unused for one in self.elements)
        return _share(sum(one.understood for one in self.elements), wanted, of_nothing=1.0)

    def share(self, field: str) -> float:
        """The share of the records that have a field."""
        return next((one.share for one in self.fields if one.field == field), 0.0)


_NO_ELEMENTS = ("", "header")  # of what was inferred, and of the record's own identifier

_SOURCES = "select source from records group by source order by source"
_RECORDS = "select count(*) from records where source = ?"
_UNKNOWN = """
    with counted as (
        select rule, value, count(*) as found, min(number) as first
        from records cross join record_unknown on record_unknown.record = records.number
        where records.source = :source
        group by rule, value),
    ranked as (
        select *, row_number() over (partition by rule order by found desc, value) as place
        from counted)
    select rule, value, found, (select id from records where number = first)
    from ranked
    where :most is null or place <= :most or rule in (select value from json_each(:every))
    order by rule, place
"""


def sources(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the sources that have live records."""
    return [name for (name,) in connection.execute(_SOURCES)]


def report(
    connection: sqlite3.Connection,
    source: str,
    *,
    most: int | None = None,
    every: Sequence[str] = (),
) -> Report:
    """Report on a source, from the records that the catalogue has of it now.

    Args:
        connection: a connection to `catalogue.db`.
        source: its name.
        most: of so many values at most that a rule did not understand; None means of all.
        every: the rules of which all values are told anyway.
    """
    counted, fields, steps = sums_of(connection, source)
    wanted = {"source": source, "most": most, "every": json.dumps(every)}
    unknown = [Unknown(*row) for row in connection.execute(_UNKNOWN, wanted)]
    records = connection.execute(_RECORDS, (source,)).fetchone()[0]
    return Report(
        source,
        records,
        counted,
        _field_counts(fields, counted),
        _element_counts(steps),
        _rule_counts(steps),
        unknown,
    )


def _field_counts(having: Counter[str], records: int) -> list[FieldCount]:
    return [
        FieldCount(field, having[field], _share(having[field], records))
        for field in FIELDS
        if having[field]
    ]


def _element_counts(steps: Counter[Step]) -> list[ElementCount]:
    values: Counter[str] = Counter()
    unused: Counter[str] = Counter()
    understood: Counter[str] = Counter()
    for (element, rule), count in steps.items():
        if element not in _NO_ELEMENTS:
            values[element] += count
            if rule == UNUSED:
                unused[element] += count
            elif rule not in FALLBACKS:
                understood[element] += count
    return [
        ElementCount(
            element,
            count,
            unused[element],
            understood[element],
            _share(understood[element], count - unused[element], of_nothing=1.0),
        )
        for element, count in sorted(values.items())
    ]


def _rule_counts(steps: Counter[Step]) -> list[RuleCount]:
    values: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for (_, rule), count in steps.items():
        values[rule] += count
        kinds[rule.partition(".")[0]] += count
    return [
        RuleCount(rule, count, _share(count, kinds[rule.partition(".")[0]]), rule in FALLBACKS)
        for rule, count in sorted(values.items())
    ]


def _share(part: int, whole: int, of_nothing: float = 0.0) -> float:
    return round(part / whole, 4) if whole else of_nothing
