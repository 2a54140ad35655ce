"""What the forward index counts: how many of some hits have each value."""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from functools import cached_property

from harvester.catalogue.packing import CODE, CODES

Pairs = list[tuple[int, int]]
"""Counts and numbers of values."""

_LOW = 0 if sys.byteorder == "little" else 3
_CODE_OF = bytes(byte & CODE for byte in range(256))


class Tally:
    """The counts of all values that some hits have, by number of the value."""

    def __init__(self, counts: Counter[int]) -> None:
        self.counts = counts

    def total(self, facet: str) -> int:
        """How many values of a facet the hits have."""
        return self._codes.count(CODES[facet])

    def all(self, facet: str) -> Pairs:
        """The values of a facet, in no order."""
        wanted = CODES[facet]
        return [(n, value) for value, n in self.counts.items() if value & CODE == wanted]

    def most(self, facet: str, wanted: int) -> Pairs:
        """At least so many values, if there are so many, and all that tie with the last of them."""
        several = self._several.get(CODES[facet], [])
        return several if len(several) >= wanted else self.all(facet)

    @cached_property
    def _codes(self) -> bytes:
        """The code of the facet of each value: a byte each."""
        return array("I", self.counts).tobytes()[_LOW::4].translate(_CODE_OF)

    @cached_property
    def _several(self) -> dict[int, Pairs]:
        """By code of a facet the values that several hits have: far fewer than all."""
        found: dict[int, Pairs] = {}
        for n, value in [(n, value) for value, n in self.counts.items() if n > 1]:
            found.setdefault(value & CODE, []).append((n, value))
        return found
