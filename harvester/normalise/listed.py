"""Keywords that stand behind an abstract, `… Trefwoorden: a, b`: set apart where that is safe."""

from __future__ import annotations

import re

from harvester.normalise.languages import Languages

_LONGEST_LIST = 600
_LONGEST_WORD = 30
_LONGEST_KEYWORD = 60
_MOST_WORDS = 7
_MOST_KEYWORDS = 30
_LONGEST_CHAIN = 3
_ENDS_OF_SENTENCES = ".!?…»”’\"')]"
# What no keyword has in it: an address, a licence, the end of a sentence.
_NO_KEYWORD = re.compile(r"[©|]|https?\b|[.?!]\s|---")


def apart(text: str, languages: Languages) -> tuple[str, list[str]]:
    """Set keywords apart from the text that they stand behind, or that is nothing but them.

    The word for keywords begins a sentence, with a capital, and all that follows up to the end of
    the text is a list; lists in several languages may follow each other. Where more stands behind
    the list (a citation, a licence, another abstract) the text is left whole.

    Args:
        text: a description.
        languages: for the words that announce keywords.

    Returns:
        the text before the list, perhaps empty, and the keywords; all of it and none if in doubt.
    """
    keywords: list[str] = []
    for _ in range(_LONGEST_CHAIN):
        # No keyword has a colon in it: the last one is the one before the list.
        end = text.rfind(":", -_LONGEST_LIST)
        if end < 0:
            break
        start = max(end - _LONGEST_WORD, 0)
        said = text[start:end].rstrip()
        if not said.lower().endswith(languages.announcing):  # quicker than the pattern
            break
        announced = languages.announcement.search(said)
        if announced is None or not announced.group()[0].isupper():
            break
        before = text[: start + announced.start()].rstrip()
        found = _list(text[end + 1 :])
        if not found or (before and before[-1] not in _ENDS_OF_SENTENCES):
            break
        text, keywords = before, found + keywords
    return text, keywords


def _list(text: str) -> list[str]:
    """Return the keywords of a list; none if it is no list beyond doubt."""
    separator = next((one for one in ";•" if one in text), ",")
    found = [part.strip(" \t.;,•") for part in text.strip(" .•").split(separator)]
    if not 2 <= len(found) <= _MOST_KEYWORDS or not all(map(_is_keyword, found)):
        return []
    return found


def _is_keyword(text: str) -> bool:
    return (
        0 < len(text) <= _LONGEST_KEYWORD
        and text.count(" ") < _MOST_WORDS
        and text.count("(") == text.count(")")
        and not _NO_KEYWORD.search(text)
    )
