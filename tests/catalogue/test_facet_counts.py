from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator

import msgspec
import pytest
import sqlite_utils
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.catalogue import documents, facets, index, search, store, works
from harvester.catalogue.asked import parse_text
from harvester.catalogue.facets import Facet, FacetValue
from harvester.catalogue.hits import RANK, has_own_hits, has_words
from harvester.catalogue.query import FACETS, Query
from harvester.catalogue.store import Entry
from harvester.catalogue.works import Work
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

# The values of the records `{h}` from their plain columns, without the tables of values.
INDEPENDENT = {
    **{
        name: f"select number, value from records, json_each(records.{name}s)"
        for name in ("keyword", "creator", "language", "publisher")
    },
    "discipline": """
        select d.number, 'orbi:' || coalesce(value ->> 'code', value ->> 'en')
        from records join documents d using (number) join dictionaries x on x.number = dictionary,
            json_each(record_json(content, document), '$.disciplines')
    """,
    "peer_reviewed": """
        select number, iif(peer_reviewed, 'true', 'false') from records
        where peer_reviewed is not null
    """,
    "year": "select number, cast(year as text) from records where year is not null",
    **{
        name: f"select number, {name} from records where {name} is not null"
        for name in ("type", "source", "container", "access")
    },
}
HAS = {
    **{
        name: f"exists (select 1 from json_each(records.{name}s) where value = ?)"
        for name in ("keyword", "creator", "language", "publisher")
    },
    "discipline": """
        exists (select 1 from documents d join dictionaries x on x.number = dictionary,
            json_each(record_json(content, document), '$.disciplines')
        where d.number = records.number
            and 'orbi:' || coalesce(value ->> 'code', value ->> 'en') = ?)
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
TEXTS: dict[str, tuple[list[str], list[str]]] = {
    "": ([], []),
    "arbeid": ([MATCHES.format("arbeid")], []),
    "arbeid zorg": ([MATCHES.format("arbeid zorg")], []),
    "zorg -arbeid": ([MATCHES.format("zorg")], [MATCHES.format("arbeid")]),
    "arbeid OR ecole": ([MATCHES.format("arbeid OR ecole")], []),
    "title:zorg": ([MATCHES.format("title : zorg")], []),
    "-zorg": ([], [MATCHES.format("zorg")]),
    "année:2005-2010": (["year between 2005 and 2010"], []),
    "-year:2010": ([], ["year = 2010"]),
    "zorg jaar:-2010 -type:Buch": (
        [MATCHES.format("zorg"), "year <= 2010"], ["type = 'book'"]
    ),
    "lang:Dutch OR auteur:gerard": (
        [f"({DUTCH} or {MATCHES.format('creators : gerard')})"], []
    ),
    "-langue:néerlandais bron:orbi": (["source = 'orbi'"], [DUTCH]),
    "type:thesis OR source:base OR year:2020 arbeid": (
        ["(type = 'thesis' or source = 'base' or year = 2020)", MATCHES.format("arbeid")], []
    ),
    "werk OR NOT title:zorg": ([MATCHES.format("werk")], [MATCHES.format("title : zorg")]),
}  # fmt: skip
"""Texts, with what hits must be and must not be in SQL that the parser had no part in."""

WORKS = [Work(number, f"work-{number}", f"key-of-{number}") for number in (1, 2, 3)]
"""The works that records may be in."""
MEMBERS = st.fixed_dictionaries({n: st.sampled_from((1, 1, 2, 2, 3, None)) for n in range(1, 13)})
"""For each record its work, if it is in one; mostly they are."""
YEARS = st.none() | st.sampled_from([(2000, None), (None, 2010), (1999, 2010)])
QUERIES = st.builds(
    Query,
    text=st.sampled_from(list(TEXTS)),
    facets=chosen(4),
    excluded=chosen(2),
    years=YEARS,
    works=st.booleans(),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite_utils.Database]:
    database = store.open_catalogue(tmp_path_factory.mktemp("facets"))
    yield database
    database.close()


def hits(connection: sqlite3.Connection, query: Query, leave_out: str | None = None) -> set[int]:
    """The hits of a query by its meaning: parts are asked of records, and lifted to works."""
    leads = leads_of(connection, query)

    def lifted(condition: str, *parameters: str | int) -> set[int]:
        rows = connection.execute(f"select number from records where {condition}", parameters)
        return {leads[number] for (number,) in rows}

    wanted, unwanted = TEXTS[query.text]
    among = [lifted(condition) for condition in wanted]
    without = [lifted(condition) for condition in unwanted]
    for facet, values in query.facets.items():
        if facet == leave_out and facet not in ALL_OF:
            continue
        each = [lifted(HAS[facet], value) for value in values]
        among += each if facet in ALL_OF else [set[int]().union(*each)]
    for facet, values in query.excluded.items():
        without += [lifted(HAS[facet], value) for value in values]
    if query.years and leave_out != "year":
        first, last = query.years
        among.append(lifted("year between ? and ?", first or 0, last or 9999))
    return set(leads.values()).intersection(*among).difference(*without)


def leads_of(connection: sqlite3.Connection, query: Query) -> dict[int, int]:
    """The hit that each live record belongs to."""
    known = "select 1 from pragma_function_list where name = 'record_json'"
    if not connection.execute(known).fetchone():
        documents.add_function(connection)
    select = """
        select number, iif(?, coalesce(lead, number), number)
        from records r left join work_records m on m.record = r.number
    """
    return dict(connection.execute(select, (query.works,)).fetchall())


def independent(connection: sqlite3.Connection, query: Query, name: str) -> dict[str, int]:
    """Count one facet by what each copy of the hits says, each value once."""
    leads = leads_of(connection, query)
    wanted = hits(connection, query, name)
    rows = connection.execute(INDEPENDENT[name])
    said = {(leads[number], value) for number, value in rows}
    return dict(Counter(value for lead, value in said if lead in wanted))


def ordered(connection: sqlite3.Connection, query: Query) -> list[str]:
    """The ids of the hits, in the order of the columns of their own records."""
    rows = connection.execute("""
        select r.number, coalesce(w.id, r.id), r.id, year, title_sort, added from records r
        left join work_records m on m.record = r.number left join works w on w.number = m.work
    """)
    wanted = hits(connection, query)
    found = [row for row in rows.fetchall() if row[0] in wanted]
    match query.sort:
        case "oldest":
            found.sort(key=lambda row: (row[3] is None, row[3] or 0, row[0]))
        case "title":
            found.sort(key=lambda row: (row[4] is None, row[4] or "", row[0]))
        case "added":
            found.sort(key=lambda row: (row[5], row[0]), reverse=True)
        case _:
            found.sort(key=lambda row: (row[3] is not None, row[3] or 0, row[0]), reverse=True)
    return [row[1] if query.works else row[2] for row in found]


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(RECORDS, max_size=12), MEMBERS, st.lists(QUERIES, min_size=1, max_size=4))
def test_every_count_is_exact(
    shared: sqlite_utils.Database,
    records: list[Record],
    members: dict[int, int | None],
    queries: list[Query],
) -> None:
    store.remove(shared, range(1, 13))
    works.replace(shared, WORKS, {}, 1)
    works.move(shared, WORKS, members, 1)
    for number, record in enumerate(records, start=1):
        record.id = f"s-{number}"
    entries = [Entry(number, one, "2026", "2026") for number, one in enumerate(records, start=1)]
    store.put(shared, entries[: len(entries) // 2])
    store.put(shared, entries)
    for query in queries:
        check(shared.conn, query)
        check_choices(shared.conn, query)
        if has_words(query):
            check_relevance(shared.conn, query)


def check(connection: sqlite3.Connection, query: Query) -> None:
    """Hold every count of a query against the plain columns."""
    for sort in ("newest", "oldest", "title", "added"):
        sorted_ = msgspec.structs.replace(query, sort=sort)
        found = search.search(connection, sorted_, limit=100)
        assert found.total == len(found.records)
        assert [record.id for record in found.records] == ordered(connection, sorted_)
        assert list(search.stream(connection, sorted_)) == found.records
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


def check_choices(connection: sqlite3.Connection, query: Query) -> None:
    """Choose and exclude every value: the list has as many hits as its count says."""
    total = search.search(connection, query, limit=0).total
    for facet in facets.count(connection, query, limit=100):
        narrows = facet.name in ALL_OF
        if not narrows and has_own_hits(query, facet.name):
            continue  # counted as if nothing of it were chosen
        chosen = query.facets.get(facet.name, ())
        excluded = query.excluded.get(facet.name, ())
        for one in facet.values:
            with_it = {**query.facets, facet.name: (*chosen, one.value)}
            narrowed = msgspec.structs.replace(query, facets=with_it)
            assert search.search(connection, narrowed, limit=0).total == one.count
            without = {**query.excluded, facet.name: (*excluded, one.value)}
            rest = msgspec.structs.replace(query, excluded=without)
            assert search.search(connection, rest, limit=0).total == total - one.count


def check_relevance(connection: sqlite3.Connection, query: Query) -> None:
    """Hold the order of relevance against the scores of single records."""
    leads = leads_of(connection, query)
    select = f"select rowid, {RANK} from records_fts where records_fts match ?"
    best: dict[int, tuple[float, int]] = {}
    for number, score in connection.execute(select, (parse_text(query.text),)):
        place = (score, -number)
        best[leads[number]] = min(place, best.get(leads[number], place))
    wanted = hits(connection, query)
    expected = sorted(wanted, key=best.__getitem__)
    with index.reading(connection) as found:
        assert list(found.page(query, 0, -1)) == expected


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
