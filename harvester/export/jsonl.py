"""JSON Lines: one record a line, every field of the shared schema, empty fields left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harvester.export import Exporter
from harvester.model import ENCODER, Record


def write(records: Iterable[Record]) -> Iterator[str]:
    """Give one line of JSON for each record."""
    for record in records:
        yield ENCODER.encode(record).decode() + "\n"


EXPORTER = Exporter("jsonl", ".jsonl", "application/x-ndjson; charset=utf-8", write)
