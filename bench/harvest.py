"""From the wire to RawRecords with every page kept and synced, beside Sickle's records.

    python bench/harvest.py [--records 20000] [--rounds 5]
    python bench/harvest.py --memory

One provider serves both clients the same pages of the sample repository's records, which have some
27 values each; every page has identifiers of its own. The clients take turns, each time in a
process of its own that imports nothing of the other. Printed are records a second, the ratio to
Sickle and the peak resident memory; with `--memory` that of a growing list.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from rich.console import Console
from rich.table import Table

PAGE = 100
GROWING = (10_000, 100_000, 1_000_000)
KIB = 1 if sys.platform == "linux" else 1024
"""How many units of `ru_maxrss` make a KiB."""

_KEPT = "select count(*) from pages where window = ?"
_SPAWN = multiprocessing.get_context("spawn")
"""A forked process would begin with the memory of this one."""

Client = Callable[[str, int], float]
"""Harvests so many records from a URL, and returns the seconds that it took."""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--records", type=int, default=20_000, help="a round, in whole pages")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", action="store_true", help="one list of each length, ours only")
    given = parser.parse_args()
    if given.memory:
        _memory(GROWING)
    else:
        _speed(given.records // PAGE * PAGE, given.rounds)


def _speed(records: int, rounds: int) -> None:
    clients: dict[str, Client] = {"sickle": sickle, "harvester": ours}
    rates: dict[str, list[float]] = {name: [] for name in clients}
    peaks = dict.fromkeys(clients, 0.0)
    with _provider(records) as url:
        for _ in range(rounds):
            for name, client in clients.items():
                seconds, mebibytes = _alone(client, url, records)
                rates[name].append(records / seconds)
                peaks[name] = max(peaks[name], mebibytes)
    table = Table(
        "client", "records/s, median", "best", "ratio, median", "best", "peak MiB",
        title=f"{records:,} records a round, {rounds} rounds",
    )  # fmt: skip
    for name, measured in rates.items():
        ratios = [rate / peer for rate, peer in zip(measured, rates["sickle"], strict=True)]
        table.add_row(
            name,
            f"{statistics.median(measured):,.0f}",
            f"{max(measured):,.0f}",
            f"{statistics.median(ratios):.2f}",
            f"{max(measured) / max(rates['sickle']):.2f}",
            f"{peaks[name]:.0f}",
        )
    Console().print(table)


def _memory(lengths: tuple[int, ...]) -> None:
    table = Table("records", "records/s", "peak MiB", title="harvester, one list")
    for records in lengths:
        with _provider(records) as url:
            seconds, mebibytes = _alone(ours, url, records)
        table.add_row(f"{records:,}", f"{records / seconds:,.0f}", f"{mebibytes:.0f}")
    Console().print(table)


def ours(url: str, records: int) -> float:
    """Harvest, keep every page, and read all records."""
    from harvester.archive import known, open_archive, pages, runs, windows
    from harvester.formats import read_page
    from harvester.model import RawRecord
    from harvester.oai import harvest as oai
    from harvester.oai.client import Client
    from harvester.sources import Source

    with (
        tempfile.TemporaryDirectory() as folder,
        closing(open_archive(Path(folder))) as archive,
        closing(Client(url)) as client,
    ):
        source = known.source_number(archive, Source(name="bench", title="Benchmark"))
        run = runs.start_run(archive, "harvest")
        window = oai.Window("oai_dc")
        number = windows.start_window(archive, run, source, window, reaches_now=True)
        count = 0
        started = time.perf_counter()
        steps = oai.harvest(
            client, window, lambda received: pages.keep(archive, run, source, number, received)
        )
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                outcome: oai.Outcome = end.value
                break
            read = read_page(step.page)
            assert all(isinstance(record, RawRecord) and record.values for record in read)
            count += len(read)
        seconds = time.perf_counter() - started
        assert outcome.state == "complete", f"the harvest is {outcome.state}: {outcome.reason}"
        assert count == records, f"the harvester delivered {count} of {records}"
        (kept,) = archive.execute(_KEPT, (number,)).fetchone()
        assert kept == records // PAGE, f"the archive holds {kept} of {records // PAGE} pages"
    return seconds


def sickle(url: str, records: int) -> float:
    """Iterate over Sickle's records; nothing is kept."""
    from sickle.app import Sickle

    started = time.perf_counter()
    peer = Sickle(url)  # type: ignore[no-untyped-call]
    listed = peer.ListRecords(metadataPrefix="oai_dc")  # type: ignore[no-untyped-call]
    count = sum(bool(record.metadata) for record in listed)
    seconds = time.perf_counter() - started
    assert count == records, f"Sickle delivered {count} of {records}"
    return seconds


def _alone(client: Client, url: str, records: int) -> tuple[float, float]:
    """Run a client in a process of its own; return its seconds and its peak memory in MiB."""
    here, there = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_measured, args=(there, client, url, records))
    process.start()
    there.close()
    try:
        told: tuple[float, float] = here.recv()
    except EOFError:
        raise SystemExit(f"{client.__name__} failed, see above") from None
    finally:
        process.join()
    return told


def _measured(pipe: Connection, client: Client, url: str, records: int) -> None:
    seconds = client(url, records)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB / 1024
    pipe.send((seconds, peak))


@contextmanager
def _provider(records: int) -> Iterator[str]:
    """Serve a list of so many records; give its base URL."""
    here, there = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_serve, args=(there, records), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}/oai"
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection, records: int) -> None:
    pieces = _pieces()
    last = records // PAGE - 1

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            page = int(asked.get("resumptionToken", ["0"])[0])
            token = b"<resumptionToken>%d</resumptionToken>" % (page + 1) if page < last else b""
            # One call each to make and to send a page, so that serving costs next to nothing.
            body = b"%07d" % page
            body = body.join(pieces).replace(b"</ListRecords>", token + b"</ListRecords>")
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\n"
            self.request.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pipe.send(server.server_port)
    server.serve_forever()


def _pieces() -> list[bytes]:
    """Return a page of the sample repository's records, cut where its number belongs."""
    import requests

    from harvester import sample

    with sample.running() as providers:
        answer = requests.get(
            providers["sample-orbi"].urls[0],
            params={"verb": "ListRecords", "metadataPrefix": "oai_dc"},
            timeout=30,
        ).text
    found = re.findall(r"<record>.*?</record>", answer, re.DOTALL)
    live = [record for record in found if "<metadata>" in record]
    records = (
        re.sub("<identifier>[^<]*", f"<identifier>oai:bench:@@{number:02}", record, count=1)
        for number, record in enumerate((live * PAGE)[:PAGE])
    )
    head = answer[: answer.index("<record>")]
    page = f"{head}{''.join(records)}</ListRecords></OAI-PMH>"
    return page.encode().split(b"@@")


if __name__ == "__main__":
    main()
