"""Many readers at once while a harvest writes: is every answer whole, and how long does it take?

    python bench/readers.py --from http://127.0.0.1:8000/oai [--readers 50] [--seconds 60]

A catalogue is begun with a first harvest of `--begin` records at most; then `harvester serve` and a
harvest of everything run beside so many readers, each of which asks for one page after the other:
start page, searches, facets, records, whole results, tables. They read until the time is over and
the harvest has ended. Any answer but 200, and any that is not whole, is an error. Printed are the
times of all answers, and how large the log of the database (`-wal`) became. The readers need the
same processors as the server.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

import msgspec
from rich.console import Console
from rich.table import Table

HARVESTER = str(Path(sys.executable).with_name("harvester"))
TIMEOUT = 60


class Reading(msgspec.Struct):
    """What readers met with.

    Attributes:
        seconds: of each answer, by kind of page.
        statuses: how many answers of each status.
        errors: what was no whole answer of status 200.
        largest_log: bytes of the `-wal` file at its largest.
        before: records when the readers came.
        after: records when they went.
        harvested: how the harvest beside them ended: its exit code.
    """

    seconds: dict[str, list[float]] = {}
    statuses: Counter[int] = msgspec.field(default_factory=Counter)
    errors: list[str] = []
    largest_log: int = 0
    before: int = 0
    after: int = 0
    harvested: int | None = None


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--from", dest="provider", required=True, help="base URL of a provider")
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--begin", default="2015-01-01", help="first harvest: until this date")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        harvest(directory, given.provider, "--until", given.begin).wait()
        began = time.monotonic()
        found = read_while(
            directory, lambda: harvest(directory, given.provider), given.readers, given.seconds
        )
        took = time.monotonic() - began
    table = Table(
        "page", "answers", "p50 ms", "p95 ms", "longest ms",
        title=f"{given.readers} readers, {took:.0f} s, {found.before:,} to {found.after:,} records",
    )  # fmt: skip
    everything = list(itertools.chain.from_iterable(found.seconds.values()))
    for name, seconds in [*sorted(found.seconds.items()), ("all", everything)]:
        table.add_row(
            name,
            f"{len(seconds):,}",
            f"{statistics.median(seconds) * 1000:,.0f}",
            f"{percentile(seconds, 95) * 1000:,.0f}",
            f"{max(seconds) * 1000:,.0f}",
        )
    Console().print(table)
    Console().print(
        f"statuses {dict(found.statuses)}, errors {len(found.errors)}, harvest ended with "
        f"{found.harvested}, log at most {found.largest_log / 2**20:.1f} MiB"
    )
    for error in found.errors[:10]:
        Console().print(error)
    sys.exit(bool(found.errors or found.harvested))


def harvest(directory: Path, provider: str, *more: str) -> subprocess.Popen[bytes]:
    """Start a harvest of a provider into a data directory."""
    return subprocess.Popen(
        [HARVESTER, "--db", str(directory), "harvest", provider, *more], stdout=subprocess.DEVNULL
    )


def read_while(
    directory: Path, write: Callable[[], subprocess.Popen[bytes]], readers: int, seconds: float
) -> Reading:
    """Serve a catalogue to many readers until a harvest and the time have ended.

    Args:
        directory: the data directory, with a catalogue that has records.
        write: starts the harvest, once everybody reads.
        readers: how many read at once.
        seconds: how long they read at least.
    """
    found = Reading()
    log = directory / "catalogue.db-wal"
    over = threading.Event()
    with served(directory) as (host, port):
        paths = addresses(host, port)
        found.before = total(host, port)
        lock = threading.Lock()

        def read(seed: int) -> None:
            chance = random.Random(seed)
            connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
            while not over.is_set():
                kind = chance.choice(list(paths))
                path = chance.choice(paths[kind])
                began = time.perf_counter()
                try:
                    connection.request("GET", path)
                    answer = connection.getresponse()
                    answer.read()
                except (OSError, http.client.HTTPException) as error:
                    connection.close()
                    with lock:
                        found.errors.append(f"{path}: {error!r}")
                    continue
                took = time.perf_counter() - began
                with lock:
                    found.seconds.setdefault(kind, []).append(took)
                    found.statuses[answer.status] += 1
                    if answer.status != 200:
                        found.errors.append(f"{path}: {answer.status}")
            connection.close()

        threads = [threading.Thread(target=read, args=(seed,)) for seed in range(readers)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        writing = write()
        while time.monotonic() - began < seconds or writing.poll() is None:
            if log.exists():
                found.largest_log = max(found.largest_log, log.stat().st_size)
            time.sleep(0.1)
        over.set()
        for thread in threads:
            thread.join()
        found.after = total(host, port)
    found.harvested = writing.wait()
    return found


@contextmanager
def served(directory: Path) -> Iterator[tuple[str, int]]:
    """Run `harvester serve`; gives its host and port."""
    process = subprocess.Popen(
        [HARVESTER, "--db", str(directory), "serve", "--port", "0"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        parts = urlsplit(line.split()[-1])
        assert parts.hostname, line
        assert parts.port, line
        yield parts.hostname, parts.port
    finally:
        process.terminate()
        process.wait()


def addresses(host: str, port: int) -> dict[str, list[str]]:
    """Addresses to read by kind of page, made of the records that there are."""
    result = _json(host, port, "/search.json")
    records = result["records"]
    words = sorted(
        {word for one in records for word in one.get("title", "").split() if len(word) > 4}
    )
    keywords = [value["value"] for value in result["facets"]["keyword"]["values"]]
    searches = [f"/search?q={quote_plus(word)}" for word in words]
    narrowed = [f"/search?keyword={quote_plus(one)}&years=1990-2025&sort=title" for one in keywords]
    found = {
        "start page": ["/"],
        "search": ["/search", "/search?page=2", *searches],
        "search with facets": narrowed or ["/search?years=1990-2025"],
        "record": [f"/record/{one['id']}" for one in records],
        "whole result": [f"/search.bib?q={quote_plus(word)}" for word in words],
        "table": ["/catalogue/records.json?_size=20"],
    }
    return {kind: paths for kind, paths in found.items() if paths}


def total(host: str, port: int) -> int:
    """How many records there are."""
    return int(_json(host, port, "/search.json")["total"])


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent of all do not exceed."""
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]


def _json(host: str, port: int, path: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    try:
        connection.request("GET", path)
        found: dict[str, Any] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return found


if __name__ == "__main__":
    main()
