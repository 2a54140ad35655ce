"""How long it takes to find copies, and how well they are found: of a whole catalogue, and a night.

    python bench/link.py --db DIR [DIR …] [--truth FILE …] [--night 5000]

Each DIR is the data of an installation; it is linked anew. A night is as if so many of its records
had only just come. Each FILE holds a JSON object a line, with the OAI identifier of a record as
`id` and as `work` what it has in common with its copies; the one of the same place belongs to a
DIR. Beside it the rule that catalogues commonly have: one DOI, or one title, first author and year.
Everything runs in a process of its own; time is the clock's, memory that of the whole process.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import math
import multiprocessing
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Hashable, Iterable
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import msgspec
import sqlite_utils
from rich.console import Console
from rich.table import Table

from harvester import settings
from harvester.catalogue import candidates, documents, open_for_reading, store
from harvester.linking.wording import fold
from harvester.model import Record
from harvester.pipeline.linking import relink
from harvester.pipeline.writing import writing

KIB = 1 if sys.platform == "linux" else 1024
_SPAWN = multiprocessing.get_context("spawn")

Pairs = set[tuple[int, int]]


class Measured(NamedTuple):
    """Records looked at, pairs compared, seconds, and peak memory in MiB."""

    records: int
    pairs: int
    seconds: float
    mebibytes: float


class Copy(msgspec.Struct, frozen=True):
    """A line of a file of truth."""

    id: str
    work: int


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--db", type=Path, nargs="+", required=True)
    parser.add_argument("--truth", type=Path, nargs="*", default=[])
    parser.add_argument("--night", type=int, default=5_000)
    given = parser.parse_args()
    cost = Table("run", "records", "pairs", "s", "µs each", "peak MiB", title="linking")
    whole = []
    for directory in given.db:
        for name, night in (("all", 0), ("a night", given.night)):
            found = _alone(directory, night)
            each = found.seconds / found.records * 1e6
            whole += [found] * (not night)
            cost.add_row(
                f"{directory.name}, {name}", f"{found.records:,}", f"{found.pairs:,}",
                f"{found.seconds:.1f}", f"{each:.0f}", f"{found.mebibytes:.0f}",
            )  # fmt: skip
    Console().print(cost)
    for less, more in itertools.pairwise(whole):
        size = more.records / less.records
        bound = size * math.log(more.records) / math.log(less.records)
        Console().print(
            f"{size:.1f} times the records take {more.seconds / less.seconds:.1f} times as long; "
            f"n log n would be {bound:.1f}"
        )
    if given.truth:
        quality = Table("catalogue", "by", "precision", "recall", "F1", title="against the truth")
        for directory, truth in zip(given.db, given.truth, strict=True):
            for by, row in _quality(directory, truth).items():
                quality.add_row(directory.name, by, *(f"{value:.4f}" for value in row))
        Console().print(quality)


def linked(directory: Path, night: int) -> tuple[int, int, float]:
    """Link a catalogue anew, or so many of its records as if they were new.

    Returns:
        Records looked at, pairs compared, and seconds.
    """
    with writing(settings.load(directory), "link") as workspace:
        if night:
            _take_away(workspace.catalogue, night)
        began = time.perf_counter()
        found = relink(workspace, every=not night)
        return found.records, found.pairs, time.perf_counter() - began


def _take_away(catalogue: sqlite_utils.Database, count: int) -> None:
    """Forget what is known of some records, as if they were still to come."""
    with store.writing(catalogue) as connection:
        numbers = [number for (number,) in connection.execute("select number from records")]
        chosen = random.Random(1).sample(numbers, min(count, len(numbers)))
        candidates.enter(connection, ((number, None) for number in chosen))
        candidates.forget_pairs(connection, chosen)
        candidates.again(connection, chosen)


def _quality(directory: Path, truth: Path) -> dict[str, tuple[float, float, float]]:
    opened = gzip.open if truth.suffix == ".gz" else open
    with opened(truth, "rt", encoding="utf-8") as lines:
        works = {one.id: one.work for one in map(msgspec.json.Decoder(Copy).decode, lines)}
    real, ours = defaultdict(list), defaultdict(list)
    common: defaultdict[Hashable, list[int]] = defaultdict(list)
    with closing(open_for_reading(directory)) as catalogue:
        for number, work, *row in catalogue.execute(
            "select number, work, id, citekey, dictionary, document from records "
            "join documents using (number) left join work_records on record = number"
        ):
            record = documents.record(catalogue, *row)
            real[works[record.oai_identifier or ""]].append(number)
            ours[work or -number].append(number)
            for key in _commonly(record):
                common[key].append(number)
    true = _pairs(real.values())
    return {
        "harvester link": _score(true, _pairs(ours.values())),
        "DOI, or title, author, year": _score(true, _pairs(common.values())),
    }


def _commonly(record: Record) -> Iterable[Hashable]:
    if record.identifiers and record.identifiers.doi:
        yield record.identifiers.doi.lower()
    if record.title and record.creators and record.year:
        yield fold(record.title), fold(record.creators[0].literal), record.year


def _pairs(groups: Iterable[list[int]]) -> Pairs:
    return {pair for group in groups for pair in itertools.combinations(sorted(group), 2)}


def _score(true: Pairs, found: Pairs) -> tuple[float, float, float]:
    right = len(true & found)
    precision, recall = right / max(1, len(found)), right / max(1, len(true))
    return precision, recall, 2 * right / max(1, len(true) + len(found))


def _alone(directory: Path, night: int) -> Measured:
    here, there = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_measured, args=(there, directory, night))
    process.start()
    there.close()
    try:
        told: Measured = here.recv()
    except EOFError:
        raise SystemExit("linking failed, see above") from None
    finally:
        process.join()
    return told


def _measured(pipe: Connection, directory: Path, night: int) -> None:
    found = linked(directory, night)
    pipe.send(Measured(*found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB / 1024))


if __name__ == "__main__":
    main()
