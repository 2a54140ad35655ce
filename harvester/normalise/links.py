"""Links: one landing page, full texts, the portal's permalink, and what is related."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harvester.model import Identifiers, Link, Note
from harvester.normalise.text import Value
from harvester.sources import Source

# Only these two schemes become links; `javascript:` and the like stay in the trace as text.
_URL = re.compile(
    r"https?://(?:[^\s/?#@<>\"]*@)?(?P<host>[\w.-]+)(?::\d*)?(?:[/?#][^\s<>\"]*)?(?=\s|$)",
    re.IGNORECASE,
)
# These three see addresses in lower case.
_FULL_TEXT = re.compile(
    r"/bitstreams?/|/ws/(?:port)?files/|\.pdf(?:$|[?#])|/publication/\d+/file/|/file/\d+|"
    r"/downloads?/|/fulltext/|/get/document|/files/\d+/|/viewfile/|\.docx?$|\.epub$|"
    r"//edepot\.wur\.nl/\d+"
)
_RESOLVER = re.compile(
    r"https?://(?:(?:dx\.|www\.)?doi\.org/|hdl\.handle\.net/|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed|"
    r"pubmed\.ncbi|(?:www\.)?scopus\.com/|(?:www\.)?doaj\.org/toc/|nbn-resolving|"
    r"persistent-identifier\.|(?:www\.)?worldcat\.org/issn)"
)
# What most are, with nothing behind it.
_USUAL = re.compile(r"https?://(?:hdl\.handle\.net|(?:dx\.)?doi\.org)/[\w./()-]+")
# Licences and authors have pages of their own.
_NO_PAGE = re.compile(
    r"https?://(?:www\.)?(?:creativecommons|rightsstatements|opensource|orcid)\.org/"
)
_HANDLE_PATH = re.compile(r"/handle/(\d[\d.]*/[^/?#]+)", re.IGNORECASE)


_OPENS = "hH"


def address(text: str) -> str | None:
    """Return the address that a whole value is, or None; only http and https are links."""
    if "\\" in text:
        text = text.replace("\\/", "/")
    if text[:4].lower() != "http":
        return None
    found = _URL.match(text)
    return found.group() if found else None


def canonical(url: str) -> str:
    """Fold an address to what its http, https and www twins share, for comparing."""
    return url.partition("://")[2].removeprefix("www.").rstrip("/")


def read(
    identifiers: Sequence[Value],
    relations: Sequence[Value],
    chosen: Sequence[Value],
    numbers: Identifiers,
    home: Source | None,
) -> tuple[list[Link], list[Note]]:
    """Sort the addresses of a record.

    The landing page is the repository's own page of the record; where no page is given, the
    handle's address, then the DOI's. Addresses of resolvers are no links beside a landing page:
    they stand among the identifiers.

    Args:
        identifiers: dc:identifier and its refinements (`permalink`, `url`).
        relations: dc:relation.
        chosen: base_dc:link, the landing page that BASE chose.
        numbers: the record's identifiers.
        home: the repository that the record comes from, with its hosts, today's first.
    """
    notes: list[Note] = []
    pages: list[tuple[str, Value]] = []
    resolvers: list[tuple[str, Value]] = []
    full_texts: dict[str, tuple[str, Value]] = {}
    permalinks: list[tuple[str, Value]] = []
    others: list[tuple[str, Value]] = []
    for value in (*chosen, *identifiers) if chosen else identifiers:
        text = value.text
        if text[:1] not in _OPENS:
            continue
        if _USUAL.fullmatch(text) and not value.refinement:
            resolvers.append((text, value))
            continue
        url = address(text)
        if url is None:
            continue
        lower = url.lower()
        if value.refinement == "permalink":
            permalinks.append((url, value))
        elif _RESOLVER.match(lower):
            resolvers.append((url, value))
        elif value.refinement == "file" or _FULL_TEXT.search(lower):
            full_texts.setdefault(canonical(url), (url, value))
        elif not _NO_PAGE.match(lower):
            pages.append((url, value))
    for value in relations:
        if value.text[:1] not in _OPENS or (url := address(value.text)) is None:
            continue
        lower = url.lower()
        if _RESOLVER.match(lower) or _NO_PAGE.match(lower):
            continue
        if _FULL_TEXT.search(lower):
            full_texts.setdefault(canonical(url), (url, value))
        else:
            others.append((url, value))
    landing = _landing(pages, resolvers, numbers, home.hosts if home else ())
    links: list[Link] = []
    shown: tuple[str, ...] = ()
    if landing:
        page, given, rule = landing
        moved = _on_todays_host(page, home) if home else page
        if moved != page:
            rule = "links.moved"
        links.append(Link(moved, "landing"))
        shown = page, moved
        notes.append(_note(given, rule, moved))
    elif full_texts:
        notes.append(_note(next(iter(full_texts.values()))[1], "links.no-landing", ""))
    if not (full_texts or permalinks or pages or others):
        return links, notes
    seen = set(map(canonical, shown))
    for rel, group in (
        ("fulltext", list(full_texts.values())),
        ("permalink", permalinks),
        ("related", [*pages, *others]),
    ):
        for url, value in group:
            moved = _on_todays_host(url, home) if home and rel == "related" else url
            folded = canonical(moved)
            if folded in seen:
                notes.append(_note(value, "links.duplicate", ""))
                continue
            seen.add(folded)
            links.append(Link(url, rel))
            notes.append(_note(value, f"links.{rel}", url))
    return links, notes


def _landing(
    pages: Sequence[tuple[str, Value]],
    resolvers: Sequence[tuple[str, Value]],
    numbers: Identifiers,
    hosts: Sequence[str],
) -> tuple[str, Value | None, str] | None:
    if pages:
        own = [page for page in pages if _host(page[0]) in hosts] if hosts else []
        url, value = (own or pages)[0]
        return url, value, "links.landing"
    # Lower case once: there may be thousands.
    lower = [(url.lower(), url, value) for url, value in resolvers]
    for scheme, number, base in (
        ("hdl.handle.net", numbers.handle, "https://hdl.handle.net/"),
        ("doi.org", numbers.doi, "https://doi.org/"),
    ):
        if number:
            for folded, url, value in lower:
                if scheme in folded and number.lower() in folded:
                    return url, value, "links.resolver"
            return base + number, None, "links.made-of-identifier"
    for url, value in resolvers:
        return url, value, "links.resolver"
    return None


def _host(url: str) -> str:
    found = _URL.match(url)
    return found["host"].lower().removeprefix("www.") if found else ""


def _on_todays_host(url: str, home: Source) -> str:
    """Return where a handle's page lives today, if it is the repository's and it has moved.

    ORBi left orbi.ulg.ac.be for orbi.uliege.be, and http for https; the handles stayed.
    """
    hosts = home.hosts
    found = _HANDLE_PATH.search(url) if hosts and "/handle/" in url else None
    if found is None or _host(url) not in hosts:
        return url
    first = home.urls[0] if home.urls else ""
    plain = first.startswith("http://") and _host(first) == hosts[0]
    return f"{'http' if plain else 'https'}://{hosts[0]}/handle/{found.group(1)}"


def _note(value: Value | None, rule: str, result: str) -> Note:
    if value is None:
        return Note("links", "", "", rule, result)
    return Note("links", value.name, value.original, rule, result)
