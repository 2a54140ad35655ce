"""From the catalogue to files: records a second of each format, beside other writers of BibTeX.

    python bench/export.py [--db DIR] [--records 20000] [--rounds 3]

Without `--db` the records are those of the sample repositories, harvested for this, again and
again. The peers write the same records as entries that are there already: bibtexparser and pybtex
read a file of ours for that, which is not measured; pybtex only where it is installed
(`pip install pybtex`). All take turns, each time in a process of its
own; time is the processor's. Peak memory is that of the whole process, libraries included.

With `--db` the whole catalogue is also asked for over HTTP as `/search.bib`: when the first and the
last bytes come, and what the server needs.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table

from harvester.catalogue import open_for_reading
from harvester.catalogue.query import from_parameters
from harvester.catalogue.search import stream
from harvester.export import exporters
from harvester.model import Record

KIB = 1 if sys.platform == "linux" else 1024
"""How many units of `ru_maxrss` make a KiB."""
PEER_RECORDS = 2_000
"""Peers are slower, and hold all entries in memory."""

_SPAWN = multiprocessing.get_context("spawn")


class Measured(NamedTuple):
    """Records, seconds of the processor, megabytes written, and peak memory in MiB."""

    records: int
    seconds: float
    megabytes: float
    mebibytes: float


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--db", type=Path, help="the data directory of an installation")
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    peers = ["bibtexparser", *(["pybtex"] if find_spec("pybtex") else [])]
    names = [*exporters(), *peers]
    measured: dict[str, list[Measured]] = {name: [] for name in names}
    with _catalogue(given.db) as database:
        for _ in range(given.rounds):
            for name in names:
                count = min(given.records, PEER_RECORDS) if name in peers else given.records
                measured[name].append(_alone(name, database, count))
    table = Table(
        "writer", "records/s", "best", "µs each", "to bibtex", "MB", "peak MiB",
        title=f"{given.records:,} records, median of {given.rounds} rounds; processor time",
    )  # fmt: skip
    ours = statistics.median(one.records / one.seconds for one in measured["bibtex"])
    for name, rounds in measured.items():
        rates = [one.records / one.seconds for one in rounds]
        rate = statistics.median(rates)
        table.add_row(
            name,
            f"{rate:,.0f}",
            f"{max(rates):,.0f}",
            f"{1e6 / rate:.0f}",
            f"{rate / ours:.2f}",
            f"{rounds[0].megabytes:.1f}",
            f"{max(one.mebibytes for one in rounds):.0f}",
        )
    Console().print(table)
    if given.db is not None:
        _over_http(given.db)


def _over_http(directory: Path) -> None:
    """Ask a server of its own for everything as BibTeX, and print how long it took."""
    here, there = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_serve, args=(there, directory))
    process.start()
    try:
        url = f"{here.recv().rstrip('/')}/search.bib"
        for turn in ("first", "second"):
            began = time.perf_counter()
            with urllib.request.urlopen(url) as answer:
                line = answer.readline()
                first = time.perf_counter() - began
                entries = size = 0
                while line:
                    entries += line.startswith(b"@")
                    size += len(line)
                    line = answer.readline()
            whole = time.perf_counter() - began
            Console().print(
                f"/search.bib, {turn} time: {entries:,} entries, {size / 1e6:.0f} MB; "
                f"first line after {first:.2f} s, last after {whole:.1f} s"
            )
        if peak := _peak(process.pid):
            Console().print(f"peak memory of the server: {peak:.0f} MiB")
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection, directory: Path) -> None:
    from harvester.explorer import serve  # not in the memory of the exporters

    serve.serve(directory, "127.0.0.1", 0, listening=pipe.send)


def _peak(process: int | None) -> float:
    """The peak memory of a process in MiB; 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return 0.0
    (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@contextmanager
def _catalogue(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given / "catalogue.db"
        return
    with tempfile.TemporaryDirectory() as folder:
        from harvester.cli import commands  # not in the memory of the exporters

        commands.cli.main(["--db", folder, "demo", "--no-serve"], standalone_mode=False)
        yield Path(folder) / "catalogue.db"


def _records(database: Path, count: int) -> Iterator[Record]:
    """Give so many records, read from the catalogue, again and again under other keys."""
    with closing(open_for_reading(database.parent)) as connection:
        given = 0
        for turn in itertools.count():
            for record in stream(connection, from_parameters([])):
                if given == count:
                    return
                given += 1
                if turn:
                    record = msgspec.structs.replace(record, citekey=f"{record.citekey}-{turn}")
                yield record
            if not given:
                raise SystemExit(f"{database} holds no records")


def exporter(name: str, database: Path, count: int) -> tuple[float, int]:
    """Write records as one of our formats; return seconds and bytes."""
    writer = exporters()[name].write
    began = time.process_time()
    size = 0
    with Path(os.devnull).open("w", encoding="utf-8") as file:
        for piece in writer(_records(database, count)):
            size += len(piece)
            file.write(piece)
    return time.process_time() - began, size


def bibtexparser(database: Path, count: int) -> tuple[float, int]:
    """Write entries with bibtexparser, as it writes them unless told otherwise."""
    from bibtexparser.entrypoint import parse_string, write_string

    library = parse_string("".join(exporters()["bibtex"].write(_records(database, count))))
    began = time.process_time()
    text = write_string(library)
    return time.process_time() - began, len(text)


def pybtex(database: Path, count: int) -> tuple[float, int]:
    """Write entries with pybtex."""
    from pybtex.database import parse_string

    text = "".join(exporters()["bibtex"].write(_records(database, count)))
    entries = parse_string(text, "bibtex")
    began = time.process_time()
    written = entries.to_string("bibtex")
    return time.process_time() - began, len(written)


def _alone(name: str, database: Path, count: int) -> Measured:
    """Measure in a process of its own."""
    here, there = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_measured, args=(there, name, database, count))
    process.start()
    there.close()
    try:
        told: Measured = here.recv()
    except EOFError:
        raise SystemExit(f"{name} failed, see above") from None
    finally:
        process.join()
    return told


def _measured(pipe: Connection, name: str, database: Path, count: int) -> None:
    peers = {"bibtexparser": bibtexparser, "pybtex": pybtex}
    if name in peers:
        seconds, size = peers[name](database, count)
    else:
        seconds, size = exporter(name, database, count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB / 1024
    pipe.send(Measured(count, seconds, size / 1e6, peak))


if __name__ == "__main__":
    main()
