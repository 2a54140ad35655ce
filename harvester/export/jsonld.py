"""schema.org as JSON-LD: what search engines and other machines read, in files and record pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from markupsafe import Markup

from harvester import kinds, links
from harvester.export import Exporter, parts
from harvester.languages import bcp47
from harvester.model import Agent, Container, Identifiers, Record

Node = dict[str, Any]

CONTEXT = "https://schema.org"

_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-\d\d)?)?")
# Nothing of it may end the script element, begin a comment, or turn round what follows.
_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in f"<>&\u2028\u2029{_TURNING}"})

_BOOKS = ("Chapter", "Book", "Report", "Thesis")


def write(records: Iterable[Record], overlay: Path | None = None) -> Iterator[str]:
    """Give one graph with a node for each record, a line each.

    Args:
        records: what is written.
        overlay: the folder of the librarian's own table rows, or None.
    """
    yield f'{{"@context": "{CONTEXT}", "@graph": ['
    before = "\n"
    for record in records:
        described = node(record, None, overlay)
        del described["@context"]
        yield before + msgspec.json.encode(described).decode()
        before = ",\n"
    yield "\n]}\n"


EXPORTER = Exporter(
    "jsonld",
    ".jsonld",
    "application/ld+json; charset=utf-8",
    write,
    lambda overlay: partial(write, overlay=overlay),
)


def script(record: Record, permalink: str, overlay: Path | None = None) -> Markup:
    """Write a record as JSON that may stand in a `script` element.

    Args:
        record: a live record.
        permalink: the whole address of its page.
        overlay: the folder of the librarian's own table rows, or None.
    """
    text = msgspec.json.encode(node(record, permalink, overlay)).decode()
    return Markup(text.translate(_ESCAPES))


def node(record: Record, permalink: str | None, overlay: Path | None = None) -> Node:
    """Describe a record in the words of schema.org; what is not known is left out.

    Args:
        record: a live record.
        permalink: the whole address of its page; None where it stands in a file.
        overlay: the folder of the librarian's own table rows, or None.
    """
    known = record.identifiers or Identifiers()
    rights = record.rights
    kind = kinds.kind(record, overlay).schema
    languages = [bcp47(code, overlay) for code in record.languages]
    addresses = [one.url for one in links.identifiers(known) if one.url]
    found = links.ways(record)
    keywords = [keyword.label for keyword in record.keywords]
    described = {
        "@context": CONTEXT,
        "@type": kind,
        "@id": addresses[0] if addresses else permalink,
        "url": permalink,
        "name": record.title,
        "alternateName": [title.text for title in record.titles],
        "author": [agent(one) for one in parts.authors(record)],
        "editor": [agent(one) for one in parts.editors(record)],
        "contributor": [agent(one) for one in record.contributors if one.role != "editor"],
        "datePublished": date(record),
        "inLanguage": languages[0] if len(languages) == 1 else languages,
        "abstract": [one.text for one in record.abstracts],
        "description": record.abstracts[0].text if kind == "Dataset" and record.abstracts else None,
        "keywords": keywords,
        "about": [parts.label(one) or one.scheme for one in record.disciplines],
        "publisher": [{"@type": "Organization", "name": name} for name in record.publishers],
        "isPartOf": container(record.container, kind),
        "position": _number(record.container) if kind in _BOOKS and kind != "Chapter" else None,
        **pages(record.container),
        "isbn": known.isbn,
        "identifier": [
            {"@type": "PropertyValue", "propertyID": one.kind, "value": one.value}
            for one in links.identifiers(known)
        ],
        "sameAs": list(
            dict.fromkeys([*addresses, *(way.url for way in found if not way.fulltext)])
        ),
        "encoding": [
            {"@type": "MediaObject", "contentUrl": way.url} for way in found if way.fulltext
        ],
        "license": license_address(rights.licence) if rights and rights.licence else None,
        "isAccessibleForFree": True if rights and rights.access == "open access" else None,
        "funding": [{"@type": "Grant", "name": name} for name in record.funding],
    }
    return filled(described)


def agent(one: Agent) -> Node:
    """Describe a person or a body."""
    return filled(
        {
            "@type": "Organization" if one.corporate else "Person",
            "@id": links.orcid(one.orcid),
            "name": one.literal,
            "familyName": one.family,
            "givenName": one.given,
            "affiliation": {"@type": "Organization", "name": one.affiliation}
            if one.affiliation
            else None,
        }
    )


def container(one: Container | None, kind: str) -> Node | None:
    """Describe the journal, with volume and issue, or the book or series that it appeared in."""
    if one is None or not (one.title or one.series or one.issn or one.isbn):
        return None
    if one.isbn or kind == "Chapter":
        series = one.series if one.title else None
        within = {"@type": "BookSeries", "name": series, "issn": one.issn}
        return filled(
            {
                "@type": "Book",
                "name": one.title or one.series,
                "isbn": one.isbn,
                "position": _number(one),
                "isPartOf": filled(within) if series or one.issn else None,
            }
        )
    if kind in _BOOKS:
        return filled(
            {"@type": "CreativeWorkSeries", "name": one.series or one.title, "issn": one.issn}
        )
    part = filled({"@type": "Periodical", "name": one.title or one.series, "issn": one.issn})
    if one.volume:
        part = {"@type": "PublicationVolume", "volumeNumber": one.volume, "isPartOf": part}
    if one.issue:
        part = {"@type": "PublicationIssue", "issueNumber": one.issue, "isPartOf": part}
    return part


def _number(one: Container | None) -> str | None:
    """The number within the series."""
    return one.issue or one.volume if one else None


def pages(one: Container | None) -> Node:
    """Say on which pages it stands, or which number it has in place of them."""
    if one is None or not (one.pages or one.article_number):
        return {}
    first, last = parts.pages(one.pages)
    if not last or not first:
        return {"pagination": one.pages or one.article_number}
    return {"pageStart": first, "pageEnd": last}


def date(record: Record) -> str | None:
    """The date of publication in ISO 8601, as far as it is certain; else the year."""
    if record.issued and _DATE.fullmatch(record.issued):
        return record.issued
    return f"{record.year:04}" if record.year is not None and record.year > 0 else None


def license_address(licence: str) -> str | None:
    """The address of a licence, whether an address or an SPDX id is known."""
    return links.safe(licence) or links.spdx(licence)


def filled(node: Node) -> Node:
    """A node without what is empty."""
    return {name: value for name, value in node.items() if value not in (None, "", [], {})}
