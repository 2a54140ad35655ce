"""The tables of values that records share, such as keywords, and of which record has which."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from itertools import count

from harvester.catalogue.hits import ONE
from harvester.catalogue.row import COLUMNS, Columns, Values
from harvester.model import ENCODER, Discipline

_PLURALS = ("creators", "keywords", "languages", "publishers", "disciplines", "links")
_NUMBERED = "facet_values"
_SIMPLE = ("creators", "keywords", "languages", "publishers")

_JOIN = {plural: (f"record_{plural}", plural.removesuffix("s")) for plural in _PLURALS}
_INSERT_VALUE = {
    plural: f"insert into {plural} (number, value) values (?, ?)" for plural in (*_SIMPLE, "links")
}
_INSERT_DISCIPLINE = """
    insert into disciplines (value, scheme, code, en, fr, nl, de) values (?, ?, ?, ?, ?, ?, ?)
    on conflict (value) do update set
        en = coalesce(en, excluded.en), fr = coalesce(fr, excluded.fr),
        nl = coalesce(nl, excluded.nl), de = coalesce(de, excluded.de)
"""
_NUMBERS_OF_VALUES = {
    plural: f"select value, number from {plural} where value in (select value from json_each(?))"
    for plural in _PLURALS
}
_LAST = {plural: f"select coalesce(max(number), 0) from {plural}" for plural in _PLURALS}
_INSERT_JOIN = {
    plural: f"insert into {join} (record, {column}) values (?, ?)"
    for plural, (join, column) in _JOIN.items()
}
_INSERT_LINK = "insert into record_links (record, link, rel) values (?, ?, ?)"
_VALUES_OF = {
    plural: f"select distinct {column} from {join} where record in (select value from json_each(?))"
    for plural, (join, column) in _JOIN.items()
}
_DELETE_JOIN = {
    plural: f"delete from {join} where record in (select value from json_each(?))"
    for plural, (join, _) in _JOIN.items()
}
_DELETE_ORPHANS = {
    plural: f"delete from {plural} where number in (select value from json_each(?)) "
    f"and not exists (select 1 from {join} where {column} = {plural}.number)"
    for plural, (join, column) in _JOIN.items()
}

# Facets of which a record has one value at most: the values stand in `records`, their numbers here.
_PLACES = {facet: COLUMNS.index(facet) for facet in ONE}
_NUMBER_VALUES = """
    insert into facet_values (facet, value) values (?, ?) on conflict (facet, value) do nothing
"""
_NUMBERED_VALUES_OF = " union all ".join(
    f"""
    select distinct f.number from records r cross join facet_values f
    on f.facet = '{facet}' and f.value = r.{facet}
    where r.number in (select value from json_each(:numbers))
    """
    for facet in ONE
)
_DELETE_NUMBERED_ORPHANS = [
    f"""
    delete from facet_values
    where number in (select value from json_each(?)) and facet = '{facet}'
    and not exists (select 1 from records where {facet} = facet_values.value)
    """
    for facet in ONE
]


def number(connection: sqlite3.Connection, rows: Iterable[Columns]) -> None:
    """Give numbers to the values in rows of `records` that are facets of their own."""
    values = dict.fromkeys((facet, row[place]) for row in rows for facet, place in _PLACES.items())
    connection.executemany(
        _NUMBER_VALUES, ((facet, value) for facet, value in values if value is not None)
    )


def join(connection: sqlite3.Connection, live: Mapping[int, Values]) -> None:
    """Enter the values of new records, by number, and join the records with them."""
    for plural in _SIMPLE:
        pairs = [
            (number, value) for number, found in live.items() for value in getattr(found, plural)
        ]
        numbers = _numbered(connection, plural, dict.fromkeys(value for _, value in pairs))
        connection.executemany(
            _INSERT_JOIN[plural], sorted((number, numbers[value]) for number, value in pairs)
        )
    _join_disciplines(connection, live)
    _join_links(connection, live)


def _join_disciplines(connection: sqlite3.Connection, live: Mapping[int, Values]) -> None:
    disciplines: dict[str, Discipline] = {}
    for found in live.values():
        disciplines.update(found.disciplines)
    connection.executemany(
        _INSERT_DISCIPLINE,
        (
            (value, one.scheme, one.code, one.en, one.fr, one.nl, one.de)
            for value, one in disciplines.items()
        ),
    )
    numbers = _numbers(connection, "disciplines", disciplines)
    connection.executemany(
        _INSERT_JOIN["disciplines"],
        ((number, numbers[value]) for number, found in live.items() for value in found.disciplines),
    )


def _join_links(connection: sqlite3.Connection, live: Mapping[int, Values]) -> None:
    urls = dict.fromkeys(url for found in live.values() for url, _ in found.links)
    numbers = _numbered(connection, "links", urls)
    connection.executemany(
        _INSERT_LINK,
        ((number, numbers[url], rel) for number, found in live.items() for url, rel in found.links),
    )


def _numbered(
    connection: sqlite3.Connection, plural: str, wanted: Collection[str]
) -> dict[str, int]:
    """Return the numbers of values, which are entered where they are missing."""
    numbers = _numbers(connection, plural, wanted)
    (last,) = connection.execute(_LAST[plural]).fetchone()
    new = dict(zip((value for value in wanted if value not in numbers), count(last + 1)))
    connection.executemany(
        _INSERT_VALUE[plural], ((number, value) for value, number in new.items())
    )
    return numbers | new


def _numbers(connection: sqlite3.Connection, plural: str, wanted: Iterable[str]) -> dict[str, int]:
    listed = ENCODER.encode(list(wanted)).decode()
    return dict(connection.execute(_NUMBERS_OF_VALUES[plural], (listed,)).fetchall())


def part(connection: sqlite3.Connection, numbers: str) -> dict[str, str]:
    """Part records, by number as a JSON array, from their values.

    Returns:
        By table, as JSON, the numbers of the values they had: other records may have them too.
    """
    candidates = {}
    for plural in _PLURALS:
        had = [number for (number,) in connection.execute(_VALUES_OF[plural], (numbers,))]
        candidates[plural] = json.dumps(had)
        connection.execute(_DELETE_JOIN[plural], (numbers,))
    had = [number for (number,) in connection.execute(_NUMBERED_VALUES_OF, {"numbers": numbers})]
    candidates[_NUMBERED] = json.dumps(had)
    return candidates


def delete_orphans(connection: sqlite3.Connection, candidates: Mapping[str, str]) -> None:
    """Delete those of the values that `part` gave which no record has any more."""
    for table, numbers in candidates.items():
        statements = _DELETE_NUMBERED_ORPHANS if table == _NUMBERED else [_DELETE_ORPHANS[table]]
        for statement in statements:
            connection.execute(statement, (numbers,))
