"""Measures what is understood of the whole corpus: what is kept, what is reported, what is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harvester.model import Note, RawRecord
from harvester.normalise import Tables, understand
from harvester.normalise.rules import FALLBACKS
from harvester.normalise.text import readable
from tests.corpus import Recorded

DATES = ("dc:date", "dcterms:issued")
LANGUAGES = ("dc:language", "base_dc:lang")


class Read(NamedTuple):
    """What became of the values of one kind that are not empty.

    Attributes:
        values: all of them.
        understood: those that a rule other than a fallback read.
        reported: those that a fallback gave up on, and said so.
    """

    values: int = 0
    understood: int = 0
    reported: int = 0

    @property
    def accounted(self) -> float:
        """The share that is understood or reported."""
        return share(self.understood + self.reported, self.values)


class Measured(NamedTuple):
    """What is understood of the live records of a corpus.

    Attributes:
        records: how many there are.
        failures: those that could not be understood: file, identifier and error.
        kept: those of which every value stands in the trace as it was received.
        given_titles, titled: those that give a title, and those of them that have one afterwards.
        given_types, typed: the same of types.
        dates, languages: what became of such values.
        fallbacks: how many values each fallback rule gave up on.
        kinds: how many values the rules of the same kind read.
    """

    records: int
    failures: list[str]
    kept: int
    given_titles: int
    titled: int
    given_types: int
    typed: int
    dates: Read
    languages: Read
    fallbacks: Counter[str]
    kinds: Counter[str]


def measure(found: Iterable[Recorded], tables: Tables) -> Measured:
    """Understand the records of a corpus, and count."""
    failures: list[str] = []
    counts: Counter[str] = Counter()
    fallbacks: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    dates: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    for one in found:
        if one.raw.deleted:
            continue
        counts["records"] += 1
        try:
            result = understand(one.raw, one.source, tables)
        except Exception as error:
            failures.append(f"{one.file} {one.raw.identifier}: {type(error).__name__}: {error}")
            continue
        record, trace = result.record, result.trace
        given = {value.element for value in one.raw.values if readable(value.value)[0]}
        counts["kept"] += _keeps_all(one.raw, trace)
        counts["given titles"] += "dc:title" in given
        counts["titled"] += "dc:title" in given and bool(record.title)
        counts["given types"] += "dc:type" in given
        counts["typed"] += "dc:type" in given and record.type is not None
        _count(dates, one.raw, trace, DATES)
        _count(languages, one.raw, trace, LANGUAGES)
        fallbacks.update(note.rule for note in trace if note.rule in FALLBACKS)
        kinds.update(note.rule.partition(".")[0] for note in trace)
    return Measured(
        records=counts["records"],
        failures=failures,
        kept=counts["kept"],
        given_titles=counts["given titles"],
        titled=counts["titled"],
        given_types=counts["given types"],
        typed=counts["typed"],
        dates=Read(**dates),
        languages=Read(**languages),
        fallbacks=fallbacks,
        kinds=kinds,
    )


def share(part: int, whole: int) -> float:
    """Return a share; all of nothing is all."""
    return part / whole if whole else 1.0


def _keeps_all(raw: RawRecord, trace: Sequence[Note]) -> bool:
    """Say whether the trace has every value; one that was put together stands within the whole."""
    kept = {note.original for note in trace}
    return all(
        value.value in kept or any(value.value in original for original in kept)
        for value in raw.values
        if readable(value.value)[0]
    )


def _count(
    counts: Counter[str], raw: RawRecord, trace: Sequence[Note], elements: Sequence[str]
) -> None:
    """Count what became of the values of some elements."""
    for value in raw.values:
        if value.element in elements and readable(value.value)[0]:
            rules = {
                note.rule
                for note in trace
                if (note.element, note.original) == (value.element, value.value)
            }
            counts["values"] += 1
            counts["understood"] += bool(rules - FALLBACKS)
            counts["reported"] += bool(rules) and rules <= FALLBACKS
