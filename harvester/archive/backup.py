"""Both databases in one file, consistent while a harvest runs; and back."""

from __future__ import annotations

import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import zstandard

from harvester.errors import HarvesterError, UsageError

# The catalogue first: the archive, copied later, then holds every page that the catalogue applied.
DATABASES = ("catalogue.db", "archive.db")


def backup(directory: Path, file: Path) -> int:
    """Write both databases into one file (tar, zstd); it appears under its name when it is whole.

    Args:
        directory: the data directory.
        file: the file to write; one that is there is replaced.

    Returns:
        The size of the file in bytes.

    Raises:
        UsageError: there is nothing to back up, or the folder of `file` is missing.
        HarvesterError: the disk is full or a database cannot be read.
    """
    there = [name for name in DATABASES if (directory / name).is_file()]
    if "archive.db" not in there:
        raise UsageError(f"{directory} holds no archive.db: there is nothing to back up")
    if not file.parent.is_dir():
        raise UsageError(f"the folder {file.parent} does not exist")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
            for name in there:
                _copy(directory / name, Path(folder) / name)
            partial = Path(folder) / "backup.tar.zst"
            with (
                partial.open("wb") as raw,
                zstandard.ZstdCompressor(level=3).stream_writer(raw, closefd=False) as packed,
                tarfile.open(fileobj=packed, mode="w|") as tar,
            ):
                for name in there:
                    tar.add(Path(folder) / name, arcname=name)
            with partial.open("rb+") as written:
                os.fsync(written.fileno())
            partial.replace(file)
    except (OSError, sqlite3.Error) as error:
        raise HarvesterError(f"no backup was written to {file}: {error}") from error
    return file.stat().st_size


def restore(directory: Path, file: Path) -> Path | None:
    """Put back what `backup` wrote; what was there before is backed up beside it first.

    A server may go on serving: the databases are overwritten in one transaction each.

    Args:
        directory: the data directory, made if missing.
        file: a file that `backup` wrote.

    Returns:
        The backup of what was there before, None if nothing was.

    Raises:
        UsageError: the file is no such backup.
        HarvesterError: the disk is full, or a database of the backup is damaged.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with _unpacked(file, directory) as folder:
        for name in DATABASES:
            if (folder / name).is_file():
                _check(folder / name, file)
        before = None
        if (directory / "archive.db").is_file():
            before = _free_name(directory / "before-restore.tar.zst")
            backup(directory, before)
        try:
            for name in DATABASES:
                if (folder / name).is_file():
                    _copy(folder / name, directory / name)
                else:
                    (directory / name).unlink(missing_ok=True)
        except (OSError, sqlite3.Error) as error:
            raise HarvesterError(
                f"{file} was not restored completely: {error}; "
                + (f"what was there before lies in {before}" if before else "run it again")
            ) from error
    return before


@contextmanager
def _unpacked(file: Path, directory: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=directory, prefix=".restore-") as name:
        folder = Path(name)
        try:
            with (
                file.open("rb") as raw,
                zstandard.ZstdDecompressor().stream_reader(raw) as packed,
                tarfile.open(fileobj=packed, mode="r|") as tar,
            ):
                for member in tar:
                    if member.name not in DATABASES or not member.isfile():
                        raise UsageError(f"{file} is no backup: it holds {member.name!r}")
                    tar.extract(member, folder, filter="data")
        except (zstandard.ZstdError, tarfile.TarError, EOFError) as error:
            raise UsageError(f"{file} is no whole backup of this software: {error}") from error
        except OSError as error:
            raise HarvesterError(f"{file} cannot be unpacked: {error}") from error
        if not (folder / "archive.db").is_file():
            raise UsageError(f"{file} is no backup of this software: archive.db is not in it")
        yield folder


def _copy(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as from_,
        closing(sqlite3.connect(target)) as to,
    ):
        from_.backup(to)
        to.execute("pragma journal_mode = wal")


def _check(database: Path, file: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        try:
            verdict = connection.execute("pragma quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            verdict = str(error)
    if verdict != "ok":
        raise HarvesterError(f"{database.name} in {file} is damaged ({verdict}): nothing restored")


def _free_name(path: Path) -> Path:
    candidate, number = path, 2
    while candidate.exists():
        candidate = path.with_name(path.name.replace(".tar.zst", f"-{number}.tar.zst"))
        number += 1
    return candidate
