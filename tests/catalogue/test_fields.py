"""The fields of the query language are told of where readers look for them."""

from __future__ import annotations

from pathlib import Path

from harvester.catalogue import fields

DOCS = Path(__file__).parent.parent.parent / "docs" / "search.md"


def test_every_name_of_a_field_means_that_field() -> None:
    for field, names in fields.NAMES.items():
        for name in (field, *names):
            assert fields.called(name.upper()) == field
    assert set(fields.NAMES) == {*fields.COLUMNS, *fields.CHOOSING}
    assert fields.called("abstract") is None


def test_the_docs_name_every_field() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for field, names in fields.NAMES.items():
        assert f"`{field}:" in text, field
        if names:
            assert f"| `{field}:` | {', '.join(f'`{name}:`' for name in names)} |" in text
