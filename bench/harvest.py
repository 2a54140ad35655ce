"""From the wire to RawRecords with every page kept, beside Sickle's records: one run, same pages.

    python bench/harvest.py [--records 20000]

A provider in a process of its own serves one page of the sample repository again and again, each
time with other identifiers. Printed are records a second, and the ratio to Sickle.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests
from rich.console import Console
from rich.table import Table
from sickle.app import Sickle

from harvester import sample
from harvester.archive import open_archive, pages, runs
from harvester.formats import read_page
from harvester.oai import harvest as oai
from harvester.oai.client import Client
from harvester.sources import Source

PAGE = 100
ROUNDS = 3


def main() -> None:
    """Run both clients in turn and print the best of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    records = parser.parse_args().records // PAGE * PAGE
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(there, _template(), records), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}/oai"
    clients: dict[str, Callable[[str], int]] = {"sickle": _sickle, "harvester": _ours}
    best = dict.fromkeys(clients, 0.0)
    for _ in range(ROUNDS):
        for name, client in clients.items():
            started = time.perf_counter()
            count = client(url)
            assert count == records, f"{name} delivered {count} of {records}"
            best[name] = max(best[name], records / (time.perf_counter() - started))
    server.terminate()
    table = Table("client", "records/s", "ratio", title=f"{records} records, best of {ROUNDS}")
    for name, rate in best.items():
        table.add_row(name, f"{rate:,.0f}", f"{rate / best['sickle']:.2f}")
    Console().print(table)


def _ours(url: str) -> int:
    with tempfile.TemporaryDirectory() as folder, closing(open_archive(Path(folder))) as archive:
        source = runs.source_number(archive, Source(name="bench", title="Benchmark"))
        run = runs.start_run(archive, "harvest")
        window = oai.Window("oai_dc", None, None, None)
        number = runs.start_window(archive, run, source, window, reaches_now=True)
        answers = oai.harvest(
            Client(url), window, lambda got: pages.keep(archive, run, source, number, got)
        )
        return sum(len(read_page(page)) for _, page in answers)


def _sickle(url: str) -> int:
    peer = Sickle(url)  # type: ignore[no-untyped-call]
    records = peer.ListRecords(metadataPrefix="oai_dc")  # type: ignore[no-untyped-call]
    return len([record for record in records if record.metadata])


def _template() -> str:
    """Return one page of the sample repository, its token and identifiers to be filled in."""
    with sample.running() as providers:
        answer = requests.get(
            providers["sample-orbi"].urls[0],
            params={"verb": "ListRecords", "metadataPrefix": "oai_dc"},
            timeout=30,
        ).text
    found = re.findall(r"<record>.*?</record>", answer, re.DOTALL)
    live = [record for record in found if "<metadata>" in record]
    records = (live * PAGE)[:PAGE]
    head = answer[: answer.index("<record>")]
    return head + "".join(
        re.sub(
            r"<identifier>[^<]*</identifier>",
            "<identifier>oai:bench:@@</identifier>",
            record,
            count=1,
        )
        for record in records
    )


def _serve(pipe: Connection, template: str, records: int) -> None:
    pieces = template.split("@@")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            token = parse_qs(urlsplit(self.path).query).get("resumptionToken", ["0"])[0]
            start = int(token)
            page = pieces[0] + "".join(f"{start + n}{piece}" for n, piece in enumerate(pieces[1:]))
            after = start + PAGE
            end = f"<resumptionToken>{after}</resumptionToken>" if after < records else ""
            body = f"{page}{end}</ListRecords></OAI-PMH>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pipe.send(server.server_port)
    server.serve_forever()


if __name__ == "__main__":
    main()
