"""How the parts of a citation look: the label of each in many languages, its number, a date.

Everything is matched in lower case, and by what a part begins with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

YEAR = r"(?:1[5-9]|20)\d\d"
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
_MONTH_ABBREVIATIONS = (
    "jan|feb|mar|mars|apr|may|mai|mei|maio|jun|jul|aug|sep|sept|oct|nov|dec|janv|févr|avr|juil|déc|"
    "okt|dez|des|mrt|ene|abr|ago|agu|dic|fall|été"
)
_MONTHS = f"{_MONTH_NAMES}|{_MONTH_ABBREVIATIONS}"


def _by_initial(words: str) -> str:
    """Return a pattern of `one|other` that tries only the words with the right first letter."""
    rests: dict[str, list[str]] = {}
    for word in words.split("|"):
        rests.setdefault(word[0], []).append(word[1:])
    return "|".join(f"{initial}(?:{'|'.join(rest)})" for initial, rest in rests.items())


_MONTH = rf"(?:{_by_initial(_MONTHS)})\b\.?"
_DATE = (
    rf"(?:(?:\d\d?(?:\s?[-–]\s?\d\d?)?\.?\s)?(?:{_MONTH}[\s/–-]{{0,3}}){{1,2}}"
    rf"(?:\d\d?)?,?\s?{YEAR}|(?:tahun\s|year\s|yr\.\s)?(?:{YEAR}/)?{YEAR}(?:\s{_MONTH}(?:[-–]{_MONTH})?(?:\s\d\d?)?"
    r"|[-/.]\d\d(?:[-/.]\d\d)?)?)(?![\w/-]|\s?[-–—]\s?\d{3})"
)
_NUMERAL = r"\d[\w/]{0,12}(?:[-–][\w/]{1,12})?|[ivxlcdm]{1,9}\b"
_PAGE = r"[a-z]{0,3}\.?\d[\w.]{0,14}"
# Labels in the languages of the citations seen. One of a letter needs its full stop or the number
# right behind it.
_VOLUME = (
    "voume|vol|vols|volume|volumes|volumen|volumens|volúmen|volúmens|jg|jahrg|jahrgang|jrg|jaarg|"
    "jaargang|bd|band|tome|tom|том|årg|årgång|årgang|cilt|مجلد|المجلد"
)
_ISSUE = (
    "num|núm|number|númber|numero|número|numéro|nomor|nummer|no|nos|nr|nrs|nro|issue|issues|iss|"
    "heft|hft|afl|aflevering|fasc|fascicule|sayı|sayi|вып|выпуск|عدد|العدد"
)
_PAGES = (
    "p|pp|page|pages|pg|pgs|pág|págs|página|páginas|pag|pags|seite|seiten|blz|bl|sid|стр|hal|"
    "halaman|hlm"
)
_ARTICLE = "article|articles|artikel|art|artn|paper"
# What ends a citation.
_LEADS_OUT = "copyright|available|retrieved|disponible|accessed|verfügbar|zugriff"
# What may follow a title, by its first character, in lower case.
_STOP = rf"""
    (?P<stop>$|\(?(?:e-?|p-?)?(?:issn|isbn|doi|pmid)\b|<?(?:https?:|www\.)|[©\[⟨]|&\#x27e8|
        (?:{_by_initial(_LEADS_OUT)})\b|
        \((?:submitted|accepted|in\spress|forthcoming|unpublished|doi|issn)\b)"""
_LABELLED = rf"""
    (?:(?:{_by_initial(_VOLUME)})\b\.?|[vtт]\.|[vt](?=\s?\d))\s?[:.]?\s?
        (?P<volume>{_NUMERAL}|ahead-of-print)
    |(?:(?:{_by_initial(_ISSUE)})\b\.?|[nh]\.|n?[°º№]|n[°ºo]\.?)\s?[:.]?\s?\#?
        (?P<issue>\d[\w/]{{0,12}}(?:[-–.][\w/]{{1,12}})?(?:\s?\((?!{YEAR}|\D{{0,12}}{YEAR})[^()]{{1,15}}\))?
        |s(?:uppl(?:ement)?\.?)?\s?\d+|ahead-of-print)
    |(?:(?:{_by_initial(_PAGES)})\b\.?|[scсp]\.|s(?=\s\d)|p(?=\s?\d))\s?:?\s?
        (?P<pages>(?:{_PAGE}|[ivxlcdm]{{1,9}}\b)(?:\s?[-–—]{{1,3}}\s?(?:{_PAGE}|[ivxlcdm]{{1,9}}\b))?|[-–](?!\d))
    |(?:{_by_initial(_ARTICLE)})\b\.?\s?(?:(?:no|nr|id|n|number)\b\.?)?\s?[:\#]?\s?
        (?P<article>[a-z]{{0,4}}\d(?:[\w-]|\.(?=\w)){{0,20}})"""
_DATED = rf"(?P<date>\(?{_DATE}\)?)"
_BRACKETED = r"\((?P<bracket>[^()]{1,40}(?:\([^()]{1,20}\))?)(?:\)|$)"
_RANGE = r"(?P<range>[a-z]?\d{1,9}[a-z]?\s?[-–—]{1,3}\s?[a-z]?\d{1,9}[a-z]?)(?:\s?[頁页])?(?!\w)"
_SUPPLEMENT = r"(?P<supplement>suppl(?:ement)?\.?(?:\s?\d+)?)(?!\w)"
_NUMBER = r"(?P<number>[a-z]{0,4}\d{1,15}[a-z]?(?:\.\d{1,3}(?=\s\())?)(?!\w)"


_BETWEEN = r"[\s,.;:>+]*(?:[-–—/]\s)?"


def _any_of(*kinds: str) -> re.Pattern[str]:
    """Return a pattern of one part of these kinds, and of what stands between it and the next."""
    return re.compile(f"(?:{'|'.join(kinds)}){_BETWEEN}", re.VERBOSE)


_BRACKET_FIRST = _any_of(_STOP, _DATED, _BRACKETED)
_DIGIT_FIRST = _any_of(_DATED, _RANGE, _NUMBER)
_WORD_FIRST = _any_of(_STOP, _LABELLED, _DATED, _RANGE, _SUPPLEMENT, _NUMBER)


def _openings() -> str:
    """Return a pattern of how a part may begin that begins with a letter; most words do not."""
    further = "issn|isbn|doi|pmid|http|www|tahun|year|supplement"
    joined = "|".join((_VOLUME, _ISSUE, _PAGES, _ARTICLE, _LEADS_OUT, _MONTHS, further))
    words = joined.split("|")
    openings = _by_initial("|".join(sorted({word[:3] for word in words if len(word) > 2})))
    short = "|".join(word for word in words if len(word) == 2)
    return rf"{openings}|(?:{short}|yr|[a-zтс])(?![^\W\d_])|n[°º]|[ep]-?is|[a-z]{{1,4}}\d"


# Where a part may begin: behind a blank or a mark, with a number near. Blanks and marks are found
# quickly as nothing else may stand there, so that a text needs a blank before it.
_START = re.compile(
    r"[\s,.;:>](?:(?=[(№]|\[?\d)|"
    rf"(?={_openings()})(?=artn?\b|[^\W\d_]{{1,9}}[.:°º№]{{0,2}}\s?[#:]?\s?[(]?[\divxlc(]))"
)
_ENDS_IN_DATE = re.compile(
    rf"[\s,.;:(]+(?:{_DATE}|(?:(?:{_by_initial(_MONTH_NAMES)})[\s/–-]{{0,3}}){{1,2}})[\s,.;:)]*$",
    re.IGNORECASE,
)
_SOME_YEAR = re.compile(YEAR)
_LONGEST_DATE = 40
_LONGEST_MONTH = 12
_BEHIND_DATE = " ,.;:)/–-"
_LAST_WORDS = frozenset(_MONTHS.split("|"))
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_LAST_LETTERS = frozenset(word[-3:] for word in _LAST_WORDS)

Part = tuple[str, str, int, int]
"""Its kind, its text, where that ends, and where the next part begins."""


def lower_case(text: str) -> str:
    """Return a text in lower case, every character in its place."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(one if len(small := one.lower()) > 1 else small for one in text)


def starts(lower: str) -> Iterator[int]:
    """Give the places of a text in lower case where a part may begin."""
    return (found.end() - 1 for found in _START.finditer(f" {lower}"))


def part_at(text: str, lower: str, place: int) -> Part | None:
    """Read the part that begins at a place of a text, and of the same in lower case."""
    first = lower[place : place + 1]
    if first == "(":
        found = _BRACKET_FIRST.match(lower, place)
    elif first.isdecimal():
        found = _DIGIT_FIRST.match(lower, place)
    else:
        found = _WORD_FIRST.match(lower, place)
    if found is None:
        return None
    kind = str(found.lastgroup)
    start, end = found.span(kind)
    return kind, text[start:end].strip(), end, found.end()


def without_date(title: str) -> str:
    """Take a date, or a month, off the end of a title."""
    bare = title.rstrip(_BEHIND_DATE)
    if bare[-1:].isdecimal():
        dated = _SOME_YEAR.search(bare[-_LONGEST_DATE:]) is not None
    elif bare[-3:].lower() in _LAST_LETTERS:
        word = _LAST_WORD.search(bare[-_LONGEST_MONTH:])
        dated = word is not None and word[0].lower() in _LAST_WORDS
    else:
        return title
    return _ENDS_IN_DATE.sub("", title) if dated else title
