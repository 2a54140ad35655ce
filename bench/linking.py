"""How well records are linked, on labelled pairs; with `--fit` the weights are learnt anew.

    python bench/linking.py [--fit]

The pairs of DBLP-ACM are given, so that blocking is not measured with them; the citations of ASySD
are blocked, compared and grouped. Needs the corpus, see tests/conftest.py. Fitting is logistic
regression by Newton's method over the training pairs alone, clean and damaged ones together.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from harvester import schemas  # noqa: E402
from harvester.linking import weighing, wording  # noqa: E402
from harvester.linking.evidence import described, settle  # noqa: E402
from tests.conftest import CORPUS  # noqa: E402
from tests.linking import labelled, measuring  # noqa: E402

VERSIONS = ("Structured", "Dirty")
SPLITS = ("train", "valid", "test")
RIDGE = 0.01
"""Keeps weights small where the pairs do not tell."""

Row = list[float]


def main() -> None:
    """Measure, or fit and measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--fit", action="store_true", help="write schemas/linking.yml anew")
    if parser.parse_args().fit:
        _fit()
    weights = weighing.load()
    table = Table("labelled pairs", "precision", "recall", "F1", title="linking")
    for version in VERSIONS:
        for split in SPLITS:
            found = measuring.pairs(CORPUS, version, split, weights.weights)
            table.add_row(f"DBLP-ACM {version} {split}", *found.shown())
    table.add_row("ASySD, grouped", *measuring.groups(CORPUS, weights).shown())
    Console().print(table)


def _fit() -> None:
    rows: list[Row] = []
    labels: list[bool] = []
    names: list[str] = []
    given = weighing.load().weights.given
    known: Row = []
    for version in VERSIONS:
        pairs, titles = labelled.dblp_acm(CORPUS, version, "train")
        for one, other, same in pairs:
            features = described(settle(one, other), settle(other, one), titles)
            known.append(sum(given[name] * features.pop(name) for name in given & features.keys()))
            names = ["bias", *features]
            rows.append([1.0, *features.values()])
            labels.append(same)
    fitted = dict(zip(names, newton(rows, known, labels), strict=True))
    path = schemas.shipped("schemas") / wording.TABLE
    path.write_text(weighing.document(path.read_text("utf-8"), fitted), encoding="utf-8")


def newton(rows: list[Row], known: Row, labels: list[bool], steps: int = 12) -> Row:
    """Fit a logistic regression.

    Args:
        rows: the features of each pair.
        known: of each pair the sum of what is not fitted.
        labels: of each pair whether it is one publication.
        steps: of Newton's method.

    Returns:
        A weight for each column.
    """
    size = len(rows[0])
    weights = [0.0] * size
    for _ in range(steps):
        curve = [[0.0] * size for _ in range(size)]
        slope = [0.0] * size
        for row, fixed, label in zip(rows, known, labels, strict=True):
            score = fixed + sum(weight * value for weight, value in zip(weights, row, strict=True))
            chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
            spread, error = chance * (1 - chance), label - chance
            for i, value in enumerate(row):
                if value:
                    slope[i] += error * value
                    line, scaled = curve[i], spread * value
                    for j in range(i, size):
                        line[j] += scaled * row[j]
        for i in range(size):
            slope[i] -= RIDGE * weights[i]
            curve[i][i] += RIDGE
            for j in range(i):
                curve[i][j] = curve[j][i]
        weights = [old + step for old, step in zip(weights, _solved(curve, slope), strict=True)]
    return weights


def _solved(matrix: list[Row], right: Row) -> Row:
    """Solve linear equations by elimination; the matrix is positive definite."""
    size = len(right)
    lines = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for i in range(size):
        for lower in lines[i + 1 :]:
            factor = lower[i] / lines[i][i]
            for column in range(i, size + 1):
                lower[column] -= factor * lines[i][column]
    found = [0.0] * size
    for i in reversed(range(size)):
        rest = sum(lines[i][j] * found[j] for j in range(i + 1, size))
        found[i] = (lines[i][size] - rest) / lines[i][i]
    return found


if __name__ == "__main__":
    main()
