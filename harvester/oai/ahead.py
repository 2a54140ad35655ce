"""Sends the request for the next page of a list while the last one is still being read and stored.

Servers make their pages slowly. A request only has to be on its way early for that; its answer
waits in the socket until the request is made in its turn, so no thread is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError


class _Connection(HTTPConnection):
    """A connection on which one request can be sent before its turn."""

    _sent: tuple[str, str, dict[str, str]] | None = None

    @property
    def is_connected(self) -> bool:
        """An answer that has come already is no sign that the server hung up."""
        return self._sent is not None or super().is_connected

    def send_early(self, method: str, url: str, headers: Mapping[str, str]) -> bool:
        """Send a request, if the connection stands and waits for nothing; say whether it was sent.

        A failure is told by the request proper, which is then made anew.
        """
        if self.is_closed or not self.is_connected or self._sent is not None:
            return False
        try:
            # As `HTTPAdapter` asks, so that the answer comes as it is on the wire.
            super().request(
                method, url, headers=headers, preload_content=False, decode_content=False
            )
        except (OSError, HTTPException, HTTPError):
            self.close()
            return False
        self._sent = method, url, dict(headers)
        return True

    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        body: Any = None,  # noqa: ANN401
        headers: Mapping[str, str] | None = None,
        **options: bool,
    ) -> None:
        """Send a request, unless it was sent early; what else was sent early is given up."""
        sent, self._sent = self._sent, None
        if sent is not None and sent == (method, url, dict(headers or {})):
            return
        if sent is not None:
            self.close()
        super().request(method, url, body, headers, **options)

    def close(self) -> None:
        """Close the connection, and give up what was sent."""
        self._sent = None
        super().close()


class _SecureConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


class Adapter(HTTPAdapter):
    """Makes the requests of a session, one of them ahead of its turn; never two at once.

    What the environment says of a host must stay the same: its connections are looked up once.
    """

    def __init__(self) -> None:
        super().__init__()
        self._pools: dict[tuple[str, str], HTTPConnectionPool] = {}

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> HTTPConnectionPool:
        """Return the connections to a host."""
        address = urlsplit(str(request.url))
        host = address.scheme, address.netloc
        pool = self._pools.get(host)
        if pool is None or pool.pool is None:  # closed to make room for other hosts
            found = super().get_connection_with_tls_context(request, *args, **kwargs)
            assert isinstance(found, HTTPConnectionPool)
            pool = self._pools[host] = found
            pool.ConnectionCls = _SecureConnection if pool.scheme == "https" else _Connection
        return pool

    def send_early(
        self, request: requests.PreparedRequest, settings: Mapping[str, Any], timeout: float
    ) -> bool:
        """Send a request that is going to be made next, if a connection stands.

        Args:
            request: the very request that will be made.
            settings: what the environment says of its host: `verify`, `cert` and `proxies`.
            timeout: most seconds for the sending.

        Returns:
            Whether it was sent.
        """
        verify, cert, proxies = settings["verify"], settings["cert"], settings["proxies"]
        pool = self.get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert)
        waiting = pool.pool.queue if pool.pool is not None else []
        connection = waiting[-1] if waiting else None
        if not isinstance(connection, _Connection):
            return False
        connection.timeout = timeout
        return connection.send_early("GET", self.request_url(request, proxies), request.headers)
