"""From XML to understood records, each with its whole account, beside a small script.

    python bench/normalise.py [--rounds 5]
    python bench/normalise.py FOLDER
    python bench/normalise.py http://127.0.0.1:8000/oai [--prefix oai_dc] [--records 100000]

Without a corpus it reads what the sample repositories list; FOLDER holds `*.xml`, pages of
ListRecords. The way is that of a harvest: parse a page, read its records, understand them. The
peers read the same pages: one only walks over the elements with lxml, one also does what a script
of an afternoon does with them. All take turns, each time in a process of its own that knows
nothing yet; time is the processor's, as other work may go on beside. Then two processes read at
once, and at last it is said where the time goes.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import re
import signal
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from lxml import etree
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench import listing  # noqa: E402
from harvester import sample, schemas, sources  # noqa: E402
from harvester.formats import formats, read_page  # noqa: E402
from harvester.model import RawRecord  # noqa: E402
from harvester.normalise import Tables, load, understand_all  # noqa: E402
from harvester.oai import page  # noqa: E402
from harvester.sources import Source  # noqa: E402

TOP = 10
SECONDS = 5
"""How long to look where the time goes."""

_ANYTHING = etree.XMLParser(collect_ids=False)
"""Takes ORBi's ORCID iDs in `xml:id`, which are no names."""
_SPAWN = multiprocessing.get_context("spawn")


class Pages(NamedTuple):
    """What one source lists."""

    source: Source
    bodies: list[bytes]


Corpus = list[Pages]
Client = Callable[[Corpus], int]
"""Reads a corpus, and returns how many records it read."""


class Took(NamedTuple):
    """What it took to read a corpus: seconds of the processor, and of the clock."""

    processor: float
    clock: float


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("corpus", nargs="?", help="a folder of pages, or a base URL")
    parser.add_argument("--prefix", default="oai_dc", help="what to ask a URL for")
    parser.add_argument("--records", type=int, default=100_000, help="how many to take from a URL")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    if given.corpus is None:
        corpus = _sample()
    elif given.corpus.startswith("http"):
        listed = listing.pages(given.corpus, given.prefix, given.records)
        corpus = [Pages(Source("bench", "Benchmark"), list(listed))]
    else:
        files = sorted(Path(given.corpus).glob("*.xml"))
        corpus = [Pages(Source("bench", "Benchmark"), [file.read_bytes() for file in files])]
    console = Console()
    console.print(_speed(corpus, given.rounds))
    for table in _dearest(corpus):
        console.print(table)


def _speed(corpus: Corpus, rounds: int) -> Table:
    records = harvester(corpus)
    clients: dict[str, tuple[Client, int]] = {
        "lxml, walk": (walk, 1),
        "small script": (script, 1),
        "harvester": (harvester, 1),
        "two harvesters": (harvester, 2),
    }
    took: dict[str, list[Took]] = {name: [] for name in clients}
    for _ in range(rounds):
        for name, (client, processes) in clients.items():
            took[name].append(_together(client, corpus, processes))
    table = Table(
        "client", "records/s", "best", "µs each", "to script", "to one", "by clock",
        title=f"{records:,} records a round, median of {rounds} rounds; processor time",
    )  # fmt: skip
    for name, measured in took.items():
        processes = clients[name][1]
        rates = [processes * records / one.processor for one in measured]
        peers = [records / one.processor for one in took["small script"]]
        alone = [records / one.processor for one in took["harvester"]]
        by_clock = [processes * records / one.clock for one in measured]
        table.add_row(
            name,
            f"{statistics.median(rates):,.0f}",
            f"{max(rates):,.0f}",
            f"{1e6 / statistics.median(rates):.0f}",
            _ratio(rates, peers),
            _ratio(rates, alone),
            f"{statistics.median(by_clock):,.0f}",
        )
    return table


def _ratio(rates: list[float], others: list[float]) -> str:
    """Compare round by round: what disturbs a machine disturbs both."""
    return f"{statistics.median(a / b for a, b in zip(rates, others, strict=True)):.2f}"


def harvester(corpus: Corpus) -> int:
    """Parse, read and understand all records."""
    tables, count = _tables(), 0
    for source, bodies in corpus:
        for body in bodies:
            read = read_page(page.parse(body))
            raws = [raw for raw in read if isinstance(raw, RawRecord)]
            assert len(raws) == len(read), read
            for understood in understand_all(raws, source, tables):
                assert understood.trace, understood.record.oai_identifier
                count += 1
    return count


def walk(corpus: Corpus) -> int:
    """Give all elements of all records as pairs of tag and text."""
    return sum(1 for _ in _walked(corpus))


def _walked(corpus: Corpus) -> Iterator[list[tuple[str, str]]]:
    for _, bodies in corpus:
        for body in bodies:
            for record in etree.fromstring(body, _ANYTHING).iter("{*}record"):
                yield [(str(one.tag), one.text or "") for one in record.iter() if not len(one)]


def script(corpus: Corpus) -> int:
    """Do what most harvests do: names at the comma, keywords at semicolons, years by pattern."""
    count = 0
    for values in _walked(corpus):
        fields: dict[str, list[object]] = {}
        for tag, text in values:
            name = tag.rpartition("}")[2]
            text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text)).strip()
            held = fields.setdefault(name, [])
            if name == "creator":
                family, _, given = text.partition(",")
                held.append({"family": family.strip(), "given": given.strip()})
            elif name == "subject":
                held += [word for word in re.split(r"\s*;\s*", text) if word]
            elif name == "date" and (year := re.search(r"\d{4}", text)):
                held.append(int(year.group()))
            elif name == "identifier" and (doi := re.search(r"10\.\d{4,9}/\S+", text)):
                held.append(doi.group().lower())
            elif text and text not in held:
                held.append(text)
        count += 1
    return count


def _dearest(corpus: Corpus) -> tuple[Table, Table]:
    """Say where the time goes: by stage with all that it calls, and by rule alone."""
    stages, rules = _looked_at(corpus)
    seen = sum(rules.values())
    by_stage = Table("stage", "share", title=f"Where the time goes, {seen:,} looks")
    for stage, count in stages.most_common():
        if count >= seen / 100:
            by_stage.add_row(stage, f"{count / seen:.1%}")
    by_rule = Table("rule", "share", title=f"The {TOP} dearest rules")
    for rule, count in rules.most_common(TOP):
        by_rule.add_row(rule, f"{count / seen:.1%}")
    return by_stage, by_rule


def _looked_at(corpus: Corpus) -> tuple[Counter[str], Counter[str]]:
    """Look again and again at what runs; a profiler of calls would slow small functions most.

    Returns:
        how often a stage was running, and how often a function of `harvester` was, itself or in
        something outside that it called.
    """
    stages: Counter[str] = Counter()
    rules: Counter[str] = Counter()

    def look(_: int, frame: FrameType | None) -> None:
        names = []
        while frame is not None:
            module = frame.f_globals.get("__name__", "")
            if module.startswith("harvester."):
                function = frame.f_code.co_name
                names.append((module.removeprefix("harvester."), function))
            frame = frame.f_back
        if names:
            named = [name for name in names if name[1][0] != "<"]  # comprehensions are their rule's
            rules[".".join(named[0])] += 1
            stages.update({module for module, _ in names if module != "normalise"})

    harvester(corpus)  # what is done once only counts for nothing
    signal.signal(signal.SIGPROF, look)
    end = time.process_time() + SECONDS
    signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
    while time.process_time() < end:
        harvester(corpus)
    signal.setitimer(signal.ITIMER_PROF, 0)
    return stages, rules


def _together(client: Client, corpus: Corpus, processes: int) -> Took:
    """Let so many processes read the corpus at once; return what the slowest took."""
    barrier = _SPAWN.Barrier(processes)
    pipes = []
    for _ in range(processes):
        here, there = _SPAWN.Pipe()
        _SPAWN.Process(target=_measured, args=(there, barrier, client)).start()
        there.close()
        pipes.append(here)
    for pipe in pipes:
        pipe.send(corpus)
    took = [_told(pipe) for pipe in pipes]
    return Took(max(one.processor for one in took), max(one.clock for one in took))


def _told(pipe: Connection) -> Took:
    try:
        took: Took = pipe.recv()
    except EOFError:
        raise SystemExit("a process failed, see above") from None
    return took


def _measured(pipe: Connection, barrier: Barrier, client: Client) -> None:
    corpus = pipe.recv()
    _tables(), formats()  # read once in the life of a process
    gc.freeze()  # as the processes do that help a harvest
    barrier.wait()
    clock, processor = time.perf_counter(), time.process_time()
    client(corpus)
    pipe.send(Took(time.process_time() - processor, time.perf_counter() - clock))


@cache
def _tables() -> Tables:
    return load(sources.from_table(schemas.load("sources.yml")))


def _sample() -> Corpus:
    """Return all that the sample repositories list, in each of their formats."""
    with sample.running() as providers:
        return [
            Pages(source, list(listing.pages(source.urls[0], prefix)))
            for source in providers.values()
            for prefix in source.prefixes or ["oai_dc"]
        ]


if __name__ == "__main__":
    main()
