"""Where a work appeared: journal, book, series or conference, with its numbers and publisher."""

from __future__ import annotations

import msgspec

from harvester.sample import draw
from harvester.sample.content import load

DOI_PREFIX = "10.5555"  # Crossref's prefix for tests: no DOI below it leads anywhere
# No ISBN group starts with 979-7, so these numbers belong to no book; the check digit is right.
ISBN_BLOCK = "9797"
FIRST_WITH_DOI = 2004
DOI_SHARES = {"article": 62, "chapter": 28, "book": 20, "review": 30, "dataset": 100}


class Venue(msgspec.Struct, frozen=True):
    """Where a work appeared.

    Attributes:
        title: of the journal, book, series or conference; None where the work stands alone.
        publisher: who published it, or the university of a thesis.
        volume, issue, first, last: numbers, where the type has them; last is the last page.
        doi, isbn: bare, where there is one.
    """

    title: str | None = None
    publisher: str | None = None
    volume: str | None = None
    issue: str | None = None
    first: int | None = None
    last: int | None = None
    doi: str | None = None
    isbn: str | None = None

    @property
    def pages(self) -> str | None:
        """First and last page: `45-67`."""
        return f"{self.first}-{self.last}" if self.first else None


def venue(key: str, topic: str, language: str, kind: str, year: int, home: str) -> Venue:
    """Draw where a work appeared.

    Args:
        key: the work; also what its DOI is made from.
        topic: a topic of the content.
        language: of the work.
        kind: type of the work.
        year: of publication.
        home: the repository, whose university awards its theses.
    """
    venues = load().venues
    doi = _doi(key, kind, year, home)
    first = 1 + draw.number(key, "first page", 380)
    last = first + 9 + draw.number(key, "pages", 19)
    if kind in ("article", "review"):
        suitable = [
            journal
            for journal in venues.journals
            if journal.language == language and (not journal.topics or topic in journal.topics)
        ]
        journal = draw.one(key, "journal", suitable)
        founded = 1965 + draw.number(journal.title, "founded", 30)
        return Venue(
            title=journal.title,
            publisher=journal.publisher,
            volume=str(year - founded),
            issue=str(1 + draw.number(key, "issue", 4)),
            first=first,
            last=first + 2 if kind == "review" else last,
            doi=doi,
        )
    publisher = draw.one(key, "publisher", venues.publishers[language])
    if kind == "chapter":
        book = draw.one(key, "book", venues.books[language])
        return Venue(title=book, publisher=publisher, first=first, last=last, doi=doi)
    if kind == "book":
        return Venue(publisher=publisher, doi=doi, isbn=_isbn(key))
    if kind == "conference":
        return Venue(title=draw.one(key, "conference", venues.conferences[language]))
    if kind == "working-paper":
        number = str(1 + draw.number(key, "number in the series", 60))
        institution = venues.institutions.get(home)
        return Venue(title=venues.series[language], publisher=institution, volume=number, doi=doi)
    return Venue(publisher=venues.institutions.get(home), doi=doi)


def _doi(key: str, kind: str, year: int, home: str) -> str | None:
    share = DOI_SHARES.get(kind, 0) if year >= FIRST_WITH_DOI else 0
    if home == "press":
        share = 100  # only Crossref knows these
    if not draw.often(key, "has a DOI", share):
        return None
    # A few publishers keep capitals in their suffixes; DOIs do not distinguish case.
    series = draw.one(key, "DOI series", ["lcjs", "brsp", "meuse", "JDD", "polder"])
    return f"{DOI_PREFIX}/{series}.{year}.{draw.number(key, 'DOI number', 10**6):06d}"


def _isbn(key: str) -> str:
    digits = f"{ISBN_BLOCK}{draw.number(key, 'ISBN', 10**8):08d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
