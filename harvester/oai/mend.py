"""Harvests a window whole, and works round what a server cannot send.

A page that fails for ever hides everything behind it, often because of one poisoned record
(datacite#1442, lobid-gnd#416). So the list is taken up again at its last datestamp, its records
are asked for one by one, or its window is halved, down to the unit of the server's datestamps.
What cannot be had becomes a hole: it is named, and asked for again the next time.
"""

from __future__ import annotations

import math
from collections.abc import Generator

import msgspec

from harvester.oai.lists import LIST_IDENTIFIERS, follow
from harvester.oai.progress import FINAL, HOPELESS, EndedError, Progress, Step, Steps, live
from harvester.oai.walk import Walk
from harvester.oai.windows import Hole, Window

FEW = 100
"""So many records are asked for one by one before a window is halved."""
MANY = 2000
"""So many where it cannot be halved, or where only these are missing."""
PROBES = 8
"""So many parts of a window are tried before its server is at fault as a whole."""
HASTY = (2.0,)
"""Seconds between the tries for a page once the server has failed for good."""

_BY_NUMBERS = ("loop", "short")


class Harvest(Progress):
    """One harvest of one list of a server, window by window in the order of time."""

    def whole(self, window: Window, pieces: int) -> Steps:
        """Harvest a window, and prove that nothing is missing but the holes.

        Args:
            window: what to ask for.
            pieces: into how many windows it is cut beforehand.

        Raises:
            EndedError: it cannot be harvested, or not now.
        """
        windows = self._cut(window, 1 if self._client.quirks.ignores_dates else pieces)
        for piece in windows:
            if piece is not windows[0] and self._client.quirks.ignores_dates:
                break  # each piece is the whole list
            self.reached = piece.from_
            yield from self._settle(piece, full=len(windows) == 1 and window.from_ is None)
        first = self.first
        assert first is not None
        yield from self._prove_order()
        goes = len(windows) == 1 and first.outcome.state not in ("complete", "short")
        if goes and not self.holes and self._seen.count() < (first.announced or 0):
            # It came in several goes: all told it must be as much as was announced.
            yield from self._compare(first, window, first.announced)

    def again(self, hole: Hole, window: Window) -> Steps:
        """Ask for a hole of an earlier harvest again; it stays one where it cannot be had.

        Raises:
            EndedError: the server cannot be asked any more; the hole is kept.
        """
        self._in_time = False
        window = msgspec.structs.replace(window, from_=hole.from_, until=hole.until)
        before = len(self.holes)
        try:
            if hole.identifiers:
                yield from self._fetch_named(hole, window)
            else:
                yield from self._settle(window)
                yield from self._prove_order()
        except EndedError as end:
            reason = end.outcome.reason or hole.reason
            self.holes[before:] = [msgspec.structs.replace(hole, reason=reason)]
            if end.outcome.state in FINAL:
                raise

    def _fetch_named(self, hole: Hole, window: Window) -> Steps:
        """Ask for the records of a hole; one is given up only when the server denies it twice."""
        lost, reason = yield from self._fetch(hole.identifiers, window.prefix)
        if not lost:
            return
        sweep = Walk(self._client.host, window, sized=not self._client.quirks.wrong_size)
        listed: set[str] = set()
        for number, page in follow(self._client, sweep, LIST_IDENTIFIERS):
            yield self._step(number, page)
            listed.update(live(page))
        denied = self._denied if sweep.outcome.state == "complete" else set()
        left = [name for name in lost if name in listed or name not in denied]
        if left:
            self.holes.append(msgspec.structs.replace(hole, identifiers=left, reason=reason))

    def _settle(self, window: Window, *, full: bool = False) -> Steps:
        """Harvest a window: afterwards it is proven, or what is missing is a hole."""
        walk = yield from self._walk(window, full=full)
        if walk.outcome.state != "complete":
            yield from self._mend(walk)
        elif walk.doubtful or (walk.announced is None and walk.seen.count() < walk.records):
            # The order is not stable, so others may be missing (DOAJ#712, atom#1581).
            yield from self._compare(walk, window, None)

    def _mend(self, walk: Walk) -> Steps:
        window = walk.window
        self._client.pauses = HASTY
        self._check(walk)
        self._move(walk)
        if walk.outcome.state == "short":
            yield from self._compare(walk, window, walk.announced)
            return
        while self._got_on(walk):
            reached = self._datestamp(walk.reached)
            self._taken_up.append((walk, msgspec.structs.replace(window, until=reached)))
            window = msgspec.structs.replace(window, from_=reached)
            walk = yield from self._walk(window)
            if walk.outcome.state == "complete":
                return
            self._move(walk)
        if (yield from self._singly(walk, FEW)):
            return
        halves = self._cut(window, 2)
        if len(halves) > 1 and not self._client.quirks.ignores_dates:
            yield from self._halve(walk, *halves)
        elif not (yield from self._singly(walk, MANY)):
            if self.records == 0 or self._client.quirks.ignores_dates:
                raise EndedError(walk.outcome)
            self._hole(window, walk.outcome.reason)

    def _halve(self, whole: Walk, earlier: Window, later: Window) -> Steps:
        """Harvest both halves of a window; where both fail alike the server is at fault."""
        walk = yield from self._walk(earlier)
        if _alike(walk, whole):
            only = whole.outcome.state not in _BY_NUMBERS
            other = yield from self._aside(later, only_begin=only)
            if _alike(other, whole) and (not only or not (yield from self._gives(whole.window))):
                raise EndedError(self._at_fault(whole, "for both halves of its list"))
        if self._client.quirks.ignores_dates:
            raise EndedError(whole.outcome)
        if walk.outcome.state != "complete":
            yield from self._mend(walk)
        if self._in_time:
            self.reached = later.from_
        yield from self._settle(later)

    def _gives(self, window: Window) -> Generator[Step, None, bool]:
        """Say whether the server still gives anything from somewhere in a window."""
        for piece in self._cut(window, PROBES):
            if self._works:
                break
            yield from self._aside(piece, only_begin=True)
        return self._works

    def _prove_order(self) -> Steps:
        """Prove what came before a list was taken up at a datestamp, where no number proves it.

        Nothing promises that a list is in the order of datestamps, however it began.

        Raises:
            EndedError: nothing proves it.
        """
        parts, self._taken_up = self._taken_up, []
        first = self.first
        assert first is not None
        announced = first.announced or math.inf
        for walk, part in parts:
            try:
                yield from self._compare(walk, part, None)
            except EndedError as end:
                counted = not self.holes and self._seen.count() >= announced
                if end.outcome.state != "short" or not counted:
                    raise

    def _compare(
        self, walk: Walk, window: Window, announced: int | None, *, halves: bool = True
    ) -> Steps:
        """Compare what came with the list of identifiers, and ask for what is missing.

        A list that is shorter than announced is whole all the same where the list of identifiers
        is proven and names nothing else. It proves nothing if it lacks what came.

        Args:
            walk: the list, for the reason where it remains short.
            window: the part of it that is compared.
            announced: how many records that part should have; None where nobody said it.
            halves: where very many are missing, the window may be harvested in halves.

        Raises:
            EndedError: the list is still short.
        """
        lacking = self._seen.lacking()
        named = {identifier for hole in self.holes for identifier in hole.identifiers}
        missing: list[str] = []
        sweep = Walk(self._client.host, window, sized=not self._client.quirks.wrong_size)
        for number, page in follow(self._client, sweep, LIST_IDENTIFIERS):
            yield self._step(number, page)
            if len(missing) <= MANY:
                missing += [one for one in lacking(live(page)) if one not in named]
        if sweep.outcome.state in FINAL:
            raise EndedError(sweep.outcome)
        if halves and len(missing) > MANY and walk.outcome.state == "short":
            parts = self._cut(window, 2)
            if len(parts) > 1 and not self._client.quirks.ignores_dates:
                yield from self._halve(walk, *parts)
                yield from self._compare(walk, window, announced, halves=False)
                return
        lost, reason = yield from self._fetch(missing[:MANY], window.prefix)
        if lost:
            self._hole(window, reason, lost)
        whole = (
            sweep.outcome.state == "complete"
            and len(missing) <= MANY
            and sweep.seen.covers(walk.seen)
        )
        unsized = sweep.announced is None and sweep.seen.count() < (announced or 0)
        if unsized or not whole:
            raise EndedError(walk.short(self._seen))

    def _singly(self, walk: Walk, limit: int) -> Generator[Step, None, bool]:
        """Ask for the records of a window one by one, where there are not too many.

        Returns:
            Whether the window is settled.

        Raises:
            EndedError: the server cannot be asked any more.
        """
        wanted: list[str] = []
        window = walk.window
        sweep = Walk(self._client.host, window, sized=not self._client.quirks.wrong_size)
        for number, page in follow(self._client, sweep, LIST_IDENTIFIERS):
            yield self._step(number, page)
            wanted += live(page)
            if len(wanted) > limit:
                return False
        if sweep.outcome.state in FINAL:
            raise EndedError(sweep.outcome)
        if sweep.outcome.state != "complete" or not sweep.records:
            return False
        if not sweep.seen.covers(walk.seen):
            return False
        lost, reason = yield from self._fetch(wanted, window.prefix)
        if lost:
            if len(lost) == len(wanted) > HOPELESS:
                return False
            self._hole(window, reason, lost)
        return True

    def _check(self, walk: Walk) -> None:
        """Go on mending, or end.

        Raises:
            EndedError: what the server does concerns more than this list.
        """
        whole_server = walk.error is not None and walk.error.everywhere and self.records == 0
        if whole_server or walk.outcome.state == "suspicious-empty":
            raise EndedError(walk.outcome)


def _alike(walk: Walk, whole: Walk) -> bool:
    if whole.outcome.state in _BY_NUMBERS:
        return walk.outcome.state == whole.outcome.state
    return walk.error is not None and walk.pages == 0
