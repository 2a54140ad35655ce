"""A harvest that is stopped or killed anywhere, night after night, loses nothing."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from harvester.errors import COMPLETE, TRY_LATER
from harvester.oai.stopping import Stop
from harvester.results import Progress
from tests.servers.installation import Installation, Template, template
from tests.servers.provider import Misbehaviour, Provider, Question, Reply, running
from tests.servers.row import METADATA, stored
from tests.servers.simulated import Simulated, simulated

thorough = settings(
    max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)


class KilledError(BaseException):
    """Stands for `kill -9`: nothing catches it, and what was not committed is gone."""


@pytest.fixture(scope="module")
def installations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    with template(tmp_path_factory.mktemp("template") / "db", []) as made:
        yield made


@thorough
@given(
    server=simulated(most=25),
    nights=st.lists(st.tuples(st.integers(1, 25), st.booleans()), min_size=1, max_size=4),
)
def test_nothing_is_lost(
    server: Simulated, nights: list[tuple[int, bool]], installations: Template
) -> None:
    provider = server.provider()
    for number, record in enumerate(provider.records):
        record.metadata = METADATA.format(number)
    with running(provider) as url, installations.copied() as installation:
        for count, killed in nights:
            if killed:
                kill(installation, url, count)
            else:
                stop(installation, provider, url, count)
        check(installation, url, server)
        provider.misbehaviours.clear()
        result, code = installation.harvest(url)
        assert (result.state, code) == ("complete", COMPLETE)
        assert set(installation.titles()) == server.identifiers


def test_a_night_without_news_after_one_that_was_stopped_is_complete(
    installations: Template,
) -> None:
    provider = Provider([stored(0)])
    with running(provider) as url, installations.copied() as installation:
        assert installation.harvest(url)[0].state == "complete"
        stop(installation, provider, url, 1)
        result, code = installation.harvest(url)
        assert (result.state, code) == ("complete", COMPLETE)


def test_a_harvest_that_fails_asks_no_further(installations: Template) -> None:
    """Its thread would write into databases that are being closed, which ends the process."""
    slow = Misbehaviour(change=lambda question, reply: replace(reply, silence=0.3), since=2)
    provider = Provider([stored(number) for number in range(30)], page_size=3)
    provider.misbehaviours.append(slow)
    before = set(threading.enumerate())
    with running(provider) as url, installations.copied() as installation:
        kill(installation, url, 1)
        new = set(threading.enumerate()) - before
    assert not any(thread.name.startswith("keep") for thread in new)


def stop(installation: Installation, provider: Provider, url: str, count: int) -> None:
    """Harvest until the server has been asked so many times; then end in good order."""
    asked = Stop()

    def change(question: Question, reply: Reply) -> Reply:
        asked.ask("the test says so")
        return reply

    stopping = Misbehaviour(change=change, verb=(), since=count)
    provider.misbehaviours.append(stopping)
    result, code = installation.harvest(url, stop=asked)
    provider.misbehaviours.remove(stopping)
    if result.state == "interrupted":
        assert code == TRY_LATER
        assert "the test says so" in result.line()


def kill(installation: Installation, url: str, count: int) -> None:
    """Harvest until so many pages came; then die."""
    pages = 0

    def progress(step: Progress) -> None:
        nonlocal pages
        pages += 1
        if pages == count:
            raise KilledError

    with contextlib.suppress(KilledError):
        installation.harvest(url, progress=progress)


def check(installation: Installation, url: str, server: Simulated) -> None:
    """Harvest to the end; every record is there, or it is said that some are not."""
    result, code = installation.harvest(url)
    missing = server.identifiers - set(installation.titles())
    if result.state == "complete":
        assert code == COMPLETE
        assert not missing
        assert installation.status().missing == 0
    else:
        assert code != COMPLETE
        assert result.reason
    if server.gives_everything:
        assert result.state == "complete"
