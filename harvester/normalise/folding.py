"""The key under which a term is looked up: its letters and digits, nothing else."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NO_LETTER = re.compile(r"[\W_]+")


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Return the letters and digits of a text, without case, accents, ligatures and spaces.

    After the method of BASE, which looks up types under NACO-normalised strings; spaces go too, so
    that `journalArticle`, `Journal article` and `journal-article` are one term. Folding the pieces
    of a text and joining them gives the same as folding the whole.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
    return _NO_LETTER.sub("", text.lower())
