"""Precision and recall of linking on the labelled pairs and groups of the corpus."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

from harvester.linking import blocking, grouping
from harvester.linking.evidence import Evidence, Weights, compare
from harvester.linking.traits import Traits
from harvester.linking.weighing import Table
from tests.linking import labelled


class Score(NamedTuple):
    """Right links, wrong ones, and missed ones."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / (2 * self.right + self.wrong + self.missed)

    def shown(self) -> tuple[str, str, str]:
        return f"{self.precision:.4f}", f"{self.recall:.4f}", f"{self.f1:.4f}"


def pairs(corpus: Path, version: str, split: str, weights: Weights) -> Score:
    """Judge the labelled pairs of DBLP-ACM, each alone."""
    found, titles = labelled.dblp_acm(corpus, version, split)
    judged = [(compare(one, other, weights, titles), same) for one, other, same in found]
    linked = [(evidence.score > 0 and not evidence.veto, same) for evidence, same in judged]
    return Score(
        sum(link and same for link, same in linked),
        sum(link and not same for link, same in linked),
        sum(same and not link for link, same in linked),
    )


def groups(corpus: Path, table: Table) -> Score:
    """Group the citations of ASySD; of each group its authors kept one citation."""
    records, kept = labelled.asysd(corpus)
    found = grouped(records, table)
    together = {number for group in found for number in group}
    found += [[number] for number in range(len(records)) if number not in together]
    unique = [sum(kept[number] for number in group) for group in found]
    missed = unique.count(0)
    return Score(
        len(records) - sum(kept) - missed, sum(count - 1 for count in unique if count > 1), missed
    )


def grouped(records: list[Traits], table: Table) -> list[list[int]]:
    """Group records as `harvester.pipeline.linking` does, but in memory."""
    blocks: defaultdict[int, list[int]] = defaultdict(list)
    for number, one in enumerate(records):
        for key in blocking.keys(one):
            blocks[key].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for key, block in blocks.items():
        if len(block) <= blocking.most(key) and blocking.weight(key):
            for pair in itertools.combinations(block, 2):
                shared[pair] += blocking.weight(key)

    def common(one: Traits) -> int:
        return min(len(blocks[blocking.column(one)]), blocking.COMMON)

    @cache
    def judged(one: int, other: int) -> Evidence:
        return compare(records[one], records[other], table.weights, common)

    def apart(one: int, other: int) -> bool:
        found = judged(min(one, other), max(one, other))
        return bool(found.veto) or found.score < table.apart_below

    found = [
        grouping.Joined(judged(*pair).score, *pair, f"{pair[0]:06} {pair[1]:06}")
        for pair, weight in shared.items()
        if weight >= blocking.ENOUGH and judged(*pair).score > 0 and not judged(*pair).veto
    ]
    return grouping.groups(found, apart)
