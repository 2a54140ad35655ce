"""Several formats of one record make one record."""

from __future__ import annotations

import msgspec

from harvester.model import (
    Abstract,
    Container,
    Identifiers,
    Keyword,
    Link,
    Note,
    Origin,
    Provider,
    Record,
    Rights,
)
from harvester.normalise import complete
from harvester.normalise.completion import PREFERRED, prefer

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


def test_what_the_origin_says_goes_before_a_copy() -> None:
    original = Record(
        id="orbi-1", source="orbi", oai_identifier="oai:o:1", title="Toute l’histoire",
        keywords=[Keyword("travail, emploi")], year=2019, issued="2019-05",
        links=[Link("https://o.example/1", "landing")], notes=[Note("title", "", "a", "x", "b")],
    )  # fmt: skip
    copy = Record(
        id="base-1", source="base", oai_identifier="ft:oai:o:1", title="Toute l’histoire ...",
        keywords=[Keyword("travail"), Keyword("emploi")], year=2019, issued="2019",
        provider=Provider("BASE"), origin=Origin("ORBi", "oai:o:1"), funding=["ARC"],
        links=[Link("https://o.example/1", "landing"), Link("https://b.example/1", "permalink")],
        notes=[Note("funding", "dc:description", "ARC", "descriptions.funding", "ARC")],
    )  # fmt: skip
    shown, notes = prefer(original, copy)
    assert (shown.id, shown.source, shown.oai_identifier) == ("base-1", "base", "ft:oai:o:1")
    assert (shown.provider, shown.origin) == (copy.provider, copy.origin)
    assert shown.title == original.title
    assert shown.keywords == original.keywords
    assert (shown.issued, shown.year) == ("2019-05", 2019)
    assert shown.funding == ["ARC"]
    assert shown.links == copy.links
    assert {note.field: (note.original, note.result) for note in notes} == {
        "title": ("Toute l’histoire ...", "Toute l’histoire"),
        "issued": ("2019", "2019-05"),
        "keywords": ("label: travail | label: emploi", "label: travail, emploi"),
    }
    assert {note.rule for note in notes} == {PREFERRED}
    assert [note.rule for note in shown.notes] == [
        "x", "descriptions.funding", *[PREFERRED] * 3,
    ]  # fmt: skip


def test_a_copy_that_says_the_same_is_as_it_was() -> None:
    one = Record(source="orbi", title="Même titre", year=2019)
    assert prefer(one, msgspec.structs.replace(one, source="base"))[1] == []
