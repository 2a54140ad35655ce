"""Every row of the table of misbehaviours: a harvest is complete, or says that it is not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from harvester.oai.client import Client, keep_nothing
from harvester.oai.failures import AnswerError
from harvester.oai.harvest import Identity, Window, identify, next_from, outcome_of
from harvester.settings import Politeness
from tests.oai.conftest import Harvest, Harvested, MakeClient
from tests.servers.misbehaviours import ROWS
from tests.servers.provider import running
from tests.servers.row import DAMAGED, WATERMARK, Row, identifier, title

SERVERS = Path(__file__).parent.parent / "servers"
TITLE = "{*}title"
LIBRARIES = ("urllib3", "HTTPConnection", "object at 0x", "lxml")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_harvest_never_lies(row: Row, make_client: MakeClient, harvest: Harvest) -> None:
    polite = Politeness(connect_timeout=2.0, read_timeout=row.patience)
    provider = row.provider()
    with running(provider, tls=row.tls) as url:
        client = make_client(url + row.base, politeness=polite, quirks=row.knows)
        client.transport.page_seconds = row.patience + 0.1
        got = asked(row, client, harvest)
    outcome = got.outcome
    assert (outcome.state, received(got)) == (row.state, row.records), outcome
    assert client.quirks == row.quirks
    assert len(outcome.holes) == row.holes or row.holes == 0 < len(row.lost), outcome.holes
    assert sorted(one for hole in outcome.holes for one in hole.identifiers) == [
        identifier(number) for number in row.lost
    ]
    assert outcome.until_now == (
        outcome.state in ("complete", "partial") and (not outcome.reason or bool(outcome.holes))
    )
    if row.state == "complete":
        assert outcome.reason is None
    else:
        check_reason(row, outcome.reason)
    if row.waits is not None:
        assert got.waits == pytest.approx(row.waits, abs=1.1)
    assert sum(got.waits) <= 900
    check_titles(row, got)


def asked(row: Row, client: Client, harvest: Harvest) -> Harvested:
    """Ask a server what it is, and for its records: it may fail at the first and do the second."""
    identity = Identity()
    try:
        identity = identify(client, keep_nothing)
    except AnswerError as error:
        outcome = outcome_of(error)
        if outcome.state != "failed" or client.received is None:
            return Harvested(outcome, [], [], [])
    return harvest(client.url, window_of(row, identity), client, identity=identity)


def window_of(row: Row, identity: Identity) -> Window:
    if row.asked:
        return Window("oai_dc", None, *row.asked)
    from_ = next_from(WATERMARK, identity.granularity) if row.later else None
    return Window("oai_dc", None, from_)


def received(got: Harvested) -> int:
    """Count different records; one without an identifier is like no other."""
    pages = [step.page for step in got.steps if step.page.verb != "ListIdentifiers"]
    found = [record.header.identifier for page in pages for record in page.records]
    return len(set(found) - {""}) + found.count("")


def check_reason(row: Row, reason: str | None) -> None:
    assert reason is not None
    assert "127.0.0.1" in reason
    assert "\n" not in reason
    assert not any(word in reason for word in LIBRARIES)
    for piece in row.says:
        assert piece in reason


def check_titles(row: Row, got: Harvested) -> None:
    """No title is harmed by what is wrong with another record, or with the page."""
    damaged = row.title or title(DAMAGED)
    for step in got.steps:
        for record in step.page.records:
            if record.metadata is not None and record.header.identifier:
                number = int(record.header.identifier.rpartition(":")[2])
                wanted = damaged if number == DAMAGED else title(number)
                assert " ".join(record.metadata.findtext(TITLE, "").split()) == wanted


def test_the_table_names_each_row_once() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("file", ["peers.yml", "metha.yml"])
def test_what_others_did_is_told_of_rows_that_exist(file: str) -> None:
    recorded = yaml.safe_load((SERVERS / file).read_text("utf-8"))
    measured = [recorded] if file == "metha.yml" else list(recorded.values())
    assert measured
    for one in measured:
        assert one["rows"].keys() <= {row.name for row in ROWS}
