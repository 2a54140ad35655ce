"""Publishers: as given, each once, without those that name nobody."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.model import Note
from harvester.normalise.folding import fold
from harvester.normalise.text import Value

_NOBODY = frozenset({"sn", "unknown", "na", "none", "notspecified", "selfpublished", "sl", "slsn"})


def read(values: Sequence[Value]) -> tuple[list[str], list[Note]]:
    """Return the publishers of a record in their order.

    Args:
        values: dc:publisher; a refinement (`place`) is no publisher.
    """
    publishers: list[str] = []
    notes = []
    for value in values:
        name = value.text.strip(" ,;:")
        if value.refinement or fold(name) in _NOBODY or not name:
            notes.append(Note("publishers", value.name, value.original, "publishers.nobody", ""))
            continue
        if name not in publishers:
            publishers.append(name)
        notes.append(Note("publishers", value.name, value.original, "publishers.given", name))
    return publishers, notes
