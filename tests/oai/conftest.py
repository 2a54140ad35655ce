"""Providers and clients of the tests of asking."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import msgspec
import pytest

from harvester.oai.client import Client
from harvester.oai.harvest import Outcome, Step, Window
from harvester.oai.harvest import harvest as walk
from harvester.oai.received import Received
from harvester.settings import Politeness
from tests.servers.provider import Stored

ALL = Window("oai_dc")


class Harvested(msgspec.Struct):
    """What a harvest gave, and what happened on the way."""

    outcome: Outcome
    steps: list[Step]
    kept: list[Received]
    waits: list[float]

    @property
    def identifiers(self) -> list[str]:
        """Identifiers of what came as records, in their order; of the doubles the first."""
        pages = [step.page for step in self.steps if step.page.verb != "ListIdentifiers"]
        found = [record.header.identifier for page in pages for record in page.records]
        return list(dict.fromkeys(found))


Harvest = Callable[..., Harvested]
MakeClient = Callable[..., Client]


def stored(count: int, first: int = 0) -> list[Stored]:
    return [
        Stored(
            f"oai:x:{number:02}",
            f"<thing><title>Title {number}</title></thing>",
            f"2026-01-{1 + number % 28:02}T12:00:00Z",
        )
        for number in range(first, first + count)
    ]


@pytest.fixture
def waits() -> list[float]:
    """The seconds that a client waited for."""
    return []


@pytest.fixture
def make_client(waits: list[float]) -> Generator[MakeClient, None, None]:
    """Clients that wait in no time, and lose patience with a silent server quickly."""
    made: list[Client] = []

    def make(url: str, **options: object) -> Client:
        quick = Politeness(connect_timeout=2.0, read_timeout=0.3)
        arguments = {"politeness": quick, "sleep": waits.append, **options}
        client = Client(url, **arguments)  # type: ignore[arg-type]
        client.transport.page_seconds = 1.0
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def harvest(make_client: MakeClient, waits: list[float]) -> Harvest:
    """Harvest a URL to its end."""

    def run(url: str, window: Window = ALL, client: Client | None = None, **more: Any) -> Harvested:
        kept: list[Received] = []

        def keep(received: Received) -> int:
            kept.append(received)
            return len(kept)

        steps = []
        answers = walk(client or make_client(url), window, keep, **more)
        while True:
            try:
                steps.append(next(answers))
            except StopIteration as stop:
                return Harvested(stop.value, steps, kept, waits)

    return run
