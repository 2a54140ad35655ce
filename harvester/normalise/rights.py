"""Rights: who may read it, under which licence, closed until when, in whose words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from harvester.model import Note, Rights
from harvester.normalise.folding import fold
from harvester.normalise.remembering import remembered
from harvester.normalise.text import Value


class Access(msgspec.Struct, frozen=True):
    """A COAR access right with its English label; a higher rank is more open."""

    uri: str
    label: str
    rank: int


class Terms(msgspec.Struct, frozen=True, eq=False):
    """What access rights and licences are called.

    Attributes:
        access: by folded term or URI.
        access_by_base: by BASE's code of `oa`.
        licence_by_url: SPDX id by address without scheme, `www.` and last slash, lower case.
        licence_by_term: SPDX id by folded term.
        cc_ids: the SPDX ids of Creative Commons licences that exist.
        places: code of a country by its folded name, for their licences of one country.
        pages: parts of addresses of pages about licences.
        meaningless: folded values that say nothing.
    """

    access: Mapping[str, Access]
    access_by_base: Mapping[str, Access]
    licence_by_url: Mapping[str, str]
    licence_by_term: Mapping[str, str]
    cc_ids: frozenset[str]
    places: Mapping[str, str]
    pages: tuple[str, ...]
    meaningless: frozenset[str]


OPEN, EMBARGOED = "open access", "embargoed access"

_NONE = Rights()
_URL = re.compile(r"https?://[^\s<>\"')\]]+", re.IGNORECASE)
_CC_URL = re.compile(
    r"creativecommons\.org/licen[sc]es/(?P<kind>by(?:-nc)?(?:-nd|-sa)?|by-(?:nd|sa)-nc)"
    r"(?:/(?P<version>\d\.\d))?(?:/(?P<port>[a-z]{2}|igo|scotland)(?![a-z]))?",
    re.IGNORECASE,
)
_CC_NAME = re.compile(
    r"\bcc[- _]?(?P<kind>by(?:[- _]?n[cd]|[- _]?sa)*)(?:[- _v]*(?P<version>\d(?:\.\d)?))?(?![a-z])",
    re.IGNORECASE,
)
# `Attribution-NonCommercial 3.0 United States`, and in the languages of the deeds.
_CC_WORDS = re.compile(
    r"(?:^|\b(?:creative commons|cc)\b.{0,12}?\b)"
    r"(?:attribution|naamsvermelding|namensnennung|paternité)(?P<rest>[^\d;.]{0,90}?)"
    r"(?:(?:[ -]*licen[cs]e)?\s*(?P<version>\d\.\d)(?:\s+(?P<place>[^\W\d][^\d;.(,]{1,40}))?"
    r"|[ -]*licen[cs]e\b|\W*$)",
    re.IGNORECASE,
)
# `This article is not under CC BY.`
_DENIED = re.compile(r"\b(?:not?|nicht|keine?r?|niet|geen|pas|sans)\b[^.;:]{0,40}$", re.IGNORECASE)
_NC = re.compile(
    r"non[- ]?commerci|niet-?commerci|nicht[- ]?kommerz|pas d.utilisation commerc", re.I
)
_ND = re.compile(r"no[- ]?deriv|geen ?afgeleide|keine bearbeit|pas de modif", re.I)
_SA = re.compile(r"share[- ]?alike|gelijk ?delen|gleichen bedingungen|conditions", re.I)
_DATED = re.compile(r"^info:eu-repo/date/(\w+)/(\d{4}-\d{2}-\d{2})$", re.IGNORECASE)
_STATEMENT_URI = re.compile(
    r"^https?://rightsstatements\.org/(?:vocab|page)/([\w-]+)/(\d\.\d)", re.IGNORECASE
)
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_MONTH_OR_YEAR = re.compile(r"^\d{4}(?:-(?:0\d|1[0-2]))?$")


@remembered(2048)
def licence(text: str, terms: Terms) -> tuple[str | None, str]:
    """Return the licence that a text names, as SPDX id, or as URI where SPDX has none.

    Returns:
        the licence and the rule; (None, `rights.page`) for a page about licences; (None, "") where
        none is named.
    """
    folded = fold(text) if len(text) < 80 else ""
    if folded and (known := terms.licence_by_term.get(folded)):
        return known, "rights.licence-name"
    if found := _URL.search(text):
        url = found.group().rstrip(".,;")
        named = _licence_by_address(url, terms)
        if named:
            return named, "rights.licence-address"
        if any(page in url.lower() for page in terms.pages):
            return None, "rights.page"
    if (found := _CC_NAME.search(text)) and not _DENIED.search(text, 0, found.start()):
        kind = found["kind"].upper().replace("_", "-").replace(" ", "-")
        return _cc(kind, found["version"], None, terms), "rights.licence-name"
    if (found := _CC_WORDS.search(text)) and not _DENIED.search(text, 0, found.start()):
        if not found["version"] and found.group()[:2].lower() not in ("cr", "cc"):
            return None, ""  # `Attribution` alone, or of something else
        rest = found["rest"]
        kind = "BY" + ("-NC" if _NC.search(rest) else "")
        kind += "-ND" if _ND.search(rest) else "-SA" if _SA.search(rest) else ""
        place = terms.places.get(fold(found["place"])) if found["place"] else None
        return _cc(kind, found["version"], place, terms), "rights.licence-name"
    return None, ""


def _licence_by_address(url: str, terms: Terms) -> str | None:
    bare = re.sub(r"^https?://(?:www\.)?", "", url.lower()).rstrip("/")
    for ending in ("", "/legalcode", "/deed", ".html", ".txt"):
        known = terms.licence_by_url.get(bare.removesuffix(ending).rstrip("/"))
        if known:
            return known
    if found := _CC_URL.search(url):
        return _cc(found["kind"], found["version"], found["port"], terms)
    bare = re.sub(r"/(?:deed|legalcode)(?:\.[a-z_-]+)?$", "", bare)
    if known := terms.licence_by_url.get(bare):
        return known
    if found := _STATEMENT_URI.match(url):
        return f"http://rightsstatements.org/vocab/{found.group(1)}/{found.group(2)}/"
    return None


def _cc(kind: str, version: str | None, port: str | None, terms: Terms) -> str | None:
    """Name a Creative Commons licence: SPDX knows versions and some ports, a URI says the rest."""
    parts = [
        part
        for part in re.split(r"[^A-Z]+", kind.upper().replace("BYN", "BY-N").replace("BYS", "BY-S"))
        if part
    ]
    order = [part for part in ("BY", "NC", "ND", "SA") if part in parts]
    kind = "-".join(order)
    if version and "." not in version:
        version += ".0"
    if not version:
        return f"https://creativecommons.org/licenses/{kind.lower()}/"
    spdx = f"CC-{kind}-{version}"
    if port:
        ported = f"{spdx}-{port.upper()}"
        if ported in terms.cc_ids:
            return ported
        return f"https://creativecommons.org/licenses/{kind.lower()}/{version}/{port.lower()}/"
    if spdx in terms.cc_ids:
        return spdx
    return f"https://creativecommons.org/licenses/{kind.lower()}/{version}/"


def read(
    values: Sequence[Value],
    indicators: Sequence[Value],
    normalised: Sequence[Value],
    base_oa: Sequence[Value],
    *,
    embargo_until: str | None,
    today: str,
    terms: Terms,
    available: str | None = None,
) -> tuple[Rights | None, list[Note]]:
    """Read the rights of a record.

    A record may name one right for each of its files: the most open one holds. An embargo that
    has passed means open access; `today` decides, so that the same record always reads the same.

    Args:
        values: dc:rights, dcterms:accessRights, dcterms:license.
        indicators: ali:free_to_read and ali:license_ref (NISO RP-22).
        normalised: base_dc:rightsnorm, BASE's reading of the licence.
        base_oa: base_dc:oa; it counts only where the record itself names no access right.
        embargo_until: the end of an embargo from dc:date.
        today: ISO date up to which an embargo counts as passed: the record's datestamp.
        terms: the names.
        available: since when it can be had, as the source itself calls that date: under an embargo,
            its end.
    """
    notes: list[Note] = []
    if not (values or indicators or normalised or base_oa or embargo_until or available):
        return None, notes
    rights = Rights(embargo_until=embargo_until)
    access: Access | None = None
    meanings = _meaning.by(terms)
    for value in (*values, *normalised) if normalised else values:
        rule, result, known = meanings[value.text]
        if not rule:
            _read_licence(value, rights, terms, notes)
            continue
        notes.append(_note(value, rule, result))
        if known and (access is None or known.rank > access.rank):
            access = known
        elif rule == "rights.embargo":
            rights.embargo_until = result
    for value in indicators:
        start = _day(value.attributes.get("start_date", "")[:10])
        if value.element == "ali:free_to_read":
            free = terms.access[fold(OPEN)]
            access = access if access and access.rank > free.rank else free
            notes.append(_note(value, "rights.free-to-read", OPEN))
        elif value.text:
            named, rule = licence(value.text, terms)
            if named is None and rule != "rights.page" and _URL.fullmatch(value.text):
                named, rule = value.text, "rights.licence-address"
            rights.licence = rights.licence or named
            notes.append(_note(value, rule or "rights.statement", named or ""))
        if today and start > today:
            access = terms.access[fold(EMBARGOED)]
            rights.embargo_until = start
            notes.append(_note(value, "rights.embargo", start))
    if access is None:
        for value in base_oa:
            known = terms.access_by_base.get(value.text)
            if known:
                access = known
            certainty = 0.9 if known and known.label == OPEN else 0.6
            notes.append(_note(value, "rights.base", known.label if known else "", certainty))
    if available and access and access.label == EMBARGOED and not rights.embargo_until:
        rights.embargo_until = available
        notes.append(Note("rights", "", available, "rights.embargo", available))
    end = rights.embargo_until or ""
    if access and access.label == EMBARGOED and _has_passed(end, today):
        access = terms.access[fold(OPEN)]
        notes.append(Note("rights", "", end, "rights.embargo-passed", OPEN, 0.9))
    if access:
        rights.access, rights.access_uri = access.label, access.uri
    return (None if rights == _NONE else rights), notes


@remembered(2048)
def _meaning(text: str, terms: Terms) -> tuple[str, str, Access | None]:
    """Return the rule, the result and the access right of a text; "" for licences and sentences."""
    folded = fold(text.replace("https://", "http://")) if len(text) < 100 else ""
    if folded in terms.meaningless:
        return "rights.meaningless", "", None
    if found := _DATED.match(text):
        if found.group(1).lower() != "embargoend":
            return "rights.meaningless", "", None
        end = _day(found.group(2))
        return "rights.embargo" if end else "dates.impossible", end, None
    if known := terms.access.get(folded):
        return "rights.access", known.label, known
    return "", "", None


def _day(text: str) -> str:
    """Return a day as it stands, or "" where the calendar has no such day."""
    try:
        return date.fromisoformat(text).isoformat() if _DAY.match(text) else ""
    except ValueError:
        return ""


def _has_passed(end: str, today: str) -> bool:
    """Tell whether an embargo is over: on its last day, or when its last month or year is."""
    if _MONTH_OR_YEAR.match(end):
        return today[: len(end)] > end
    return bool(_DAY.match(end)) and end <= today


def _read_licence(value: Value, rights: Rights, terms: Terms, notes: list[Note]) -> None:
    named, rule = licence(value.text, terms)
    if named:
        # A version tells more than none: BASE drops it.
        if rights.licence is None or (
            rights.licence.startswith("https://creativecommons.org")
            and not named.startswith("https:")
        ):
            rights.licence = named
        notes.append(_note(value, rule, named))
        if len(value.text) < 120:
            return
    elif rule:
        notes.append(_note(value, rule, ""))
        return
    if _URL.fullmatch(value.text):
        notes.append(_note(value, "rights.unknown-address", ""))
        return
    if rights.statement is None:
        rights.statement = value.text
        notes.append(_note(value, "rights.statement", value.text))
    elif value.text != rights.statement:
        notes.append(_note(value, "rights.second-statement", ""))


def _note(value: Value, rule: str, result: str, certainty: float = 1.0) -> Note:
    return Note("rights", value.name, value.original, rule, result, certainty)
