"""How records were understood is counted by source, right after every change, and compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlite_utils

from harvester.catalogue import quality, store
from harvester.catalogue.counts import FIELDS, count
from harvester.catalogue.drift import Change, drift, to_keep
from harvester.catalogue.quality import Summary, commonest
from harvester.catalogue.report import ElementCount, FieldCount, Report, RuleCount, Unknown, report
from harvester.catalogue.store import Entry
from harvester.model import Agent, Link, Note, Record
from harvester.normalise.rules import FALLBACKS, RULES

Build = Callable[..., Entry]


def traced(entry: Entry, *notes: tuple[str, str, str]) -> Entry:
    """Give an entry the trace of notes: element, original, rule."""
    trace = [Note("type", element, original, rule, "") for element, original, rule in notes]
    return Entry(entry.number, entry.record, entry.added, entry.changed, trace)


def made(records: int = 100, **facts: Any) -> Report:
    known: dict[str, Any] = {"fields": [], "elements": [], "rules": [], "unknown": []}
    return Report("orbi", records, records, **known | facts)


def named(fields: int) -> list[str]:
    """The names of the fields whose bits are set."""
    return [field for place, field in enumerate(FIELDS) if fields >> place & 1]


class TestCounts:
    def test_the_fields_of_a_whole_record(self, whole: Build) -> None:
        fields = named(count(whole().record, []).fields)
        assert fields == [
            "title", "titles", "creators", "contributors", "type", "issued", "languages",
            "abstracts", "keywords", "disciplines", "concepts", "peer_reviewed", "funding",
            "publishers", "container.title", "container.issn", "container.series",
            "identifiers.doi", "identifiers.handle", "identifiers.isbn", "rights.access",
            "links.landing", "links.fulltext",
        ]  # fmt: skip

    def test_every_field_is_one_of_the_record(self) -> None:
        assert len(FIELDS) == len(set(FIELDS)) < 63  # bits of a signed integer
        for field in FIELDS:
            assert field.partition(".")[0] in Record.__struct_fields__

    def test_what_is_said_to_be_false_is_there(self) -> None:
        record = Record(
            source="a",
            peer_reviewed=False,
            creators=[Agent("De Vos, Jan", orcid="0000-0002-1825-0097")],
            links=[Link("https://a.be/1", "related")],
        )
        found = named(count(record, []).fields)
        assert found == ["creators", "peer_reviewed", "creators.orcid"]

    def test_values_are_counted_and_those_not_understood_are_kept(self) -> None:
        trace = [
            Note("type", "dc:type", "Article", "types.term", "journal article"),
            Note("type", "dc:type", "  Book\n chapter ", "types.unknown", ""),
            Note("type", "dc:type", "x" * 300, "types.unknown", ""),
        ]
        one = count(Record(source="a"), trace)
        assert one.steps == [("dc:type", "types.term", 1), ("dc:type", "types.unknown", 2)]
        assert one.unknown == [("types.unknown", "Book chapter"), ("types.unknown", "x" * 200)]


def test_a_fallback_says_that_something_was_dropped_or_left() -> None:
    for name in FALLBACKS:
        assert any(word in RULES[name].what for word in ("dropped", "left", "not in the table"))


class TestReport:
    @pytest.fixture
    def three(self, catalogue: sqlite_utils.Database, entry: Build) -> sqlite_utils.Database:
        store.put(
            catalogue,
            [
                traced(
                    entry(1, title="A", type="book"),
                    ("dc:type", "Book", "types.term"),
                    ("dc:type", "Foo", "types.unknown"),
                    ("dc:format", "pdf", "record.unused"),
                ),
                traced(entry(2, title="B"), ("dc:type", "Foo", "types.unknown")),
                traced(entry(3, title="C", source="base"), ("dc:type", "Foo", "types.unknown")),
            ],
        )
        return catalogue

    def test_what_a_source_gives(self, three: sqlite_utils.Database) -> None:
        assert report(three.conn, "orbi") == Report(
            source="orbi",
            records=2,
            counted=2,
            fields=[FieldCount("title", 2, 1.0), FieldCount("type", 1, 0.5)],
            elements=[
                ElementCount("dc:format", 1, unused=1, understood=0, share=1.0),
                ElementCount("dc:type", 3, unused=0, understood=1, share=0.3333),
            ],
            rules=[
                RuleCount("record.unused", 1, 1.0, fallback=False),
                RuleCount("types.term", 1, 0.3333, fallback=False),
                RuleCount("types.unknown", 2, 0.6667, fallback=True),
            ],
            unknown=[Unknown("types.unknown", "Foo", 2, "orbi-1")],
        )
        assert report(three.conn, "orbi").understood == 0.3333
        assert report(three.conn, "orbi").share("type") == 0.5

    def test_it_is_right_after_changes_deletions_and_removals(
        self, three: sqlite_utils.Database, entry: Build
    ) -> None:
        store.put(three, [traced(entry(1, title="A"), ("dc:type", "Bar", "types.unknown"))])
        found = report(three.conn, "orbi").unknown
        assert [(one.value, one.records, one.example) for one in found] == [
            ("Bar", 1, "orbi-1"),
            ("Foo", 1, "orbi-2"),
        ]
        store.put(three, [entry(1, deleted=True)])
        assert [one.value for one in report(three.conn, "orbi").unknown] == ["Foo"]
        store.remove(three, [2])
        assert report(three.conn, "orbi") == made(0)

    def test_the_same_record_is_counted_anew_where_other_tables_read_it(
        self, three: sqlite_utils.Database, entry: Build
    ) -> None:
        store.put(three, [traced(entry(2, title="B"), ("dc:type", "Foo", "types.ignored"))])
        assert [one.records for one in report(three.conn, "orbi").unknown] == [1]

    def test_only_sources_whose_records_changed_are_outdated(
        self, three: sqlite_utils.Database, entry: Build
    ) -> None:
        assert quality.outdated(three.conn) == ["base", "orbi"]
        for name in ("base", "orbi"):
            quality.show(three, Summary("2026-11-20", report(three.conn, name), None, []))
        store.put(three, [traced(entry(2, title="B"), ("dc:type", "Foo", "types.unknown"))])
        assert quality.outdated(three.conn) == []
        store.put(three, [entry(3, source="base", deleted=True)])
        assert quality.outdated(three.conn) == ["base"]
        quality.show(three, Summary("2026-11-21", report(three.conn, "base"), None, []))
        assert [one.report.source for one in quality.shown(three.conn)] == ["orbi"]

    def test_readers_see_the_commonest_values(self) -> None:
        unknown = [Unknown("types.unknown", str(number), 9, "a-1") for number in range(30)]
        unknown += [Unknown("dates.unread", "x", 1, "a-1")]
        assert [one.value for one in commonest(unknown, 2)] == ["0", "1", "x"]


def fields(**shares: float) -> list[FieldCount]:
    return [FieldCount(name, 0, share) for name, share in shares.items()]


def rules(**values: int) -> list[RuleCount]:
    whole = sum(values.values())
    return [
        RuleCount(f"names.{name}", count, count / whole, fallback=False)
        for name, count in values.items()
    ]


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ({"fields": fields(title=1, type=0.5)}, {"fields": fields(title=1, type=0.54)}, []),
        (
            {"fields": fields(title=1, type=0.5)},
            {"fields": fields(title=1, funding=0.06)},
            ["funding: 6%, before 0%", "type: 0%, before 50%"],
        ),
        (
            {"rules": rules(given=90, inverted=10)},
            {"rules": rules(given=80, inverted=20)},
            ["names.given: 80%, before 90%", "names.inverted: 20%, before 10%"],
        ),
        ({"rules": rules(given=9, inverted=1)}, {"rules": rules(given=8, inverted=2)}, []),
        (
            {"unknown": [Unknown("types.unknown", "Foo", 9, "a-1")]},
            {
                "unknown": [
                    Unknown("names.unparsed", "Xu", 9, "a-1"),
                    Unknown("types.unknown", "Bar", 1, "a-1"),
                    Unknown("types.unknown", "Baz", 2000, "a-1"),
                    Unknown("types.unknown", "Foo", 1, "a-1"),
                ]
            },
            [
                "types.unknown: “Bar” is new, in 1 record",
                "types.unknown: “Baz” is new, in 2,000 records",
            ],
        ),
    ],
)
def test_drift(before: dict[str, Any], now: dict[str, Any], told: list[str]) -> None:
    assert [change.told for change in drift(made(**before), made(**now))] == told


def test_of_a_few_records_no_share_is_told() -> None:
    before, now = made(19, fields=fields(type=1)), made(19, fields=fields(type=0))
    assert drift(before, now) == []
    assert drift(made(20, fields=fields(type=1)), made(20, fields=fields(type=0))) == [
        Change("field", "type", 1, 0)
    ]


def test_only_terms_are_kept_of_what_was_not_understood() -> None:
    person = Unknown("names.unparsed", "Xu", 9, "a-1")
    term = Unknown("languages.unknown", "Klingon", 9, "a-1")
    assert to_keep(made(unknown=[term, person])).unknown == [term]
