"""Dates: whatever a record says about time to EDTF, a year, and what happened then."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from harvester.model import Note
from harvester.normalise import figures
from harvester.normalise.figures import EARLIEST, ISO, LATEST, Dated, calendar, interval
from harvester.normalise.remembering import remembered
from harvester.normalise.text import GLUE, Value, unglued


class Words(msgspec.Struct, frozen=True, eq=False):
    """Words in dates, lower case, without accents and full stops.

    Attributes:
        months: number of the month.
        seasons: EDTF's number of the season, 21 for spring.
        undated: said where there is no date.
        circa: said before a date that is a guess.
        before, after: said before the year that a work is older or younger than.
        forthcoming: said of what has not appeared.
    """

    months: Mapping[str, int]
    seasons: Mapping[str, int]
    undated: frozenset[str]
    circa: frozenset[str]
    before: frozenset[str]
    after: frozenset[str]
    forthcoming: frozenset[str]


_EMBARGO = re.compile(r"^info:eu-repo/date/(\w+)/(.+)$", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:1[4-9]|20)\d\d(?!\d)")
_STAMP = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$"
)
_TIME = re.compile(r"\b\d{1,2}:\d\d(?::\d\d)?\b")
# Vireo, which universities collect theses with, has how long they are withheld among the dates.
_WITHHELD = re.compile(r"NO_RESTRICTION$|MONTHS_WITHHELD:\d+$")
_EMBARGOED = re.compile(r"(?:under\s|onder\s|sous\s)?embargo\w*[\s:]\D*(?=\d)", re.IGNORECASE)
_CITED_YEAR = re.compile(r"\((?:[^()]*\D)?((?:1[4-9]|20)\d\d)[a-z]?(?:\D[^()]*)?\)")
_WORDS = re.compile(r"[^\W_]+")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|e|\.)?$")


@remembered(16_384)
def parse(text: str, words: Words) -> Dated:
    """Read one date.

    Knows ISO 8601 forms and EDTF up to level 1, cataloguers' forms (`[2019]`, `c1998`,
    `[ca. 1650]`, `19XX`, `MCMXC`), intervals, centuries, months and seasons in words,
    `info:eu-repo/date/embargoEnd/…`, and time stamps. Of `05/12/2019` only the year is certain.
    """
    if "/" in text and (found := _EMBARGO.match(text)):
        inner = parse(found.group(2), words)
        role = "embargo" if found.group(1).lower() == "embargoend" else "issued"
        understood = role == "embargo" and inner.edtf
        return replace(inner, role=role, rule="dates.embargo" if understood else inner.rule)
    if len(text) == 4 and text.isdecimal() and text.isascii():
        return calendar(int(text), 0, 0, "dates.iso")
    bare = text.strip(" \t.,;:") if ".." not in text else text
    if found := ISO.match(bare):
        year, month, day = found.groups("0")
        if found.lastindex == 2 and len(month) == 2 and int(month) > 12:
            return __season_or_interval(int(year), int(month))
        return calendar(int(year), int(month), int(day), "dates.iso")
    if found := _STAMP.match(bare):
        return _stamp(found)
    if found := _EMBARGOED.match(bare):
        inner = parse(bare[found.end() :], words)
        return replace(inner, role="embargo", rule="dates.embargo" if inner.edtf else inner.rule)
    return _described(bare, words)


def __season_or_interval(year: int, number: int) -> Dated:
    """Read `2018-19`, two years, or `2018-21`, EDTF's spring of 2018."""
    if 21 <= number <= 24 and number != year % 100 + 1 and EARLIEST <= year <= LATEST:
        return Dated(f"{year:04}-{number}", year, "issued", 2, "dates.season")
    return interval(year, year // 100 * 100 + number)


def _stamp(found: re.Match[str]) -> Dated:
    year, month, day, hour, minute = (int(part) for part in found.groups()[:5])
    second = int(found.group(6) or 0)
    if minute == second == 0 and hour in (7, 8):
        # Digital Commons: midnight of the Pacific coast, and the first day of what was typed.
        known = (0, 0) if month == day == 1 else (month, 0 if day == 1 else day)
        return replace(calendar(year, *known, "dates.midnight"), certainty=0.9)
    dated = calendar(year, month, day, "dates.midnight")
    if hour == minute == second == 0:
        return replace(dated, certainty=0.9)
    if minute == second == 0:
        return replace(dated, role="timed", rule="dates.hour", certainty=0.5)
    # DSpace flattens accession and availability into dc:date, as time stamps to the second.
    return replace(dated, role="deposited", rule="dates.timestamp", certainty=0.5)


def _described(text: str, words: Words) -> Dated:
    """Read a date that is more than digits in ISO order."""
    guess = ""
    if _WITHHELD.match(text):
        return Dated("", None, "embargo", 0, "dates.withheld")
    if text[:1] in "[(" and text[-1:] in "])":
        text = text[1:-1].strip()
    said = spoken(text)
    tokens = said.split()
    if said in words.undated:
        return Dated("", None, "issued", 0, "dates.undated")
    if said in words.forthcoming:
        return Dated("", None, "issued", 0, "dates.forthcoming")
    if len(tokens) > 1 and _YEAR.fullmatch(tokens[-1]):
        year, bound = tokens[-1], " ".join(tokens[:-1])
        if bound in words.before or bound in words.after:
            edtf = f"../{year}" if bound in words.before else f"{year}/.."
            return Dated(edtf, int(year), "issued", 1, "dates.interval", 0.8)
    if tokens and tokens[0] in words.circa:
        guess = "~"
        if found := _YEAR.search(text):
            text = text[found.start() :].strip(" ])")
    if text[-1:] in _DOUBTS:
        guess = _DOUBTS[text[-1]]
        text = text[:-1].rstrip(" ])?~")
    text = text.strip("[]() ")
    dated = figures.read(text) or _named(text, words)
    if guess and dated.edtf and "/" not in dated.edtf:
        return replace(dated, edtf=dated.edtf + guess, rule="dates.guess", certainty=0.7)
    return dated


# EDTF says uncertain, approximate, both.
_DOUBTS = {"?": "?", "~": "~", "%": "%"}


def _named(text: str, words: Words) -> Dated:
    """Read a date with the name of a month or season in it, or at least one year."""
    years = _YEAR.findall(text)
    if not years:
        return Dated("", None, "issued", 0, "dates.unread")
    if ":" in text:
        text = _TIME.sub("", text)
    tokens = [plain(token) for token in _WORDS.findall(text)]
    if len(years) == 1:
        year = int(years[0])
        months = [words.months[token] for token in tokens if token in words.months]
        if months:
            days = [
                int(found.group(1))
                for token in tokens
                if (found := _ORDINAL.match(token)) and 0 < int(found.group(1)) < 32
            ]
            # `mai-juin 2019`: the first month stands for the issue.
            day = days[0] if len(days) == 1 and len(months) == 1 else 0
            return calendar(year, months[0], day, "dates.month-name")
        for token in tokens:
            if token in words.seasons and EARLIEST <= year <= LATEST:
                edtf = f"{year}-{words.seasons[token]}"
                return Dated(edtf, year, "issued", 2, "dates.season")
        return replace(calendar(year, 0, 0, "dates.year-in-text"), certainty=0.8)
    between = text[text.index(years[0]) + 4 : text.rindex(years[1])]
    if len(years) == 2 and len(_WORDS.findall(between)) < 2 and "(" not in between:
        # `1890 et 1900`, `between 1890 and 1900`
        return interval(int(years[0]), int(years[1]))
    return replace(calendar(int(years[0]), 0, 0, "dates.year-in-text"), certainty=0.7)


_ACCENTS = str.maketrans("àâäáèéêëîïìíôöóòûüùúçñ", "aaaaeeeeiiiioooouuuucn")


def plain(token: str) -> str:
    """Lower-case a word and take off the accents of the four languages."""
    return token.lower().translate(_ACCENTS)


def spoken(text: str) -> str:
    """Reduce a phrase to its plain words: what `[s.d.]`, `s. d.` and `S.D.` share."""
    return " ".join(plain(token) for token in _WORDS.findall(text))


ROLES = {
    "issued": 0, "year": 1, "copyright": 2, "available": 3, "accepted": 4, "created": 5,
    "submitted": 6, "timed": 7, "deposited": 8,
}  # fmt: skip
"""Refinements of dc:date by their rank: of several dates the one of the lowest rank is taken."""


class Dates(msgspec.Struct, frozen=True, gc=False):
    """When a publication appeared, until when it is closed, and since when it can be had."""

    issued: str | None
    year: int | None
    embargo_until: str | None
    available: str | None = None


def read(
    values: Sequence[Value],
    fallback: Sequence[Value],
    words: Words,
    *,
    joined: bool,
    elsewhere: Sequence[Value] = (),
    title: str = "",
) -> tuple[Dates, list[Note]]:
    """Choose the date of publication among all dates of a record.

    Repositories give the dates of deposit, release and publication under one element. A date that
    a person typed goes before a time stamp, the least precise one before the others (who knows only
    the year means publication), then the earliest. Behind two time stamps (DSpace's accessioned and
    available) the first one is `issued`: DSpace gives its dates in the order of their names.
    One that is the day of deposit goes behind the others: it was filled in when nothing was typed.
    Where a source says what its dates are, that goes before all else.

    Args:
        values: dc:date and its refinements, see `ROLES`.
        fallback: base_dc:year, used where dc:date gives no year.
        words: names of months and the like.
        joined: BASE joined several dates with ` ; `.
        elsewhere: where a date may stand besides, if there are only time stamps.
        title: the title, by which the record's own citation is known.
    """
    read_one = parse.by(words)
    if len(values) == 1 and not values[0].refinement and not (joined and GLUE in values[0].text):
        dated = read_one[values[0].text]
        if dated.role == "issued" and dated.edtf and dated.year:  # as most records have it
            note = _note("issued", values[0], dated, dated.edtf)
            return Dates(dated.edtf, dated.year, None), [note]
    notes: list[Note] = []
    candidates: list[tuple[Dated, int]] = []
    embargo = available = None
    for value in unglued(values, joined):
        dated = read_one[value.text]
        # DSpace calls its time stamps dateAccepted, available and created, whatever happened then.
        if value.refinement == "issued" or (value.refinement and dated.role != "deposited"):
            dated = replace(dated, role=value.refinement)
            available = dated.edtf or available if value.refinement == "available" else available
        if dated.role == "embargo":
            embargo = dated.edtf or embargo
            notes.append(_note("rights", value, dated, dated.edtf))
        else:
            candidates.append((dated, len(notes)))
            notes.append(_note("issued", value, dated, dated.edtf))
    dated_ones = [candidate for candidate in candidates if candidate[0].edtf]
    if fallback and not any(dated.year for dated, _ in dated_ones):
        for value in fallback:
            dated = read_one[value.text]
            if dated.year and not dated_ones:
                dated_ones.append((dated, len(notes)))
                notes.append(_note("issued", value, dated, dated.edtf))
    if not dated_ones:
        return Dates(None, None, embargo, available), notes
    stamped = [dated.edtf for dated, _ in dated_ones if dated.role == "deposited"]
    chosen, position = dated_ones[0]
    if len(dated_ones) > 1:
        chosen, position = min(dated_ones, key=lambda candidate: _doubt(candidate[0], stamped))
    if chosen.role == "deposited" and (found := _elsewhere(elsewhere, title, words, chosen)):
        chosen, position = found[0], len(notes)
        notes.append(_note("issued", found[1], chosen, chosen.edtf))
    elif chosen.year and (chosen.role == "deposited" or (chosen.role == "timed" and not stamped)):
        # The day of deposit says no more than that the work is not younger, and the hour of a
        # session at a conference (New Prairie Press) is no date of publication.
        chosen = replace(chosen, edtf=str(chosen.year))
        notes[position] = replace(notes[position], rule="dates.deposit-year", result=chosen.edtf)
    if len(chosen.edtf) == 4:
        chosen = _with_month(chosen, position, notes, words)
    for _, other in candidates if len(candidates) > 1 else ():
        if other != position and notes[other].result:
            notes[other] = replace(notes[other], rule="dates.not-chosen", result="")
    return Dates(chosen.edtf, chosen.year, embargo, available), notes


def _doubt(dated: Dated, stamped: Sequence[str]) -> tuple[int, bool, bool, int, str]:
    """Rank a date among others, the best the lowest; `stamped` are the days of deposit."""
    filled_in = dated.edtf in stamped and dated.role == "issued"
    finer = (0, "") if len(stamped) > 1 else (dated.precision, dated.edtf)
    return ROLES.get(dated.role, 0), dated.year is None, filled_in, *finer


def _elsewhere(
    values: Sequence[Value], title: str, words: Words, deposited: Dated
) -> tuple[Dated, Value] | None:
    """Look for a date outside dc:date, where DSpace's flat records have it.

    RePub's first ones have `October 2003` in dc:relation; others have their own citation there or
    in dc:identifier, `Langen, P. de (2004) The Performance …`.
    """
    start = title[:_KNOWN_BY].casefold()
    for value in values:
        if len(value.text) < _KNOWN_BY:
            dated = parse(value.text, words)
            fits = dated.rule == "dates.month-name"
        elif start and start in value.text.casefold():
            years = set(_CITED_YEAR.findall(value.text))
            dated = calendar(int(years.pop()), 0, 0, "dates.cited") if len(years) == 1 else _NONE
            fits = bool(dated.year)
        else:
            continue
        if fits and dated.year and deposited.year and dated.year <= deposited.year + 1:
            return replace(dated, certainty=0.8), value
    return None


# So much of a title tells a citation of the work itself; a date in words is shorter.
_KNOWN_BY = 24
_NONE = Dated("", None, "issued", 0, "dates.unread")


def _with_month(chosen: Dated, position: int, notes: list[Note], words: Words) -> Dated:
    """Add the month that stands alone beside a year: K-State writes `2016` and `May`."""
    for place, note in enumerate(notes):
        month = words.months.get(plain(note.original)) if note.rule == "dates.unread" else None
        if month:
            chosen = replace(chosen, edtf=f"{chosen.edtf}-{month:02}", precision=3)
            for one in (place, position):
                notes[one] = replace(notes[one], rule="dates.month-beside", result=chosen.edtf)
            break
    return chosen


def _note(field: str, value: Value, dated: Dated, result: str) -> Note:
    return Note(field, value.name, value.original, dated.rule, result, dated.certainty)
