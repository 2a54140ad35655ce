"""Back to the source: originals are fetched, go before the copies, and both are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from harvester import pipeline
from harvester.archive import open_archive
from harvester.normalise.completion import PREFERRED
from harvester.results import Ask, Result
from harvester.settings import Settings, load
from tests.pipeline.asking import records
from tests.servers.provider import Misbehaviour, Provider, Reply, Stored, running

DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>'
    "{subjects}<dc:identifier>{host}/handle/9999/{number}</dc:identifier>"
    "<dc:date>2019</dc:date><dc:type>article</dc:type></oai_dc:dc>"
)
BASE = (
    '<base_dc:dc xmlns:base_dc="http://oai.base-search.net/base_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title} ...</dc:title>'
    "{subjects}<dc:identifier>{host}/handle/9999/{number}</dc:identifier>"
    "<dc:date>2019</dc:date><base_dc:collection>fthome</base_dc:collection></base_dc:dc>"
)
CONFIG = """
sources:
  home: {{title: Home, urls: ["{home}"], base_codes: [fthome]}}
  agg: {{title: Aggregator, urls: ["{agg}"], aggregator: true, prefixes: [base_dc]}}
"""
COUNT = 3


def subjects(*texts: str) -> str:
    return "".join(f"<dc:subject>{text}</dc:subject>" for text in texts)


def original(number: int, title: str = "Ouvrage") -> Stored:
    words = subjects("travail, emploi et formation")
    text = DC.format(
        title=f"{title} {number}", subjects=words, host="https://h.example", number=number
    )
    return Stored(f"oai:home.example:{number}", text)


def copy(number: int) -> Stored:
    words = subjects("travail", "emploi et formation")
    text = BASE.format(
        title=f"Ouvrage {number}", subjects=words, host="https://h.example", number=number
    )
    return Stored(f"fthome:oai:home.example:{number}", text)


@pytest.fixture
def home() -> Iterator[Provider]:
    found = Provider([original(number) for number in range(COUNT)])
    with running(found):
        yield found


@pytest.fixture
def aggregator() -> Iterator[Provider]:
    found = Provider([copy(number) for number in range(COUNT)], prefixes=("base_dc",))
    with running(found):
        yield found


@pytest.fixture
def harvested(installation: Settings, home: Provider, aggregator: Provider) -> Settings:
    config = installation.directory / "config.yml"
    config.write_text(CONFIG.format(home=home.url, agg=aggregator.url), encoding="utf-8")
    settings = load(installation.directory)
    (result,) = pipeline.harvest(settings, [settings.sources["agg"]], Ask())
    assert (result.state, result.tally.new) == ("complete", COUNT)
    return settings


def fetch(settings: Settings, *, full: bool = False) -> list[Result]:
    wanted = [settings.sources["agg"]]
    return pipeline.harvest(settings, wanted, Ask(from_origin=True, full=full))


def keywords(settings: Settings, source: str) -> list[list[str]]:
    found = records(settings, source=source)
    return [[word.label for word in found[key].keywords] for key in sorted(found)]


def test_originals_are_fetched_and_go_before_the_copies(
    harvested: Settings, home: Provider
) -> None:
    assert keywords(harvested, "agg") == [["travail", "emploi et formation"]] * COUNT
    (result,) = fetch(harvested)
    assert (result.source, result.state, result.tally.new) == ("home", "complete", COUNT)
    whole = [["travail, emploi et formation"]] * COUNT
    assert keywords(harvested, "agg") == keywords(harvested, "home") == whole
    record = records(harvested, source="agg")["fthome:oai:home.example:1"]
    assert record.title == "Ouvrage 1"
    assert record.origin
    assert record.origin.oai_identifier == "oai:home.example:1"
    assert {note.field for note in record.notes if note.rule == PREFERRED} >= {"keywords"}
    (told,) = pipeline.explain(harvested, record.id)
    assert told.record == record
    assert "travail" in {note.original for note in told.trace}
    assert {question.verb for question in home.questions} == {"GetRecord"}


def test_what_is_there_is_not_asked_for_again(harvested: Settings, home: Provider) -> None:
    fetch(harvested)
    asked = len(home.questions)
    assert fetch(harvested) == []
    assert len(home.questions) == asked
    (result,) = fetch(harvested, full=True)
    assert (result.state, result.tally.unchanged) == ("complete", COUNT)


def test_a_rebuild_gives_the_same(harvested: Settings) -> None:
    fetch(harvested)
    before = records(harvested)
    for file in harvested.directory.glob("catalogue.db*"):
        file.unlink()
    pipeline.rebuild(harvested)
    assert records(harvested) == before
    assert pipeline.preview(harvested).changed == 0


def test_a_harvest_of_the_origin_serves_as_well(harvested: Settings, home: Provider) -> None:
    pipeline.harvest(harvested, [harvested.sources["home"]], Ask())
    assert keywords(harvested, "agg")[0] == ["travail, emploi et formation"]
    home.records[1] = Stored("oai:home.example:1", "", "2998-01-01T00:00:00Z", deleted=True)
    pipeline.harvest(harvested, [harvested.sources["home"]], Ask(full=True))
    assert keywords(harvested, "agg")[1] == ["travail", "emploi et formation"]
    assert keywords(harvested, "agg")[2] == ["travail, emploi et formation"]


def test_an_original_that_is_hidden_takes_its_values_along(harvested: Settings) -> None:
    fetch(harvested)
    known = records(harvested, source="home")["oai:home.example:1"]
    pipeline.suppress(harvested, known.id, "withdrawn", erase=False)
    assert keywords(harvested, "agg")[1] == ["travail", "emploi et formation"]
    pipeline.show_again(harvested, known.id)
    assert keywords(harvested, "agg")[1] == ["travail, emploi et formation"]


def test_what_does_not_exist_any_more_is_told_and_no_fault(
    harvested: Settings, home: Provider
) -> None:
    del home.records[1]
    (result,) = fetch(harvested)
    assert (result.state, result.tally.new, result.exit_code) == ("complete", COUNT - 1, 0)
    assert "has no longer (oai:home.example:1)" in (result.reason or "")


def test_what_is_not_handed_out_is_told(harvested: Settings, home: Provider) -> None:
    broken = Reply(b"<OAI-PMH><GetRecord><record>", 200)
    home.misbehaviours = [
        Misbehaviour(
            verb="GetRecord",
            change=lambda question, reply: (
                broken if question.arguments["identifier"].endswith(":1") else reply
            ),
        )
    ]
    (result,) = fetch(harvested)
    assert (result.state, result.exit_code, result.tally.new) == ("partial", 1, COUNT - 1)


def test_a_server_that_wants_to_be_left_alone_is(harvested: Settings, home: Provider) -> None:
    reply = Reply(b"", 503, {"Retry-After": "86400"})
    home.misbehaviours = [Misbehaviour(verb="GetRecord", change=lambda *_: reply)]
    (result,) = fetch(harvested)
    assert (result.state, result.exit_code) == ("throttled", 75)
    asked = len(home.questions)
    (result,) = fetch(harvested)
    assert result.state == "throttled"
    assert len(home.questions) == asked
    with closing(open_archive(harvested.directory, for_reading=True)) as archive:
        rows = archive.execute("select not_before from sources where name = 'home'")
        assert rows.fetchone()[0]


def test_pages_belong_to_no_list(harvested: Settings) -> None:
    fetch(harvested)
    with closing(open_archive(harvested.directory, for_reading=True)) as archive:
        rows = archive.execute(
            "select count(*) from pages join sources on sources.id = pages.source "
            "where name = 'home' and window is not null"
        )
        assert rows.fetchone() == (0,)
