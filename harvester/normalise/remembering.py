"""Values that come again and again are understood once: types, languages, dates, subjects."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Table = TypeVar("Table")
Result = TypeVar("Result")

LONGEST = 200
"""Characters of a value that is remembered: longer ones seldom come twice, and take up room."""


def remembered(
    size: int,
) -> Callable[[Callable[[str, Table], Result]], Callable[[str, Table], Result]]:
    """Let a pure function of a text and a table remember its results for so many texts.

    The table must be hashable; the tables of `schemas/` are compared by identity (`eq=False`).
    Nobody may change a result.
    """

    def decorate(function: Callable[[str, Table], Result]) -> Callable[[str, Table], Result]:
        known = lru_cache(maxsize=size)(function)

        @wraps(function)
        def recall(text: str, table: Table) -> Result:
            return known(text, table) if len(text) <= LONGEST else function(text, table)

        return recall

    return decorate
