"""A process that harvests and dies on request.

    python -m tests.crash.victim

It reads one order a line from standard input, and answers each with how it ended. Every order runs
in a forked child, so that Python and the imports are paid for once. The child dies of a timer whose
signal has its default action: at any instruction, within SQLite and within the kernel, exactly as
by `kill -9`.
"""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from harvester import database, pipeline, settings
from harvester.errors import HarvesterError
from harvester.results import Ask, exit_code
from harvester.sources import Source

SHORTEST = 1e-6


class Order(msgspec.Struct):
    """What a child does, and when it dies.

    Attributes:
        directory: the data directory.
        urls: the sources to harvest, by name; empty rebuilds the catalogue instead.
        jobs: so many at a time.
        dies_after: seconds after which it dies; None lets it live.
        dies_at_commit: it dies so many seconds after it has begun the commit with this number.
        file_limit: bytes that no file may outgrow: the disk is full.
        page_limit: pages that the catalogue may not outgrow: SQLite's own full disk.
    """

    directory: str
    urls: dict[str, str] = {}
    jobs: int = 1
    dies_after: float | None = None
    dies_at_commit: tuple[int, float] | None = None
    file_limit: int | None = None
    page_limit: int | None = None


class Death(msgspec.Struct):
    """How a child ended: its exit code, or the signal that it died of; and its last words."""

    code: int
    signal: int
    words: str


def main() -> None:
    """Carry out orders until the input ends."""
    for line in sys.stdin:
        order = msgspec.json.decode(line, type=Order)
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ours)
            _carry_out(order, theirs)
        os.close(theirs)
        with os.fdopen(ours, "rb") as words:
            said = words.read().decode()
        _, status = os.waitpid(child, 0)
        died = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1
        print(msgspec.json.encode(Death(code, died, said)).decode(), flush=True)


def _carry_out(order: Order, words: int) -> None:
    code, said = 99, ""
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        _prepare(order)
        installation = settings.load(Path(order.directory))
        if order.dies_after is not None:
            signal.setitimer(signal.ITIMER_REAL, max(order.dies_after, SHORTEST))
        if order.urls:
            wanted = [Source(name=name, title=name, urls=[url]) for name, url in order.urls.items()]
            results = pipeline.harvest(installation, wanted, Ask(), jobs=order.jobs)
            code = exit_code(results)
            said = "\n".join(result.line() for result in results)
        else:
            pipeline.rebuild(installation)
            code = 0
    except HarvesterError as error:
        code, said = error.exit_code, str(error)
    except (OSError, sqlite3.Error) as error:
        code, said = 1, str(error)
    except BaseException:
        said = traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        os.write(words, said.encode()[:60_000])
        os._exit(code)


def _prepare(order: Order) -> None:
    if order.file_limit is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.file_limit, resource.RLIM_INFINITY))
    if order.dies_at_commit is not None or order.page_limit is not None:
        _watch_databases(order)


def _watch_databases(order: Order) -> None:
    """Let the databases that the child opens tell of their commits, or be full."""
    commits = 0

    def told(statement: str) -> None:
        nonlocal commits
        assert order.dies_at_commit is not None
        if statement.upper().startswith("COMMIT"):
            commits += 1
            if commits == order.dies_at_commit[0]:
                signal.setitimer(signal.ITIMER_REAL, max(order.dies_at_commit[1], SHORTEST))

    opened: Callable[..., Any] = database.open_database

    def open_watched(path: Path, *arguments: Any, **options: Any) -> Any:
        found = opened(path, *arguments, **options)
        if order.dies_at_commit is not None:
            found.conn.set_trace_callback(told)
        if order.page_limit is not None and path.name == "catalogue.db":
            found.conn.execute(f"pragma max_page_count = {order.page_limit}")
        return found

    for module in list(sys.modules.values()):
        if getattr(module, "open_database", None) is opened:
            module.open_database = open_watched  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
