"""ORCID iDs: beside a name, behind it, or in an attribute of its element."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ORCID = re.compile(
    r"[\s,;|(\[]*(?:https?://(?:www\.)?orcid\.org/|orcid(?:\s*id)?\s*:?\s*)?"
    r"(\d{4}-\d{4}-\d{4}-\d{3}[\dXx])[)\]]?",
    re.IGNORECASE,
)
WITHIN = re.compile(
    r"(?:https?://(?:www\.)?)?orcid(?:\.org/|\s?:\s?(?:https?://(?:www\.)?orcid\.org/)?)"
    r"(\d{4}-\d{4}-\d{4}-\d{3}[\dXx])",
    re.IGNORECASE,
)
"""An ORCID iD within a longer text, where it says that it is one; its figures are the group."""
# ORBi writes it into xml:id (which XML does not allow), others into attributes of their own.
_ATTRIBUTES = ("id", "orcid", "authority", "global_id", "nameIdentifier")


def of(attributes: Mapping[str, str]) -> str | None:
    """Return the ORCID iD that an element's attributes hold."""
    for name in _ATTRIBUTES:
        if (held := attributes.get(name)) and (found := valid(held)):
            return found
    return None


def split(text: str) -> tuple[str, str | None]:
    """Set an ORCID iD apart from the name that it stands behind: `Summann, F. | orcid:0000-…`.

    One with a wrong checksum is taken off and dropped.
    """
    found = _ORCID.search(text)
    if found is None:
        return text, None
    known = valid(found.group(1))
    rest = (text[: found.start()] + text[found.end() :]).strip(" |,;()[]")
    return (rest, known) if known or rest else (text, None)


def valid(text: str) -> str | None:
    """Return the ORCID iD in a text, bare, if its checksum is right (ISO 7064, 11-2)."""
    found = _ORCID.search(text)
    if found is None:
        return None
    bare = found.group(1).upper()
    total = 0
    for digit in bare.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return bare if bare[-1] == ("X" if check == 10 else str(check)) else None
