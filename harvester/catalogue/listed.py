"""Reads the numbers of records that SQLite lists for a word."""

from __future__ import annotations

from array import array

import msgspec
import numpy as np
from pyroaring import BitMap

_ZERO = np.uint8(ord("0"))


def read(listed: str) -> BitMap:
    """Read a JSON array of numbers as SQLite writes it.

    The full-text index gives them in ascending order, so that all with equally many digits stand
    together and are read at once; a parser of JSON would make an object of each.
    """
    if listed == "[]":
        return BitMap()
    written = np.frombuffer(listed.encode(), np.uint8, offset=1) - _ZERO
    ends = np.flatnonzero(written > 9)
    digits = np.diff(ends, prepend=-1) - 1
    if (digits[1:] < digits[:-1]).any():
        return BitMap(msgspec.json.decode(listed, type=list[int]))
    numbers = array("I")
    for many in range(digits[0], digits[-1] + 1):
        first, last = np.searchsorted(digits, (many, many + 1))
        if first < last:
            together = written[ends[first] - many : ends[last - 1] + 1].reshape(-1, many + 1)
            values = together[:, 0].astype(np.uint32)
            for place in range(1, many):
                values *= 10
                values += together[:, place]
            numbers.frombytes(values.tobytes())
    return BitMap(numbers)
