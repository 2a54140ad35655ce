"""Asks a server what it really does, and tells what a harvest will meet there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from lxml import etree

from harvester import sources
from harvester.oai.check.connection import check_connection
from harvester.oai.check.findings import Finding, Report, SetFacts
from harvester.oai.check.first_pages import Listed, check_records, list_records
from harvester.oai.check.probe import PAGE_SECONDS, PAUSES, EnoughError, Probe, Refusal
from harvester.oai.check.report import lines
from harvester.oai.check.selection import check_dates
from harvester.oai.client import Client, PageIterator
from harvester.oai.datestamps import counts_seconds, now, read_datestamp
from harvester.oai.harvest import Identity, identify
from harvester.oai.page import Page, printable

__all__ = ["Finding", "Report", "check", "lines"]

MAX_FORMATS = 100
"""Metadata prefixes that are named in a report."""
MAX_SETS = 100
"""Sets that are named in a report; all others are only counted."""
MAX_SET_PAGES = 10
"""Pages of sets that are asked for."""
CERTAIN = timedelta(days=1)
"""How far clocks and time zones can move a date."""
_OAI_DC = "oai_dc"


def check(
    client: Client,
    *,
    prefixes: Sequence[str] = (_OAI_DC,),
    namespaces: Collection[str] = (),
    today: datetime | None = None,
) -> Report:
    """Ask a server some twenty questions, and note what it does.

    One question after another, in the client's pace; what fails is a finding and never raised.
    Nothing more is asked of a server that is out of reach, refuses us, or wants patience, and
    nothing after ten minutes. Nothing that comes is kept.

    Args:
        client: the server's client. If it is made without quirks, `Report.quirks` is what the
            server does today; with quirks, those stay in it.
        prefixes: metadata prefixes that a harvest would ask for, the best first.
        namespaces: of the formats that we read.
        today: the time from which a certificate's end is counted; tests pass their own.

    Raises:
        StoppedError: the run has to end.
    """
    report = Report(url=client.url, asked_on=now()[: len("YYYY-MM-DD")])
    pauses, page_seconds, keep = client.pauses, client.transport.page_seconds, client.keep
    client.pauses, client.transport.page_seconds = PAUSES, min(page_seconds, PAGE_SECONDS)
    probe = Probe(client, report)
    try:
        with suppress(EnoughError):  # why nothing more is asked stands in the report
            _ask(probe, prefixes, namespaces)
    finally:
        client.pauses, client.transport.page_seconds, client.keep = pauses, page_seconds, keep
    check_connection(report, probe.answers, today or datetime.now(UTC))
    report.quirks = report.quirks.joined(client.quirks)
    return report


def _ask(probe: Probe, prefixes: Sequence[str], namespaces: Collection[str]) -> None:
    report = probe.report
    _identity(probe)
    _formats(probe, namespaces)
    offered = report.prefixes
    choice = next((prefix for prefix in prefixes if prefix in offered), None)
    prefix = choice or (offered[0] if offered and _OAI_DC not in offered else _OAI_DC)
    listed = list_records(probe, prefix)
    if listed is None and report.identity is None:
        return
    _sets(probe)
    if listed is None:
        return
    granularity = report.identity.granularity if report.identity else ""
    _earliest(report, listed)
    check_records(probe, listed, granularity)
    seconds = counts_seconds(granularity) and not listed.in_days
    check_dates(probe, prefix, listed.known, seconds=seconds)


def _identity(probe: Probe) -> None:
    told = probe.hear("Identify", lambda: identify(probe.client, probe.keep))
    if isinstance(told, Refusal):
        probe.refused("Identify", told)
    elif isinstance(told, Identity):
        probe.report.identity = told
        _doubt(probe.report, told)


def _doubt(report: Report, identity: Identity) -> None:
    if identity == Identity():
        report.add("note", "no_identify")
        return
    if identity.protocol_version not in ("2.0", ""):
        report.add("note", "version", version=printable(identity.protocol_version))
    if identity.granularity not in ("YYYY-MM-DD", "YYYY-MM-DDThh:mm:ssZ"):
        seconds = counts_seconds(identity.granularity)
        key = "granularity_as_seconds" if seconds else "granularity_as_days"
        report.add("note", key, said=printable(identity.granularity))
    if identity.deleted_record == "transient":
        report.add("note", "deleted_transient")
    elif identity.deleted_record != "persistent":
        report.add("note", "deleted_no")
    if not identity.admin_emails:
        report.add("note", "no_email")
    if not _same_address(identity.base_url, report.url):
        report.add("note", "other_base_url", said=printable(identity.base_url))


def _earliest(report: Report, listed: Listed) -> None:
    """Compare the earliest datestamp that Identify names with those that were listed."""
    if report.identity is None or report.identity == Identity():
        return
    said = printable(report.identity.earliest_datestamp)
    earliest = read_datestamp(said)
    if earliest is None:
        report.add("note", "earliest_none", said=said)
    elif earliest > datetime.now(UTC) + CERTAIN:
        report.add("note", "earliest_future", said=said)
    elif listed.known:
        found = min(listed.known, key=lambda record: record.time)
        if earliest - found.time > CERTAIN:
            report.add("note", "earliest_late", said=said, example=found.identifier)


def _formats(probe: Probe, namespaces: Collection[str]) -> None:
    page = probe.page("ListMetadataFormats")
    if isinstance(page, Refusal):
        probe.refused("ListMetadataFormats", page)
    elif page is not None:
        report = probe.report
        found = [_child(entry, "metadataPrefix") for entry in _entries(page, "metadataFormat")]
        report.prefixes = [prefix for prefix in found if prefix][:MAX_FORMATS]
        report.readable = [
            prefix
            for prefix, entry in zip(found, _entries(page, "metadataFormat"), strict=True)
            if prefix in report.prefixes and _child(entry, "metadataNamespace") in namespaces
        ]
        if not report.prefixes:
            report.add("note", "no_formats")
        elif _OAI_DC not in report.prefixes:
            report.add("note", "no_oai_dc")


def _sets(probe: Probe) -> None:
    pages = probe.hear("ListSets", lambda: probe.pages("ListSets"))
    if isinstance(pages, PageIterator):
        _count_sets(probe, pages)
    elif isinstance(pages, Refusal) and pages.code == "noSetHierarchy":
        probe.report.set_count = 0
    elif isinstance(pages, Refusal):
        probe.refused("ListSets", pages)


def _count_sets(probe: Probe, pages: PageIterator) -> None:
    """Count the sets; a list that repeats itself or does not end is left."""
    report = probe.report
    seen: set[str] = set()
    faulty = 0
    for _ in range(MAX_SET_PAGES):
        page = probe.hear("ListSets", lambda: next(pages))
        if isinstance(page, Refusal):
            probe.refused("ListSets", page)
        if not isinstance(page, Page):
            break
        listed = [
            SetFacts(_child(entry, "setSpec"), _child(entry, "setName"))
            for entry in _entries(page, "set")
        ]
        new = {known.spec: known for known in listed if known.spec and known.spec not in seen}
        seen.update(new)
        report.sets += list(new.values())[: MAX_SETS - len(report.sets)]
        report.set_count = len(seen)
        report.more_sets = page.token is not None
        if report.more_sets and listed and not new:
            report.add("problem", "sets_repeat", count=len(seen))
            break
        faulty += len(listed) - len(new)
        if not report.more_sets:
            break
    else:
        report.add("note", "sets_unfinished", pages=MAX_SET_PAGES)
    if faulty:
        report.add("note", "sets_faulty", count=faulty)


def _same_address(one: str, other: str) -> bool:
    try:
        return sources.canonical(one) == sources.canonical(other)
    except ValueError:
        return False


def _entries(page: Page, name: str) -> list[etree._Element]:
    return list(page.answer.iterchildren(f"{{*}}{name}")) if page.answer is not None else []


def _child(entry: etree._Element, name: str) -> str:
    found = next(entry.iterchildren(f"{{*}}{name}"), None)
    return printable((found.text if found is not None else None) or "")
