"""Phrases with commas, learned from whole records: `make lexicon`.

A repository sends `Adaptation, Psychological` as one subject; by way of BASE it comes as two. What
stands whole in several records, and hardly ever in pieces side by side, is a phrase.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence

import msgspec

from harvester.model import RawRecord
from harvester.normalise.folding import fold
from harvester.normalise.phrases import LONGEST
from harvester.normalise.text import readable
from harvester.sources import Source

LEAST = 2
"""A phrase stands whole in at least so many records."""

APART = 20
"""For every record that has its parts side by side, a phrase stands whole in at least so many."""

_LONGEST_TEXT = 100
_CHAIN = re.compile(r" ?-- ?")
_GLUE = re.compile(r"[;|·•:>]")
_BEGINNING = re.compile(r"^(?:\d{4,6} )?[A-ZÀ-Þ]")
_CUT = re.compile(r", ")


class Learned(msgspec.Struct, frozen=True):
    """What was learned.

    Attributes:
        phrases: with the number of records that have them whole.
        records: how many records it was learned from.
        least: in how many records a phrase had to be.
    """

    phrases: Mapping[str, int]
    records: int
    least: int


def subjects(raw: RawRecord, source: Source) -> list[str]:
    """Return the subjects of a record as its own repository sends them.

    Empty for what an aggregator or a portal hands on: it may be cut.
    """
    carried = source.aggregator or source.portal or raw.format in ("base_dc", "fid_portal")
    if raw.deleted or carried:
        return []
    texts = (readable(value.value)[0] for value in raw.values if value.element == "dc:subject")
    return [text.removeprefix("*") for text in texts if text]


def learn(
    records: Sequence[Sequence[str]], known: Container[str], *, least: int = LEAST
) -> Learned:
    """Learn phrases with commas.

    Args:
        records: the subjects of whole records.
        known: folded classes and headings, which need not be learned.
        least: in how many records a phrase must be.
    """
    whole: Counter[str] = Counter()
    for texts in records:
        whole.update({phrase for text in texts for phrase in _candidates(text)})
    wanted = {text for text, count in whole.items() if count >= least and fold(text) not in known}
    apart: Counter[str] = Counter()
    for texts in records:
        apart.update(set(_side_by_side(texts)) & wanted)
    return Learned(
        {text: whole[text] for text in wanted if whole[text] >= APART * apart[text]},
        len(records),
        least,
    )


def _candidates(text: str) -> Iterator[str]:
    """Give the links of a heading that may be phrases, not lists of keywords."""
    if ", " not in text or _GLUE.search(text):
        return
    for link in _CHAIN.split(text):
        parts = _CUT.split(link)
        if (
            1 < len(parts) <= LONGEST
            and all(parts)
            and len(link) <= _LONGEST_TEXT
            and _BEGINNING.match(link)
        ):
            yield link


def _side_by_side(texts: Sequence[str]) -> Iterator[str]:
    for start in range(len(texts)):
        for end in range(start + 2, min(start + LONGEST, len(texts)) + 1):
            yield ", ".join(texts[start:end])


def document(learned: Learned, day: str, before: Mapping[str, object]) -> str:
    """Return the table `phrases.yml` for what was learned.

    Args:
        learned: the phrases.
        day: when, as ISO date.
        before: the table that it takes the place of; phrases that a person turned down stay so.
    """
    old = before.get("phrases")
    rows = old if isinstance(old, Mapping) else {}
    down = {str(phrase): 0 for phrase, records in rows.items() if not records}
    found = {**learned.phrases, **down}
    version = before.get("version")
    lines = [
        _HEAD,
        f"version: {(version if isinstance(version, int) else 0) + 1}",
        f"learned: {day}",
        f"records: {learned.records}",
        f"least: {learned.least}",
        "",
        "phrases:" if found else "phrases: {}",
        *(
            f"  {json.dumps(phrase, ensure_ascii=False)}: {found[phrase]}"
            for phrase in sorted(found, key=lambda phrase: (phrase.casefold(), phrase))
        ),
    ]
    return "\n".join(lines) + "\n"


_HEAD = """\
# Phrases with commas in them, learned from whole records by `harvester lexicon` (make lexicon).
#
# BASE cuts subjects at ", ": phrases that are found here are put together again, the surer the more
# records have them whole. Classes and headings that a person entered stand in disciplines.yml and
# headings.yml.
#
# To correct: write 0 behind a phrase that is none, and it stays out, also when it is learned again.
#
# version: goes up with each learning; learned: the day; records: how many were read; least: in how
#   many of them a phrase had to be. phrases: with the number of records that have them whole.
"""
