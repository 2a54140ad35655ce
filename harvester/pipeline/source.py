"""Harvests one source: asks for what is new, and brings it into the catalogue."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import cast

import msgspec

from harvester.archive import items, known, windows
from harvester.archive.status import status
from harvester.archive.windows import Plan
from harvester.errors import HarvesterError
from harvester.oai import harvest as oai
from harvester.oai.datestamps import counts_seconds, read_datestamp, write_datestamp
from harvester.oai.failures import AnswerError, BlockedError, StoppedError, ThrottledError
from harvester.pipeline.originals import fetch
from harvester.pipeline.reconciling import prove, reconcile
from harvester.pipeline.visit import Run, Visit, visiting
from harvester.results import Result
from harvester.sources import Source

log = logging.getLogger("harvester")

FORGETTABLE = ("failed", "blocked", "suspicious-empty")
"""States in which a source that never gave a record may be a mistyped address."""
STOPPING = ("throttled", "interrupted", "blocked")
"""States after which no other list of a source is asked for."""


def harvest_source(run: Run, source: Source, originals: Sequence[str] | None = None) -> Result:
    """Harvest one source, the whole way into the catalogue.

    A fault of our own, such as a broken plugin, is this source's failure and no other's.

    Args:
        run: the harvest that it belongs to.
        source: the source.
        originals: the OAI identifiers of single records; None means its lists.

    Raises:
        HarvesterError: the databases cannot be written, or the configuration is wrong.
    """
    result = Result(source.name, "failed")
    if source.portal or not source.urls:
        result.reason = "it has no OAI-PMH server: import its pages instead"
        return result
    workspace = run.workspace
    try:
        with visiting(run, source, result) as visit:
            if originals is None:
                _harvest_lists(visit)
            elif refused := _left_alone(visit):
                result.state, result.reason = refused.state, refused.reason
            else:
                fetch(visit, originals)
            if run.ask.reconcile:
                reconcile(visit)
    except (HarvesterError, sqlite3.Error):
        raise
    except Exception as error:
        log.exception("%s: a fault of this software or of a plugin", source.name)
        result.state, result.reason = "failed", _fault(error)
        return result
    with workspace.lock:
        if source.name not in workspace.settings.sources and result.state in FORGETTABLE:
            known.forget_if_empty(workspace.archive, visit.number)
        if result.state == "throttled":
            nights = {row.name: row.nights_throttled for row in status(workspace.archive)}
            result.nights_throttled = nights.get(source.name, 0)
    return result


def _harvest_lists(visit: Visit) -> None:
    """Harvest the list that was asked for, or the lists that were harvested before.

    So a night over all sources asks an aggregator for the sets that were chosen once, and not for
    everything that it has.
    """
    ask, workspace = visit.run.ask, visit.run.workspace
    lists = [(ask.prefix or visit.source.prefixes[0], ask.set_spec)]
    bounded = ask.prefix or ask.set_spec or ask.from_ or ask.until
    if ask.as_before and not ask.full and not bounded:
        with workspace.lock:
            lists = windows.begun(workspace.archive, visit.number) or lists
    parts: list[Result] = []
    for prefix, set_spec in lists:
        part = Result(visit.source.name, "failed")
        parts.append(part)
        _harvest_list(msgspec.structs.replace(visit, result=part), prefix, set_spec)
        if part.state in STOPPING:
            break
    visit.result.join(parts)


def _harvest_list(visit: Visit, prefix: str, set_spec: str | None) -> None:
    """Harvest one list, from where the last harvest of it ended."""
    ask, archive, lock = visit.run.ask, visit.run.workspace.archive, visit.run.workspace.lock
    reaches_now = ask.from_ is None and ask.until is None
    with lock:
        found = windows.plan(archive, visit.number, prefix, set_spec)
    plan = found if reaches_now else Plan(watermark=None, resume=None, holes=[], pieces=1)
    if ask.full:
        plan = msgspec.structs.replace(plan, watermark=None, resume=None)
    window = oai.Window(prefix, set_spec, ask.from_, ask.until)
    identity, refused = _identify(visit)
    if refused is None and reaches_now:
        window = msgspec.structs.replace(window, from_=_begin(plan, identity.granularity))
    with lock:
        number = windows.start_window(
            archive,
            visit.run.number,
            visit.number,
            window,
            reaches_now=reaches_now,
            # Where nothing is asked, the list still goes on where it broke off before.
            reached=found.resume if refused and reaches_now else plan.resume,
        )
    try:
        outcome = refused or _walk(visit, window, number, identity, plan)
        visit.settle()
        if plan.resume is not None and outcome.until_now:
            begin = _begin(msgspec.structs.replace(plan, resume=None), identity.granularity)
            outcome = prove(visit, msgspec.structs.replace(window, from_=begin), outcome)
            visit.settle()
    except Exception as error:
        if not isinstance(error, HarvesterError | sqlite3.Error):
            _finish(visit, window, number, oai.Outcome(state="failed", reason=_fault(error)))
        raise
    _finish(visit, window, number, outcome)


def _left_alone(visit: Visit) -> oai.Outcome | None:
    """Say how the harvest of a server ends that wants to be left alone for now."""
    workspace = visit.run.workspace
    with workspace.lock:
        not_before = known.not_before(workspace.archive, visit.number)
    until = read_datestamp(not_before or "")
    if until is None or until <= datetime.now(UTC):
        return None
    reason = f"{visit.client.host} asked us not to come before {not_before}: it was not asked"
    return oai.Outcome(state="throttled", reason=reason, not_before=not_before)


def _identify(visit: Visit) -> tuple[oai.Identity, oai.Outcome | None]:
    """Ask the server what it is, unless it wants to be left alone.

    One that answers, but not this, is harvested all the same: some count all their records for it.

    Returns:
        What it says, and how the harvest ended where that is nothing.
    """
    if refused := _left_alone(visit):
        return oai.Identity(), refused
    try:
        return oai.identify(visit.client, visit.keep(None)), None
    except AnswerError as error:
        final = isinstance(error, ThrottledError | BlockedError | StoppedError)
        if final or visit.client.received is None:
            return oai.Identity(), oai.outcome_of(error)
        log.warning("%s: Identify fails, its records are asked for: %s", visit.source.name, error)
        return oai.Identity(), None


def _begin(plan: Plan, granularity: str) -> str | None:
    """Return the `from` of a harvest: where the last one broke off, or what is new since it."""
    broken_off = read_datestamp(plan.resume or "")
    if broken_off is not None:
        return write_datestamp(broken_off, seconds=counts_seconds(granularity))
    return oai.next_from(plan.watermark, granularity)


def _walk(
    visit: Visit, window: oai.Window, number: int, identity: oai.Identity, plan: Plan
) -> oai.Outcome:
    """Bring the pages of a list into the catalogue as they come."""
    steps = oai.harvest(
        visit.client,
        window,
        visit.keep(number),
        identity=identity,
        holes=plan.holes,
        pieces=plan.pieces,
    )
    with closing(steps):  # whatever happens, nothing is asked for when this returns
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return cast("oai.Outcome", end.value)
            visit.bring(step, number)
            del step  # so that its page makes room before the next one comes


def _finish(visit: Visit, window: oai.Window, number: int, outcome: oai.Outcome) -> None:
    """Enter how a list ended."""
    workspace, result = visit.run.workspace, visit.result
    result.state, result.reason = outcome.state, outcome.reason
    with workspace.lock:
        windows.finish_window(
            workspace.archive, number, visit.number, window, outcome, result.tally
        )
        if outcome.state == "complete" and window == oai.Window(window.prefix):
            items.release_nameless(workspace.archive, number)


def _fault(error: Exception) -> str:
    return (
        f"{type(error).__name__}: {error}: a fault of this software or of a plugin; "
        "the whole account is in harvest.log"
    )
