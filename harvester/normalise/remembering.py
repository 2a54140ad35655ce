"""Values that come again and again are understood once: types, languages, dates, subjects."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Generic, Protocol, TypeVar, cast

Table = TypeVar("Table", bound=Hashable)
Result = TypeVar("Result")

LONGEST = 200
"""Characters of a value that is remembered: longer ones seldom come twice, and take up room."""
_TABLES = 256
"""Tables whose results are remembered at once: as many as there are dialects, and more."""


class Memory(dict[str, Result], Generic[Table, Result]):
    """The results of a pure function with one table, by text; `memory[text]` finds or makes one.

    When it is full all is forgotten: what comes often is soon known again, and to keep account of
    what was used last took longer than that.
    """

    def __init__(self, function: Callable[[str, Table], Result], table: Table, size: int) -> None:
        super().__init__()
        self._function = function
        self._table = table
        self._size = size

    def __missing__(self, text: str) -> Result:
        result = self._function(text, self._table)
        if len(text) <= LONGEST:
            if len(self) >= self._size:
                self.clear()
            self[text] = result
        return result


class Remembered(Protocol[Table, Result]):
    """A pure function of a text and a table that remembers its results.

    `by` gives the results with a table, for those who ask for many texts.
    """

    by: Callable[[Table], Memory[Table, Result]]

    def __call__(self, text: str, table: Table) -> Result:
        """Return the result for one text."""


def remembered(
    size: int,
) -> Callable[[Callable[[str, Table], Result]], Remembered[Table, Result]]:
    """Let a pure function of a text and a table remember its results for so many texts.

    The table must be hashable; the tables of `schemas/` are compared by identity (`eq=False`).
    Nobody may change a result.
    """

    def decorate(function: Callable[[str, Table], Result]) -> Remembered[Table, Result]:
        @lru_cache(maxsize=_TABLES)
        def by(table: Table) -> Memory[Table, Result]:
            return Memory(function, table, size)

        @wraps(function)
        def recall(text: str, table: Table) -> Result:
            return by(table)[text]

        made = cast("Remembered[Table, Result]", recall)
        made.by = by
        return made

    return decorate
