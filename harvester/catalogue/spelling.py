"""What a reader may have meant: words of the catalogue that are like those that were typed.

The words with their counts stand in a table of their own. It follows the records at a distance, as
the snapshot of the facet index does: a word that is new is suggested some days later.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec
import sqlite_utils

from harvester.catalogue import asked, changes, forms
from harvester.catalogue.changes import Moment
from harvester.catalogue.meta import writing

OFTEN = 1_000
"""The table is written anew when so many records have changed since, …"""

SHARE = 50
"""… in a large catalogue when they are more than this part of its records."""

LARGE = 10_000
"""In a catalogue of more records than this a word that only one has is taken for a mistake."""

SHORTEST, LONGEST = 4, 30
"""Letters of a word that is corrected."""

LONG = 6
"""From so many letters on two of them may be wrong, else one."""

FREQUENT = 50
"""A word that more records have is taken for right."""

MOST_CORRECTED = 6
"""So many words of a query are looked at."""

_VOCABULARY = "create virtual table temp.vocabulary using fts5vocab(main, records_fts, row)"
_FILL = f"""
    insert into words (word, records) select term, doc from temp.vocabulary
    where doc >= :least and length(term) between 2 and {LONGEST}
    and term not glob '*[0-9]*' and substr(term, 1, 1) <> '{forms.MARK}'
"""
_LIVE = "select count(*) from records"
_FACTS = "select value from facet_index where key = 'words'"
_SET_FACTS = "insert or replace into facet_index (key, value) values ('words', ?)"
_KNOWN = "select word, records from words where word in (select value from json_each(?))"
_LIKE = """
    select word, records from words
    where word >= :first and word < :next and records > :least
    and length(word) between :shortest and :longest
"""


class _Place(NamedTuple):
    """A word of a query, in plain letters, and where it stands."""

    start: int
    end: int
    word: str


def write(db: sqlite_utils.Database) -> None:
    """Bring the table of words up to now, if it is too old to be worth keeping.

    Raises:
        TryLaterError: another process is writing.
        HarvesterError: it cannot be written.
    """
    with writing(db) as connection:
        found = connection.execute(_FACTS).fetchone()
        if found:
            then = msgspec.json.decode(found[0], type=Moment)
            most = max(OFTEN, connection.execute(_LIVE).fetchone()[0] // SHARE)
            if changes.reaches(connection, then) and changes.pending(connection, then) <= most:
                return
        fill(connection)


def write_anew(db: sqlite_utils.Database) -> None:
    """Write the table of words anew, so that no word of a record that was hidden is suggested.

    Raises:
        TryLaterError: another process is writing.
        HarvesterError: it cannot be written.
    """
    with writing(db) as connection:
        fill(connection)


def fill(connection: sqlite3.Connection) -> None:
    """Write the table of words anew, inside the caller's transaction."""
    connection.execute("delete from words")
    connection.execute("drop table if exists temp.vocabulary")
    connection.execute(_VOCABULARY)
    live = connection.execute(_LIVE).fetchone()[0]
    connection.execute(_FILL, {"least": 2 if live > LARGE else 1})
    connection.execute("drop table temp.vocabulary")
    now = changes.now(connection)
    connection.execute(_SET_FACTS, (msgspec.json.encode(now).decode(),))


def suggestions(connection: sqlite3.Connection, text: str) -> list[str]:
    """Return other searches that may be meant, the likeliest first; none where all words are known.

    Words are corrected by one or two letters, two words written as one are parted, and one that was
    written as two is joined.

    Args:
        connection: a connection to `catalogue.db`.
        text: the search in the query language.
    """
    usable, spans = asked.spelled(text)
    places = [
        _Place(start, end, word)
        for start, end in spans
        if len(word := forms.plain(usable[start:end])) <= LONGEST
    ][:MOST_CORRECTED]
    known = _known(connection, (place.word for place in places))
    corrected = {
        place: better
        for place in places
        if len(place.word) >= SHORTEST
        and known.get(place.word, 0) <= FREQUENT
        and (better := _closest(connection, place.word, known.get(place.word, 0)))
    }
    parted = {
        place: halves
        for place in places
        if place.word not in known and (halves := _parted(connection, place.word))
    }
    found = [_replaced(usable, corrected | parted), _replaced(usable, parted | corrected)]
    found.append(_replaced(usable, corrected))
    pairs = [
        _Place(one.start, other.end, one.word + other.word)
        for one, other in itertools.pairwise(places)
        if usable[one.end : other.start].isspace()
    ]
    joined = _known(connection, (pair.word for pair in pairs))
    found += [_replaced(usable, {pair: pair.word}) for pair in pairs if pair.word in joined]
    return [other for other in dict.fromkeys(found) if other != usable]


def distance(one: str, other: str, most: int) -> int:
    """How many letters to add, drop, change, or swap with the next make one word another.

    More than `most` is not counted any further.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, its in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)


def _closest(connection: sqlite3.Connection, word: str, records: int) -> str:
    """The likeliest word that is meant by one that so many records have; "" if it is itself."""
    most = 2 if len(word) >= LONG else 1
    least = 3 * records
    letters = set(word)
    best = (most + 1, 0, "")
    # What begins with another letter differs in nothing else.
    for other, count in _known(connection, _other_beginnings(word)).items():
        if count > least:
            best = min(best, (1, -count, other))
    wanted = {
        "first": word[0],
        "next": chr(ord(word[0]) + 1),
        "least": least,
        "shortest": len(word) - most,
        "longest": len(word) + most,
    }
    for other, count in connection.execute(_LIKE, wanted):
        if len(letters.symmetric_difference(other)) <= 2 * most and other != word:
            apart = distance(word, other, min(most, best[0]))
            if apart <= most:
                best = min(best, (apart, -count, other))
    return best[2]


def _other_beginnings(word: str) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    swapped = word[1] + word[0] + word[2:]
    changed = [letter + word[1:] for letter in letters]
    return [word[1:], swapped, *changed, *(letter + word for letter in letters)]


def _parted(connection: sqlite3.Connection, word: str) -> str:
    """The two words that were written as one; "" where it is no two."""
    halves = [(word[:i], word[i:]) for i in range(3, len(word) - 2)]
    known = _known(connection, (half for pair in halves for half in pair))
    both = [
        (min(known[one], known[other]), f"{one} {other}")
        for one, other in halves
        if one in known and other in known
    ]
    return max(both, default=(0, ""))[1]


def _known(connection: sqlite3.Connection, words: Iterable[str]) -> dict[str, int]:
    return dict(iter(connection.execute(_KNOWN, (json.dumps(list(words)),))))


def _replaced(text: str, others: Mapping[_Place, str]) -> str:
    for place in sorted(others, reverse=True):
        text = text[: place.start] + others[place] + text[place.end :]
    return text
