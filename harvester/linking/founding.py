"""Which work a group of records is, so that works keep their ids while records come and go.

A work has the number of the record that founded it, and stays with that record. Where the founder
is gone, it stays with most of the others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

Since = Mapping[int, str]
"""Every work that was ever minted, with the ISO time when."""


def founded(
    groups: Iterable[Sequence[int]],
    before: Mapping[int, int],
    live: Collection[int],
    since: Since,
) -> dict[int, int | None]:
    """Say which records come to be in another work than they are in.

    A work that two groups come from stays with one of them; of two works that become one the older
    remains. Records that are gone stay where they were.

    Args:
        groups: the new groups of the live records, each of two records and more.
        before: the work of each record that is in one: of all records of every work of which a
            record is in `live`.
        live: the live records that were grouped, those too that are in no group.
        since: every work that was ever minted.

    Returns:
        The new work of each record that moves, None for none. A work that was never minted has the
        number of the record that founds it.
    """
    parts = [list(group) for group in groups]
    grouped = {record for part in parts for record in part}
    parts += [[record] for record in sorted(live) if record not in grouped]
    part_of = {record: number for number, part in enumerate(parts) for record in part}
    claims: defaultdict[int, list[int]] = defaultdict(list)
    for work, members in _members(before).items():
        if (heir := _heir(work, members, part_of)) is not None:
            claims[heir].append(work)
    became: dict[int, int] = {}
    after: dict[int, int | None] = {}
    goes_on: int | None
    for number, part in enumerate(parts):
        claimed = sorted(claims[number], key=lambda work: (since.get(work, ""), work))
        goes_on = None
        if claimed:
            goes_on = claimed[0]
            became.update((work, claimed[0]) for work in claimed[1:])
        elif len(part) > 1:
            goes_on = _founder(part, since)
        after.update((record, goes_on) for record in part)
    for record, was in before.items():
        if record not in part_of and was in became:
            after[record] = became[was]
    return {record: now for record, now in after.items() if before.get(record) != now}


def _founder(part: Iterable[int], since: Since) -> int:
    """Return who founds the work of a group: who founded one before, else who came first."""
    return min(part, key=lambda one: (one not in since, since.get(one, ""), one))


def _members(before: Mapping[int, int]) -> dict[int, list[int]]:
    members: defaultdict[int, list[int]] = defaultdict(list)
    for record, work in before.items():
        members[work].append(record)
    return members


def _heir(work: int, members: Iterable[int], part_of: Mapping[int, int]) -> int | None:
    """Return the part that a work goes on as; None where none of its records is live."""
    if work in part_of:
        return part_of[work]
    counted = Counter(part_of[one] for one in members if one in part_of)
    return min(counted, key=lambda part: (-counted[part], part), default=None)
