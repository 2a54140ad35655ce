"""Numbers of records, or of rows, as arrays: what many at once are worked out with."""

from __future__ import annotations

from array import array

import msgspec
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

Numbers = npt.NDArray[np.uint32]

_ZERO = np.uint8(ord("0"))


def array_of(numbers: BitMap) -> Numbers:
    """Return the numbers of a bitmap, in ascending order."""
    return np.asarray(numbers.to_array(), np.uint32)


def bitmap_of(numbers: Numbers) -> BitMap:
    """Return a bitmap of numbers, which may be in any order."""
    return BitMap(array("I", numbers.tobytes()))


def stretches(begin: npt.NDArray[np.intp], lengths: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return the places of stretches of an array, one after the other, by where each begins."""
    places: npt.NDArray[np.intp] = np.repeat(begin - lengths.cumsum() + lengths, lengths)
    places += np.arange(len(places))
    return places


def bitmap_listed(listed: str) -> BitMap:
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
    found = [np.zeros(0, np.uint32)]
    for many in range(digits[0], digits[-1] + 1):
        first, last = np.searchsorted(digits, (many, many + 1))
        if first < last:
            together = written[ends[first] - many : ends[last - 1] + 1].reshape(-1, many + 1)
            numbers = together[:, 0].astype(np.uint32)
            for place in range(1, many):
                numbers *= 10
                numbers += together[:, place]
            found.append(numbers)
    return bitmap_of(np.concatenate(found))
