"""The dialects in which repositories write a citation: a string to its parts."""

from __future__ import annotations

import re

from msgspec.structs import replace

from harvester.normalise import numbering
from harvester.normalise.cited import LONGEST, Cited, page_range
from harvester.normalise.references import last_sentence

# Volume, issue and pages as they are written; each pattern below names the dialect's own words.
_V = r"[\w./–-]{1,16}"
_P = r"[\w./:-]{1,16}(?:\s*[-–—]{1,2}\s*[\w./:-]{1,12})?"
YEAR = r"(?:1[5-9]|20)\d\d"
_TITLE = r"(?P<title>.+?)"


def _pattern(*parts: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile("^" + "".join(parts) + "$", flags)


# KU Leuven Lirias, in dc:relation: `Journal of Education Policy vol:31 issue:6 pages:851-872`.
_LIRIAS = _pattern(
    _TITLE,
    rf"\s+(?:vol(?:ume)?:\s?(?P<volume>{_V}))?(?:\s*(?:issue|nr):\s?(?P<issue>{_V}))?",
    rf"(?:\s*pages:\s?(?P<pages>{_P}))?(?:\s*article number:\s?(?P<article>\S+))?",
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
# DergiPark: `Volume: 17, Issue: 1 87-99`, `Issue: 40 41-50`, `Volume: 3, Issue: Özel Sayı 140-148`.
_DERGIPARK = _pattern(
    rf"(?:Volume:\s(?P<volume>{_V}))?(?:(?:,\s)?Issue:\s(?P<issue>[^;]{{1,40}}?))?",
    r"\s(?P<pages>\d+(?:\s?-\s?\d+)?)",
)
# HAL: `Erkenntnis, Springer Verlag, 2009, 71 (3), pp.425-429. ⟨10.1007/…⟩`.
_HAL = _pattern(
    r"(?P<title>[^;]+?)(?:\s\(ISSN\s?:\s?[\dXx-]{8,9}\))?,\s[^;,]+,\s\d{4},\s",
    r"(?:(?:[^;]*?,\s)?(?P<volume>[\w./-]{1,8})(?:\s\((?P<issue>[^)]+)\))?,\s)?",
    rf"pp?\.(?P<pages>\d{_P})\.?",
    r"(?:\s⟨.*)?",
)
# DiVA: `Sociologisk forskning, 0038-0342, 2020, 57:3-4, s. 363-379`.
_DIVA = _pattern(
    rf"{_TITLE},\s\d{{4}}-\d{{3}}[\dXx],\s{YEAR}(?:,\s(?P<volume>[\w–-]{{1,12}}))?",
    rf"(?::(?P<issue>[\w–-]{{1,12}}))?(?:,\ss\.\s(?P<pages>{_P}))?",
    r"(?:,\sartikel-id\s(?P<article>\S+))?",
)
# KOPS (Konstanz), behind the title: `11 (2020). - 1187. - Frontiers Research Foundation. - …`.
_KOPS = _pattern(
    rf"(?P<volume>\d{{1,4}})\s\({YEAR}\)(?:,\s(?P<issue>[^.]{{1,12}}))?\.\s-\s",
    rf"(?:S\.\s(?P<pages>{_P})|(?P<article>\w{{1,12}}))\.\s-\s.*",
)
# Bielefeld: `… D-lib magazine . 2004;10(9).`, `….2005;52(1):13-19.`
_BIELEFELD = re.compile(
    r"(?:^|[.?!]\s)(?P<title>[^.?!]+(?:\([^)]*\))?)\s*\.\s*\d{4};"
    rf"(?P<volume>{_V})(?:\((?P<issue>[^)]+)\))?(?::\s?(?P<pages>{_P}?))?\.?$"
)
# DSpace at MIT, Chicago: `Modell, Joshua. “A Checkpoint.” PLoS Biology 12, no. 10 (May 2014): e1.`
_CHICAGO = _pattern(
    r".*[.?!]”\s(?:Edited by .+?\.\s)?(?P<title>[^.;“”]+?)\s(?P<volume>\d+[A-Z]?)",
    r"(?:,\sno\.\s(?P<issue>[\w/–-]+))?\s\([^()]*\d{4}\)",
    rf"(?::\s(?P<pages>{_P}?))?\.?(?:\s(?:©|doi).*)?",
)
# ELABA (Lithuania): `Philosophy of education / David Evans, editor, Ankara : Society, 2006,
# vol. 4, p. 1-5`.
_ELABA = _pattern(
    rf"(?P<title>[^/]+?)\s/\s[^/:]+\s:\s[^,:]+,\s{YEAR}",
    rf"(?:,\s(?:vol|t)\.\s?(?P<volume>{_V}))?(?:,\s(?:nr|no)\.\s?(?P<issue>{_V}))?",
    rf"(?:,\sp\.\s?(?P<pages>{_P}))?",
)
# Loughborough and others: `Education for Information, 2007, Fairfax: IOS Press, pp. 169-179`.
_IMPRINT = _pattern(
    rf"(?P<title>[^;]+?),\s{YEAR}[,.]\s[A-Z][^:;\d]{{2,40}}:\s[^:;]+?",
    rf"(?:,\spp?\.\s?(?P<pages>{_P}))?\.?",
)
# Russian and Ukrainian references (GOST): `… // Title. – 2021. – Vol. 21, No.10. – P. 191-195.`
_GOST_TITLE = re.compile(r".*\s//\s(?P<title>[^/]{3,200}?)\s?(?:[.,]\s?[-–—]\s|\s/\s)")
_GOST_PARTS = {
    "volume": re.compile(r"\b(?:Т|T|Vol|Том)\.?\s?(?P<value>\d[\w/–-]{0,12})"),
    "issue": re.compile(r"(?:№|\bNo|\bВип|\bВып)\.?\s?(?P<value>\d[\w/–-]{0,12})"),
    "pages": re.compile(r"\b[СCPS]\.\s?(?P<value>\d+(?:\s?[-–—]\s?\d+)?)"),
}
# Name, pattern, certainty, what stands in every such citation, and a glance that most other texts
# fail at: both are quicker than the pattern.
_ORDERED: tuple[tuple[str, re.Pattern[str], float, str, re.Pattern[str] | None], ...] = (
    ("doaj", _DOAJ, 1.0, "(", re.compile(r",\s?(?:Vol|Iss|[Pp]p?)\s")),
    ("dergipark", _DERGIPARK, 1.0, "Issue: ", None),
    ("dergipark", _DERGIPARK, 1.0, "Volume: ", None),
    ("diva", _DIVA, 1.0, "-", re.compile(r",\s\d{4}-\d{3}[\dXx],")),
    ("kops", _KOPS, 1.0, ". - ", None),
    ("chicago", _CHICAGO, 0.9, "” ", None),
    ("hal", _HAL, 0.9, "p.", re.compile(r"pp?\.\d")),
    ("bielefeld", _BIELEFELD, 0.9, ";", None),
    ("elaba", _ELABA, 0.9, " / ", None),
    ("imprint", _IMPRINT, 0.9, ": ", re.compile(rf",\s{YEAR}[,.]\s")),
)
BARE_PAGES = _pattern(r"(?P<pages>\d{1,5}\s*[-–—]\s*\d{1,5})")
DAY = re.compile(r"^[^\W\d_]{3,9}\.? \d{1,2}, (?:1[5-9]|20)\d\d$")
_AUTHORS = re.compile(r"\((?:19|20)\d\d[a-z]?\)|\s/\s")
# Zenodo, of figures and treatments: `<article>, pp. 286-293 in Zootaxa, 5737(2), 292, (2025…)`.
_FIGURE = re.compile(r"^.+, pp\. [\w-]+ in (?P<rest>[^;]+)$")
# Dialnet: `Norteamérica, ISSN 1870-3550, Vol. 13`; South Australia: `Romance Studies--0263-9904
# Vol. 35`; OJS: `Journal of Instrumentation (e-ISSN: 2456-9860); Vol 5`.
_ISSN_WITHIN = re.compile(
    r",? (?:e-?|p-?)?ISSN:? \d{4}-\d{3}[\dX](?=, )|(?:--\d{4}-\d{3}[\dX])+(?= )|"
    r"\s?\((?:[ep]?-?ISSN\s?:?\s?)?\d{4}-\s?\d{3}[\dX]\)(?=\s?[;,])",
    re.IGNORECASE,
)
_ISSN_LIKE = re.compile(r"\d\d{3}-\s?\d{3}[\dXx]")
_DIGIT = re.compile(r"\d")
_NUMBERED = re.compile(
    r"(?P<series>[^;:()]{2,200}?[^\W\d][.)]?)\s?;\s?(?P<number>(?!\D{0,3}ISSN)[^;]{1,30})$"
)
_NUMBER_LABEL = re.compile(r"^(?:no|nr|vol(?:ume)?|bd|band)\b\.?\s?", re.IGNORECASE)


def parse(text: str) -> Cited:
    """Read one citation, or a part of one that stood between two ` ; `.

    A text that fits no dialect, and is no title with numbers behind it, gives nothing, but may be a
    plain title: that is for the caller to decide.
    """
    if " , " in text and (cited := pure(text)):
        return cited
    if len(text) > LONGEST or text.startswith("10."):
        return Cited()
    if ":" in text and ("vol:" in text or "pages:" in text) and (found := _LIRIAS.match(text)):
        return _cited("lirias", found, 1.0)
    if text.startswith(("volume ", "issue ", "page ")) and (found := _CROSSREF.match(text)):
        return _cited("crossref", found, 1.0)
    if not _DIGIT.search(text):
        return Cited()
    holds_issn = _ISSN_LIKE.search(text)
    if ";" in text and (cited := _ojs(_ISSN_WITHIN.sub("", text) if holds_issn else text)):
        return cited
    for name, pattern, certainty, mark, glance in _ORDERED:
        if mark not in text or (glance and not glance.search(text)):
            continue
        if (found := pattern.search(text)) and _tells(found):
            return _cited(name, found, certainty)
    if " // " in text and (gost := _gost(text)):
        return gost
    if " in " in text and (figure := _FIGURE.match(text)):
        text = figure["rest"]
    if holds_issn:
        text = _ISSN_WITHIN.sub("", text)
    inside = text.startswith("In: ")
    cited = numbering.read(text[4:] if inside else text, own=inside)
    if cited is None or ";" in cited.title:
        return Cited()
    if _AUTHORS.search(cited.title):
        # A whole reference: `Street, Joe (2018) This Stuff. Journal of American Studies`.
        name = last_sentence(cited.title)
        if name == cited.title or _AUTHORS.search(name):
            return Cited()
        return replace(cited, title=name, rule="citation.reference", certainty=0.7)
    return cited


def series(text: str) -> Cited | None:
    """Read a series and the number in it, as DSpace flattens `relation.ispartofseries`.

    `Preliminary Papers;83`, `ERIM PhD Series;EPS-2004-034-LIS`, `Contributions; no. 49`.
    """
    found = _NUMBERED.match(text)
    if found is None or not any(map(str.isdecimal, found["number"])):
        return None
    number = _NUMBER_LABEL.sub("", found["number"]).strip()
    return Cited(
        series=found["series"].removesuffix(" No."),
        volume=number,
        rule="citation.series",
        certainty=0.9,
    )


def _tells(found: re.Match[str]) -> bool:
    """Tell whether a match holds a part of a citation, and its title is one."""
    parts = found.groupdict("")
    title = parts.get("title", "")
    held = found.re in (_DIVA, _IMPRINT) or any(
        text for name, text in parts.items() if name != "title"
    )
    return held and not (
        # A whole reference: `Krammer, Sandy (2020). Anpassungsstörung. …`.
        _AUTHORS.search(title)
    )


def _cited(name: str, found: re.Match[str], certainty: float) -> Cited:
    parts = {key: value.strip() for key, value in found.groupdict("").items()}
    pages, article = page_range(parts.get("pages", ""))
    issue = parts.get("issue", "").strip(" ,")
    return Cited(
        title=parts.get("title", "").strip(" ,;:"),
        volume="" if parts.get("volume") == "ahead-of-print" else parts.get("volume", ""),
        issue="" if DAY.match(issue) or issue == "ahead-of-print" else issue,
        pages=pages,
        article_number=article or parts.get("article", ""),
        rule=f"citation.{name}",
        certainty=certainty,
    )


def _gost(text: str) -> Cited | None:
    """Read a reference in the style of GOST 7.1."""
    found = _GOST_TITLE.match(text)
    if found is None:
        return None
    rest = text[found.end("title") :]
    held = {name: pattern.search(rest) for name, pattern in _GOST_PARTS.items()}
    parts = {name: one["value"] if one else "" for name, one in held.items()}
    pages, _ = page_range(parts["pages"])
    if not (pages or parts["volume"]):
        return None
    title = found["title"].replace(" : ", ": ") if " : " in found["title"] else found["title"]
    return Cited(
        title.strip(),
        parts["volume"],
        parts["issue"],
        pages,
        rule="citation.gost",
        certainty=0.8,
    )


# A year alone names the issue of proceedings: `PROSIDING SAMASTA; 2020: PROSIDING SAMASTA 2020`.
_OJS_YEAR = re.compile(rf"{YEAR}(?:\s?[:,]|\s\d?\w|$)")
_OJS_ISSUE = re.compile(
    r"^\W{0,2}(?:(?:voume|v(?:ou?l(?:umen?)?)?|n[uú]m(?:ero|ber)?|n[ro]?|issue|iss|jg|bd|т(?:ом)?|"
    r"cilt|sayı|مجلد|عدد)\b|№|n?[°º])\.?\s?[:.]?\s?\d",
    re.IGNORECASE,
)
_OJS_INNER = re.compile(r"\b(?:nro|no|núm|nr|num)\.?\s?(?P<issue>\d[\w–-]{0,8})", re.IGNORECASE)
_OJS_INNER_VOLUME = re.compile(r"\bvol(?:ume)?\.?\s?(?P<volume>\d{1,4})\b", re.IGNORECASE)
_OJS_PAGES = re.compile(
    r"(?:pp?\.\s?|[A-Z][\w-]*\s)?(?P<pages>[\w.:]{1,15}(?:\s*[-–—]{1,2}\s*[\w.:]{1,12})?)$"
)
_OJS_NAME = re.compile(r":|\s-\s|\)\s")


def _ojs(text: str) -> Cited | None:
    """Read OJS's `Kerthanegara; Vol 12, No 1 (2020): Volume 12 Nomor 1; 1-8`.

    The title may stand in a value of its own. Labels come in the journal's language; the issue may
    be named by a year alone.
    """
    pieces = [piece.strip() for piece in text.split(";")]
    if len(pieces) == 2 and all(map(_OJS_ISSUE.match, pieces)):
        return numbering.read(text)  # DSpace: `Vol. 108;no. 5`
    for place in (1, 0):
        if place >= len(pieces):
            continue
        piece = pieces[place]
        labelled = _OJS_ISSUE.match(piece) is not None
        if not labelled and not (place and _OJS_YEAR.match(piece)):
            continue
        name = _OJS_NAME.search(piece)
        head = piece[: name.end()] if name else piece
        parts = numbering.scan(head.rstrip(" :-"), 0) or numbering.scan(piece, 0, loose=True)
        if labelled and parts is None and (cut := piece.find(" (")) > 0:
            # `Vol. 5 No. ICIPPS (2020)`
            labels = piece[:cut].split(" ")
            parts = numbering.scan(piece[:cut], 0) or numbering.scan(" ".join(labels[:2]), 0)
        if parts is None:
            if labelled:
                continue
            parts = numbering.Parts()
        if not parts.issue and name and (inner := _OJS_INNER.search(piece, name.end())):
            parts.issue = inner["issue"]  # `Vol. 34 (2018): Edición Especial Nro. 17`
        if not parts.volume and name and (inner := _OJS_INNER_VOLUME.search(piece, name.end())):
            parts.volume = inner["volume"]  # `2020: Vol. 13, No. 1, Februari 2020`
        after = pieces[place + 1] if place + 1 < len(pieces) else ""
        pages = _OJS_PAGES.match(after)
        if pages and any(map(str.isdecimal, after)):
            parts.pages = pages["pages"]
        title = pieces[0] if place else ""
        if place:
            title, _, _ = title.partition(" = ")  # Papyrus: a parallel title, as in ISBD
        return numbering.cited(parts, title, "citation.ojs", 1.0 if labelled else 0.9)
    if len(pieces) == 3 and BARE_PAGES.match(pieces[2]) and not pieces[0][-1:].isdecimal():
        # An issue that has a name only: `Memorias de la Universidad; Ict and education; 116 - 145`.
        pages_only, _ = page_range(pieces[2])
        return Cited(pieces[0], pages=pages_only, rule="citation.ojs", certainty=0.8)
    return None


# Pure, a whole Harvard citation with blanks around its commas.
_PURE = re.compile(r"' , (?P<rest>.+)$")
# Portsmouth, Manchester, Aalto: no comma behind the title: `' Title ' Journal , vol 24 , no. 2`.
_PURE_TIGHT = re.compile(r"' (?P<rest>[^']+(?:\w'\w[^']*)? , (?:vol|no|pp)\b.+)$")
_PURE_IN = re.compile(r"\. in (?P<rest>.+)$")
_PURE_VOLUME = re.compile(r" , vol\.? (?P<value>[^,]+?)(?= ,| \.|$)")
_PURE_ISSUE = re.compile(r" , no\. (?P<value>[^,]+?)(?= ,| \.|$)")
_PURE_PAGES = re.compile(r" , pp\. (?P<value>[^,]+?)(?= ,| \.|$)")
_PURE_ARTICLE = re.compile(r" , (?P<value>e?\d+|[A-Z]{1,2}\d+)(?= \.| *$)")
_PURE_BOOK = re.compile(r"\(eds?\)? ?\) , (?P<title>.+?) \. ")
# Of a thesis, the degree stands where the journal does.
_DEGREE = re.compile(
    r"(?:Doctor|Master|Bachelor)(?:['’]s)?(?: (?:of|in|degree|thesis)\b|$)|"
    r"Ph\.? ?D\b|Doctora(?:at|te)\b"
)
_PURE_TITLE = re.compile(r" , |, (?=(?:vol|no|pp)\b)")
_LONGEST_PURE = 20_000
"""Hundreds of authors stand before the title."""
_LONGEST_REST = 2_000
_PURE_END = re.compile(r"\s+\.(?:\s|$)|\s+https?://")


def pure(text: str) -> Cited | None:
    """Read Pure's Harvard citation.

    For example `Names year , ' Title ' , Journal , vol. 1 , no. 2 , pp. 3-4 . https://doi.org/…`.
    """
    if len(text) > _LONGEST_PURE:
        return None
    found = _PURE.search(text) or _PURE_TIGHT.search(text)
    if found:
        rest = found["rest"][:_LONGEST_REST]
        title = _PURE_END.split(_PURE_TITLE.split(rest, maxsplit=1)[0], maxsplit=1)[0].strip(" .")
    elif found := _PURE_IN.search(text):
        rest = found["rest"][:_LONGEST_REST]
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
    if (
        len(title) > LONGEST
        or title.startswith(("http", "ISSN"))
        or (_DEGREE.match(title) and not (volume or pages))
    ):
        title = ""
    return Cited(title, volume, part(_PURE_ISSUE), pages, article, rule="citation.pure")
