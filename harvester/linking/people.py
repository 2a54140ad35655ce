"""Whether two lists of creators can be those of one publication."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec
from rapidfuzz.distance import JaroWinkler

from harvester.linking.wording import Words

ALIKE = 0.92
"""From this similarity on (Jaro-Winkler) two family names are one, misspelt."""

_ALIKE_GIVEN = 0.88
_LONG = 3
_SHORTEST = (0, 3, 4)
"""An acronym has the initials of all words, or of those with more letters."""
_INITIALS = re.compile(r"[bcdfghjklmnpqrstvwxz]{2,4}")


class Person(msgspec.Struct, frozen=True, gc=False):
    """A name, as it is compared.

    Attributes:
        family: the family name in one word, or all the words of a body or of a name that could not
            be read.
        core: the same without particles.
        words: the words of it that say something.
        given: the given names, or initials.
        called: what the given names are short for.
        body: it is no person.
    """

    family: str
    core: str = ""
    words: frozenset[str] = frozenset()
    given: tuple[str, ...] = ()
    called: frozenset[str] = frozenset()
    body: bool = False


def person(family: tuple[str, ...], given: tuple[str, ...], *, body: bool, words: Words) -> Person:
    """Return a name as it is compared.

    Args:
        family: the words of the family name, or all of them where it is not known.
        given: those of the given names, or initials.
        body: it is no person.
        words: the tables.
    """
    given = tuple(
        letter for word in given for letter in (word if _INITIALS.fullmatch(word) else (word,))
    )
    called = frozenset(name for one in given for name in words.called.get(one, ()))
    telling = frozenset(word for word in family if len(word) >= _LONG) - words.particles
    if body:
        telling |= {"".join(word[0] for word in family if len(word) > least) for least in _SHORTEST}
    core = "".join(word for word in family if word not in words.particles) or "".join(family)
    return Person("".join(family), core, telling or frozenset(family), given, called, body)


def same_family(one: Person, other: Person) -> bool:
    """Whether two may be called the same, misspelt or with a part of a double name."""
    return (
        one.family == other.family
        or not one.words.isdisjoint(other.words)
        or JaroWinkler.similarity(one.core, other.core) > ALIKE
    )


def same_given(one: Person, other: Person) -> bool:
    """Whether given names agree: initials with names, short forms with what they stand for."""
    if not one.given or not other.given:
        return True
    return any(_agree(mine, theirs) for mine in _all(one) for theirs in _all(other))


def share_one(ours: Sequence[Person], theirs: Sequence[Person]) -> bool:
    """Whether two lists have a creator in common."""
    return any(_same(one, other) for one in ours for other in theirs)


def in_common(ours: Sequence[Person], theirs: Sequence[Person]) -> int:
    """Return how many creators two lists have in common."""
    return sum(any(_same(one, other) for other in theirs) for one in ours)


def namesakes(ours: Sequence[Person], theirs: Sequence[Person]) -> bool:
    """Whether some have one family name."""
    return any(same_family(one, other) for one in ours for other in theirs)


def mixed(ours: Iterable[Person], theirs: Iterable[Person]) -> bool:
    """Whether one list has only bodies and the other persons: these may have written for those."""
    return all(one.body for one in ours) != all(other.body for other in theirs)


def _same(one: Person, other: Person) -> bool:
    if same_family(one, other) and same_given(one, other):
        return True
    # Family and given name changed places.
    return bool(one.given) and one.family in other.given and other.family in one.given


def _all(one: Person) -> Iterable[str]:
    return (*one.given, *one.called)


def _agree(one: str, other: str) -> bool:
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    if one.startswith(other) or other.startswith(one):
        return True
    return JaroWinkler.similarity(one, other) > _ALIKE_GIVEN
