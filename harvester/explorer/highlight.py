"""Marks the words of a search in the texts that were found by them.

A text is compared as the full-text index does: without case and diacritics, whole words, a word
with a star by its beginning, a word alone by its stems too. What is marked is the text as it
stands, escaped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from markupsafe import Markup, escape

from harvester.catalogue import asked

MOST_TERMS = 32
MOST_CHARACTERS = 20_000
"""As much of a text is looked through; what is behind it stays unmarked."""

EXCERPT = 220

_WORD = re.compile(r"\w+")

Mark = Callable[[str], Markup]


def marker(text: str) -> Mark:
    """Build what marks the words of a search.

    Args:
        text: the search in the query language; what it leaves out is not marked.
    """
    pattern = _pattern(text)

    def mark(shown: str) -> Markup:
        if pattern is None:
            return escape(shown)
        pieces: list[Markup] = []
        end = 0
        for start, stop in _found(pattern, shown):
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
    pattern = _pattern(text)
    first = next(iter(_found(pattern, shown)), None) if pattern else None
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


def _pattern(text: str) -> re.Pattern[str] | None:
    terms: dict[str, None] = {}
    for term in asked.read(text).terms:
        words = [re.escape(word) for word in _WORD.findall(_folded(term.text)[0])]
        if words:
            terms[r"\W+".join(words) + (r"\w*" if term.star else "")] = None
    listed = sorted(list(terms)[:MOST_TERMS], key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(listed)})(?!\w)") if listed else None


def _found(pattern: re.Pattern[str], shown: str) -> list[tuple[int, int]]:
    """Where the words of a search stand in a text."""
    folded, places = _folded(shown[:MOST_CHARACTERS])
    return [
        (places[match.start()], places[match.end() - 1] + 1) for match in pattern.finditer(folded)
    ]


def _folded(text: str) -> tuple[str, list[int]]:
    """A text without case and diacritics, and where each of its characters stood before."""
    if text.isascii():
        return text.lower(), list(range(len(text)))
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", character).lower():
            if not unicodedata.combining(part):
                characters.append(part)
                places.append(place)
    return "".join(characters), places
