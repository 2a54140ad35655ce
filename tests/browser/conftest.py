"""A real browser, and a site that really listens."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.explorer import shelf

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PROGRAM = """
import sys, pathlib
from harvester.explorer import serve
serve.serve(pathlib.Path(sys.argv[1]), "127.0.0.1", 0, listening=lambda url: print(url, flush=True))
"""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with the records of the shelf, without a slash at its end."""
    directory = tmp_path_factory.mktemp("served")
    shelf.fill(directory)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(directory)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip().rstrip("/")
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, started once: each test has a context of its own."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "no Chromium here: apt-get install chromium, or leave out -m browser"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=["without scripts", "with scripts"])
def browser(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh browser, once with JavaScript switched off and once with it."""
    context = chromium.new_context(
        accept_downloads=True,
        java_script_enabled=request.param == "with scripts",
        viewport={"width": 1280, "height": 900},
        locale="en-GB",
    )
    yield context
    context.close()
