"""What is known of the container beside its citation: from addresses, DOIs, publishers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harvester.model import Container, Note
from harvester.normalise.cited import Cited
from harvester.normalise.folding import fold
from harvester.normalise.text import Value
from harvester.normalise.types import Type


def fill(container: Container, cited: Cited) -> None:
    """Fill what a container lacks; a series counts only where there is no other title."""
    if cited.series and not cited.title and container.title:
        return
    container.title = container.title or cited.title or None
    container.series = container.series or cited.series or None
    container.volume = container.volume or cited.volume or None
    container.issue = container.issue or cited.issue or None
    container.pages = container.pages or cited.pages or None
    container.article_number = container.article_number or cited.article_number or None


# Digital Commons: https://repository.stcloudstate.edu/stcloud_ling/vol4/iss1/6
_NUMBERED_ADDRESS = re.compile(
    r"^https?://[^/]+/[\w-]+/vol(?P<volume>\d+)/(?:iss(?P<issue>\d+)/)?\d+/?$"
)


def from_addresses(container: Container, values: Sequence[Value]) -> list[Note]:
    """Fill volume and issue from the page's address, where Digital Commons has them.

    Args:
        container: a journal without a volume.
        values: dc:identifier.
    """
    if container.title is None or container.volume or container.issue:
        return []
    for value in values:
        if "/vol" in value.text and (found := _NUMBERED_ADDRESS.match(value.text)):
            container.volume, container.issue = found["volume"], found["issue"]
            result = " ".join(filter(None, found.groups()))
            return [Note("container", value.name, value.original, "citation.address", result, 0.9)]
    return []


# The DOIs of BioMed Central and Frontiers end in the article number.
_NUMBERED_DOI = re.compile(
    r"^10\.(?:1186/(?:s?\d{5}-|\d{4}-\d{3}[\dx]-)(?:.*-)?|3389/[a-z]+\.\d{4}\.0*)(?P<article>\d+)$"
)


def numbered_article(container: Container, doi: str | None) -> None:
    """Take for an article number what stands where the page does and ends the DOI.

    `Cancer & Metabolism 2(1):21` with 10.1186/2049-3002-2-21; `Front. Psychol. 4:631` with
    10.3389/fpsyg.2013.00631.
    """
    found = _NUMBERED_DOI.match(doi) if doi and container.pages else None
    if found and found["article"] == container.pages and not container.article_number:
        container.article_number, container.pages = container.pages, None


def without_source_of_data(container: Container, kind: Type | None) -> list[Note]:
    """Take a plain title off a dataset: it names what the data were taken from (ICPSR)."""
    title = container.title
    if kind is None or kind.label != "dataset" or container != Container(title=title):
        return []
    container.title = None
    return [Note("container", "dc:source", title or "", "citation.data", "")] if title else []


_COMPANY = re.compile(
    r"\b(?:society|institute|academica|mdpi|press|foundation|library|publish\w*|publications|ltd|inc|verlag|elsevier)\b",
    re.IGNORECASE,
)


def without_publisher(container: Container, publishers: Sequence[str]) -> list[Note]:
    """Take the title off a container that says nothing but the publisher's name.

    DSpace at MIT gives `MIT Press` in dc:source, beside the journal's ISSN.

    Args:
        container: what the work appeared in, with its ISSN and ISBN.
        publishers: the record's publishers.

    Returns:
        the account of what was taken off.
    """
    title = container.title
    if title is None or not publishers or container.volume or container.pages:
        return []
    bare = container == Container(title=title, issn=container.issn, isbn=container.isbn)
    if not bare or ((container.issn or container.isbn) and not _COMPANY.search(title)):
        return []
    if fold(title) not in {fold(name) for name in publishers}:
        return []
    container.title = None
    return [Note("container", "dc:source", title, "citation.publisher", "")]
