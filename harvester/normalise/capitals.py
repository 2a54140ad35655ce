"""Names in capitals: written as one writes names, and what the capitals say of their parts."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

# `LI Xiaoming`, `WU Lan`: two letters in capitals before a Chinese given name; initials end in
# U or I only seldom.
_SHORT_FAMILY = re.compile(r"^[BCDFGHJLMNPQRSTWXYZ][UI]$")
_SHORTEST_FAMILY = 4
_SYLLABLE = (
    r"(?:[jqx](?:i(?:a(?:ng?|o)?|e|n|ng|ong|u)?|u(?:an|e|n)?)"
    r"|(?:zh|ch|sh|[bpmfdtnlgkhrzcsyw])?(?:a(?:i|o|ng?)?|e(?:i|ng?|r)?|i(?:a(?:ng?|o)?|e|n|ng|u)?"
    r"|o(?:u|ng)?|u(?:a(?:ng?|i)?|e|i|n|o)?))"
)
_PINYIN = re.compile(rf"^{_SYLLABLE}(?:[-']?{_SYLLABLE})?$", re.IGNORECASE)
_JOINTS = re.compile(r"(\s+|-|['’])")
_LONGEST_INITIALS = 2


def lowered(name: str, particles: Set[str], country: str | None) -> str:
    """Write a name in capitals as one writes names; never used on one that is not in capitals.

    Args:
        name: a family or given name.
        particles: parts of family names that are written apart, lower case.
        country: of the repository: Belgians write `Van den Berg`, the Dutch `van den Berg`.
    """
    tokens: list[str] = []
    for token in _JOINTS.split(name):
        lower = _lower(token)
        if lower in particles and len(name) > len(token):
            tokens.append(lower if tokens or country != "BE" else lower.capitalize())
        elif lower.startswith("mc") and len(lower) > 4:
            tokens.append("Mc" + lower[2:].capitalize())
        elif lower.startswith("ij"):
            tokens.append("IJ" + lower[2:])
        elif token[:1] == "İ":
            tokens.append(token[0] + lower[1:])
        else:
            tokens.append(lower.capitalize())
    return "".join(tokens)


def _lower(token: str) -> str:
    """Return a word in small letters; a word with `İ` or `Ğ` is Turkish, where `I` becomes `ı`."""
    if "İ" in token or "Ğ" in token:
        token = token.replace("I", "ı")
    return token.replace("İ", "i").lower()


def spelled_out(tokens: Sequence[str], particles: Set[str]) -> list[str]:
    """Write the words of a whole name in capitals as one writes names, initials left alone."""
    return [
        token
        if "." in token or (len(token) <= _LONGEST_INITIALS and token.lower() not in particles)
        else token.lower()
        if token.lower() in particles
        else lowered(token, particles, None)
        for token in tokens
    ]


def family_at_end(tokens: Sequence[str]) -> int | None:
    """Return where a family name in capitals begins, if the given name before it is not."""
    start = len(tokens)
    while start and tokens[start - 1].isupper() and len(tokens[start - 1].strip(".")) > 1:
        start -= 1
    if start in (0, len(tokens)) or all(
        token.isupper() for token in tokens[:start] if len(token) > 2
    ):
        return None
    return start


def family_leads(tokens: Sequence[str]) -> bool:
    """Tell whether the first of two words is a family name in capitals: `LI Xiaoming`."""
    if len(tokens) != 2 or not (tokens[0].isupper() and tokens[1].istitle()):
        return False
    family, given = tokens
    if not all(part.isalpha() for part in (family, *given.split("-"))):
        return False
    if _SHORT_FAMILY.match(family):
        return bool(_PINYIN.match(given))
    return len(family) >= _SHORTEST_FAMILY and len(given) > 1
