"""Choices that look like chance and never change: the same key always gives the same choice.

Python's `random` may draw differently in another version and `hash()` does in every run; a digest
of the key does neither.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def number(key: str, purpose: str, limit: int) -> int:
    """Draw a whole number from 0 up to but not including `limit`.

    Args:
        key: what the choice is made for, such as the key of a work.
        purpose: which choice it is, so that choices for one key do not depend on each other.
        limit: at least 1.
    """
    digest = hashlib.sha256(f"{purpose}|{key}".encode()).digest()
    return int.from_bytes(digest[:6], "big") % limit


def one(key: str, purpose: str, options: Sequence[T]) -> T:
    """Draw one of the options."""
    return options[number(key, purpose, len(options))]


def weighted(key: str, purpose: str, weights: Mapping[T, int]) -> T:
    """Draw one of the keys of `weights`, each as often as its weight says."""
    left = number(key, purpose, sum(weights.values()))
    for option, weight in weights.items():
        left -= weight
        if left < 0:
            return option
    raise ValueError("weights must be positive")


def often(key: str, purpose: str, percent: int) -> bool:
    """Say yes in this share of cases."""
    return number(key, purpose, 100) < percent


def shuffled(keys: Iterable[str], purpose: str) -> list[str]:
    """Put keys into an order that depends on nothing but the keys and the purpose."""
    return sorted(keys, key=lambda key: (number(key, purpose, 1 << 47), key))
