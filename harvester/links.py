"""Addresses: which a page or file may give, where identifiers lead, the ways to a publication."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

import msgspec

from harvester.model import Identifiers, Record

MOST_CHARACTERS = 4_000
"""Longer addresses lead nowhere."""

_UNSAFE = re.compile(r"[\x00-\x20\x7f\\<>\"{}|^`]")
_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
_SPDX = re.compile(r"[A-Za-z0-9.+-]{2,64}")
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Identifier(msgspec.Struct, frozen=True):
    """An identifier as a page shows it: the name of its kind, its value, and where it leads."""

    kind: str
    value: str
    url: str | None = None


class Way(msgspec.Struct, frozen=True):
    """A way to the publication: its address, whose host it is, and whether it is the full text."""

    url: str
    host: str
    fulltext: bool


def safe(url: str) -> str | None:
    """The address as it may stand in a link, or None where it may not.

    Only http and https with a host: a repository can send `javascript:` as an identifier.
    """
    url = url.strip()
    if len(url) > MOST_CHARACTERS or _UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme.lower() in ("http", "https") and host else None


def host(url: str) -> str:
    """The host of an address that `safe` let through, as a reader knows it."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def orcid(identifier: str | None) -> str | None:
    """The address of an ORCID iD, or None where it is none."""
    if identifier is None or not _ORCID.fullmatch(identifier):
        return None
    return f"https://orcid.org/{identifier}"


def spdx(licence: str) -> str | None:
    """The address of a licence by its SPDX id, or None where it is no such id."""
    return f"https://spdx.org/licenses/{licence}" if _SPDX.fullmatch(licence) else None


def doi(bare: str) -> str:
    """The address of a bare DOI."""
    return f"https://doi.org/{quote(bare, safe='/:;().-_~')}"


def handle(bare: str) -> str:
    """The address of a bare handle."""
    return f"https://hdl.handle.net/{quote(bare, safe='/:.-_~')}"


def identifiers(found: Identifiers | None) -> list[Identifier]:
    """All identifiers of a publication, in the order a reader looks for them."""
    if found is None:
        return []
    rows = []
    if found.doi:
        rows.append(Identifier("DOI", found.doi, doi(found.doi)))
    if found.handle:
        rows.append(Identifier("Handle", found.handle, handle(found.handle)))
    if found.urn:
        rows.append(Identifier("URN", found.urn))
    if found.pmid:
        rows.append(
            Identifier(
                "PubMed", found.pmid, f"https://pubmed.ncbi.nlm.nih.gov/{quote(found.pmid)}/"
            )
        )
    if found.arxiv:
        rows.append(
            Identifier(
                "arXiv", found.arxiv, f"https://arxiv.org/abs/{quote(found.arxiv, safe='/.')}"
            )
        )
    rows += [Identifier("ISBN", isbn) for isbn in found.isbn]
    rows += [Identifier("ISSN", issn) for issn in found.issn]
    return rows


def ways(record: Record) -> list[Way]:
    """Links to the publication itself: full text, landing page, DOI, each address once."""
    found: dict[str, Way] = {}
    for rel in ("fulltext", "landing"):
        for link in record.links:
            url = safe(link.url) if link.rel == rel else None
            if url:
                found.setdefault(url, Way(url, host(url), rel == "fulltext"))
    if not found:
        for known in identifiers(record.identifiers):
            if known.url:
                found.setdefault(known.url, Way(known.url, host(known.url), False))
    return list(found.values())


def plain(text: str) -> str:
    """Text for places that cannot isolate its direction: `<title>`, meta tags, file names.

    Without control and direction characters, so that a title cannot turn round what follows it.
    """
    text = _DIRECTION.sub("", text)
    return " ".join(
        "".join(" " if unicodedata.category(char) == "Cc" else char for char in text).split()
    )


def file_name(text: str, suffix: str) -> str:
    """A file name in plain ASCII for a download.

    Args:
        text: what it is about, such as a citation key or the words of a search.
        suffix: with its dot, such as `.bib`.
    """
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", folded.lower()).strip("-")[:60].strip("-")
    return f"{stem or 'publications'}{suffix}"
