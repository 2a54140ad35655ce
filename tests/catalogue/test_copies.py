"""A copy that an aggregator handed on shows what its origin says, as long as that is here."""

from __future__ import annotations

import itertools
import json
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
import sqlite_utils
import zstandard

from harvester import schemas
from harvester.catalogue import copies, documents, search, store
from harvester.catalogue.row import Entry
from harvester.model import ENCODER, Keyword, Note, Origin, Provider, Record
from harvester.normalise.completion import PREFERRED, prefer

ORIGINAL = Entry(
    1,
    Record(
        id="orbi-1", source="orbi", oai_identifier="oai:o:1", citekey="k1",
        title="Entier", keywords=[Keyword("travail, emploi")],
    ),
    "2026-01-01",
    "2026-03-01",
    [Note("title", "dc:title", "Entier", "titles.given", "Entier")],
    "orbi",
)  # fmt: skip
COPY = Entry(
    2,
    Record(
        id="base-1", source="base", oai_identifier="ft:oai:o:1", citekey="k2",
        title="Entier ...", keywords=[Keyword("travail"), Keyword("emploi")],
        provider=Provider("BASE"), origin=Origin("ORBi", "oai:o:1"), funding=["ARC"],
    ),
    "2026-01-01",
    "2026-02-01",
    [Note("title", "dc:title", "Entier ...", "titles.given", "Entier ...")],
    "orbi",
)  # fmt: skip
CHANGED = msgspec.structs.replace(
    ORIGINAL, record=msgspec.structs.replace(ORIGINAL.record, title="Entier et corrigé")
)
GONE = msgspec.structs.replace(
    ORIGINAL, record=msgspec.structs.replace(ORIGINAL.record, deleted=True)
)


def shown(db: sqlite_utils.Database) -> Record:
    found = search.get(db.conn, "base-1")
    assert found
    return found


def content(db: sqlite_utils.Database) -> str:
    tables = ("records", "deleted_records", "documents", "record_keywords", "copies")
    rows = {table: [list(row) for row in db.execute(f"select * from {table}")] for table in tables}
    # The numbers of values are given in the order in which they came.
    rows["record_keywords"] = [
        list(row)
        for row in db.execute(
            "select record, value from record_keywords join keywords on number = keyword"
        )
    ]
    return json.dumps({name: sorted(map(repr, found)) for name, found in rows.items()})


def test_the_order_of_arrival_does_not_matter(catalogue: sqlite_utils.Database) -> None:
    seen = set()
    for order in itertools.permutations([ORIGINAL, COPY]):
        store.remove(catalogue, [1, 2])
        for entry in order:
            store.put(catalogue, [entry])
        seen.add(content(catalogue))
    store.remove(catalogue, [1, 2])
    store.put(catalogue, [COPY, ORIGINAL])
    seen.add(content(catalogue))
    assert len(seen) == 1
    record = shown(catalogue)
    assert (record.title, record.keywords, record.funding) == (
        "Entier", [Keyword("travail, emploi")], ["ARC"],
    )  # fmt: skip
    assert catalogue.execute("select value from keywords").fetchall() == [("travail, emploi",)]
    trace = documents.account(catalogue.conn, "base-1")
    assert trace[0] == COPY.trace[0]
    assert {note.field for note in trace if note.rule == PREFERRED} == {"title", "keywords"}


def test_a_changed_original_changes_the_copy(catalogue: sqlite_utils.Database) -> None:
    store.put(catalogue, [ORIGINAL, COPY])
    store.put(catalogue, [CHANGED])
    assert shown(catalogue).title == "Entier et corrigé"
    whole = content(catalogue)
    assert store.put(catalogue, [CHANGED, COPY]) == 0
    assert content(catalogue) == whole


@pytest.mark.parametrize("way", ["deleted", "removed"])
def test_without_its_original_a_copy_is_what_it_was(
    catalogue: sqlite_utils.Database, way: str
) -> None:
    store.put(catalogue, [COPY])
    before = [catalogue.execute("select * from records where number = 2").fetchall()]
    store.put(catalogue, [ORIGINAL])
    assert shown(catalogue).title == "Entier"
    if way == "deleted":
        store.put(catalogue, [GONE])
    else:
        store.remove(catalogue, [1])
    assert [catalogue.execute("select * from records where number = 2").fetchall()] == before
    assert documents.account(catalogue.conn, "base-1") == COPY.trace


def test_a_deleted_copy_is_a_tombstone(catalogue: sqlite_utils.Database) -> None:
    store.put(catalogue, [ORIGINAL, COPY])
    gone = msgspec.structs.replace(COPY.record, deleted=True)
    store.put(catalogue, [msgspec.structs.replace(COPY, record=gone)])
    assert shown(catalogue).deleted
    assert catalogue.execute("select count(*) from copies").fetchone() == (0,)


def test_the_same_identifier_at_another_source_is_no_original(
    catalogue: sqlite_utils.Database,
) -> None:
    other = msgspec.structs.replace(ORIGINAL.record, source="other", title="Autre")
    store.put(catalogue, [msgspec.structs.replace(ORIGINAL, record=other, home="other"), COPY])
    assert shown(catalogue).title == "Entier ..."


def test_what_copies_lack_is_told_by_source(catalogue: sqlite_utils.Database) -> None:
    store.put(catalogue, [COPY])
    assert copies.wanting(catalogue.conn, ["base"]) == {"orbi": ["oai:o:1"]}
    assert copies.wanting(catalogue.conn, ["portal"]) == {}
    store.put(catalogue, [ORIGINAL])
    assert copies.wanting(catalogue.conn, ["base"]) == {}
    assert copies.wanting(catalogue.conn, ["base"], every=True) == {"orbi": ["oai:o:1"]}


def test_a_catalogue_without_documents_is_carried_over(tmp_path: Path) -> None:
    """Rows as the version before wrote them: a record, and a copy that shows it."""
    packs = zstandard.ZstdCompressor()
    record, notes = prefer(ORIGINAL.record, COPY.record)
    account = [*COPY.trace, *notes]
    old = sqlite_utils.Database(tmp_path / store.FILE)
    schemas.migrations("catalogue").apply(old, stop_before="documents")
    for entry, one in ((ORIGINAL, ORIGINAL.record), (COPY, record)):
        text = ENCODER.encode(one).decode()
        trace = account if entry is COPY else entry.trace
        old.execute(
            "insert into records (number, id, source, citekey, oai_identifier, added, changed, "
            "title, title_forms, record) values (?, ?, ?, ?, ?, ?, '2026-03-01', ?, '', ?)",
            (entry.number, one.id, one.source, one.citekey, one.oai_identifier, entry.added,
             one.title, text),
        )  # fmt: skip
        packed = packs.compress(ENCODER.encode(trace))
        old.execute("insert into accounts values (?, ?)", (entry.number, packed))
    own = packs.compress(ENCODER.encode(COPY.record))
    old.execute("insert into copies values (2, 'orbi', 'oai:o:1', ?, ?)", (COPY.changed, own))
    old.execute("insert into records_fts (records_fts) values ('rebuild')")
    old.conn.commit()
    old.close()
    with closing(store.open_catalogue(tmp_path)) as catalogue:
        assert search.get(catalogue.conn, "orbi-1") == ORIGINAL.record
        assert shown(catalogue) == record
        assert documents.account(catalogue.conn, "base-1") == account
        assert store.put(catalogue, [ORIGINAL, COPY]) == 0
        store.put(catalogue, [GONE])
        assert shown(catalogue) == COPY.record
        assert documents.account(catalogue.conn, "base-1") == COPY.trace
