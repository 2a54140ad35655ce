"""From the wire to a catalogue that is searched and faceted, beside scripts of an afternoon.

    python bench/pipeline.py http://127.0.0.1:8000/oai
    python bench/pipeline.py URL --records 10000 100000 1000000 [--rounds 3] [--night 5000]
    python bench/pipeline.py FOLDER

URL is a provider of at least so many records in oai_dc, FOLDER holds `*.xml`, pages of ListRecords.
The records are taken from there once; then a provider of this benchmark's own, on loopback, lists
as many of them as each run is to harvest, the first ones.

With the shortest list `harvester harvest` and the scripts of `afternoon.py` take turns, each time
in a process of its own and into a new folder, from the start of the process to its end: then every
record is found by its words. The scripts harvest with Sickle and store with sqlite-utils, by
`upsert()` and by `upsert_all()` of a page's records, and get the settings that were quicker for
them: a write-ahead log, and the index of words made at the end. As `upsert()` is much slower
without that log, which nobody gets unasked, it is shown both ways. They have no exact facets, no
raw pages, and values as they came.

The longer lists are harvested once each, by `harvester harvest` alone: how much longer does a
record take? Every process has something to do before the first record and after the last one; the
time of a list of one page is taken off for that. After the longest list a night changes `--night`
records, taken from all its parts. `harvester serve` runs already then; the clock runs from the
start of the second harvest until it answers a search for a new word of theirs with all of them, and
with their facets; it is asked four times a second.

Processor time is that of all processes of a client, memory what they had together at their peak,
what they share counted once (looked at four times a second). Disk is the size of the databases
with their logs written back; `each` counts tombstones too. Provider and client share the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import requests
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench import readers, replay  # noqa: E402
from harvester.catalogue import facets, open_for_reading, search  # noqa: E402
from harvester.catalogue.query import FACETS  # noqa: E402

HARVESTER = str(Path(sys.executable).with_name("harvester"))
AFTERNOON = str(Path(__file__).with_name("afternoon.py"))
OURS = "harvester"
PEERS = ("upsert", "upsert-wal", "upsert-all")
DATABASES = ("archive.db", "catalogue.db")
LOOK = 0.25
"""Seconds between two looks at the memory."""
PATIENCE = 60
"""Seconds to wait for a night's records after its harvest."""

_INDEXED = "select count(*) from records_fts_docsize"
_BY_TABLE = "select name, pgsize from dbstat where aggregate = 1 order by pgsize desc"


class Took(NamedTuple):
    """What a process took: seconds, those of the processor, peak memory in MiB, bytes of disk."""

    seconds: float
    processor: float
    mebibytes: float
    disk: int = 0


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("corpus", help="a base URL, or a folder of pages")
    parser.add_argument("--records", type=int, nargs="+", default=[10_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--night", type=int, default=5_000, help="records that change in a night")
    given = parser.parse_args()
    lengths = sorted(set(given.records))
    console = Console(width=110)
    with tempfile.TemporaryDirectory() as scratch:
        corpus = replay.take(given.corpus, lengths[-1], Path(scratch) / "records")
        start = _typical([_once(OURS, corpus, replay.PAGE) for _ in range(given.rounds)])
        raced = race(corpus, lengths[0], given.rounds)
        console.print(_race_table(raced, lengths[0]))
        took = {lengths[0]: _typical(raced[OURS])}
        for records in lengths[1:-1]:
            took[records] = _once(OURS, corpus, records)
        directory = Path(scratch) / "db"
        with replay.serving(corpus, lengths[-1], given.night) as provider:
            last = harvested(OURS, provider.url, directory, corpus, lengths[-1])
            took.setdefault(lengths[-1], last)
            console.print(_growth_table(took, start))
            console.print(_disk_table(directory, lengths[-1]))
            if given.night:
                console.print(night(directory, provider))


def race(corpus: replay.Corpus, records: int, rounds: int) -> dict[str, list[Took]]:
    """Let all clients harvest a list of this length, in turns."""
    clients = [*PEERS, OURS]
    took: dict[str, list[Took]] = {client: [] for client in clients}
    for _ in range(rounds):
        for client in clients:
            took[client].append(_once(client, corpus, records))
        clients.reverse()  # none is always the one that comes after the same other
    return took


def _once(client: str, corpus: replay.Corpus, records: int) -> Took:
    """Harvest a list of this length into a folder that is thrown away."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        replay.serving(corpus, records) as provider,
    ):
        return harvested(client, provider.url, Path(scratch) / "db", corpus, records)


def harvested(client: str, url: str, directory: Path, corpus: replay.Corpus, records: int) -> Took:
    """Harvest a list of this length into a new folder, and make sure that all of it is there.

    Raises:
        SystemExit: the client failed, or a record is missing.
    """
    directory.mkdir()
    if client == OURS:
        took = run([HARVESTER, "--db", str(directory), "harvest", url])
        _complete(directory, corpus.live(records), records)
        files = [directory / name for name in DATABASES]
    else:
        files = [directory / "records.db"]
        took = run([sys.executable, AFTERNOON, client, url, str(files[0])])
        with closing(sqlite3.connect(files[0])) as database:
            _same(client, database.execute(_INDEXED).fetchone()[0], corpus.live(records))
    return took._replace(disk=sum(_bytes(file) for file in files))


def run(command: list[str]) -> Took:
    """Run a command to its end.

    Raises:
        SystemExit: it fails.
    """
    os.sync()  # what others have written is not written at its expense
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    over, seen = threading.Event(), [0]

    def look() -> None:
        while not over.wait(LOOK):
            seen.append(sum(_kibibytes(one) for one in _tree(process.pid)))

    looking = threading.Thread(target=look)
    looking.start()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    over.set()
    looking.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}, see above")
    peak = max(*seen, usage.ru_maxrss)  # a short life has its peak between two looks
    return Took(seconds, usage.ru_utime + usage.ru_stime, peak / 1024)


def _tree(pid: int) -> Iterator[int]:
    """Give a process and all that it started and that still run."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # it has ended
            for child in task.read_text().split():
                yield from _tree(int(child))


def _kibibytes(pid: int) -> int:
    """Return a process's part of the memory: what it shares counts in parts."""
    with contextlib.suppress(OSError):  # it has ended
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def _complete(directory: Path, live: int, records: int) -> None:
    """Make sure that a catalogue has all records of a list, that words find them, and facets."""
    with closing(open_for_reading(directory)) as connection:
        counts = search.counts(connection)
        _same("the catalogue", counts.records, live)
        _same("the catalogue with its tombstones", counts.records + counts.deleted, records)
        _same("the index of words", connection.execute(_INDEXED).fetchone()[0], live)
        _same("the facet of sources", facets.top(connection, "source", 1)[0].count, live)


def _same(what: str, found: int, expected: int) -> None:
    if found != expected:
        raise SystemExit(f"{what} has {found:,} records and not {expected:,}")


def _bytes(file: Path) -> int:
    """Return the size of a database whose log is written back."""
    with closing(sqlite3.connect(file)) as database:
        busy, *_ = database.execute("pragma wal_checkpoint(truncate)").fetchone()
        assert not busy, f"{file} is in use"
    return file.stat().st_size


def night(directory: Path, provider: replay.Provider) -> Table:
    """Harvest what a night changed into a catalogue that is served, until a reader finds it."""
    with (
        readers.served(directory) as (host, port),
        requests.Session() as session,
        ThreadPoolExecutor(1) as pool,
    ):
        address = f"http://{host}:{port}/search.json"

        def ask(word: str) -> tuple[int, int, dict[str, Any]]:
            """Return how many records there are, how many the facet counts, and all facets."""
            answer = session.get(address, params={"q": word, "show": "records"}, timeout=PATIENCE)
            answer.raise_for_status()
            told = answer.json()
            sources = told["facets"]["source"]["values"]
            return told["total"], sum(value["count"] for value in sources), told["facets"]

        records, *_ = ask("")
        before, *_ = ask(replay.NIGHT_WORD)
        assert not before, f"{replay.NIGHT_WORD} is in no title yet, but is found {before} times"
        os.sync()
        began = time.perf_counter()
        harvesting = pool.submit(run, [HARVESTER, "--db", str(directory), "harvest", provider.url])
        while True:
            total, counted, found = ask(replay.NIGHT_WORD)
            seconds = time.perf_counter() - began
            if total == counted == provider.changed:
                break
            if harvesting.done() and seconds > harvesting.result().seconds + PATIENCE:
                raise SystemExit(f"{total:,} of {provider.changed:,} changed records are found")
            time.sleep(LOOK)
        took = harvesting.result()
        assert set(found) == set(FACETS), f"counted are {', '.join(found)}"
    table = Table(
        "records", "changed", "harvest s", "its processor s", "found after s", "peak MiB",
        title="a night",
    )  # fmt: skip
    table.add_row(
        f"{records:,}",
        f"{provider.changed:,}",
        f"{took.seconds:.1f}",
        f"{took.processor:.1f}",
        f"{seconds:.1f}",
        f"{took.mebibytes:.0f}",
    )
    return table


def _typical(rounds: list[Took]) -> Took:
    """Return the median of each figure."""
    seconds, processor, mebibytes, disk = map(statistics.median, zip(*rounds, strict=True))
    return Took(seconds, processor, mebibytes, int(disk))


def _race_table(raced: dict[str, list[Took]], records: int) -> Table:
    rounds = len(raced[OURS])
    table = Table(
        "client", "records/s", "processor µs each", f"{OURS} is × as quick", "least", "most",
        "by processor", "peak MiB", "bytes each",
        title=f"{records:,} records a round, {rounds} rounds, medians",
    )  # fmt: skip
    for client in (OURS, *PEERS):
        pairs = list(zip(raced[client], raced[OURS], strict=True))
        ratios = [peer.seconds / ours.seconds for peer, ours in pairs]
        by_processor = [peer.processor / ours.processor for peer, ours in pairs]
        typical = _typical(raced[client])
        table.add_row(
            client,
            f"{records / typical.seconds:,.0f}",
            f"{typical.processor / records * 1e6:,.0f}",
            *(f"{ratio:.2f}" for ratio in (statistics.median(ratios), min(ratios), max(ratios))),
            f"{statistics.median(by_processor):.2f}",
            f"{typical.mebibytes:.0f}",
            f"{typical.disk / records:,.0f}",
        )
    return table


def _growth_table(took: dict[int, Took], start: Took) -> Table:
    table = Table(
        "records", "s", "records/s", "µs each*", "growth", "processor µs each*", "growth",
        "peak MiB", "bytes each",
        title=f"{OURS}; * less the start: a list of one page takes {start.seconds:.2f} s, "
        f"{start.processor:.2f} s of the processor",
    )  # fmt: skip
    first: tuple[float, float] | None = None
    for records, one in took.items():
        each = (
            (one.seconds - start.seconds) / (records - replay.PAGE) * 1e6,
            (one.processor - start.processor) / (records - replay.PAGE) * 1e6,
        )
        first = first or each
        (clock, then_clock), (processor, then_processor) = zip(each, first, strict=True)
        table.add_row(
            f"{records:,}",
            f"{one.seconds:,.1f}",
            f"{records / one.seconds:,.0f}",
            f"{clock:,.0f}",
            f"{clock / then_clock - 1:+.0%}",
            f"{processor:,.0f}",
            f"{processor / then_processor - 1:+.0%}",
            f"{one.mebibytes:.0f}",
            f"{one.disk / records:,.0f}",
        )
    return table


def _disk_table(directory: Path, records: int) -> Table:
    """Say what takes the room; what takes less than a hundredth is summed up."""
    table = Table("database", "table or index", "bytes each", title=f"disk, {records:,} records")
    for name in DATABASES:
        file = directory / name
        whole = _bytes(file)
        with closing(sqlite3.connect(file)) as database:
            parts: list[tuple[str, int]] = database.execute(_BY_TABLE).fetchall()
        large = [(part, size) for part, size in parts if size >= whole / 100]
        for part, size in [*large, ("others", whole - sum(size for _, size in large))]:
            table.add_row(name, part, f"{size / records:,.0f}")
        table.add_row(name, "all", f"{whole / records:,.0f}", end_section=True)
    return table


if __name__ == "__main__":
    main()
