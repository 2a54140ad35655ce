"""How much of the gold set is understood, field by field, beside RecordManager's rules.

    python bench/gold.py [--failures] [--field FIELD …] [--gold FOLDER] [--corpus FOLDER]

The rows of `tests/gold` say what a person reads in records of the optional corpus. Printed are
precision, recall and F1 of every field, and the F1 of RecordManager's documented rules for Dublin
Core (`tests/gold/recordmanager.py`). With `--failures` every disagreement is listed: the record,
the field, what the gold row has and what was understood.
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
from harvester.normalise import load  # noqa: E402
from tests.conftest import CORPUS  # noqa: E402
from tests.gold.measuring import Measured, lines, measure  # noqa: E402
from tests.gold.rows import FOLDER, rows  # noqa: E402
from tests.gold.score import FIELDS, GROUPS, ORDERED  # noqa: E402


def main() -> None:
    """Score, and print a table or the disagreements."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--failures", action="store_true", help="list every disagreement")
    parser.add_argument("--field", action="append", help="only these, such as `container.pages`")
    parser.add_argument("--gold", type=Path, default=FOLDER, help="another folder of rows")
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    given = parser.parse_args()
    catalogue = sources.from_table(schemas.load("sources.yml"))
    found = rows(given.gold)
    measured = measure(found, given.corpus, catalogue, load(catalogue))
    if len(measured) < len(found):
        print(f"{len(found) - len(measured)} rows have no record in {given.corpus}")
    if given.failures:
        print_failures(measured, given.field or FIELDS)
    else:
        print_table(measured)


def print_table(measured: Sequence[Measured]) -> None:
    """Print the scores of every field, of every group, and of everything together."""
    table = Table(title=f"{len(measured)} records", box=None)
    table.add_column("field")
    for column in ("values", "precision", "recall", "F1", "RecordManager"):
        table.add_column(column, justify="right")
    for line in lines(measured):
        if line.name == next(iter(GROUPS)):
            table.add_row()
        ours = line.ours
        scores = (ours.precision, ours.recall, ours.f1, line.peer.f1)
        table.add_row(
            line.name, f"{ours.both + ours.missed:,}", *(f"{score:.3f}" for score in scores)
        )
    Console(width=100).print(table)
    compared = [one for row in measured for one in row.ours if one.field in ORDERED]
    turned = sum(not one.same_order for one in compared)
    print(f"lists in another order: {turned} of {len(compared)}")


def print_failures(measured: Sequence[Measured], fields: Sequence[str]) -> None:
    """Print every disagreement, so that a rule or a row can be mended."""
    for row, ours, _ in measured:
        for one in ours:
            if one.field in fields and not one.agrees:
                print(f"{row.file} {row.identifier} {one.field}")
                print(f"  gold {one.gold}")
                print(f"  ours {one.ours}")


if __name__ == "__main__":
    main()
