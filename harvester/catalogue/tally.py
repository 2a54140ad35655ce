"""What the forward index counts: how many of some hits have each value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from heapq import nlargest
from itertools import chain

from pyroaring import BitMap

from harvester.catalogue.forward import Forward, gathered
from harvester.catalogue.leads import Leads
from harvester.catalogue.packing import CODE, CODES

Pairs = list[tuple[int, int]]
"""Counts and numbers of values."""


class Tally:
    """The counts of the values that some hits have, but for the facets that are `WHOLE`.

    Rare values are many and seldom wanted: they are counted when they are.
    """

    def __init__(self, forward: Forward, hits: BitMap, leads: Leads | None) -> None:
        """Count the frequent values of hits.

        Args:
            forward: the values of all records.
            hits: live records, or works where `leads` is given: these have the values of all their
                copies, each once.
            leads: which record leads the work of each copy.
        """
        self._forward = forward
        self._hits = hits
        self._leads = leads
        self._frequent = self._counted(forward.frequent)

    def most(self, facet: str, wanted: int, least: int) -> Pairs:
        """Return the values of a facet that most of the hits have.

        Args:
            facet: its name.
            wanted: how many values.
            least: rare values are those that fewer records have.

        Returns:
            At least so many values, if there are so many, and all that tie with the last of them.
        """
        found = _of(facet, self._frequent)
        if least > 1:
            first = nlargest(wanted, found)
            if len(first) < wanted or (first and first[-1][0] < least):
                found += _of(facet, self._rare)
        return found

    def all(self, facet: str, least: int) -> Pairs:
        """Return all values of a facet, in no order."""
        return _of(facet, self._frequent) + (_of(facet, self._rare) if least > 1 else [])

    def total(self, facet: str, least: int) -> int:
        """Return how many values of a facet the hits have."""
        wanted = CODES[facet]
        rare = self._rare_values if least > 1 else ()
        return sum(number & CODE == wanted for number in chain(self._frequent, rare))

    @cached_property
    def _rare(self) -> Counter[int]:
        return self._counted(self._forward.rare)

    @cached_property
    def _rare_values(self) -> BitMap:
        """Which they are; quicker than to count them."""
        records = self._leads.with_copies(self._hits) if self._leads else self._hits
        return BitMap(gathered(self._forward.rare, records))

    def _counted(self, part: Sequence[bytes]) -> Counter[int]:
        counts = Counter(gathered(part, self._hits))
        for lead, copies in self._leads.copies(self._hits) if self._leads else ():
            counts.update(set(gathered(part, copies)).difference(gathered(part, [lead])))
        return counts


def _of(facet: str, counts: Counter[int]) -> Pairs:
    wanted = CODES[facet]
    return [(n, number) for number, n in counts.items() if number & CODE == wanted]
