"""The dialects in which repositories write a citation: a string to its parts."""

from __future__ import annotations

import re
from typing import NamedTuple


class Cited(NamedTuple):
    """The parts of a citation; "" where a part is missing.

    Attributes:
        rule: the dialect, `citation.<name>`.
        certainty: 1.0 where the string names its parts, less where their order does.
    """

    title: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    article_number: str = ""
    series: str = ""
    rule: str = ""
    certainty: float = 1.0


# Volume, issue and pages as they are written; each pattern below names the dialect's own words.
_V = r"[\w./–-]{1,16}"
_N = r"[\w./() –-]{1,30}?"
_P = r"[\w./:-]{1,16}(?:\s*[-–—]{1,2}\s*[\w./:-]{1,12})?"
_TITLE = r"(?P<title>.+?)"
_VOLUME = rf"vol(?:ume)?\.?\s?(?:volume\s)?(?P<volume>{_V})"
_ISSUE = rf"(?:no|nr|issue|iss)\.?\s?(?P<issue>{_V})"
_MONTH_YEAR = r"\([^()]{0,20}\d{4}\)"


def _pattern(*parts: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile("^" + "".join(parts) + "$", flags)


# KU Leuven Lirias, in dc:relation: `Journal of Education Policy vol:31 issue:6 pages:851-872`.
_LIRIAS = _pattern(
    _TITLE,
    rf"\s+(?:vol(?:ume)?:\s?(?P<volume>{_V}))?(?:\s*(?:issue|nr):\s?(?P<issue>{_V}))?",
    rf"(?:\s*pages:\s?(?P<pages>{_P}))?(?:\s*article number:\s?(?P<article>\S+))?",
)
# OJS: `Kerthanegara; Vol 12, No 1 (2020): Volume 12 Nomor 1; 1-8`.
_OJS = _pattern(
    rf"(?P<title>[^;]+?)\s?;\s*(?:(?:Vol(?:ume)?|v)\.?\s?(?P<volume>{_V}))?,?\s*",
    rf"(?:(?:No|Num|Núm|Nr|Issue|Iss|Nº|N°|№|n)\.?\s?(?P<issue>{_N}))?,?\s*",
    r"(?:\(\d{4}[^;)]*\)|(?:Year|[a-z]+) \d{4}[^;:]*|(?=:))(?::\s*[^;]*)?",
    rf"(?:;\s*(?:pp?\.\s?)?(?P<pages>{_P}))?\s*",
    flags=re.IGNORECASE,
)
# DOAJ: `Digital Culture & Education, Vol 9, Iss 1, Pp 1-13 (2017)`.
_DOAJ = _pattern(
    _TITLE,
    rf"\s*,\s*(?:Vol\s(?:Volume\s)?(?P<volume>{_V}))?(?:,?\s*Iss\s(?P<issue>[^,]*?))?",
    rf"(?:,\s*[Pp]p?\s(?P<pages>{_P}))?\s*\(\d{{4}}\)",
)
# Crossref by way of BASE: `volume 50, issue 3, page 250-267`, `page 175069802095979`.
_CROSSREF = _pattern(
    rf"(?:volume\s(?P<volume>{_V}))?,?\s?(?:issue\s(?P<issue>[^,]+))?,?\s?",
    rf"(?:page\s(?P<pages>{_P}))?",
)
# DergiPark: `Volume: 17, Issue: 1 87-99`.
_DERGIPARK = _pattern(
    rf"Volume:\s(?P<volume>{_V})?(?:,\sIssue:\s(?P<issue>{_V}))?\s(?P<pages>{_P})"
)
# Pure, a whole Harvard citation with blanks around its commas.
_PURE = re.compile(r"' , (?P<rest>.+)$")
_PURE_IN = re.compile(r"\. in (?P<rest>.+)$")
_PURE_VOLUME = re.compile(r" , vol\. (?P<value>[^,]+?)(?= ,| \.|$)")
_PURE_ISSUE = re.compile(r" , no\. (?P<value>[^,]+?)(?= ,| \.|$)")
_PURE_PAGES = re.compile(r" , pp\. (?P<value>[^,]+?)(?= ,| \.|$)")
_PURE_ARTICLE = re.compile(r" , (?P<value>e?\d+|[A-Z]{1,2}\d+)(?= \.| *$)")
_PURE_BOOK = re.compile(r"\(eds?\)? ?\) , (?P<title>.+?) \. ")
# Of a thesis, the degree stands where the journal does.
_DEGREE = re.compile(
    r"(?:Doctor|Master|Bachelor)(?:['’]s)?(?: (?:of|in|degree|thesis)\b|$)|"
    r"Ph\.? ?D\b|Doctora(?:at|te)\b"
)
_PURE_END = re.compile(r"\s+\.(?:\s|$)|\s+https?://")
# HAL: `Erkenntnis, Springer Verlag, 2009, 71 (3), pp.425-429. ⟨10.1007/…⟩`.
_HAL = _pattern(
    r"(?P<title>[^;]+?),\s[^;]+?,\s\d{4},\s(?:[^;]*?,\s)?",
    rf"(?P<volume>[\w./-]{{1,8}})(?:\s\((?P<issue>[^)]+)\))?,\spp?\.\s?(?P<pages>{_P})\.?",
    r"(?:\s⟨.*⟩)?",
)
# Erasmus RePub: `Cognitive Therapy and Research vol. 43 no. 5, pp. 861-873`, and much alike.
_REPUB = _pattern(
    _TITLE,
    rf"\s?[,.]?\s+{_VOLUME}(?:,?\s*{_ISSUE})?(?:\s*{_MONTH_YEAR})?",
    rf"(?:,?\s*pp?\.?\s?(?P<pages>{_P}))?(?:\s*{_MONTH_YEAR})?\.?",
    flags=re.IGNORECASE,
)
# Wageningen: `Philosophy & Technology 34 (2021) 4`, volume (year) issue, then perhaps pages.
_WUR = _pattern(
    r"(?P<title>[^;]+?)\s(?P<volume>\d+[A-Z]?)\s\((?:1[5-9]|20)\d\d\)(?:\s(?P<issue>\d[\w./-]*))?",
    rf"(?:\s*[,.]\s*(?:p\.\s?)?(?P<pages>{_P}))?\.?",
)
# Bielefeld: `… D-lib magazine . 2004;10(9).`, `….2005;52(1):13-19.`
_BIELEFELD = re.compile(
    r"(?:^|[.?!]\s)(?P<title>[^.?!]+(?:\([^)]*\))?)\s*\.\s*\d{4};"
    rf"(?P<volume>{_V})(?:\((?P<issue>[^)]+)\))?(?::\s?(?P<pages>{_P}?))?\.?$"
)
# `Weekblad Fiscaal Recht, 149(7337), 441-445`, `Journal of Science and Business 4(4) 61-78`.
_PLAIN = _pattern(
    r"(?P<title>[^;]+?),?\s(?P<volume>\d{1,4})(?:\s?\((?P<issue>[^)]{1,20})\)\s?[,:]?|[,:])\s?",
    r"(?:pp?\.\s?)?(?P<pages>\d+\s*[-–—]\s*\d+|e\d+)\.?",
    # Zenodo: `Innova Science Journal, 4(1), 454-466, (2026-01-31)`.
    r"(?:,?\s\((?:1[5-9]|20)\d\d(?:-\d\d){0,2}\))?",
)
# DSpace at MIT, Chicago: `Modell, Joshua. “A Checkpoint.” PLoS Biology 12, no. 10 (May 2014): e1.`
_CHICAGO = _pattern(
    r".*[.?!]”\s(?:Edited by .+?\.\s)?(?P<title>[^.;“”]+?)\s(?P<volume>\d+[A-Z]?)",
    r"(?:,\sno\.\s(?P<issue>[\w/–-]+))?\s\([^()]*\d{4}\)",
    rf"(?::\s(?P<pages>{_P}?))?\.?(?:\s©.*)?",
)
# French: `Revue, 2010, n° 5, p. 5-9`.
_FRENCH = _pattern(
    r"(?P<title>[^;,]+?),\s(?:(?:1[5-9]|20)\d\d,\s)?(?:vol\.\s?(?P<volume>\d[\w./-]{0,8}),\s)?",
    r"n[°º]\s?(?P<issue>\d[\w./-]{0,8})(?:,\s(?:1[5-9]|20)\d\d)?,",
    rf"\spp?\.\s?(?P<pages>{_P})\.?",
)
# EPrints: `… Oral History, 35 (2). pp. 36-44.`; ULB: `Sustainability, 12 (9), 3819`.
_EPRINTS = _pattern(
    rf"(?:.*?[.'’]\s)??(?P<title>[^.;]+?),\s(?P<volume>{_V})(?:\s?\((?P<issue>[^)]+)\))?[.,]?\s+",
    rf"(?:pp?\.\s?(?P<pages>{_P})|(?P<article>[a-z]?\d+))\.?(?:\s*(?:ISSN|\[).*)?",
)
# ULB by way of BASE, cut off: `Sustainability, 12 (9`.
_CUT_OFF = _pattern(r"(?P<title>[^;]+?),\s(?P<volume>\d{1,4})\s\((?P<issue>[\w/-]+)\)?")

# Name, pattern, certainty, and what stands in every such citation, in lower case: most values fail
# at that, which is quicker than the pattern.
_ORDERED: tuple[tuple[str, re.Pattern[str], float, str], ...] = (
    ("doaj", _DOAJ, 1.0, "("),
    ("ojs", _OJS, 1.0, ";"),
    ("dergipark", _DERGIPARK, 1.0, "volume:"),
    ("hal", _HAL, 0.9, "p."),
    ("chicago", _CHICAGO, 0.9, "” "),
    ("french", _FRENCH, 1.0, ", p"),
    ("repub", _REPUB, 1.0, " vol"),
    ("wur", _WUR, 0.9, " ("),
    ("bielefeld", _BIELEFELD, 0.9, ";"),
    ("plain", _PLAIN, 0.9, " "),
    ("eprints", _EPRINTS, 0.8, ", "),
    ("cut-off", _CUT_OFF, 0.9, " ("),
)
# `Vol. 54, No. 2, pp. 701-722` and bare page ranges, beside the title in another value.
_PAGES_ONLY = _pattern(
    rf"(?:{_VOLUME})?(?:,?\s*{_ISSUE})?,?\s*(?:pp?\.?\s?(?P<pages>{_P}))?",
    flags=re.IGNORECASE,
)
BARE_PAGES = _pattern(r"(?P<pages>\d{1,5}\s*[-–—]\s*\d{1,5})")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"^(?:19|20)\d\d$")
# `Revue, Armand Colin, 2010, n°`: the pattern took a label for a part of the title.
_LABEL_LEFT = re.compile(r"[\s,](?:n[°º]|no\.|vol\.)$")
DAY = re.compile(r"^[^\W\d_]{3,9}\.? \d{1,2}, (?:1[5-9]|20)\d\d$")
_AUTHORS = re.compile(r"\((?:19|20)\d\d[a-z]?\)")
_ARTICLE = re.compile(r"^[a-zA-Z]{1,3}\d{3,}$|^e\d+$|^\d{6,}$")
_DASHES = re.compile(r"\s*[-–—]{1,2}\s*")
_RANGE = re.compile(r"^(\d+)\s*[-–]{1,2}\s*(\d+)$")
# A journal that numbers its articles has thousands of them: `12 (9), 3819`.
_ARTICLE_DIGITS = 4
LONGEST = 600


def parse(text: str) -> Cited:
    """Read one citation, or a part of one that stood between two ` ; `.

    Knows the dialects of Lirias, OJS, DOAJ, Crossref, Pure, RePub, Wageningen, Bielefeld, EPrints
    and ULB. A text that fits none gives nothing, but may be a plain title: that is for the caller
    to decide.
    """
    if ":" in text and ("vol:" in text or "pages:" in text) and (found := _LIRIAS.match(text)):
        return _cited("lirias", found, 1.0)
    if " , " in text and (cited := _pure(text)):
        return cited
    if text.startswith(("volume ", "issue ", "page ")) and (found := _CROSSREF.match(text)):
        return _cited("crossref", found, 1.0)
    if len(text) <= LONGEST and _DIGIT.search(text):
        lower = text.lower()
        for name, pattern, certainty, mark in _ORDERED:
            if mark in lower and (found := pattern.search(text)) and _tells(found):
                return _cited(name, found, certainty)
        if (found := _PAGES_ONLY.match(text) or BARE_PAGES.match(text)) and _tells(found):
            return _cited("pages", found, 0.9)
    return Cited()


def _tells(found: re.Match[str]) -> bool:
    """Tell whether a match holds a part of a citation, and its title is one."""
    parts = found.groupdict("")
    title = parts.get("title", "")
    if not any(text for name, text in parts.items() if name != "title"):
        return False
    # A whole reference: `Krammer, Sandy (2020). Anpassungsstörung. …`.
    return not ((")" in title and _AUTHORS.search(title)) or _LABEL_LEFT.search(title))


def _cited(name: str, found: re.Match[str], certainty: float) -> Cited:
    parts = found.groupdict("")
    pages, article = page_range(parts.get("pages", "").strip())
    number = parts.get("article", "").strip()
    if name == "eprints" and not pages and number.isdecimal() and len(number) < _ARTICLE_DIGITS:
        pages, number = number, ""  # `Nature, 521 (7553), 436`
    issue = parts.get("issue", "").strip().strip(" ,")
    if DAY.match(issue) or (_YEAR.match(issue) and name in ("plain", "eprints", "cut-off")):
        issue = ""  # `40 (2021), pp. 122-140`: the year in brackets is no issue.
    return Cited(
        title=parts.get("title", "").strip().strip(" ,;:"),
        volume=parts.get("volume", "").strip(),
        issue=issue,
        pages=pages,
        article_number=article or number,
        rule=f"citation.{name}",
        certainty=certainty,
    )


def _pure(text: str) -> Cited | None:
    """Read Pure's Harvard citation.

    For example `Names year , ' Title ' , Journal , vol. 1 , no. 2 , pp. 3-4 . https://doi.org/…`.
    """
    if found := _PURE.search(text):
        rest = found["rest"]
        title = _PURE_END.split(rest.partition(" , ")[0], maxsplit=1)[0].strip(" .")
    elif found := _PURE_IN.search(text):
        rest = found["rest"]
        book = _PURE_BOOK.search(rest)
        title = book["title"].strip() if book else ""
    else:
        return None

    def part(pattern: re.Pattern[str]) -> str:
        held = pattern.search(rest)
        return held["value"].strip() if held else ""

    pages, article = page_range(part(_PURE_PAGES))
    volume = part(_PURE_VOLUME)
    if not pages and not article and volume:
        article = part(_PURE_ARTICLE)
    if title.startswith(("http", "ISSN")) or (_DEGREE.match(title) and not (volume or pages)):
        title = ""
    return Cited(title, volume, part(_PURE_ISSUE), pages, article, rule="citation.pure")


def page_range(text: str) -> tuple[str, str]:
    """Return pages in the form `441-445`, or an article number.

    `441-5` is written in full, `e103180` is an article number; Roman numerals stay.
    """
    text = text.strip(" .,()")
    found = _RANGE.match(text)
    if not found:
        text = _DASHES.sub("-", text)
        if not any(map(str.isalnum, text)):
            return "", ""
        if _ARTICLE.match(text):
            return "", text
        found = _RANGE.match(text)
    if found:
        start, end = found.groups()
        if len(end) < len(start):
            full = start[: len(start) - len(end)] + end
            end = full if int(full) > int(start) else end
        return (start if start == end else f"{start}-{end}"), ""
    return text, ""
