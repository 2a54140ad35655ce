"""Dates in figures: ISO 8601, EDTF and cataloguers' forms to EDTF and a year."""

from __future__ import annotations

import re
from calendar import monthrange

import msgspec
from msgspec.structs import replace


class Dated(msgspec.Struct, frozen=True, gc=False):
    """A date.

    Attributes:
        edtf: the date in EDTF, or "" where there is none.
        year: its (first) year, where all four digits are known.
        role: `issued`, `embargo`, `deposited` for the time stamps of a repository's software, or
            `timed` for a full hour that somebody typed: a defence, a session. What the source
            itself calls the date goes before that (`dates.ROLES`).
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
_SHORTEST_MONTH = 28

ISO = re.compile(r"(\d{4})(?:[-/.](\d{1,2}))?(?:[-/.](\d{1,2}))?$")
_COMPACT = re.compile(r"(1[5-9]\d\d|20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?$")
_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})$")
_RANGE = re.compile(
    r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?\s*(?:[/–-]|\bto\b|\bà\b|\btot\b|\bbis\b)\s*(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$"
)
# EDTF, level 1: `2004/..`, `../2004`; serials of catalogues: `1999-`.
_OPEN = re.compile(r"(\d{4})(?:-\d\d){0,2}\s*(?:/(?:\.\.)?|[-–])$|\.\./(\d{4})(?:-\d\d){0,2}$")
_UNSPECIFIED = re.compile(r"(\d{4})(?:-(\d\d|XX))?-XX$")
_MONTH_YEAR = re.compile(r"(\d{1,2})\s?[./-]\s?(\d{4})$")
# DCMI Period, as data archives write it: `start=1998-03; end=2001; scheme=W3C-DTF;`.
_PERIOD = re.compile(r"\bstart\s*=\s*(\d{4}).*?\bend\s*=\s*(\d{4})", re.IGNORECASE)
_IDEOGRAPHS = re.compile(r"(\d{4})\s?年(?:\s?(\d{1,2})\s?月(?:\s?(\d{1,2})\s?日)?)?$")
_CENTURY = re.compile(
    r"(\d{1,2}|[IVX]+)\s?(?:st|nd|rd|th|er|e|è|ème|ste|de|\.)?\s(?:century|siècle|eeuw|jahrhundert|jh)$",
    re.IGNORECASE,
)
_SHORT_RANGE = re.compile(r"(\d{2})(\d{2})\s*[-/–]\s*(\d{2})$")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|[cp](?=\d)|cop\.?|copyright|impr\.?)\s*(\d{4})$", re.IGNORECASE
)
_PARTIAL = re.compile(r"(\d{2}|\d{3})(?:[Xx?u_-]{1,2}|[-–]{1,3})\??$")
_DECADE = re.compile(r"((?:1[4-9]|20)\d)0['’]?s$")
_ROMAN = re.compile(r"M{1,3}(?:CM|CD|D?C{0,4})(?:XC|XL|L?X{0,4})(?:IX|IV|V?I{0,4})$")
_ROMAN_VALUES = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}


def read(text: str) -> Dated | None:
    """Read a date in figures; None where it is none."""
    if found := ISO.match(text):
        year, month, day = (int(part or 0) for part in found.groups())
        return calendar(year, month, day, "dates.bracketed")
    if found := _COPYRIGHT.match(text):
        return replace(calendar(int(found.group(1)), 0, 0, "dates.copyright"), certainty=0.9)
    if found := _RANGE.match(text):
        return interval(int(found.group(1)), int(found.group(4)))
    if found := _COMPACT.match(text):
        year, month, day = (int(part or 0) for part in found.groups())
        return calendar(year, month, day, "dates.compact")
    if found := _NUMERIC.match(text):
        return _ordered(found)
    if found := _MONTH_YEAR.match(text):
        return calendar(int(found.group(2)), int(found.group(1)), 0, "dates.month-first")
    if found := _OPEN.match(text):
        year = int(found.group(1) or found.group(2))
        edtf = f"{year}/.." if found.group(1) else f"../{year}"
        known = calendar(year, 0, 0, "dates.interval")
        return replace(known, edtf=edtf) if known.year else known
    if found := _UNSPECIFIED.match(text):
        known_month = (found.group(2) or "XX").replace("XX", "0")
        return calendar(int(found.group(1)), int(known_month), 0, "dates.partial")
    if found := _IDEOGRAPHS.match(text):
        year, month, day = (int(part or 0) for part in found.groups())
        return calendar(year, month, day, "dates.month-name")
    if "=" in text and (found := _PERIOD.search(text)):
        return interval(int(found.group(1)), int(found.group(2)))
    if found := _SHORT_RANGE.match(text):
        century = int(found.group(1)) * 100
        return interval(century + int(found.group(2)), century + int(found.group(3)))
    if found := _PARTIAL.match(text) or _DECADE.match(text):
        return Dated(found.group(1).ljust(4, "X"), None, "issued", 0, "dates.partial")
    if text[:1] in "Mm" and (year := _roman(text.replace(".", "").replace(" ", "").upper())):
        return calendar(year, 0, 0, "dates.roman")
    if found := _CENTURY.match(text):
        number = found.group(1)
        century = int(number) if number.isdecimal() else _roman_value(number.upper())
        if EARLIEST <= (century - 1) * 100 <= LATEST:
            return Dated(f"{century - 1}XX", None, "issued", 0, "dates.partial")
    return None


def _ordered(found: re.Match[str]) -> Dated:
    """Read day, month and year in European or American order."""
    first, second, year = int(found.group(1)), int(found.group(3)), int(found.group(4))
    if found.group(2) == "." or (first > 12 >= second) or first == second:
        return calendar(year, second, first, "dates.day-first")
    if second > 12 >= first:
        return calendar(year, first, second, "dates.month-first")
    return replace(calendar(year, 0, 0, "dates.ambiguous"), certainty=0.9)


def calendar(year: int, month: int, day: int, rule: str) -> Dated:
    """Make a date of what is possible: a wrong day leaves the month, a wrong month the year."""
    if not EARLIEST <= year <= LATEST:
        return Dated("", None, "issued", 0, "dates.impossible")
    if not 1 <= month <= 12:
        rule = "dates.impossible-month" if month else rule
        return Dated(f"{year:04}", year, "issued", 1, rule)
    if not 1 <= day <= _SHORTEST_MONTH and not 1 <= day <= monthrange(year, month)[1]:
        rule = "dates.impossible-day" if day else rule
        return Dated(f"{year:04}-{month:02}", year, "issued", 3, rule)
    return Dated(f"{year:04}-{month:02}-{day:02}", year, "issued", 4, rule)


def interval(start: int, end: int) -> Dated:
    """Make an interval of years; of one that runs backwards the first year is kept."""
    if not (EARLIEST <= start <= LATEST and start <= end <= LATEST):
        first = calendar(start, 0, 0, "dates.year-in-text")
        return replace(first, certainty=0.8)
    if start == end:
        return calendar(start, 0, 0, "dates.interval")
    return Dated(f"{start:04}/{end:04}", start, "issued", 1, "dates.interval")


def _roman(text: str) -> int:
    """Return the year that Roman numerals mean, 0 where they are none: `MIX` is a word."""
    year = _roman_value(text) if len(text) > 2 and _ROMAN.match(text) else 0
    return year if year >= 1400 else 0


def _roman_value(text: str) -> int:
    total = 0
    for here, following in zip(text, text[1:] + "I", strict=True):
        value = _ROMAN_VALUES[here]
        total += -value if value < _ROMAN_VALUES[following] else value
    return total
