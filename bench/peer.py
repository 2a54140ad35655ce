"""Iterates another OAI-PMH client to the end of a list, as a cron job would: started by peers.py.

It runs in whatever Python has the client, so it imports nothing else. A request is a line of JSON
on the standard input, `{"peer": …, "url": …, "dates": {…}}`; its answer is a line on the standard
output: the records that came, how it ended, and the seconds that it would have waited for.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Any

TRIES = 4
TIMEOUT = 2.0
"""Seconds for which oaipmh-scythe waits; 60 if it is not told. Sickle has no limit."""
Dates = dict[str, str]
Records = Callable[[str, Dates], Iterator[Any]]


def sickle(url: str, dates: Dates) -> Iterator[Any]:
    """Iterate Sickle, with its retries turned on."""
    client = importlib.import_module("sickle").Sickle(url, max_retries=TRIES)
    yield from client.ListRecords(metadataPrefix="oai_dc", **dates)


def scythe(url: str, dates: Dates) -> Iterator[Any]:
    """Iterate oaipmh-scythe, with all its retries turned on."""
    package = importlib.import_module("oaipmh_scythe")
    config = importlib.import_module("oaipmh_scythe.config")
    retries = config.RetryConfig(max_retries=TRIES, retry_on_transport_error=True)
    http = config.HTTPConfig(timeout=TIMEOUT)
    with package.Scythe(url, http_config=http, retry_config=retries) as client:
        yield from client.list_records(
            metadata_prefix="oai_dc", from_=dates.get("from"), until=dates.get("until")
        )


PEERS: dict[str, tuple[Records, str]] = {
    "sickle": (sickle, "sickle.app"),
    "oaipmh-scythe": (scythe, "oaipmh_scythe.client"),
}


def installed() -> dict[str, str]:
    """Return the versions of the peers that this Python has."""
    found = {}
    for name in PEERS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def iterate(peer: str, url: str, dates: Dates) -> dict[str, Any]:
    """Iterate a peer to the end, waiting in no time."""
    records, module = PEERS[peer]
    waits: list[float] = []
    asking: Any = importlib.import_module(module)
    asking.time = types.SimpleNamespace(sleep=waits.append)
    came: list[tuple[str | None, str | None]] = []
    ends = "normally"
    try:
        for record in records(url, dates):
            found = getattr(record, "metadata", None) or {}
            title = (found.get("title") or [None])[0]
            came.append((record.header.identifier, title))
    except Exception as error:
        ends = type(error).__name__
    return {"came": came, "ends": ends, "waited": sum(waits)}


def main() -> None:
    """Say what is installed, then answer requests until there are no more."""
    warnings.simplefilter("ignore")
    logging.disable()
    print(json.dumps(installed()), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(iterate(asked["peer"], asked["url"], asked["dates"])), flush=True)


if __name__ == "__main__":
    main()
