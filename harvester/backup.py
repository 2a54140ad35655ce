"""Both databases in one file, consistent while a harvest runs; and back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

import sqlite_utils
import zstandard

from harvester import schemas
from harvester.archive import FILE as ARCHIVE
from harvester.catalogue.store import FILE as CATALOGUE
from harvester.database import open_database
from harvester.errors import HarvesterError, UsageError

# The catalogue first: the archive, copied later, then holds every page that the catalogue applied.
DATABASES = (CATALOGUE, ARCHIVE)


class DamagedError(HarvesterError):
    """A database cannot be read whole; trying again will not help."""


def backup(directory: Path, file: Path) -> int:
    """Write both databases into one file (tar, zstd); it appears under its name when it is whole.

    Args:
        directory: the data directory.
        file: the file to write; one that is there is replaced.

    Returns:
        The size of the file in bytes.

    Raises:
        UsageError: there is nothing to back up, or the folder of `file` is missing.
        DamagedError: a database is damaged; the file is as it was before.
        HarvesterError: the disk is full, or a database cannot be opened.
    """
    there = [name for name in DATABASES if (directory / name).is_file()]
    if ARCHIVE not in there:
        raise UsageError(f"{directory} holds no {ARCHIVE}: there is nothing to back up")
    if not file.parent.is_dir():
        raise UsageError(f"the folder {file.parent} does not exist")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
            for name in there:
                _copy(directory / name, Path(folder) / name)
                _check(Path(folder) / name, f"{directory / name} is damaged")
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
    except (OSError, sqlite3.OperationalError) as error:
        raise HarvesterError(f"no backup was written to {file}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise DamagedError(f"no backup was written to {file}: {error}") from error
    return file.stat().st_size


def restore(directory: Path, file: Path) -> Path | None:
    """Put back what `backup` wrote; what was there before is backed up beside it first.

    A server may go on serving: the databases are overwritten in one transaction each.

    Args:
        directory: the data directory, made if missing.
        file: a file that `backup` wrote.

    Returns:
        The backup of what was there before (a folder where it was damaged), None if nothing was.

    Raises:
        UsageError: the file is no such backup, or its catalogue is of a newer version.
        HarvesterError: the disk is full, or a database of the backup is damaged.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with _unpacked(file, directory) as folder:
        for name in DATABASES:
            if (folder / name).is_file():
                _check(folder / name, f"{name} in {file} is damaged")
        if (folder / CATALOGUE).is_file():
            # A server that goes on reads no other version than its own.
            open_database(folder / CATALOGUE, "catalogue", durable=False).close()
        before = _set_aside(directory)
        try:
            for name in DATABASES:
                if (folder / name).is_file():
                    _fit(folder / name, directory / name)
                    _copy(folder / name, directory / name)
                else:
                    (directory / name).unlink(missing_ok=True)
        except (OSError, sqlite3.Error) as error:
            raise HarvesterError(
                f"{file} was not restored completely: {error}; "
                + (f"what was there before lies in {before}" if before else "run it again")
            ) from error
    return before


def _set_aside(directory: Path) -> Path | None:
    """Back up what is there; what is too damaged for that is moved aside as it is.

    Raises:
        HarvesterError: it is whole but cannot be backed up (full disk); it stays where it is.
    """
    if not (directory / ARCHIVE).is_file():
        return None
    before = _free_name(directory / "before-restore.tar.zst")
    try:
        backup(directory, before)
    except (DamagedError, UsageError):
        before = _free_name(directory / "before-restore.damaged")
        before.mkdir()
        for name in DATABASES:
            for file in directory.glob(f"{name}*"):
                file.rename(before / file.name)
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
                    content = tar.extractfile(member)
                    assert content is not None  # it is a file
                    with (folder / member.name).open("wb") as unpacked:
                        shutil.copyfileobj(content, unpacked)
        except (zstandard.ZstdError, tarfile.TarError, EOFError) as error:
            raise UsageError(f"{file} is no whole backup of this software: {error}") from error
        except OSError as error:
            raise HarvesterError(f"{file} cannot be unpacked: {error}") from error
        if not (folder / ARCHIVE).is_file():
            raise UsageError(f"{file} is no backup of this software: {ARCHIVE} is not in it")
        yield folder


def _fit(source: Path, target: Path) -> None:
    """Write a database anew with pages as large as those of the one that it is to overwrite.

    SQLite does not overwrite one in WAL mode with pages of another size: other versions of this
    software made it.
    """
    if not target.is_file():
        return
    with (
        closing(sqlite3.connect(source)) as from_,
        closing(sqlite3.connect(f"{target.resolve().as_uri()}?mode=ro", uri=True)) as to,
    ):
        (wanted,) = to.execute("pragma page_size").fetchone()
        if from_.execute("pragma page_size").fetchone() != (wanted,):
            from_.execute("pragma journal_mode = delete")
            from_.execute(f"pragma page_size = {wanted}")
            from_.execute("vacuum")


def _copy(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as from_,
        closing(sqlite3.connect(target)) as to,
    ):
        from_.backup(to)
        to.execute("pragma journal_mode = wal")


def _check(database: Path, trouble: str) -> None:
    """Make sure that a copy is a whole database of this software, of this version or an older one.

    Raises:
        DamagedError: it is damaged, which `trouble` says of what.
        UsageError: it is none of ours, or a newer version wrote it.
    """
    kind: Literal["archive", "catalogue"] = "archive" if database.name == ARCHIVE else "catalogue"
    with closing(sqlite3.connect(database)) as connection:
        try:
            verdict = connection.execute("pragma quick_check(1)").fetchone()[0]
            known = schemas.migrations(kind).applied(sqlite_utils.Database(connection))
        except sqlite3.DatabaseError as error:
            verdict, known = str(error), []
    if verdict != "ok":
        raise DamagedError(f"{trouble} ({verdict}): nothing was written")
    if not known:
        raise UsageError(f"{database.name} there is no {kind} of this software")


def _free_name(path: Path) -> Path:
    candidate, number = path, 2
    while candidate.exists():
        stem, _, suffixes = path.name.partition(".")
        candidate = path.with_name(f"{stem}-{number}.{suffixes}")
        number += 1
    return candidate
