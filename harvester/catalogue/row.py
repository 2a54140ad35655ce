"""How a record lies in the catalogue: the columns of its row, and the values it can be found by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

import msgspec

from harvester.catalogue.query import clean_value
from harvester.model import ENCODER, Discipline, Note, Record

COLUMNS = (
    "number",
    "id",
    "citekey",
    "added",
    "changed",
    "source",
    "oai_identifier",
    "identifiers",
    "origin_identifier",
    "title",
    "creators",
    "type",
    "issued",
    "year",
    "container",
    "publishers",
    "languages",
    "keywords",
    "disciplines",
    "access",
    "peer_reviewed",
    "landing",
    "datestamp",
    "title_sort",
    "contributors",
    "parallel_titles",
    "other_words",
    "abstract",
    "title_forms",
    "creator_forms",
    "keyword_forms",
    "other_forms",
)
WEIGHTS = {
    "title": 10.0,
    "parallel_titles": 8.0,
    "creators": 6.0,
    "contributors": 2.0,
    "keywords": 8.0,
    "disciplines": 3.0,
    "abstract": 2.0,
    "publishers": 1.0,
    "container": 2.0,
    "identifiers": 4.0,
    "other_words": 1.0,
    "title_forms": 5.0,
    "creator_forms": 3.0,
    "keyword_forms": 4.0,
    "other_forms": 0.5,
}
"""What a word counts in each column of the full-text index, in the order of its columns (bm25)."""
SEARCHED = tuple(WEIGHTS)

_LANDING = ("landing", "fulltext", "permalink")

_NOT_SORTED = re.compile(r"[\W_]+")
_SORTED_CHARACTERS = 120

Columns = tuple[str | int | bool | None, ...]


class Entry(msgspec.Struct, frozen=True):
    """A record on its way into the catalogue.

    Attributes:
        number: the ledger's integer key, stable for ever.
        record: the record with its id and citation key; `deleted` for a tombstone.
        added: ISO time when it was first seen.
        changed: ISO time when this version of it came.
        trace: how each of its values came about.
        home: the name of the source that it comes from in the first place, where that is known.
    """

    number: int
    record: Record
    added: str
    changed: str
    trace: Sequence[Note] = ()
    home: str | None = None


class Values(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The values of one record that have tables of their own, each once, in their order."""

    creators: list[str]
    keywords: list[str]
    languages: list[str]
    publishers: list[str]
    disciplines: dict[str, Discipline]
    links: list[tuple[str, str]]


def values(record: Record) -> Values:
    """Collect the values of a record that have tables of their own."""
    return Values(
        creators=_distinct(agent.literal for agent in record.creators),
        keywords=_distinct(keyword.label for keyword in record.keywords),
        languages=_distinct(record.languages),
        publishers=_distinct(record.publishers),
        disciplines={discipline_value(one): one for one in record.disciplines},
        # SQLite ends a text of JSON at a NUL.
        links=list(dict.fromkeys((link.url.replace("\0", ""), link.rel) for link in record.links)),
    )


def discipline_value(discipline: Discipline) -> str:
    """Return the facet value of a discipline: `scheme:code`, or its label where it has no code."""
    return clean_value(f"{discipline.scheme}:{discipline.code or _labels(discipline)[0]}")


def columns(record: Record, found: Values) -> Columns:
    """Build what stands in a row of `records` or `deleted_records` between ids and forms.

    Args:
        record: the record.
        found: its values, as `values` gives them.

    Returns:
        the columns from `identifiers` to `abstract`, in the order of `COLUMNS`; the identifiers
        without the citation key.
    """
    container = record.container
    return (
        " ".join(_identifiers(record)),
        _origin_identifier(record),
        record.title or None,
        _array(found.creators),
        record.type,
        record.issued,
        record.year,
        clean_value(container.title) or None if container and container.title else None,
        _array(found.publishers),
        _array(found.languages),
        _array(found.keywords),
        _array(_distinct(_labels(one)[0] for one in found.disciplines.values())),
        record.rights.access if record.rights else None,
        record.peer_reviewed,
        landing(record),
        record.datestamp,
        sort_form(record.title),
        _array(_distinct(agent.literal for agent in record.contributors)),
        _array(_distinct(title.text for title in record.titles)),
        " / ".join(_other_words(record)) or None,
        "\n\n".join(abstract.text for abstract in record.abstracts) or None,
    )


def _origin_identifier(record: Record) -> str | None:
    """Return the identifier at the repository that it first came from, where it is another one."""
    there = record.origin.oai_identifier if record.origin else None
    return there if there != record.oai_identifier else None


def sort_form(title: str) -> str | None:
    """Fold a title to what it is sorted by: lower case, no diacritics, no punctuation."""
    text = title[:_SORTED_CHARACTERS]
    if not text.isascii():
        text = "".join(
            c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)
        )
    return _NOT_SORTED.sub(" ", text.casefold()).strip() or None


def landing(record: Record) -> str | None:
    """Return the one web address that leads to a publication: best its page, else its full text.

    What is no http or https address is passed over: it would end up in links and in `.bib` files.
    """
    for rel in _LANDING:
        for link in record.links:
            if link.rel == rel and _is_web_address(link.url):
                return link.url
    return None


def fulltexts(record: Record) -> list[str]:
    """List the web addresses of the full texts of a publication."""
    return [
        link.url for link in record.links if link.rel == "fulltext" and _is_web_address(link.url)
    ]


def _is_web_address(url: str) -> bool:
    return url.strip().lower().startswith(("http://", "https://"))


def _labels(discipline: Discipline) -> list[str]:
    """List the labels of a discipline, the English one first; its code where it has none."""
    labels = (discipline.en, discipline.fr, discipline.nl, discipline.de)
    return [label for label in labels if label] or [discipline.code or ""]


def _identifiers(record: Record) -> list[str]:
    """List what a reader may paste to find this one record.

    Not its id and OAI identifier, whose parts are words too: "base" would find all of BASE.
    """
    known = record.identifiers
    single: list[str | None] = []
    several: list[str] = []
    if known:
        single = [known.doi, known.handle, known.urn, known.pmid, known.arxiv]
        several += known.isbn + known.issn
    if record.container:
        several += record.container.isbn + record.container.issn
    return [identifier for identifier in single if identifier] + several


def _other_words(record: Record) -> Iterable[str]:
    """Give the words that no other searched column holds."""
    for discipline in record.disciplines:
        yield from _labels(discipline)[1:]
    for concept in record.concepts:
        if concept.label:
            yield concept.label
    if record.container and record.container.series:
        yield record.container.series
    yield from record.funding


def _distinct(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(map(clean_value, texts)) if text]


def _array(texts: list[str]) -> str | None:
    return ENCODER.encode(texts).decode() if texts else None
