from __future__ import annotations

from collections.abc import Callable

import sqlite_utils

from harvester.archive.status import SourceStatus
from harvester.catalogue import facets, store
from harvester.catalogue.store import Entry

Build = Callable[..., Entry]


def status(name: str, **facts: object) -> SourceStatus:
    known: dict[str, object] = {
        "name": name,
        "title": name.upper(),
        "url": f"https://{name}.be/oai",
        "state": "complete",
        "reason": None,
        "last_started": "2026-01-01T02:00:00Z",
        "last_complete": "2026-01-01T03:00:00Z",
        "new": 2,
        "changed": 1,
        "unchanged": 0,
        "deleted": 1,
        "live": 99,
        "gone": 99,
        "quarantined": 4,
        "touched": 7,
        "missing": 3,
    }
    return SourceStatus(**{**known, **facts})  # type: ignore[arg-type]


def test_sources_are_summed_up_for_readers(catalogue: sqlite_utils.Database, entry: Build) -> None:
    store.put(catalogue, [entry(1), entry(2, deleted=True), entry(3, source="base")])
    store.put_sources(catalogue, [status("old")])
    store.put_sources(catalogue, [status("orbi", state="short", reason="12 of 15 records")])
    assert list(catalogue.table("sources").rows) == [
        {
            "name": "orbi",
            "title": "ORBI",
            "url": "https://orbi.be/oai",
            "state": "short",
            "reason": "12 of 15 records",
            "last_started": "2026-01-01T02:00:00Z",
            "last_complete": "2026-01-01T03:00:00Z",
            "last_new": 2,
            "last_changed": 1,
            "last_deleted": 1,
            "records": 1,
            "deleted": 1,
            "quarantined": 4,
            "needs_attention": 1,
            "last_touched": 7,
            "missing": 3,
        }
    ]
    labels = [(value.value, value.label) for value in facets.top(catalogue.conn, "source", 9)]
    assert labels == [("base", "base"), ("orbi", "ORBI")]


def test_a_night_without_news_keeps_the_generation(catalogue: sqlite_utils.Database) -> None:
    store.put_sources(catalogue, [status("orbi")])
    before = store.generation(catalogue.conn)
    store.put_sources(catalogue, [status("orbi", last_started="2026-01-02T02:00:00Z")])
    assert store.generation(catalogue.conn) == before
    store.put_sources(catalogue, [status("orbi", title="ORBi")])
    assert store.generation(catalogue.conn) > before
