"""Dates: whatever a record says about time to EDTF, a year, and what happened then."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from harvester.model import Note
from harvester.normalise.remembering import remembered
from harvester.normalise.text import Value, unglued


class Words(msgspec.Struct, frozen=True, eq=False):
    """Words in dates, lower case, without accents and full stops.

    Attributes:
        months: number of the month.
        seasons: EDTF's number of the season, 21 for spring.
        undated: said where there is no date.
        circa: said before a date that is a guess.
        forthcoming: said of what has not appeared.
    """

    months: Mapping[str, int]
    seasons: Mapping[str, int]
    undated: frozenset[str]
    circa: frozenset[str]
    forthcoming: frozenset[str]


class Dated(NamedTuple):
    """A date.

    Attributes:
        edtf: the date in EDTF, or "" where there is none.
        year: its (first) year, where all four digits are known.
        role: `issued`, `embargo`, or `deposited` for the time stamps of a repository's software.
        precision: how much is known: 4 day, 3 month, 2 season, 1 year, 0 less.
        rule: the rule.
        certainty: 1.0 for what is said, less for what is inferred.
    """

    edtf: str
    year: int | None
    role: str
    precision: int
    rule: str
    certainty: float = 1.0


EARLIEST, LATEST = 1000, 2100

_EMBARGO = re.compile(r"^info:eu-repo/date/(\w+)/(.+)$", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:1[4-9]|20)\d\d(?!\d)")
_ISO = re.compile(r"(\d{4})(?:[-/.](\d{1,2}))?(?:[-/.](\d{1,2}))?$")
_STAMP = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$"
)
_COMPACT = re.compile(r"(1[5-9]\d\d|20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$")
_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})$")
_RANGE = re.compile(
    r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?\s*(?:[/–-]|\bto\b|\bà\b|\btot\b|\bbis\b)\s*(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$"
)
_SHORT_RANGE = re.compile(r"(\d{2})(\d{2})\s*[-/–]\s*(\d{2})$")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|[cp](?=\d)|cop\.?|copyright|impr\.?)\s*(\d{4})$", re.IGNORECASE
)
_PARTIAL = re.compile(r"(\d{2}|\d{3})(?:[Xx?u_-]{1,2}|[-–]{1,3})\??$")
_DECADE = re.compile(r"((?:1[4-9]|20)\d)0['’]?s$")
_ROMAN = re.compile(r"M{1,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})$")
_ROMAN_VALUES = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}
_WORDS = re.compile(r"[^\W_]+")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|e|\.)?$")


@remembered(4096)
def parse(text: str, words: Words) -> Dated:
    """Read one date.

    Knows ISO 8601 forms, cataloguers' forms (`[2019]`, `c1998`, `[ca. 1650]`, `19XX`, `MCMXC`),
    intervals, months and seasons in four languages, `info:eu-repo/date/embargoEnd/…`, and time
    stamps. Of `05/12/2019` only the year is certain.
    """
    if found := _EMBARGO.match(text):
        inner = parse(found.group(2), words)
        role = "embargo" if found.group(1).lower() == "embargoend" else "issued"
        return inner._replace(role=role, rule="dates.embargo" if role == "embargo" else inner.rule)
    if len(text) == 4 and text.isdecimal() and text.isascii():
        return _calendar(int(text), 0, 0, "dates.iso")
    bare = text.strip(" \t.,;:")
    if found := _ISO.match(bare):
        year, month, day = (int(part or 0) for part in found.groups())
        if found.group(2) and not found.group(3) and month > 12 and len(found.group(2)) == 2:
            return _interval(year, year // 100 * 100 + month)
        return _calendar(year, month, day, "dates.iso")
    if found := _STAMP.match(bare):
        return _stamp(found)
    return _described(bare, words)


def _stamp(found: re.Match[str]) -> Dated:
    year, month, day, hour, minute = (int(part) for part in found.groups()[:5])
    second = int(found.group(6) or 0)
    if minute == second == 0 and hour in (7, 8) and day == 1:
        # Digital Commons: midnight of the Pacific coast on the first day of what was typed.
        dated = _calendar(year, 0 if month == 1 else month, 0, "dates.midnight")
        return dated._replace(certainty=0.9)
    dated = _calendar(year, month, day, "dates.midnight")
    if hour == minute == second == 0:
        return dated._replace(certainty=0.9)
    # DSpace flattens accession and availability into dc:date, as time stamps to the second.
    return dated._replace(role="deposited", rule="dates.timestamp", certainty=0.5)


def _described(text: str, words: Words) -> Dated:
    """Read a date that is more than digits in ISO order."""
    guess = ""
    if text[:1] in "[(" and text[-1:] in "])":
        text = text[1:-1].strip()
    said = spoken(text)
    tokens = said.split()
    if said in words.undated:
        return Dated("", None, "issued", 0, "dates.undated")
    if said in words.forthcoming:
        return Dated("", None, "issued", 0, "dates.forthcoming")
    if tokens and tokens[0] in words.circa:
        guess = "~"
        if found := _YEAR.search(text):
            text = text[found.start() :].strip(" ])")
    if text.endswith("?"):
        guess = "?"
        text = text[:-1].rstrip(" ])")
    text = text.strip("[]() ")
    dated = _numeric(text) or _named(text, words)
    if guess and dated.edtf and "/" not in dated.edtf:
        return dated._replace(edtf=dated.edtf + guess, rule="dates.guess", certainty=0.7)
    return dated


def _numeric(text: str) -> Dated | None:
    if found := _ISO.match(text):
        year, month, day = (int(part or 0) for part in found.groups())
        return _calendar(year, month, day, "dates.bracketed")
    if found := _COPYRIGHT.match(text):
        return _calendar(int(found.group(1)), 0, 0, "dates.copyright")._replace(certainty=0.9)
    if found := _RANGE.match(text):
        return _interval(int(found.group(1)), int(found.group(4)))
    if found := _COMPACT.match(text):
        year, month, day = (int(part) for part in found.groups())
        return _calendar(year, month, day, "dates.compact")
    if found := _NUMERIC.match(text):
        return _ordered(found)
    if found := _SHORT_RANGE.match(text):
        century = int(found.group(1)) * 100
        return _interval(century + int(found.group(2)), century + int(found.group(3)))
    if found := _PARTIAL.match(text) or _DECADE.match(text):
        return Dated(found.group(1).ljust(4, "X"), None, "issued", 0, "dates.partial")
    if len(text) > 3 and _ROMAN.match(text):
        return _calendar(_roman(text), 0, 0, "dates.roman")
    return None


def _ordered(found: re.Match[str]) -> Dated:
    """Read day, month and year in European or American order."""
    first, second, year = int(found.group(1)), int(found.group(3)), int(found.group(4))
    if found.group(2) == "." or (first > 12 >= second) or first == second:
        return _calendar(year, second, first, "dates.day-first")
    if second > 12 >= first:
        return _calendar(year, first, second, "dates.month-first")
    return _calendar(year, 0, 0, "dates.ambiguous")._replace(certainty=0.9)


def _named(text: str, words: Words) -> Dated:
    """Read a date with the name of a month or season in it, or at least one year."""
    years = _YEAR.findall(text)
    tokens = [plain(token) for token in _WORDS.findall(text)]
    if len(years) == 1:
        year = int(years[0])
        months = [words.months[token] for token in tokens if token in words.months]
        if months:
            days = [
                int(found.group(1))
                for token in tokens
                if (found := _ORDINAL.match(token)) and int(found.group(1)) < 32
            ]
            # `mai-juin 2019`: the first month stands for the issue.
            day = days[0] if len(days) == 1 and len(months) == 1 else 0
            return _calendar(year, months[0], day, "dates.month-name")
        for token in tokens:
            if token in words.seasons and EARLIEST <= year <= LATEST:
                edtf = f"{year}-{words.seasons[token]}"
                return Dated(edtf, year, "issued", 2, "dates.season")
        return _calendar(year, 0, 0, "dates.year-in-text")._replace(certainty=0.8)
    if len(years) == 2 and len(tokens) == 2:
        return _interval(int(years[0]), int(years[1]))
    return Dated("", None, "issued", 0, "dates.unread")


def _calendar(year: int, month: int, day: int, rule: str) -> Dated:
    """Make a date of what is possible: a wrong day leaves the month, a wrong month the year."""
    if not EARLIEST <= year <= LATEST:
        return Dated("", None, "issued", 0, "dates.impossible")
    if not 1 <= month <= 12:
        rule = "dates.impossible-month" if month else rule
        return Dated(f"{year:04}", year, "issued", 1, rule)
    if not 1 <= day <= monthrange(year, month)[1]:
        rule = "dates.impossible-day" if day else rule
        return Dated(f"{year:04}-{month:02}", year, "issued", 3, rule)
    return Dated(f"{year:04}-{month:02}-{day:02}", year, "issued", 4, rule)


def _interval(start: int, end: int) -> Dated:
    if not (EARLIEST <= start <= LATEST and start <= end <= LATEST):
        first = _calendar(start, 0, 0, "dates.year-in-text")
        return first._replace(certainty=0.8)
    if start == end:
        return _calendar(start, 0, 0, "dates.interval")
    return Dated(f"{start:04}/{end:04}", start, "issued", 1, "dates.interval")


def _roman(text: str) -> int:
    total = 0
    for here, following in zip(text, text[1:] + "I", strict=True):
        value = _ROMAN_VALUES[here]
        total += -value if value < _ROMAN_VALUES[following] else value
    return total


_ACCENTS = str.maketrans("àâäáèéêëîïìíôöóòûüùúçñ", "aaaaeeeeiiiioooouuuucn")


def plain(token: str) -> str:
    """Lower-case a word and take off the accents of the four languages."""
    return token.lower().translate(_ACCENTS)


def spoken(text: str) -> str:
    """Reduce a phrase to its plain words: what `[s.d.]`, `s. d.` and `S.D.` share."""
    return " ".join(plain(token) for token in _WORDS.findall(text))


class Dates(NamedTuple):
    """When a publication appeared, and until when it is closed."""

    issued: str | None
    year: int | None
    embargo_until: str | None


def read(
    values: Sequence[Value], fallback: Sequence[Value], words: Words, *, joined: bool
) -> tuple[Dates, list[Note]]:
    """Choose the date of publication among all dates of a record.

    Repositories give the dates of deposit, release and publication under one element. A date that
    a person typed goes before a time stamp, the least precise one before the others (who knows only
    the year means publication), then the earliest.

    Args:
        values: dc:date and its refinements.
        fallback: base_dc:year, used where dc:date gives no year.
        words: names of months and the like.
        joined: BASE joined several dates with ` ; `.
    """
    notes: list[Note] = []
    candidates: list[tuple[Dated, int]] = []
    embargo = None
    for value in unglued(values, joined):
        dated = parse(value.text, words)
        if dated.role == "embargo":
            embargo = dated.edtf or embargo
            notes.append(_note("rights", value, dated, dated.edtf))
        else:
            candidates.append((dated, len(notes)))
            notes.append(_note("issued", value, dated, dated.edtf))
    dated_ones = [candidate for candidate in candidates if candidate[0].edtf]
    if fallback and not any(dated.year for dated, _ in dated_ones):
        for value in fallback:
            dated = parse(value.text, words)
            if dated.year and not dated_ones:
                dated_ones.append((dated, len(notes)))
                notes.append(_note("issued", value, dated, dated.edtf))
    if not dated_ones:
        return Dates(None, None, embargo), notes
    chosen, position = dated_ones[0] if len(dated_ones) == 1 else min(dated_ones, key=_doubt)
    if chosen.role == "deposited":
        # The day of deposit says no more than that the work is not younger.
        chosen = chosen._replace(edtf=str(chosen.year))
        notes[position] = msgspec.structs.replace(
            notes[position], rule="dates.deposit-year", result=chosen.edtf
        )
    for _, other in candidates if len(candidates) > 1 else ():
        if other != position and notes[other].result:
            notes[other] = msgspec.structs.replace(notes[other], rule="dates.not-chosen", result="")
    return Dates(chosen.edtf, chosen.year, embargo), notes


def _doubt(candidate: tuple[Dated, int]) -> tuple[bool, bool, int, str]:
    dated, _ = candidate
    return dated.role == "deposited", dated.year is None, dated.precision, dated.edtf


def _note(field: str, value: Value, dated: Dated, result: str) -> Note:
    return Note(field, value.name, value.original, dated.rule, result, dated.certainty)
