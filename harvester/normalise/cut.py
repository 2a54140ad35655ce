"""How many of the pieces that follow complete a label that BASE cut at its commas."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harvester.normalise.folding import fold

ALL = re.compile(r"\s*\(all\)$", re.IGNORECASE)
"""What Scopus puts behind the names of its top fields."""

_RESIDUAL = " not elsewhere classified"


def spelled(label: str, following: Sequence[str]) -> int:
    """Return how many texts behind the code of a class spell its label; 0 where they do not."""
    wanted, run = fold(label), ""
    for taken, text in enumerate(following, start=1):
        run += fold(ALL.sub("", text))
        if run == wanted:
            return taken
        if not wanted.startswith(run):
            break
    return 0


def residual(label: str, following: Sequence[str]) -> tuple[str, int]:
    """Complete the label of a residual class of Australia and New Zealand, if it was cut.

    `949999 Law | Politics and Community Services not elsewhere classified`.

    Returns:
        the label, and how many of the texts that follow it took.
    """
    if not label.endswith(_RESIDUAL):
        for taken, text in enumerate(following, start=1):
            if text[0].isdecimal():
                break
            if text.endswith(_RESIDUAL):
                return ", ".join([label, *following[:taken]]), taken
    return label, 0
