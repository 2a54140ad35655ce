"""What a run was asked for, how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from harvester.archive.runs import Tally
from harvester.errors import COMPLETE, INCOMPLETE, TRY_LATER


class Ask(msgspec.Struct, frozen=True):
    """What the user asked a harvest for; None leaves it to the source and the watermark."""

    prefix: str | None = None
    set_spec: str | None = None
    from_: str | None = None
    until: str | None = None
    full: bool = False


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
    """

    source: str
    state: str
    reason: str | None = None
    listed: int = 0
    pages: int = 0
    seconds: float = 0.0
    tally: Tally = msgspec.field(default_factory=Tally)

    @property
    def exit_code(self) -> int:
        """The exit code that this source alone would give."""
        if self.state == "complete":
            return COMPLETE
        return TRY_LATER if self.state == "throttled" else INCOMPLETE

    def line(self) -> str:
        """Say it in one line."""
        if self.state != "complete" and not self.listed:
            return f"{self.source}: {self.state}: {self.reason}"
        tally = self.tally
        if tally.new or tally.changed or tally.deleted:
            brought = f"{tally.new} new, {tally.changed} changed, {tally.deleted} deleted"
        else:
            brought = "nothing new"
        aside = f", {tally.quarantined} in quarantine" if tally.quarantined else ""
        why = f": {self.reason}" if self.reason else ""
        return (
            f"{self.source}: {self.state}, {brought}{aside} "
            f"({self.listed} listed, {self.seconds:.1f} s){why}"
        )


def exit_code(results: Iterable[Result]) -> int:
    """Return the exit code of a run: 1 beats 75 beats 0."""
    codes = {result.exit_code for result in results}
    return next((code for code in (INCOMPLETE, TRY_LATER) if code in codes), COMPLETE)
