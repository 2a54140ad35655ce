"""Processes that help: what they give is what this process would, whatever becomes of them."""

from __future__ import annotations

import gc
import logging
import os
import pickle
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast
from unittest import mock

import msgspec
import pytest

from harvester import pipeline
from harvester.errors import HarvesterError
from harvester.model import RawRecord, RawValue
from harvester.normalise import load
from harvester.normalise.tables import Tables
from harvester.oai.stopping import Stop
from harvester.pipeline import arrival, line
from harvester.pipeline.helpers import Helpers, Task, helping
from harvester.pipeline.understanding import AT_ONCE, Failed, Made, Word, make
from harvester.results import Ask, Progress
from harvester.settings import Settings
from harvester.sources import Source
from tests.pipeline.asking import (
    day_by_day,
    harvest,
    records,
    source_of,
    status_of,
    stored,
)  # fmt: skip
from tests.servers.provider import Provider

SOURCE = Source("x", "X", urls=["http://x.example/oai"])


@pytest.fixture(scope="module")
def tables() -> Tables:
    return load({})


@pytest.fixture
def helpers(tables: Tables) -> Iterator[Helpers]:
    with helping(tables, 2) as found:
        found.start()
        yield found


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch) -> list[Helpers]:
    """Let helpers be called for by the first page, and say which."""
    called: list[Helpers] = []

    def judge(self: line.Line, began: float) -> None:
        self._helpers.start()
        called.append(self._helpers)

    monkeypatch.setattr(line.Line, "_judge", judge)
    return called


def test_once_they_have_ended_circles_are_looked_for_as_before(tables: Tables) -> None:
    usual, frozen = gc.get_threshold(), gc.get_freeze_count()
    with helping(tables, 1) as found:
        found.start()
        assert gc.get_threshold() != usual
        assert gc.get_freeze_count() > frozen
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0


def word(number: int) -> Word:
    values = [
        RawValue("dc:title", f"Werk en vrije tijd {number}"),
        RawValue("dc:creator", "Vries, Jan de"),
        RawValue("dc:language", "nl"),
        RawValue("dc:type", "article"),
        RawValue("dc:description", "Over arbeid, vrije tijd en wat daartussen ligt.", "nl"),
    ]
    return Word(f"oai:x:{number}", [RawRecord(f"oai:x:{number}", "oai_dc", values=values)], False)


def test_they_give_what_this_process_would(helpers: Helpers, tables: Tables) -> None:
    words = [*map(word, range(50)), Word("oai:x:gone", [], deleted=True)]
    answers = [helpers.understand(words, SOURCE)[1] for _ in range(4)]
    expected = make(words, SOURCE, tables)
    assert all(isinstance(one, Made) for one in expected)
    for answer in answers:
        assert answer.result() == expected


def test_what_our_own_code_fails_on_is_told(tables: Tables) -> None:
    broken = msgspec.structs.replace(tables, types=None)
    with helping(broken, 1) as helpers:
        helpers.start()
        (found,) = helpers.understand([word(1)], SOURCE)[1].result()
    assert isinstance(found, Failed)
    assert found.reason.startswith("AttributeError: ")
    assert "Traceback" in found.account
    assert b"Werk en vrije tijd 1" in found.content


def test_records_of_a_page_come_out_as_each_does_alone(tables: Tables) -> None:
    words = [*map(word, range(AT_ONCE)), Word("oai:x:gone", [], deleted=True), word(AT_ONCE)]
    assert make(words, SOURCE, tables) == [make([one], SOURCE, tables)[0] for one in words]


def test_where_our_own_code_fails_on_one_the_others_are_made(tables: Tables) -> None:
    unheard = Word("oai:x:2", [RawRecord("oai:x:2", "oai_dc", values=cast("Any", None))], False)
    found = make([word(1), unheard, word(3)], SOURCE, tables)
    assert [type(one) for one in found] == [Made, Failed, Made]
    assert [found[0], found[2]] == make([word(1), word(3)], SOURCE, tables)


def test_where_one_dies_its_records_are_read_here(
    helpers: Helpers, tables: Tables, caplog: pytest.LogCaptureFixture
) -> None:
    expected = make([word(1)], SOURCE, tables)
    assert helpers.understand([word(1)], SOURCE)[1].result() == expected
    for process in children():
        os.kill(process, signal.SIGKILL)
    with caplog.at_level(logging.WARNING, "harvester"):
        assert helpers.understand([word(1)], SOURCE)[1].result() == expected
    assert "no process helps any more" in caplog.text
    assert not helpers.running


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ("harvester.pipeline.helpers._Process.ask", MemoryError()),
        ("harvester.pipeline.helpers._Process.learn", TypeError("cannot pickle a table")),
        ("subprocess.Popen", BlockingIOError("Resource temporarily unavailable")),
        ("concurrent.futures.ThreadPoolExecutor.submit", RuntimeError("can't start new thread")),
    ],
)
def test_where_none_can_help_all_records_are_read_here(
    tables: Tables, caplog: pytest.LogCaptureFixture, where: str, error: Exception
) -> None:
    expected = make([word(1)], SOURCE, tables)
    with mock.patch(where, side_effect=error), helping(tables, 2) as helpers:
        helpers.start()
        answers = [helpers.understand([word(1)], SOURCE)[1] for _ in range(5)]
        assert [answer.result(60) for answer in answers] == [expected] * 5
        assert not helpers.running
    assert str(error) in caplog.text


def test_they_end_with_the_process_that_started_them() -> None:
    script = (
        "import sys, time\n"
        "from tests.pipeline.test_helpers import *\n"
        "helpers = Helpers(load({}), 2)\n"
        "helpers.start()\n"
        "answers = [helpers.understand([word(1)] * 500, SOURCE)[1] for _ in range(2)]\n"
        "[answer.result() for answer in answers]\n"
        "print(*children(), flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        started = list(map(int, parent.stdout.readline().split()))
        assert started
        parent.kill()
    deadline = time.monotonic() + 20
    while any(map(is_alive, started)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, started))


@pytest.mark.parametrize("tables_came", [False, True])
def test_they_say_nothing_when_nobody_wants_their_answer(tables: Tables, tables_came: bool) -> None:
    messages = [pickle.dumps(tables), msgspec.msgpack.encode(Task(SOURCE, [word(1)]))]
    script = "from harvester.pipeline.helpers import serve; serve()"
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        for message in messages if tables_came else []:
            process.stdin.write(struct.pack(">I", len(message)) + message)
        process.stdin.close()
        assert process.stderr.read() == b""


def test_a_harvest_with_helpers_brings_what_one_without_brings(
    installation: Settings, provider: Provider, helped: list[Helpers]
) -> None:
    provider.records = [*day_by_day(40), stored(3, "Later", datestamp="2026-03-01T00:00:00Z")]
    provider.records.append(stored(5, deleted=True, datestamp="2026-03-02T00:00:00Z"))
    result = harvest(installation, provider)
    assert helped
    assert (result.tally.new, result.tally.changed, result.tally.deleted) == (40, 1, 1)
    found = records(installation, deleted=True)
    assert found["oai:x:3"].title == "Later 3"
    assert found["oai:x:5"].deleted
    for file in installation.directory.glob("catalogue.db*"):
        file.unlink()
    pipeline.rebuild(installation)
    assert records(installation, deleted=True) == found


def test_a_page_that_cannot_be_stored_is_one_source_s_failure_and_is_set_aside_later(
    installation: Settings,
    provider: Provider,
    helped: list[Helpers],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provider.records = day_by_day(20)
    put = arrival.put
    monkeypatch.setattr(arrival, "put", failing("oai:x:9"))
    result = harvest(installation, provider)
    assert result.state == "failed"
    assert result.reason is not None
    assert "ZeroDivisionError: a table is wrong" in result.reason
    assert set(records(installation)) == {f"oai:x:{number}" for number in range(9)}
    with pipeline.writing(installation, "test"):
        without = {f"oai:x:{number}" for number in range(20)} - {"oai:x:9", "oai:x:10", "oai:x:11"}
        assert set(records(installation)) == without
    monkeypatch.setattr(arrival, "put", put)
    assert pipeline.rebuild(installation) == 0
    assert len(records(installation)) == 20


def test_a_list_is_not_noted_as_complete_before_what_proved_it_is_stored(
    installation: Settings,
    provider: Provider,
    helped: list[Helpers],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    every = day_by_day(30)
    provider.records = every[12:] + every[:12]
    stop, seen = Stop(), []

    def stop_early(step: Progress) -> None:
        seen.append(step)
        if len(seen) == 4:
            stop.ask("the test says so")

    pipeline.harvest(installation, [source_of(provider)], Ask(), stop_early, stop=stop)
    assert status_of(installation).state == "interrupted"
    put = arrival.put
    monkeypatch.setattr(arrival, "put", failing("oai:x:0"))
    assert harvest(installation, provider).state == "failed"
    assert status_of(installation).state == "failed"
    monkeypatch.setattr(arrival, "put", put)
    assert harvest(installation, provider).state == "complete"
    assert len(records(installation)) == 30


def test_a_full_disk_ends_the_run(
    installation: Settings,
    provider: Provider,
    helped: list[Helpers],
) -> None:
    provider.records = day_by_day(20)

    def full(*_: object) -> int:
        raise HarvesterError("the disk is full")

    with (
        mock.patch.object(arrival, "put", full),
        pytest.raises(HarvesterError, match="is full"),
    ):
        harvest(installation, provider)
    assert harvest(installation, provider).state == "complete"
    assert len(records(installation)) == 20


def test_no_more_wait_than_may(
    installation: Settings,
    provider: Provider,
    helped: list[Helpers],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provider.records = day_by_day(40)
    monkeypatch.setattr(line, "MOST_RECORDS", 9)
    monkeypatch.setattr(line, "TOGETHER", 6)
    put, stored_together, waited = arrival.put, [], []
    join = line.Line._join

    def count(workspace: Any, pages: Sequence[tuple[arrival.Waiting, Any]]) -> int:
        stored_together.append(sum(len(page.seen) for page, _ in pages))
        return put(workspace, pages)

    def watch(self: line.Line, read: arrival.Arrival) -> None:
        join(self, read)
        waited.append(sum(len(page.waiting.seen) for page in self._pages))

    monkeypatch.setattr(arrival, "put", count)
    monkeypatch.setattr(line.Line, "_join", watch)
    assert harvest(installation, provider).state == "complete"
    assert len(records(installation)) == 40
    assert max(waited) == 9
    assert set(stored_together) <= {1, 3, 6}
    assert 6 in stored_together


@pytest.mark.parametrize("pause", [0.0, 0.3])
def test_they_are_started_only_where_the_server_is_quicker_than_we(
    installation: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch, pause: float
) -> None:
    monkeypatch.setattr(line, "FIRST", 9)
    started: list[Helpers] = []
    monkeypatch.setattr(Helpers, "start", lambda self: started.append(self))
    provider.records = day_by_day(20)

    def wait(_: Progress) -> None:
        time.sleep(pause)

    (result,) = pipeline.harvest(installation, [source_of(provider)], Ask(), wait)
    assert result.state == "complete"
    assert bool(started) == (pause == 0)


def failing(identifier: str) -> Callable[..., int]:
    """What stores pages, but fails where a record is among them."""
    put = arrival.put

    def fails(workspace: Any, pages: Sequence[tuple[arrival.Waiting, Any]]) -> int:
        if any(identifier in page.seen for page, _ in pages):
            raise ZeroDivisionError("a table is wrong")
        return put(workspace, pages)

    return fails


def children() -> list[int]:
    """The processes that this one started."""
    lists = Path("/proc/self/task").glob("*/children")
    return [int(process) for children in lists for process in children.read_text().split()]


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
