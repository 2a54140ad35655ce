"""Brings files the whole way into the catalogue as if a server had sent them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from harvester import sources as source_catalogue
from harvester.archive import pages, runs
from harvester.errors import HarvesterError
from harvester.formats import document
from harvester.oai.datestamps import now
from harvester.oai.received import MAX_BODY, Received
from harvester.pipeline import arrival
from harvester.pipeline.arrival import Arrival
from harvester.pipeline.writing import writing
from harvester.results import Result, exit_code
from harvester.settings import Settings
from harvester.sources import Source
from harvester.workspace import Workspace, merged


def import_files(settings: Settings, files: Iterable[Path], source: Source | None) -> list[Result]:
    """Bring files the whole way into the catalogue as if a server had sent them.

    Args:
        settings: the installation.
        files: OAI-PMH answers, single records, portal pages as text or HTML.
        source: whose records they are; None finds it by the address that a file names.

    Returns:
        One result a file, under the file's name.
    """
    results = []
    with writing(settings, "import", [source] if source else []) as workspace:
        run = runs.start_run(workspace.archive, "import")
        for file in files:
            started = time.monotonic()
            result = _import_file(workspace, run, file, source)
            result.seconds = time.monotonic() - started
            result.log()
            results.append(result)
        runs.finish_run(workspace.archive, run, exit_code(results))
    return results


def _import_file(workspace: Workspace, run: int, file: Path, source: Source | None) -> Result:
    result = Result(str(file), "failed")
    try:
        with file.open("rb") as opened_file:
            body = opened_file.read(MAX_BODY + 1)  # one byte too many is refused below
        found = document.read(body, workspace.settings.overlay)
        owner = source or _owner(workspace, found)
    except (OSError, HarvesterError) as error:
        result.reason = str(error)
        return result
    if owner is None:
        result.reason = "it does not say where it comes from: name its source with --source"
        return result
    number = workspace.number(owner)
    received = Received(
        url=file.resolve().as_uri(),
        params={},
        status=200,
        headers={},
        body=body,
        received_at=now(),
        elapsed=0.0,
    )
    page = pages.keep(workspace.archive, run, number, None, received)
    read = Arrival(number, page, received.received_at, found.records)
    result.tally = arrival.bring(workspace, read)
    result.listed, result.pages, result.state = len(found.records), 1, "complete"
    return result


def _owner(workspace: Workspace, found: document.Document) -> Source | None:
    """Find whose records a document holds: those of its base URL, or of its permalink's host."""
    known = merged(workspace.sources.values(), workspace.settings)
    if found.base_url is not None:
        return source_catalogue.resolve(found.base_url, known)
    if found.host is not None:
        return source_catalogue.by_host(found.host, known) or source_catalogue.resolve(
            f"https://{found.host}", known
        )
    return None
