"""What is compared of a record: its words without case and accents, its names, its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from harvester.linking.marks import NONE, Marks, marks
from harvester.linking.people import Person, person
from harvester.linking.wording import Kind, Words, fold, shipped
from harvester.model import Agent, Container, Identifiers, Record

MOST_NAMES = 50
"""So many creators are compared; a paper of a thousand has others that tell it apart."""
MOST_ABSTRACT = 600
"""As many characters of an abstract are compared."""
MOST_CHARACTERS = 1000
"""As many characters of a title, a name or a journal are compared: it costs their square."""
MOST_PARALLELS = 10
"""So many titles in other languages are compared."""

_YEAR = re.compile(r"(?:1[5-9]|20)[0-9]{2}")
_FIGURE = re.compile(r"[0-9]")
_FIRST_PAGE = re.compile(r"\s*[a-z]*\s*0*([0-9]+)", re.IGNORECASE)
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
# Preprint servers and data repositories give a DOI to each version.
_VERSION = re.compile(r"(?:[./]|(?<=[0-9]))v[0-9]{1,2}$")
_JOURNAL_ARTICLE = "journal article"
_BOOK_PART = "book part"
_NO_LANGUAGE = frozenset(("mul", "und", "zxx", "mis"))

NO_KIND = Kind()

Names = tuple[tuple[str, ...], tuple[str, ...]]
"""The words of the given names, and those of the family name."""


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
        parallels: the words of other titles.
        people: the creators, as they are compared one by one.
        languages: of the text, as far as they are known.
        marks: what the title says beside its subject.
        about: what it is about another publication: `review`, `reply`; "" for none.
        perhaps: what it is about another one, where records may lack that or say it by mistake.
        kind: of publication.
        chapter: it is a part of a book.
        serial: it is a journal or the like, of which a record may be one volume.
        early: what tells that it appears elsewhere under another DOI; "" for nothing.
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
    parallels: tuple[tuple[str, ...], ...] = ()
    people: tuple[Person, ...] = ()
    languages: frozenset[str] = frozenset()
    marks: Marks = NONE
    about: str = ""
    perhaps: str = ""
    kind: Kind = NO_KIND
    chapter: bool = False
    serial: bool = False
    early: str = ""


def traits(record: Record, words: Words | None = None) -> Traits:
    """Take from a record what is compared.

    Args:
        record: as it was understood.
        words: by which titles are read; those that are shipped where none are given.
    """
    words = words or shipped()
    container, known = record.container or Container(), record.identifiers or Identifiers()
    title, doi = record.title[:MOST_CHARACTERS], known.doi or ""
    said = marks(title, words)
    names = [(one, _parts(one)) for one in record.creators[:MOST_NAMES]]
    type_ = record.type or ""
    noun = said.about or words.about.get(type_, "")
    return Traits(
        title=fold(title),
        creators=tuple((*given, *family) for _, (given, family) in names if given or family),
        host=_folded(container.title or container.series),
        year=record.year,
        volume=_number(container.volume),
        issue=_number(container.issue),
        page=_page(container, type_),
        dois=frozenset([_VERSION.sub("", doi.lower())] if doi else ()),
        handles=frozenset([known.handle.lower()] if known.handle else ()),
        isbns=frozenset((*known.isbn, *container.isbn)),
        issns=frozenset((*known.issn, *container.issn)),
        origins=_origins(record),
        abstract=opening(record.abstracts[0].text) if record.abstracts else "",
        home=_home(record),
        parallels=tuple(
            found for one in record.titles[:MOST_PARALLELS] if (found := _folded(one.text))
        ),
        people=_people(names, words),
        languages=frozenset(record.languages) - _NO_LANGUAGE,
        marks=said,
        about="" if noun in words.unsure else noun,
        perhaps=noun if noun in words.unsure else "",
        kind=words.kinds.get(type_, NO_KIND),
        chapter=type_ == _BOOK_PART,
        serial=type_ in words.serial_types,
        early=_early(doi.lower(), type_, words),
    )


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
            before in _PART and (word.isdigit() or word in _ROMAN or word in _DIGITS)
        ) or word in _ROMAN:
            found.add(word)
    if title and title[-1] in _DIGITS:
        found.add(title[-1])
    return frozenset(found)


def signature(one: Traits) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return title and family names: what all records of a column such as `Editorial` share."""
    return one.title, frozenset(name[-1] for name in one.creators)


def year_of(word: str) -> int | None:
    """Return the year that a word is, if it is one."""
    return int(word) if _YEAR.fullmatch(word) else None


def _parts(agent: Agent) -> Names:
    if agent.family:
        return _folded(agent.given), _folded(agent.family)
    return (), _folded(agent.literal)


def _folded(text: str | None) -> tuple[str, ...]:
    return fold((text or "")[:MOST_CHARACTERS])


def _people(names: Iterable[tuple[Agent, Names]], words: Words) -> tuple[Person, ...]:
    """Return the creators; none where names have figures in them: letters were lost."""
    people = tuple(
        person(family, given, body=agent.corporate, words=words)
        for agent, (given, family) in names
        if family
    )
    return () if any(_FIGURE.search(one.family) for one in people) else people


def _page(container: Container, type_: str) -> str:
    """Return the first page; an article that is online before its volume begins with page 1."""
    page = first_page(container.pages or container.article_number)
    return "" if page == "1" and type_ == _JOURNAL_ARTICLE and not container.volume else page


def _early(doi: str, type_: str, words: Words) -> str:
    for beginning in words.early_dois:
        if doi.startswith(beginning):
            return beginning
    return type_ if type_ in words.early_types else ""


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
