"""Connections that do nothing are closed, and no client holds all of them."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.explorer.shelf import SEED
from tests.explorer.test_serve import asked, serving

PROGRAM = """
import pathlib, sys, time
from harvester.explorer import connection, download, forms, serve
from harvester.explorer.clients import Policy
from harvester.export import Exporter

def write(records):
    time.sleep(3)
    yield "x" * 20_000_000

forms.exporters = lambda: {"bibtex": Exporter("bibtex", ".bib", "text/plain", write)}
download.STALLED_AFTER = 2
connection.IDLE_SECONDS = 1
connection.STALLED_SECONDS = 3
connection.MOST_OF_ONE = 3
policy = Policy(limited="LIMITED")
serve.serve(
    pathlib.Path(sys.argv[1]), "127.0.0.1", 0, policy, listening=lambda url: print(url, flush=True)
)
"""
UNLIMITED = PROGRAM.replace("LIMITED", "remote")
LIMITED = PROGRAM.replace("LIMITED", "all")
ABOUT = b"GET /about HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@contextlib.contextmanager
def connected(host: str, port: int, *, count: int = 1) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(socket.create_connection((host, port), timeout=30))
            for _ in range(count)
        ]


def is_open(connection: socket.socket) -> bool:
    """Whether a connection on which nothing was answered is still held."""
    connection.settimeout(0.1)
    try:
        return connection.recv(1) != b""
    except TimeoutError:
        return True
    except ConnectionError:
        return False


def is_reset(connection: socket.socket, *, within: int) -> bool:
    """Whether a connection that is only written to is closed within so many seconds."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        time.sleep(0.5)
        try:
            connection.send(b"G")
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


def test_who_asks_for_nothing_is_let_go(directory: Path) -> None:
    with serving(UNLIMITED, directory) as there, connected(*there) as (silent,):
        assert is_open(silent)
        time.sleep(2)
        assert not is_open(silent)
        assert asked(*there, ABOUT).startswith(b"HTTP/1.1 200 ")


def test_so_is_who_never_comes_to_the_end_of_a_question(directory: Path) -> None:
    with serving(UNLIMITED, directory) as there, connected(*there) as (slow,):
        started = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while is_open(slow) and time.monotonic() < started + 20:
                slow.send(b"G")
        assert time.monotonic() < started + 10


def test_so_is_who_asks_on_and_on_and_takes_no_answer(directory: Path) -> None:
    with serving(UNLIMITED, directory) as there, connected(*there) as (deaf,):
        deaf.settimeout(1)
        with contextlib.suppress(TimeoutError):
            for _ in range(3000):
                deaf.sendall(ABOUT.replace(b"Connection: close\r\n", b""))
        assert is_reset(deaf, within=20)


def test_so_is_who_takes_nothing_of_the_end_of_an_answer(directory: Path) -> None:
    with serving(UNLIMITED, directory) as there, connected(*there) as (deaf,):
        deaf.sendall(ABOUT.replace(b"/about", b"/search.bib"))
        time.sleep(8)
        deaf.settimeout(30)
        taken = 0
        with contextlib.suppress(ConnectionError):
            while piece := deaf.recv(65_536):
                taken += len(piece)
        assert 0 < taken < 20_000_000


def test_who_waits_for_an_answer_or_reads_it_slowly_is_not(directory: Path) -> None:
    with serving(UNLIMITED, directory) as (host, port):
        url = f"http://{host}:{port}/search.bib"
        with requests.get(url, stream=True, timeout=60) as answer:
            read = 0
            for piece in answer.iter_content(4_000_000):
                read += len(piece)
                time.sleep(0.3)
        assert read == 20_000_000


def test_nor_is_who_reads_slowly_what_was_written_at_once(directory: Path) -> None:
    with serving(UNLIMITED, directory) as there, connected(*there) as (slow,):
        slow.sendall(ABOUT.replace(b"/about", f"/record/{SEED.id}.bib".encode()))
        taken = 0
        while piece := slow.recv(65_536):
            taken += len(piece)
            time.sleep(0.015)
        assert taken > 20_000_000


@pytest.mark.parametrize(("program", "answered"), [(LIMITED, False), (UNLIMITED, True)])
def test_one_client_holds_no_more_than_its_share(
    directory: Path, program: str, answered: bool
) -> None:
    with serving(program, directory) as there:
        with connected(*there, count=3) as held:
            assert all(map(is_open, held))
            said = b""
            with contextlib.suppress(ConnectionError):
                said = asked(*there, ABOUT)
            assert bool(said) == answered
        time.sleep(0.5)
        assert asked(*there, ABOUT).startswith(b"HTTP/1.1 200 ")
