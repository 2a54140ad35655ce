"""Asks a server what it can do, and says in plain words what a harvest will meet there."""

from __future__ import annotations

import itertools

import msgspec
from lxml import etree
from sickle import oaiexceptions

from harvester import sources
from harvester.errors import HarvesterError
from harvester.oai.client import Client, PageIterator, keep_nothing
from harvester.oai.datestamps import counts_seconds, read_datestamp
from harvester.oai.harvest import Identity, identify
from harvester.oai.oai_errors import OAI_ERRORS, refusal
from harvester.oai.page import Page, printable

SHOWN_SETS = 20
MAX_SET_PAGES = 20


class SetFacts(msgspec.Struct, frozen=True):
    """A set of a server."""

    spec: str
    name: str


class Trial(msgspec.Struct, frozen=True):
    """One page of records that was asked for.

    Attributes:
        prefix: the metadata prefix asked for.
        records: how many records the page brought, deleted ones included.
        deleted: how many of them are deleted.
        complete_list_size: how long the whole list is said to be.
        more: there is a resumption token.
    """

    prefix: str
    records: int
    deleted: int
    complete_list_size: int | None
    more: bool


class Report(msgspec.Struct, kw_only=True):
    """What a server can do.

    Attributes:
        url: the address that was asked, without secrets.
        identity: what it says of itself; None where it does not answer.
        prefixes: the metadata prefixes it offers.
        sets: its first sets.
        set_count: how many sets were counted.
        more_sets: there are more sets than were counted.
        trial: the first page of its records, if one came.
        problems: why a harvest will fail or lack records, in sentences.
        notes: what else is worth knowing, in sentences.
    """

    url: str
    identity: Identity | None = None
    prefixes: list[str] = []
    sets: list[SetFacts] = []
    set_count: int = 0
    more_sets: bool = False
    trial: Trial | None = None
    problems: list[str] = []
    notes: list[str] = []


def check(client: Client) -> Report:
    """Ask a server for its identity, formats, sets and first records.

    What goes wrong stands in the report's `problems` and is not raised.

    Args:
        client: the server's client; nothing that comes is kept.
    """
    report = Report(url=client.url)
    try:
        report.identity = identify(client, keep_nothing)
    except HarvesterError as error:
        report.problems.append(f"{error}.")
        return report
    report.notes += _doubts(report.identity, client.url)
    _prefixes(client, report)
    _sets(client, report)
    _records(client, report)
    return report


def lines(report: Report) -> list[str]:
    """Tell a report in plain words, one sentence or list a line."""
    told = [report.url]
    identity = report.identity
    if identity and identity != Identity():
        told.append(f"It is “{printable(identity.repository_name)}”.")
        told.append(
            f"Its datestamps count {'seconds' if counts_seconds(identity.granularity) else 'days'}"
            f", the earliest is {printable(identity.earliest_datestamp)}."
        )
    if report.prefixes:
        told.append(f"Metadata prefixes: {', '.join(report.prefixes)}.")
    if identity:
        told.append(_sets_line(report))
    if report.trial:
        trial = report.trial
        size = trial.complete_list_size
        of = f" of {size:,}" if size is not None else ""
        more = "more follow" if trial.more else "that is all"
        told.append(
            f"A first page in {trial.prefix} brings {trial.records:,} records{of} "
            f"({trial.deleted:,} deleted), {more}."
        )
    told += [f"Note: {note}" for note in report.notes]
    told += [f"Problem: {problem}" for problem in report.problems]
    if not report.problems:
        told.append("It can be harvested.")
    return told


def _sets_line(report: Report) -> str:
    if not report.set_count:
        return "It has no sets."
    shown = "; ".join(f"{known.spec} ({known.name})" for known in report.sets)
    count = f"at least {report.set_count:,}" if report.more_sets else f"{report.set_count:,}"
    return f"Sets ({count}): {shown}{' …' if report.set_count > len(report.sets) else ''}"


def _prefixes(client: Client, report: Report) -> None:
    page = _first(client, report, "metadata formats", "ListMetadataFormats")
    if page is None:
        return
    report.prefixes = [
        _child(entry, "metadataPrefix") for entry in _entries(page, "metadataFormat")
    ]
    if "oai_dc" not in report.prefixes:
        report.notes.append("It does not offer oai_dc, which every repository must.")


def _sets(client: Client, report: Report) -> None:
    try:
        pages = _ask(client, "ListSets")
        for page in itertools.islice(pages, MAX_SET_PAGES):
            found = [
                SetFacts(_child(entry, "setSpec"), _child(entry, "setName"))
                for entry in _entries(page, "set")
            ]
            report.sets += found[: SHOWN_SETS - len(report.sets)]
            report.set_count += len(found)
            report.more_sets = page.token is not None
    except HarvesterError as error:
        report.problems.append(f"Its sets cannot be listed: {error}.")
    except oaiexceptions.NoSetHierarchy:
        report.sets = []
    except OAI_ERRORS as error:
        report.problems.append(f"Its sets cannot be listed: {refusal(error, client.host)}.")


def _records(client: Client, report: Report) -> None:
    offered = report.prefixes
    prefix = offered[0] if offered and "oai_dc" not in offered else "oai_dc"
    page = _first(client, report, f"records in {prefix}", "ListRecords", metadataPrefix=prefix)
    if page is None:
        return
    deleted = sum(record.header.deleted for record in page.records)
    report.trial = Trial(
        prefix, len(page.records), deleted, page.complete_list_size, page.token is not None
    )
    if not page.records:
        report.problems.append("Its first page of records is empty.")
    bare = sum(record.metadata is None for record in page.records) - deleted
    if bare:
        report.notes.append(f"{bare} records of its first page have no metadata.")


def _first(client: Client, report: Report, what: str, verb: str, **arguments: str) -> Page | None:
    try:
        page: Page = next(_ask(client, verb, **arguments))
        return page
    except HarvesterError as error:
        report.problems.append(f"Its {what} cannot be listed: {error}.")
    except OAI_ERRORS as error:
        report.problems.append(f"Its {what} cannot be listed: {refusal(error, client.host)}.")
    return None


def _ask(client: Client, verb: str, **arguments: str) -> PageIterator:
    pages: PageIterator = getattr(client, verb)(**arguments)
    return pages


def _doubts(identity: Identity, url: str) -> list[str]:
    if identity == Identity():
        return ["It does not answer Identify."]
    doubts = []
    if identity.protocol_version not in ("2.0", ""):
        version = printable(identity.protocol_version)
        doubts.append(f"It speaks version {version} of OAI-PMH, not 2.0.")
    if identity.granularity not in ("YYYY-MM-DD", "YYYY-MM-DDThh:mm:ssZ"):
        taken = "seconds" if counts_seconds(identity.granularity) else "days"
        said = printable(identity.granularity)
        doubts.append(f"Its granularity, “{said}”, is none of the protocol: taken for {taken}.")
    if read_datestamp(identity.earliest_datestamp) is None:
        said = printable(identity.earliest_datestamp)
        doubts.append(f"Its earliest datestamp, “{said}”, is no date.")
    if identity.deleted_record == "transient":
        doubts.append("It tells of deleted records for a while only.")
    elif identity.deleted_record != "persistent":
        doubts.append("It does not tell of deleted records: what is deleted there stays here.")
    if not identity.admin_emails:
        doubts.append("It names no e-mail address of a person to write to.")
    if not _same_address(identity.base_url, url):
        said = printable(identity.base_url)
        doubts.append(f"It gives its own address as “{said}”, which is not the one asked.")
    return doubts


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
