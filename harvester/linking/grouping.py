"""Which records are one work: pairs that are one publication, as far as a group holds together."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import product

import msgspec

from harvester.linking.together import Together

Apart = Callable[[int, int], bool]
"""Whether two records must not stand in one group, whatever joins them."""


class Joined(msgspec.Struct, frozen=True):
    """A pair of records that is one publication.

    Attributes:
        score: how surely; infinite where a person said so.
        one, other: their numbers.
        name: decides between pairs that are equally sure, whatever numbers they have.
    """

    score: float
    one: int
    other: int
    name: str


Decided = Mapping[tuple[int, int], bool]
"""Pairs of which a person said that they are one publication, or two; the lower number first."""


def confirmed(decided: Decided) -> list[set[int]]:
    """Return the sets of records that are one publication because a person said so."""
    together = Together()
    for (one, other), same in decided.items():
        if same:
            together.join(one, other)
            together.touch(one)
    return [records for _, records in together.classes()]


def contradiction(decided: Decided) -> tuple[tuple[int, int], set[int]] | None:
    """Return a pair said to be two, and the records that are said to be one with both; or None."""
    for records in confirmed(decided):
        for pair, same in decided.items():
            if not same and records.issuperset(pair):
                return pair, records
    return None


def parted(decided: Decided) -> set[tuple[int, int]]:
    """Return the pairs that must stay two: what is said of one holds for all confirmed with it."""
    same = {record: records for records in confirmed(decided) for record in records}
    return {
        (min(mine, yours), max(mine, yours))
        for (one, other), said in decided.items()
        if not said
        for mine, yours in product(same.get(one, {one}), same.get(other, {other}))
    }


def groups(
    pairs: Iterable[Joined], apart: Apart, never: Collection[tuple[int, int]] = frozenset()
) -> list[list[int]]:
    """Group records; neither the order of the pairs nor the numbers make a difference.

    The surest pairs are joined first. A pair whose groups hold two records that must stand apart
    joins nothing: one wrong link must not pull two works together. What a person joined may well
    be described otherwise: of such a group only the part counts that was joined by likeness.

    Args:
        pairs: the pairs that are one publication.
        apart: asked only of records whose groups a pair would join.
        never: pairs that a person said to be two, the lower number first.

    Returns:
        Groups of two records and more, each in the order of the numbers, the groups too.
    """
    whole: dict[int, list[int]] = {}
    alike: dict[int, list[int]] = {}
    for pair in sorted(pairs, key=lambda pair: (-pair.score, pair.name)):
        one, other = (whole.setdefault(number, [number]) for number in (pair.one, pair.other))
        if one is other or (
            never and any((min(both), max(both)) in never for both in product(one, other))
        ):
            continue
        if not math.isinf(pair.score):
            mine, yours = (alike.setdefault(number, [number]) for number in (pair.one, pair.other))
            if any(apart(*both) for both in product(mine, yours)):
                continue
            _join(alike, mine, yours)
        _join(whole, one, other)
    found = {id(group): group for group in whole.values() if len(group) > 1}
    return sorted(sorted(group) for group in found.values())


def _join(group_of: dict[int, list[int]], one: list[int], other: list[int]) -> None:
    larger, smaller = (one, other) if len(one) >= len(other) else (other, one)
    larger += smaller
    for member in smaller:
        group_of[member] = larger
