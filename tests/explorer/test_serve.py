"""`serve` starts with one line, or refuses with one."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from datasette.app import DEFAULT_SETTINGS

from harvester.archive import open_archive
from harvester.errors import HarvesterError
from harvester.explorer import serve
from tests.explorer import shelf

CUT = """
import pathlib, sys
from harvester.explorer import download, forms, serve
from harvester.export import Exporter

def write(records):
    for number, record in enumerate(records):
        yield "x" * download.PIECE
        if number == 2:
            raise download.TooSlowError

forms.exporters = lambda: {"bibtex": Exporter("bibtex", ".bib", "text/plain", write)}
serve.serve(pathlib.Path(sys.argv[1]), "127.0.0.1", 0, listening=lambda url: print(url, flush=True))
"""

PROGRAM = """
import sys, pathlib
from harvester.explorer import serve
serve.serve(pathlib.Path(sys.argv[1]), "127.0.0.1", 0, listening=lambda url: print(url, flush=True))
print("ended")
"""


def test_every_setting_is_one_of_datasette() -> None:
    assert set(serve.SETTINGS) <= set(DEFAULT_SETTINGS)


def test_it_says_where_it_listens_answers_and_ends_when_interrupted(directory: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(directory)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        response = requests.get(f"{url}search.bib", timeout=30)
        assert response.status_code == 200
        assert "gerard2019" in response.text
        assert requests.get(f"{url}nowhere/at/all", timeout=30).status_code == 404
        assert requests.head(f"{url}search.bib", timeout=30).content == b""
        process.send_signal(2)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert (out, err) == ("ended\n", "")
    assert process.returncode == 0


@contextmanager
def serving(program: str, directory: Path) -> Iterator[tuple[str, int]]:
    """Run a program that serves; gives the host and the port."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(directory)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        parts = urlsplit(process.stdout.readline().strip())
        assert parts.hostname
        assert parts.port
        yield parts.hostname, parts.port
    finally:
        process.kill()
        process.communicate()


def test_a_download_that_is_cut_short_is_an_error_for_who_reads_it(directory: Path) -> None:
    with serving(CUT, directory) as (host, port):
        response = requests.get(f"http://{host}:{port}/search.bib", stream=True, timeout=60)
        assert response.status_code == 200
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            _ = response.content


def asked(host: str, port: int, head: bytes) -> bytes:
    """Send bytes as they are; returns what comes until the connection is closed."""
    with socket.create_connection((host, port), timeout=60) as connection:
        connection.sendall(head)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    return answer


def test_it_stands_what_is_no_proper_request(directory: Path) -> None:
    with serving(PROGRAM, directory) as (host, port):
        for path, host_line, status in [
            (b"/search?q=" + b"a" * 1_000_000, b"Host: localhost", b"414"),
            (b"/search?q=a", b"Host: evil.example", b"421"),
            (b"/search?q=a", b"Host: localhost\r\nHost: evil.example", b"400"),
            (b"/search?q=a", b"X: y", b"400"),
            (b"/search?q=%ff%zz%", b"Host: localhost", b"200"),
            (b"/search?q=\xff\xfe", b"Host: localhost", b"400"),
            (b"http://evil.example/search", b"Host: localhost", b"404"),
            (b"//evil.example/%2e%2e", b"Host: localhost", b"404"),
            (b"/search?q=a HTTP/1.1\r\nX", b"Host: localhost", b"400"),
        ]:
            answer = asked(
                host,
                port,
                b"GET %s HTTP/1.1\r\n%s\r\nConnection: close\r\n\r\n" % (path, host_line),
            )
            assert answer.split(b" ", 2)[1] == status, (path[:80], answer[:200])
            assert b"\r\nserver:" not in answer.lower()


def test_it_serves_the_catalogue_alone(tmp_path: Path) -> None:
    shelf.fill(tmp_path)
    open_archive(tmp_path).close()
    instance = serve.instance(tmp_path)
    assert set(instance.databases) == {"_internal", "catalogue"}


def refusal(directory: Path) -> str:
    with pytest.raises(HarvesterError) as error:
        serve.serve(directory, "127.0.0.1", 0, listening=lambda url: None)
    line = str(error.value)
    assert "\n" not in line
    return line


def test_it_refuses_without_a_catalogue(tmp_path: Path) -> None:
    assert "there is no catalogue.db" in refusal(tmp_path)


def test_it_refuses_what_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "catalogue.db").write_text("not a database, but long enough to be looked at" * 9)
    assert "catalogue.db" in refusal(tmp_path)


def test_it_refuses_a_database_that_is_none_of_ours(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "catalogue.db")
    connection.execute("create table records (id text)")
    connection.close()
    assert "catalogue.db" in refusal(tmp_path)


def test_it_refuses_a_catalogue_without_its_marker(tmp_path: Path) -> None:
    connection = sqlite3.connect(shelf.fill(tmp_path))
    connection.execute("delete from catalogue_meta where key = 'kind'")
    connection.commit()
    connection.close()
    assert "is no catalogue of this software" in refusal(tmp_path)


def test_it_refuses_a_newer_catalogue(tmp_path: Path) -> None:
    connection = sqlite3.connect(shelf.fill(tmp_path))
    connection.execute(
        "insert into _sqlite_migrations (migration_set, name, applied_at) "
        "values ('catalogue', 'of_tomorrow', '2030-01-01')"
    )
    connection.commit()
    connection.close()
    assert "newer version" in refusal(tmp_path)


def test_it_refuses_an_older_catalogue(tmp_path: Path) -> None:
    connection = sqlite3.connect(shelf.fill(tmp_path))
    connection.execute("delete from _sqlite_migrations where name = 'sources'")
    connection.commit()
    connection.close()
    assert "older version" in refusal(tmp_path)


def test_it_refuses_a_port_that_is_taken(directory: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(HarvesterError, match=f"cannot listen on 127.0.0.1, port {port}"):
            serve.serve(directory, "127.0.0.1", port, listening=lambda url: None)


@pytest.mark.parametrize("port", [-1, 70_000])
def test_it_refuses_a_port_that_is_none(directory: Path, port: int) -> None:
    with pytest.raises(HarvesterError, match="cannot listen"):
        serve.serve(directory, "127.0.0.1", port, listening=lambda url: None)


def test_it_refuses_a_host_that_is_not_here(directory: Path) -> None:
    with pytest.raises(HarvesterError, match="cannot listen"):
        serve.serve(directory, "no-such-host.invalid", 0, listening=lambda url: None)
