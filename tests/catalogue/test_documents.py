"""Whole records with their accounts: packed, read by any version, and gone with their records."""

from __future__ import annotations

import msgspec
import pytest
import sqlite_utils
import zstandard

from harvester.catalogue import documents, search, store
from harvester.catalogue.ready import Ready, make_ready
from harvester.catalogue.row import Entry
from harvester.errors import HarvesterError
from harvester.model import ENCODER, Note
from tests.catalogue.conftest import Build

GIVEN = [
    Note("titles", "dc:title", "Élan  !", "titles.given", "Élan !"),
    Note("types", "dc:type", "", "types.unknown", "", 0.0),
]


def test_an_account_is_read_as_it_was_put(catalogue: sqlite_utils.Database, entry: Build) -> None:
    store.put(catalogue, [msgspec.structs.replace(entry(1), trace=GIVEN), entry(2)])
    assert documents.account(catalogue.conn, "orbi-1") == GIVEN
    assert documents.account(catalogue.conn, "orbi-2") == []
    assert documents.account(catalogue.conn, "orbi-3") == []


def test_another_account_of_the_same_values_is_kept(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    first = msgspec.structs.replace(entry(1), trace=GIVEN)
    other = msgspec.structs.replace(entry(1), trace=GIVEN[:1])
    assert [store.put(catalogue, [one]) for one in (first, first, other)] == [1, 0, 1]
    assert documents.account(catalogue.conn, "orbi-1") == GIVEN[:1]


def test_an_account_goes_with_its_record(catalogue: sqlite_utils.Database, entry: Build) -> None:
    known = msgspec.structs.replace(entry(1), trace=GIVEN)
    store.put(catalogue, [known, msgspec.structs.replace(entry(2), trace=GIVEN)])
    gone = msgspec.structs.replace(known.record, deleted=True)
    store.put(catalogue, [msgspec.structs.replace(known, record=gone)])
    store.remove(catalogue, [2])
    assert catalogue.execute("select number from documents").fetchall() == [(1,)]
    assert documents.account(catalogue.conn, "orbi-1") == []
    assert search.get(catalogue.conn, "orbi-1") == gone


def packed_otherwise(db: sqlite_utils.Database, entry: Entry) -> None:
    """Pack a record that is kept as another version would, under a dictionary of its own."""
    content = b"a dictionary of another version"
    record = msgspec.structs.replace(entry.record, id="", citekey=None)
    packs = zstandard.ZstdCompressor(
        dict_data=zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    )
    document = packs.compress(ENCODER.encode(record) + b"\n" + ENCODER.encode(entry.trace))
    with db.conn:
        db.execute("insert into dictionaries (number, content) values (7, ?)", (content,))
        db.execute(
            "update documents set dictionary = 7, document = ? where number = ?",
            (document, entry.number),
        )


def test_a_document_of_another_version_is_read_and_as_it_was(
    catalogue: sqlite_utils.Database, whole: Build
) -> None:
    known = msgspec.structs.replace(whole(1), trace=GIVEN)
    store.put(catalogue, [known])
    packed_otherwise(catalogue, known)
    assert search.get(catalogue.conn, "orbi-1") == known.record
    assert documents.account(catalogue.conn, "orbi-1") == GIVEN
    assert store.put(catalogue, [known]) == 0
    assert store.put(catalogue, [msgspec.structs.replace(known, trace=GIVEN[:1])]) == 1
    assert documents.account(catalogue.conn, "orbi-1") == GIVEN[:1]


def test_without_its_dictionary_a_document_cannot_be_read(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    store.put(catalogue, [entry(1)])
    with catalogue.conn:
        catalogue.execute("update documents set dictionary = 8")
    with pytest.raises(HarvesterError, match=r"lacks the dictionary 8 .*normalise --all"):
        search.get(catalogue.conn, "orbi-1")


@pytest.mark.parametrize("field", ["id", "citekey", "title"])
def test_a_record_with_another_key_or_value_is_written(
    catalogue: sqlite_utils.Database, entry: Build, field: str
) -> None:
    assert store.put(catalogue, [entry(1), entry(2, **{field: "other"})]) == 2
    assert store.put(catalogue, [entry(2, **{field: "another"}), entry(1)]) == 1
    assert catalogue.execute(f"select {field} from records where number = 2").fetchall() == [
        ("another",)
    ]


def test_what_is_made_ready_travels_between_processes(
    catalogue: sqlite_utils.Database, entry: Build, whole: Build
) -> None:
    entries = [msgspec.structs.replace(whole(1), trace=GIVEN), entry(2, deleted=True)]
    sent = msgspec.msgpack.encode([make_ready(one) for one in entries])
    received = msgspec.msgpack.decode(sent, type=list[Ready])
    assert received == [make_ready(one) for one in entries]
    assert store.put_ready(catalogue, received) == 2
    assert store.put(catalogue, entries) == 0
    assert search.get(catalogue.conn, "orbi-1") == entries[0].record


def test_the_ledger_may_name_a_record_last(catalogue: sqlite_utils.Database, whole: Build) -> None:
    nameless = msgspec.structs.replace(whole(1).record, id="", citekey=None)
    ready = make_ready(Entry(0, nameless, "", ""))
    known = whole(1)
    ready.number, ready.id, ready.citekey = 1, known.record.id, known.record.citekey
    ready.added, ready.changed = known.added, known.changed
    store.put_ready(catalogue, [ready])
    assert store.put(catalogue, [known]) == 0
    (identifiers,) = catalogue.execute("select identifiers from records").fetchone()
    assert identifiers.split()[0] == known.record.citekey
