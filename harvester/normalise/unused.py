"""Accounts for the values that no rule used, so that nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harvester.model import Note
from harvester.normalise import crosswalk
from harvester.normalise.text import Value

MIXED = frozenset({"dc:relation", "dc:identifier"})
"""Elements that may hold the same identifier twice, so that one use of it accounts for both."""

Groups = Mapping[str, Sequence[Value]]


def left(groups: Groups, trace: Sequence[Note]) -> list[Note]:
    """Account for the values of a record that no note tells of.

    A value that was put together with others stands within the original of what they became.

    Args:
        groups: its values by element.
        trace: what is told of them so far.
    """
    elements = {note.original: note.element for note in trace}
    doubtful = [
        (element, value)
        for element, values in groups.items()
        for value in values
        if elements.get(value.original) != value.name
    ]
    if not doubtful:
        return []
    names = {value.name for element in MIXED for value in groups.get(element, ())}
    wanted = names.union([value.name for _, value in doubtful])
    told: dict[str, set[str]] = {}
    for note in trace:
        if note.element in wanted:
            told.setdefault(note.element, set()).add(note.original)
    mixed = [told[name] for name in names if name in told]
    notes = []
    for element, value in doubtful:
        originals = told.get(value.name, ())
        if value.original in originals:  # another element has the same
            continue
        if element in MIXED:
            if not any(value.original in one for one in mixed):
                rule = "identifiers.internal"
                notes.append(Note("identifiers", value.name, value.original, rule, ""))
        elif not any(value.original in original for original in originals):
            notes.append(Note("record", value.name, value.original, "record.unused", ""))
    return notes


def left_of_parts(received: Groups, groups: Groups, trace: Sequence[Note]) -> list[Note]:
    """Account for the values of a format with a crosswalk that no note tells of.

    Args:
        received: the values by element as the format has them.
        groups: the same as the crosswalk brought them together.
        trace: what is told of them so far.
    """
    values = [value for group in (*received.values(), *groups.values()) for value in group]
    told = ((note.element, note.original) for note in trace)
    return [
        Note("record", value.name, value.original, "record.unused", "")
        for value in crosswalk.unaccounted(values, told)
    ]
