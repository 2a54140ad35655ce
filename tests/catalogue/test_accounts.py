"""How the values of a record came about is kept beside it, and goes with it."""

from __future__ import annotations

import msgspec
import sqlite_utils

from harvester.catalogue import accounts, store
from harvester.model import Note
from tests.catalogue.conftest import Build

GIVEN = [
    Note("titles", "dc:title", "Élan  !", "titles.given", "Élan !"),
    Note("types", "dc:type", "", "types.unknown", "", 0.0),
]


def test_an_account_is_read_as_it_was_put(catalogue: sqlite_utils.Database, entry: Build) -> None:
    store.put(catalogue, [msgspec.structs.replace(entry(1), trace=GIVEN), entry(2)])
    assert accounts.read(catalogue.conn, "orbi-1") == GIVEN
    assert accounts.read(catalogue.conn, "orbi-2") == []
    assert accounts.read(catalogue.conn, "orbi-3") == []


def test_another_account_of_the_same_values_is_kept(
    catalogue: sqlite_utils.Database, entry: Build
) -> None:
    first = msgspec.structs.replace(entry(1), trace=GIVEN)
    other = msgspec.structs.replace(entry(1), trace=GIVEN[:1])
    assert [store.put(catalogue, [one]) for one in (first, first, other)] == [1, 0, 1]
    assert accounts.read(catalogue.conn, "orbi-1") == GIVEN[:1]


def test_an_account_goes_with_its_record(catalogue: sqlite_utils.Database, entry: Build) -> None:
    known = msgspec.structs.replace(entry(1), trace=GIVEN)
    store.put(catalogue, [known, msgspec.structs.replace(entry(2), trace=GIVEN)])
    store.put(catalogue, [msgspec.structs.replace(entry(1, deleted=True), trace=GIVEN)])
    store.remove(catalogue, [2])
    assert catalogue.execute("select count(*) from accounts").fetchone() == (0,)
