"""How much of a record a page holds: a title of 5 MB, or 10,000 keywords, must not swell it.

The whole of a record is in its other forms, to which its page leads.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from harvester.catalogue.facets import FacetValue
from harvester.model import ENCODER, Record

MOST_VALUE = 500
"""As many characters of a name or keyword are shown; a longer one is nothing to choose by."""

_WHOLE = frozenset({"id", "source", "citekey"})
_LONG = frozenset({"title", "text", "statement", "original", "result"})
_SCALARS = (int, float, bool, type(None))


class Bounds(msgspec.Struct, frozen=True):
    """How much a page holds of one record.

    Attributes:
        untouched: a record of so many bytes of JSON is shown as it is.
        text: characters of a title, an abstract, a statement.
        values: how many values of one field.
    """

    untouched: int
    text: int
    values: int


LIST = Bounds(untouched=16_000, text=3_000, values=20)
PAGE = Bounds(untouched=200_000, text=20_000, values=300)


def bounded(record: Record, bounds: Bounds) -> Record:
    """The record itself where it is of a usual size, else the beginnings of its values."""
    if len(ENCODER.encode(record)) <= bounds.untouched:
        return record
    return msgspec.convert(_cut(msgspec.to_builtins(record), bounds), Record)


def shortened(text: str, most: int) -> str:
    """A text, or its first characters and a sign that it goes on."""
    return text if len(text) <= most else f"{text[:most].rstrip()} …"


def choosable(values: Iterable[FacetValue]) -> list[FacetValue]:
    """The values of a facet that an address can hold, and those that one held."""
    return [value for value in values if value.chosen or len(value.value) <= MOST_VALUE]


def _cut(value: Any, bounds: Bounds, name: str = "") -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        if name in _WHOLE:
            return value
        return shortened(value, bounds.text if name in _LONG else MOST_VALUE)
    if isinstance(value, list):
        return [_cut(one, bounds, name) for one in value[: bounds.values]]
    if isinstance(value, dict):
        return {key: _cut(one, bounds, key) for key, one in value.items()}
    assert isinstance(value, _SCALARS)
    return value
