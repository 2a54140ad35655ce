"""Finds the data that is shipped beside the code, and reads it with a librarian's own rows on top.

In a wheel the data lies in `harvester/_data/`; in a checkout (also an editable install) it lies
at the top of the tree. This is the one place that knows.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import yaml
from sqlite_utils.migrations import Migrations

from harvester import faults, shapes
from harvester.errors import UsageError

STYLES = "styles/*.csl"
"""The citation styles below `schemas/`: no tables, so that nothing is laid over them."""

_PACKAGED = Path(__file__).parent / "_data"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads YAML as a person means it.

    A key given twice, an impossible date and what stands within itself are faults.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        lines: dict[object, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            name = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else key
            if name in lines and key.tag != _MERGE:
                raise yaml.constructor.ConstructorError(
                    None,
                    None,
                    f"{key.value!r} stands there twice, first in line {lines[name]}",
                    key.start_mark,
                )
            lines[name] = line
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ANN401
        if node in self.recursive_objects:
            raise yaml.constructor.ConstructorError(
                None, None, "an alias stands for what it stands in", node.start_mark
            )
        try:
            return super().construct_object(node, deep=True)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(
                None, None, str(error), node.start_mark
            ) from error


_MERGE = "tag:yaml.org,2002:merge"


def shipped(name: str) -> Path:
    """Return the path of a shipped file or folder.

    Args:
        name: a path from the top of the tree, such as `schemas/types.yml` or `metadata.yml`.
    """
    root = _PACKAGED if _PACKAGED.is_dir() else _PACKAGED.parent.parent
    return root / name


def load(name: str, overlay: Path | None = None) -> dict[str, Any]:
    """Read a table of `schemas/`, with the librarian's rows laid over it.

    Every table is a mapping by key. In the overlay a key that is new is added; one that is there
    is changed field by field; lists are joined, the overlay's values first.

    Args:
        name: the table's file below `schemas/`, such as `types.yml` or `profiles/orbi.yml`; a
            profile may be the librarian's alone.
        overlay: the folder `schemas` of the data directory, or None; it may lack the file.

    Raises:
        UsageError: a file is no YAML, or a row has not the shape that `harvester.shapes` says; the
            line tells the file, the line in it, the row and what is wrong.
    """
    files = [shipped("schemas") / name, *([overlay / name] if overlay else [])]
    files = [path for path in files if path.is_file()]
    table: dict[str, Any] = {}
    for path in files:
        table = _merge(table, read_yaml(path))
    fault = faults.find(table, shapes.of(name))
    if fault:
        raise UsageError(faults.told(fault, reversed(files)))
    return table


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping; an empty file is an empty mapping.

    Raises:
        UsageError: it cannot be read, is no YAML, or no mapping.
    """
    try:
        with path.open(encoding="utf-8") as file:
            data = yaml.load(file, Loader=_Loader)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        raise UsageError(
            f"{path}{line} is not valid YAML: {getattr(error, 'problem', error)}"
        ) from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise UsageError(f"{path} must hold a mapping (key: value), not a {type(data).__name__}")
    return data


def migrations(name: str) -> Migrations:
    """Return the migrations of a database, `archive` or `catalogue`, from `db/`."""
    path = shipped("db") / f"{name}_migrations.py"
    spec = importlib.util.spec_from_file_location(f"harvester_{name}_migrations", path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} is missing: this installation is damaged, install it again")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = module.migrations
    assert isinstance(found, Migrations)
    return found


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[key] = _merge(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            merged[key] = value + [item for item in old if item not in value]
        else:
            merged[key] = value
    return merged
