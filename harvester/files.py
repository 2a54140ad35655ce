"""Files that appear under their name when they are whole."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from harvester.errors import HarvesterError


def write_whole(chunks: Iterable[str], path: Path) -> None:
    """Write a text to a file, whole or not at all.

    Args:
        chunks: the text in pieces, such as an exporter gives.
        path: the file; one that is there is replaced, a device or pipe is written to.

    Raises:
        HarvesterError: it cannot be written.
    """
    direct = path.exists() and not path.is_file()
    target = path if direct else path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with target.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(chunks)
            if not direct:
                target.replace(path)
        finally:
            if not direct:
                target.unlink(missing_ok=True)
    except OSError as error:
        raise HarvesterError(f"{path} cannot be written: {error}") from error
