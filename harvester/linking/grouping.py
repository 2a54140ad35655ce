"""Which records are one work: pairs that are one publication, as far as a group holds together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec


class Judged(msgspec.Struct, frozen=True, order=True):
    """A pair of records that was compared.

    Attributes:
        score: above 0 they are one publication; infinite where a person said so.
        one, other: their numbers, the lower one first.
        apart: they must not stand in one group, whatever joins them.
    """

    score: float
    one: int
    other: int
    apart: bool = False


def groups(pairs: Iterable[Judged], apart_below: float) -> list[list[int]]:
    """Group records; the order of the pairs makes no difference.

    The surest pairs are joined first. A pair whose groups hold two records that must stand apart,
    or that are far from alike, joins nothing: one wrong link must not pull two works together.

    Args:
        pairs: all pairs that were compared.
        apart_below: two records with a lower score are never in one group.

    Returns:
        Groups of two records and more, each in the order of the numbers, the groups too.
    """
    joining, foes = [], defaultdict(set)  # type: tuple[list[Judged], defaultdict[int, set[int]]]
    for pair in pairs:
        if pair.apart or pair.score < apart_below:
            foes[pair.one].add(pair.other)
            foes[pair.other].add(pair.one)
        elif pair.score > 0:
            joining.append(pair)
    joining.sort(key=lambda pair: (-pair.score, pair.one, pair.other))
    group_of: dict[int, list[int]] = {}
    for pair in joining:
        one = group_of.setdefault(pair.one, [pair.one])
        other = group_of.setdefault(pair.other, [pair.other])
        if one is other or any(member in foes and foes[member] & set(other) for member in one):
            continue
        larger, smaller = (one, other) if len(one) >= len(other) else (other, one)
        larger += smaller
        for member in smaller:
            group_of[member] = larger
    found = {id(group): group for group in group_of.values() if len(group) > 1}
    return sorted(sorted(group) for group in found.values())
