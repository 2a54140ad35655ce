"""Databases as earlier versions left them: their migrations, and the rows that these can hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Literal

import sqlite_utils

from harvester import schemas

Kind = Literal["archive", "catalogue"]
Rows = dict[str, list[tuple[object, ...]]]

_TABLES = """
    select name from sqlite_schema
    where type = 'table' and name not like 'sqlite%' and name <> '_sqlite_migrations'
      and name not like 'records\\_fts%' escape '\\'"""


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
        connection.execute("attach ? as today", (str(today),))
        for table, names in columns(connection).items():
            connection.execute(f"delete from {table}")
            connection.execute(f"insert into {table} ({names}) select {names} from today.{table}")
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
    """Return all rows of a database, of the columns that are wanted."""
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: sorted(connection.execute(f"select {names} from {table}"), key=repr)
            for table, names in wanted.items()
        }


def applied(connection: sqlite3.Connection, kind: Kind) -> list[str]:
    """Return the migrations that a database has, the oldest first."""
    db = sqlite_utils.Database(connection)
    return [step.name for step in schemas.migrations(kind).applied(db)]


def schema_of(path: Path, kind: Kind) -> tuple[list[str], dict[str, str]]:
    """Return the migrations and the columns that a database has, which must fit each other."""
    with closing(sqlite3.connect(path)) as connection:
        return applied(connection, kind), columns(connection)
