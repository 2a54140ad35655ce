"""What a server remembers between requests, bounded by bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Cache:
    """Answers by key; those that were not asked for the longest go first.

    Several threads may use it; two that ask for the same at once may both work it out.
    """

    def __init__(self, most_bytes: int) -> None:
        """Remember answers of so many bytes in all."""
        self._most = most_bytes
        self._bytes = 0
        self._answers: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, ask: Callable[[], T], size: Callable[[T], int]) -> T:
        """Return the answer for a key.

        Args:
            key: names the question, and the generation that it is asked of.
            ask: works the answer out.
            size: how many bytes an answer has; one of more than the whole is not remembered.
        """
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                known: T = self._answers[key][0]
                return known
        answer = ask()
        bytes_ = size(answer)
        with self._lock:
            if key not in self._answers and bytes_ <= self._most:
                self._answers[key] = (answer, bytes_)
                self._bytes += bytes_
                while self._bytes > self._most:
                    _, (_, dropped) = self._answers.popitem(last=False)
                    self._bytes -= dropped
        return answer

    @property
    def size(self) -> int:
        """How many bytes are remembered."""
        return self._bytes
