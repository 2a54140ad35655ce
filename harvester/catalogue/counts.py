"""What is counted of how each record was understood, so that its source can be reported on.

Of each live record: which fields it has, how many of its values became what by which rule, and the
values that were not understood. It is written and deleted in the transaction of the record, so that
it is right after every harvest, deletion and rebuild.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from harvester.catalogue import sums
from harvester.catalogue.sums import Counted
from harvester.model import Note, Record
from harvester.normalise.rules import FALLBACKS

FIELDS = (
    "title", "titles", "creators", "contributors", "type", "version", "issued", "languages",
    "abstracts", "keywords", "disciplines", "concepts", "peer_reviewed", "funding", "publishers",
    "container.title", "container.volume", "container.issue", "container.pages",
    "container.article_number", "container.issn", "container.isbn", "container.series",
    "identifiers.doi", "identifiers.handle", "identifiers.isbn", "identifiers.issn",
    "identifiers.urn", "identifiers.pmid", "identifiers.arxiv",
    "rights.access", "rights.licence", "rights.embargo_until", "rights.statement",
    "creators.orcid", "links.landing", "links.fulltext",
)  # fmt: skip
"""The fields that are counted. Databases hold the place of each as a bit: add only at the end."""

LONGEST = 200
"""Characters that are kept of a value that was not understood."""

Step = tuple[str, str]
"""An element and a rule that read one of its values; the element is "" for what was inferred."""

_BIT = {field: 1 << place for place, field in enumerate(FIELDS)}
_OWN = tuple((field, bit) for field, bit in _BIT.items() if "." not in field)
_PARTS = {
    whole: tuple(
        (field.partition(".")[2], bit)
        for field, bit in _BIT.items()
        if field.startswith(f"{whole}.")
    )
    for whole in ("container", "identifiers", "rights")
}


class Counts(NamedTuple):
    """How one record was understood.

    Attributes:
        fields: the bits of the fields that it has.
        steps: each step with the number of values that it led to; a value that was taken apart
            counts by its parts.
        unknown: the values that were not understood, each with its fallback rule, in their order.
    """

    fields: int
    steps: list[tuple[str, str, int]]
    unknown: list[tuple[str, str]]


def count(record: Record, trace: Sequence[Note]) -> Counts:
    """Sum up how a record was understood."""
    return Counts(
        _fields(record),
        [
            (element, rule, count)
            for (element, rule), count in Counter(
                (note.element, note.rule) for note in trace
            ).items()
        ],
        sorted(
            {
                (note.rule, " ".join(note.original.split())[:LONGEST])
                for note in trace
                if note.rule in FALLBACKS
            }
        ),
    )


def _fields(record: Record) -> int:
    found = 0
    for field, bit in _OWN:
        value = getattr(record, field)
        if value or value is False:
            found |= bit
    for whole, parts in _PARTS.items():
        if (of := getattr(record, whole)) is not None:
            for part, bit in parts:
                if getattr(of, part):
                    found |= bit
    if any(agent.orcid for agent in record.creators):
        found |= _BIT["creators.orcid"]
    for link in record.links:
        found |= _BIT.get(f"links.{link.rel}", 0)
    return found


_KNOWN = """
    select number, fields, steps,
           (select json_group_array(json_array(rule, value)) from record_unknown
            where record = record_counts.number)
    from record_counts where number in (select value from json_each(?))
"""
_NEW_STEP = "insert into steps (element, rule) values (?, ?) returning number"
_STEPS = "select number, element, rule from steps"
_ENTER = "insert or replace into record_counts (number, fields, steps) values (?, ?, ?)"
_ENTER_UNKNOWN = "insert into record_unknown (record, rule, value) values (?, ?, ?)"
_FORGET = "delete from record_counts where number in (select value from json_each(?))"
_FORGET_UNKNOWN = "delete from record_unknown where record in (select value from json_each(?))"
_SOURCES = """
    select source, number from records where number in (select value from json_each(?))
"""
_GONE = """
    select source, fields, steps from records left join record_counts using (number)
    where number in (select value from json_each(?))
"""


def enter(
    connection: sqlite3.Connection, found: Mapping[int, Counts], before: Collection[int]
) -> None:
    """Enter the counts of live records, by number, where they are not as they were.

    Args:
        connection: a connection to `catalogue.db`.
        found: the counts.
        before: which of the records may have counts already.
    """
    known = {
        number: (fields, steps, sorted(map(tuple, msgspec.json.decode(unknown))))
        for number, fields, steps, unknown in (
            connection.execute(_KNOWN, (json.dumps(list(before)),)) if before else ()
        )
    }
    numbers = {(element, rule): step for step, element, rule in connection.execute(_STEPS)}
    changed = {}
    for number, one in found.items():
        steps = _written(connection, one.steps, numbers)
        if known.get(number) != (one.fields, steps, one.unknown):
            changed[number] = (one.fields, steps, one.unknown)
    listed = json.dumps(list(changed))
    if known:
        connection.execute(_FORGET_UNKNOWN, (listed,))
    connection.executemany(
        _ENTER, ((number, fields, steps) for number, (fields, steps, _) in changed.items())
    )
    connection.executemany(
        _ENTER_UNKNOWN,
        (
            (number, rule, value)
            for number, (_, _, unknown) in changed.items()
            for rule, value in unknown
        ),
    )
    by_source: dict[str, tuple[list[Counted], list[Counted]]] = {}
    for source, number in connection.execute(_SOURCES, (listed,)):
        gone, new = by_source.setdefault(source, ([], []))
        gone += [Counted(*known[number][:2])] if number in known else []
        new.append(Counted(*changed[number][:2]))
    for source, (gone, new) in by_source.items():
        sums.change(connection, source, gone, new)


def forget(connection: sqlite3.Connection, numbers: str) -> None:
    """Delete the counts of records that are about to be deleted; `numbers` is a JSON array."""
    by_source: dict[str, list[Counted]] = {}
    for source, fields, steps in connection.execute(_GONE, (numbers,)):
        gone = by_source.setdefault(source, [])
        gone += [Counted(fields, steps)] if steps is not None else []
    for source, gone in by_source.items():
        sums.change(connection, source, gone, [])
    connection.execute(_FORGET_UNKNOWN, (numbers,))
    connection.execute(_FORGET, (numbers,))


def sums_of(connection: sqlite3.Connection, source: str) -> tuple[int, Counter[str], Counter[Step]]:
    """Return how many records of a source were counted, and how many have each field and step."""
    found = sums.of(connection, source)
    names = {number: (element, rule) for number, element, rule in connection.execute(_STEPS)}
    return (
        found.records,
        Counter({FIELDS[place]: records for place, records in found.fields.items()}),
        Counter({names[step]: count for step, count in found.steps.items()}),
    )


def _written(
    connection: sqlite3.Connection,
    steps: Iterable[tuple[str, str, int]],
    numbers: dict[Step, int],
) -> str:
    """Write steps as a JSON array of the number of each and its count, in turn."""
    counted = []
    for element, rule, count in steps:
        step = (element, rule)
        if step not in numbers:
            numbers[step] = connection.execute(_NEW_STEP, step).fetchone()[0]
        counted.append((numbers[step], count))
    flat = [one for pair in sorted(counted) for one in pair]
    return msgspec.json.encode(flat).decode()
