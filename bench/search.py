"""Search and facets over HTTP beside stock Datasette, and facet counts beside tantivy.

    python bench/search.py --db DIR
    python bench/search.py --from http://127.0.0.1:8000/oai      # harvested into a catalogue first
    python bench/search.py --from FOLDER                         # imported into one

`harvester serve` and stock Datasette (its default limits, six facets of its own) serve one
catalogue. Words are taken from it that 30 %, 3 % and 0.02 % of its records have. Every query is
asked once of a server that has just started ("first", the median of three), and then in rounds in
which the servers take turns (p50, p95); beside them stands the processor time of our server.
Tantivy, where it is installed (`pip install tantivy`), counts the same six facets over an index of
the same records, in which the same records are found by a word and its other forms; so do we, in
this process, with nothing remembered, the search for the words included.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
import requests
from rich.console import Console
from rich.table import Table

from harvester.catalogue import asked, facets, forms, index, open_for_reading, search
from harvester.catalogue.query import Query, to_parameters
from harvester.catalogue.row import SEARCHED
from harvester.explorer.serve import SETTINGS

COUNTED = ("year", "type", "language", "source", "keyword", "creator")
SHOWN = 40
STOCK_METADATA = """
databases:
  catalogue:
    tables:
      records:
        fts_table: records_fts
        fts_pk: number
        size: 20
        facets:
          - year
          - type
          - source
          - array: languages
          - array: keywords
          - array: creators
"""
HARVESTER = str(Path(sys.executable).with_name("harvester"))
_INDEXED = f"""
    select year, type, languages, source, keywords, creators, {", ".join(SEARCHED)} from records
"""
TICK = os.sysconf("SC_CLK_TCK")


class Case(NamedTuple):
    """A query: what it is called, how ours and stock Datasette are asked for it."""

    name: str
    query: Query
    ours: str
    stock: str


class Server(NamedTuple):
    """A server that runs: its process, its address, and the seconds until it answered."""

    process: subprocess.Popen[bytes]
    url: str
    seconds: float

    def processor(self) -> float:
        """Seconds of the processor it has taken so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / TICK

    def mebibytes(self) -> int:
        """Its peak resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+)", status)
        return int(found[1]) // 1024 if found else 0


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--db", type=Path, help="a data directory with a catalogue")
    parser.add_argument("--from", dest="source", help="what to build one from: a URL or a folder")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--stock-rounds", type=int, default=3)
    given = parser.parse_args()
    if (given.db is None) == (given.source is None):
        parser.error("give either --db or --from")
    with tempfile.TemporaryDirectory() as scratch:
        directory = given.db or _built(given.source, Path(scratch) / "db")
        with closing(open_for_reading(directory)) as connection:
            cases = _cases(connection)
            records = search.counts(connection).records
        _over_http(directory, Path(scratch), cases, records, given.rounds, given.stock_rounds)
        _counting(directory, Path(scratch), cases)


def _built(source: str, directory: Path) -> Path:
    """Build a catalogue the usual way."""
    verb = "import" if Path(source).is_dir() else "harvest"
    started = time.monotonic()
    subprocess.run([HARVESTER, "--db", str(directory), verb, source], check=True)
    print(f"built in {time.monotonic() - started:,.0f} s")
    return directory


def _cases(connection: sqlite3.Connection) -> list[Case]:
    """Choose the queries by what the catalogue holds."""
    records = search.counts(connection).records
    connection.execute("create virtual table temp.words using fts5vocab(main, records_fts, row)")
    counts = [
        (doc, term)
        for term, doc in connection.execute("select term, doc from temp.words")
        if term.isalpha() and len(term) > 2 and not term.startswith(forms.MARK)
    ]
    common, middle, rare = (
        min(counts, key=lambda one: abs(one[0] - share * records))[1]
        for share in (0.3, 0.03, 0.0002)
    )
    type_, language = (facets.top(connection, name, 1)[0].value for name in ("type", "language"))
    keyword = facets.top(connection, "keyword", 10)[-1].value
    narrowed: dict[str, tuple[str, ...]] = {"type": (type_,), "language": (language,)}
    wanted = [
        ("no query", Query(), []),
        ("word in 30 %", Query(common), [("_search", common)]),
        ("word in 3 %", Query(middle), [("_search", middle)]),
        ("word in 0.02 %", Query(rare), [("_search", rare)]),
        ("two words", Query(f"{common} {middle}"), [("_search", f"{common} {middle}")]),
        (
            "word + two facets",
            Query(common, facets=narrowed),
            [("_search", common), ("type", type_), ("languages__arraycontains", language)],
        ),
        (
            "keyword chosen",
            Query(facets={"keyword": (keyword,)}),
            [("keywords__arraycontains", keyword)],
        ),
        (
            "years 2015-2020",
            Query(years=(2015, 2020)),
            [("year__gte", "2015"), ("year__lte", "2020")],
        ),
    ]
    # As the site asks by itself: for works, where there are any.
    return [
        Case(
            name,
            msgspec.structs.replace(query, works=True),
            f"/search?{urlencode(to_parameters(query))}",
            f"/catalogue/records?{urlencode(stock)}",
        )
        for name, query, stock in wanted
    ]


def _over_http(
    directory: Path, scratch: Path, cases: list[Case], records: int, rounds: int, stock_rounds: int
) -> None:
    session = requests.Session()
    first: dict[str, list[float]] = {case.name: [] for case in cases}
    first_processor: dict[str, list[float]] = {case.name: [] for case in cases}
    for _ in range(3):
        with _ours(directory) as ours:
            for case in cases:
                before = ours.processor()
                first[case.name].append(_asked(session, ours.url + case.ours))
                first_processor[case.name].append(ours.processor() - before)
    warm: dict[str, list[float]] = {case.name: [] for case in cases}
    processor = dict.fromkeys(first, 0.0)
    slow: dict[str, list[float]] = {case.name: [] for case in cases}
    dropped: dict[str, str] = {}
    with _ours(directory) as ours, _stock(directory, scratch) as stock:
        for case in cases:
            _asked(session, ours.url + case.ours)
        for round_ in range(rounds):
            for case in cases:
                before = ours.processor()
                warm[case.name] += [_asked(session, ours.url + case.ours) for _ in range(5)]
                processor[case.name] += ours.processor() - before
                if round_ < stock_rounds:
                    slow[case.name].append(_asked(session, stock.url + case.stock, fails=True))
        for case in cases:
            dropped[case.name] = _dropped(session.get(stock.url + case.stock))
        memory, seconds = ours.mebibytes(), ours.seconds
    table = Table(
        "query", "first ms", "its processor ms", "p50 ms", "p95 ms", "processor ms", "stock ms",
        "facets dropped", "times faster",
        title=f"{records:,} records, {rounds * 5} warm requests each",
    )  # fmt: skip
    for case in cases:
        times = warm[case.name]
        median = statistics.median(times)
        stock_median = statistics.median(slow[case.name])
        table.add_row(
            case.name,
            f"{statistics.median(first[case.name]) * 1000:.0f}",
            f"{statistics.median(first_processor[case.name]) * 1000:.0f}",
            f"{median * 1000:.0f}",
            f"{statistics.quantiles(times, n=20)[-1] * 1000:.0f}",
            f"{processor[case.name] / len(times) * 1000:.0f}",
            f"{stock_median * 1000:.0f}",
            dropped[case.name],
            f"{stock_median / median:.0f}",
        )
    Console(width=110).print(table)
    print(f"our server: started in {seconds:.1f} s, at most {memory} MiB")


def _dropped(page: requests.Response) -> str:
    """Say how many facets a page of stock Datasette says it has dropped."""
    if not page.ok:
        return f"HTTP {page.status_code}"
    told = re.search(r"These facets timed out: ([^<]*)", page.text)
    return str(len(told[1].split(","))) if told else "0"


def _asked(session: requests.Session, url: str, *, fails: bool = False) -> float:
    started = time.perf_counter()
    response = session.get(url, timeout=600, headers={"Cache-Control": "no-cache"})
    seconds = time.perf_counter() - started
    if not fails:
        response.raise_for_status()
    return seconds


@contextmanager
def _ours(directory: Path) -> Iterator[Server]:
    port = _free_port()
    command = [HARVESTER, "--db", str(directory), "serve"]
    with _running([*command, "--port", str(port)], port, {}) as server:
        yield server


@contextmanager
def _stock(directory: Path, scratch: Path) -> Iterator[Server]:
    metadata = scratch / "stock.yml"
    metadata.write_text(STOCK_METADATA)
    port = _free_port()
    command = [sys.executable, "-m", "datasette", "serve", str(directory / "catalogue.db")]
    options = ["-m", str(metadata), "-p", str(port), "--setting", "suggest_facets", "off"]
    with _running([*command, *options], port, {"DATASETTE_LOAD_PLUGINS": ""}) as server:
        yield server


@contextmanager
def _running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[Server]:
    started = time.perf_counter()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                requests.get(f"{url}/-/versions.json", timeout=60)
                break
            except requests.ConnectionError:
                if process.poll() is not None:
                    raise
                time.sleep(0.02)
        yield Server(process, url, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _counting(directory: Path, scratch: Path, cases: list[Case]) -> None:
    """Count the six facets in this process, by our index and by tantivy's."""
    try:
        import tantivy
    except ImportError:
        print("tantivy is not installed: its counts are left out")
        return
    searcher, schema_index = _tantivy_index(tantivy, directory, scratch)
    aggregations = {name: {"terms": {"field": name, "size": SHOWN}} for name in COUNTED}
    table = Table(
        "query", "hits", "tantivy's hits", "our ms", "tantivy ms", "times faster",
        title="six facets counted",
    )  # fmt: skip
    with closing(open_for_reading(directory)) as connection:
        connection.execute(f"pragma cache_size = -{SETTINGS['cache_size_kb']}")  # as it is served
        for case in cases:
            ours, theirs = [], []
            wanted = schema_index.parse_query(_in_tantivy(case.query), ["text"])
            for _ in range(5):
                kept = index.keep(directory / "catalogue.db")
                assert kept is not None
                index.of(connection)
                kept.forget()
                started = time.process_time()
                facets.count(connection, case.query, COUNTED, SHOWN)
                ours.append(time.process_time() - started)
                started = time.process_time()
                searcher.aggregate(wanted, aggregations)
                theirs.append(time.process_time() - started)
            mine, other = statistics.median(ours), statistics.median(theirs)
            table.add_row(
                case.name,
                f"{search.search(connection, case.query, limit=0).total:,}",
                f"{searcher.search(wanted, 1).count:,}",
                f"{mine * 1000:.1f}",
                f"{other * 1000:.1f}",
                f"{other / mine:.1f}",
            )
    Console(width=110).print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"processor time; this process took at most {peak} MiB with both indexes")


def _tantivy_index(tantivy: Any, directory: Path, scratch: Path) -> tuple[Any, Any]:  # noqa: ANN401 - it has no types
    """Index the searched text, other forms of words too, and the six facets of every record."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=False)
    for name in COUNTED:
        if name == "year":
            builder.add_integer_field(name, fast=True, indexed=True)
        else:
            builder.add_text_field(name, fast=True, tokenizer_name="raw")
    (scratch / "tantivy").mkdir()
    made = tantivy.Index(builder.build(), path=str(scratch / "tantivy"))
    writer = made.writer(heap_size=300_000_000, num_threads=2)
    with closing(open_for_reading(directory)) as connection:
        for columns in connection.execute(_INDEXED):
            document = tantivy.Document()
            for text in filter(None, columns[len(COUNTED) :]):
                document.add_text("text", forms.plain(text))
            for name, value in zip(COUNTED, columns, strict=False):
                if name == "year" and value is not None:
                    document.add_integer(name, value)
                elif name in ("type", "source") and value is not None:
                    document.add_text(name, value)
                elif name in ("language", "keyword", "creator"):
                    for one in msgspec.json.decode(value or "[]"):
                        document.add_text(name, one)
            writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    made.reload()
    return made.searcher(), made


def _in_tantivy(query: Query) -> str:
    """Write a query in tantivy's language: for a word in any of its forms."""
    terms = asked.read(query.text).terms
    parts = [f"+({' '.join((forms.plain(term.text), *term.stems))})" for term in terms]
    parts += [f'+{name}:"{value}"' for name, values in query.facets.items() for value in values]
    if query.years:
        first, last = query.years
        parts.append(f"+year:[{first} TO {last}]")
    return " ".join(parts) or "*"


if __name__ == "__main__":
    main()
