"""What a publication is of others is told for all its copies together."""

from __future__ import annotations

from pathlib import Path

from harvester.catalogue import candidates, open_for_reading, store, works
from harvester.catalogue.candidates import Relation
from harvester.catalogue.relations import related
from harvester.model import Record

NOW = "2026-01-01T00:00:00Z"


def test_a_work_has_the_relations_of_its_copies(tmp_path: Path) -> None:
    database = store.open_catalogue(tmp_path)
    records = [Record(id=f"x-{one}", source="x", title=f"Werk {one}") for one in range(1, 6)]
    store.put(database, [store.Entry(n, one, NOW, NOW) for n, one in enumerate(records, 1)])
    made = [works.Work(1, "work-a", "a"), works.Work(3, "work-b", "b")]
    works.replace(database, made, {1: 1, 2: 1, 3: 3, 4: 3}, 1)
    with store.writing(database) as connection:
        candidates.keep(
            connection,
            [
                Relation(5, "review", 2),
                Relation(3, "part", 1),
                Relation(4, "part", 2),
                Relation(1, "version", 2),
            ],
        )
    connection = open_for_reading(tmp_path)

    def told(id_: str) -> list[tuple[str, bool, str]]:
        return [(one.relation, one.outward, one.record.id) for one in related(connection, id_)]

    for id_ in ("x-1", "x-2", "work-a"):
        assert told(id_) == [("part", False, "x-3"), ("review", False, "x-5")]
    assert told("x-4") == [("part", True, "x-1")]
    assert told("x-5") == [("review", True, "x-1")]
    assert told("x-9") == []
    # Without this there is no backup: the column order of a table can make SQLite see damage.
    assert connection.execute("pragma quick_check").fetchall() == [("ok",)]
