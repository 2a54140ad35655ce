"""What is compared of a record: its words without case and accents, its names, its numbers."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import msgspec

from harvester.model import Agent, Container, Identifiers, Record

MOST_NAMES = 50
"""So many creators are compared; a paper of a thousand has others that tell it apart."""
MOST_ABSTRACT = 600
"""As many characters of an abstract are compared."""

_WORD = re.compile(r"[a-z0-9]+")
_YEAR = re.compile(r"(?:1[5-9]|20)[0-9]{2}")
_FIRST_PAGE = re.compile(r"\s*[a-z]*\s*0*([0-9]+)", re.IGNORECASE)
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d"})
_ROMAN = frozenset(("ii", "iii", "iv", "vi", "vii", "viii", "ix", "xi", "xii"))
_DIGITS = frozenset(("i", "v", "x"))
# Words before which a number or a Roman numeral counts a part.
_PART = frozenset(
    (
        "part", "parts", "teil", "partie", "deel", "band", "bd", "vol", "volume", "tome",
        "chapter", "kapitel", "hoofdstuk", "chapitre", "no", "nr", "number", "heft", "session",
        "round", "wave", "wp", "edition", "auflage", "druk",
    )
)  # fmt: skip
_CHANGES = frozenset(
    (
        "erratum", "errata", "corrigendum", "corrigenda", "correction", "addendum", "retraction",
        "rectificatie", "berichtigung", "korrektur", "retracted",
    )
)  # fmt: skip
_REVIEWS = ("review", "book review")


class Traits(msgspec.Struct, frozen=True, gc=False):
    """What is compared of a record; all texts are folded.

    Attributes:
        title: the words of the title.
        creators: the words of each name, the family name last.
        host: the words of the journal, book, series or conference.
        year: of publication, or None.
        volume, issue, page: as numbers are written, the first page; "" where they are not known.
        dois, handles, isbns, issns, origins: identifiers; `origins` are OAI identifiers.
        abstract: the beginning of the abstract.
        home: the repository that it comes from, and whoever handed it on.
        review: it is a review of something.
        change: it is a correction or retraction of something.
    """

    title: tuple[str, ...] = ()
    creators: tuple[tuple[str, ...], ...] = ()
    host: tuple[str, ...] = ()
    year: int | None = None
    volume: str = ""
    issue: str = ""
    page: str = ""
    dois: frozenset[str] = frozenset()
    handles: frozenset[str] = frozenset()
    isbns: frozenset[str] = frozenset()
    issns: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    abstract: str = ""
    home: str = ""
    review: bool = False
    change: bool = False


def traits(record: Record) -> Traits:
    """Take from a record what is compared."""
    container, known = record.container or Container(), record.identifiers or Identifiers()
    title = fold(record.title or "")
    return Traits(
        title=title,
        creators=tuple(found for one in record.creators[:MOST_NAMES] if (found := _name(one))),
        host=fold(container.title or container.series or ""),
        year=record.year,
        volume=_number(container.volume),
        issue=_number(container.issue),
        page=first_page(container.pages or container.article_number),
        dois=frozenset([known.doi.lower()] if known.doi else ()),
        handles=frozenset([known.handle.lower()] if known.handle else ()),
        isbns=frozenset((*known.isbn, *container.isbn)),
        issns=frozenset((*known.issn, *container.issn)),
        origins=_origins(record),
        abstract=opening(record.abstracts[0].text) if record.abstracts else "",
        home=_home(record),
        review=record.type in _REVIEWS,
        change=not _CHANGES.isdisjoint(title),
    )


def fold(text: str) -> tuple[str, ...]:
    """Return the words of a text, without case, accents and punctuation."""
    text = text.lower().translate(_LETTERS)
    if not text.isascii():
        text = "".join(
            char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
        )
        if not text.isascii():  # letters of other alphabets are words of their own
            return tuple("".join(c if c.isalnum() else " " for c in text).split())
    return tuple(_WORD.findall(text))


def opening(abstract: str) -> str:
    """Return as much of an abstract as is compared."""
    return " ".join(abstract[:MOST_ABSTRACT].lower().split())


def first_page(written: str | None) -> str:
    """Return the number of the first page, "" where there is none."""
    match = _FIRST_PAGE.match(written or "")
    return match[1] if match else ""


@lru_cache(maxsize=100_000)
def numbering(title: tuple[str, ...]) -> frozenset[str]:
    """Return what a title counts: parts, volumes, editions, Roman numerals."""
    found = set()
    for before, word in zip(("", *title), title, strict=False):
        if (
            before in _PART and (word.isdigit() or word in _ROMAN or word in ("i", "v", "x"))
        ) or word in _ROMAN:
            found.add(word)
    if title and title[-1] in ("i", "v", "x"):
        found.add(title[-1])
    return frozenset(found)


def signature(one: Traits) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return title and family names: what all records of a column such as `Editorial` share."""
    return one.title, frozenset(name[-1] for name in one.creators)


def year_of(word: str) -> int | None:
    """Return the year that a word is, if it is one."""
    return int(word) if _YEAR.fullmatch(word) else None


def _name(agent: Agent) -> tuple[str, ...]:
    if agent.family:
        return (*fold(agent.given or ""), *fold(agent.family))
    return fold(agent.literal)


def _number(written: str | None) -> str:
    return "".join(fold(written or "")).lstrip("0")


def _home(record: Record) -> str:
    """The source, and the host in the OAI identifier: an aggregator hands on many repositories."""
    (identifier,) = _origins(record) or ("",)
    scheme, _, rest = identifier.partition(":")
    return f"{record.source}:{rest.partition(':')[0]}" if scheme == "oai" else record.source


def _origins(record: Record) -> frozenset[str]:
    """OAI identifiers, of which an aggregator's names the source: universities share theirs."""
    if record.origin is not None and record.origin.oai_identifier:
        return frozenset((record.origin.oai_identifier,))
    return frozenset((record.oai_identifier,)) if record.oai_identifier else frozenset()
