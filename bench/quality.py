"""How well the whole corpus of recorded answers and of BASE's records is understood.

    python bench/quality.py [--write] [--corpus FOLDER]

Printed are how many records fail, how many keep every value that they came with, which share has a
title and a type where the record gives one, what became of dates and languages, how many values
each fallback rule gave up on, and the table of the gold set. With `--write` the tables are written
into docs/quality.md instead.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from harvester import schemas, sources  # noqa: E402
from harvester.normalise import RULES, load  # noqa: E402
from tests.conftest import CORPUS  # noqa: E402
from tests.corpus import every_record  # noqa: E402
from tests.gold.measuring import Line, lines  # noqa: E402
from tests.gold.measuring import measure as measure_gold  # noqa: E402
from tests.gold.rows import rows as gold_rows  # noqa: E402
from tests.normalise.measuring import Measured, Read, measure, share  # noqa: E402

DOCS = ROOT / "docs" / "quality.md"
MARK = "<!-- Written by `python bench/quality.py --write`: do not edit below. -->\n"

MEANING = "which means"
SCORES = ("values", "precision", "recall", "F1", "RecordManager’s F1")

Row = tuple[str, ...]
Rows = list[Row]


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--write", action="store_true", help="into docs/quality.md")
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    given = parser.parse_args()
    catalogue = sources.from_table(schemas.load("sources.yml"))
    tables = load(catalogue)
    measured = measure(every_record(given.corpus, catalogue), tables)
    gold = measure_gold(gold_rows(), given.corpus, catalogue, tables)
    found: list[tuple[Row, Rows]] = [
        (("the whole corpus", ""), whole(measured)),
        (("given up by", "values", "of their kind", MEANING), fallbacks(measured)),
    ]
    if gold:
        found.append(((f"{len(gold):,} records of the gold set", *SCORES), scores(lines(gold))))
    if given.write:
        above, _, _ = DOCS.read_text(encoding="utf-8").partition(MARK)
        DOCS.write_text(above + MARK + "".join(_markdown(*one) for one in found), encoding="utf-8")
    else:
        for head, body in found:
            _print(head, body)
    for failure in measured.failures:
        print(failure)


def whole(measured: Measured) -> Rows:
    """Lay out what is understood of the whole corpus."""
    live = measured.records
    return [
        ("records", f"{live:,}"),
        ("records that fail", f"{len(measured.failures):,}"),
        ("records of which every value is kept as it came", _percent(measured.kept, live)),
        ("records with a title, of those that give one",
         _percent(measured.titled, measured.given_titles)),
        ("records with a type, of those that give one",
         _percent(measured.typed, measured.given_types)),
        *_read("dates", measured.dates),
        *_read("languages", measured.languages),
    ]  # fmt: skip


def fallbacks(measured: Measured) -> Rows:
    """Lay out how many values each fallback rule gave up on, the commonest first."""
    return [
        (rule, f"{count:,}", _percent(count, measured.kinds[_kind(rule)]), RULES[rule].what)
        for rule, count in measured.fallbacks.most_common()
    ]


def scores(found: Sequence[Line]) -> Rows:
    """Lay out the scores of the gold set."""
    return [
        (
            line.name,
            f"{line.ours.both + line.ours.missed:,}",
            *(f"{score:.3f}" for score in (line.ours.precision, line.ours.recall, line.ours.f1)),
            f"{line.peer.f1:.3f}",
        )
        for line in found
    ]


def _read(kind: str, read: Read) -> Rows:
    accounted = read.understood + read.reported
    return [
        (f"{kind} that are not empty", f"{read.values:,}"),
        (f"{kind}: understood, or reported as not understood", _percent(accounted, read.values)),
        (f"{kind}: understood", _percent(read.understood, read.values)),
    ]


def _kind(rule: str) -> str:
    return rule.partition(".")[0]


def _percent(part: int, whole: int) -> str:
    """Write a share so that only all is 100 %."""
    of = share(part, whole)
    return f"{min(of, 0.9999) if of < 1 else of:.2%}"


def _print(head: Row, body: Rows) -> None:
    table = Table(box=None, pad_edge=False)
    for number, column in enumerate(head):
        table.add_column(column, justify="right" if number and column != MEANING else "left")
    for row in body:
        table.add_row(*row)
    console = Console(width=140)
    console.print(table)
    console.print()


def _markdown(head: Row, body: Rows) -> str:
    rules = [
        "---:" if number and column != MEANING else "---" for number, column in enumerate(head)
    ]
    return "\n" + "".join(f"| {' | '.join(row)} |\n" for row in (head, rules, *body))


if __name__ == "__main__":
    main()
