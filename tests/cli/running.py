"""Runs the command line in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HARVESTER = Path(sys.executable).with_name("harvester")


def command(*arguments: str | Path, db: Path | None = None) -> list[str]:
    data = ["--db", str(db)] if db else []
    return [str(HARVESTER), *data, *map(str, arguments)]


def run(*arguments: str | Path, db: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments, db=db), capture_output=True, text=True, timeout=120, check=False
    )


def begin(*arguments: str | Path, db: Path) -> subprocess.Popen[str]:
    """Start a command and leave it running."""
    return subprocess.Popen(
        command(*arguments, db=db), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_until(happened: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def one_line(text: str) -> str:
    assert text.count("\n") == 1, f"more than one line: {text!r}"
    assert text.startswith("harvester: ")
    return text


def logged(db: Path) -> str:
    return (db / "harvest.log").read_text("utf-8")
