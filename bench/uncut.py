"""How many of the subjects that BASE cut come out whole, and how many neighbours are joined.

    python bench/uncut.py [--records 1000] [--seeds 1 2 3] [--show]

Whole records are damaged as BASE does it and understood again. Records are made in the manner of
ORBi, Pure, Utrecht, German and American repositories, with keywords that look like parts of
classes; where the corpus is there (HARVESTER_CORPUS names its folder), recorded ones of real
repositories follow. Phrases are learned from one half of the records and counted in the other; of
known schemes all are counted. `--show` prints what was missed or joined wrongly.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from harvester import schemas, sources  # noqa: E402 - found by the line above
from harvester.normalise import Tables, load  # noqa: E402
from harvester.sources import Source  # noqa: E402
from tests.conftest import CORPUS  # noqa: E402
from tests.normalise.uncutting import KNOWN, Score, evaluate, having_learned  # noqa: E402
from tests.normalise.whole import Whole, made, recorded  # noqa: E402

console = Console()


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--records", type=int, default=1000, help="a seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--show", action="store_true", help="what was missed or joined wrongly")
    given = parser.parse_args()
    catalogue = sources.from_table(schemas.load("sources.yml"))
    tables, base = load(catalogue), catalogue["base"]
    for seed in given.seeds:
        records = made(seed, given.records, tables)
        _measure(f"made, seed {seed}", records, base, tables, seed, show=given.show)
    if CORPUS.is_dir():
        records = list(recorded(CORPUS, tables))
        for seed in given.seeds:
            _measure(f"corpus, halves by seed {seed}", records, base, tables, seed, show=given.show)


def _measure(
    name: str, records: Sequence[Whole], base: Source, tables: Tables, seed: int, *, show: bool
) -> None:
    everything = evaluate(records, base, having_learned(tables, ()))
    mixed = [*records]
    random.Random(seed).shuffle(mixed)
    half = len(mixed) // 2
    held_out = evaluate(mixed[half:], base, having_learned(tables, mixed[:half]))
    table = Table("subjects", "cut", "restored exactly", "share", title=f"{name}: {len(records)}")
    for scheme in KNOWN:
        _row(table, scheme, everything, [scheme])
    _row(table, "known schemes", everything, KNOWN)
    _row(table, "phrases learned from the other half", held_out, ["phrases"])
    _row(table, "others", held_out, ["others"])
    console.print(table)
    for told, score in (("known", everything), ("learned as well", held_out)):
        share = len(score.wrong) / max(score.pairs, 1)
        console.print(
            f"neighbours joined wrongly ({told}): {len(score.wrong)} of {score.pairs} ({share:.2%})"
        )
    if show:
        missed = sorted(set(everything.missed))
        console.print("missed:", missed, "\njoined:", everything.wrong + held_out.wrong)


def _row(table: Table, name: str, score: Score, schemes: Sequence[str]) -> None:
    cut = sum(score.cut[scheme] for scheme in schemes)
    restored = sum(score.restored[scheme] for scheme in schemes)
    if cut:
        table.add_row(name, str(cut), str(restored), f"{restored / cut:.1%}")


if __name__ == "__main__":
    main()
