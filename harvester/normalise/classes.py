"""Classes of schemes of disciplines, and how their labels are written and cut."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec


class Class(msgspec.Struct, frozen=True):
    """A class of a scheme.

    Attributes:
        scheme, code: together its identity.
        labels: by two-letter language.
        broader: code of the class above it.
        unverified: its code or wording was never seen in a record.
    """

    scheme: str
    code: str
    labels: Mapping[str, str]
    broader: str | None = None
    unverified: bool = False


class Lexicon(msgspec.Struct, frozen=True, eq=False):
    """Classes by what they are called.

    Attributes:
        by_label: (class, language) pairs by folded label.
        by_code: class by (scheme, code).
        openings: the first three letters of all folded labels: what begins otherwise is no class.
        starts: folded first pieces of labels that hold a comma.
        longest: most pieces that a label has.
    """

    by_label: Mapping[str, tuple[tuple[Class, str], ...]]
    by_code: Mapping[tuple[str, str], Class]
    openings: frozenset[str]
    starts: frozenset[str]
    longest: int


CUT = re.compile(r"[,;] ")
"""Where BASE cuts subjects."""

NUMBERED = ("asjc", "ddc")
"""Schemes whose labels come with their codes before them: `610 Medizin, Gesundheit`."""
