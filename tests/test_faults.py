"""What is wrong with a table is found as deep as it can be told, and with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester import faults, schemas, shapes

SHIPPED = schemas.shipped("schemas")
TABLES = sorted(str(path.relative_to(SHIPPED)) for path in SHIPPED.rglob("*.yml"))


@pytest.mark.parametrize("name", TABLES)
def test_every_shipped_table_has_its_shape(name: str) -> None:
    assert faults.find(schemas.read_yaml(SHIPPED / name), shapes.of(name)) is None


def test_the_deepest_fault_is_told() -> None:
    table = {"ours": {"urls": ["https://x.example", 3]}}
    assert faults.find(table, shapes.of("sources.yml")) == faults.Fault(
        ("ours", "urls", 1), "expected text, got a whole number"
    )


def test_a_line_is_found_as_deep_as_the_file_goes(tmp_path: Path) -> None:
    file = tmp_path / "x.yml"
    file.write_text("a:\n  b:\n  - one\n  - two\n", encoding="utf-8")
    assert faults.line(file, ("a", "b", 1)) == (3, 4)
    assert faults.line(file, ("a", "c", 1)) == (1, 1)
    assert faults.line(file, ("z",)) == (0, 1)


def test_the_file_that_has_the_row_is_named(tmp_path: Path) -> None:
    upper, lower = tmp_path / "upper.yml", tmp_path / "lower.yml"
    upper.write_text("a: {x: 1}\n", encoding="utf-8")
    lower.write_text("\nb: {x: 1}\n", encoding="utf-8")
    fault = faults.Fault(("b", "x"), "it is wrong")
    assert faults.told(fault, [upper, lower]) == f"{lower}, line 2: b → x: it is wrong"
