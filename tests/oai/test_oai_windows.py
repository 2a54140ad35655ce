"""Windows cover time: none of it is lost, whatever the granularity, the clock and the time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harvester.oai.datestamps import (
    OVERLAP_DAYS,
    OVERLAP_SECONDS,
    next_from,
    read_datestamp,
    write_datestamp,
)
from harvester.oai.page import Page
from harvester.oai.received import Received
from harvester.oai.walk import Walk
from harvester.oai.windows import DAY, EARLIEST, SECOND, Window, cut, in_days
from tests.servers.provider import DAYS, SECONDS

LATEST = datetime(2026, 11, 23, 3, 4, 5, tzinfo=UTC)
HOURS = timedelta(hours=1)
TIMES = st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
)
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def windows(draw: st.DrawFn, *, seconds: bool) -> Window:
    ends = sorted(draw(st.lists(TIMES, min_size=2, max_size=2)))
    low, high = (write_datestamp(end, seconds=seconds) for end in ends)
    return Window(
        "oai_dc",
        draw(st.sampled_from([None, "a:b"])),
        draw(st.sampled_from([None, low])),
        draw(st.sampled_from([None, high])),
    )


def holds(window: Window, datestamp: str) -> bool:
    """Say whether a server that compares as the protocol says lists a record in a window."""
    low, high = window.from_ or "", window.until or "9999"
    return low <= datestamp <= high


class TestCutting:
    @given(st.data(), st.booleans(), st.integers(1, 40), TIMES, TIMES)
    def test_pieces_hold_what_the_window_holds(
        self, data: st.DataObject, seconds: bool, count: int, earliest: datetime, time: datetime
    ) -> None:
        window = data.draw(windows(seconds=seconds))
        pieces = cut(window, count, earliest, LATEST, seconds=seconds)
        datestamp = write_datestamp(time, seconds=seconds)
        assert any(holds(piece, datestamp) for piece in pieces) == holds(window, datestamp)

    @given(st.data(), st.booleans(), st.integers(1, 40), TIMES)
    def test_fractions_of_a_second_fall_between_no_two_pieces(
        self, data: st.DataObject, seconds: bool, count: int, time: datetime
    ) -> None:
        """Servers keep them and compare with them, but nobody can ask for them."""
        window = data.draw(windows(seconds=seconds))
        pieces = cut(window, count, EARLIEST, LATEST, seconds=seconds)
        inside = [
            piece
            for piece in pieces
            if (read_datestamp(piece.from_ or "") or time) <= time
            and time <= (read_datestamp(piece.until or "") or time)
        ]
        low, high = read_datestamp(window.from_ or ""), read_datestamp(window.until or "")
        assume((low or time) <= time <= (high or time))
        assert inside

    @given(st.data(), st.booleans(), st.integers(1, 40), TIMES)
    def test_pieces_follow_each_other_and_overlap_in_one_moment(
        self, data: st.DataObject, seconds: bool, count: int, earliest: datetime
    ) -> None:
        window = data.draw(windows(seconds=seconds))
        pieces = cut(window, count, earliest, LATEST, seconds=seconds)
        assert 1 <= len(pieces) <= count
        assert (pieces[0].from_, pieces[-1].until) == (window.from_, window.until)
        assert {(piece.prefix, piece.set_spec) for piece in pieces} == {
            (window.prefix, window.set_spec)
        }
        for one, other in pairwise(pieces):
            assert one.until == other.from_
        for piece in pieces[1:-1]:
            assert piece.from_ is not None
            assert piece.until is not None
            # Two units at least: DSpace finds nothing where `from` equals `until`.
            assert piece.from_ < piece.until

    @given(st.data(), st.booleans(), TIMES)
    def test_halving_ends_with_windows_of_two_units(
        self, data: st.DataObject, seconds: bool, time: datetime
    ) -> None:
        unit = SECOND if seconds else DAY
        low = write_datestamp(time, seconds=seconds)
        units = data.draw(st.integers(1, 10**9 if seconds else 10**5))
        high = write_datestamp(min(time + units * unit, LATEST + 10**4 * DAY), seconds=seconds)
        window = Window("oai_dc", None, low, high)
        assume(low < high)
        for _ in range(40):
            halves = cut(window, 2, EARLIEST, LATEST, seconds=seconds)
            if len(halves) == 1:
                break
            window = data.draw(st.sampled_from(halves))
        begin, end = read_datestamp(window.from_ or ""), read_datestamp(window.until or "")
        assert begin is not None
        assert end is not None
        assert end - begin == unit

    @given(st.data(), TIMES)
    def test_days_hold_at_least_what_seconds_hold(
        self, data: st.DataObject, time: datetime
    ) -> None:
        window = data.draw(windows(seconds=True))
        assume(holds(window, write_datestamp(time)))
        assert holds(in_days(window), write_datestamp(time, seconds=False))

    @pytest.mark.parametrize(
        ("window", "earliest", "cuts"),
        [
            (Window("p", None, "2026-01-01", "2026-01-02"), EARLIEST, []),
            (Window("p", None, "2026-01-01", "2026-01-03"), EARLIEST, ["2026-01-02"]),
            (Window("p", None, "2026-01-03", "2026-01-01"), EARLIEST, []),
            (Window("p", None, None, "2026-01-03"), datetime(2026, 1, 1, tzinfo=UTC),
             ["2026-01-02"]),
            (Window("p", None, "2026-01-01T23:59:59Z", "2026-01-03"), EARLIEST, ["2026-01-02"]),
        ],
    )  # fmt: skip
    def test_a_window_of_days_is_halved_at_a_day(
        self, window: Window, earliest: datetime, cuts: list[str]
    ) -> None:
        pieces = cut(window, 2, earliest, LATEST, seconds=False)
        assert [piece.until for piece in pieces[:-1]] == cuts


class TestWhatIsNew:
    @given(TIMES, st.sampled_from([SECONDS, DAYS, "yyyy-mm-ddthh:mm:ssz", "", "nonsense"]), ZONES)
    def test_the_overlap_is_kept_in_every_granularity_and_zone(
        self, time: datetime, granularity: str, zone: timedelta
    ) -> None:
        seconds = granularity.lower() == SECONDS.lower()
        overlap, unit = (OVERLAP_SECONDS, SECOND) if seconds else (OVERLAP_DAYS, DAY)
        for watermark in (
            write_datestamp(time),
            time.replace(microsecond=0).astimezone(timezone(zone)).isoformat(),
        ):
            from_ = next_from(watermark, granularity)
            assert from_ is not None
            assert len(from_) == (20 if seconds else 10)
            begin = read_datestamp(from_)
            assert begin is not None
            whole = time.replace(microsecond=0)
            assert whole - overlap - unit < begin <= whole - overlap

    @pytest.mark.parametrize("watermark", [None, "", "now", "0001-01-01T00:00:00Z", "aaaa-bb-cc"])
    def test_without_a_watermark_everything_is_asked_for(self, watermark: str | None) -> None:
        assert next_from(watermark, SECONDS) is None

    @given(
        TIMES,
        st.integers(0, 10**7),
        st.timedeltas(-400 * DAY, 400 * DAY),
        st.timedeltas(-6 * HOURS, 6 * HOURS),
        ZONES,
        st.sampled_from([SECONDS, DAYS]),
        st.booleans(),
    )
    def test_what_is_changed_after_a_harvest_is_in_the_next_one(
        self,
        began: datetime,
        later: int,
        skew: timedelta,
        drift: timedelta,
        zone: timedelta,
        granularity: str,
        response_date_is_local: bool,
    ) -> None:
        """Whatever the server's clock says, local time is written as UTC, and clocks are set.

        Args:
            began: when the last harvest began, by our clock.
            later: so many seconds after it a record is changed.
            skew: by how much the server's clock was ahead.
            drift: by how much it was set in between.
            zone: the server's time zone, in which it writes datestamps as UTC.
            granularity: the server's.
            response_date_is_local: it writes responseDate so, too.
        """
        local = zone if response_date_is_local else timedelta()
        walk = Walk("example.org", Window("oai_dc"))
        walk.begin(
            Page(verb="ListRecords", response_date=write_datestamp(began + skew + local)),
            answer(write_datestamp(began)),
        )
        from_ = next_from(walk.ended().response_date, granularity)
        assert from_ is not None
        changed = began + timedelta(seconds=later) + skew + drift + zone
        assert write_datestamp(changed, seconds=granularity == SECONDS) >= from_


def answer(received_at: str) -> Received:
    return Received(
        url="http://example.org/oai",
        params={},
        status=200,
        headers={},
        body=b"",
        received_at=received_at,
        elapsed=0.1,
    )
