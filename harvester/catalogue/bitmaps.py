"""The facet index in memory: roaring bitmaps for broad results, a forward index for narrow ones.

A `Bitmaps` is of one moment and never changes; the next one shares with it all that did not.
The rarest values of a facet with very many have no bitmap: their records are found by SQL, and they
are counted by the forward index.

For works the same bitmaps serve: the works that have a value are those that are led by a record
which has it, and a few more, `extra`, that have it by another copy alone. Where all hits are leads,
the copies that are none do not matter.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from heapq import heappop, heappush

import msgspec
from pyroaring import BitMap

from harvester.catalogue import forward, leads
from harvester.catalogue.changes import Moment
from harvester.catalogue.forward import Forward
from harvester.catalogue.hits import MANY, ONE
from harvester.catalogue.leads import Leads
from harvester.catalogue.packing import CODES, WHOLE, code, pack, row_of
from harvester.catalogue.tally import Pairs, Tally, tally

MOST = 40_000
"""So many values of a facet have bitmaps at most: those that the most records have."""

RARE = 32
"""Values that so many records have are given bitmaps however many values there are."""

BROAD = 4
"""Hits that are a smaller part of the records are counted by the forward index, more by bitmaps."""

_NONE = BitMap()
_NAMES = {number: name for name, number in CODES.items()}

# For each facet: the records of each value that at least so many have; the records of any value;
# how many values have how many records, the most first.
_POSTINGS = {
    **{
        facet: f"select {column}, json_group_array(record) from {join} "
        f"group by {column} having count(*) >= ?"
        for facet, (join, column, _) in MANY.items()
    },
    **{
        facet: f"select f.number, json_group_array(r.number) from facet_values f "
        f"cross join records r on r.{facet} = f.value where f.facet = '{facet}' "
        f"group by f.number having count(*) >= ?"
        for facet in ONE
    },
}
_ANY = {
    **{
        facet: f"select json_group_array(record) from (select distinct record from {join})"
        for facet, (join, _, _) in MANY.items()
    },
    **{
        facet: f"select json_group_array(number) from records where {facet} is not null"
        for facet in ONE
    },
}
_SPREAD = {
    **{
        facet: f"select n, count(*) from (select count(*) as n from {join} group by {column}) "
        "group by n order by n desc"
        for facet, (join, column, _) in MANY.items()
    },
    **{
        facet: f"select n, count(*) from (select count(*) as n from records "
        f"where {facet} is not null group by {facet}) group by n order by n desc"
        for facet in ONE
    },
}
_RECORDS = {
    **{
        facet: f"select record from {join} where {column} = ?"
        for facet, (join, column, _) in MANY.items()
    },
    **{
        facet: f"select number from records "
        f"where {facet} = (select value from facet_values where number = ?)"
        for facet in ONE
    },
}


class Bitmaps:
    """The facet index of one moment.

    Attributes:
        moment: that of the catalogue.
        bitmaps: by number of a value the records that have it; those of "any value" too.
        forward: the values of each record, but for the facets that are `WHOLE`.
        leads: which record leads the work of each copy.
        least: by code of a facet: values without a bitmap have fewer records than this.
        years: the year that a value of the facet `year` stands for.
    """

    def __init__(
        self,
        moment: Moment,
        bitmaps: dict[int, BitMap],
        forward: Forward,
        leads: Leads,
        least: Mapping[int, int],
        years: Mapping[int, int],
    ) -> None:
        self.moment = moment
        self.bitmaps = bitmaps
        self.forward = forward
        self.leads = leads
        self.least = least
        self.years = years
        self._extra: dict[int, BitMap] = {}

    @property
    def live(self) -> BitMap:
        """All records: each has a source."""
        return self.any("source")

    @cached_property
    def works(self) -> BitMap:
        """All works, and the records that are in none."""
        return self.live - self.leads.followers

    def any(self, facet: str, *, works: bool = False) -> BitMap:
        """The records, or works, that have any value of a facet."""
        records = self.bitmaps.get(CODES[facet], _NONE)
        return records | self.extra(CODES[facet]) if works else records

    def records(
        self, connection: sqlite3.Connection, number: int, *, works: bool = False
    ) -> BitMap:
        """The records that have a value; of works also copies that do not lead theirs."""
        found = self.bitmaps.get(number)
        if found is None:
            found = _rare_records(connection, number)
            return self.leads.lifted(found) if works else found
        return found | self.extra(number) if works else found

    def extra(self, number: int) -> BitMap:
        """The works that have a value, but not by the record that leads them."""
        extra = self._extra.get(number)
        if extra is None:
            records = self.bitmaps.get(number, _NONE)
            extra = self._extra[number] = (self.leads.leading(records) - records) or _NONE
        return extra

    @cached_property
    def descending(self) -> dict[str, list[tuple[int, int]]]:
        """For each facet the counts and numbers of the values that have bitmaps, most first."""
        found: dict[str, list[tuple[int, int]]] = {name: [] for name in CODES}
        for number, records in self.bitmaps.items():
            if row_of(number):
                found[_NAMES[code(number)]].append((len(records), number))
        for values in found.values():
            values.sort(reverse=True)
        return found

    @cached_property
    def by_year(self) -> list[tuple[int, int]]:
        """The years that records have with the numbers of these values, the earliest first."""
        return sorted((year, number) for number, year in self.years.items()
                      if number in self.bitmaps)  # fmt: skip

    def top(
        self, facet: str, hits: BitMap, wanted: int, *, works: bool = False
    ) -> tuple[Pairs, int | None]:
        """Count the values of a facet that most of the hits have.

        Values are looked at in descending order of how many records have them: that bounds how many
        hits can, and how many works too. Where that tells little, or there are no bitmaps for it,
        the hits are counted one by one.

        Args:
            facet: its name.
            hits: live records, or works.
            wanted: how many values, one at least.
            works: the hits are works.

        Returns:
            The counts and numbers of at least so many values, if the hits have so many, and of all
            that tie with the last of them; and how many values the hits have, or None where not
            all were looked at.
        """
        whole = facet in WHOLE
        if not whole and len(hits) <= len(self.live) // BROAD:
            return self._counted(facet, hits, wanted, works)
        found: Pairs = []
        best = Least(wanted)
        seen = 0
        for most, number in self.descending[facet]:
            if most < best.least and not whole:
                return found, None
            count = self.bitmaps[number].intersection_cardinality(hits)
            if works and (extra := self.extra(number)):
                count += extra.intersection_cardinality(hits)
            seen += count > 0
            if count and count >= best.least:
                found.append((count, number))
                best.add(count)
        least = self.least[CODES[facet]]
        if least == 1:
            return found, seen
        if best.least >= least:
            return found, None
        return self._counted(facet, hits, wanted, works)

    def all(self, facet: str, hits: BitMap, *, works: bool = False) -> Pairs:
        """Count all values of a facet over live records, or works, in no order."""
        if facet in WHOLE:
            return self.top(facet, hits, sys.maxsize, works=works)[0]
        return self._tally(facet, hits, works).all()

    def _counted(self, facet: str, hits: BitMap, wanted: int, works: bool) -> tuple[Pairs, int]:
        counted = self._tally(facet, hits, works)
        return counted.most(wanted), len(counted.rows)

    def _tally(self, facet: str, hits: BitMap, works: bool) -> Tally:
        return tally(self.forward, facet, hits, self.leads if works else None)

    def with_changes(
        self, connection: sqlite3.Connection, moment: Moment, numbers: Collection[int]
    ) -> Bitmaps:
        """Return the index of a later moment.

        Args:
            connection: to the catalogue, at that moment.
            moment: the moment.
            numbers: the records that were written or went since, or have another lead.
        """
        changed = forward.read(connection, numbers)
        known = self._whole(BitMap(numbers))
        added: dict[int, list[int]] = {}
        removed: dict[int, list[int]] = {}
        for number, values in changed.items():
            before, now = {*self.forward.of(number), *known.get(number, ())}, set(values)
            before |= {code(value) for value in before}
            now |= {code(value) for value in now}
            for value in now - before:
                added.setdefault(value, []).append(number)
            for value in before - now:
                removed.setdefault(value, []).append(number)
        bitmaps = dict(self.bitmaps)
        for value in added.keys() | removed.keys():
            records = bitmaps.get(value)
            if records is not None:
                records = BitMap(records)
                records.difference_update(BitMap(removed.get(value, ())))
                records.update(added.get(value, ()))
                if records:
                    bitmaps[value] = records
                else:
                    del bitmaps[value]
            elif value in added:
                records = BitMap(added[value])
                least = self.least[code(value)] if row_of(value) else 1
                if least > 1:
                    records = _rare_records(connection, value)
                if len(records) >= least:
                    bitmaps[value] = records
        after = Bitmaps(
            moment,
            bitmaps,
            self.forward.replacing(changed),
            self.leads.with_changes(connection, numbers),
            self.least,
            years(connection),
        )
        after._extra = self._extra_after(after, numbers)
        return after

    def _whole(self, numbers: BitMap) -> dict[int, list[int]]:
        """The values that records have of the facets that are `WHOLE`."""
        found: dict[int, list[int]] = {}
        for name in WHOLE:
            for _, value in self.descending[name]:
                for number in self.bitmaps[value] & numbers:
                    found.setdefault(number, []).append(value)
        return found

    def unchanged(self, moment: Moment, years: Mapping[int, int]) -> Bitmaps:
        """Return the index of a later moment with the same records."""
        after = Bitmaps(moment, self.bitmaps, self.forward, self.leads, self.least, years)
        after._extra = self._extra
        return after

    def _extra_after(self, after: Bitmaps, numbers: Iterable[int]) -> dict[int, BitMap]:
        """Bring what is known of `extra` up to a later moment: only works of changed records."""
        before = dict(self._extra)
        if not before:
            return before
        works = BitMap()
        for number in numbers:
            works.add(self.leads.of.get(number, number))
            works.add(after.leads.of.get(number, number))
        copies = after.leads.with_copies(works)
        touched = copies | BitMap(numbers)
        found = {}
        for number, extra in before.items():
            records = after.bitmaps.get(number, _NONE)
            if records is not self.bitmaps.get(number, _NONE) or records.intersect(touched):
                leading = after.leads.leading(records & copies) - records
                extra = ((extra - works) | leading) or _NONE
            found[number] = extra
        return found


class Least:
    """The least of the so many greatest counts that were seen; 0 before there are so many."""

    def __init__(self, wanted: int) -> None:
        self.least = 0
        self._wanted = max(wanted, 1)
        self._counts: list[int] = []

    def add(self, count: int) -> None:
        """See one more count."""
        heappush(self._counts, count)
        if len(self._counts) > self._wanted:
            heappop(self._counts)
        if len(self._counts) == self._wanted:
            self.least = self._counts[0]


def build(connection: sqlite3.Connection, moment: Moment) -> Bitmaps:
    """Build the index from the tables of the catalogue."""
    bitmaps: dict[int, BitMap] = {}
    least: dict[int, int] = {}
    for facet, number in CODES.items():
        least[number] = 1 if facet in WHOLE else _least(connection, facet)
        rows = connection.execute(_POSTINGS[facet], (least[number],))
        for row, records in rows:
            bitmaps[pack(facet, row)] = _decoded(records)
        having = _decoded(connection.execute(_ANY[facet]).fetchone()[0])
        if having:
            bitmaps[number] = having
    return Bitmaps(
        moment,
        bitmaps,
        forward.read_all(connection),
        leads.read_all(connection),
        least,
        years(connection),
    )


def size(records: BitMap) -> int:
    """Return about how many bytes a bitmap takes in memory."""
    facts = records.get_statistics()
    return 200 + sum(
        facts[kind]
        for kind in (
            "n_bytes_array_containers",
            "n_bytes_run_containers",
            "n_bytes_bitset_containers",
        )
    )


def _least(connection: sqlite3.Connection, facet: str) -> int:
    """Return how many records a value needs for a bitmap, so that not too many values have one."""
    values = 0
    for records, how_many in connection.execute(_SPREAD[facet]):
        values += how_many
        if values > MOST:
            return min(int(records) + 1, RARE)
    return 1


def years(connection: sqlite3.Connection) -> dict[int, int]:
    """Return the year that each value of the facet `year` stands for."""
    select = "select number, value from facet_values where facet = 'year'"
    return {pack("year", row): year for row, year in connection.execute(select)}


def _decoded(records: str) -> BitMap:
    return BitMap(msgspec.json.decode(records, type=list[int]))


def _rare_records(connection: sqlite3.Connection, number: int) -> BitMap:
    select = _RECORDS[_NAMES[code(number)]]
    return BitMap(record for (record,) in connection.execute(select, (row_of(number),)))
