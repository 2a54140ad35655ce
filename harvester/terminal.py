"""What people at a terminal see, and what goes to `harvest.log` instead."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from harvester.errors import TryLaterError
from harvester.results import Progress, Result, summary
from harvester.workspace import LockedError

log = logging.getLogger("harvester")

LOG_FILE = "harvest.log"
LOG_BYTES = 1_000_000
LOG_FILES = 5

PIPE_WIDTH = 160
HELD_TOO_LONG = 24 * 3600
"""Seconds after which a command that still writes is no longer normal."""

out = Console(
    highlight=False,
    emoji=False,  # oai:x:1 is no cross
    soft_wrap=True,
    width=None if sys.stdout.isatty() else PIPE_WIDTH,
)
err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


def say(line: str) -> None:
    """Print a line of text that may hold anything."""
    out.print(escape(line))


def say_error(line: str) -> None:
    """Print one line on stderr."""
    err.print(escape(f"harvester: {' '.join(line.split())}"))


def table(*columns: str, wide: tuple[str, ...] = ()) -> Table:
    """Make a table without lines; only the columns named in `wide` may break their text."""
    made = Table(box=None, pad_edge=False)
    for column in columns:
        if column in wide:
            made.add_column(column, overflow="fold", ratio=1)
        else:
            made.add_column(column, no_wrap=True)
    return made


def report(results: Sequence[Result], seconds: float, *, also_success: bool = True) -> None:
    """Print how a run went.

    Without a terminal only what a person should read is printed, because cron mails it: not that
    all went well, and not what time alone mends.

    Args:
        results: how each source or file ended.
        seconds: how long all of it took.
        also_success: print what went well, too, where somebody looks on.
    """
    for result in results:
        if result.exit_code and (result.needs_person or is_watched() or err.is_terminal):
            say_error(result.line())
        elif not result.exit_code and also_success and is_watched():
            say(result.line())
    if len(results) > 1:
        line = summary(results, seconds)
        log.info(line)
        if also_success and is_watched():
            say(line)


def report_later(error: TryLaterError) -> None:
    """Say that a run could not begin; without a terminal only if that has gone on for too long."""
    held = error.seconds if isinstance(error, LockedError) else None
    warn(str(error), always=(held or 0) > HELD_TOO_LONG)


def warn(line: str, *, always: bool = False) -> None:
    """Print one line on stderr if somebody looks on, or always; it stands in the log as well."""
    log.warning(line)
    if always or err.is_terminal or is_watched():
        say_error(line)


def is_watched() -> bool:
    """Say whether a person sees the standard output: cron mails what is printed without one."""
    return sys.stdout.isatty()


@contextmanager
def progress() -> Iterator[Callable[[Progress], None]]:
    """Show a bar for each source on a terminal, nothing elsewhere."""
    if not err.is_terminal:
        yield lambda _: None
        return
    columns: list[Any] = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    ]
    with Bars(*columns, console=err, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(step: Progress) -> None:
            if step.source not in tasks:
                tasks[step.source] = bars.add_task(step.source, total=step.total)
            bars.update(tasks[step.source], completed=step.done, total=step.total)

        yield show


class _LogFile(logging.handlers.RotatingFileHandler):
    """The log; where it cannot be written, that is said once and not as a traceback."""

    _told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - its name there
        if not self._told:
            self._told = True
            say_error(f"{self.baseFilename} cannot be written: {sys.exception()}")


def log_to(directory: Path, *, verbose: bool) -> None:
    """Write the log to `harvest.log` of a data directory, and to stderr if wanted."""
    logger = logging.getLogger("harvester")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    file = _LogFile(
        directory / LOG_FILE, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
    )
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(file)
    if verbose:
        console = logging.StreamHandler()
        console.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
        logger.addHandler(console)
