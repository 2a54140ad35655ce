"""How one request is made: one session, kept before it is read, patient, and discreet."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sickle import oaiexceptions
from sickle.app import Sickle

from harvester import __version__
from harvester.errors import TRY_LATER, HarvesterError, UsageError
from harvester.oai import transport
from harvester.oai.client import Client
from harvester.oai.failures import (
    AnswerError,
    BlockedError,
    LoopError,
    ThrottledError,
    connection_failure,
    retry_after,
)
from harvester.oai.oai_errors import OtherOaiError, code_of
from harvester.oai.received import Received, content
from harvester.settings import Politeness
from tests.oai.conftest import MakeClient, stored
from tests.servers.changes import answering, oai_error
from tests.servers.lists import token
from tests.servers.provider import Misbehaviour, Provider, Question, Reply, running


def keeping(kept: list[Received]) -> Callable[[Received], int]:
    def keep(received: Received) -> int:
        kept.append(received)
        return len(kept)

    return keep


def identify_says(change: Callable[[Question, Reply], Reply]) -> Provider:
    return Provider(misbehaviours=[Misbehaviour(verb="Identify", change=change)])


def test_it_is_a_sickle_whose_verbs_give_pages(make_client: MakeClient) -> None:
    provider = Provider(stored(5), page_size=2, sets={"a": "A"})
    with running(provider) as url:
        client = make_client(url)
        assert isinstance(client, Sickle)
        assert client.Identify().verb == "Identify"
        assert client.GetRecord(identifier="oai:x:03", metadataPrefix="oai_dc").records[0]
        assert [page.verb for page in client.ListSets()] == ["ListSets"]
        assert [page.verb for page in client.ListMetadataFormats()] == ["ListMetadataFormats"]
        for verb in (client.ListRecords, client.ListIdentifiers):
            pages = list(verb(metadataPrefix="oai_dc", set=None))
            assert [len(page.records) for page in pages] == [2, 2, 1]
    assert provider.asked("ListRecords") == [
        {"verb": "ListRecords", "metadataPrefix": "oai_dc"},
        {"verb": "ListRecords", "resumptionToken": "2|metadataPrefix=oai_dc"},
        {"verb": "ListRecords", "resumptionToken": "4|metadataPrefix=oai_dc"},
    ]


def test_deleted_records_can_be_left_out_as_in_sickle(make_client: MakeClient) -> None:
    records = stored(4)
    records[1].deleted = True
    with running(Provider(records)) as url:
        (page,) = make_client(url).ListRecords(metadataPrefix="oai_dc", ignore_deleted=True)
    assert [record.header.identifier for record in page.records] == [
        "oai:x:00", "oai:x:02", "oai:x:03"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "error", "code"),
    [
        ({"metadataPrefix": "nope"}, oaiexceptions.CannotDisseminateFormat,
         "cannotDisseminateFormat"),
        ({"metadataPrefix": "oai_dc", "from": "2099-01-01"}, oaiexceptions.NoRecordsMatch,
         "noRecordsMatch"),
        ({"metadataPrefix": "oai_dc", "set": "a"}, oaiexceptions.NoSetHierarchy, "noSetHierarchy"),
        ({}, oaiexceptions.BadArgument, "badArgument"),
        ({"resumptionToken": "old"}, oaiexceptions.BadResumptionToken, "badResumptionToken"),
    ],
)  # fmt: skip
def test_errors_of_the_protocol_are_sickles_exceptions(
    arguments: dict[str, Any], error: type[Exception], code: str, make_client: MakeClient
) -> None:
    with running(Provider(stored(1))) as url, pytest.raises(error) as caught:
        make_client(url).ListRecords(**arguments)
    assert code_of(caught.value) == code


def test_an_error_of_the_servers_own_keeps_its_code(make_client: MakeClient) -> None:
    provider = identify_says(oai_error("restrictedInterface", 403))
    with running(provider) as url, pytest.raises(OtherOaiError, match="own words") as caught:
        make_client(url).Identify()
    assert isinstance(caught.value, oaiexceptions.OAIError)
    assert code_of(caught.value) == "restrictedInterface"


def test_every_answer_is_kept_as_it_came_before_it_is_read(
    make_client: MakeClient, waits: list[float]
) -> None:
    kept: list[Received] = []
    garbage = Misbehaviour(change=answering(200, b"\x00garbage"), page=2)
    busy = Misbehaviour(change=answering(503, b"busy", {"Set-Cookie": "id=1"}), page=1, times=1)
    provider = Provider(stored(4), page_size=2, gzips=True, misbehaviours=[busy, garbage])

    def keep(received: Received) -> int:
        kept.append(received)
        assert len(provider.questions) == len(kept), "the next question was asked too early"
        return 100 + len(kept)

    with running(provider) as url:
        client = make_client(url)
        client.keep = keep
        pages = client.ListRecords(metadataPrefix="oai_dc")
        next(pages)
        assert pages.number == 102
        with pytest.raises(AnswerError):
            next(pages)
    assert [received.status for received in kept] == [503, 200, 200]
    assert kept[0].headers.keys() & {"set-cookie", "Set-Cookie"} == set()
    first = kept[1]
    assert first.body.startswith(b"\x1f\x8b")
    assert content(first).startswith(b"<?xml")
    assert first.headers["content-encoding"] == "gzip"
    assert first.url == url
    assert first.params == {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    assert first.received_at.endswith("Z")
    assert 0 < first.elapsed < 5
    assert kept[2].body == b"\x00garbage"


def test_what_keep_raises_stops_the_harvest(make_client: MakeClient) -> None:
    def keep(received: Received) -> int:
        raise HarvesterError("the disk is full")

    with running(Provider(stored(1))) as url:
        client = make_client(url)
        client.keep = keep
        with pytest.raises(HarvesterError, match="disk is full"):
            client.Identify()


def test_one_connection_serves_a_whole_list(make_client: MakeClient) -> None:
    provider = Provider(stored(20), page_size=5)
    with running(provider) as url:
        list(make_client(url).ListRecords(metadataPrefix="oai_dc"))
    assert len({question.connection for question in provider.questions}) == 1


@pytest.mark.parametrize(
    ("contact", "agent", "from_"),
    [
        (None, f"benelux-harvester/{__version__}", None),
        ("anna@example.org", f"benelux-harvester/{__version__} (+anna@example.org)",
         "anna@example.org"),
        ("mailto:anna@example.org", f"benelux-harvester/{__version__} (+anna@example.org)",
         "anna@example.org"),
        ("https://example.org/us", f"benelux-harvester/{__version__} (+https://example.org/us)",
         None),
    ],
)  # fmt: skip
def test_it_says_who_asks(
    contact: str | None, agent: str, from_: str | None, make_client: MakeClient
) -> None:
    provider = Provider()
    with running(provider) as url:
        make_client(url, contact=contact).Identify()
    headers = provider.questions[0].headers
    assert headers["user-agent"] == agent
    assert headers.get("from") == from_
    assert headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("contact", ["anna@example.org\nX-Evil: 1", "Zoë", "a (b)"])
def test_a_contact_that_fits_no_header_is_refused(contact: str) -> None:
    with pytest.raises(UsageError, match="contact"):
        Client("http://example.org/oai", contact=contact)


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="no http or https"):
        Client("orbi")


def test_a_query_string_of_the_base_url_is_kept(make_client: MakeClient) -> None:
    kept: list[Received] = []
    provider = Provider(stored(3), page_size=2)
    with running(provider) as url:
        client = make_client(f"{url}?mode=oaipmh&apikey=s3cret")
        client.keep = keeping(kept)
        list(client.ListRecords(metadataPrefix="oai_dc"))
    assert len(provider.questions) == 2
    assert all(q.arguments["mode"] == "oaipmh" for q in provider.questions)
    assert all(q.arguments["apikey"] == "s3cret" for q in provider.questions)
    assert kept[0].url == f"{url}?mode=oaipmh&apikey=***"
    told = [(received.url, received.params, received.headers) for received in kept]
    assert "s3cret" not in repr(told) + client.url + client.endpoint


def test_tokens_with_special_characters_arrive_unharmed(make_client: MakeClient) -> None:
    odd = "2|metadataPrefix=oai_dc|x=a+b/c%2F&d é!"
    provider = Provider(
        stored(3),
        page_size=2,
        misbehaviours=[
            Misbehaviour(change=token(odd.replace("&", "&amp;").encode()), page=1, times=1)
        ],
    )
    with running(provider) as url:
        assert len(list(make_client(url).ListRecords(metadataPrefix="oai_dc"))) == 2
    assert provider.questions[1].arguments["resumptionToken"] == odd


def test_user_and_password_are_sent_and_told_nobody(make_client: MakeClient) -> None:
    user = ("anna", "s3cret-é€")
    kept: list[Received] = []
    with running(Provider(user=user)) as url:
        with pytest.raises(BlockedError, match="asks for a user and password"):
            make_client(url).Identify()
        client = make_client(url, auth=user)
        client.keep = keeping(kept)
        client.Identify()
        in_url = url.replace("//", "//anna:s3cret-%C3%A9%E2%82%AC@")
        inline = make_client(in_url)
        inline.keep = client.keep
        inline.Identify()
    assert "s3cret" not in repr(kept) + inline.url + inline.host


def test_redirects_are_followed_and_keep_the_question(make_client: MakeClient) -> None:
    new = Provider(stored(3), page_size=2)
    with running(new) as new_url:
        moved = answering(301, b"", {"Location": new_url})  # the query is lost
        old = Provider(misbehaviours=[Misbehaviour(change=moved)])
        with running(old) as old_url:
            client = make_client(old_url, auth=("anna", "s3cret"))
            kept: list[Received] = []
            client.keep = keeping(kept)
            pages = list(client.ListRecords(metadataPrefix="oai_dc"))
    assert [len(page.records) for page in pages] == [2, 1]
    assert kept[0].url == new_url
    assert "authorization" in old.questions[0].headers
    assert all("authorization" not in question.headers for question in new.questions)


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("/oai?verb=Identify", "redirects 10 times"),
        ("file:///etc/passwd", "no address"),
        ("http://[::1/", "no address"),
        ("javascript:alert(1)", "no address"),
    ],
)
def test_redirects_to_nowhere_are_told(location: str, says: str, make_client: MakeClient) -> None:
    provider = identify_says(answering(302, b"", {"Location": location}))
    with running(provider) as url, pytest.raises(AnswerError, match=says):
        make_client(url).Identify()


def test_a_pause_is_kept_between_two_requests(make_client: MakeClient, waits: list[float]) -> None:
    polite = Politeness(delay=5.0, connect_timeout=2.0, read_timeout=2.0)
    with running(Provider()) as url:
        client = make_client(url, politeness=polite)
        client.Identify()
        assert waits == []
        client.Identify()
    assert waits == [pytest.approx(5.0, abs=0.5)]


def test_a_page_that_is_too_large_is_not_taken(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    monkeypatch.setattr(transport, "MAX_BODY", 1024 * 1024)
    huge = identify_says(answering(200, b"x" * 2_000_000))
    with running(huge) as url, pytest.raises(AnswerError, match="more than 1 MiB as one page"):
        make_client(url).Identify()
    assert waits == []


def test_a_loop_ends_for_who_only_iterates_too(make_client: MakeClient) -> None:
    looping = Misbehaviour(change=token(b"2|metadataPrefix=oai_dc"))
    provider = Provider(stored(6), page_size=2, misbehaviours=[looping])
    with running(provider) as url, pytest.raises(LoopError, match="same resumption token"):
        list(make_client(url).ListRecords(metadataPrefix="oai_dc"))
    assert len(provider.questions) == 2


def test_patience_has_an_end(make_client: MakeClient, waits: list[float]) -> None:
    busy = identify_says(answering(503, b"", {"Retry-After": "400"}))
    with running(busy) as url, pytest.raises(ThrottledError, match="harvest again after") as caught:
        make_client(url).Identify()
    assert waits == [400, 400]
    assert caught.value.exit_code == TRY_LATER


def test_a_server_that_refuses_the_connection_is_named(
    make_client: MakeClient, waits: list[float]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(AnswerError) as caught:
            make_client(f"http://127.0.0.1:{port}/oai").Identify()
    assert str(caught.value) == f"127.0.0.1:{port}: the connection was refused: try again later"
    assert waits == []


def test_a_host_that_does_not_exist_is_named(make_client: MakeClient) -> None:
    with pytest.raises(AnswerError) as caught:
        make_client("http://repository.invalid/oai").Identify()
    assert str(caught.value) == (
        "repository.invalid: the host name cannot be resolved: check the address and the network"
    )


def test_plain_http_on_a_secure_address_is_told(make_client: MakeClient) -> None:
    with running(Provider()) as url, pytest.raises(AnswerError, match="secure connection"):
        make_client(url.replace("http:", "https:")).Identify()


def test_a_server_of_another_kind_is_told(make_client: MakeClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mail:

        def greet() -> None:
            for _ in range(4):
                connection, _ = mail.accept()
                with connection:
                    connection.sendall(b"220 mail.example.org ESMTP\r\n")
                    connection.recv(4096)

        threading.Thread(target=greet, daemon=True).start()
        with pytest.raises(AnswerError, match="what it sends is not HTTP"):
            make_client(f"http://127.0.0.1:{mail.getsockname()[1]}/oai").Identify()


def test_an_untrusted_certificate_is_told_and_not_tried_again() -> None:
    untrusted = ssl.SSLCertVerificationError("certificate verify failed")
    untrusted.verify_message = "unable to get local issuer certificate"
    wrapped = ValueError("outer")
    wrapped.__cause__ = untrusted
    failure = connection_failure(wrapped, "https://user:pw@x.org/oai?key=s", answered=True)
    assert str(failure).startswith("x.org: its TLS certificate is not trusted (unable to get")
    assert not failure.passes


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 7.5 "}, 7.5),
        ({"retry-after": "-7"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "Mon, 23 Nov 2026 01:00:09 GMT"}, 9),
        ({"retry-after": "Mon, 23 Nov 2026 01:00:09 GMT",
          "date": "Mon, 23 Nov 2026 01:00:04 GMT"}, 5),
        ({"retry-after": "Sun, 22 Nov 2026 01:00:00 GMT"}, 0),
        ({"retry-after": "Mon, 23 Nov 2026 01:00:09 -0000"}, 9),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_both_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, "2026-11-23T01:00:00Z") == seconds


@pytest.mark.parametrize(("host", "sent"), [("elsewhere.org", None), ("127.0.0.1", "Basic YTpi")])
def test_a_netrc_speaks_for_its_host_alone_at_every_request(
    make_client: MakeClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    sent: str | None,
) -> None:
    (tmp_path / ".netrc").write_text(f"machine {host} login a password b\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    provider = Provider()
    with running(provider) as url:
        client = make_client(url)
        client.Identify()
        client.Identify()
    assert [one.headers.get("authorization") for one in provider.questions] == [sent, sent]


def test_a_cookie_goes_back_with_the_next_request(make_client: MakeClient) -> None:
    sets = Misbehaviour(
        verb="Identify",
        change=lambda question, reply: replace(
            reply, headers={"Set-Cookie": f"n={question.number}"}
        ),
    )
    provider = Provider(misbehaviours=[sets])
    with running(provider) as url:
        client = make_client(url)
        for _ in range(3):
            client.Identify()
    assert [one.headers.get("cookie") for one in provider.questions] == [None, "n=1", "n=2"]


def test_a_proxy_of_the_environment_is_asked_for_every_page(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "")
    provider = Provider()
    with running(provider) as url:
        monkeypatch.setenv("http_proxy", url)
        client = make_client("http://repository.example/oai")
        client.Identify()
        client.Identify()
    assert len(provider.questions) == 2


def test_a_host_without_proxy_is_asked_itself(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    provider = Provider()
    with running(provider) as url:
        client = make_client(url)
        client.Identify()
        client.Identify()
    assert len(provider.questions) == 2
