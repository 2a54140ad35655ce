"""A record that was there is written only where it is otherwise: as if it had come anew."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.catalogue import store
from harvester.catalogue.report import report
from harvester.catalogue.store import Entry
from harvester.model import Abstract, Agent, Container, Discipline, Keyword, Link, Note, Record

Build = Callable[..., Entry]

WORDS = st.sampled_from(["Arbeit", "Zorg", "Action"])


def few(one: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(one, max_size=2, unique=True)


FIELDS = st.fixed_dictionaries(
    {"title": WORDS},
    optional={
        "type": st.sampled_from(["book", "review"]),
        "year": st.integers(1990, 1992),
        "peer_reviewed": st.booleans(),
        "deleted": st.booleans(),
        "container": st.builds(Container, WORDS),
        "creators": few(WORDS).map(lambda names: [Agent(name) for name in names]),
        "keywords": few(WORDS).map(lambda names: [Keyword(name) for name in names]),
        "publishers": few(WORDS),
        "languages": few(st.sampled_from(["fra", "deu"])),
        "abstracts": WORDS.map(lambda text: [Abstract(text)]),
        "disciplines": WORDS.map(lambda code: [Discipline("orbi", code=code, en=code)]),
        "links": few(st.sampled_from(["landing", "fulltext"])).map(
            lambda rels: [Link("https://a.be/1", rel) for rel in rels]
        ),
    },
)
OTHERS = st.tuples(FIELDS, st.sampled_from(["orbi", "orbi", "lirias"]), st.sampled_from("aab"))
PUT = st.dictionaries(st.integers(1, 3), OTHERS, min_size=1)

VALUES = {
    "creators": "creator",
    "keywords": "keyword",
    "languages": "language",
    "publishers": "publisher",
    "disciplines": "discipline",
    "links": "link",
}


def entries(wanted: dict[int, tuple[dict[str, Any], str, str]]) -> list[Entry]:
    """Build records by number; source and citation key may be others than before."""
    return [
        Entry(
            number,
            Record(id=f"orbi-{number}", source=source, citekey=f"{key}-{number}", **fields),
            "2026",
            "2026",
            [Note("title", "dc:title", fields["title"], "types.unknown", "")],
        )
        for number, (fields, source, key) in wanted.items()
    ]


def held(connection: sqlite3.Connection) -> dict[str, list[Any]]:
    """Everything that the catalogue says of its records, whatever its values are numbered."""
    selects = {
        table: f"select * from {table}"
        for table in ("records", "deleted_records", "record_counts", "record_unknown", "copies")
    }
    selects["documents"] = "select number, length(document) > 0 from documents"
    selects["facet_values"] = "select facet, value from facet_values"
    for plural, column in VALUES.items():
        selects[plural] = f"select value from {plural}"
        selects[f"record_{plural}"] = (
            f"select record, value from record_{plural} join {plural} on number = {column}"
        )
    found = {name: sorted(connection.execute(select), key=repr) for name, select in selects.items()}
    found["reports"] = [report(connection, source) for source in ("lirias", "orbi")]
    connection.execute("insert into records_fts (records_fts, rank) values ('integrity-check', 1)")
    return found


@settings(max_examples=25, deadline=None)
@given(PUT, PUT)
def test_it_is_as_if_it_had_come_anew(
    before: dict[int, tuple[dict[str, Any], str, str]],
    now: dict[int, tuple[dict[str, Any], str, str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        folders = [Path(folder, name) for name in ("changed", "anew")]
        for one in folders:
            one.mkdir()
        changed, anew = (stack.enter_context(closing(store.open_catalogue(one))) for one in folders)
        store.put(changed, entries(before))
        store.put(changed, entries(now))
        store.put(anew, entries(before | now))
        assert held(changed.conn) == held(anew.conn)


def test_of_a_record_with_another_date_neither_words_nor_values_are_written(
    catalogue: sqlite_utils.Database, whole: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(catalogue, [whole()])
    statements: list[str] = []
    catalogue.conn.set_trace_callback(statements.append)
    one = whole()
    one.record.datestamp = "2026-11-26"
    store.put(catalogue, [one])
    written = [text for text in statements if "records_fts" in text or "into record_" in text]
    assert written == []
    (row,) = catalogue.query("select datestamp, title from records")
    assert row == {"datestamp": "2026-11-26", "title": "Élan : « l’action publique »"}
