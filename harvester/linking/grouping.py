"""Which records are one work: pairs that are one publication, as far as a group holds together."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

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


def groups(pairs: Iterable[Joined], apart: Apart) -> list[list[int]]:
    """Group records; neither the order of the pairs nor the numbers make a difference.

    The surest pairs are joined first. A pair whose groups hold two records that must stand apart
    joins nothing: one wrong link must not pull two works together.

    Args:
        pairs: the pairs that are one publication.
        apart: asked only of records whose groups a pair would join.

    Returns:
        Groups of two records and more, each in the order of the numbers, the groups too.
    """
    group_of: dict[int, list[int]] = {}
    for pair in sorted(pairs, key=lambda pair: (-pair.score, pair.name)):
        one = group_of.setdefault(pair.one, [pair.one])
        other = group_of.setdefault(pair.other, [pair.other])
        if one is other or any(apart(mine, theirs) for mine in one for theirs in other):
            continue
        larger, smaller = (one, other) if len(one) >= len(other) else (other, one)
        larger += smaller
        for member in smaller:
            group_of[member] = larger
    found = {id(group): group for group in group_of.values() if len(group) > 1}
    return sorted(sorted(group) for group in found.values())
