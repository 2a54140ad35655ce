"""What a title says by which works are told apart that are called alike."""

from __future__ import annotations

import re
from itertools import pairwise

import msgspec

from harvester.linking.wording import Words, plain, split

# A stop behind one letter is that of an initial.
_BREAK = re.compile(r"[:;!?()\[\]]|(?<=\w\w)\.(?=\s|$)|,(?=\s|$)|\s[-–—/=]\s|—")
_IN_BRACKETS = re.compile(r"[(\[]0*([0-9]{1,2})[)\]]\W*$")
_THOUSANDS = re.compile(r"(?<=\d)[.,'’](?=\d{3}(?!\d))")
_SPAN = re.compile(r"\b(1[5-9]|20)(\d\d)(\s?[-–/]\s?)(\d\d)\b(?![-–/]?\d)")
_ORDINAL = re.compile(r"0*([0-9]+)(?:st|nd|rd|th|e|de|ste|er|ere|eme|d|te|ter|tes|nde)?")
_CODE = re.compile(r"[a-z]{1,2}0*([0-9]{1,4})")
_YEAR = re.compile(r"1[5-9][0-9]{2}|20[0-9]{2}")
_ROMAN = {
    "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11",
    "xii": "12",
}  # fmt: skip
_AT_THE_END = {"i": "1", "v": "5", "x": "10"} | _ROMAN
_NEAR = 2
_LETTERS = frozenset("abcdefgh")
_MAYBE = _LETTERS | _AT_THE_END.keys()
_SHORT = 3
"""Words of so few letters in a title that says nothing are articles and prepositions."""


class Marks(msgspec.Struct, frozen=True, gc=False):
    """What a title says beside its subject.

    Attributes:
        about: what it is about another publication: `review`, `reply`; "" for none.
        numbers: all numbers, Roman ones and words too, as digits.
        years: those that are years.
        parts: those that count a part of a whole.
        edition: the number of the edition, `revised`, or "".
        distinct: places, months and people, each with its kind.
        generic: the title says nothing alone.
        yearly: there is one like it every year.
    """

    about: str = ""
    numbers: frozenset[str] = frozenset()
    years: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    edition: str = ""
    distinct: frozenset[tuple[str, str]] = frozenset()
    generic: bool = False
    yearly: bool = False


NONE = Marks()


def marks(title: str, words: Words) -> Marks:
    """Read what a title says beside its subject.

    Args:
        title: as it was understood, not folded.
        words: of the tables.
    """
    title = _SPAN.sub(_spanned, _THOUSANDS.sub("", plain(title)))
    segments = [found for part in _BREAK.split(title) if (found := split(part))]
    said = [word for segment in segments for word in segment]
    if not said:
        return NONE
    numbers: set[str] = set()
    parts: set[str] = set()
    edition = ""
    for segment in segments:
        count, counting = _numbers(segment, words)
        numbers |= count
        parts |= counting
        edition = edition or _edition(segment, words)
    if part := _IN_BRACKETS.search(title):  # `Welfare reform (2)`
        parts.add(part[1])
    if code := _CODE.fullmatch(said[0]):
        numbers.add(code[1])
    return Marks(
        about=_about(segments, said, words),
        numbers=frozenset(numbers),
        years=frozenset(one for one in numbers if _YEAR.fullmatch(one)),
        parts=frozenset(parts),
        edition=edition,
        distinct=_distinct(said, words),
        generic=_generic(said, words),
        yearly=_begins(said, words.yearly.get(said[0], ())),
    )


def _spanned(span: re.Match[str]) -> str:
    """Write both years of a span in full: `2001/02`."""
    century, first, between, last = span.groups()
    return f"{century}{first}{between}{century}{last}" if last > first else span[0]


def _about(segments: list[tuple[str, ...]], said: list[str], words: Words) -> str:
    for phrase, noun in words.begin.get(said[0], ()):
        if tuple(said[: len(phrase)]) == phrase:
            return noun
    for segment in segments:
        alone = " ".join(word for word in segment if not word.isdigit())
        if alone in words.alone:
            return words.alone[alone]
    for before, word in pairwise(said):
        if word in words.numbered and before.isdigit():
            return words.numbered[word]
    return ""


def _numbers(segment: tuple[str, ...], words: Words) -> tuple[set[str], set[str]]:
    """Return all numbers of a part of a title, and those of them that count parts."""
    numbers, parts = set(), set()
    last = len(segment) - 1
    for place, word in enumerate(segment):
        if not (word[0].isdigit() or word in _MAYBE or word in words.numerals):
            continue
        before = segment[place - 1] if place else ""
        after = segment[place + 1] if place < last else ""
        counting = before in words.parts or after in words.parts
        beside = counting or any(
            one in table for one in (before, after) for table in (words.counted, words.editions)
        )
        number = ""
        if word[0].isdigit():
            number = match[1] if (match := _ORDINAL.fullmatch(word)) else ""
        elif word in _ROMAN:
            number = _ROMAN[word]
            counting = counting or place == last
        elif word in _AT_THE_END and (before in words.parts or (place == last and place)):
            number, counting = _AT_THE_END[word], True
        elif beside and word in words.numerals:
            number = words.numerals[word]
        elif before in words.parts and word in _LETTERS:
            number = word
        if number:
            numbers.add(number)
            if counting:
                parts.add(number)
    return numbers, parts


def _edition(segment: tuple[str, ...], words: Words) -> str:
    """Return which edition a part of a title names."""
    for place, word in enumerate(segment):
        if word in words.editions:
            near = segment[max(0, place - _NEAR) : place + _NEAR + 1]
            for one in near:
                if match := _ORDINAL.fullmatch(one):
                    return match[1]
                if one in words.numerals:
                    return words.numerals[one]
            if not words.revised.isdisjoint(near):
                return "revised"
    return ""


def _distinct(said: list[str], words: Words) -> frozenset[tuple[str, str]]:
    table = words.distinct
    found = {table[word] for word in said if word in table}
    for pair in pairwise(said):
        if (both := " ".join(pair)) in table:
            found.add(table[both])
    return frozenset(found)


def _generic(said: list[str], words: Words) -> bool:
    told = [word for word in said if word not in words.generic and not word.isdigit()]
    return all(len(word) <= _SHORT for word in told) and len(told) < len(said)


def _begins(said: list[str], phrases: tuple[tuple[str, ...], ...]) -> bool:
    return any(tuple(said[: len(phrase)]) == phrase for phrase in phrases)
