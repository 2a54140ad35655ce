"""A log that strangers cannot fill."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from harvester.explorer.repeated import EVERY, Repeated
from tests.explorer.test_connection import UNLIMITED, connected
from tests.explorer.test_serve import asked, serving


def test_what_is_said_again_is_counted_instead(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    logger = logging.getLogger("test.repeated")
    repeated = Repeated(lambda: now)
    logger.addFilter(repeated)
    for _ in range(100):
        logger.warning("Nonsense from %s.", "somebody")
        logger.warning("Too much.")
    now = float(EVERY)
    logger.warning("Nonsense from %s.", "somebody else")
    logger.warning("Nonsense from %s.", "somebody else")
    now = 2.0 * EVERY
    logger.warning("Too much.")
    now = 9.0 * EVERY
    logger.warning("Too much.")
    logger.removeFilter(repeated)
    assert caplog.messages == [
        "Nonsense from somebody.",
        "Too much.",
        "Nonsense from somebody else. (99 more since this was said last)",
        "Too much. (99 more since this was said last)",
        "Too much.",
    ]


def test_a_fault_of_our_own_is_always_told(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("test.faults")
    logger.addFilter(Repeated(lambda: 0.0))
    for _ in range(3):
        logger.error("Exception", exc_info=ValueError("x"))
    assert len(caplog.messages) == 3


def test_nonsense_does_not_fill_the_log_of_a_server(directory: Path, tmp_path: Path) -> None:
    upgrade = b"GET /about HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
    log = tmp_path / "log"
    program = f"import sys; sys.stderr = open({str(log)!r}, 'w', buffering=1)\n{UNLIMITED}"
    with serving(program, directory) as there:
        for _ in range(20):
            assert asked(*there, b"\0\r\n\r\n").startswith(b"HTTP/1.1 400 ")
            with connected(*there) as (browser,):
                browser.sendall(upgrade)
                assert browser.recv(12) == b"HTTP/1.1 200"
    said = log.read_text(encoding="utf-8")
    assert said.count("Invalid HTTP request") == 1
    assert said.count("Unsupported upgrade") == 1
