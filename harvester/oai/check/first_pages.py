"""Looks at the first two pages of records: tokens, sizes, records, and single requests for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from harvester.oai.check.findings import FirstPage, Report
from harvester.oai.check.probe import Probe, Refusal
from harvester.oai.check.selection import Known, known_records, order_of
from harvester.oai.client import PageIterator
from harvester.oai.datestamps import counts_seconds, read_datestamp
from harvester.oai.page import Page, PageRecord, printable

SHORT_LIVED = timedelta(minutes=10)
"""A resumption token that lives shorter is told of."""
TOKEN_FORMS = {
    "verbatim_token": "token_verbatim",
    "raw_token": "token_raw",
    "prefix_with_token": "token_prefix",
}
"""Quirks of tokens that the client finds out on its own, and the findings they become."""

_DAY = len("YYYY-MM-DD")


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """What a server lists first.

    Attributes:
        prefix: the metadata prefix.
        first: the first page of records.
        whole: the first page is the whole list.
        known: its records with datestamps that can be read.
        in_days: those datestamps are days.
    """

    prefix: str
    first: Page
    whole: bool
    known: list[Known]
    in_days: bool


def list_records(probe: Probe, prefix: str) -> Listed | None:
    """Ask for the first page of records, and for the second with the token of the first.

    Args:
        probe: asks the server.
        prefix: the metadata prefix.

    Returns:
        What it lists; None where it lists nothing.
    """
    pages = probe.hear("ListRecords", lambda: probe.pages("ListRecords", metadataPrefix=prefix))
    if isinstance(pages, Refusal):
        if pages.code == "noRecordsMatch":
            probe.report.add("problem", "no_records", prefix=prefix)
        else:
            probe.refused("ListRecords", pages)
        return None
    if pages is None:
        return None
    first = next(pages)
    headers = [record.header for record in first.records]
    known = known_records(headers)
    probe.report.first_page = FirstPage(
        prefix=prefix,
        records=len(headers),
        deleted=sum(header.deleted for header in headers),
        complete_list_size=first.complete_list_size,
        more=first.token is not None,
        token=None if first.token is None else printable(first.token),
        order=order_of(known),
    )
    if not headers:
        probe.report.add("problem", "empty_first_page", prefix=prefix)
    if first.token is None:
        _size(probe.report, first, None)
    else:
        _second_page(probe, pages, first)
    if not headers:
        return None
    stamps = [header.datestamp for header in headers if read_datestamp(header.datestamp)]
    return Listed(
        prefix=prefix,
        first=first,
        whole=first.token is None,
        known=known,
        in_days=bool(stamps) and all(len(stamp) <= _DAY for stamp in stamps),
    )


def _second_page(probe: Probe, pages: PageIterator, first: Page) -> None:
    report, client = probe.report, probe.client
    before = client.quirks
    second = probe.hear("ListRecords", lambda: next(pages))
    if isinstance(second, Refusal):
        report.add("problem", "token_refused", code=second.code)
    if not isinstance(second, Page):
        return
    for quirk, key in TOKEN_FORMS.items():
        if getattr(client.quirks, quirk) and not getattr(before, quirk):
            report.add("note", key)
    if first.raw_token is not None and client.quirks == before:
        report.add("note", "token_blanks")
    again = _identifiers(first) & _identifiers(second)
    if second.token == first.token or (again and again == _identifiers(second)):
        report.add("problem", "page_again")
    else:
        if again:
            report.add("note", "pages_overlap", count=len(again))
        report.add("good", "tokens")
    _size(report, first, second)
    _lifetime(report, first)


def _size(report: Report, first: Page, second: Page | None) -> None:
    """Compare `completeListSize` with what came."""
    size, last = first.complete_list_size, second or first
    came = _identifiers(first) | (_identifiers(second) if second else set())
    if size is None:
        if second is not None:
            report.add("note", "size_absent")
        return
    if size < len(came):
        report.add("note", "size_small", size=size, count=len(came))
    elif last.token is None and size > len(came):
        report.add("problem", "size_large", size=size, count=len(came))
    if second and second.complete_list_size not in (size, None):
        report.add("note", "size_changes", size=size, other=second.complete_list_size or 0)


def _lifetime(report: Report, page: Page) -> None:
    token = (
        next(page.answer.iterchildren("{*}resumptionToken"), None)
        if page.answer is not None
        else None
    )
    ends = read_datestamp((token.get("expirationDate") if token is not None else None) or "")
    begins = read_datestamp(page.response_date or "")
    if ends and begins and ends - begins < SHORT_LIVED:
        minutes = max(0, round((ends - begins) / timedelta(minutes=1)))
        report.add("note", "token_short_lived", minutes=minutes)


def check_records(probe: Probe, listed: Listed, granularity: str) -> None:
    """Look at the records of the first page, and ask for them in other ways.

    Args:
        probe: asks the server.
        listed: what it lists.
        granularity: as Identify gives it.
    """
    _look(probe.report, listed.first.records)
    _datestamps(probe.report, listed, granularity)
    _identifiers_alone(probe, listed)
    _single_records(probe, listed)


def _look(report: Report, records: list[PageRecord]) -> None:
    live = [record for record in records if not record.header.deleted]
    counts = {
        "broken_records": sum(record.broken is not None for record in records),
        "bare_records": sum(r.metadata is None and r.broken is None for r in live),
        "repaired_records": sum(bool(record.repairs) for record in records),
        "nameless_records": sum(not r.header.identifier and r.broken is None for r in records),
    }
    for key, count in counts.items():
        if count:
            severity = "problem" if key in ("broken_records", "nameless_records") else "note"
            report.add(
                "problem" if severity == "problem" else "note",
                key,
                count=count,
                records=len(records),
            )


def _datestamps(report: Report, listed: Listed, granularity: str) -> None:
    stamps = [record.header.datestamp for record in listed.first.records]
    odd = [stamp for stamp in stamps if read_datestamp(stamp) is None]
    if odd:
        report.add("note", "datestamps_odd", count=len(odd), said=printable(odd[0]) or "?")
    limit = datetime.now(UTC) + timedelta(days=1)
    late = [record for record in listed.known if record.time > limit]
    if late:
        report.add("note", "datestamps_future", count=len(late), example=late[0].identifier)
    finer = [stamp for stamp in stamps if stamp not in odd and len(stamp) > _DAY]
    if granularity and counts_seconds(granularity) and listed.in_days:
        report.add("note", "datestamps_days", said=printable(stamps[0]))
    elif granularity and not counts_seconds(granularity) and finer:
        report.add("note", "datestamps_seconds", said=printable(finer[0]))


def _identifiers_alone(probe: Probe, listed: Listed) -> None:
    page = probe.page("ListIdentifiers", metadataPrefix=listed.prefix)
    if isinstance(page, Refusal):
        probe.refused("ListIdentifiers", page)
    elif page is not None:
        one, other = _identifiers(listed.first), _identifiers(page)
        fewer, more = sorted((one, other), key=len)
        lacking = len(fewer - more)
        if listed.whole and page.token is None:
            lacking = len(one ^ other)
            if lacking:
                probe.report.add("problem", "identifiers_differ", count=lacking)
        elif lacking:
            probe.report.add("note", "identifiers_order", count=lacking)


def _single_records(probe: Probe, listed: Listed) -> None:
    """Ask for one record, and for one that cannot exist."""
    records = [record for record in listed.first.records if record.header.identifier]
    if not records:
        return
    wanted = next((record for record in records if not record.header.deleted), records[0])
    identifier = wanted.header.identifier
    found = probe.page("GetRecord", identifier=identifier, metadataPrefix=listed.prefix)
    sound = isinstance(found, Page)
    if isinstance(found, Refusal):
        probe.report.add("problem", "get_refused", example=identifier, code=found.code)
    elif found is not None and identifier not in _identifiers(found):
        sound = False
        probe.report.add("problem", "get_other", example=identifier)
    if found is None:
        return
    invented = f"{identifier}-does-not-exist"
    answer = probe.page("GetRecord", "note", identifier=invented, metadataPrefix=listed.prefix)
    if isinstance(answer, Page):
        probe.report.add("note", "unknown_found", example=invented)
    elif isinstance(answer, Refusal) and answer.code != "idDoesNotExist":
        probe.report.add("note", "unknown_refused", example=invented, code=answer.code)
    elif sound and answer is not None:
        probe.report.add("good", "get")


def _identifiers(page: Page) -> set[str]:
    return {record.header.identifier for record in page.records if record.header.identifier}
