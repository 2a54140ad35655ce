"""What the formats have in common."""

from __future__ import annotations

import pytest

from harvester.export import parts
from harvester.model import Container, Record


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("115-138", "115", "138"),
        ("115 – 138", "115", "138"),
        ("115--138", "115", "138"),
        ("S1‑S9", "S1", "S9"),
        ("7", "7", ""),
        ("115-", "115", ""),
        ("A-12-A-19", "A-12", "A-19"),
        ("12-1–12-9", "12-1", "12-9"),
        ("A-12-19", "A-12-19", ""),
        ("1-3, 7", "1-3, 7", ""),
        (None, "", ""),
    ],
)
def test_pages(written: str | None, first: str, last: str) -> None:
    assert parts.pages(written) == (first, last)


@pytest.mark.parametrize(
    ("kind", "where", "like"),
    [
        (None, Container("Mens", volume="87"), True),
        ("text", Container("Mens", issue="40"), True),
        ("other", Container("Mens"), False),
        ("other", Container(series="Reeks", volume="1"), False),
        ("conference presentation", Container("Mens", volume="87"), False),
        (None, None, False),
    ],
)
def test_what_is_like_an_article(kind: str | None, where: Container | None, like: bool) -> None:
    assert parts.like_an_article(Record(source="x", type=kind, container=where)) is like
