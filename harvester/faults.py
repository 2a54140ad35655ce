"""Finds what is wrong with a table, and on which line of which file it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

import msgspec
import yaml

from harvester import shapes

Keys = tuple[str | int, ...]

_PLAIN = {
    "`int | str`": "text",
    "`object`": "a mapping (key: value)",
    "`array`": "a list",
    "`str`": "text",
    "`int`": "a whole number",
    "`float`": "a number",
    "`bool`": "true or false",
    "`null`": "nothing",
    "Object contains unknown field": "there is no field",
    "Object missing required field": "it lacks the field",
    "Expected": "expected",
}


class Fault(NamedTuple):
    """What is wrong in a table.

    Attributes:
        keys: the keys of mappings and places in lists that lead to it.
        what: what is wrong there, in plain words.
    """

    keys: Keys
    what: str


def find(data: object, wanted: Any) -> Fault | None:  # noqa: ANN401 - any type msgspec converts to
    """Return the first fault of a table, as deep as it can be told; None where it fits.

    Args:
        data: what was read from YAML.
        wanted: the type it has to be converted to.
    """
    try:
        msgspec.convert(data, wanted, dec_hook=shapes.hook)
    except msgspec.ValidationError as error:
        for key, value, inner in _parts(data, wanted):
            deeper = find(value, inner)
            if deeper:
                return Fault((key, *deeper.keys), deeper.what)
        return Fault(_unknown(data, wanted), _told(str(error)))
    return None


def told(fault: Fault, files: Iterable[Path]) -> str:
    """Return one line that says where a fault stands, and what it is.

    Args:
        fault: as `find` returned it.
        files: those the table was put together from, the uppermost first.
    """
    found = [(line(path, fault.keys), path) for path in files]
    # Where no file has all of the keys, the one that has the most of it.
    (depth, number), path = max(found, key=lambda one: one[0][0], default=((0, 0), Path()))
    where = f"{path}, line {number}" if depth else str(path)
    keys = " → ".join(str(key) for key in fault.keys)
    return f"{where}: {keys}: {fault.what}" if keys else f"{where}: {fault.what}"


def line(path: Path, keys: Sequence[str | int]) -> tuple[int, int]:
    """Find a value in a YAML file.

    Args:
        path: the file.
        keys: the keys of mappings and places in lists that lead to it.

    Returns:
        how many of the keys the file has, and the line, from 1, of the last of them.
    """
    with path.open(encoding="utf-8") as file:
        node = yaml.compose(file, Loader=yaml.SafeLoader)
    number = 1
    for depth, key in enumerate(keys):
        found = _child(node, key)
        if found is None:
            return depth, number
        number, node = found
    return len(keys), number


def _child(node: yaml.Node | None, key: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return name.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line + 1, node.value[key]
    return None


def _parts(data: object, wanted: Any) -> Iterable[tuple[str | int, object, Any]]:  # noqa: ANN401
    """Give the parts of a value that are judged by themselves: key, value and type of each."""
    while get_origin(wanted) is Annotated:
        wanted = get_args(wanted)[0]
    if isinstance(data, Mapping):
        if get_origin(wanted) is dict:
            key_type, value_type = get_args(wanted)
            for key, value in data.items():
                yield key, key, key_type
                yield key, value, value_type
        elif _is_row(wanted):
            types = get_type_hints(wanted, include_extras=True)
            for key, value in data.items():
                if key in types:
                    yield key, value, types[key]
    elif isinstance(data, list) and get_origin(wanted) is list:
        for place, value in enumerate(data):
            yield place, value, get_args(wanted)[0]


def _unknown(data: object, wanted: Any) -> Keys:  # noqa: ANN401
    """Return the field of a row that there is not, where that is what is wrong."""
    if not isinstance(data, Mapping) or not _is_row(wanted):
        return ()
    known = get_type_hints(wanted)
    return next(((key,) for key in data if key not in known), ())


def _is_row(wanted: Any) -> bool:  # noqa: ANN401
    return isinstance(wanted, type) and issubclass(wanted, msgspec.Struct)


def _told(message: str) -> str:
    """Put a message of msgspec into words that need no knowledge of it."""
    message = message.partition(" - at `")[0]
    for theirs, ours in _PLAIN.items():
        message = message.replace(theirs, ours)
    return message
