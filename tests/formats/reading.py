"""What the tests of single formats have in common: records to read, whole or made for one point."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from harvester import formats
from harvester.model import RawValue

RECORDS = Path(__file__).parent.parent / "cases" / "formats"


def read(xml: str | bytes) -> tuple[str, list[RawValue]]:
    """Read metadata by the format of its root, whose name comes first."""
    root = etree.fromstring(xml)
    name, reader = formats._by_root()[str(root.tag)]
    return name, reader(root)


def recorded(name: str) -> list[RawValue]:
    """Return the values of a record of `tests/cases/formats/`."""
    return read((RECORDS / f"{name}.xml").read_bytes())[1]


def of(values: list[RawValue], element: str) -> list[RawValue]:
    """Return the values of one element."""
    return [value for value in values if value.element == element]
