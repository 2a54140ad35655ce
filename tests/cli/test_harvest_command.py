"""`harvester harvest` as cron and as people run it: what it prints, when it is silent, its code."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from harvester.archive import known, open_archive
from harvester.workspace import LOCK, Holder, alone
from tests.cli.running import command, logged, one_line, run
from tests.pipeline.asking import day_by_day
from tests.servers.provider import Misbehaviour, Provider, Reply, running

THROTTLES = Reply(b"", 429, {"Retry-After": "7200"})


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider(day_by_day(20), page_size=6)
    with running(found):
        yield found


def on_a_terminal(*arguments: str | Path, db: Path) -> tuple[int, str]:
    """Run a command as a person does; return its exit code and all that the terminal shows."""
    master, slave = pty.openpty()
    process = subprocess.Popen(command(*arguments, db=db), stdout=slave, stderr=slave)
    os.close(slave)
    shown = b""
    with os.fdopen(master, "rb", buffering=0) as terminal:
        while True:
            try:
                part = terminal.read(65536)
            except OSError:  # nobody holds the other end any more
                break
            shown += part
            if not part:
                break
    return process.wait(timeout=60), shown.decode()


def test_six_at_once_of_which_one_is_dead_and_one_throttles(tmp_path: Path) -> None:
    with ExitStack() as stack:
        providers = [Provider(day_by_day(20), page_size=3) for _ in range(5)]
        urls = [stack.enter_context(running(provider)) for provider in providers]
        providers[2].misbehaviours = [Misbehaviour(page=3, change=lambda *_: THROTTLES)]
        done = run("harvest", *urls, "http://127.0.0.1:9/oai", "--jobs", "6", "--json", db=tmp_path)
    assert done.returncode == 1
    results = json.loads(done.stdout)
    assert [result["state"] for result in results] == [
        "complete", "complete", "throttled", "complete", "complete", "failed",
    ]  # fmt: skip
    assert "127-0-0-1-9-oai: failed: 127.0.0.1:9: the connection was refused" in one_line(
        done.stderr
    )
    summary = re.search(r"6 sources: .*", logged(tmp_path))
    assert summary is not None
    assert summary[0].startswith("6 sources: 4 complete, 1 throttled, 1 failed; 86 new")
    listed = run("export", "jsonl", db=tmp_path).stdout.splitlines()
    assert len(listed) == 4 * 20 + 6


def test_success_is_silent_without_a_terminal(provider: Provider, tmp_path: Path) -> None:
    for words in ("20 new", "nothing new"):
        done = run("harvest", provider.url, db=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert words in logged(tmp_path).splitlines()[-1]


def test_a_terminal_shows_what_happens(provider: Provider, tmp_path: Path) -> None:
    with running(Provider(day_by_day(10), page_size=3)) as other:
        code, shown = on_a_terminal("harvest", provider.url, other, "--jobs", "2", db=tmp_path)
    assert code == 0
    assert shown.count("complete, ") == 2
    assert "2 sources: 2 complete; 30 new" in shown


def test_the_first_night_of_patience_is_silent_and_the_third_is_not(
    provider: Provider, tmp_path: Path
) -> None:
    assert run("harvest", provider.url, db=tmp_path).returncode == 0
    provider.misbehaviours = [Misbehaviour(verb="Identify", change=lambda *_: THROTTLES)]
    for days in (2, 1, 0):
        done = run("harvest", "--all", db=tmp_path)
        assert (done.returncode, done.stdout) == (75, "")
        assert "asks for patience" in logged(tmp_path).splitlines()[-1]
        if days:
            assert done.stderr == ""
        then = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        with closing(open_archive(tmp_path)) as archive, archive:
            known.set_not_before(archive, 1, None)
            archive.execute(
                "update windows set started = ? where id = (select max(id) from windows)", (then,)
            )
    assert "(day 3 running)" in one_line(done.stderr)
    status = run("status", db=tmp_path)
    assert status.returncode == 1
    assert "needs attention: " in status.stdout


def test_a_first_throttled_harvest_on_a_terminal_says_so(
    provider: Provider, tmp_path: Path
) -> None:
    provider.misbehaviours = [Misbehaviour(verb="Identify", change=lambda *_: THROTTLES)]
    code, shown = on_a_terminal("harvest", provider.url, db=tmp_path)
    assert code == 75
    assert "throttled" in shown


class TestLock:
    def test_a_second_harvest_waits_for_another_night_without_a_word(self, tmp_path: Path) -> None:
        with alone(tmp_path, "import"):
            done = run("harvest", "http://127.0.0.1:9/oai", "--json", db=tmp_path)
            assert (done.returncode, done.stdout, done.stderr) == (75, "[]\n", "")
            code, shown = on_a_terminal("harvest", "http://127.0.0.1:9/oai", db=tmp_path)
        assert code == 75
        wanted = rf"`harvester import` \(process {os.getpid()}, since 20\d\d-.* UTC\) is writing to"
        assert re.search(wanted, " ".join(shown.split()))
        assert re.search(wanted, logged(tmp_path))

    def test_one_that_has_written_for_more_than_a_day_is_told(self, tmp_path: Path) -> None:
        with alone(tmp_path, "harvest"):
            before = datetime.now(UTC) - timedelta(hours=25)
            stale = Holder("harvest", os.getpid(), before)
            (tmp_path / LOCK).write_bytes(msgspec.json.encode(stale))
            done = run("harvest", "http://127.0.0.1:9/oai", db=tmp_path)
        assert done.returncode == 75
        assert "is writing to" in one_line(done.stderr)

    def test_other_commands_say_it_always(self, tmp_path: Path) -> None:
        assert run("demo", "--no-serve", db=tmp_path).returncode == 0
        with alone(tmp_path, "harvest"):
            done = run("normalise", "--all", db=tmp_path)
        assert done.returncode == 75
        assert "`harvester harvest` (process" in one_line(done.stderr)

    def test_what_a_killed_command_left_is_nobody_s(
        self, provider: Provider, tmp_path: Path
    ) -> None:
        (tmp_path / LOCK).write_text(
            '{"command":"harvest","process":1,"since":"2020-01-01T00:00Z"}'
        )
        assert run("harvest", provider.url, db=tmp_path).returncode == 0
        (tmp_path / LOCK).write_text("no JSON at all")
        assert run("harvest", provider.url, db=tmp_path).returncode == 0
        assert (tmp_path / LOCK).read_bytes() == b""


def test_a_log_that_cannot_be_written_is_said_in_one_line(
    provider: Provider, tmp_path: Path
) -> None:
    (tmp_path / "harvest.log").symlink_to("/dev/full")
    done = run("harvest", provider.url, db=tmp_path)
    assert done.returncode == 0
    assert "harvest.log cannot be written" in one_line(done.stderr)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--reconcile", "--from", "2026-01-01"], "--from"),
        (["--reconcile", "--until", "2026-01-01"], "--until"),
        (["--accept-deletions"], "--reconcile"),
        (["--jobs", "0"], "--jobs"),
        (["--max-time", "soon"], "--max-time"),
        (["--max-time", "0m"], "--max-time"),
        (["--between", "tonight"], "--between"),
        (["--between", "22:00-22:00"], "--between"),
    ],
    ids=" ".join,
)
def test_what_means_nothing_is_refused(wrong: list[str], told: str, tmp_path: Path) -> None:
    done = run("harvest", "orbi", *wrong, db=tmp_path)
    assert done.returncode == 2
    assert told in one_line(done.stderr)


def test_reconcile(provider: Provider, tmp_path: Path) -> None:
    assert run("harvest", provider.url, db=tmp_path).returncode == 0
    del provider.records[:10]
    done = run("harvest", "--all", "--reconcile", db=tmp_path)
    assert done.returncode == 1
    assert "no longer lists 10 of 20 records" in one_line(done.stderr)
    done = run("harvest", "--all", "--reconcile", "--accept-deletions", "--json", db=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["no_longer_listed"] == 10


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_a_standard_stream_may_be_closed(provider: Provider, tmp_path: Path, closed: str) -> None:
    line = shlex.join(command("harvest", provider.url, db=tmp_path))
    assert subprocess.run(["sh", "-c", f"exec {line} {closed}"], check=False).returncode == 0
    assert ": complete, " in logged(tmp_path)
