"""What persons' names are made of: particles, titles, initials, and letters large and small."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from harvester.normalise import capitals


class Words(msgspec.Struct, frozen=True, eq=False):
    """Words in and around names.

    Attributes:
        particles: parts of family names that are written apart, lower case.
        corporate: words that only bodies have in their names, lower case, also without accents.
        nameless: folded values that name nobody.
        roles: role by folded word.
    """

    particles: frozenset[str]
    corporate: frozenset[str]
    nameless: frozenset[str]
    roles: Mapping[str, str]


TITLES = re.compile(
    r"(?:^|(?<=[\s,]))(?:(?:prof|drs?|ir|ing|ph\.?\s?d|m\.?\s?sc|mag|lic|em)(?:\.|(?=\s)),?\s*)+",
    re.IGNORECASE,
)
BARE_TITLES = frozenset({"dr", "ir"})
# `J.`, `I.H.A.`, `J P L`, `J.-P.`, `JA`
INITIALS = re.compile(
    r"^(?:(?:[^\W\d_]{1,2}\.[\s-]?)+[^\W\d_]?|[^\W\d_](?:[\s-][^\W\d_]\.?)*|[A-ZÀ-Þ]{1,3})$"
)
LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
SHORTEST_WORD = 5
"""Letters of a word that is no abbreviation."""
# The few authors who write their names in small letters; others were only typed so.
_WRITTEN_SMALL = frozenset({"hooks, bell", "boyd, danah"})


def all_particles(text: str, words: Words) -> bool:
    """Tell whether all words of a text are particles."""
    return all(token.lower() in words.particles for token in text.split())


def cased(name: str, words: Words, country: str | None) -> str:
    """Write a single name as one writes names."""
    if name.isupper() and len(name) > 3:
        return capitals.lowered(name, words.particles, country)
    return name.capitalize() if name.islower() else name


def raised(family: str, given: str, words: Words) -> tuple[str, str] | None:
    """Write a name that was typed in small letters as one writes names.

    `chandler, dana` (Tuskegee). A small letter of the family name alone is genuine: UGent's
    `wyffels, Francis`.
    """
    if f"{family}, {given}" in _WRITTEN_SMALL or all_particles(given, words):
        return None
    if family.islower():
        family = " ".join(
            token if token in words.particles else token.capitalize() for token in family.split()
        )
    return family, " ".join(
        token if token in words.particles else token.capitalize() for token in given.split()
    )
