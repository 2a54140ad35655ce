"""The order of relevance, the same for both forms of the facet index.

Few hits are ranked one by one by bm25, with the weights of `row.WEIGHTS`. Where there are more than
`MOST_RANKED`, the words are so common that bm25 says little and takes long. Then come first those
with all the words in their titles, after them those with all of them among their keywords, then the
same for other forms of the words, then the others. Each of these groups is again ranked by bm25
where it is small enough, else newest first.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, Self, TypeVar

from harvester.catalogue import asked
from harvester.catalogue.asked import parse_text
from harvester.catalogue.hits import Parameters
from harvester.catalogue.hits import rank as rank_by

MOST_RANKED = 30_000
"""So many hits are ranked by bm25."""

GROUPS = (
    "title parallel_titles",
    "keywords",
    "title parallel_titles title_forms",
    "keywords keyword_forms",
)
"""Columns of the full-text index whose matches come first where there are many hits."""

# The plus keeps SQLite from asking the full-text index once for each number.
_RANK = """
    select rowid from records_fts
    where records_fts match :wanted and +rowid in (select value from json_each(:numbers))
    order by {rank}, rowid desc
"""


class Numbers(Protocol):
    """A set of numbers of records, or works: a `BitMap`, or a `set`."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[int]: ...
    def __and__(self, other: Self, /) -> Self: ...
    def __sub__(self, other: Self, /) -> Self: ...


T = TypeVar("T", bound=Numbers)


def by_relevance(
    text: str,
    hits: T,
    found: Callable[[str], T],
    rank: Callable[[T], Sequence[int]],
    newest: Callable[[T], Iterable[Sequence[int]]],
) -> Iterator[Sequence[int]]:
    """Give the hits of a search for words, the most relevant first, a stretch at a time.

    Args:
        text: what was asked for.
        hits: the numbers of all hits.
        found: gives the records, or works, that an FTS5 expression finds.
        rank: puts records in the order of bm25, as `ranked` does, works in that of their best copy.
        newest: puts records in the order of their years.
    """
    wanted = asked.read(text).words
    rest = hits
    for columns in GROUPS:
        if len(rest) <= MOST_RANKED:
            break
        group = rest & found(f"{{{columns}}} : ({wanted})")
        rest = rest - group
        if len(group) <= MOST_RANKED:
            yield rank(group)
        else:
            yield from newest(group)
    if len(rest) <= MOST_RANKED:
        yield rank(rest)
    else:
        yield from newest(rest)


def ranked(connection: sqlite3.Connection, text: str, numbers: Iterable[int]) -> Sequence[int]:
    """Put records in the order of bm25; of those that are equally good the last comes first."""
    parameters: Parameters = {
        "wanted": parse_text(text),
        "numbers": json.dumps(list(numbers)),
    }
    select = _RANK.format(rank=rank_by(asked.read(text).first, parameters))
    rows = connection.execute(select, parameters)
    return array("q", (number for (number,) in rows))


def led(order: Iterable[int], leads: Mapping[int, int]) -> Sequence[int]:
    """Put works in the order of the first of their copies.

    Args:
        order: copies, in their order.
        leads: the record that leads the work of each; those that are missing stand for themselves.
    """
    return array("q", dict.fromkeys(leads.get(number, number) for number in order))
