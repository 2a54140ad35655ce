"""The facet index: which records a query means, in which order, and how many have which value.

It has two forms that give the same: `plain` asks the tables by SQL and needs nothing, `fast` holds
bitmaps in memory. A process that serves a catalogue says so by `keep`; all others, and all without
numpy and pyroaring (`pip install benelux-harvester[fast]`), go the plain way. Here alone this is
decided.
"""

from __future__ import annotations

import importlib.util
import logging
import sqlite3
import weakref
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import sqlite_utils

from harvester.catalogue import changes, forms, plain, spelling
from harvester.catalogue.meta import one_moment, writing
from harvester.catalogue.query import Query
from harvester.catalogue.values import Counted, Value

if TYPE_CHECKING:
    from harvester.catalogue.fast import Kept

log = logging.getLogger("harvester")

FAST = all(importlib.util.find_spec(name) for name in ("numpy", "pyroaring"))
"""Whether this installation has what bitmaps need."""


class FacetIndex(Protocol):
    """What a catalogue is asked for; both forms are of one generation, that of the connection.

    Hits are records, or works by the records that lead them: see `query.Query`.
    """

    def total(self, query: Query) -> int:
        """How many live hits a query has."""

    def page(self, query: Query, offset: int, limit: int) -> Sequence[int]:
        """The numbers of a page of live hits, in the query's order; all of them where limit is -1.

        Without words to rank by, relevance is newest first.
        """

    def count(self, query: Query, names: Sequence[str], limit: int) -> dict[str, Counted]:
        """Count values of facets, as `facets.count` tells."""

    def among(
        self, numbers: Collection[int], names: Sequence[str], limit: int, *, works: bool = False
    ) -> dict[str, Counted]:
        """Count values of facets over the live ones of some records, or over their works."""

    def values(self, query: Query, name: str) -> list[Value]:
        """Count all values of a facet over the hits of a query, in no order."""


def of(connection: sqlite3.Connection) -> FacetIndex:
    """Return the facet index of the catalogue that a connection is open on, as it is now."""
    if FAST and _KEPT:
        kept = _KEPT.get(_file(connection))
        if kept is not None and (found := kept.at(connection)) is not None:
            return found
    return plain.PlainIndex(connection)


def keep(file: Path) -> Kept | None:
    """Hold the bitmaps of a catalogue in memory for as long as the result is held.

    They are loaded when they are first asked for, and follow the catalogue. What stems words is
    loaded at once.

    Returns:
        What holds them; None in an installation that cannot.
    """
    forms.load()
    if not _is_fast():
        return None
    from harvester.catalogue.fast import Kept

    kept = _KEPT.get(str(file.resolve()))
    if kept is None:
        kept = _KEPT[str(file.resolve())] = Kept()
    return kept


def store(db: sqlite_utils.Database) -> None:
    """At the end of a run, bring what is stored of the index up to its records where it pays.

    Counts are exact without, but a server that starts has more to do. So is the table of words.

    Raises:
        TryLaterError: another process is writing.
        HarvesterError: it cannot be written.
    """
    spelling.write(db)
    if _is_fast():
        from harvester.catalogue.snapshot import write

        write(db)
    else:
        with writing(db) as connection:
            changes.prune(connection)


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[FacetIndex]:
    """Ask the index several things of one moment, whatever a harvest commits meanwhile."""
    with one_moment(connection):
        yield of(connection)


def _is_fast() -> bool:
    """Say whether what bitmaps need can be loaded: it may be there and of another machine."""
    if not FAST:
        return False
    try:
        importlib.import_module("numpy")
        importlib.import_module("pyroaring")
    except ImportError as error:
        log.warning("facets are counted by SQL, since this cannot be loaded: %s", error)
        return False
    return True


def _file(connection: sqlite3.Connection) -> str:
    return str(Path(connection.execute("pragma database_list").fetchone()[2]).resolve())


_KEPT: weakref.WeakValueDictionary[str, Kept] = weakref.WeakValueDictionary()
