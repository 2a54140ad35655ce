"""Volume, issue and pages as they stand behind a title, in whatever order and language.

A citation is a title and then nothing but numbers: labelled (`vol. 12`, `Jg. 12`, `t. 12`, `n° 3`,
`blz. 10-20`), in brackets (`12(3)`, `12 (2019)`), or bare (`12, 45-67`). So the text is read from
the first place behind which only such parts stand; what is before it is the title. That reads the
styles of APA, Harvard, Chicago, MLA, Vancouver and their kin without a pattern for each.
"""

from __future__ import annotations

import re

from harvester.normalise.cited import LONGEST, Cited, page_range
from harvester.normalise.parts import YEAR, Part, lower_case, part_at, starts, without_date

_HOLDS_YEAR = re.compile(rf"(?<!\d){YEAR}(?!\d)")
_IS_YEAR = re.compile(rf"{YEAR}$")
_INNER_LABEL = re.compile(
    r"^(?:n[uú]m(?:ber|ero)?|nos?|nrs?|issues?|iss|heft|afl|fasc|n[°º]|№)\b\.?\s?", re.IGNORECASE
)
_INNER_ARTICLE = re.compile(
    r"art(?:icle)?\.?\s(?:(?:n[°º]|no|nr)\.?\s?)?(?P<article>\w+)$", re.IGNORECASE
)
_INNER_PAGES = re.compile(r"pp?\.?\s?(?P<pages>[\divxlc]+(?:\s?[-–—]\s?[\divxlc]+)?)$")
_ISSN = re.compile(r"\d{4}-\d{3}[\dx]$", re.IGNORECASE)
_NAMED_ISSUE = re.compile(r"^(?:suppl|special|s\d|s\.)|\bissue\b|\d", re.IGNORECASE)
_LABEL_LEFT = re.compile(
    r"[\s,](?:n[°º]|no|nr|vol|pp?|art|issue|part|band|heft|in)\.?$", re.IGNORECASE
)
_LONGEST_LEFT = 10
_ADDRESSES = ("http://", "https://", "ftp://")
# `Revue, Armand Colin, 2010, n° 5`: where the title ends is not certain.
_AMBIGUOUS = re.compile(r"^[^,]+, (?![^,]*(?:&|\band\b|\bet\b|\bund\b|\ben\b))[^,]+$")
_DASH = re.compile(r"\s?[-–—]{1,3}\s?")
# `Jg. 69, Nr. 2-2020`
_BEHIND_ISSUE = re.compile(rf"-{YEAR}$")
_MOST_PAGES = 3_000
_MOST_PARTS = 12
_LONGEST_TITLE = 250
# How APA and its kin write all of it, `28(10), 10-11 (2018)`: at one glance what the parts would
# give one by one.
_USUAL = re.compile(
    r"(?P<volume>\d{1,3})\s?\((?P<issue>\d{1,3})\)[,:]\s?(?P<pages>\d{1,3}-\d{1,3})"
    rf"(?P<dated>\s\({YEAR}\))?\.?$"
)
_ARTICLE_DIGITS = 4
"""A journal that numbers its articles has thousands of them: `12 (9), 3819`."""


class Parts:
    """What was read so far behind a title."""

    volume = issue = pages = article = ""
    labelled = dated = ranged = bracketed = dotted = listed = dated_first = False
    end = 0

    @property
    def tells(self) -> bool:
        """There is more than a number that may belong to the title (`IABSE Reports 104`)."""
        held = bool(self.volume or self.issue or self.pages or self.article)
        return held and (
            self.labelled
            or self.ranged
            or bool(self.volume and (self.dated or self.bracketed or self.listed))
        )


def read(text: str, *, own: bool = False) -> Cited | None:
    """Read a title and the numbers behind it; None where the text is not that.

    Args:
        text: the citation, without the author and title of the publication itself.
        own: it is known to be the publication's citation, as it stands behind its title: then a
            volume or an issue alone (`Philosophy Now (119)`) is enough, and words may follow.
    """
    if len(text) > LONGEST or text.startswith(_ADDRESSES):
        return None
    lower = lower_case(text)
    known: dict[int, Part | None] = {}
    for place in starts(lower):
        parts = _scan(text, lower, place, known, loose=own)
        if parts is None:
            continue
        title = title_of(text[:place])
        held = parts.volume or parts.issue or parts.pages or parts.article
        if not (parts.tells or (own and held)) or not _may_be_title(title):
            return None
        if parts.dated_first and not own and _AMBIGUOUS.search(title):
            return None
        return cited(parts, title, "citation.parts", 1.0 if parts.labelled else 0.9)
    return None


def title_of(text: str) -> str:
    """Return the title that stands before the numbers, without date and marks at its end."""
    title = without_date(text).strip(" ,;:>/-–").removesuffix(" .").removesuffix(",")
    if title.count('"') % 2:
        title = title.strip('" ,')
    if title and title[-1] == "." and not _abbreviated(title):
        title = title.rstrip(" .")
    return title


def _is_no_range(text: str) -> bool:
    """Tell whether a range is none of pages: an ISSN, the number of a report."""
    first, _, last = text.partition("-")
    if not (first.isdecimal() and last.isdecimal()):
        first, _, last = _DASH.sub("-", text).partition("-")
    return first.isdecimal() and last.isdecimal() and int(last) - int(first) > _MOST_PAGES


def _abbreviated(title: str) -> bool:
    """Tell whether the full stop belongs to an abbreviated title: `J. Child Lang.`."""
    return title.count(".") > 1


def _may_be_title(title: str) -> bool:
    return (
        len(title) <= _LONGEST_TITLE
        and not _LABEL_LEFT.search(title[-_LONGEST_LEFT:])
        and "://" not in title
    )


def cited(parts: Parts, title: str, rule: str, certainty: float) -> Cited:
    """Put the parts in order: whole page ranges, article numbers apart."""
    pages, article = page_range(parts.pages)
    return Cited(
        title,
        parts.volume,
        parts.issue.strip(" ,."),
        pages,
        (parts.article or article).rstrip("."),
        rule=rule,
        certainty=certainty,
    )


def scan(text: str, place: int, *, loose: bool = False) -> Parts | None:
    """Read parts from a place on; None where something else than parts stands there.

    Args:
        text: the citation.
        place: where the parts begin.
        loose: other words may stand behind the parts, after a full stop or a colon.
    """
    return _scan(text, lower_case(text), place, {}, loose=loose)


def _scan(
    text: str, lower: str, place: int, known: dict[int, Part | None], *, loose: bool
) -> Parts | None:
    """Scan, remembering in `known` the parts that begin at a place."""
    parts = Parts()
    if usual := _USUAL.match(lower, place):
        parts.volume, parts.issue, parts.pages, dated = usual.groups()
        parts.bracketed = parts.ranged = True
        parts.dated = dated is not None
        return parts
    parts.end = place
    for _ in range(_MOST_PARTS):
        if place not in known:
            known[place] = part_at(text, lower, place)
        part = known[place]
        before = text[parts.end : place]
        if part is None:
            held = parts.volume or parts.issue or parts.pages or parts.article or parts.dated
            is_end = "." in before or ":" in before or (text[place] == "(" and parts.tells)
            return parts if loose and held and is_end else None
        kind, value, end, following = part
        if kind == "stop":
            return parts
        if not _take(parts, kind, value, before):
            is_end = "." in before or text[place] == "("
            return parts if loose and parts.tells and is_end else None
        parts.end, place = end, following
    return None


def _take(parts: Parts, kind: str, text: str, before: str) -> bool:
    """Take one part; say whether it can stand here."""
    if kind == "number":
        return _number(parts, text, before)
    if kind == "bracket":
        return _bracket(parts, text)
    if kind == "range":
        return _range(parts, text)
    if kind == "date":
        if parts.volume and text.isdecimal() and ":" in before:
            return _number(parts, text, before)  # `126:1650`: a page
        parts.dated = True
        parts.dated_first = not (parts.volume or parts.issue or parts.pages or text[0] == "(")
    elif kind == "volume":
        parts.volume, parts.labelled = parts.volume or text, True
    elif kind == "issue":
        if parts.volume and text.isdecimal() and len(text) > _ARTICLE_DIGITS:
            parts.article = text  # `35(July 2020), no 101599`
        else:
            parts.issue = parts.issue or _BEHIND_ISSUE.sub("", text)
        parts.labelled = True
    elif kind == "pages":
        if parts.ranged and not parts.issue and parts.pages:
            parts.issue = parts.pages  # DiVA: `57:3-4, s. 363-379`
        parts.pages, parts.labelled = text, True
    elif kind == "article":
        parts.article, parts.labelled = text, True
    else:
        parts.issue = f"{parts.issue} {text}".strip()
    return True


def _range(parts: Parts, text: str) -> bool:
    """Take two numbers with a dash between: pages, or the years of what the title names."""
    if parts.pages or _is_no_range(text):
        return bool(parts.pages and _ISSN.match(text))
    if not parts.volume and all(map(_IS_YEAR.match, _DASH.split(text))):
        parts.dated = True  # `Personeels- en mobiliteitsonderzoek 1999-2002`
        return True
    parts.pages, parts.ranged = text, True
    return True


def _bracket(parts: Parts, text: str) -> bool:
    """Take what stands in brackets: a date, or the issue."""
    if _HOLDS_YEAR.search(text):
        parts.dated = True
        return True
    inner = text
    if not text.isdecimal():
        inner = _INNER_LABEL.sub("", text).strip(" .,")
        if article := _INNER_ARTICLE.match(text):
            parts.article, parts.bracketed = article["article"], True
            return True
        if pages := _INNER_PAGES.match(inner):
            parts.pages, parts.labelled = pages["pages"], True
            return True
    if parts.pages and inner.isdecimal():
        return True  # `pp. 121 - 140 (20)`: how many
    if parts.volume and inner.isdecimal() and len(inner) > _ARTICLE_DIGITS:
        parts.article, parts.bracketed = inner, True  # `75 (101423)`
        return True
    if not _NAMED_ISSUE.search(text) or parts.pages:
        return False
    parts.issue = f"{parts.issue} ({inner})".strip() if parts.issue else inner
    parts.bracketed = True
    return True


def _number(parts: Parts, text: str, before: str) -> bool:
    """Take a bare number: the volume first, then what is left."""
    if not (parts.volume or parts.issue or parts.labelled):
        if not text[0].isdecimal():
            return False
        volume, _, issue = text.partition(".")
        parts.volume, parts.issue = volume, issue  # MLA: `36.02 (2008): 291`
        parts.bracketed = parts.dotted = bool(issue)
        return len(volume) <= _ARTICLE_DIGITS + 1
    if parts.pages or parts.article:
        return False
    is_digits = text.isdecimal()
    unnamed = parts.dated and not (parts.issue or parts.labelled or before.strip(" )"))
    if unnamed and is_digits and len(text) < 3:
        parts.issue = text  # Wageningen: `34 (2021) 4`
        return True
    if not is_digits or (len(text) >= _ARTICLE_DIGITS and not parts.dotted):
        parts.article = text
    else:
        parts.pages = text
    parts.listed = parts.listed or bool(before.strip())
    return True
