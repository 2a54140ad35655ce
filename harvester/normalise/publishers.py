"""Publishers: as given, each once, without those that name nobody."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harvester.model import Note
from harvester.normalise.folding import is_one_of
from harvester.normalise.remembering import remembered
from harvester.normalise.text import Value

# Catalogues write `Cleveland, Ohio :Edwin A. Reeves,1906.` (ISBD); a blank stands before the colon.
_PLACED = re.compile(
    r"^(?P<place>[^:;/]{2,40}) : ?(?P<name>[^:]{3,}?)"
    r"(?:, ?\[?c?(?:1[5-9]|20)\d\d(?:-\d{2,4})?\]?)?[.,]?$"
)


def read(values: Sequence[Value], nameless: frozenset[str]) -> tuple[list[str], list[Note]]:
    """Return the publishers of a record in their order.

    Args:
        values: dc:publisher; a refinement (`place`) is no publisher.
        nameless: folded values that name nobody.
    """
    if not values:
        return [], []
    publishers: dict[str, None] = {}
    notes = []
    named = _name.by(nameless)
    for value in values:
        name, rule = named[value.text]
        if value.refinement:
            name, rule = "", _NOBODY
        if name:
            publishers[name] = None
        notes.append(Note("publishers", value.name, value.original, rule, name))
    return list(publishers), notes


_NOBODY = "publishers.nobody"


@remembered(4096)
def _name(text: str, nameless: frozenset[str]) -> tuple[str, str]:
    """Return the publisher that a text names, or "", and the rule."""
    name = text.strip(" ,;:")
    is_address = name[:4].lower() == "http"  # SLDR
    if is_address or not name or is_one_of(name, nameless):
        return "", _NOBODY
    if " :" in name and (placed := _PLACED.match(name)):
        return placed["name"].strip(), "publishers.placed"
    return name, "publishers.given"
