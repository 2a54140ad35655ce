"""Which record leads the work of each copy, in memory: for the facet index by bitmaps."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Collection, Mapping
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from harvester.catalogue.arrays import Numbers, array_of, bitmap_of, stretches

_ALL = "select record, lead from work_records where lead <> record"
_OF_RECORDS = f"{_ALL} and record in (select value from json_each(?))"


class Leads:
    """The leads of all copies. It never changes; `with_changes` gives another one.

    Attributes:
        of: for each live record that another one leads, that one.
        followers: these records.
    """

    def __init__(self, of: Mapping[int, int]) -> None:
        self.of = of
        self.followers = BitMap(array("I", of))

    def leading(self, records: BitMap) -> BitMap:
        """The works of those of the records that do not lead theirs."""
        followers = records & self.followers
        return BitMap(array("I", map(self.of.__getitem__, followers)))

    def lifted(self, records: BitMap) -> BitMap:
        """The works of the records; those that do not lead theirs may still be there."""
        return records | self.leading(records)

    def copies(self, works: BitMap) -> tuple[Numbers, Numbers]:
        """Return the copies that lead none of the works: for each the lead, and itself."""
        leads, records, leading = self._by_lead
        wanted = array_of(works & leading)
        begin = np.searchsorted(leads, wanted)
        places = stretches(begin, np.searchsorted(leads, wanted, "right") - begin)
        return leads[places], records[places]

    def with_copies(self, works: BitMap) -> BitMap:
        """The works, by the records that lead them, and all the copies that these lead."""
        _, copies = self.copies(works)
        return works | bitmap_of(copies)

    def with_changes(self, connection: sqlite3.Connection, numbers: Collection[int]) -> Leads:
        """Return the leads of a later moment, where these records were written, moved or went."""
        now = _read(connection.execute(_OF_RECORDS, (json.dumps(list(numbers)),)))
        gone = [number for number in numbers if number in self.of and number not in now]
        if not gone and all(self.of.get(number) == lead for number, lead in now.items()):
            return self
        of = {**self.of, **now}
        for number in gone:
            del of[number]
        return Leads(of)

    @cached_property
    def _by_lead(self) -> tuple[Numbers, Numbers, BitMap]:
        """The leads in their order, beside each a record that it leads; and the leads as a set."""
        pairs = np.array(list(self.of.items()), np.uint32).reshape(-1, 2)
        records, leads = pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))].T
        return leads, records, bitmap_of(leads)


def read_all(connection: sqlite3.Connection) -> Leads:
    """Read the leads of all copies as they are now."""
    return Leads(_read(connection.execute(_ALL)))


def _read(rows: sqlite3.Cursor) -> dict[int, int]:
    return dict(iter(rows))
