"""How the facet index numbers values: one number for each value of each facet.

A value's number is that of its row in its table (`keywords`, …, or `facet_values` for facets of
which a record has one value at most), shifted by four bits, and the code of its facet. Row numbers
begin at 1, so that the bare code is free: it stands for "any value of this facet".
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable

CODES = {
    "keyword": 0,
    "creator": 1,
    "type": 2,
    "language": 3,
    "discipline": 4,
    "source": 5,
    "publisher": 6,
    "container": 7,
    "access": 8,
    "peer_reviewed": 9,
    "year": 10,
}
"""Stored in catalogues: a code is never given to another facet."""

WHOLE = ("type", "language", "discipline", "source", "access", "peer_reviewed", "year")
"""Facets of few values: each value has a bitmap, however rare it is."""

_BITS = 4
CODE = (1 << _BITS) - 1
"""The bits of a number that are the code of its facet."""


def pack(facet: str, row: int) -> int:
    """Return the number of a value from the number of its row."""
    return (row << _BITS) + CODES[facet]


def code(number: int) -> int:
    """Return the code of the facet that a value belongs to."""
    return number & CODE


def row_of(number: int) -> int:
    """Return the number of a value's row in its table."""
    return number >> _BITS


def to_bytes(numbers: Iterable[int]) -> bytes:
    """Write numbers as four bytes each, least significant first."""
    packed = array("I", numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def from_bytes(content: bytes) -> array[int]:
    """Read what `to_bytes` wrote."""
    numbers = array("I")
    numbers.frombytes(content)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
