"""Records that have to do with each other, however many others stand between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator


class Together:
    """Joins records to classes (union-find), and tells of those that were touched."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}
        self._touched: list[int] = []

    def join(self, one: int, other: int) -> None:
        """Two records have to do with each other."""
        above, below = sorted((self.root(one), self.root(other)))
        self._above[below] = above

    def touch(self, record: int) -> None:
        """What has to do with a record is wanted; a record that was never joined is none."""
        if record in self._above:
            self._touched.append(record)

    def root(self, record: int) -> int:
        """Return the lowest number among those that have to do with a record."""
        above = self._above
        above.setdefault(record, record)
        while above[record] != record:
            above[record] = record = above[above[record]]
        return record

    def classes(self) -> Iterator[tuple[int, set[int]]]:
        """Give the touched classes: the root of each, and its records."""
        wanted = {self.root(record) for record in self._touched}
        found: defaultdict[int, set[int]] = defaultdict(set)
        for record in self._above:
            if (root := self.root(record)) in wanted:
                found[root].add(record)
        yield from sorted(found.items())
