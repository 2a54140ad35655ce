from __future__ import annotations

import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harvester.catalogue import asked, fields
from harvester.catalogue.asked import parse_text
from harvester.catalogue.query import (
    FACETS,
    SHOWS,
    Query,
    clean_value,
    from_parameters,
    parse_years,
    to_parameters,
)

DOCUMENTS = sqlite3.connect(":memory:")
DOCUMENTS.execute(
    "create virtual table f using fts5(title, parallel_titles, creators, keywords, "
    "identifiers, container, publishers, title_forms, creator_forms, keyword_forms, "
    "tokenize = 'unicode61 remove_diacritics 2')"
)
DOCUMENTS.executemany(
    "insert into f (rowid, title, creators, keywords) values (?, ?, ?, ?)",
    [
        (1, "L’externalisation de l’accompagnement", "Gérard, Julie", "action publique; contrôle"),
        (2, "Action sociale et marché public", "Dupont, Anne", "action; publique"),
        (3, "Arbeidsmarkt en migratie", "de Vries, Jan", "migratie; NEAR"),
        (4, "Migration and labour", "Gérard, Anne", "migration; labour market"),
    ],
)


def found(text: str) -> list[int]:
    """What an FTS5 expression finds; what is chosen by a facet is no part of it."""
    expression = parse_text(text)
    if not expression:
        return []
    rows = DOCUMENTS.execute("select rowid from f where f match ? order by rowid", (expression,))
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("gerard", [1, 4]),
        ("GÉRARD", [1, 4]),
        ("action publique", [1, 2]),
        ('"action publique"', [1, 2]),
        ("“action publique”", [1, 2]),
        ("« action publique »", [1, 2]),
        ('"publique action"', []),
        ("publique action", [1, 2]),
        ("action publique -marché", [1]),
        ("action publique NOT marché", [1]),
        ("action AND publique", [1, 2]),
        ("migratie OR migration", [3, 4]),
        ("anne migratie OR migration", [4]),
        ("migratie OR migration anne", [4]),
        ("arbeidsmarkt or labour", []),
        ("migrati*", [3, 4]),
        ("externalisation", [1]),
        ("l'externalisation", [1]),
        ("title:migration", [4]),
        ("author:anne migration", [4]),
        ("Author:anne", [2, 4]),
        ("keyword:migrati*", [3, 4]),
        ('keyword:"labour market"', [4]),
        ("anne -title:migration", [2]),
        ("title:gérard", []),
        ("NEAR", [3]),
        ("NEAR(migratie arbeidsmarkt)", [3]),
        ("(migratie OR migration) anne", [4]),
        ("OR migratie", [3]),
        ("migratie OR", [3]),
        ("migratie AND", [3]),
        ("migratie NOT", [3]),
        ('migratie "', [3]),
        ('"migratie', [3]),
        ("migratie - * ^ + : & ()", [3]),
        ("creators : migratie", []),
        ("keyword:", []),
        ("mi\x00gratie", []),
        ("migratie\x00arbeidsmarkt", [3]),
        ("migratie\ud800", [3]),
    ],
)
def test_the_language(text: str, numbers: list[int]) -> None:
    assert found(text) == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("titel:migration", [4]),
        ("Titre:migration", [4]),
        ("auteur:anne Autor:gérard", [4]),
        ("creator:anne -verfasser:dupont", [4]),
        ("mot-clé:controle", [1]),
        ("mots-clés:contrôle OR trefwoord:migratie", [1, 3]),
        ('schlagwort:"labour market"', [4]),
        ("KEYWORD:migrati*", [3, 4]),
        ("title:(migration)", [4]),
        ("subject:migratie -title:migratie", []),
        ("titles:migration", [4]),
        ("headline:migration", []),
        ("migratie:arbeidsmarkt", []),
        ("arbeidsmarkt:en", [3]),
        ("title:title:migration", []),
        ("doi:migratie", []),
    ],
)
def test_fields_by_their_names_in_four_languages(text: str, numbers: list[int]) -> None:
    assert found(text) == numbers


@pytest.mark.parametrize(
    ("text", "facet", "values"),
    [
        ("type:book", "type", ("book",)),
        ("type:Buch", "type", ("book",)),
        ("Typ:livre", "type", ("book",)),
        ("type:tijdschriftartikel", "type", ("journal article",)),
        ('type:"article de revue"', "type", ("journal article",)),
        ("type:journalArticle", "type", ("journal article",)),
        ("type:no-such-type", "type", ("no-such-type",)),
        ("language:nl", "language", ("nld",)),
        ("lang:dut", "language", ("nld",)),
        ("Sprache:Niederländisch", "language", ("nld",)),
        ("langue:NEERLANDAIS", "language", ("nld",)),
        ("taal:nl-BE", "language", ("nld",)),
        ("taal:klingonsch", "language", ("klingonsch",)),
    ],
)
def test_values_of_facets_by_their_names_in_four_languages(
    text: str, facet: str, values: tuple[str, ...]
) -> None:
    (mixed,) = asked.read(text).chosen
    (choice,) = mixed.choices
    assert (mixed.words, choice.facet) == ("", facet)
    assert set(values) <= set(choice.values)
    (left_out,) = asked.read(f"-{text}").left_out
    assert left_out == choice


def test_a_type_has_narrower_ones() -> None:
    assert {"thesis", "doctoral thesis", "master thesis"} <= set(fields.types_called("thesis"))
    assert "doctoral thesis" in fields.types_called("Doktorarbeit") + fields.types_called(
        "Dissertation"
    )
    assert "journal article" in fields.types_called("article")
    assert set(fields.types_called("book")).isdisjoint({"book part", "book review"})


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("livre", {"book"}),
        ("boek", {"book"}),
        ("Buch", {"book"}),
        ("journal", {"journal"}),
        ("logiciel", {"software"}),
        ("chapitre", {"book part"}),
        ("rapport", {"report", "research report", "technical report", "policy report"}),
        ("mémoire", {"thesis", "doctoral thesis", "master thesis", "bachelor thesis"}),
    ],
)
def test_a_chapter_of_a_book_is_no_book_in_any_language(name: str, kinds: set[str]) -> None:
    assert set(fields.types_called(name)) == kinds


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("year:2015", (2015, 2015)),
        ("year:2015-2020", (2015, 2020)),
        ("Jahr:2015–2020", (2015, 2020)),
        ("année:2015..2020", (2015, 2020)),
        ("annee:2015-", (2015, None)),
        ('jaar:"-2020"', (None, 2020)),
        ("jaar:-2020", (None, 2020)),
    ],
)
def test_years_in_words(text: str, years: tuple[int | None, int | None]) -> None:
    assert asked.read(text).chosen[0].choices[0].years == years


@pytest.mark.parametrize("text", ["year:soon", "year:20156", "year:a-b", "year:"])
def test_a_year_that_is_none_is_a_word(text: str) -> None:
    wanted = asked.read(text)
    assert not wanted.chosen
    assert "year" in wanted.words or "soon" in wanted.words or "20156" in wanted.words


@pytest.mark.parametrize(
    ("pasted", "identifier"),
    [
        ("10.1177/0958928713499175", "10.1177/0958928713499175"),
        (" https://doi.org/10.1177/ABC.", "10.1177/abc"),
        ("https://dx.doi.org/10.1016/S0140-6736(05)67889-0", "10.1016/s0140-6736(05)67889-0"),
        ("doi:10.1177/abc", "10.1177/abc"),
        ("DOI 10.1177/abc", "10.1177/abc"),
        ("(10.1177/abc)", "10.1177/abc"),
        ("10.5555/orbi.3", "10.5555/orbi.3"),
        ("https://hdl.handle.net/2268/231953", "2268/231953"),
        ("https://orbi.uliege.be/handle/2268/231953", "2268/231953"),
        ("hdl:2268/231953", "2268/231953"),
        ("handle:2268/231953", "2268/231953"),
        ("978-90-5867-595-8", "9789058675958"),
        ("ISBN 90-5867-595-5", "9789058675958"),
        ("978 90 5867 595 8", "9789058675958"),
        ("isbn:9058675955", "9789058675958"),
        ("0025-9454", "0025-9454"),
        ("ISSN 00259454", "0025-9454"),
        ("issn:00259454", "0025-9454"),
    ],
)
def test_identifiers_as_readers_paste_them(pasted: str, identifier: str) -> None:
    wanted = asked.read(pasted)
    assert wanted.first == identifier
    assert f'"{identifier}"' in wanted.words


@pytest.mark.parametrize(
    "text", ["migration 10.1177/abc", "2015", "article 5", "title:10", "isbn", "9789058675957"]
)
def test_what_is_more_or_less_than_an_identifier(text: str) -> None:
    assert asked.read(text).first == ""


@pytest.mark.parametrize("text", ["", "   ", "-", "***", '""', '"', "()", "-(", "&&", "…", ": :"])
def test_nothing_to_look_for(text: str) -> None:
    assert not asked.read(text)


def test_words_to_leave_out_alone() -> None:
    wanted = asked.read("-migration -“action publique”")
    assert wanted.words == ""
    assert wanted.unwanted == '"migration" OR "action publique"'
    assert parse_text("-migration") == ""


def test_very_long_input_is_cut() -> None:
    assert found("migratie " * 120_000) == [3]
    assert len(parse_text("x" * 1_000_000)) < 1100
    assert parse_text("a " * 1000).count('"a"') == 64


FTS5 = st.lists(
    st.sampled_from(
        [
            "AND", "OR", "NOT", "NEAR(", "NEAR", "(", ")", '"', "“", "*", "^", "-", "+", ":", ",",
            "{", "}", "title:", "author:", "keyword:", "rowid:", "f:", "doi:", "isbn:",
            "année:", "in:", "type:", "lang:", "source:", "verlag:", "https://", "10.1/", "2015-",
            "a", "é", "x y", " ", "\x00", "\n", "ß", "Œ", "aß*",
            "'", ";", "--", "\ud800", "0", "10.1/x", "a*", '"a b"', "\u200f", "语",
            "\U0001f3db",
        ]
    )
).map("".join)  # fmt: skip


@given(st.one_of(st.text(), FTS5, FTS5.map(lambda text: " ".join(text))))
@example('"' * 2000)
@example("-" * 5000 + "a")
@example("a OR " * 500)
@example("NOT " * 500 + "a")
@example("title:" * 300)
def test_sqlite_takes_every_expression(text: str) -> None:
    wanted = asked.read(text)
    mixed = [one.words for one in wanted.chosen]
    for expression in filter(None, (wanted.words, wanted.unwanted, parse_text(text), *mixed)):
        DOCUMENTS.execute("select count(*) from f where f match ?", (expression,)).fetchall()


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2015-2020", (2015, 2020)),
        ("2015–2020", (2015, 2020)),
        (" 2015 - 2020 ", (2015, 2020)),
        ("2020-2015", (2015, 2020)),
        ("2015-", (2015, None)),
        ("-2020", (None, 2020)),
        ("2015", (2015, 2015)),
        ("", None),
        ("-", None),
        ("20156-2020", None),
        ("20156", None),
        ("2015 2020", None),
        ("２０１５-2020", None),
        ("two thousand", None),
        ("1' or 1=1", None),
    ],
)
def test_years(text: str, years: tuple[int | None, int | None] | None) -> None:
    assert parse_years(text) == years


def test_parameters_become_a_query() -> None:
    assert from_parameters(
        [
            ("q", " action publique "),
            ("keyword", "b"),
            ("keyword", "a"),
            ("keyword", "b"),
            ("language", "fra"),
            ("years", "2015-"),
            ("sort", "oldest"),
            ("page", "2"),
            ("_size", "10"),
            ("deleted", "1"),
        ]
    ) == Query(
        text="action publique",
        facets={"keyword": ("a", "b"), "language": ("fra",)},
        years=(2015, None),
        sort="oldest",
    )


def test_what_cannot_be_meant_is_ignored() -> None:
    pairs = [
        ("years", "soon"),
        ("year", "19x9"),
        ("year", "99999999999999999999"),
        ("peer_reviewed", "maybe"),
        ("keyword", "  "),
        ("sort", "rank; drop table"),
        ("nonsense", "x"),
        ("q", ""),
    ]
    assert from_parameters(pairs) == Query()


def test_the_first_range_of_years_that_is_one_counts() -> None:
    pairs = [("years", "soon"), ("years", "2000-"), ("years", "1990-")]
    assert from_parameters(pairs).years == (2000, None)


def test_the_same_wishes_are_one_query_and_one_address() -> None:
    pairs = [("type", "book"), ("q", "a"), ("creator", "Z"), ("creator", "A"), ("years", "2001")]
    query = from_parameters(pairs)
    assert query == from_parameters(reversed(pairs))
    assert to_parameters(query) == [
        ("q", "a"),
        ("creator", "A"),
        ("creator", "Z"),
        ("type", "book"),
        ("years", "2001-2001"),
    ]


@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize(
    ("shows", "works"),
    [([], None), (["works"], True), (["records"], False), (["all"], None),
     (["works", "nothing"], True), (["works", "records"], False)],
)  # fmt: skip
def test_works_or_records(shows: list[str], works: bool | None, default: bool) -> None:
    pairs = [("show", show) for show in shows]
    expected = default if works is None else works
    assert from_parameters(pairs, works=default) == Query(works=expected)


def test_only_what_is_not_meant_anyway_is_said() -> None:
    assert to_parameters(Query(works=True), works=True) == []
    assert to_parameters(Query(), works=False) == []
    assert to_parameters(Query(sort="title"), works=True) == [
        ("sort", "title"),
        ("show", "records"),
    ]
    assert to_parameters(Query(works=True), works=False) == [("show", "works")]


PAIRS = st.lists(
    st.tuples(st.sampled_from(["q", "years", "sort", *FACETS, "x"]), st.text(max_size=20))
    | st.tuples(st.just("show"), st.sampled_from(SHOWS))
)


@given(PAIRS, st.booleans())
def test_a_query_survives_its_address(pairs: list[tuple[str, str]], works: bool) -> None:
    query = from_parameters(pairs, works=works)
    assert from_parameters(to_parameters(query, works=works), works=works) == query


@given(st.text())
def test_a_facet_value_has_one_form(value: str) -> None:
    assert clean_value(clean_value(value)) == clean_value(value)
    assert clean_value(value) == clean_value(f" {value}\n")
