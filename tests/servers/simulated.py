"""Servers drawn at random, for property tests: any order, page size, token life, poison, clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import strategies as st

from harvester.oai.datestamps import write_datestamp
from tests.servers.changes import answering, oai_error
from tests.servers.provider import DAYS, LISTS, SECONDS, Misbehaviour, Provider, Stored
from tests.servers.ways import days_only, deaf_to, dying_tokens, empty_units

BASE = datetime(2016, 1, 1, tzinfo=UTC)
FAILS = answering(500, b"<html>Internal error</html>")
GONE = oai_error("badResumptionToken")


class Simulated(msgspec.Struct, kw_only=True):
    """A server that keeps its records from those who ask.

    Attributes:
        granularity: as it announces it.
        datestamps: those of its records, in the order in which it lists them.
        page_size: records a page.
        announces_size: it announces how many records it has.
        token_life: so many pages of a list can be had; None: all.
        sweeps: its tokens die in lists of records only, not in those of identifiers.
        in_lists: the numbers of records that no list can hold.
        alone: those of them that cannot be had alone, either.
        in_every_verb: those of them that no list of identifiers can hold, either.
        days_only: it takes days only, whatever it announces.
        ignores_dates: it lists everything, whatever `from` and `until` say.
        empty_units: it finds nothing where `from` equals `until`.
        skew: seconds by which its clock is ahead.
    """

    granularity: str
    datestamps: list[str]
    page_size: int
    announces_size: bool
    token_life: int | None
    sweeps: bool
    in_lists: frozenset[int]
    alone: frozenset[int]
    in_every_verb: frozenset[int]
    days_only: bool
    ignores_dates: bool
    empty_units: bool
    skew: int

    def provider(self) -> Provider:
        records = [
            Stored(identifier(number), f"<x>{number}</x>", datestamp)
            for number, datestamp in enumerate(self.datestamps)
        ]
        wrong = [
            poisoned(("ListRecords",), self.in_lists),
            poisoned(("GetRecord",), self.alone),
            poisoned(("ListIdentifiers",), self.in_every_verb),
        ]
        if self.token_life is not None:
            dying = dying_tokens(self.token_life)
            dying.verb = ("ListRecords",) if self.sweeps else LISTS
            wrong.append(dying)
        if self.days_only:
            wrong.append(days_only())
        if self.ignores_dates:
            wrong.append(deaf_to("from", "until"))
        if self.empty_units:
            wrong.append(empty_units())
        now = datetime.now(UTC) + timedelta(seconds=self.skew)
        return Provider(
            records,
            page_size=self.page_size,
            granularity=self.granularity,
            announces_size=self.announces_size,
            response_date=write_datestamp(now),
            misbehaviours=wrong,
        )

    @property
    def identifiers(self) -> set[str]:
        return {identifier(number) for number in range(len(self.datestamps))}

    @property
    def gives_everything(self) -> bool:
        """Every record can be had, and every list of identifiers."""
        listed = self.sweeps or self.token_life is None
        return listed and not self.alone and not self.in_every_verb


def identifier(number: int) -> str:
    return f"oai:x:{number:03}"


def poisoned(verbs: tuple[str, ...], numbers: frozenset[int]) -> Misbehaviour:
    marks = tuple(f"<identifier>{identifier(number)}<".encode() for number in sorted(numbers))
    return Misbehaviour(change=FAILS, verb=verbs if marks else ("none",), holding=marks)


@st.composite
def simulated(draw: st.DrawFn, *, most: int = 40) -> Simulated:
    """Draw a server that can be harvested at least in part."""
    count = draw(st.integers(1, most))
    granularity = draw(st.sampled_from([SECONDS, DAYS]))
    span = draw(st.sampled_from([5, 3600, 86_400, 30 * 86_400, 3000 * 86_400]))
    seconds = draw(st.lists(st.integers(0, span), min_size=count, max_size=count))
    order = draw(st.sampled_from(["rising", "falling", "none", "rising at first"]))
    if order != "none":
        seconds.sort(reverse=order == "falling")
    if order == "rising at first":
        half = draw(st.integers(0, count))
        seconds = seconds[half:] + seconds[:half]
    numbers = st.integers(0, count - 1)
    in_lists = draw(st.frozensets(numbers, max_size=6))
    alone = draw(_some_of(in_lists, 3))
    hidden = draw(_some_of(alone, 2))
    ignores_dates = draw(st.booleans()) and draw(st.booleans())
    return Simulated(
        granularity=granularity,
        datestamps=[write_datestamp(BASE + timedelta(seconds=one)) for one in seconds],
        page_size=draw(st.integers(1, 15)),
        announces_size=draw(st.booleans()),
        token_life=draw(st.sampled_from([None, None, 1, 2, 3])),
        sweeps=draw(st.booleans()),
        in_lists=in_lists,
        alone=alone,
        in_every_verb=hidden,
        days_only=granularity == SECONDS and draw(st.booleans()) and draw(st.booleans()),
        ignores_dates=ignores_dates,
        empty_units=draw(st.booleans()),
        skew=draw(st.integers(-3 * 86_400, 3 * 86_400)),
    )


def _some_of(numbers: frozenset[int], most: int) -> st.SearchStrategy[frozenset[int]]:
    if not numbers:
        return st.just(numbers)
    return st.frozensets(st.sampled_from(sorted(numbers)), max_size=most)
