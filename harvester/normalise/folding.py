"""The key under which a term is looked up: its letters and digits, nothing else."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

_NO_LETTER = re.compile(r"[\W_]+")
_FAR_LETTER = re.compile(r"[^\W\x00-\x7f]")
_NO_ASCII_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())
_LOWER = bytes(range(256)).lower()
"""Bytes of ASCII in lower case; bytes fold several times quicker than text."""


def fold(text: str) -> str:
    """Return the letters and digits of a text, without case, accents, ligatures and spaces.

    After the method of BASE, which looks up types under NACO-normalised strings; spaces go too, so
    that `journalArticle`, `Journal article` and `journal-article` are one term. Folding the pieces
    of a text and joining them gives the same as folding the whole.
    """
    if text.isascii():
        return text.encode().translate(_LOWER, _NO_ASCII_LETTERS).decode()
    return _fold(text)


@lru_cache(maxsize=32_768)
def _fold(text: str) -> str:
    """Fold a text with letters beyond ASCII; without accents most have no such letter left."""
    text = unicodedata.normalize("NFKD", text)
    if _FAR_LETTER.search(text):
        return _NO_LETTER.sub("", text.lower())
    return text.encode("ascii", "ignore").translate(_LOWER, _NO_ASCII_LETTERS).decode()


def is_one_of(text: str, terms: frozenset[str]) -> bool:
    """Tell whether a text is one of a set of folded terms.

    Most begin like none of them, which is seen without folding.
    """
    opening = text[:3]
    if opening.isascii() and opening.isalpha() and opening.lower() not in _openings(terms):
        return False
    return fold(text) in terms


@cache
def _openings(terms: frozenset[str]) -> frozenset[str]:
    return frozenset(term[:3] for term in terms)
