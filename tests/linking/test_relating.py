"""What a record is of another is read from both, and only one way round."""

from __future__ import annotations

from typing import Any

import pytest

from harvester.linking import blocking, weighing
from harvester.linking.evidence import compare
from harvester.linking.relating import RELATIONS, relation
from harvester.linking.traits import traits
from harvester.model import Agent, Container, Identifiers, Record, Title

TABLE = weighing.load()
AUTHOR = Agent("Van den Broeck, Jan", "Van den Broeck", "Jan")
OTHER = Agent("Peeters, An", "Peeters", "An")
BOOK = "Vertrouwen in de overheid na de storm"
TRANSLATED = "Trust in government after the storm"


def record(title: str, **more: Any) -> Record:
    said: dict[str, Any] = {"creators": [AUTHOR], "year": 2012, "languages": ["nld"]}
    return Record(source="x", title=title, **said | more)


@pytest.mark.parametrize(
    ("what", "one", "other"),
    [
        (
            "review",
            record(f"Boekbespreking: {BOOK}", creators=[OTHER], year=2013, type="review"),
            record(BOOK, type="book"),
        ),
        ("reply", record(f"Antwoord op: {BOOK}", creators=[OTHER]), record(BOOK)),
        ("correction", record(f"Erratum: {BOOK}"), record(BOOK)),
        ("supplement", record(f"Data for: {BOOK}", type="dataset"), record(BOOK)),
        (
            "part",
            record(
                "De storm van 1953",
                type="book part",
                container=Container(BOOK, isbn=["9789012345678"]),
            ),
            record(BOOK, type="book", identifiers=Identifiers(isbn=["9789012345678"])),
        ),
        (
            "translation",
            record(TRANSLATED, titles=[Title(BOOK, "nld")], languages=["eng"], year=2014),
            record(BOOK),
        ),
        (
            "version",
            record(BOOK, type="preprint", identifiers=Identifiers(doi="10.31235/osf.io/abcde")),
            record(BOOK, type="journal article", identifiers=Identifiers(doi="10.5555/x.1")),
        ),
    ],
)
def test_what_a_record_is_of_another(what: str, one: Record, other: Record) -> None:
    mine, theirs = traits(one, TABLE.words), traits(other, TABLE.words)
    found = compare(mine, theirs, TABLE.weights, lambda _: 1)
    assert relation(mine, theirs, found) == what
    assert relation(theirs, mine, found) == ""
    assert what in RELATIONS
    assert (found.score > 0 and not found.veto) == (what == "version")


def test_a_review_is_compared_with_its_book() -> None:
    """Although they have no creator in common, and the title begins otherwise."""
    book = traits(record(BOOK, type="book"), TABLE.words)
    review = traits(record(f"Boekbespreking: {BOOK}", creators=[OTHER], type="review"), TABLE.words)
    shared = blocking.keys(book) & blocking.keys(review)
    assert sum(map(blocking.weight, shared)) >= blocking.ENOUGH
