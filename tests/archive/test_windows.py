"""The watermark moves only on proof; what was cut short goes on; what is missing is remembered."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.archive import pages, windows
from harvester.archive.windows import Plan
from harvester.oai.received import Received
from harvester.oai.windows import Hole, Window
from tests.archive.asking import WINDOW, begin, end
from tests.archive.conftest import Opened

INCOMPLETE = ["short", "throttled", "blocked", "loop", "suspicious-empty", "failed", "interrupted"]
CUT_SHORT = ["partial", "throttled", "interrupted", "blocked", "failed"]
FROM = "2026-11-01T00:00:00Z"
HERE = "2026-11-09T12:00:00Z"
FIRST = Hole("2026-01-01", "2026-01-02", "HTTP 500", ["oai:x:1", "oai:x:2"])
SECOND = Hole("2026-03-01", "2026-03-01", "HTTP 500")
OPEN = Hole(None, None, "HTTP 500")


def watermark(archive: Opened) -> str | None:
    return windows.watermark(archive.connection, archive.source, "oai_dc", None)


def plan(archive: Opened, prefix: str = "oai_dc", set_spec: str | None = None) -> Plan:
    return windows.plan(archive.connection, archive.source, prefix, set_spec)


def rows(archive: Opened, sql: str) -> list[tuple[object, ...]]:
    return archive.connection.execute(sql).fetchall()


class TestWatermark:
    @pytest.mark.parametrize("state", [*INCOMPLETE, "partial"])
    @pytest.mark.parametrize("until_now", [True, False])
    def test_an_incomplete_window_does_not_move_it(
        self, archive: Opened, state: str, until_now: bool
    ) -> None:
        end(archive, "complete", at="2026-11-01T00:00:00Z")
        end(archive, state, until_now=until_now)
        moved = state == "partial" and until_now
        assert watermark(archive) == ("2026-11-23T01:00:00Z" if moved else "2026-11-01T00:00:00Z")

    def test_a_complete_list_whose_end_is_not_proven_does_not_move_it(
        self, archive: Opened
    ) -> None:
        end(archive, "complete", until_now=False)
        end(archive, "complete", at=None)
        assert watermark(archive) is None

    def test_a_window_with_an_end_does_not_move_it(self, archive: Opened) -> None:
        end(archive, "complete", reaches_now=False)
        assert watermark(archive) is None

    def test_sets_and_prefixes_have_their_own(self, archive: Opened) -> None:
        end(archive, "complete")
        assert watermark(archive) == "2026-11-23T01:00:00Z"
        assert plan(archive, "oai_dc", "class_h10").watermark is None
        assert plan(archive, "mods").watermark is None
        end(archive, "complete", window=Window("mods", "class_h10"))
        found = windows.lists(archive.connection, archive.source)
        assert found == [("mods", "class_h10"), ("oai_dc", None)]

    def test_nothing_moves_where_the_disk_is_full(self, archive: Opened) -> None:
        number = begin(archive)
        archive.connection.execute("""
            create temp trigger full before insert on watermarks
            begin select raise(rollback, 'database or disk is full'); end""")
        with pytest.raises(sqlite3.DatabaseError, match="disk is full"):
            end(archive, "complete", until_now=True)
        archive.connection.execute("drop trigger full")
        assert watermark(archive) is None
        ended = f"select id from windows where finished is not null and id > {number}"
        assert rows(archive, ended) == []


class TestResume:
    @pytest.mark.parametrize("state", CUT_SHORT)
    def test_a_window_that_was_cut_short_goes_on_where_it_was(
        self, archive: Opened, state: str
    ) -> None:
        end(archive, state, reached=HERE)
        assert plan(archive).resume == HERE

    @pytest.mark.parametrize("state", ["complete", "short", "loop", "suspicious-empty"])
    def test_other_states_never_do(self, archive: Opened, state: str) -> None:
        end(archive, state, reached=HERE)
        assert plan(archive).resume is None

    def test_a_list_that_came_to_its_end_but_for_holes_does_not(self, archive: Opened) -> None:
        end(archive, "partial", reached=HERE, until_now=True, holes=(FIRST,))
        assert plan(archive).resume is None
        assert plan(archive).pieces == 1

    def test_a_killed_window_goes_on_from_its_last_page(self, archive: Opened) -> None:
        number = begin(archive)
        with archive.connection:
            windows.progress(archive.connection, number, HERE, [])
        assert plan(archive).resume == HERE

    def test_a_run_in_which_nothing_came_loses_nothing(self, archive: Opened) -> None:
        end(archive, "interrupted", reached=HERE)
        for state in ("failed", "throttled", "blocked", "interrupted"):
            end(archive, state, resumed=HERE, new=0)
            assert plan(archive) == Plan(None, HERE, [], 1)
        begin(archive, reached=HERE)
        assert plan(archive).resume == HERE
        end(archive, "complete", resumed=HERE)
        assert plan(archive).resume is None

    def test_where_order_is_unknown_it_never_falls_behind_its_beginning(
        self, archive: Opened
    ) -> None:
        number = begin(archive, Window("oai_dc", None, HERE), reached=HERE)
        with archive.connection:
            windows.progress(archive.connection, number, None, [])
        assert plan(archive).resume == HERE

    def test_progress_that_proves_wrong_is_taken_back(self, archive: Opened) -> None:
        number = begin(archive)
        with archive.connection:
            windows.progress(archive.connection, number, HERE, [])
            windows.progress(archive.connection, number, None, [])
        assert plan(archive).resume is None

    def test_a_window_with_dates_of_the_user_says_nothing(self, archive: Opened) -> None:
        end(archive, "interrupted", reached=HERE, reaches_now=False)
        assert plan(archive) == Plan(None, None, [], 1)

    def test_an_unfinished_set_is_not_the_whole_source(self, archive: Opened) -> None:
        end(archive, "interrupted", window=Window("oai_dc", "h10"), reached=HERE)
        assert plan(archive).resume is None
        assert plan(archive, "oai_dc", "h10").resume == HERE


class TestPieces:
    def test_a_list_without_order_is_cut_finer_until_a_piece_fits(self, archive: Opened) -> None:
        for expected in (1, 2, 4, 8):
            assert plan(archive).pieces == expected
            end(archive, "interrupted")
        end(archive, "interrupted", reached=HERE)
        assert plan(archive).pieces == 1

    def test_never_into_more_than_1024(self, archive: Opened) -> None:
        for _ in range(14):
            end(archive, "throttled")
        assert plan(archive).pieces == 1024

    def test_only_what_was_cut_short_after_records_came_counts(self, archive: Opened) -> None:
        end(archive, "interrupted")
        end(archive, "failed", new=0)
        assert plan(archive).pieces == 2
        for state in ("short", "loop", "suspicious-empty"):
            end(archive, state)
            assert plan(archive).pieces == 2
        end(archive, "complete")
        assert plan(archive).pieces == 1

    def test_a_beginning_that_was_never_left_is_no_progress(self, archive: Opened) -> None:
        window = Window("oai_dc", None, FROM)
        end(archive, "interrupted", window=window, reached=FROM)
        assert plan(archive) == Plan(None, FROM, [], 2)
        end(archive, "interrupted", window=window, resumed=FROM)
        assert plan(archive) == Plan(None, FROM, [], 4)

    def test_a_killed_window_counts_if_pages_came(self, archive: Opened, answer: Received) -> None:
        number = begin(archive)
        assert plan(archive).pieces == 1
        pages.keep(archive.connection, archive.run, archive.source, number, answer)
        assert plan(archive).pieces == 2

    def test_windows_of_a_version_that_noted_no_progress_do_not_count(
        self, archive: Opened
    ) -> None:
        for _ in range(3):
            end(archive, "partial")
        archive.connection.execute("update windows set until_now = null")
        assert plan(archive) == Plan(None, None, [], 1)


class TestHoles:
    def test_a_list_with_holes_moves_on_and_asks_for_them_again(self, archive: Opened) -> None:
        end(archive, "partial", until_now=True, holes=(FIRST, SECOND, OPEN))
        assert plan(archive) == Plan("2026-11-23T01:00:00Z", None, [OPEN, FIRST, SECOND], 1)

    def test_what_was_mended_is_forgotten_and_what_stays_keeps_its_date(
        self, archive: Opened
    ) -> None:
        end(archive, "partial", until_now=True, holes=(FIRST, SECOND))
        archive.connection.execute("update holes set since = '2026-01-01', last_tried = ''")
        worse = Hole(SECOND.from_, SECOND.until, "HTTP 502", ["oai:x:9"])
        end(archive, "partial", until_now=True, holes=(worse,))
        assert plan(archive).holes == [worse]
        (row,) = rows(archive, "select since, tries, last_tried > '' from holes")
        assert row == ("2026-01-01", 2, 1)
        end(archive, "complete", window=Window("oai_dc", None, FROM))
        assert plan(archive).holes == []

    def test_a_hole_stands_from_the_page_on_at_which_it_was_found(self, archive: Opened) -> None:
        number = begin(archive)
        for holes in ([FIRST], [FIRST, SECOND], []):
            with archive.connection:
                windows.progress(archive.connection, number, HERE, holes)
        assert plan(archive).holes == [FIRST, SECOND]
        assert rows(archive, "select tries from holes") == [(1,), (1,)]

    @pytest.mark.parametrize("state", [*INCOMPLETE, "partial"])
    def test_a_harvest_that_did_not_come_to_its_end_forgets_none(
        self, archive: Opened, state: str
    ) -> None:
        end(archive, "partial", until_now=True, holes=(FIRST,))
        end(archive, state, until_now=False, holes=(SECOND,), at=None, new=0)
        assert plan(archive).holes == [FIRST, SECOND]
        assert plan(archive).watermark == "2026-11-23T01:00:00Z"

    def test_a_full_harvest_of_the_list_leaves_only_its_own(self, archive: Opened) -> None:
        end(archive, "partial", until_now=True, holes=(FIRST,))
        end(archive, "partial", until_now=True, holes=(SECOND,))
        assert plan(archive).holes == [SECOND]

    def test_the_whole_source_fills_the_holes_of_every_list(self, archive: Opened) -> None:
        in_a_set = Window("oai_dc", "h10")
        end(archive, "partial", window=in_a_set, until_now=True, holes=(FIRST,))
        end(archive, "complete", window=Window("oai_dc", None, FROM))
        assert plan(archive, "oai_dc", "h10").holes == [FIRST]
        end(archive, "complete")
        assert plan(archive, "oai_dc", "h10").holes == []

    def test_a_window_with_dates_of_the_user_touches_none(self, archive: Opened) -> None:
        end(archive, "partial", until_now=True, holes=(FIRST,))
        number = begin(archive, reaches_now=False)
        with archive.connection:
            windows.progress(archive.connection, number, HERE, [SECOND])
        end(archive, "complete", reaches_now=False)
        assert plan(archive).holes == [FIRST]

    @settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
    )
    @given(
        nights=st.lists(
            st.tuples(
                st.sampled_from([*INCOMPLETE, "partial", "complete", "killed"]),
                st.booleans(),
                st.sets(st.sampled_from([0, 1, 2])),
                st.sampled_from([None, HERE]),
            ),
            max_size=8,
        )
    )
    def test_whatever_the_nights_bring_no_hole_goes_but_by_a_list_that_came_to_its_end(
        self, archive: Opened, nights: Sequence[tuple[str, bool, set[int], str | None]]
    ) -> None:
        connection = archive.connection
        for table in ("holes", "watermarks", "windows"):
            connection.execute(f"delete from {table}")
        known: set[int] = set()
        holes = [FIRST, SECOND, OPEN]
        window = Window("oai_dc", None, FROM)
        for state, until_now, numbers, reached in nights:
            found = () if state == "complete" else tuple(holes[number] for number in numbers)
            if state == "killed":
                number = begin(archive, window)
                with connection:
                    windows.progress(connection, number, reached, found)
            else:
                end(
                    archive, state, window=window, until_now=until_now, holes=found, reached=reached
                )
            ended = until_now and state in ("complete", "partial")
            news = set() if state == "complete" else numbers
            known = set(news) if ended else known | news
            assert {holes.index(hole) for hole in plan(archive).holes} == known
            assert not (plan(archive).resume and ended)


def test_a_wait_that_the_server_asks_for_is_remembered_until_it_gives_again(
    archive: Opened,
) -> None:
    end(archive, "throttled", not_before="2026-11-24T01:00:00Z")
    asked = "select not_before from sources"
    assert rows(archive, asked) == [("2026-11-24T01:00:00Z",)]
    end(archive, "throttled")
    assert rows(archive, asked) == [("2026-11-24T01:00:00Z",)]
    end(archive, "complete")
    assert rows(archive, asked) == [(None,)]


def test_what_a_window_brought_is_told(archive: Opened) -> None:
    number = end(archive, "complete", window=WINDOW, complete_list_size=2)
    told = "select new, touched, state, complete_list_size, until_now from windows where id = ?"
    assert archive.connection.execute(told, (number,)).fetchone() == (2, 0, "complete", 2, 1)
