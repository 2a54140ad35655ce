"""The request for the next page is on its way early; no answer is ever taken for another's."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from harvester.errors import HarvesterError
from harvester.oai import ahead
from harvester.oai.client import Client, PageIterator
from harvester.oai.failures import StoppedError
from harvester.oai.harvest import harvest as walk
from harvester.oai.page import Page
from harvester.oai.received import Received
from harvester.oai.stopping import Stop
from harvester.settings import Politeness
from tests.oai.conftest import ALL, Harvest, MakeClient, stored
from tests.servers.provider import Misbehaviour, Provider, Question, Reply, running
from tests.servers.serving import CERTIFICATE

PAGES = 5


def until(provider: Provider, count: int) -> bool:
    """Wait until a provider has been asked so many times; say whether it was."""
    for _ in range(200):
        if len(provider.questions) >= count:
            return True
        time.sleep(0.01)
    return False


def begun(client: Client) -> tuple[PageIterator, Page]:
    """Ask for the first page, and for the second ahead of its turn."""
    pages = client.ListRecords(metadataPrefix="oai_dc")
    page = next(pages)
    pages.ask_ahead()
    return pages, page


def identifiers(page: Page) -> list[str]:
    return [record.header.identifier for record in page.records]


def changed(change: dict[str, str]) -> Misbehaviour:
    """Answer with further headers."""
    return Misbehaviour(
        change=lambda question, reply: replace(reply, headers=reply.headers | change), verb=()
    )


def test_the_server_works_while_a_page_is_read(make_client: MakeClient) -> None:
    provider = Provider(stored(20), page_size=10)
    with running(provider) as url:
        pages, _ = begun(make_client(url))
        assert until(provider, 2)
        assert len(identifiers(next(pages))) == 10
    assert len(provider.questions) == 2
    assert len({question.connection for question in provider.questions}) == 1


def test_what_is_asked_instead_is_answered_with_its_own_answer(
    make_client: MakeClient, waits: list[float]
) -> None:
    provider = Provider(stored(30), page_size=10)
    with running(provider) as url:
        client = make_client(url)
        pages, _ = begun(client)
        assert until(provider, 2)
        record = client.GetRecord(identifier="oai:x:25", metadataPrefix="oai_dc")
        assert identifiers(record) == ["oai:x:25"]
        assert identifiers(next(pages)) == [f"oai:x:{number}" for number in range(10, 20)]
    assert waits == []


def test_a_page_asked_for_twice_ahead_comes_once(make_client: MakeClient) -> None:
    provider = Provider(stored(30), page_size=10)
    with running(provider) as url:
        pages, _ = begun(make_client(url))
        pages.ask_ahead()
        assert len([*pages]) == 2
    assert len(provider.questions) == 3


@pytest.mark.parametrize("tls", [False, True])
def test_every_page_is_asked_for_once(
    tls: bool, harvest: Harvest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    provider = Provider(stored(PAGES * 10), page_size=10)
    with running(provider, tls=tls) as url:
        got = harvest(url)
    assert got.outcome.state == "complete"
    assert len(got.identifiers) == PAGES * 10
    assert len(provider.questions) == PAGES
    assert len({question.connection for question in provider.questions}) == 1


def test_a_cookie_that_came_with_a_page_goes_along_with_the_next(harvest: Harvest) -> None:
    provider = Provider(stored(PAGES * 10), page_size=10)

    def change(question: Question, reply: Reply) -> Reply:
        return replace(reply, headers={**reply.headers, "Set-Cookie": f"page={question.page}"})

    provider.misbehaviours.append(Misbehaviour(change=change))
    with running(provider) as url:
        assert harvest(url).outcome.state == "complete"
    sent = [question.headers.get("cookie") for question in provider.questions]
    assert sent == [None, *(f"page={number}" for number in range(1, PAGES))]


def test_a_proxy_is_asked_ahead_too(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Provider(stored(20), page_size=10)
    monkeypatch.setenv("no_proxy", "")
    with running(provider) as url:
        monkeypatch.setenv("http_proxy", url)
        pages, _ = begun(make_client("http://repository.example/oai"))
        assert until(provider, 2)
        next(pages)
    assert [question.path.partition("?")[0] for question in provider.questions] == [
        "http://repository.example/oai"
    ] * 2


def test_a_server_that_hangs_up_after_each_answer_is_asked_in_turn(harvest: Harvest) -> None:
    provider = Provider(stored(PAGES * 10), page_size=10)
    provider.misbehaviours.append(changed({"Connection": "close"}))
    with running(provider) as url:
        got = harvest(url)
    assert (got.outcome.state, len(got.identifiers)) == ("complete", PAGES * 10)
    assert len(provider.questions) == PAGES
    assert got.waits == []


def test_a_server_that_hangs_up_unannounced_is_asked_again(harvest: Harvest) -> None:
    provider = Provider(stored(PAGES * 10), page_size=10)
    hangs_up = Misbehaviour(
        change=lambda question, reply: replace(reply, hangs_up=True), page=3, times=1
    )
    provider.misbehaviours.append(hangs_up)
    with running(provider) as url:
        got = harvest(url)
    assert (got.outcome.state, len(got.identifiers)) == ("complete", PAGES * 10)


def test_a_request_that_cannot_be_sent_early_is_made_in_its_turn(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Provider(stored(20), page_size=10)
    with running(provider) as url:
        client = make_client(url)
        pages = client.ListRecords(metadataPrefix="oai_dc")
        next(pages)
        with monkeypatch.context() as patched:
            patched.setattr(ahead._Connection, "putrequest", broken)
            pages.ask_ahead()
        assert len(identifiers(next(pages))) == 10
    assert len(provider.questions) == 2


def broken(*args: object, **kwargs: object) -> None:
    raise BrokenPipeError("the test says so")


def test_a_server_that_needs_a_rest_is_not_asked_ahead(make_client: MakeClient) -> None:
    provider = Provider(stored(20), page_size=10)
    with running(provider) as url:
        slow = Politeness(delay=60.0, connect_timeout=2.0, read_timeout=2.0)
        begun(make_client(url, politeness=slow))
        time.sleep(0.05)
    assert len(provider.questions) == 1


def test_a_page_on_its_way_is_finished_when_the_run_has_to_end(make_client: MakeClient) -> None:
    provider = Provider(stored(30), page_size=10)
    stop = Stop()
    with running(provider) as url:
        pages, _ = begun(make_client(url, stop=stop))
        stop.ask("the test says so")
        assert len(identifiers(next(pages))) == 10
        pages.ask_ahead()
        with pytest.raises(StoppedError):
            next(pages)
    assert len(provider.questions) == 2


def test_nothing_is_told_of_a_page_before_it_is_kept(make_client: MakeClient) -> None:
    kept: list[int] = []

    def keep(received: Received) -> int:
        time.sleep(0.02)  # longer than it takes to read a page
        kept.append(len(kept) + 1)
        return len(kept)

    with running(Provider(stored(30), page_size=10)) as url:
        for place, step in enumerate(walk(make_client(url), ALL, keep), start=1):
            assert step.number == place == len(kept)


def test_a_page_that_cannot_be_kept_ends_the_harvest_whatever_it_says(
    make_client: MakeClient,
) -> None:
    def keep(received: Received) -> int:
        raise HarvesterError("the disk is full")

    damaged = Misbehaviour(change=lambda question, reply: replace(reply, body=b"<OAI-PMH>"))
    with running(Provider(stored(3), misbehaviours=[damaged])) as url:
        client = make_client(url)
        with pytest.raises(HarvesterError, match="the disk is full"):
            next(walk(client, ALL, keep))


def test_a_closed_client_leaves_no_thread(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with running(Provider(stored(20), page_size=10)) as url:
        client = Client(url)
        begun(client)
        client.close()
        left = set(threading.enumerate()) - before
    assert not [thread for thread in left if thread.name.startswith("keep")]
