"""Which records are one work: pairs that are one publication, as far as a group holds together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

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
