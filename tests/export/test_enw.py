"""ENW as EndNote and Zotero read it."""

from __future__ import annotations

from harvester.export import enw
from harvester.model import Container, Record


def test_what_stands_in_a_series_has_its_volume() -> None:
    where = Container(series="Reeks", volume="RM 0403")
    for kind in ("other", "working paper", "book"):
        written = enw.reference(Record(id="x-1", source="x", type=kind, container=where))
        assert "%S Reeks\r\n%V RM 0403\r\n" in written
