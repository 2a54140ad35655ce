"""Finds copies of publications and keeps them together as works, in the ledger and the catalogue.

Only what was written or went since the last time is looked at anew, and what that touches: records
whose keys tell more or less by it, and works that it may join or part. A run that is killed is
taken up again by the next one.
"""

from __future__ import annotations

import logging
import math
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain, islice

import msgspec

from harvester.archive import works as minted
from harvester.catalogue import candidates
from harvester.catalogue import works as shown
from harvester.catalogue.candidates import Pair, Relation
from harvester.catalogue.meta import meta, set_meta, shorten_log
from harvester.catalogue.meta import writing as writing_catalogue
from harvester.linking import blocking, weighing
from harvester.linking.evidence import Evidence, compare
from harvester.linking.founding import founded
from harvester.linking.grouping import Joined, confirmed, groups, parted
from harvester.linking.relating import relation
from harvester.linking.together import Together
from harvester.linking.traits import Traits, traits
from harvester.linking.weighing import Table
from harvester.model import Record
from harvester.results import Progress
from harvester.workspace import Workspace

log = logging.getLogger("harvester")

DOUBTFUL = -4.0
"""Pairs from this score on are kept, for people to look at."""

_CHUNK = 2_000
_REMEMBERED = 50_000
_DIGITS = 6
_RULES = "linked_by"
_MOST_ANEW = 2
"""When more than one of so many records is to be looked at, all are."""

Tell = Callable[[Progress], None]


class Linked(msgspec.Struct, frozen=True):
    """What was found: records looked at, pairs compared, works with two live records and more."""

    records: int
    pairs: int
    works: int
    copies: int


class Reader:
    """Gives what is compared of records, and compares them; what was asked last is remembered."""

    def __init__(self, catalogue: sqlite3.Connection, table: Table) -> None:
        self._connection = catalogue
        self._table = table
        self.traits = lru_cache(_REMEMBERED)(self._traits)
        self._common = lru_cache(_REMEMBERED)(self._count)
        self.compared = 0

    def read(self, record: Record) -> Traits:
        """Take from a record what is compared."""
        return traits(record, self._table.words)

    def compare(self, one: int, other: int) -> Evidence:
        """Compare two live records."""
        self.compared += 1
        return compare(self.traits(one), self.traits(other), self._table.weights, self._common)

    def apart(self, one: int, other: int) -> bool:
        """Whether two records must not stand in one group."""
        found = self.compare(one, other)
        return bool(found.veto) or found.score < self._table.apart_below

    def _traits(self, number: int) -> Traits:
        ((_, record),) = candidates.records(self._connection, [number])
        return self.read(record) if record else Traits()

    def _count(self, one: Traits) -> int:
        return candidates.count(self._connection, blocking.column(one), blocking.COMMON)


def relink(workspace: Workspace, *, every: bool = False, tell: Tell = lambda _: None) -> Linked:
    """Look for copies of what was written since the last time.

    Args:
        workspace: what is open.
        every: of all records anew.
        tell: is told how many records were read, and compared.

    Raises:
        TryLaterError: another program is writing.
        HarvesterError: a database cannot be written.
    """
    table = weighing.load(workspace.settings.overlay)
    connection = workspace.catalogue.conn
    reader = Reader(connection, table)
    with writing_catalogue(workspace.catalogue):
        if every or meta(connection, _RULES) != weighing.fingerprint(table):
            candidates.again(connection)
    _enter_keys(workspace, reader, tell)
    touched = candidates.pending(connection)
    if not touched and minted.version(workspace.archive):
        return Linked(0, 0, *shown.count(connection))
    affected = _compare(workspace, reader, touched, tell)
    moved = _regrouped(workspace, reader, affected)
    new = _minted(workspace, moved)
    decisions = minted.decisions(workspace.archive)
    with writing_catalogue(workspace.catalogue):
        candidates.decide(connection, {(one.one, one.other): one.same for one in decisions})
        shown.move(workspace.catalogue, new, moved, minted.version(workspace.archive))
        candidates.done(connection)
        set_meta(connection, _RULES, weighing.fingerprint(table))
    shorten_log(workspace.catalogue)
    works, copies = shown.count(connection)
    found = Linked(len(touched), reader.compared, works, copies)
    log.info(
        "linked: %d records looked at, %d pairs compared, %d works of %d records",
        found.records, found.pairs, found.works, found.copies,
    )  # fmt: skip
    return found


def copy_works(workspace: Workspace) -> None:
    """Give the catalogue the works of the ledger, where it has others: it is new, say."""
    archive, version = workspace.archive, minted.version(workspace.archive)
    if version != shown.version(workspace.catalogue):
        known = [_shown(work) for work in minted.works(archive)]
        shown.replace(workspace.catalogue, known, dict(minted.members(archive)), version)


def _minted(workspace: Workspace, moved: Mapping[int, int | None]) -> list[shown.Work]:
    """Write into the ledger which records come to be in another work.

    Returns:
        The works that the catalogue lacks.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with workspace.archive as archive:
        known = {work.number for work in minted.works(archive)}
        for founder in sorted({work for work in moved.values() if work} - known):
            minted.mint(archive, founder, now)
        if moved or not minted.version(archive):
            minted.move(archive, moved)
    there = shown.known(workspace.catalogue.conn)
    return [_shown(work) for work in minted.works(workspace.archive) if work.number not in there]


def _shown(work: minted.Work) -> shown.Work:
    return shown.Work(work.number, work.id, work.citekey)


def _enter_keys(workspace: Workspace, reader: Reader, tell: Tell) -> None:
    """Bring the keys of all pending records up to date."""
    connection = workspace.catalogue.conn
    numbers = candidates.pending(connection)

    def found() -> Iterator[tuple[int, candidates.Keys | None]]:
        for start in range(0, len(numbers), _CHUNK):
            tell(Progress("read", start, len(numbers)))
            chunk = numbers[start : start + _CHUNK]
            for number, record in candidates.records(connection, chunk):
                yield number, blocking.keys(reader.read(record)) if record else None

    if len(numbers) * _MOST_ANEW > candidates.count_live(connection):
        with writing_catalogue(workspace.catalogue):
            candidates.again(connection)
            numbers = candidates.pending(connection)
            candidates.enter_all(connection, ((one, keys) for one, keys in found() if keys))
        return
    keys = found()
    while chunk := list(islice(keys, _CHUNK)):
        with writing_catalogue(workspace.catalogue):
            candidates.again(connection, candidates.enter(connection, chunk))


def _compare(workspace: Workspace, reader: Reader, touched: list[int], tell: Tell) -> set[int]:
    """Compare records with all that share enough keys, and keep the pairs worth it.

    Returns:
        These records, and those that they were paired with before.
    """
    connection = workspace.catalogue.conn
    later = set(touched)
    affected = set(touched)
    for start in range(0, len(touched), _CHUNK):
        tell(Progress("compared", start, len(touched)))
        chunk = touched[start : start + _CHUNK]
        with writing_catalogue(workspace.catalogue):
            before = candidates.forget_pairs(connection, chunk)
            candidates.again(connection, before)  # for the next run, if this one is killed
            affected |= before
            candidates.keep(
                connection,
                (
                    told
                    for record in chunk
                    for other in candidates.partners(connection, record)
                    if other < record or other not in later
                    for told in _told(reader, record, other)
                ),
            )
        shorten_log(workspace.catalogue)
    return affected


def _told(reader: Reader, record: int, other: int) -> Iterator[Pair | Relation]:
    """Compare two records, and give what is worth keeping."""
    one, two = sorted((record, other))
    found = reader.compare(one, two)
    if found.score > DOUBTFUL:
        yield Pair(one, two, round(found.score, _DIGITS), found.veto)
    for mine, theirs in ((one, two), (two, one)):
        told = relation(reader.traits(mine), reader.traits(theirs), found)
        if told:
            yield Relation(mine, told, theirs)


def _regrouped(workspace: Workspace, reader: Reader, affected: set[int]) -> dict[int, int | None]:
    """Group anew what some records have to do with, and say which records change their work."""
    connection = workspace.catalogue.conn
    before = dict(minted.members(workspace.archive))
    since = {work.number: work.since for work in minted.works(workspace.archive)}
    decided = {(one.one, one.other): one.same for one in minted.decisions(workspace.archive)}
    never = parted(decided)
    pairs = [
        pair for pair in candidates.joined(connection) if (pair.one, pair.other) not in decided
    ]
    together = Together()
    for one, other in chain(((pair.one, pair.other) for pair in pairs), decided, before.items()):
        together.join(one, other)
    for record in (*affected, *chain.from_iterable(decided)):
        together.touch(record)
    joined: defaultdict[int, list[Joined]] = defaultdict(list)
    for pair in pairs:
        joined[together.root(pair.one)].append(pair)
    said: defaultdict[int, list[set[int]]] = defaultdict(list)
    for records in confirmed(decided):
        said[together.root(min(records))].append(records)
    moved: dict[int, int | None] = {}
    for root, members in together.classes():
        live = candidates.live(connection, members)
        as_one = [there for records in said[root] if (there := records & live)]
        found = [pair for pair in joined[root] if pair.one in live and pair.other in live]
        found += [
            Joined(math.inf, min(records), other, "")
            for records in as_one
            for other in records - {min(records)}
        ]
        in_works = {record: before[record] for record in members if record in before}
        moved |= founded(groups(found, reader.apart, never), in_works, live, since)
    return moved
