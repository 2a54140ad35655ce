"""The tables of values that records share, such as keywords, and of which record has which."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import count

from harvester.catalogue.hits import ONE
from harvester.catalogue.row import COLUMNS, Columns, Values
from harvester.model import ENCODER

Row = tuple[int | str, ...]
"""What a record is joined with: its number, that of the value, and what a link is to it."""

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
_COLUMNS = {
    plural: ("record", column, *(["rel"] if plural == "links" else []))
    for plural, (_, column) in _JOIN.items()
}
_INSERT_ROW = {
    plural: f"insert into {join} ({', '.join(_COLUMNS[plural])}) "
    f"values ({', '.join('?' * len(_COLUMNS[plural]))})"
    for plural, (join, _) in _JOIN.items()
}
_ROWS_OF = {
    plural: f"select {', '.join(_COLUMNS[plural])} from {join} "
    "where record in (select value from json_each(?))"
    for plural, (join, _) in _JOIN.items()
}
_DELETE_ROW = {
    plural: f"delete from {join} where "
    + " and ".join(f"{column} = ?" for column in _COLUMNS[plural])
    for plural, (join, _) in _JOIN.items()
}
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
_NUMBER_OF_VALUE = "select number from facet_values where facet = ? and value = ?"
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


def join(
    connection: sqlite3.Connection, live: Mapping[int, Values], known: Collection[int] = ()
) -> dict[str, str]:
    """Enter the values of records, by number, and join the records with them.

    Args:
        connection: to the catalogue.
        live: the values.
        known: those of the records that may be joined with other values already.

    Returns:
        By table, as JSON, the numbers of the values they had: other records may have them too.
    """
    listed = json.dumps(list(known)) if known else ""
    rows: dict[str, list[Row]] = {}
    for plural in _SIMPLE:
        pairs = [
            (number, value) for number, found in live.items() for value in getattr(found, plural)
        ]
        numbers = _numbered(connection, plural, dict.fromkeys(value for _, value in pairs))
        rows[plural] = sorted((number, numbers[value]) for number, value in pairs)
    rows["disciplines"] = _disciplines(connection, live)
    rows["links"] = _links(connection, live)
    return {plural: _enter(connection, plural, found, listed) for plural, found in rows.items()}


def _enter(connection: sqlite3.Connection, plural: str, rows: list[Row], known: str) -> str:
    """Enter the rows of a join, take out others of known records, and return what those held."""
    before = set(connection.execute(_ROWS_OF[plural], (known,))) if known else set()
    gone = before.difference(rows)
    connection.executemany(_DELETE_ROW[plural], sorted(gone))
    connection.executemany(_INSERT_ROW[plural], [row for row in rows if row not in before])
    return json.dumps(sorted({row[1] for row in gone}))


def _disciplines(connection: sqlite3.Connection, live: Mapping[int, Values]) -> list[Row]:
    # In their order: the first label of a class counts, however records fall into batches.
    disciplines = dict.fromkeys(
        (value, one.scheme, one.code, one.en, one.fr, one.nl, one.de)
        for found in live.values()
        for value, one in found.disciplines.items()
    )
    connection.executemany(_INSERT_DISCIPLINE, disciplines)
    numbers = _numbers(connection, "disciplines", {value for value, *_ in disciplines})
    return [(number, numbers[one]) for number, found in live.items() for one in found.disciplines]


def _links(connection: sqlite3.Connection, live: Mapping[int, Values]) -> list[Row]:
    urls = dict.fromkeys(url for found in live.values() for url, _ in found.links)
    numbers = _numbered(connection, "links", urls)
    return [(one, numbers[url], rel) for one, found in live.items() for url, rel in found.links]


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


def numbered(row: Columns, places: Iterable[int]) -> Iterator[tuple[str, str | int]]:
    """Give the facets of their own, with their values, at some places of a row of `records`."""
    for place in places:
        value = row[place]
        if COLUMNS[place] in _PLACES and value is not None:
            yield COLUMNS[place], value


def left(connection: sqlite3.Connection, values: Iterable[tuple[str, str | int]]) -> dict[str, str]:
    """Return the numbers of values that are facets of their own, as `part` does."""
    found = (connection.execute(_NUMBER_OF_VALUE, value).fetchone() for value in values)
    return {_NUMBERED: json.dumps([row[0] for row in found if row])}


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
