"""The view of a work says what the best of its copies says, and which copy says what."""

from __future__ import annotations

from typing import Any

from harvester.linking.preferring import PREFERRED, rank, view
from harvester.model import (
    Abstract,
    Agent,
    Container,
    Identifiers,
    Keyword,
    Link,
    Note,
    Provider,
    Record,
    Rights,
)


def record(id_: str, **said: Any) -> Record:
    return Record(id=id_, source=id_, title="Vertrouwen", **said)


def test_the_repository_goes_before_an_aggregator_and_the_published_version_first() -> None:
    handed_on = record("base", provider=Provider("BASE"), keywords=[Keyword("staat")], year=2012)
    early = record("a", type="preprint", keywords=[Keyword("staat")], year=2012)
    accepted = record("b", version="accepted version", year=2012)
    lean = record("c", version="version of record")
    full = record("d", version="version of record", year=2012)
    assert sorted([handed_on, early, accepted, lean, full], key=rank) == [
        full, lean, accepted, early, handed_on,
    ]  # fmt: skip


def test_a_copy_fills_what_the_best_lacks_and_the_notes_say_which() -> None:
    best = record(
        "a",
        creators=[Agent("Peeters, An")],
        container=Container("Mens en maatschappij", volume="87"),
        links=[Link("https://a.example/1", "landing")],
    )
    copy = record(
        "b",
        creators=[Agent("Peeters, A.")],
        provider=Provider("BASE"),
        container=Container("M&M", pages="1-9"),
        abstracts=[Abstract("Over vertrouwen.")],
        identifiers=Identifiers(doi="10.5555/x"),
        links=[Link("https://b.example/1.pdf", "fulltext"), Link("https://b.example/2", "related")],
    )
    shown = view([best, copy], "work-a", "peeters")
    assert (shown.id, shown.work, shown.citekey, shown.source) == (
        "work-a", "work-a", "peeters", "a",
    )  # fmt: skip
    assert shown.provider is None
    assert shown.creators == best.creators
    assert shown.container == Container("Mens en maatschappij", volume="87", pages="1-9")
    assert shown.identifiers == copy.identifiers
    assert [link.url for link in shown.links] == ["https://a.example/1", "https://b.example/1.pdf"]
    told = {note.field: note for note in shown.notes if note.rule == PREFERRED}
    assert told.keys() == {"container", "abstracts", "identifiers"}
    assert {note.element for note in told.values()} == {"b"}
    assert told["abstracts"].result == "text: Over vertrouwen."


def test_what_a_source_gives_goes_before_what_was_inferred() -> None:
    guessed = Note("type", "dc:type", "text", "types.inferred", "book", 0.5)
    best = record("a", type="book", type_uri="x", notes=[guessed], issued="2012", year=2012)
    copy = record("b", type="journal article", type_uri="y", issued="2011", year=2011)
    shown = view([best, copy], "work-a", None)
    assert (shown.type, shown.type_uri, shown.year) == ("journal article", "y", 2012)
    assert guessed not in shown.notes
    unsure = record("b", type="report", notes=[guessed])
    assert view([best, unsure], "work-a", None).type == "book"


def test_one_open_copy_opens_the_work() -> None:
    best = record("a", rights=Rights(access="restricted access"))
    copy = record("b", rights=Rights(access="open access", licence="CC-BY-4.0"))
    assert view([best, copy], "work-a", None).rights == copy.rights
    assert view([copy, best], "work-a", None).rights == copy.rights


def test_one_copy_is_the_work() -> None:
    only = record("a", year=2012)
    assert view([only], "work-a", "k").notes == []
