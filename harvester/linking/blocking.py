"""Which records are worth comparing: those that share a key."""

from __future__ import annotations

from collections.abc import Iterator

from harvester.linking.evidence import telling
from harvester.linking.traits import Traits

CHAIN = 4
"""So many telling words at the beginning, and at the end, of a title make a key."""
LONGEST = 3
"""So many of the longest words of a title make keys with a creator and the year."""
NAMES = 3
"""So many creators make keys: the first one may be misspelt."""
MOST = 100
"""A key that more records share tells too little: `Editorial`."""


def keys(one: Traits) -> set[str]:
    """Return the keys of a record; two that describe one publication share at least one.

    DOI, handle, ISBN, OAI identifier of the origin; ISSN, volume and page; the beginning and the
    end of the title; a creator, the year or the next, and a long word of the title.
    """
    return set(_keys(one))


def _keys(one: Traits) -> Iterator[str]:
    for letter, identifiers in (
        ("d", one.dois), ("h", one.handles), ("i", one.isbns), ("o", one.origins),
    ):  # fmt: skip
        for identifier in identifiers:
            yield f"{letter}:{identifier}"
    if one.volume and one.page:
        for issn in one.issns:
            yield f"p:{issn}:{one.volume}:{one.page}"
    words = telling(one.title)
    if words:
        yield f"t:{' '.join(words[:CHAIN])}"
        yield f"e:{' '.join(words[-CHAIN:])}"
    if one.year is None:
        return
    longest = sorted(set(words), key=lambda word: (-len(word), word))[:LONGEST]
    for name in dict.fromkeys(name[-1] for name in one.creators[:NAMES]):
        for word in longest:
            yield f"n:{name}:{one.year}:{word}"
            yield f"n:{name}:{one.year + 1}:{word}"
