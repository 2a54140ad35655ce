"""Working round what a server cannot send: all that can be had comes, and all else is named."""

from __future__ import annotations

from contextlib import closing

from hypothesis import HealthCheck, given, settings

from harvester.oai.client import Client, keep_nothing
from harvester.oai.datestamps import counts_seconds
from harvester.oai.harvest import Hole, Outcome, Window, harvest, identify
from harvester.settings import Politeness
from tests.servers.provider import running
from tests.servers.simulated import Simulated, simulated
from tests.servers.simulated import identifier as identifier_of

POLITE = Politeness(connect_timeout=5.0, read_timeout=10.0)
thorough = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)


def harvested(url: str) -> tuple[Outcome, set[str]]:
    """Harvest a server to the end; return how it ended, and the identifiers that came."""
    client = Client(url, politeness=POLITE, sleep=lambda seconds: None)
    received: set[str] = set()
    with closing(client):
        identity = identify(client, keep_nothing)
        steps = harvest(client, Window("oai_dc"), keep_nothing, identity=identity)
        while True:
            try:
                page = next(steps).page
            except StopIteration as end:
                return end.value, received
            if page.verb != "ListIdentifiers":
                received |= {record.header.identifier for record in page.records}


def inside(server: Simulated, identifier: str, hole: Hole) -> bool:
    """Say whether a hole names a record, by its identifier or by its time."""
    if hole.identifiers:
        return identifier in hole.identifiers
    datestamp = server.datestamps[int(identifier.rpartition(":")[2])]
    seconds = counts_seconds(server.granularity)
    datestamp = datestamp if seconds else datestamp[:10]
    low, high = hole.from_ or "", hole.until or "9999"
    return low[: len(datestamp)] <= datestamp <= high + "~"


def asked_again(server: Simulated, identifier: str, outcome: Outcome) -> bool:
    """Say whether the next harvest lists a record anyway, as it is dated after this one."""
    datestamp = server.datestamps[int(identifier.rpartition(":")[2])]
    return datestamp > (outcome.response_date or "9999")


@thorough
@given(simulated())
def test_a_harvest_is_complete_or_names_what_is_missing(server: Simulated) -> None:
    with running(server.provider()) as url:
        outcome, received = harvested(url)
    missing = server.identifiers - received
    if outcome.state == "complete":
        assert not missing
    elif outcome.until_now:
        assert outcome.holes
        for identifier in missing:
            holes = any(inside(server, identifier, hole) for hole in outcome.holes)
            assert holes or asked_again(server, identifier, outcome)
    assert outcome.reason or outcome.state == "complete"
    named = {identifier for hole in outcome.holes for identifier in hole.identifiers}
    assert named <= {identifier_of(number) for number in server.alone}
    if server.gives_everything:
        assert outcome.state == "complete"
