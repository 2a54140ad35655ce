"""What an able librarian's script of an afternoon does: Sickle and sqlite-utils. For pipeline.py.

    python bench/afternoon.py upsert|upsert-wal|upsert-all URL FILE

Each record becomes a row of one table, its values joined or, where Datasette can count them, as
JSON. The three ways differ in how rows are written:

    upsert      one at a time, in a database as sqlite-utils makes it
    upsert-wal  one at a time, with a write-ahead log, which is quicker
    upsert-all  in batches of a page, with a write-ahead log

The index of words is made when all rows are there, which is quicker than to keep it by triggers
from the first row on; the triggers are there for the next harvest.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import sqlite_utils
from sickle.app import Sickle

PAGE = 100
JOINED = (
    "title", "description", "publisher", "contributor", "date", "type", "format", "identifier",
    "source", "relation", "coverage", "rights",
)  # fmt: skip
COUNTED = ("creator", "subject", "language")
SEARCHED = ("title", "creator", "subject", "description")
TABLE = "records"
WAYS = ("upsert", "upsert-wal", "upsert-all")


def main() -> None:
    """Harvest a list into a new database."""
    way, url, file = sys.argv[1:]
    if way not in WAYS:
        raise SystemExit(f"{way} is none of {', '.join(WAYS)}")
    database = sqlite_utils.Database(file)
    if way != "upsert":
        database.enable_wal()
    table = database.table(TABLE)
    if way == "upsert-all":
        table.upsert_all(rows(url), pk="id", batch_size=PAGE)
    else:
        for row in rows(url):
            table.upsert(row, pk="id")
    table.enable_fts(SEARCHED, create_triggers=True)
    database.close()


def rows(url: str) -> Iterator[dict[str, Any]]:
    """Give the live records of a list as rows."""
    client = Sickle(url)  # type: ignore[no-untyped-call]
    listed = client.ListRecords(metadataPrefix="oai_dc", ignore_deleted=True)  # type: ignore[no-untyped-call]
    for record in listed:
        row: dict[str, Any] = {"id": record.header.identifier}
        for name in JOINED:
            row[name] = "; ".join(filter(None, record.metadata.get(name, [])))
        for name in COUNTED:
            row[name] = [value for value in record.metadata.get(name, []) if value]
        year = re.search(r"\d{4}", row["date"])
        row["year"] = int(year.group()) if year else None
        yield row


if __name__ == "__main__":
    main()
