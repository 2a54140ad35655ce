"""Keywords: subjects taken apart where they were glued, and what of them is a keyword."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from harvester.model import Concept, Keyword, Note
from harvester.normalise.folding import is_one_of
from harvester.normalise.languages import Languages, code
from harvester.normalise.text import Value


class Plain(NamedTuple):
    """A subject that no step does anything to: the keyword that it is, and the key of that."""

    label: str
    key: str


class Piece(msgspec.Struct, frozen=True, gc=False):
    """One subject, or a part of one.

    Attributes:
        text: the part.
        value: the value it comes from.
        chained: it stood behind ` :: `, below the class before it.
        alone: it is the whole of its value.
        plain: set where it is known to be a keyword as it is.
    """

    text: str
    value: Value
    chained: bool
    alone: bool
    plain: Plain | None = None


_CHAIN = re.compile(r"\s*::\s*")
# Maxwell of Rio de Janeiro has the language before each keyword: `[pt] RISCO CAMBIAL`.
_LANGUAGE = re.compile(r"^\[([a-z]{2})\]\s+(?=\S)")
# A class of Dewey with two names, as German Medical Science has it: no list.
_DEWEY_PAIR = re.compile(r"^\d{3} [A-Z][^;]*; [A-Z][^;]*$")
# Never a separator within one: a comma with a digit on both sides (2,3-dihydroxy).
_TIGHT_COMMA = re.compile(r"(?<!\d),(?=\S)|,(?=[^\s\d])")
_ELEMENTS = re.compile(r"\s*</?\s*(?:keyword|subject|kwd|term)s?\s*/?>\s*", re.IGNORECASE)
_PLUS = re.compile(r"\s*\bKeyWords Plus\s*:\s*")
_PREFIX = re.compile(
    r"^(?:key ?words?|trefwoorden|mots[- ]cl[ée]s?|schlagw[oö]rter|subjects?|descripteurs?)\s*:\s*",
    re.IGNORECASE,
)
# The same without a colon; `Key words in context` and `Key words extraction` are subjects.
_BARE_PREFIX = re.compile(
    r"^(?:Key words|KEY WORDS)\s+(?!(?:in|and|of|for|or|as|to|from|with|on|by|plus)\b"
    r"|(?:search|extract|analy|index|spot|detect|method|approach|match|retriev|recogni|list|rank"
    r"|advert|frequen|co-?occur|assign|select|generat|techni|strateg|networ|studies|cluster))(?=\w)"
)
_PURE_PATH = re.compile(r"^/dk/atira/pure/")
# Shelf marks of the Library of Congress, which DOAJ sends beside the names of classes.
_SHELF_MARK = re.compile(r"^[A-Z]{1,3}\d{1,4}(?:\.\d+)?-\d{1,4}(?:\.\d+)?$|^[A-Z]$")
# A value of nothing but marks of classifications: `85.00;85.05`, `5001-6182;HB 615`, `M;M 10;L 2`.
_CLASS_MARK = re.compile(
    r"^(?:[A-Z]{1,3} ?\d{1,4}(?:\.\d+)?(?:-\d+(?:\.\d+)?)?\+?|[A-Z]"
    r"|\d{2,4}(?:\.\d+)?(?:-\d+(?:\.\d+)?)?|\d{2,3} ?[A-Z])$"
)
# Numbers alone are marks too (Dewey's `330.16`, SSOAR's `10700`), but for years.
_NUMBER = re.compile(r"\d+(?:\.\d+)?$")
_YEAR = re.compile(r"(?:1\d|20|21)\d\d$")
_JEL = re.compile(r"^[A-Z](?: ?\d{1,2})?$")
_EDGES = ' \t,;.•·*"|'
# A chain of subdivisions has at most this many parts; more are a list of keywords.
_LONGEST_CHAIN = 5
_LONG = 100
_SHORT = 60
# `Gay, Bisexual, and Transgender Studies`, `Stansifer, Charles, 1930-2016`, paths of classes.
_NO_ITEM = re.compile(r"^(?:and|und|et|en|or|etc)\b|\band\b|\b\d{4}\b|>")


def pieces(
    values: Sequence[Value], separators: re.Pattern[str] | None, *, sole: bool
) -> tuple[list[Piece], list[Note]]:
    """Take subjects apart at the separators that are seen between keywords.

    Args:
        values: dc:subject.
        separators: what this platform and its carriers put between keywords.
        sole: it is the only subject of its record.

    Returns:
        the pieces, and a note for every value that is more than one.
    """
    found: list[Piece] = []
    notes: list[Note] = []
    for value in values:
        text = value.text
        if text[0] == "[" and (spoken := _LANGUAGE.match(text)):
            value = msgspec.structs.replace(value, language=spoken.group(1))
            text = text[spoken.end() :]
        if text[:3] in ("Key", "KEY"):
            text = _BARE_PREFIX.sub("", text)
        is_pair = text[0].isdecimal() and _DEWEY_PAIR.match(text)
        if is_pair or not _may_be_glued(text, separators):  # most are one keyword each
            found.append(Piece(text, value, False, True))
            continue
        parts = _parts(text, separators, sole=sole)
        if len(parts) == 1 and "::" not in text:
            found.append(Piece(parts[0], value, False, True))
            continue
        if len(parts) > 1 and all(_CLASS_MARK.match(part.strip()) for part in parts):
            # Of these only the codes of the Journal of Economic Literature are known by their form.
            marks = [part.strip().replace(" ", "") for part in parts]
            rule = "keywords.class-marks"
            if all(_JEL.match(part.strip()) for part in parts):
                found += [Piece(f"JEL: {mark}", value, False, False) for mark in marks]
                rule = "keywords.split"
            result = " | ".join(marks) if rule == "keywords.split" else ""
            notes.append(Note("keywords", value.name, value.original, rule, result))
            continue
        links = [
            Piece(link.strip(), value, place > 0, False)
            for part in parts
            for place, link in enumerate(_CHAIN.split(part))
            if link.strip()
        ]
        found += links
        result = " | ".join(link.text for link in links)
        notes.append(Note("keywords", value.name, value.original, "keywords.split", result))
    return found, notes


def _may_be_glued(text: str, separators: re.Pattern[str] | None) -> bool:
    """Tell whether a subject may be more than one keyword."""
    # Five looks are quicker than one pattern.
    if ":" in text or "," in text or "<" in text or " -- " in text or "KeyWords Plus" in text:
        return True
    return separators is not None and separators.search(text) is not None


def _parts(text: str, separators: re.Pattern[str] | None, *, sole: bool) -> list[str]:
    if ":" in text:
        text = _PREFIX.sub("", text)
    parts = [text]
    if "<" in text and _ELEMENTS.search(text):
        parts = _ELEMENTS.split(text)
    if separators is not None and separators.search(text):
        parts = [piece for part in parts for piece in separators.split(part)]
    if "KeyWords Plus" in text:
        parts = [piece for part in parts for piece in _PLUS.split(part)]
    if "," in text and len(parts) == 1:
        parts = _at_commas(text, sole=sole)
    elif len(parts) > 2:
        parts = [piece for part in parts for piece in _within(part)]
    if text.count(" -- ") >= _LONGEST_CHAIN:
        parts = [piece for part in parts for piece in part.split(" -- ")]
    return [part for part in parts if part.strip()] or [text]


def _within(part: str) -> list[str]:
    """Take a part of a list further apart: RePub's first records have lists within lists."""
    if " / " in part:
        return part.split(" / ")
    parts = part.split(", ")
    return parts if len(parts) > 2 and _are_keywords(parts) else [part]


def _are_keywords(parts: Sequence[str]) -> bool:
    return all(0 < len(part) <= _SHORT and not _NO_ITEM.search(part) for part in parts)


def _at_commas(text: str, *, sole: bool) -> list[str]:
    """Take a list of keywords apart at its commas, if it is one beyond doubt.

    A comma with a blank behind it is part of many headings and classes; one without is a
    separator if there are at least two. The sole subject of a record is a list where a heading
    would be too long.
    """
    if ", " not in text:
        parts = _TIGHT_COMMA.split(text)
        if len(parts) > 2 and all(len(part) > 1 for part in parts):
            return parts
    elif sole and len(parts := text.split(", ")) > 3 and _are_keywords(parts):
        return parts
    elif len(text) > _LONG:
        parts = text.split(", ")
        if len(parts) > 4 and all(0 < len(part) <= 40 for part in parts):
            return parts
    return [text]


def read(
    found: Sequence[Piece], languages: Languages, nothing: frozenset[str]
) -> tuple[list[Keyword], list[Concept], list[Note]]:
    """Make keywords of what is no class of a scheme, each once.

    Args:
        found: the pieces, classes taken out.
        languages: what languages are called.
        nothing: folded values that are no keyword.
    """
    keywords: list[Keyword] = []
    concepts: list[Concept] = []
    notes: list[Note] = []
    seen: set[str] = set()
    spoken = code.by(languages)
    for piece in found:
        value = piece.value
        original = value.original if piece.alone else piece.text
        if piece.plain:
            label, key = piece.plain
        else:
            label = trimmed(piece.text)
            if label.startswith("http") and "://" in label[:8] and " " not in label:
                concepts.append(Concept(label))
                notes.append(
                    Note("concepts", value.name, value.original, "keywords.address", label)
                )
                continue
            if not label or is_nothing(label, nothing):
                notes.append(Note("keywords", value.name, original, "keywords.dropped", ""))
                continue
            key = label.casefold()
        if key in seen:
            notes.append(Note("keywords", value.name, original, "keywords.duplicate", ""))
            continue
        seen.add(key)
        language = spoken[value.language][0] if value.language else None
        keywords.append(Keyword(label, language))
        if piece.alone:
            notes.append(Note("keywords", value.name, original, "keywords.given", label))
    return keywords, concepts, notes


def beside(
    given: Sequence[Keyword], labels: Sequence[str], nothing: frozenset[str]
) -> list[Keyword]:
    """Put keywords of descriptions behind those of subjects, each once.

    Args:
        given: the keywords of subjects.
        labels: those of descriptions.
        nothing: folded values that are no keyword.
    """
    if not labels:
        return list(given)
    found = {keyword.label.casefold(): keyword for keyword in given}
    for label in map(trimmed, labels):
        if label and not is_nothing(label, nothing):
            found.setdefault(label.casefold(), Keyword(label))
    return list(found.values())


def trimmed(label: str) -> str:
    """Take separators off the ends; the full stop of `etc.` and of initials stays."""
    if label[0] not in _EDGES and label[-1] not in _EDGES:
        return label
    label = label.strip(_EDGES.replace(".", ""))
    if label[-1:] == "." and label.count(".") == 1 and len(label.rpartition(" ")[2]) > 4:
        label = label[:-1]
    return label


def is_nothing(label: str, nothing: frozenset[str]) -> bool:
    """Tell whether a label says nothing: a path, a mark, a number, or `unknown`."""
    first = label[0]
    if first == "/" and _PURE_PATH.match(label):
        return True
    if first.isupper() and (len(label) == 1 or label[-1].isdecimal()) and _SHELF_MARK.match(label):
        return True
    if first.isdecimal() and _NUMBER.match(label) and not _YEAR.match(label):
        return True
    if len(label) < 40 and is_one_of(label, nothing):
        return True
    return not (first.isalnum() or any(map(str.isalnum, label)))
