"""What `sources check` asks, and what it tells."""

from __future__ import annotations

import pytest

from harvester.oai.check import check, lines
from tests.oai.conftest import MakeClient, stored
from tests.servers.changes import answering, oai_error, replacing
from tests.servers.provider import Change, Misbehaviour, Provider, running


def test_a_good_server_has_no_problems(make_client: MakeClient) -> None:
    records = stored(12)
    records[0].deleted = True
    provider = Provider(
        records, page_size=10, prefixes=("oai_dc", "mods"), sets={"a": "Alpha", "b": "Beta"}
    )
    with running(provider) as url:
        report = check(make_client(url))
    assert report.problems == []
    assert report.notes == []
    assert report.identity is not None
    assert report.prefixes == ["oai_dc", "mods"]
    assert [known.spec for known in report.sets] == ["a", "b"]
    assert (report.set_count, report.more_sets) == (2, False)
    assert report.trial is not None
    assert (report.trial.records, report.trial.deleted, report.trial.more) == (10, 1, True)
    assert len(provider.asked("ListRecords")) == 1
    assert lines(report) == [
        url,
        "It is “A small provider”.",
        "Its datestamps count seconds, the earliest is 2026-01-01T12:00:00Z.",
        "Metadata prefixes: oai_dc, mods.",
        "Sets (2): a (Alpha); b (Beta)",
        "A first page in oai_dc brings 10 records of 12 (1 deleted), more follow.",
        "It can be harvested.",
    ]


def test_many_sets_are_counted_and_the_first_are_shown(make_client: MakeClient) -> None:
    sets = {f"s{number}": f"Set {number}" for number in range(30)}
    with running(Provider(stored(1), sets=sets)) as url:
        report = check(make_client(url))
    assert (len(report.sets), report.set_count) == (20, 30)
    assert any(line.startswith("Sets (30): s0 (Set 0);") for line in lines(report))


def test_no_sets_are_no_problem(make_client: MakeClient) -> None:
    with running(Provider(stored(1))) as url:
        report = check(make_client(url))
    assert report.problems == []
    assert "It has no sets." in lines(report)


def test_a_server_that_does_not_answer_has_one_problem(make_client: MakeClient) -> None:
    with running(Provider()) as url:
        pass
    report = check(make_client(url))
    assert report.identity is None
    assert len(report.problems) == 1
    assert "refused" in report.problems[0]
    assert lines(report) == [url, f"Problem: {report.problems[0]}"]


@pytest.mark.parametrize(
    ("verb", "change", "says"),
    [
        ("ListRecords", oai_error("restrictedInterface"), "registered IP addresses"),
        ("ListRecords", answering(200, b"<html>"), "HTML"),
        ("ListRecords", replacing(b"<record>.*</record>", b""), "first page of records is empty"),
        ("ListSets", answering(500, b""), "sets cannot be listed"),
        ("ListSets", oai_error("badVerb"), "sets cannot be listed"),
        ("ListMetadataFormats", answering(404, b""), "formats cannot be listed"),
    ],
)
def test_what_fails_is_told_as_a_problem(
    verb: str, change: Change, says: str, make_client: MakeClient
) -> None:
    wrong = Misbehaviour(verb=verb, change=change)
    with running(Provider(stored(3), misbehaviours=[wrong])) as url:
        report = check(make_client(url))
    (problem,) = report.problems
    assert says in problem
    assert problem.endswith(".")


@pytest.mark.parametrize(
    ("pattern", "by", "says"),
    [
        (rb">2.0<", b">1.1<", "version 1.1"),
        (rb"YYYY-MM-DDThh:mm:ssZ", b"yyyy-mm-ddthh:mm:ssz", "taken for seconds"),
        (rb"(<earliestDatestamp>)[^<]*", rb"\1aaaa-bb-cc", "“aaaa-bb-cc”, is no date"),
        (rb">persistent<", b">transient<", "for a while only"),
        (rb">persistent<", b">no<", "does not tell of deleted records"),
        (rb"<adminEmail>.*?</adminEmail>", b"", "no e-mail address"),
        (rb"(<baseURL>)[^<]*", rb"\1http://[broken", "not the one asked"),
    ],
    ids=["version", "granularity", "earliest datestamp", "transient deletions", "no deletions",
         "no e-mail", "base URL"],
)  # fmt: skip
def test_what_is_odd_is_told_as_a_note(
    pattern: bytes, by: bytes, says: str, make_client: MakeClient
) -> None:
    odd = Misbehaviour(verb="Identify", change=replacing(pattern, by))
    with running(Provider(stored(3), misbehaviours=[odd])) as url:
        report = check(make_client(url))
    assert report.problems == []
    (note,) = report.notes
    assert says in note


def test_a_server_without_oai_dc_is_tried_with_what_it_has(make_client: MakeClient) -> None:
    with running(Provider(stored(3), prefixes=("mods",))) as url:
        report = check(make_client(url))
    assert report.trial is not None
    assert report.trial.prefix == "mods"
    assert report.notes == ["It does not offer oai_dc, which every repository must."]
