"""Goes back to the source: fetches the originals of records that an aggregator handed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sickle import oaiexceptions

from harvester.archive import known
from harvester.catalogue import copies
from harvester.oai import harvest as oai
from harvester.oai.failures import AnswerError, BlockedError, StoppedError, ThrottledError
from harvester.oai.oai_errors import OAI_ERRORS
from harvester.oai.page import printable
from harvester.pipeline.visit import Visit
from harvester.results import Ask
from harvester.sources import Source
from harvester.workspace import Workspace, merged

SHOWN = 3

Wanted = Mapping[str, Sequence[str]]
"""OAI identifiers by the name of the source that has them."""


def wanted(
    workspace: Workspace, aggregators: Sequence[Source], ask: Ask
) -> tuple[list[Source], Wanted]:
    """Find what copies lack their original, and who has it.

    Args:
        workspace: what is open.
        aggregators: the sources that the copies came from.
        ask: `full` asks for originals that are here already as well.

    Returns:
        the repositories to be asked, and what each of them is to be asked for. A repository
        without an OAI-PMH server is left out.
    """
    names = [source.name for source in aggregators]
    lacking = copies.wanting(workspace.catalogue.conn, names, every=ask.full)
    facts = merged(workspace.sources.values(), workspace.settings)
    sources = [facts[name] for name in lacking if name in facts and facts[name].urls]
    return sources, lacking


def fetch(visit: Visit, identifiers: Sequence[str]) -> None:
    """Ask a repository for records one by one, and bring those that come; tell in its result.

    They belong to no list, as if they had been imported: a harvest of the repository knows nothing
    of them.
    """
    result = visit.result
    missing: list[str] = []
    unclear: list[str] = []
    visit.client.keep = visit.keep(None)
    for identifier in identifiers:
        try:
            has = _fetch(visit, identifier)
        except AnswerError as error:
            final = isinstance(error, ThrottledError | StoppedError | BlockedError)
            if final or error.everywhere:
                _broken_off(visit, oai.outcome_of(error))
                return
            has = None
        if not has:
            (unclear if has is None else missing).append(identifier)
    result.state = "partial" if unclear else "complete"
    reasons = [
        _told(visit.client.host, missing, "has no longer"),
        _told(visit.client.host, unclear, "does not hand out"),
    ]
    result.reason = "; ".join(filter(None, reasons)) or None


def _broken_off(visit: Visit, outcome: oai.Outcome) -> None:
    workspace = visit.run.workspace
    visit.result.state, visit.result.reason = outcome.state, outcome.reason
    if outcome.not_before is not None:
        with workspace.lock, workspace.archive as archive:
            known.set_not_before(archive, visit.number, outcome.not_before)


def _fetch(visit: Visit, identifier: str) -> bool | None:
    """Say whether a repository has a record; None where it gives none of its formats."""
    for prefix in visit.source.prefixes:
        try:
            page = visit.client.GetRecord(identifier=identifier, metadataPrefix=prefix)
        except oaiexceptions.IdDoesNotExist:
            return False
        except OAI_ERRORS:
            continue
        visit.bring(oai.Step(visit.client.number, page), None)
        if any(record.header.identifier == identifier for record in page.records):
            return True
    return None


def _told(host: str, identifiers: Sequence[str], what: str) -> str:
    if not identifiers:
        return ""
    shown = ", ".join(printable(identifier, 80) for identifier in identifiers[:SHOWN])
    more = ", …" if len(identifiers) > SHOWN else ""
    records = "record" if len(identifiers) == 1 else "records"
    return f"{len(identifiers):,} {records} that {host} {what} ({shown}{more})"
