"""Bodies among names: companies, associations, universities, told apart from persons."""

from __future__ import annotations

import re
from collections.abc import Set

# What only companies and associations put behind their names. `N.V.` in capitals may be initials.
_LEGAL_FORM = re.compile(
    r"(?:,\s?|\s)(?:(?:Inc|Ltd|LLC|GmbH|PLC|VZW|vzw|ASBL|asbl|A\.S\.B\.L|a\.s\.b\.l|n\.v|b\.v)\.?|NV|BV)$"
)
_LONGEST_FORM = len(", a.s.b.l.")
# The last letters of these: most names end otherwise.
_LAST_LETTERS = frozenset("cdCHWwLlvV")
_MARKS = ".,()\"'“”"


def has_legal_form(text: str) -> bool:
    """Tell whether a name ends in a legal form: `Hydroscience, Inc.`."""
    if text.removesuffix(".")[-1:] not in _LAST_LETTERS:
        return False
    end = text[-_LONGEST_FORM:]
    found = _LEGAL_FORM.search(end)
    if not found:
        return False
    body = text[: len(text) - len(end) + found.start()]
    return "," not in body and any(map(str.isalpha, body))


def is_one(text: str, corporate: Set[str]) -> bool:
    """Tell whether a word of a name is one that only bodies have, or the name is an acronym."""
    lower = text.lower()
    if lower in corporate:  # `KU Leuven`: only the two words together tell
        return True
    if text[:4] == "The " and "," not in text:  # `The Washington Post`
        return True
    for token in lower.split():
        if token in corporate:
            return True
        if not token.isalpha() and _bare(token) in corporate:
            return True
    return 2 < len(text) < 8 and text.isupper() and text.isalpha()


def _bare(token: str) -> str:
    """Return a word without marks and without what is joined before it: `GMDS-Projektgruppe`."""
    return token.strip(_MARKS).rpartition("-")[2]


def is_person(text: str, corporate: Set[str]) -> bool:
    """Tell whether a name with a corporate word in it is a person's.

    Such as `Bureau, Dominique` and `Shereshefsky, Leon J., Howard University`.
    """
    family, comma, given = text.partition(",")
    given, further, body = given.partition(",")
    if not comma or (further and not is_one(body, corporate)):
        return False
    tokens = given.split()
    if further and is_one(family, corporate):
        return False
    return (
        0 < len(tokens) <= 3
        and len(family.split()) <= 2
        and all(token[0].isupper() and token.strip(".").isalpha() for token in tokens)
        and not any(token.lower() in corporate for token in tokens)
    )
