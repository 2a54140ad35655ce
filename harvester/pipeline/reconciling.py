"""Compares what is here with what a server lists: deletions that it never announced, late arrivals.

Many servers delete without a word (Zenodo#2447, DOAJ#1408), and some lose their data for a night
(geonetwork#419). So a record is taken for deleted only when a whole list of identifiers lacks it
and the server does not hand it out alone, and never many at once without a person's consent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import cast

import msgspec
from sickle import oaiexceptions

from harvester.archive import items, pages, windows
from harvester.archive.runs import Tally
from harvester.oai import harvest as oai
from harvester.oai.failures import AnswerError, BlockedError, StoppedError, ThrottledError
from harvester.oai.mend import HASTY
from harvester.oai.oai_errors import OAI_ERRORS
from harvester.oai.page import Page, printable
from harvester.pipeline import arrival
from harvester.pipeline.visit import Visit

MOST = 500
"""More deletions at once need a person's consent, and so many records are asked for alone."""
LARGEST_SHARE = 0.1
"""So does a greater share of a source's records."""
SHOWN = 3


class _BrokenOffError(Exception):
    """The server cannot be asked any further."""

    def __init__(self, outcome: oai.Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class _Sweep:
    """A look at all that the server of a source lists, after a harvest that was complete."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._workspace = visit.run.workspace
        self._archive = visit.run.workspace.archive
        self._window = 0
        self._last_page = 0
        self._prefixes: list[str] = []

    def list_one(self, window: oai.Window) -> None:
        """Note every identifier of one list.

        Raises:
            _BrokenOffError: it did not come whole.
        """
        with self._workspace.lock:
            items.begin_sweep(self._archive, self._visit.number)
        self._prefixes = [window.prefix]
        outcome = self._list(window)
        if outcome.state != "complete":
            raise _BrokenOffError(outcome)

    def list_all(self) -> None:
        """Note every identifier of every list of the source that was ever harvested whole.

        A record that is missing from one list may have gone into another.

        Raises:
            _BrokenOffError: one of the lists did not come whole.
        """
        number = self._visit.number
        with self._workspace.lock:
            lists = windows.lists(self._archive, number)
            # The last page of the last list proves what is gone: until that is in the catalogue,
            # none of these pages counts as applied.
            self._workspace.unapplied.hold(number)
            items.begin_sweep(self._archive, number)
        self._prefixes = list(dict.fromkeys(prefix for prefix, _ in lists))
        for prefix, set_spec in lists:
            outcome = self._list(oai.Window(prefix, set_spec))
            if outcome.state != "complete":
                raise _BrokenOffError(outcome)

    def _list(self, window: oai.Window) -> oai.Outcome:
        visit, tally = self._visit, Tally()
        with self._workspace.lock:
            self._window = windows.start_window(
                self._archive, visit.run.number, visit.number, window, reaches_now=False
            )
        steps = oai.sweep(visit.client, window, visit.keep(self._window))
        with closing(steps):  # whatever happens, nothing is asked for when this returns
            while True:
                try:
                    step = next(steps)
                except StopIteration as end:
                    outcome = cast("oai.Outcome", end.value)
                    break
                tally.add(visit.bring(step, self._window))
                self._last_page = step.number
                with self._workspace.lock:
                    items.note_listed(self._archive, visit.number, _listed(step.page))
        with self._workspace.lock:
            windows.finish_window(self._archive, self._window, visit.number, window, outcome, tally)
        return outcome

    def unknown(self) -> list[str]:
        """Return the records that are listed and never came."""
        with self._workspace.lock:
            return items.unknown_in_sweep(self._archive, self._visit.number)

    def outdated(self, prefix: str) -> list[str]:
        """Return the records that are listed and did not come as they are listed."""
        with self._workspace.lock:
            return items.outdated_in_sweep(self._archive, self._visit.number, prefix)

    def missing(self) -> tuple[list[str], int]:
        """Return the records that are no longer listed, and how many the server had given."""
        with self._workspace.lock:
            missing = items.missing_from_sweep(self._archive, self._visit.number)
            return missing, items.from_server(self._archive, self._visit.number)

    def fetch(self, identifiers: Iterable[str]) -> tuple[list[str], list[str]]:
        """Ask for records one by one, and bring those that come.

        Returns:
            Those that the server says it does not have, and those that it does not hand out for
            another reason.

        Raises:
            _BrokenOffError: the server cannot be asked any further.
        """
        client = self._visit.client
        client.keep = self._visit.keep(self._window)
        patience, client.pauses = client.pauses, HASTY
        try:
            answers = {identifier: self._fetch(identifier) for identifier in identifiers}
        finally:
            client.pauses = patience
        return (
            [identifier for identifier, has in answers.items() if has is False],
            [identifier for identifier, has in answers.items() if has is None],
        )

    def _fetch(self, identifier: str) -> bool | None:
        """Say whether the server has a record; None where that is not clear."""
        client, has = self._visit.client, False
        clear = True
        for prefix in self._prefixes:
            try:
                page = client.GetRecord(identifier=identifier, metadataPrefix=prefix)
            except oaiexceptions.IdDoesNotExist:
                continue
            except OAI_ERRORS:
                clear = False
                continue
            except AnswerError as error:
                final = isinstance(error, ThrottledError | StoppedError | BlockedError)
                if final or error.everywhere:
                    raise _BrokenOffError(oai.outcome_of(error)) from error
                clear = False
                continue
            self._visit.bring(oai.Step(client.number, page), self._window)
            found = [r.header for r in page.records if r.header.identifier == identifier]
            has = has or any(not header.deleted for header in found)
            clear = clear and bool(found)
        return has or (False if clear else None)

    def delete(self, identifiers: Sequence[str]) -> int:
        """Take records for deleted, in the archive and then in the catalogue.

        Returns:
            How many were.
        """
        self._visit.settle()
        number, page = self._visit.number, self._last_page
        with self._workspace.lock:
            with self._archive:
                gone = items.gone(self._archive, number, page, identifiers)
            kept = pages.read(self._archive, page)
        arrival.store(self._workspace, arrival.read(kept, self._workspace.settings.overlay))
        return gone


def prove(visit: Visit, window: oai.Window, outcome: oai.Outcome) -> oai.Outcome:
    """Prove that nothing is missing from a list that was taken up at a datestamp.

    That is so only where a server lists in the order of datestamps, which no rule demands. So what
    it lists must have come; what has not is fetched.

    Args:
        visit: the source.
        window: all that was to be harvested, in this run and the ones before that were cut short.
        outcome: how the harvest of its last part ended.

    Returns:
        The outcome, or a worse one.
    """
    sweep, host = _Sweep(visit), visit.client.host
    try:
        sweep.list_one(window)
        unknown = sweep.outdated(window.prefix)
        gone, unclear = sweep.fetch(unknown) if len(unknown) <= MOST else ([], [])
    except _BrokenOffError as broken:
        later = broken.outcome.state in ("throttled", "interrupted", "blocked")
        reason = f"{broken.outcome.reason}; so nothing proves that all its records came"
        return msgspec.structs.replace(
            broken.outcome,
            state=broken.outcome.state if later else "short",
            reason=reason,
            holes=outcome.holes,
            until_now=False,
        )
    if len(unknown) > MOST:
        reason = f"{host} lists {len(unknown):,} records that never came: the next harvest asks "
        reason += "for all of them again"
        return msgspec.structs.replace(outcome, state="short", reason=reason, until_now=False)
    lost = [*gone, *unclear]
    if not lost:
        return outcome
    hole = oai.Hole(window.from_, outcome.response_date, f"{host} does not hand them out", lost)
    reason = _not_handed_out(host, lost, "the next harvest")
    holes = (*outcome.holes, hole)
    return msgspec.structs.replace(outcome, state="partial", reason=reason, holes=holes)


def reconcile(visit: Visit) -> None:
    """Compare a source that was just harvested with what its server lists, and tell in its result.

    What is listed and never came is fetched; what is no longer listed is deleted, if it is not
    suspiciously much.
    """
    result = visit.result
    if result.state != "complete":
        result.reason = f"{result.reason}; so it was not compared with what the server lists"
        return
    sweep = _Sweep(visit)
    try:
        sweep.list_all()
    except _BrokenOffError as broken:
        _tell(visit, broken.outcome, "so nothing was compared with what the server lists")
        return
    try:
        trouble = [_fetch_unknown(visit, sweep), _delete_missing(visit, sweep)]
    except _BrokenOffError as broken:
        _tell(visit, broken.outcome, "so nothing was deleted")
        return
    if any(trouble):
        result.state, result.reason = "partial", "; ".join(filter(None, trouble))


def _fetch_unknown(visit: Visit, sweep: _Sweep) -> str | None:
    host, unknown = visit.client.host, sweep.unknown()
    if len(unknown) > MOST:
        return f"{host} lists {len(unknown):,} records that never came: harvest it with --full"
    gone, unclear = sweep.fetch(unknown)
    lost = [*gone, *unclear]
    if not lost:
        return None
    return _not_handed_out(host, lost, "the next --reconcile")


def _not_handed_out(host: str, lost: Sequence[str], asks_again: str) -> str:
    shown = ", ".join(printable(identifier, 80) for identifier in lost[:SHOWN])
    more = ", …" if len(lost) > SHOWN else ""
    return (
        f"{host} lists {len(lost):,} {'record' if len(lost) == 1 else 'records'} that it does not "
        f"hand out ({shown}{more}): {asks_again} asks again, tell the repository"
    )


def _delete_missing(visit: Visit, sweep: _Sweep) -> str | None:
    missing, count = sweep.missing()
    many = len(missing) > MOST or len(missing) > LARGEST_SHARE * count
    if many and not visit.run.ask.accept_deletions:
        return (
            f"{visit.client.host} no longer lists {len(missing):,} of {count:,} records, which is "
            "suspiciously much, so nothing was deleted: if they are really gone, harvest again "
            "with --reconcile --accept-deletions"
        )
    gone, unclear = sweep.fetch(missing) if len(missing) <= MOST else (missing, [])
    if visit.run.ask.accept_deletions:
        gone, unclear = [*gone, *unclear], []
    if gone:
        visit.result.no_longer_listed = sweep.delete(gone)
    if not unclear:
        return None
    return (
        f"{visit.client.host} no longer lists {len(unclear):,} records and does not say that they "
        "do not exist, so they were kept: if they are really gone, harvest again with --reconcile "
        "--accept-deletions"
    )


def _tell(visit: Visit, outcome: oai.Outcome, consequence: str) -> None:
    later = outcome.state in ("throttled", "interrupted")
    visit.result.state = outcome.state if later else "partial"
    visit.result.reason = f"{outcome.reason}; {consequence}"


def _listed(page: Page) -> list[tuple[str, str]]:
    headers = [record.header for record in page.records]
    return [
        (header.identifier, header.datestamp)
        for header in headers
        if header.identifier and not header.deleted
    ]
