"""Volume, issue and pages as they stand behind a title, in whatever order and language.

A citation is a title and then nothing but numbers: labelled (`vol. 12`, `Jg. 12`, `t. 12`, `n° 3`,
`blz. 10-20`), in brackets (`12(3)`, `12 (2019)`), or bare (`12, 45-67`). So the text is read from
the first place behind which only such parts stand; what is before it is the title. That reads the
styles of APA, Harvard, Chicago, MLA, Vancouver and their kin without a pattern for each.
"""

from __future__ import annotations

import re

from harvester.normalise.cited import LONGEST, Cited, page_range

_YEAR = r"(?:1[5-9]|20)\d\d"
# Months in the languages of the citations seen, then seasons; "May" and "des" also begin words, so
# that whole names are wanted.
_MONTH_NAMES = (
    "january|february|march|april|june|july|august|september|october|november|december|janvier|"
    "février|avril|juin|juillet|août|septembre|octobre|novembre|décembre|januar|februar|märz|juni|"
    "juli|oktober|dezember|januari|februari|maart|augustus|enero|febrero|marzo|abril|mayo|junio|"
    "julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre|janeiro|fevereiro|março|junho|"
    "julho|setembro|outubro|novembro|dezembro|setembre|gennaio|febbraio|aprile|maggio|giugno|luglio|"
    "settembre|ottobre|dicembre|maret|agustus|desember|spring|summer|autumn|winter|printemps|"
    "automne|hiver|frühjahr|sommer|herbst|lente|zomer|herfst"
)
_MONTH = (
    rf"(?:{_MONTH_NAMES}|jan|feb|mar|mars|apr|may|mai|mei|maio|jun|jul|aug|sept?|oct|nov|dec|janv|"
    r"févr|avr|juil|déc|okt|dez|des|mrt|ene|abr|ago|agu|dic|fall|été)\b\.?"
)
_DATE = (
    rf"(?:(?:\d\d?(?:\s?[-–]\s?\d\d?)?\.?\s)?(?:{_MONTH}[\s/–-]{{0,3}}){{1,2}}"
    rf"(?:\d\d?)?,?\s?{_YEAR}|(?:tahun\s|year\s|yr\.\s)?(?:{_YEAR}/)?{_YEAR}(?:\s{_MONTH}(?:[-–]{_MONTH})?(?:\s\d\d?)?"
    r"|[-/.]\d\d(?:[-/.]\d\d)?)?)(?![\w/-]|\s?[-–—]\s?\d{3})"
)
_NUMERAL = r"\d[\w/]{0,12}(?:[-–][\w/]{1,12})?|[ivxlcdm]{1,9}\b"
_PAGE = r"[a-z]{0,3}\.?\d[\w.]{0,14}"
# What may follow a title. A label of one letter needs its full stop or the number right behind it.
_PART = re.compile(
    rf"""
    (?P<stop>$|\(?(?:e-?|p-?)?(?:issn|isbn|doi|pmid)\b|<?(?:https?:|www\.)|[©\[⟨]|&\#x27E8|
        (?:copyright|available|retrieved|disponible|accessed|verfügbar|zugriff)\b|
        \((?:submitted|accepted|in\spress|forthcoming|unpublished|doi|issn)\b)
    |(?:(?:voume|vol(?:umen?|úmen)?s?|jg|jahrg(?:ang)?|jrg|jaargang|jaarg|bd|band|tome|tom|том|
        årg(?:ång|ang)?|cilt|مجلد|المجلد)\b\.?|[vtт]\.|[vt](?=\s?\d))\s?[:.]?\s?
        (?P<volume>{_NUMERAL}|ahead-of-print)
    |(?:(?:n[uú]m(?:ber|ero)?|numéro|nomor|nummer|nos?|nrs?|nro|issues?|iss|heft|hft|afl(?:evering)?|
        fasc(?:icule)?|sayı|вып(?:уск)?|عدد|العدد)\b\.?|[nh]\.|n?[°º№]|n[°ºo]\.?)\s?[:.]?\s?\#?
        (?P<issue>\d[\w/]{{0,12}}(?:[-–.][\w/]{{1,12}})?(?:\s?\((?!{_YEAR}|\D{{0,12}}{_YEAR})[^()]{{1,15}}\))?
        |s(?:uppl(?:ement)?\.?)?\s?\d+|ahead-of-print)
    |(?:(?:pp?|pages?|pgs?|pág(?:ina)?s?|pags?|seiten?|blz|bl|sid|стр|hal(?:aman)?|hlm)\b\.?|
        [scсp]\.|s(?=\s\d)|p(?=\s?\d))\s?:?\s?
        (?P<pages>(?:{_PAGE}|[ivxlcdm]{{1,9}}\b)(?:\s?[-–—]{{1,3}}\s?(?:{_PAGE}|[ivxlcdm]{{1,9}}\b))?|[-–](?!\d))
    |(?:articles?|artikel|artn?|art|paper)\b\.?\s?(?:(?:no|nr|id|n|number)\b\.?)?\s?[:\#]?\s?
        (?P<article>[a-z]{{0,4}}\d(?:[\w-]|\.(?=\w)){{0,20}})
    |(?P<date>\(?{_DATE}\)?)
    |\((?P<bracket>[^()]{{1,40}}(?:\([^()]{{1,20}}\))?)(?:\)|$)
    |(?P<range>[a-z]?\d{{1,9}}[a-z]?\s?[-–—]{{1,3}}\s?[a-z]?\d{{1,9}}[a-z]?)(?!\w)
    |(?P<supplement>suppl(?:ement)?\.?(?:\s?\d+)?)(?!\w)
    |(?P<number>[a-z]{{0,4}}\d{{1,15}}[a-z]?(?:\.\d{{1,3}}(?=\s\())?)(?!\w)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BETWEEN = re.compile(r"[\s,.;:>+]*(?:[-–—/]\s)?")
# Where a part may begin: behind a blank or a mark, with a number near.
_START = re.compile(
    r"(?<![^\s,.;:>])(?=\(|artn?\b|\[?\d|[^\W\d_]{1,9}[.:°º№]{0,2}\s?[\#:]?\s?[(]?[\divxlc(]|№)",
    re.IGNORECASE,
)
_HOLDS_YEAR = re.compile(rf"(?<!\d){_YEAR}(?!\d)")
_IS_YEAR = re.compile(rf"{_YEAR}$")
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
# `Revue, Armand Colin, 2010, n° 5`: where the title ends is not certain.
_AMBIGUOUS = re.compile(r"^[^,]+, (?![^,]*(?:&|\band\b|\bet\b|\bund\b|\ben\b))[^,]+$")
_DASH = re.compile(r"\s*[-–—]{1,3}\s*")
# `Jg. 69, Nr. 2-2020`
_BEHIND_ISSUE = re.compile(rf"-{_YEAR}$")
_ENDS_IN_DATE = re.compile(
    rf"[\s,.;:(]+(?:{_DATE}|(?:(?:{_MONTH_NAMES})[\s/–-]{{0,3}}){{1,2}})[\s,.;:)]*$", re.IGNORECASE
)
_MOST_PAGES = 3_000
_MOST_PARTS = 12
_LONGEST_TITLE = 250
_ARTICLE_DIGITS = 4
"""A journal that numbers its articles has thousands of them: `12 (9), 3819`."""


class Parts:
    """What was read so far behind a title."""

    def __init__(self) -> None:
        self.volume = self.issue = self.pages = self.article = ""
        self.labelled = self.dated = self.ranged = self.bracketed = self.listed = False
        self.dated_first = False
        self.end = 0

    @property
    def tells(self) -> bool:
        """There is more than a number that may belong to the title (`IABSE Reports 104`)."""
        held = bool(self.volume or self.issue or self.pages or self.article)
        return held and (
            self.labelled
            or self.ranged
            or bool(self.volume and (self.dated or self.bracketed or self.listed))
        )

    @property
    def is_date(self) -> bool:
        """Nothing but a date was read."""
        return self.dated and not (self.volume or self.issue or self.pages or self.article)


def read(text: str, *, own: bool = False) -> Cited | None:
    """Read a title and the numbers behind it; None where the text is not that.

    Args:
        text: the citation, without the author and title of the publication itself.
        own: it is known to be the publication's citation, as it stands behind its title: then a
            volume or an issue alone (`Philosophy Now (119)`) is enough, and words may follow.
    """
    if len(text) > LONGEST:
        return None
    for start in _START.finditer(text):
        place = start.start()
        parts = scan(text, place, loose=own)
        if parts is None:
            continue
        title = without_date(text[:place]).strip(" ,;:>/-–").removesuffix(" .").removesuffix(",")
        if title.count('"') % 2:
            title = title.strip('" ,')
        if title and title[-1] == "." and not _abbreviated(title):
            title = title.rstrip(" .")
        held = parts.volume or parts.issue or parts.pages or parts.article
        if not (parts.tells or (own and held)) or not _may_be_title(title):
            return None
        if parts.dated_first and not own and _AMBIGUOUS.search(title):
            return None
        return cited(parts, title, "citation.parts", 1.0 if parts.labelled else 0.9)
    return None


def without_date(title: str) -> str:
    """Take a date, or a month, off the end of a title."""
    return _ENDS_IN_DATE.sub("", title)


def _is_no_range(text: str) -> bool:
    """Tell whether a range is none of pages: an ISSN, the number of a report."""
    first, _, last = _DASH.sub("-", text).partition("-")
    return first.isdecimal() and last.isdecimal() and int(last) - int(first) > _MOST_PAGES


def _abbreviated(title: str) -> bool:
    """Tell whether the full stop belongs to an abbreviated title: `J. Child Lang.`."""
    return title.count(".") > 1


def _may_be_title(title: str) -> bool:
    return len(title) <= _LONGEST_TITLE and not _LABEL_LEFT.search(title) and "://" not in title


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
    parts = Parts()
    parts.end = place
    for _ in range(_MOST_PARTS):
        found = _PART.match(text, place)
        if found is None:
            before = text[parts.end : place]
            held = parts.volume or parts.issue or parts.pages or parts.article or parts.dated
            return parts if loose and held and ("." in before or ":" in before) else None
        if found.lastgroup == "stop":
            return parts
        before = text[parts.end : place]
        if not _take(parts, str(found.lastgroup), found, before):
            is_end = "." in before or text[place] == "("
            return parts if loose and parts.tells and is_end else None
        parts.end = found.end()
        between = _BETWEEN.match(text, parts.end)
        place = between.end() if between else parts.end
    return None


def _take(parts: Parts, kind: str, found: re.Match[str], before: str) -> bool:
    """Take one part; say whether it can stand here."""
    text = found[kind].strip()
    if kind == "volume":
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
    elif kind == "date":
        if parts.volume and text.isdecimal() and ":" in before:
            return _number(parts, text, before)  # `126:1650`: a page
        parts.dated = True
        parts.dated_first = not (parts.volume or parts.issue or parts.pages or found[0][0] == "(")
    elif kind == "bracket":
        return _bracket(parts, text)
    elif kind == "range":
        if parts.pages or _is_no_range(text):
            return bool(parts.pages and _ISSN.match(text))
        if not parts.volume and all(map(_IS_YEAR.match, _DASH.split(text))):
            parts.dated = True  # `Personeels- en mobiliteitsonderzoek 1999-2002`
            return True
        parts.pages, parts.ranged = text, True
    elif kind == "supplement":
        parts.issue = f"{parts.issue} {text}".strip()
    else:
        return _number(parts, text, before)
    return True


def _bracket(parts: Parts, text: str) -> bool:
    """Take what stands in brackets: a date, or the issue."""
    if _HOLDS_YEAR.search(text):
        parts.dated = True
        return True
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
        parts.bracketed = bool(issue)
        return len(volume) <= _ARTICLE_DIGITS + 1
    if parts.pages or parts.article:
        return False
    is_digits = text.isdecimal()
    unnamed = parts.dated and not (parts.issue or parts.labelled or before.strip(" )"))
    if unnamed and is_digits and len(text) < 3:
        parts.issue = text  # Wageningen: `34 (2021) 4`
        return True
    if not is_digits or len(text) >= _ARTICLE_DIGITS:
        parts.article = text
    else:
        parts.pages = text
    parts.listed = parts.listed or bool(before.strip())
    return True
