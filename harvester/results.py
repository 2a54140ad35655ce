"""What a run was asked for, how far it is, and how it ended."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

import msgspec

from harvester.archive.runs import Tally
from harvester.archive.status import THROTTLED_TOO_OFTEN
from harvester.errors import COMPLETE, INCOMPLETE, TRY_LATER

log = logging.getLogger("harvester")

LATER = ("throttled", "interrupted")
"""States that time alone mends."""
_RANKS = {COMPLETE: 0, TRY_LATER: 1, INCOMPLETE: 2}


class Ask(msgspec.Struct, frozen=True):
    """What the user asked a harvest for; None leaves it to the source and the watermark.

    Attributes:
        as_before: of each source the lists that were harvested before, if any were.
        full: everything, not only what is new.
        reconcile: compare with what the server lists, and delete what it no longer does.
        accept_deletions: delete also where that is suspiciously much.
        from_origin: the originals of the copies that came from a source, at the repositories that
            have them; `full`: those too that are here already.
    """

    prefix: str | None = None
    set_spec: str | None = None
    from_: str | None = None
    until: str | None = None
    as_before: bool = False
    full: bool = False
    reconcile: bool = False
    accept_deletions: bool = False
    from_origin: bool = False


class Progress(msgspec.Struct, frozen=True):
    """Where a source stands, in records; `total` is None where the server does not say."""

    source: str
    done: int
    total: int | None


class Result(msgspec.Struct):
    """How one source or file of a run ended.

    Attributes:
        source: the source's name, or the file's.
        state: a state of `harvester.oai.harvest.Outcome`.
        reason: one line for every state but `complete`.
        listed: records that the server listed.
        no_longer_listed: records that were deleted because the server lists them no more.
        nights_throttled: on how many days running the server asked for patience.
    """

    source: str
    state: str
    reason: str | None = None
    listed: int = 0
    pages: int = 0
    seconds: float = 0.0
    no_longer_listed: int = 0
    nights_throttled: int = 0
    tally: Tally = msgspec.field(default_factory=Tally)

    @property
    def exit_code(self) -> int:
        """The exit code that this source alone would give."""
        if self.state == "complete":
            return COMPLETE
        return TRY_LATER if self.state in LATER else INCOMPLETE

    @property
    def needs_person(self) -> bool:
        """A person should read it: waiting may not mend it."""
        too_often = self.state == "throttled" and self.nights_throttled >= THROTTLED_TOO_OFTEN
        return self.exit_code == INCOMPLETE or too_often

    def join(self, parts: Sequence[Result]) -> None:
        """Take in what the lists of the source came to; the worst state counts."""
        self.state = max(parts, key=lambda part: _RANKS[part.exit_code]).state
        self.reason = "; ".join(part.reason for part in parts if part.reason) or None
        for part in parts:
            self.listed += part.listed
            self.pages += part.pages
            self.tally.add(part.tally)

    def log(self) -> None:
        """Write the line into the log."""
        levels = {COMPLETE: logging.INFO, TRY_LATER: logging.WARNING, INCOMPLETE: logging.ERROR}
        log.log(levels[self.exit_code], self.line())

    def line(self) -> str:
        """Say it in one line."""
        why = f": {self.reason}" if self.reason else ""
        if self.nights_throttled > 1 and self.state == "throttled":
            why += f" (day {self.nights_throttled} running)"
        if self.state != "complete" and not self.listed:
            return f"{self.source}: {self.state}{why}"
        return (
            f"{self.source}: {self.state}, {told(self.tally)}{self._gone()} "
            f"({self.listed:,} listed, {self.seconds:.1f} s){why}"
        )

    def _gone(self) -> str:
        return f", {self.no_longer_listed:,} no longer listed" if self.no_longer_listed else ""


def told(tally: Tally) -> str:
    """Say what was brought: `2 new, 1 changed, 0 deleted`, and what is special about it."""
    brought = "nothing new"
    if tally.new or tally.changed or tally.deleted:
        brought = f"{tally.new:,} new, {tally.changed:,} changed, {tally.deleted:,} deleted"
    if tally.touched:
        brought += f", {tally.touched:,} touched"
    if tally.quarantined:
        brought += f", {tally.quarantined:,} in quarantine"
    return brought


def exit_code(results: Iterable[Result]) -> int:
    """Return the exit code of a run: 1 beats 75 beats 0."""
    codes = {result.exit_code for result in results}
    return next((code for code in (INCOMPLETE, TRY_LATER) if code in codes), COMPLETE)


def summary(results: Sequence[Result], seconds: float) -> str:
    """Say in one line how a run over several sources went."""
    states: dict[str, int] = {}
    tally = Tally()
    for result in sorted(results, key=lambda result: result.state != "complete"):
        states[result.state] = states.get(result.state, 0) + 1
        tally.add(result.tally)
    counts = ", ".join(f"{count} {state}" for state, count in states.items())
    return f"{len(results)} sources: {counts}; {told(tally)} ({seconds:.1f} s)"
