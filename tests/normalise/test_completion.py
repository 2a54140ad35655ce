"""Several formats of one record make one record."""

from __future__ import annotations

from harvester.model import (
    Abstract,
    Container,
    Identifiers,
    Keyword,
    Note,
    Record,
    Rights,
)
from harvester.normalise import complete

RICH = Record(
    source="orbi",
    oai_identifier="oai:x:1",
    title="A title",
    type="book part",
    type_uri="http://purl.org/coar/resource_type/c_3248",
    container=Container(title="A book"),
    identifiers=Identifiers(handle="1/2"),
    rights=Rights(access="open access", access_uri="uri"),
    notes=[Note("title", "dc:title", "a", "titles.colon", "b")],
)


def test_empty_fields_are_filled() -> None:
    other = Record(
        source="orbi",
        oai_identifier="oai:x:1",
        issued="2019",
        year=2019,
        abstracts=[Abstract("Text.")],
        keywords=[Keyword("k")],
        notes=[
            Note("keywords", "dc:subject", "k;l", "keywords.split", "k | l"),
            Note("languages", "dc:language", "ge", "languages.wrong-code", "deu"),
        ],
    )
    completed = complete(RICH, other)
    assert (completed.issued, completed.year) == ("2019", 2019)
    assert completed.abstracts == other.abstracts
    assert completed.keywords == other.keywords
    assert completed.title == "A title"
    assert completed.notes == [RICH.notes[0], other.notes[0]]


def test_what_is_said_stays() -> None:
    other = Record(
        source="orbi",
        title="Another title",
        type="journal article",
        type_uri="http://purl.org/coar/resource_type/c_6501",
        datestamp="2020-01-01",
    )
    assert complete(RICH, other) == RICH


def test_groups_are_filled_part_by_part() -> None:
    other = Record(
        source="orbi",
        container=Container(title="Other", pages="1-2"),
        identifiers=Identifiers(handle="9/9", doi="10.1000/1"),
        rights=Rights(access="restricted access", access_uri="other", licence="CC-BY-4.0"),
    )
    completed = complete(RICH, other)
    assert completed.container == Container(title="A book", pages="1-2")
    assert completed.identifiers == Identifiers(handle="1/2", doi="10.1000/1")
    assert completed.rights == Rights(access="open access", access_uri="uri", licence="CC-BY-4.0")


def test_the_given_records_are_not_changed() -> None:
    other = Record(source="orbi", container=Container(pages="1-2"))
    complete(RICH, other)
    assert RICH.container == Container(title="A book")
