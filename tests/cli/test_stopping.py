"""A harvest ends in good order: by a signal, after a time, at the end of the night."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from harvester.cli import stopping
from harvester.errors import UsageError
from harvester.hours import read_duration, read_hours
from tests.cli.running import begin, logged, one_line, run, wait_until
from tests.pipeline.asking import day_by_day
from tests.servers.provider import Misbehaviour, Provider, Question, Reply, running

BRUSSELS = ZoneInfo("Europe/Brussels")


def slowly(question: Question, reply: Reply) -> Reply:
    return msgspec.structs.replace(reply, silence=0.15)


@pytest.fixture
def slow() -> Iterator[Provider]:
    """A server that takes 3 s for its list, whose records are in the order of their datestamps."""
    found = Provider(day_by_day(60), page_size=3, misbehaviours=[Misbehaviour(change=slowly)])
    with running(found):
        yield found


def exported(db: Path) -> int:
    return len(run("export", "jsonl", db=db).stdout.splitlines())


class TestSignals:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
    def test_the_page_on_its_way_is_finished_and_the_next_run_goes_on(
        self, slow: Provider, tmp_path: Path, number: signal.Signals
    ) -> None:
        process = begin("harvest", slow.url, db=tmp_path)
        wait_until(lambda: len(slow.asked("ListRecords")) >= 5)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (75, "", "")
        assert "interrupted, " in logged(tmp_path)
        pages = len(slow.asked("ListRecords"))
        assert 5 <= pages < 12
        # Every page that was asked for is in the catalogue.
        assert exported(tmp_path) == 3 * pages
        slow.questions.clear()
        slow.misbehaviours.clear()
        again = run("harvest", "--all", db=tmp_path)
        assert (again.returncode, again.stderr) == (0, "")
        assert slow.asked("ListRecords")[0]["from"] == slow.records[3 * pages - 1].datestamp
        assert exported(tmp_path) == 60

    def test_sources_that_were_not_begun_are_interrupted(
        self, slow: Provider, tmp_path: Path
    ) -> None:
        other = "http://127.0.0.1:9/oai"
        process = begin("harvest", slow.url, other, "--json", db=tmp_path)
        wait_until(lambda: len(slow.asked("ListRecords")) >= 2)
        process.terminate()
        out, _ = process.communicate(timeout=20)
        assert process.returncode == 75
        assert [result["state"] for result in msgspec.json.decode(out)] == ["interrupted"] * 2

    def test_a_second_signal_ends_at_once(self, slow: Provider, tmp_path: Path) -> None:
        never = Misbehaviour(
            page=4, change=lambda _, reply: msgspec.structs.replace(reply, silence=60.0)
        )
        slow.misbehaviours = [never]
        process = begin("harvest", slow.url, db=tmp_path)
        wait_until(lambda: len(slow.asked("ListRecords")) == 4)
        process.terminate()
        time.sleep(0.3)
        assert process.poll() is None
        began = time.monotonic()
        process.terminate()
        _, err = process.communicate(timeout=20)
        assert time.monotonic() - began < 5
        assert process.returncode == 75
        assert "stopped at once" in one_line(err)
        slow.misbehaviours.clear()
        assert run("harvest", "--all", db=tmp_path).returncode == 0
        assert exported(tmp_path) == 60

    def test_a_signal_wakes_who_waits(self, slow: Provider, tmp_path: Path) -> None:
        slow.misbehaviours = [
            Misbehaviour(page=4, change=lambda *_: Reply(b"", 429, {"Retry-After": "600"}))
        ]
        process = begin("harvest", slow.url, db=tmp_path)
        wait_until(lambda: len(slow.asked("ListRecords")) == 4)
        time.sleep(0.3)
        process.terminate()
        process.communicate(timeout=20)
        assert process.returncode == 75
        assert exported(tmp_path) == 9

    @pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
    def test_while_python_still_loads_there_is_no_traceback(self, number: str) -> None:
        program = f"""
import os, signal, sys
class Signal:
    def find_spec(self, name, *_):
        if name == "sqlite3":
            os.kill(os.getpid(), signal.{number})
sys.meta_path.insert(0, Signal())
from harvester.cli import main
main()
"""
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
        assert done.returncode == 75
        assert "stopped before anything was begun" in one_line(done.stderr)

    def test_other_commands_end_with_a_line(self, slow: Provider, tmp_path: Path) -> None:
        process = begin("sources", "check", slow.url, db=tmp_path)
        wait_until(lambda: slow.questions)
        process.terminate()
        _, err = process.communicate(timeout=20)
        assert process.returncode == 75
        assert one_line(err.lstrip()) == ("harvester: stopped; nothing that was received is lost\n")


class TestTime:
    def test_a_run_ends_after_its_time_and_the_next_goes_on(
        self, slow: Provider, tmp_path: Path
    ) -> None:
        slow.records = day_by_day(180)  # 9 s, of which some pass before the first is asked for
        done = run("harvest", slow.url, "--max-time", "5s", db=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (75, "", "")
        assert "because its --max-time of 5s is over" in logged(tmp_path)
        came = exported(tmp_path)
        assert 0 < came < 180
        slow.misbehaviours.clear()
        slow.questions.clear()
        assert run("harvest", "--all", "--max-time", "1h", db=tmp_path).returncode == 0
        assert slow.asked("ListRecords")[0]["from"] == slow.records[came - 1].datestamp
        assert exported(tmp_path) == 180

    def test_outside_of_its_hours_nothing_is_asked(self, slow: Provider, tmp_path: Path) -> None:
        begin_, end = (datetime.now() + timedelta(hours=hours) for hours in (2, 3))
        between = f"{begin_:%H:%M}-{end:%H:%M}"
        done = run("harvest", slow.url, "--between", between, db=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (75, "", "")
        assert "nothing was done" in logged(tmp_path)
        assert slow.questions == []

    def test_within_its_hours_it_harvests(self, slow: Provider, tmp_path: Path) -> None:
        slow.misbehaviours.clear()
        begin_, end = (datetime.now() + timedelta(hours=hours) for hours in (-1, 1))
        between = f"{begin_:%H:%M}-{end:%H:%M}"
        assert run("harvest", slow.url, "--between", between, db=tmp_path).returncode == 0

    @pytest.mark.parametrize(
        ("hours", "now", "left"),
        [
            ("22:00-06:00", "2026-11-23 21:59:59", None),
            ("22:00-06:00", "2026-11-23 22:00:00", 8 * 3600),
            ("22:00-06:00", "2026-11-23 23:30:00", 6.5 * 3600),
            ("22:00-06:00", "2026-11-24 00:00:00", 6 * 3600),
            ("22:00-06:00", "2026-11-24 05:59:59", 1),
            ("22:00-06:00", "2026-11-24 06:00:00", None),
            ("01:00-05:30", "2026-11-23 00:59:00", None),
            ("01:00-05:30", "2026-11-23 05:00:00", 1800),
            ("01:00-05:30", "2026-11-23 05:30:00", None),
            ("0:00-0:30", "2026-11-23 00:10:00", 1200),
            # The clock goes back at 3:00 on 25 October, and forward at 2:00 on 29 March.
            ("22:00-06:00", "2026-10-25 00:00:00", 7 * 3600),
            ("22:00-06:00", "2026-03-29 00:00:00", 5 * 3600),
        ],
    )
    def test_how_much_of_the_night_is_left(
        self, hours: str, now: str, left: float | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TZ", "Europe/Brussels")
        time.tzset()
        try:
            clock = datetime.fromisoformat(now).replace(tzinfo=BRUSSELS)
            assert read_hours(hours).left(clock) == left
        finally:
            monkeypatch.undo()
            time.tzset()

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("2h", 7200), ("90m", 5400), ("3600s", 3600), ("1:30", 5400), ("1h30m", 5400),
            ("0:45", 2700), (" 2H ", 7200),
        ],
    )  # fmt: skip
    def test_spans_of_time(self, text: str, seconds: float) -> None:
        assert read_duration(text) == seconds

    @pytest.mark.parametrize("text", ["", "2", "h", "-1h", "1:75", "2d", "0s", "0:00", "1h 2m x"])
    def test_what_is_no_span_of_time(self, text: str) -> None:
        with pytest.raises(UsageError, match="--max-time"):
            read_duration(text)

    @pytest.mark.parametrize("text", ["", "22:00", "22-06", "22:00-", "25:00-06:00", "1:00-1:00"])
    def test_what_are_no_hours(self, text: str) -> None:
        with pytest.raises(UsageError, match="--between"):
            read_hours(text)

    @pytest.mark.parametrize(
        ("max_time", "between", "why"),
        [
            ("1s", "22:00-06:00", "its --max-time of 1s is over"),
            ("9h", "22:00-06:00", "it is 06:00"),
        ],
    )
    def test_the_earlier_end_counts(self, max_time: str, between: str, why: str) -> None:
        now = datetime.fromisoformat("2026-11-24T05:59:58").astimezone()
        stop = stopping.until(max_time, between, now)
        assert stop.reason is None
        wait_until(lambda: stop.reason, 10)
        assert stop.reason == why

    def test_outside(self) -> None:
        now = datetime.fromisoformat("2026-11-24T07:00:00").astimezone()
        with pytest.raises(stopping.OutsideHoursError, match="it is 07:00, and only between"):
            stopping.until(None, "22:00-06:00", now)
