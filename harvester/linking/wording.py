"""The words and types by which records are told apart: the table `words` of `linking.yml`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from harvester import schemas

TABLE = "linking.yml"
LANGUAGES = "languages.yml"
_OF_MONTHS = ("eng", "fra", "nld", "deu")

_WORD = re.compile(r"[a-z0-9]+")
# Vowels of India and Further India are signs on letters; without them words fall to pieces.
_VOWELS = "".join(
    char for char in map(chr, range(0x780, 0x2000)) if unicodedata.category(char)[0] == "M"
)
_ANY_WORD = re.compile(rf"(?:[^\W_]|[{_VOWELS}])+")
_ACCENT = re.compile("[\u0300-\u036f]")
# Alphabets with other marks on letters than accents.
_FAR = re.compile("[\u0483-\u1fff\u20d0-\u20ff\u3000-\U0010ffff]")
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d"})

Phrase = tuple[str, ...]


class Kind(msgspec.Struct, frozen=True):
    """What kind of publication a record is of.

    Attributes:
        name: the noun that readers see.
        apart: names of the kinds that are another work, unless there is proof of the contrary.
        never: names of those that are another work even so.
    """

    name: str = ""
    apart: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()


class Words(msgspec.Struct, frozen=True):
    """The tables, ready to be looked up; all words are folded.

    Attributes:
        begin: of phrases that begin a title, by their first word, what such a title is.
        alone: of phrases that are a part of a title, what such a title is.
        about: of types, what they are about another publication.
        unsure: of what records are about, that which they may lack, or say by mistake.
        numbered: of words behind a number, what their title is.
        kinds: of types, the kind.
        serial_types: of journals and the like.
        early_types, early_dois: what appears elsewhere under another DOI.
        parts, counted, editions, revised: words beside numbers.
        numerals: words for numbers.
        generic: words that say nothing alone.
        yearly: beginnings of titles that come again every year.
        distinct: of words and pairs of words, their kind and what they stand for.
        called: given names, with what they are short for.
        particles: words of family names that many have.
    """

    begin: dict[str, tuple[tuple[Phrase, str], ...]]
    alone: dict[str, str]
    about: dict[str, str]
    unsure: frozenset[str]
    numbered: dict[str, str]
    kinds: dict[str, Kind]
    serial_types: frozenset[str]
    early_types: frozenset[str]
    early_dois: tuple[str, ...]
    parts: frozenset[str]
    counted: frozenset[str]
    editions: frozenset[str]
    revised: frozenset[str]
    numerals: dict[str, str]
    generic: frozenset[str]
    yearly: dict[str, tuple[Phrase, ...]]
    distinct: dict[str, tuple[str, str]]
    called: dict[str, frozenset[str]]
    particles: frozenset[str]


def fold(text: str) -> tuple[str, ...]:
    """Return the words of a text, without case, accents and punctuation."""
    return split(plain(text))


def plain(text: str) -> str:
    """Return a text without case and accents."""
    text = text.lower().translate(_LETTERS)
    if text.isascii():
        return text
    text = _ACCENT.sub("", unicodedata.normalize("NFKD", text))
    if _FAR.search(text):
        text = "".join(char for char in text if not unicodedata.combining(char))
    return text


def split(text: str) -> tuple[str, ...]:
    """Return the words of a text that is plain."""
    return tuple((_WORD if text.isascii() else _ANY_WORD).findall(text))


@cache
def shipped() -> Words:
    """Return the words as they are shipped."""
    return index(schemas.load(TABLE)["words"], schemas.load(LANGUAGES))


def index(table: Mapping[str, Any], languages: Mapping[str, Any]) -> Words:
    """Prepare the tables for looking up.

    Args:
        table: `words` of `linking.yml`.
        languages: `languages.yml`, of which months and particles are taken.
    """
    about, early = table["about"], table["early"]
    begin: dict[str, list[tuple[Phrase, str]]] = {}
    for noun, row in about.items():
        for phrase in map(fold, row.get("begin", ())):
            begin.setdefault(phrase[0], []).append((phrase, noun))
    yearly: dict[str, list[Phrase]] = {}
    for phrase in map(fold, table["yearly"]):
        yearly.setdefault(phrase[0], []).append(phrase)
    return Words(
        begin={word: tuple(sorted(found, key=_longest)) for word, found in begin.items()},
        alone=_named(about, "alone"),
        about={type_: noun for noun, row in about.items() for type_ in row.get("types", ())},
        unsure=frozenset(noun for noun, row in about.items() if row.get("unsure")),
        numbered=_named(about, "numbered"),
        kinds=_kinds(table["kinds"]),
        serial_types=frozenset(table["serial"]),
        early_types=frozenset(early["types"]),
        early_dois=tuple(one.lower() for one in early["dois"]),
        parts=_set(table["parts"]),
        counted=_set(table["counted"]),
        editions=_set(table["editions"]),
        revised=_set(table["revised"]),
        numerals={
            word: str(number)
            for number, row in table["numerals"].items()
            for word in _set(row)
        },
        generic=_set(table["generic"]),
        yearly={word: tuple(found) for word, found in yearly.items()},
        distinct=_distinct(table["distinct"], languages),
        called={" ".join(fold(name)): _set(row) for name, row in table["called"].items()},
        particles=_set(
            word for row in languages["words"].values() for word in row.get("particles", ())
        ),
    )  # fmt: skip


def _longest(found: tuple[Phrase, str]) -> int:
    return -len(found[0])


def _set(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in fold(str(text)))


def _named(about: Mapping[str, Any], key: str) -> dict[str, str]:
    return {
        " ".join(fold(phrase)): noun for noun, row in about.items() for phrase in row.get(key, ())
    }


def _kinds(table: Mapping[str, Any]) -> dict[str, Kind]:
    """Both of two kinds know of each other, however the table says it."""

    def others(name: str, key: str) -> frozenset[str]:
        said = table[name].get(key, ())
        return frozenset((*said, *(one for one, row in table.items() if name in row.get(key, ()))))

    return {
        type_: Kind(name, others(name, "apart"), others(name, "never"))
        for name, row in table.items()
        for type_ in row["types"]
    }


def _distinct(table: Mapping[str, Any], languages: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    found = {
        " ".join(fold(word)): (kind, value)
        for kind, values in table.items()
        for value, words in values.items()
        for word in words
    }
    for language in _OF_MONTHS:
        months: Sequence[Sequence[str]] = languages["words"][language]["months"]
        for number, names in enumerate(months, 1):
            found[" ".join(fold(names[0]))] = ("months", str(number))
    return found
