"""Languages: any name or code of one to ISO 639-3, and the language of a text by its words."""

from __future__ import annotations

import re
import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from math import lcm

import msgspec

from harvester.model import Note
from harvester.normalise.folding import fold
from harvester.normalise.remembering import remembered
from harvester.normalise.text import Value


class Languages(msgspec.Struct, frozen=True, eq=False):
    """What languages are called.

    Attributes:
        by_term: ISO 639-3 code by folded code or name.
        wrong: ISO 639-3 code by two-letter codes that are not its own.
        none: folded values that name no language.
        by_word: function word to the languages that have it.
        headings: folded headings of abstracts.
        heading: pattern of one that stands before its text.
        announcing: the words that announce keywords, in lower case.
        announcement: pattern of one at the end of a text.
    """

    by_term: Mapping[str, str]
    wrong: Mapping[str, str]
    none: frozenset[str]
    by_word: Mapping[str, tuple[str, ...]]
    headings: frozenset[str]
    heading: re.Pattern[str]
    announcing: tuple[str, ...]
    announcement: re.Pattern[str]


_LEXVO = re.compile(
    r"^https?://(?:www\.)?(?:lexvo\.org/(?:id|page)/iso639-3|id\.loc\.gov/vocabulary/iso639-[12])/(\w+)"
    r"|^urn:iso:std:iso:639:-[123]:(\w+)"
)
_TAG = re.compile(r"^([a-zA-Z]{2,3})[-_][a-zA-Z0-9]{2,8}(?:[-_][a-zA-Z0-9]{1,8})*$")
_SEVERAL = re.compile(r"\s*(?:[;|/,+&]|\s-\s|\bet\b|\band\b|\bund\b|\ben\b(?=\s+\w{4}))\s*")
_CODES = re.compile(r"^[A-Za-z]{2,3}(?:\s+[A-Za-z]{2,3})+$")
_AND = "et"
"""French `and`, seldom Estonian between two other codes: `en et fr`."""
_COMMENT = re.compile(r"\s*[(\[（].*$")
_WORD = re.compile(r"[^\W\d_]+")


def _letters(encoding: str) -> bytes:
    """Return what the bytes of an encoding become: letters in lower case, all else a blank."""
    characters = (bytes([byte]).decode(encoding, "replace") for byte in range(256))
    return "".join(
        character.lower() if _WORD.match(character) else " " for character in characters
    ).encode(encoding)


# The second has the quotation marks and dashes that editors put into texts.
_ENCODED = [(encoding, _letters(encoding)) for encoding in ("latin-1", "cp1252")]

# Detecting reads at most so many characters: sixty words betray a language as well as a thousand.
_ENOUGH = 400
_FEW = 160
_FEWEST_HITS = 2
_FEWEST_SCORE = 0.8
_LEAD = 1.5
_DENSITY = 0.12


@remembered(2048)
def code(term: str, languages: Languages) -> tuple[str | None, str]:
    """Return the ISO 639-3 code that a code, tag or name of one language means, and the rule.

    Knows ISO 639-1, -2/B, -2/T and -3 codes, BCP 47 and locale tags (`fr_BE`), names in German,
    English, French, Dutch and their own language, lexvo URIs, and the usual mistakes (`ge`, `sp`,
    `jp`). Regional forms give the language: `Vlaams` is Dutch.

    Returns:
        the code and the rule; (None, `languages.none`) where the value says that there is no one
        language; (None, "") where it is not known.
    """
    if found := _LEXVO.match(term):
        term = found[1] or found[2]
    folded = fold(term)
    if "/" in term and folded in languages.none:
        return None, "languages.none"  # `n/a` is not Nauru
    if known := languages.by_term.get(folded):
        return known, "languages.term"
    if folded in languages.none:
        return None, "languages.none"
    if known := languages.wrong.get(folded):
        return known, "languages.wrong-code"
    if (found := _TAG.match(term)) and (known := languages.by_term.get(found.group(1).lower())):
        return known, "languages.term"
    bare = _COMMENT.sub("", term)
    if bare != term and (known := languages.by_term.get(fold(bare))):
        return known, "languages.term"
    return None, ""


def read(
    values: Sequence[Value], normalised: Sequence[Value], languages: Languages
) -> tuple[list[str], list[Note]]:
    """Return the languages of a record, in the order given, each once.

    Args:
        values: dc:language.
        normalised: base_dc:lang, BASE's own reading; it comes first where it knows.
        languages: the names.
    """
    codes: list[str] = []
    notes: list[Note] = []
    meant = code.by(languages)
    for value in (*normalised, *values) if normalised else values:
        known, rule = meant[value.text]
        if known and not codes and rule != "languages.wrong-code":  # as most are
            codes.append(known)
            notes.append(Note("languages", value.name, value.original, rule, known, 1.0))
            continue
        found = [(known, rule)] if known or rule else [meant[part] for part in _several(value.text)]
        result = [part for part, _ in found if part]
        if len(found) > 1 and result:
            rule = "languages.several"
        rule = rule or next((named for _, named in found if named), "languages.unknown")
        codes += [part for part in dict.fromkeys(result) if part not in codes]
        certainty = 0.9 if rule == "languages.wrong-code" else 1.0
        notes.append(
            Note("languages", value.name, value.original, rule, " ".join(result), certainty)
        )
    return codes, notes


def _several(text: str) -> list[str]:
    """Take several languages apart: at marks and `and`, at blanks only where all are codes."""
    if _CODES.match(text):
        first, *others = text.split()
        return [first, *(code for code in others[:-1] if code != _AND), others[-1]]
    return [part for part in _SEVERAL.split(text) if part]


def detect(text: str, languages: Languages, expected: str | None = None) -> str | None:
    """Return the language that a text's function words betray, or None where they leave a doubt.

    Names of languages are never guessed from one word: at least two function words must point to
    one language, half as many again as to the next, and make up an eighth of a longer text.

    Args:
        text: a title or an abstract.
        languages: the function words.
        expected: the language that the record gives; less of the text is enough to confirm it.
    """
    if expected and len(text) > _FEW and _betrayed(text[:_FEW], languages) == expected:
        return expected
    return _betrayed(text[:_ENOUGH], languages)


def said(text: str, languages: Languages) -> list[tuple[str, ...]]:
    """Return, for each function word of two letters and more, the languages that have it."""
    by_word = languages.by_word
    words = _WORD.findall(text.lower())
    return [by_word[word] for word in words if word in by_word and len(word) > 1]


def _betrayed(text: str, languages: Languages) -> str | None:
    words = _words(text)
    return _plainly(words, _scales(languages)) or _weighed(words, languages)


class _Scales(msgspec.Struct, frozen=True, gc=False):
    """Function words as numbers, so that one sum weighs a text in all languages.

    Attributes:
        languages: in the order of their fields in a number.
        fields: how a number falls into fields.
        by_word: function word to a number that has its weight in the field of each language.
        unit: the weight of a word of one language; one of two languages weighs half of it in each.
    """

    languages: tuple[str, ...]
    fields: struct.Struct
    by_word: Mapping[str, int]
    unit: int


@cache
def _scales(languages: Languages) -> _Scales:
    by_word = languages.by_word
    places = {one: place for place, one in enumerate(sorted({*chain(*by_word.values())}))}
    unit = lcm(*map(len, by_word.values()))
    numbers = {
        word: sum(unit // len(spoken) << 64 * places[one] for one in spoken)
        for word, spoken in by_word.items()
    }
    return _Scales(tuple(places), struct.Struct(f"<{len(places)}Q"), numbers, unit)


def _plainly(words: Sequence[str], scales: _Scales) -> str | None:
    """Return the language that words betray plainly, as those of most texts do.

    None where it takes `_weighed` to tell, which would say the same of the others, but takes
    longer. There are at least as many hits as the weight of a language has units.
    """
    heard = sum(filter(None, map(scales.by_word.get, words)))
    weights = scales.fields.unpack(heard.to_bytes(scales.fields.size, "little"))
    best = max(weights, default=0)
    if best <= scales.unit * max(_FEWEST_HITS, len(words) * _DENSITY):
        return None
    place = weights.index(best)
    rival = max(weights[:place] + weights[place + 1 :], default=0)
    return scales.languages[place] if best > rival * _LEAD else None


def _weighed(words: Sequence[str], languages: Languages) -> str | None:
    by_word = languages.by_word
    heard = list(filter(None, map(by_word.get, words)))
    if len(heard) < _FEWEST_HITS:
        return None
    scores: dict[str, float] = defaultdict(float)
    for spoken in heard:
        # `de` is said in seven languages and tells little; `het` is Dutch.
        weight = 1 / len(spoken)
        for language in spoken:
            scores[language] += weight
    best = max(scores, key=scores.__getitem__)
    score = scores.pop(best)
    hits = sum([best in spoken for spoken in heard])
    if hits < _FEWEST_HITS or score < _FEWEST_SCORE or hits < len(words) * _DENSITY:
        return None
    for rival, other in scores.items():
        if score < other * _LEAD and not _told_apart(best, rival, heard):
            return None
    return best


def _told_apart(best: str, rival: str, heard: Iterable[tuple[str, ...]]) -> bool:
    """Tell whether the few words that two close languages do not share prove which one it is.

    Most words of a Danish text are Norwegian ones as well: `hvad` or `hva` decides.
    """
    own = common = foreign = 0.0
    for spoken in heard:
        if best in spoken and rival in spoken:
            common += 1 / len(spoken)
        elif best in spoken:
            own += 1 / len(spoken)
        elif rival in spoken:
            foreign += 1 / len(spoken)
    return common > own >= max(1.0, foreign * _LEAD)


def _words(text: str) -> list[str]:
    """Return the words of a text, lower case: what `_WORD` finds, without it where that is slow."""
    for encoding, letters in _ENCODED:
        try:
            return text.encode(encoding).translate(letters).decode(encoding).split()
        except UnicodeEncodeError:
            continue
    return _WORD.findall(text.lower())


def infer(texts: Iterable[tuple[Value, str]], languages: Languages) -> tuple[list[str], list[Note]]:
    """Infer the language of a record that gives none, from its title and abstract."""
    pieces = list(texts)
    found = detect(" ".join(text for _, text in pieces), languages)
    if found is None:
        return [], []
    value = pieces[0][0]
    return [found], [
        Note("languages", value.name, value.original, "languages.detected", found, 0.8)
    ]
