"""Puts a provider on a port of loopback, and sends its replies as well or badly as they ask."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

import msgspec

CERTIFICATE = Path(__file__).parent / "untrusted.pem"
"""A key and a certificate for 127.0.0.1 that it has signed itself."""


class Question(msgspec.Struct):
    """A request.

    `number` counts all requests from 1; `page` is the page of a list that it asks for, from 1, or
    0; `connection` is the client's port.
    """

    number: int
    arguments: dict[str, str]
    headers: dict[str, str]
    path: str
    page: int
    connection: int

    @property
    def verb(self) -> str:
        return self.arguments.get("verb", "")


class Reply(msgspec.Struct):
    """An answer and how it is sent.

    `announced`: the Content-Length where it is a lie. `reset_after`: so many bytes of the body,
    then a reset connection. `hangs_up`: not even a status comes. `silence`: seconds until the
    status comes. `stall`: seconds of silence before the body. `drip`: seconds between single bytes
    of the body. `chunked`: the body goes in chunks; `unfinished`: the last chunk never comes.
    """

    body: bytes
    status: int = 200
    headers: dict[str, str] = {}
    announced: int | None = None
    reset_after: int | None = None
    hangs_up: bool = False
    silence: float = 0.0
    stall: float = 0.0
    drip: float = 0.0
    chunked: bool = False
    unfinished: bool = False


class Replies(Protocol):
    """What can be served."""

    url: str

    def reply(self, path: str, headers: dict[str, str], connection: int) -> Reply: ...


@contextmanager
def running(provider: Replies, path: str = "/oai", *, tls: bool = False) -> Iterator[str]:
    """Serve a provider on a free port of loopback and give its base URL.

    With `tls` its certificate is one that nobody trusts.
    """

    class Desk(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._send(provider.reply(self.path, headers, self.client_address[1]))

        def _send(self, reply: Reply) -> None:
            if reply.hangs_up:
                self._reset()
                return
            time.sleep(reply.silence)
            body = reply.body
            self.send_response_only(reply.status)
            for name, value in {"Date": self.date_time_string(), **reply.headers}.items():
                self.send_header(name, value)
            length = len(body) if reply.announced is None else reply.announced
            if reply.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            else:
                self.send_header("Content-Length", str(length))
            self.end_headers()
            time.sleep(reply.stall)
            if reply.reset_after is not None:
                self.wfile.write(body[: reply.reset_after])
                self._reset()
            elif reply.chunked:
                for start in range(0, len(body), 100):
                    chunk = body[start : start + 100]
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                self.wfile.write(b"" if reply.unfinished else b"0\r\n\r\n")
            elif reply.drip:
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(reply.drip)
            else:
                self.wfile.write(body)
            if length != len(body) or reply.unfinished:
                self.close_connection = True

        def _reset(self) -> None:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            self.close_connection = True

        def log_message(self, *arguments: Any) -> None:
            """Stay silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that goes away in mid-answer is part of the game."""

    with Server(("127.0.0.1", 0), Desk) as server:
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        provider.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}{path}"
        try:
            yield provider.url
        finally:
            server.shutdown()
            thread.join()
