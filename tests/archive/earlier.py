"""Databases as earlier versions left them: their migrations, and the rows that these can hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Literal

import sqlite_utils
import zstandard

from harvester import schemas
from harvester.catalogue import documents
from harvester.model import ENCODER

Kind = Literal["archive", "catalogue"]
Rows = dict[str, list[tuple[object, ...]]]

_TABLES = """
    select name from sqlite_schema
    where type = 'table' and name not like 'sqlite%' and name <> '_sqlite_migrations'
      and name not like 'records\\_fts%' escape '\\'"""

_KEPT = {
    "facet_index": "key not like 'snapshot%'",
    "facet_bitmaps": "false",
    "facet_forward": "false",
}


def steps(kind: Kind) -> list[str]:
    """Return the names of all migrations, the oldest first."""
    empty = sqlite_utils.Database(memory=True)
    return [step.name for step in schemas.migrations(kind).pending(empty)]


def left_by(kind: Kind, known: int, today: Path, path: Path) -> None:
    """Write the database that a version which knew so many migrations would have.

    Args:
        kind: whose migrations.
        known: how many of them.
        today: a database of this version, which is read.
        path: the file to write.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma journal_mode = wal")
        db = sqlite_utils.Database(connection)
        schemas.migrations(kind).apply(db, stop_before=steps(kind)[known:])
        wanted = columns(connection)
        for table, found in rows(today, wanted).items():
            connection.execute(f"delete from {table}")
            places = ", ".join("?" * len(wanted[table].split(", ")))
            connection.executemany(
                f"insert into {table} ({wanted[table]}) values ({places})", found
            )
        if db["records_fts"].exists():
            connection.execute("insert into records_fts (records_fts) values ('rebuild')")
        connection.commit()
        assert applied(connection, kind) == steps(kind)[:known]


def columns(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the columns of every table, in SQL."""
    tables = [row[0] for row in connection.execute(f"{_TABLES} order by rowid")]
    return {
        table: ", ".join(f'"{row[1]}"' for row in connection.execute(f"pragma table_info({table})"))
        for table in tables
    }


def rows(path: Path, wanted: dict[str, str]) -> Rows:
    """Return all rows of a database, of the columns wanted, as an earlier version had them.

    The snapshot of the facet index is left out: it may be dropped, and is written anew.
    """
    with closing(sqlite3.connect(path)) as connection:
        if "documents" in columns(connection):
            _show_as_before_documents(connection)
        return {
            table: sorted(
                connection.execute(f"select {names} from {table} where {_KEPT.get(table, 'true')}"),
                key=repr,
            )
            for table, names in wanted.items()
        }


def _show_as_before_documents(connection: sqlite3.Connection) -> None:
    """Lay views over the tables that had records and accounts until there were documents."""
    packs = zstandard.ZstdCompressor(level=1)

    def record(
        id_: str, citekey: str | None, dictionary: int, document: bytes | None
    ) -> str | None:
        if document is None:
            return None
        found = documents.record(connection, id_, citekey, dictionary, document)
        return ENCODER.encode(found).decode()

    def own(id_: str, citekey: str | None, dictionary: int, document: bytes | None) -> bytes | None:
        text = record(id_, citekey, dictionary, document)
        return packs.compress(text.encode()) if text else None

    def account(id_: str) -> bytes | None:
        found = documents.account(connection, id_)
        return packs.compress(ENCODER.encode(found)) if found else None

    connection.create_function("record", 4, record)
    connection.create_function("own", 4, own)
    connection.create_function("account", 1, account)
    for table in ("records", "deleted_records"):
        connection.execute(f"""
            create temp view {table} as
            select r.*, record(id, citekey, dictionary, document) as record
            from main.{table} r left join main.documents using (number)
        """)
    connection.execute("""
        create temp view accounts as select number, account(id) as account
        from main.records where account(id) is not null
    """)
    connection.execute("""
        create temp view copies as select c.*, own(id, citekey, dictionary, document) as record
        from main.copies c left join main.records using (number)
    """)


def applied(connection: sqlite3.Connection, kind: Kind) -> list[str]:
    """Return the migrations that a database has, the oldest first."""
    db = sqlite_utils.Database(connection)
    return [step.name for step in schemas.migrations(kind).applied(db)]


def schema_of(path: Path, kind: Kind) -> tuple[list[str], dict[str, str]]:
    """Return the migrations and the columns that a database has, which must fit each other."""
    with closing(sqlite3.connect(path)) as connection:
        return applied(connection, kind), columns(connection)
