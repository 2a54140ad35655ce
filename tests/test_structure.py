"""The rules of the house that a machine can keep: who may import whom, and what stands where."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "harvester"
STAGES = ["oai", "archive", "formats", "normalise", "linking", "catalogue", "export", "explorer"]
NEVER_IN_NORMALISE = {"sqlite3", "sqlite_utils", "requests", "sickle", "urllib3", "http", "socket"}


def modules() -> Iterator[Path]:
    return PACKAGE.rglob("*.py")


def imports(module: Path) -> set[str]:
    """Return the dotted names that a module imports, wherever in it they stand."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{module} uses a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def stage_of(dotted: str) -> str | None:
    parts = dotted.split(".")
    return parts[1] if parts[0] == "harvester" and len(parts) > 1 and parts[1] in STAGES else None


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_only_earlier_stages(stage: str) -> None:
    allowed = STAGES[: STAGES.index(stage) + 1]
    for module in (PACKAGE / stage).rglob("*.py"):
        later = {name for name in imports(module) if (stage_of(name) or stage) not in allowed}
        assert not later, f"{module} imports what comes after it: {later}"


def test_only_the_command_line_imports_the_pipeline_and_the_explorer() -> None:
    for module in modules():
        if {"cli", "pipeline", "explorer"} & set(module.parts):
            continue
        wrong = {
            name for name in imports(module) if re.match(r"harvester\.(pipeline|explorer)", name)
        }
        assert not wrong, f"{module} imports {wrong}"


def test_the_explorer_does_not_import_the_pipeline() -> None:
    for module in (PACKAGE / "explorer").rglob("*.py"):
        assert not any(name.startswith("harvester.pipeline") for name in imports(module))


def test_understanding_knows_neither_databases_nor_the_network() -> None:
    for module in (PACKAGE / "normalise").rglob("*.py"):
        roots = {name.split(".")[0] for name in imports(module)}
        assert not roots & NEVER_IN_NORMALISE, module


def test_asking_knows_no_dublin_core() -> None:
    for module in (PACKAGE / "oai").rglob("*.py"):
        assert "purl.org/dc" not in module.read_text(encoding="utf-8"), module


def test_every_stage_has_modules() -> None:
    for stage in STAGES:
        assert list((PACKAGE / stage).glob("*.py")), stage
