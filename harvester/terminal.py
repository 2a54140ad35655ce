"""What people at a terminal see, and what goes to `harvest.log` instead."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from harvester.results import Progress, Result

LOG_FILE = "harvest.log"
LOG_BYTES = 1_000_000
LOG_FILES = 5

PIPE_WIDTH = 160

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPE_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)


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


def report(results: list[Result], *, also_success: bool) -> None:
    """Print the results that a person should read on stderr, the others if wanted."""
    for result in results:
        if result.exit_code:
            say_error(result.line())
        elif also_success:
            say(result.line())


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


def log_to(directory: Path, *, verbose: bool) -> None:
    """Write the log to `harvest.log` of a data directory, and to stderr if wanted."""
    logger = logging.getLogger("harvester")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    file = logging.handlers.RotatingFileHandler(
        directory / LOG_FILE, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
    )
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(file)
    if verbose:
        console = logging.StreamHandler()
        console.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
        logger.addHandler(console)
