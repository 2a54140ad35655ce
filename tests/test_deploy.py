"""The examples of docs/deploy.md work: nginx before a site that serves, and the unit of systemd."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import urllib3

from harvester.explorer.clients import DOWNLOADS
from tests.explorer import shelf
from tests.explorer.test_serve import CUT

TESTS = Path(__file__).parent
DEPLOY = (TESTS.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
CERTIFICATE = TESTS / "servers" / "untrusted.pem"
HARVESTER = Path(sys.executable).with_name("harvester")
NAME = "literature.example.org"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
MAIN = """
daemon off;
pid {folder}/pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    {paths}
    {example}
}}
"""
PATHS = " ".join(
    f"{kind}_temp_path {{folder}}/{kind};"
    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
)


def example(language: str) -> str:
    """The one example in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", DEPLOY, re.DOTALL)
    return str(found)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """Run a server until it was used; waits until it listens."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        assert process.poll() is None
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


@contextmanager
def nginx(folder: Path, port: int) -> Iterator[tuple[int, int]]:
    """Run nginx as in the example, before a site at a port; gives its ports for http and https."""
    assert NGINX
    plain, safe = free_port(), free_port()
    text = example("nginx")
    for there, here in [
        ("/etc/ssl/literature.pem", str(CERTIFICATE)),
        ("/etc/ssl/private/literature.key", str(CERTIFICATE)),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("listen 443", f"listen 127.0.0.1:{safe}"),
        ("127.0.0.1:8001", f"127.0.0.1:{port}"),
    ]:
        assert there in text
        text = text.replace(there, here)
    configuration = folder / "nginx.conf"
    configuration.write_text(
        MAIN.format(folder=folder, paths=PATHS.format(folder=folder), example=text)
    )
    command = [NGINX, "-p", str(folder), "-c", str(configuration), "-e", "stderr"]
    with running(command, plain):
        yield plain, safe


def get(url: str, host: str = NAME, **headers: str) -> requests.Response:
    """Ask at an address by a name, also where the certificate is not for it."""
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    address = re.sub(r"//[^/]+", f"//{host}:{url.split(':')[2].partition('/')[0]}", url)
    session = requests.Session()
    session.trust_env = False
    with at_loopback():
        return session.get(
            address, headers=headers, verify=False, timeout=60, allow_redirects=False
        )


@contextmanager
def at_loopback() -> Iterator[None]:
    """Every name is that of this machine."""
    usual = socket.getaddrinfo
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lambda host, *more, **named: usual("127.0.0.1", *more))
        yield


@pytest.mark.skipif(not NGINX, reason="nginx is not installed")
def test_nginx_stands_before_the_site(tmp_path: Path) -> None:
    shelf.fill(tmp_path)
    port = free_port()
    unit = re.search(r"ExecStart=(.*?)\n[A-Z]", example("ini"), re.DOTALL)
    assert unit
    options = unit[1].replace("\\\n", " ").split()[4:]
    options[options.index("--port") + 1] = str(port)
    command = [str(HARVESTER), "--db", str(tmp_path), "serve", *options]
    with running(command, port), nginx(tmp_path, port) as (plain, safe):
        page = get(f"https://x:{safe}/record/{shelf.SEED.id}")
        assert page.status_code == 200
        assert f'href="https://{NAME}/record/{shelf.SEED.id}"' in page.text
        moved = get(f"http://x:{plain}/search?q=a")
        assert (moved.status_code, moved.headers["location"]) == (301, f"https://{NAME}/search?q=a")
        with pytest.raises(requests.ConnectionError):
            get(f"http://x:{plain}/", host="evil.example")
        with pytest.raises(requests.ConnectionError):
            get(f"https://x:{safe}/", host="evil.example")
        # A reader is who nginx says; who this one says to be would be limited.
        downloads = [
            get(f"https://x:{safe}/search.bib?q=a", **{"X-Forwarded-For": "203.0.113.9"})
            for _ in range(DOWNLOADS.at_once + 2)
        ]
        assert {answer.status_code for answer in downloads} == {200}  # they come from this machine
        long = get(f"https://x:{safe}/search?q=" + "a" * 15_000)
        assert long.status_code == 200


@pytest.mark.skipif(not NGINX, reason="nginx is not installed")
def test_a_download_that_is_cut_short_does_not_look_whole_behind_nginx(tmp_path: Path) -> None:
    shelf.fill(tmp_path)
    port = free_port()
    program = CUT.replace('"127.0.0.1", 0', f'"127.0.0.1", {port}, Policy(("{NAME}",))')
    program = f"from harvester.explorer.clients import Policy\n{program}"
    command = [sys.executable, "-c", program, str(tmp_path)]
    with (
        running(command, port),
        nginx(tmp_path, port) as (_, safe),
        pytest.raises(requests.exceptions.ChunkedEncodingError),
    ):
        get(f"https://x:{safe}/search.bib")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_the_unit_of_systemd_is_one(tmp_path: Path) -> None:
    unit = tmp_path / "literature.service"
    text = example("ini").replace("/srv/literature/.venv/bin/harvester", str(HARVESTER))
    unit.write_text(text)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    assert "literature.service" not in told.stderr
