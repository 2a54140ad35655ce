"""What stands before the command, and what every command makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import click

from harvester import backup, settings, terminal
from harvester.errors import UsageError
from harvester.settings import Settings

DEFAULT_DIRECTORY = "db"


class Options(NamedTuple):
    """What stands before the command."""

    directory: Path | None
    verbose: bool


def installation(context: click.Context, directory: str = DEFAULT_DIRECTORY) -> Settings:
    """Load the installation that the user means, or the one in a default folder."""
    return settings.load(context.obj.directory or Path(directory))


def log_to_file(context: click.Context, found: Settings) -> None:
    """Write what happens to `harvest.log`, and to stderr if the user wants more."""
    terminal.log_to(found.directory, verbose=context.obj.verbose)


def spare_databases(found: Settings, file: Path) -> None:
    """Refuse to write over a database.

    Raises:
        UsageError: the file is one of the installation's.
    """
    if file.resolve() in {(found.directory / name).resolve() for name in backup.DATABASES}:
        raise UsageError(f"{file} is a database of this catalogue: choose another name")


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """Give files, and all that is in folders, but for what is hidden."""
    for path in paths:
        if path.is_dir():
            inside = ((file, file.relative_to(path).parts) for file in path.rglob("*"))
            yield from sorted(
                file
                for file, parts in inside
                if file.is_file() and not any(part.startswith(".") for part in parts)
            )
        else:
            yield path
