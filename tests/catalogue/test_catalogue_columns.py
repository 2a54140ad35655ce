from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlite_utils

from harvester.catalogue import search, store
from harvester.catalogue.query import Query
from harvester.catalogue.row import WEIGHTS
from harvester.catalogue.store import Entry
from harvester.model import Link

Build = Callable[..., Entry]


def rows(db: sqlite_utils.Database, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in db.conn.execute(sql)]


def test_a_record_lies_in_readable_columns(catalogue: sqlite_utils.Database, whole: Build) -> None:
    store.put(catalogue, [whole()])
    (row,) = catalogue.table("records").rows
    assert row == {
        "number": 1,
        "id": "orbi-1",
        "citekey": "gerard2019quand-1",
        "source": "orbi",
        "oai_identifier": "oai:orbi:1",
        "origin_identifier": "oai:origin:1",
        "title": "Élan : « l’action publique »",
        "creators": '["Gérard, Julie"]',
        "type": "journal article",
        "issued": "2019-03",
        "year": 2019,
        "container": "Travail et emploi",
        "publishers": '["Ministère du Travail"]',
        "languages": '["fra"]',
        "keywords": '["contrôle","a b"]',
        "disciplines": '["Sociology","Social Sciences"]',
        "access": "open access",
        "peer_reviewed": 1,
        "landing": "https://x.be/1",
        "datestamp": "2025-01-02",
        "added": "2026-01-01T00:00:00Z",
        "changed": "2026-02-01T00:00:00Z",
        "title_sort": "elan l action publique",
        "identifiers": ("gerard2019quand-1 10.1/abc 2268/231953 978-90 0224-4365"),
        "contributors": '["Vrancken, Didier"]',
        "parallel_titles": '["Public action"]',
        "other_words": "Sociologie / Arbeidsmarkt / Cahiers / ARC flexicurity",
        "abstract": "Un résumé.\n\nAn abstract.",
        "title_forms": "ǂelan ǂaction ǂpubliqu ǂpublic",
        "creator_forms": "",
        "keyword_forms": "ǂcontrol ǂcontro",
        "other_forms": "ǂresum ǂabstract",
    }
    assert search.get(catalogue.conn, "orbi-1") == whole().record


def test_the_index_has_the_columns_that_have_weights(catalogue: sqlite_utils.Database) -> None:
    """bm25 takes its weights by the place of a column, not by its name."""
    assert list(catalogue.table("records_fts").columns_dict) == list(WEIGHTS)


@pytest.mark.parametrize(
    ("links", "landing"),
    [
        ([("https://x.be/1", "fulltext"), ("https://x.be/2", "landing")], "https://x.be/2"),
        ([("https://x.be/1", "permalink"), ("https://x.be/2", "fulltext")], "https://x.be/2"),
        ([("javascript:alert(1)", "landing"), ("HTTP://x.be/", "permalink")], "HTTP://x.be/"),
        ([("https://x.be/", "related"), ("ftp://x.be/", "landing")], None),
    ],
)
def test_one_web_address_leads_to_a_publication(
    links: list[tuple[str, str]],
    landing: str | None,
    catalogue: sqlite_utils.Database,
    entry: Build,
) -> None:
    store.put(catalogue, [entry(1, links=[Link(url, rel) for url, rel in links])])
    assert rows(catalogue, "select landing from records") == [(landing,)]


def test_its_values_have_tables(catalogue: sqlite_utils.Database, whole: Build) -> None:
    store.put(catalogue, [whole()])
    assert rows(catalogue, "select value, scheme, code, en, fr, nl from disciplines") == [
        ("orbi:H10", "orbi", "H10", "Sociology", "Sociologie", None),
        ("ugent:Social Sciences", "ugent", None, "Social Sciences", None, None),
    ]
    assert rows(
        catalogue,
        "select links.value, rel from record_links join links on links.number = link order by rel",
    ) == [
        ("https://x.be/file.pdf", "fulltext"),
        ("https://x.be/1", "landing"),
        ("https://x.be/1", "permalink"),
    ]
    expected = {
        "records": 1,
        "creators": 1,
        "keywords": 2,
        "languages": 1,
        "publishers": 1,
        "disciplines": 2,
        "links": 2,
        "record_creators": 1,
        "record_keywords": 2,
        "record_languages": 1,
        "record_publishers": 1,
        "record_disciplines": 2,
        "record_links": 3,
    }
    assert {table: catalogue.table(table).count for table in expected} == expected


@pytest.mark.parametrize(
    "words",
    [
        "elan",
        "public action",
        "gerard julie",
        "vrancken",
        "controle",
        "sociologie",
        "resume abstract",
        "ministere",
        "emploi",
        '"10.1/abc"',
        "2268/231953",
        "gerard2019quand-1",
        "0224-4365",
        "arbeidsmarkt",
        "cahiers",
        "flexicurity",
    ],
)
def test_everything_a_reader_knows_finds_it(
    catalogue: sqlite_utils.Database, whole: Build, words: str
) -> None:
    store.put(catalogue, [whole()])
    assert search.search(catalogue.conn, Query(words)).total == 1


def test_the_name_of_a_source_is_no_word_of_its_records(
    catalogue: sqlite_utils.Database, whole: Build
) -> None:
    store.put(catalogue, [whole()])
    assert search.search(catalogue.conn, Query("orbi")).total == 0
