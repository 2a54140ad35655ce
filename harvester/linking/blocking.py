"""Which records are worth comparing: those that share an identifier, or two other keys.

A key is a number: a hash of what it says, and in its lowest bits of which kind it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from harvester.linking.evidence import telling
from harvester.linking.traits import Traits, signature

ENOUGH = 2
"""Two records that share keys of this weight in all are compared."""
MOST = 100
"""A key that more records share tells too little."""
MOST_TITLES = 25
"""The same for the beginning or the end of a title: `Editorial` has many authors."""

COMMON = 8
"""So many records of a column are counted: more say no more."""

_CHAIN = 4
"""So many telling words at the beginning, and at the end, of a title make a key."""
_LONGEST = 2
"""So many of the longest words of a title make a key with each creator."""
_NAMES = 3
"""So many creators make keys: the first one may be misspelt."""

_HASH_BYTES = 6
_KIND_BITS = 2
_KIND = (1 << _KIND_BITS) - 1
_COLUMN, _NAME, _IDENTIFIER, _TITLE = range(4)
_WEIGHTS = (0, 1, 2, 1)


def keys(one: Traits) -> frozenset[int]:
    """Return the keys of a record.

    Of weight 2: DOI, handle, ISBN, OAI identifier of the origin; ISSN, volume and page. Of weight
    1: the beginning and the end of the title; a creator and a long word of the title. Of weight 0:
    repository, title and creators, see `column`.
    """
    found = {_key(_IDENTIFIER, said) for said in _identified(one)}
    found.update(_key(_TITLE, said) for said in _titled(one))
    found.update(_key(_NAME, said) for said in _named(one))
    if one.home:
        found.add(column(one))
    return frozenset(found)


def weight(key: int) -> int:
    """Return how much it says that two records share a key."""
    return _WEIGHTS[key & _KIND]


def most(key: int) -> int:
    """Return how many records may share a key that is to tell something."""
    return MOST_TITLES if key & _KIND == _TITLE else MOST


def column(one: Traits) -> int:
    """Return the key of records of one repository with the same title and creators.

    It is not for finding copies, but for counting: a column such as `Editorial` has many.
    """
    title, names = signature(one)
    return _key(_COLUMN, f"{one.home} {' '.join(title)} {' '.join(sorted(names))}")


def _key(kind: int, said: str) -> int:
    digest = blake2b(said.encode(), digest_size=_HASH_BYTES).digest()
    return int.from_bytes(digest, "big") << _KIND_BITS | kind


def _identified(one: Traits) -> Iterator[str]:
    for letter, identifiers in (
        ("d", one.dois), ("h", one.handles), ("i", one.isbns), ("o", one.origins),
    ):  # fmt: skip
        for identifier in identifiers:
            yield f"{letter}:{identifier}"
    if one.volume and one.page:
        for issn in one.issns:
            yield f"p:{issn}:{one.volume}:{one.page}"


def _titled(one: Traits) -> Iterator[str]:
    words = telling(one.title)
    if not words:
        return
    yield f"t:{' '.join(words[:_CHAIN])}"
    yield f"e:{' '.join(words[-_CHAIN:])}"
    if one.about or one.perhaps:  # `Rezension zu: …`
        for start in range(1, _CHAIN):
            yield f"t:{' '.join(words[start:][:_CHAIN])}"


def _named(one: Traits) -> Iterator[str]:
    words = telling(one.title)
    longest = sorted(set(words), key=lambda word: (-len(word), word))[:_LONGEST]
    for name in dict.fromkeys(name[-1] for name in one.creators[:_NAMES]):
        for word in longest:
            yield f"n:{name}:{word}"
