"""Serves a repository by OAI-PMH over HTTP on the loopback interface."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from harvester.sample import protocol
from harvester.sample.protocol import Repository

HOST = "127.0.0.1"
# Asked here, a provider answers as BASE answers addresses that have not been registered.
RESTRICTED = "/restricted"
LARGEST_FORM = 16_384  # bytes; a form holds a few arguments
STOPS_WITHIN = 0.05  # seconds


@contextmanager
def serve(repository: Repository) -> Iterator[str]:
    """Serve a repository on a free port, until the block is left.

    Yields:
        Its base URL.
    """
    server = ThreadingHTTPServer((HOST, 0), _answering(repository))
    thread = threading.Thread(target=server.serve_forever, args=(STOPS_WITHIN,), daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}{repository.path}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answering(repository: Repository) -> type[BaseHTTPRequestHandler]:
    class Request(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "sample-repository"
        sys_version = ""
        # One packet for headers and body: else each answer waits for an acknowledgement.
        wbufsize = -1

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._answer(parts.path, parts.query)

        def do_POST(self) -> None:
            # Section 3.1.1.2: the arguments may also come as a form.
            length = self.headers.get("Content-Length", "")
            if not length.isascii() or not length.isdecimal() or int(length) > LARGEST_FORM:
                self.close_connection = True
                self._send(
                    400, "text/plain; charset=utf-8", b"A form of a few arguments is expected.\n"
                )
                return
            form = self.rfile.read(int(length)).decode("utf-8", "replace")
            self._answer(urlsplit(self.path).path, form)

        def _answer(self, path: str, query: str) -> None:
            base_url = f"http://{HOST}:{self.server.server_port}{path}"  # type: ignore[attr-defined]
            now = datetime.now(UTC)
            if path == repository.path:
                arguments = parse_qsl(query, keep_blank_values=True)
                body = protocol.answer(repository, base_url, arguments, now)
            elif path == RESTRICTED:
                body = protocol.refuse(base_url, now)
            else:
                text = f"Nothing here: the OAI-PMH base URL ends in {repository.path}\n"
                self._send(404, "text/plain; charset=utf-8", text.encode())
                return
            self._send(200, "text/xml; charset=utf-8", body)

        def _send(self, status: int, media_type: str, body: bytes) -> None:
            self.send_response(status)
            if "gzip" in self.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, compresslevel=4)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
            """Say nothing: the terminal belongs to the harvester."""

    return Request
