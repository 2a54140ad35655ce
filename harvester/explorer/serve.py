"""Serves a catalogue to the public: Datasette with safe settings, in this process."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import msgspec
import rich
import uvicorn
from datasette.app import Datasette
from datasette.utils import StartupError, parse_metadata

from harvester import schemas
from harvester.catalogue import open_for_reading
from harvester.catalogue.store import FILE
from harvester.errors import HarvesterError, UsageError
from harvester.explorer import guard
from harvester.explorer.clients import Policy
from harvester.explorer.connection import Connection
from harvester.explorer.file import is_catalogue
from harvester.explorer.repeated import Repeated
from harvester.export import exporters

SETTINGS: dict[str, int | bool] = {
    # Visitors write no SQL. `allow_sql: false` in metadata.yml says the same, but Datasette 1.0
    # ignores it there.
    "default_allow_sql": False,
    # A facet over a column of a visitor's choice can cost seconds; ours are in metadata.yml.
    "allow_facet": False,
    "suggest_facets": False,
    "allow_download": False,
    "facet_time_limit_ms": 200,
    "sql_time_limit_ms": 1000,
    "max_returned_rows": 1000,
    "max_csv_mb": 0,  # a whole table is one of the downloads, which have no limit of length
    "num_sql_threads": 3,
    "default_cache_ttl": 60,
    "cache_size_kb": 65_536,
    "trace_debug": False,
    "template_debug": False,
}
"""Datasette's settings for a public site."""


LONGEST_REQUEST = 1_200_000
"""How many bytes of a request's head are read; guard refuses most of them with a clear line."""

MOST_CONNECTIONS = 500
"""How many readers may be connected at once; who comes then gets 503."""


def serve(
    directory: Path,
    host: str,
    port: int,
    policy: Policy | None = None,
    *,
    listening: Callable[[str], None],
) -> None:
    """Serve the catalogue of a data directory until the process is interrupted.

    Args:
        directory: holds `catalogue.db`; nothing else of it is served.
        host: the address to listen on.
        port: the port; 0 takes a free one.
        policy: whom it answers and how much; as it is by default where there is none.
        listening: is told the address of the site as soon as it answers.

    Raises:
        UsageError: there is no catalogue, it is none of ours, or of another version; the address
            cannot be listened on.
    """
    policy = policy or Policy()
    datasette = instance(directory, msgspec.structs.replace(policy, hosts=(*policy.hosts, host)))
    with (
        contextlib.closing(_listen(host, port)) as listener,
        contextlib.suppress(KeyboardInterrupt),
    ):
        asyncio.run(
            _serve(datasette, listener, policy, lambda: listening(_address(host, listener)))
        )


def instance(directory: Path, policy: Policy | None = None) -> Datasette:
    """Build the Datasette that serves the catalogue of a data directory.

    Args:
        directory: holds `catalogue.db`.
        policy: whom it answers and how much; as it is by default where there is none.

    Raises:
        UsageError: there is no catalogue, it is none of ours, or of another version.
        HarvesterError: an installed export format cannot be loaded.
    """
    open_for_reading(directory).close()
    exporters()  # one that cannot be loaded is told now, not on every page
    file = directory / FILE
    if not is_catalogue(file):
        raise UsageError(
            f"{file} is no catalogue of this software: move it away and run "
            "`harvester normalise --all`, or name another folder with --db"
        )
    metadata = schemas.shipped("metadata.yml").read_text(encoding="utf-8")
    datasette = Datasette([str(file)], metadata=parse_metadata(metadata), settings=SETTINGS)
    guard.set_policy(datasette, policy or Policy())
    return datasette


async def _serve(
    datasette: Datasette, listener: socket.socket, policy: Policy, started: Callable[[], None]
) -> None:
    try:
        await datasette.invoke_startup()
    except StartupError as error:
        raise HarvesterError(str(error)) from error
    # Where rich is installed, Datasette prints a traceback of every 404 on rich's global console.
    rich.reconfigure(quiet=True)
    config = uvicorn.Config(
        datasette.app(),
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # guard believes those of the proxies that were named, and no others
        # uvicorn calls it to make a connection; its other parser knows no limit of length
        http=cast("Any", functools.partial(Connection, policy)),
        ws="none",
        h11_max_incomplete_event_size=LONGEST_REQUEST,
        limit_concurrency=MOST_CONNECTIONS,
    )
    logging.getLogger("uvicorn.error").addFilter(Repeated())
    await _Server(config, started).serve(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._say_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._say_started()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"cannot listen on {host}, port {port} ({error}): name another with --port or --host"
        ) from error


def _address(host: str, listener: socket.socket) -> str:
    named = {"0.0.0.0": "localhost", "::": "localhost", "": "localhost"}.get(host, host)
    port = listener.getsockname()[1]
    return f"http://[{named}]:{port}/" if ":" in named else f"http://{named}:{port}/"
