from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import msgspec
import pytest
import sqlite_utils
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.catalogue import facets, search, store
from harvester.catalogue.facets import Facet, FacetValue
from harvester.catalogue.query import FACETS, Query
from harvester.catalogue.store import Entry
from harvester.model import Agent, Container, Discipline, Keyword, Record, Rights

Build = Callable[..., Entry]

WORDS = ["arbeid", "zorg", "école"]
CODES = ["H10", "H11", None]
POOLS = {
    "keyword": WORDS,
    "creator": ["Peeters, An", "Gérard, Julie"],
    "type": ["book", "thesis"],
    "language": ["nld", "fra", "eng"],
    "discipline": ["orbi:H10", "orbi:H11", "orbi:Sociology"],
    "source": ["orbi", "base"],
    "publisher": ["KU Leuven", "UGent"],
    "container": ["Mens & Maatschappij", "Sociologos"],
    "access": ["open access", "restricted access"],
    "peer_reviewed": ["true", "false"],
    "year": ["1999", "2010", "2020"],
}

# The same counts from the plain columns of `records`, without the tables of values.
INDEPENDENT = {
    "keyword": "select value, count(*) from h, json_each(h.keywords) group by value",
    "creator": "select value, count(*) from h, json_each(h.creators) group by value",
    "language": "select value, count(*) from h, json_each(h.languages) group by value",
    "publisher": "select value, count(*) from h, json_each(h.publishers) group by value",
    "discipline": """
        select 'orbi:' || coalesce(value ->> 'code', value ->> 'en'), count(distinct h.number)
        from h, json_each(h.record, '$.disciplines') group by 1
    """,
    "type": "select type, count(*) from h where type is not null group by 1",
    "source": "select source, count(*) from h group by 1",
    "container": "select container, count(*) from h where container is not null group by 1",
    "access": "select access, count(*) from h where access is not null group by 1",
    "peer_reviewed": """
        select iif(peer_reviewed, 'true', 'false'), count(*) from h
        where peer_reviewed is not null group by 1
    """,
    "year": "select cast(year as text), count(*) from h where year is not null group by 1",
}
HAS = {
    **{
        name: f"exists (select 1 from json_each(records.{name}s) where value = ?)"
        for name in ("keyword", "creator", "language", "publisher")
    },
    "discipline": """
        exists (select 1 from json_each(records.record, '$.disciplines')
        where 'orbi:' || coalesce(value ->> 'code', value ->> 'en') = ?)
    """,
    "peer_reviewed": "iif(peer_reviewed, 'true', 'false') = ? and peer_reviewed is not null",
    "year": "cast(year as text) = ?",
    **{name: f"{name} = ?" for name in ("type", "source", "container", "access")},
}
ALL_OF = ("keyword", "creator", "discipline")


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=3)


RECORDS = st.builds(
    Record,
    source=st.sampled_from(POOLS["source"]),
    title=some(WORDS).map(" ".join),
    keywords=some(WORDS).map(lambda labels: [Keyword(label) for label in labels]),
    creators=some(POOLS["creator"]).map(lambda names: [Agent(name) for name in names]),
    type=st.none() | st.sampled_from(POOLS["type"]),
    languages=some(POOLS["language"]),
    disciplines=st.lists(
        st.sampled_from(CODES).map(lambda code: Discipline("orbi", code, en="Sociology")),
        max_size=2,
    ),
    publishers=some(POOLS["publisher"]),
    container=st.none() | st.sampled_from(POOLS["container"]).map(lambda t: Container(title=t)),
    rights=st.none() | st.sampled_from(POOLS["access"]).map(Rights),
    peer_reviewed=st.none() | st.booleans(),
    year=st.none() | st.sampled_from([1999, 2010, 2020]),
    deleted=st.sampled_from([False, False, False, True]),
)


def chosen(most: int) -> st.SearchStrategy[dict[str, tuple[str, ...]]]:
    """Up to so many values of any facets, by facet."""
    pairs = [(name, value) for name, values in POOLS.items() for value in [*values, "nothing"]]

    def by_facet(some: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
        return {name: tuple(value for key, value in some if key == name) for name, _ in some}

    return st.lists(st.sampled_from(pairs), max_size=most, unique=True).map(by_facet)


MATCHES = "number in (select rowid from records_fts where records_fts match '{}')"
DUTCH = "exists (select 1 from json_each(records.languages) where value = 'nld')"
TEXTS = {
    "": "true",
    "arbeid": MATCHES.format("arbeid"),
    "zorg -arbeid": MATCHES.format("zorg NOT arbeid"),
    "arbeid OR ecole": MATCHES.format("arbeid OR ecole"),
    "title:zorg": MATCHES.format("title : zorg"),
    "-zorg": f"not {MATCHES.format('zorg')}",
    "année:2005-2010": "year between 2005 and 2010",
    "-year:2010": "year is not 2010",
    "zorg jaar:-2010 -type:Buch": (
        f"{MATCHES.format('zorg')} and year <= 2010 and type is not 'book'"
    ),
    "lang:Dutch OR auteur:gerard": f"({DUTCH} or {MATCHES.format('creators : gerard')})",
    "-langue:néerlandais bron:orbi": f"not {DUTCH} and source = 'orbi'",
    "type:thesis OR source:base OR year:2020 arbeid": (
        f"(type = 'thesis' or source = 'base' or year = 2020) and {MATCHES.format('arbeid')}"
    ),
    "werk OR NOT title:zorg": (
        f"{MATCHES.format('werk')} and not {MATCHES.format('title : zorg')}"
    ),
}
"""Texts, with what they mean in SQL that the parser had no part in."""

YEARS = st.none() | st.sampled_from([(2000, None), (None, 2010), (1999, 2010)])
QUERIES = st.builds(
    Query,
    text=st.sampled_from(list(TEXTS)),
    facets=chosen(4),
    excluded=chosen(2),
    years=YEARS,
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite_utils.Database]:
    database = store.open_catalogue(tmp_path_factory.mktemp("facets"))
    yield database
    database.close()


def independent(connection: sqlite3.Connection, query: Query, name: str) -> dict[str, int]:
    """Count one facet without `hits` and without the tables of values."""
    conditions, parameters = [TEXTS[query.text]], list[str]()
    for facet, values in query.facets.items():
        if facet == name and facet not in ALL_OF:
            continue
        operator = " and " if facet in ALL_OF else " or "
        conditions.append(f"({operator.join(f'({HAS[facet]})' for _ in values)})")
        parameters += values
    for facet, values in query.excluded.items():
        conditions += [f"({HAS[facet]}) is not true" for _ in values]
        parameters += values
    if query.years and name != "year":
        first, last = query.years
        conditions.append(f"year between {first or 0} and {last or 9999}")
    sql = f"with h as (select * from records where {' and '.join(conditions)}) {INDEPENDENT[name]}"
    return dict(connection.execute(sql, parameters).fetchall())


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(RECORDS, max_size=12), st.lists(QUERIES, min_size=1, max_size=4))
def test_every_count_is_exact(
    shared: sqlite_utils.Database, records: list[Record], queries: list[Query]
) -> None:
    store.remove(shared, range(1, 13))
    for number, record in enumerate(records, start=1):
        record.id = f"s-{number}"
    entries = [Entry(number, one, "2026", "2026") for number, one in enumerate(records, start=1)]
    store.put(shared, entries[: len(entries) // 2])
    store.put(shared, entries)
    for query in queries:
        check(shared.conn, query)


def check(connection: sqlite3.Connection, query: Query) -> None:
    """Hold every count of a query against the plain columns."""
    found = search.search(connection, query, limit=100)
    assert found.total == len(found.records) == len(list(search.stream(connection, query)))
    for facet in facets.count(connection, query, limit=100):
        expected = independent(connection, query, facet.name)
        chosen = query.facets.get(facet.name, ())
        assert {value.value: value.count for value in facet.values} == {
            **dict.fromkeys(chosen, 0),
            **expected,
        }
        assert facet.total_values == len(expected)
        assert [value.value for value in facet.values] == sorted(
            {*chosen, *expected},
            key=lambda value: (value not in chosen, -expected.get(value, 0), value),
        )
        assert all(value.chosen == (value.value in chosen) for value in facet.values)


def test_a_facet_value_leads_to_as_many_records_as_it_says(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    store.put(
        catalogue,
        [
            entry(1, languages=["nld", "fra"], keywords=[Keyword("a"), Keyword("b")]),
            entry(2, languages=["nld"], keywords=[Keyword("a")]),
            entry(3, languages=["eng"], keywords=[Keyword("b")]),
        ],
    )
    query = Query(facets={"keyword": ("a",)})
    for name in ("keyword", "language"):
        (facet,) = facets.count(catalogue.conn, query, (name,))
        for value in facet.values:
            narrowed = {**query.facets, name: (*query.facets.get(name, ()), value.value)}
            got = search.search(catalogue.conn, msgspec.structs.replace(query, facets=narrowed))
            assert got.total == value.count


def test_the_other_languages_stay_in_sight(catalogue: sqlite_utils.Database, entry: Build) -> None:
    store.put(
        catalogue,
        [entry(1, languages=["nld"]), entry(2, languages=["fra"]), entry(3, languages=["fra"])],
    )
    (facet,) = facets.count(
        catalogue.conn, Query(facets={"language": ("nld", "deu")}), ("language",)
    )
    assert facet == Facet(
        "language",
        [
            FacetValue("nld", "nld", 1, True),
            FacetValue("deu", "deu", 0, True),
            FacetValue("fra", "fra", 2),
        ],
        2,
    )


def test_only_the_most_frequent_values_and_how_many_there_are(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    store.put(
        catalogue,
        [entry(n, keywords=[Keyword(f"k{k:02}") for k in range(n)]) for n in range(1, 21)],
    )
    (facet,) = facets.count(catalogue.conn, Query(), ("keyword",), limit=3)
    assert [(value.value, value.count) for value in facet.values] == [
        ("k00", 20),
        ("k01", 19),
        ("k02", 18),
    ]
    assert facet.total_values == 20
    chosen = tuple(f"k{k:02}" for k in range(16, 20))
    (facet,) = facets.count(
        catalogue.conn, Query(facets={"keyword": chosen}), ("keyword",), limit=3
    )
    assert [(value.value, value.count, value.chosen) for value in facet.values] == [
        (value, 1, True) for value in chosen
    ]


def test_the_years_of_a_range_stand_beside_those_outside(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    store.put(catalogue, [entry(1, year=2000), entry(2, year=2010)])
    (facet,) = facets.count(catalogue.conn, Query(years=(2005, None)), ("year",))
    assert {value.value: value.count for value in facet.values} == {"2000": 1, "2010": 1}


def test_a_discipline_is_its_code_and_reads_as_its_name(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    store.put(
        catalogue,
        [
            entry(1, disciplines=[Discipline("orbi", "H10", fr="Sociologie")]),
            entry(2, disciplines=[Discipline("orbi", "H10", en="Sociology", fr="Sociologie")]),
        ],
    )
    assert facets.top(catalogue.conn, "discipline", 5) == [FacetValue("orbi:H10", "Sociology", 2)]


def test_the_facets_come_in_the_order_asked_for(catalogue: sqlite_utils.Database) -> None:
    assert [facet.name for facet in facets.count(catalogue.conn, Query())] == list(FACETS)
    names = ("year", "keyword")
    assert [facet.name for facet in facets.count(catalogue.conn, Query(), names)] == list(names)
