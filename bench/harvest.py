"""From the wire to RawRecords with every page kept and synced, beside Sickle's records.

    python bench/harvest.py [--records 10000] [--rounds 11]
    python bench/harvest.py --memory

One provider serves both clients the same pages of the sample repository's records, which have some
27 values each; every page has identifiers of its own. The clients take turns, each time in a
process of its own that imports nothing of the other. A machine has better and worse minutes, so
each round is compared by itself: printed is the median of the ratios, of the time that passed and
of the processor's, besides records a second and the peak resident memory; with `--memory` that of
a growing list.
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
from typing import NamedTuple
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


class Cost(NamedTuple):
    """What a harvest took: seconds that passed, and seconds of the processor."""

    seconds: float
    processor: float


class Round(NamedTuple):
    """A harvest in a process of its own: what it took, and its peak memory in MiB."""

    cost: Cost
    mebibytes: float


Client = Callable[[str, int], Cost]
"""Harvests so many records from a URL."""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--records", type=int, default=10_000, help="a round, in whole pages")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--memory", action="store_true", help="one list of each length, ours only")
    given = parser.parse_args()
    if given.memory:
        _memory(GROWING)
    else:
        _speed(given.records // PAGE * PAGE, given.rounds)


def _speed(records: int, rounds: int) -> None:
    clients = [sickle, ours]
    measured: dict[Client, list[Round]] = {client: [] for client in clients}
    with _provider(records) as url:
        for _ in range(rounds):
            for client in clients:
                measured[client].append(_alone(client, url, records))
            clients.reverse()  # neither is always the one that comes after the other
    table = Table(
        "client", "records/s", "times Sickle's speed", "least", "most", "by processor", "peak MiB",
        title=f"{records:,} records a round, {rounds} rounds, medians",
    )  # fmt: skip
    for client in (sickle, ours):
        costs = [one.cost for one in measured[client]]
        pairs = [(peer.cost, cost) for peer, cost in zip(measured[sickle], costs, strict=True)]
        ratios = [peer.seconds / cost.seconds for peer, cost in pairs]
        by_processor = [peer.processor / cost.processor for peer, cost in pairs]
        table.add_row(
            client.__name__,
            f"{statistics.median(records / cost.seconds for cost in costs):,.0f}",
            *(f"{ratio:.2f}" for ratio in (statistics.median(ratios), min(ratios), max(ratios))),
            f"{statistics.median(by_processor):.2f}",
            f"{max(one.mebibytes for one in measured[client]):.0f}",
        )
    Console().print(table)


def _memory(lengths: tuple[int, ...]) -> None:
    table = Table("records", "records/s", "peak MiB", title="harvester, one list")
    for records in lengths:
        with _provider(records) as url:
            cost, mebibytes = _alone(ours, url, records)
        table.add_row(f"{records:,}", f"{records / cost.seconds:,.0f}", f"{mebibytes:.0f}")
    Console().print(table)


def ours(url: str, records: int) -> Cost:
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
        began = _clocks()
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
            del step, read  # as the pipeline does
        cost = _since(began)
        assert outcome.state == "complete", f"the harvest is {outcome.state}: {outcome.reason}"
        assert count == records, f"the harvester delivered {count} of {records}"
        (kept,) = archive.execute(_KEPT, (number,)).fetchone()
        assert kept == records // PAGE, f"the archive holds {kept} of {records // PAGE} pages"
    return cost


def sickle(url: str, records: int) -> Cost:
    """Iterate over Sickle's records; nothing is kept."""
    from sickle.app import Sickle

    began = _clocks()
    peer = Sickle(url)  # type: ignore[no-untyped-call]
    listed = peer.ListRecords(metadataPrefix="oai_dc")  # type: ignore[no-untyped-call]
    count = sum(bool(record.metadata) for record in listed)
    cost = _since(began)
    assert count == records, f"Sickle delivered {count} of {records}"
    return cost


def _clocks() -> Cost:
    return Cost(time.perf_counter(), time.process_time())


def _since(began: Cost) -> Cost:
    now = _clocks()
    return Cost(now.seconds - began.seconds, now.processor - began.processor)


def _alone(client: Client, url: str, records: int) -> Round:
    """Run a client in a process of its own."""
    here, there = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_measured, args=(there, client, url, records))
    process.start()
    there.close()
    try:
        told: Round = here.recv()
    except EOFError:
        raise SystemExit(f"{client.__name__} failed, see above") from None
    finally:
        process.join()
    return told


def _measured(pipe: Connection, client: Client, url: str, records: int) -> None:
    cost = client(url, records)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB / 1024
    pipe.send(Round(cost, peak))


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
