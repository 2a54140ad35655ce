"""Publishers: as given, each once, without those that name nobody."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.model import Note
from harvester.normalise.folding import is_one_of
from harvester.normalise.text import Value


def read(values: Sequence[Value], nameless: frozenset[str]) -> tuple[list[str], list[Note]]:
    """Return the publishers of a record in their order.

    Args:
        values: dc:publisher; a refinement (`place`) is no publisher.
        nameless: folded values that name nobody.
    """
    publishers: dict[str, None] = {}
    notes = []
    for value in values:
        name = value.text.strip(" ,;:")
        if value.refinement or not name or is_one_of(name, nameless):
            notes.append(Note("publishers", value.name, value.original, "publishers.nobody", ""))
            continue
        publishers[name] = None
        notes.append(Note("publishers", value.name, value.original, "publishers.given", name))
    return list(publishers), notes
