"""Marks the words of a search in the texts that were found by them.

A text is compared as the full-text index does: without case and diacritics, whole words, a word
with a star by its beginning, a word alone by its stems too. What is marked is the text as it
stands, escaped.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup, escape

from harvester.catalogue import asked, forms

MOST_TERMS = 32
MOST_CHARACTERS = 20_000
"""As much of a text is looked through; what is behind it stays unmarked."""

EXCERPT = 220

_DROPPED = "ge"
"""What Dutch words have before their stem."""

Mark = Callable[[str], Markup]


class _Wanted(NamedTuple):
    """What is marked: what a pattern finds in a folded text, and words that have a stem.

    A word that has one of the stems is among those that `likely` finds in a folded text, by its
    first letter, or by the prefix that Dutch drops: to stem all words takes long.
    """

    pattern: re.Pattern[str]
    stems: frozenset[str]
    likely: re.Pattern[str]


def marker(text: str) -> Mark:
    """Build what marks the words of a search.

    Args:
        text: the search in the query language; what it leaves out is not marked.
    """
    wanted = _wanted(text)

    def mark(shown: str) -> Markup:
        if wanted is None:
            return escape(shown)
        pieces: list[Markup] = []
        end = 0
        for start, stop in _found(wanted, shown):
            pieces += [
                escape(shown[end:start]),
                Markup("<mark>{}</mark>").format(shown[start:stop]),
            ]
            end = stop
        return Markup("").join([*pieces, escape(shown[end:])])

    return mark


def excerpt(text: str, shown: str) -> str:
    """The part of a long text around the first word of a search; "" where there is none.

    Args:
        text: the search.
        shown: the long text, such as an abstract.
    """
    wanted = _wanted(text)
    first = next(iter(_found(wanted, shown)), None) if wanted else None
    if first is None:
        return ""
    start = max(0, first[0] - EXCERPT // 3)
    stop = min(len(shown), start + EXCERPT)
    if start:
        start = shown.find(" ", start, first[0]) + 1 or start
    if stop < len(shown):
        space = shown.rfind(" ", first[1], stop)
        stop = space if space > 0 else stop
    before, after = "…" if start else "", "…" if stop < len(shown) else ""
    return f"{before}{shown[start:stop].strip()}{after}"


def _wanted(text: str) -> _Wanted | None:
    patterns: dict[str, None] = {}
    stems: set[str] = set()
    for term in asked.read(text).terms[:MOST_TERMS]:
        words = [re.escape(word) for word in forms.words(_folded(term.text)[0])]
        if words:
            patterns[r"\W+".join(words) + (r"\w*" if term.star else "")] = None
            stems.update(term.stems)
    if not patterns:
        return None
    listed = sorted(patterns, key=len, reverse=True)
    beginnings = sorted({_DROPPED, *(stem[len(forms.MARK)] for stem in stems)})
    return _Wanted(
        re.compile(rf"(?<!\w)(?:{'|'.join(listed)})(?!\w)"),
        frozenset(stems),
        re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, beginnings))})[^\W_]*"),
    )


def _found(wanted: _Wanted, shown: str) -> list[tuple[int, int]]:
    """Where the words of a search stand in a text."""
    shown = shown[:MOST_CHARACTERS]
    folded, places = _folded(shown)
    found = [
        (places[match.start()], places[match.end() - 1] + 1)
        for match in wanted.pattern.finditer(folded)
    ]
    if wanted.stems:
        likely = [
            (places[match.start()], places[match.end() - 1] + 1)
            for match in wanted.likely.finditer(folded)
        ]
        found += [
            (start, end)
            for start, end in likely
            if not wanted.stems.isdisjoint(forms.stems(shown[start:end].lower()))
        ]
        found = _apart(found)
    return found


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of some spans that overlap none before them, the longer ones first."""
    kept: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def _folded(text: str) -> tuple[str, list[int]]:
    """A text without case and diacritics, and where each of its characters stood before."""
    if text.isascii():
        return text.lower(), list(range(len(text)))
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for part in _plain(character):
            characters.append(part)
            places.append(place)
    return "".join(characters), places


@functools.lru_cache(maxsize=10_000)
def _plain(character: str) -> str:
    """A character without case and diacritics; "" of a diacritic alone."""
    parts = unicodedata.normalize("NFKD", character).lower().translate(forms.PLAIN)
    return "".join(part for part in parts if not unicodedata.combining(part))
