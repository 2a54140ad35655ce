"""Harvests sources, several at once, each the whole way into the catalogue."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from harvester import address
from harvester.archive import runs
from harvester.oai.failures import StoppedError
from harvester.oai.stopping import Stop
from harvester.pipeline import originals
from harvester.pipeline.helpers import helping
from harvester.pipeline.source import harvest_source
from harvester.pipeline.visit import Run
from harvester.pipeline.writing import writing
from harvester.results import Ask, Progress, Result, exit_code
from harvester.settings import Settings
from harvester.sources import Source


def harvest(
    settings: Settings,
    wanted: Sequence[Source],
    ask: Ask,
    progress: Callable[[Progress], None] = lambda _: None,
    *,
    jobs: int = 1,
    stop: Stop | None = None,
) -> list[Result]:
    """Harvest sources, each the whole way into the catalogue.

    Sources of one host are harvested one after the other, so that it is never asked twice at a
    time; what one of them does ends none of the others.

    Args:
        settings: the installation.
        wanted: the sources.
        ask: what to ask each of them for.
        progress: called after every page, by one thread at a time.
        jobs: so many hosts are asked at once.
        stop: says when the run has to end; then pages on their way are finished and stored.

    Returns:
        How each of them ended, in the order in which they were wanted; with `ask.from_origin` how
        each repository ended that has originals of copies that came from them.

    Raises:
        TryLaterError: another command is writing.
        HarvesterError: nothing can be written, so that the run ended as a whole.
    """
    stop = stop or Stop()
    results: dict[str, Result] = {}
    with (
        writing(settings, "harvest", wanted) as workspace,
        helping(workspace.tables) as helpers,
    ):
        archive = workspace.archive
        run = Run(workspace, helpers, runs.start_run(archive, "harvest"), ask, progress, stop)
        lacking: originals.Wanted = {}
        if ask.from_origin:
            wanted, lacking = originals.wanted(workspace, wanted, ask)

        def harvest_all(group: Iterable[Source]) -> None:
            for source in group:
                results[source.name] = _harvest(run, source, lacking.get(source.name))

        with ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="harvest") as pool:
            try:
                for done in [pool.submit(harvest_all, group) for group in _by_host(wanted)]:
                    done.result()
            except BaseException:
                stop.ask("the run was broken off")
                raise
        told = [results[source.name] for source in wanted]
        runs.finish_run(archive, run.number, exit_code(told))
    return told


def _harvest(run: Run, source: Source, identifiers: Sequence[str] | None) -> Result:
    """Harvest one source; where nothing can be written the others end as well."""
    started = time.monotonic()
    try:
        run.stop.check()
        result = harvest_source(run, source, identifiers)
    except StoppedError as stopped:
        result = Result(source.name, "interrupted", str(stopped))
    except BaseException:
        run.stop.ask("the run was broken off")
        raise
    result.seconds = time.monotonic() - started
    result.log()
    return result


def _by_host(wanted: Iterable[Source]) -> list[list[Source]]:
    groups: dict[str, list[Source]] = {}
    for source in wanted:
        host = address.read(source.urls[0]).host if source.urls else ""
        groups.setdefault(host, []).append(source)
    return list(groups.values())
