"""The command line: parses arguments, calls the pipeline or one stage, and prints.

This module loads nothing but Python's own small parts, so that a signal that comes while the rest
is loaded ends the command with a line and not with a traceback.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line; errors become one line on stderr and an exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    _open_closed()
    from harvester.cli.commands import run

    sys.exit(run())


def _open_closed() -> None:
    """Let a standard stream that was closed lead nowhere, and no other file get its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 - for as long as it runs


def _leave(*_: object) -> NoReturn:
    os.write(2, b"harvester: stopped before anything was begun\n")
    os._exit(75)
