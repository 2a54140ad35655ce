"""Counts all values of a facet that some hits have, by the forward index."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from harvester.catalogue.arrays import Numbers, array_of
from harvester.catalogue.forward import Forward
from harvester.catalogue.leads import Leads
from harvester.catalogue.packing import pack

Pairs = list[tuple[int, int]]
"""Counts and numbers of values."""

SPARSE = 32
"""Values are sorted where they are so many times fewer than the greatest of them, else counted."""


class Tally(NamedTuple):
    """The values of one facet that some hits have, by the number of their rows; their counts."""

    facet: str
    rows: npt.NDArray[np.integer]
    counts: npt.NDArray[np.integer]

    def all(self) -> Pairs:
        """All of them, in no order."""
        numbers = [pack(self.facet, row) for row in self.rows.tolist()]
        return list(zip(self.counts.tolist(), numbers, strict=True))

    def most(self, wanted: int) -> Pairs:
        """So many that most of the hits have, if there are so many, and all that tie with these."""
        if wanted < len(self.counts):
            with_most = np.bincount(self.counts)[::-1].cumsum()
            least = len(with_most) - 1 - np.searchsorted(with_most, wanted)
            chosen = np.flatnonzero(self.counts >= least)
            return Tally(self.facet, self.rows[chosen], self.counts[chosen]).all()
        return self.all()


def tally(forward: Forward, facet: str, hits: BitMap, leads: Leads | None) -> Tally:
    """Count all values of a facet.

    Args:
        forward: the values of all records.
        facet: its name.
        hits: live records; or works where `leads` is given: these have the values of all their
            copies, each once.
        leads: which record leads the work of each copy.
    """
    rows = forward.rows(facet, array_of(hits))
    if leads is not None:
        rows = np.concatenate([rows, _of_copies_alone(forward, facet, hits, leads)])
    return Tally(facet, *_counted(rows))


def _of_copies_alone(forward: Forward, facet: str, works: BitMap, leads: Leads) -> Numbers:
    """The values that works have, but not by the record that leads them."""
    owners, records = leads.copies(works)
    said = forward.pairs(facet, records, owners)
    own = forward.pairs(facet, np.unique(owners), np.unique(owners))
    return np.setdiff1d(said, own).astype(np.uint32)


def _counted(rows: Numbers) -> tuple[npt.NDArray[np.integer], npt.NDArray[np.integer]]:
    if not len(rows) or len(rows) * SPARSE < rows.max():
        return np.unique(rows, return_counts=True)
    counts = np.bincount(rows)
    found = np.flatnonzero(counts > 0)
    return found, counts[found]
