"""Walks over one list: asks for it in the server's own way, and judges how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
from sickle import oaiexceptions

from harvester.oai.client import Client, PageIterator
from harvester.oai.datestamps import read_datestamp, write_datestamp
from harvester.oai.failures import AnswerError
from harvester.oai.oai_errors import ERRORS, OAI_ERRORS
from harvester.oai.page import Page
from harvester.oai.walk import Walk
from harvester.oai.windows import DAY, SECOND, Window, in_days

LIST_RECORDS = "ListRecords"
LIST_IDENTIFIERS = "ListIdentifiers"


def follow(client: Client, walk: Walk, verb: str = LIST_RECORDS) -> Iterator[tuple[int, Page]]:
    """Follow a list to its end; `walk.outcome` then says how it ended.

    What the server does wrong is told by the walk, never raised. The whole records of a page that
    was cut off come too, though they prove nothing.

    Args:
        client: the server's client.
        walk: what will be known of the list.
        verb: `ListRecords` or `ListIdentifiers`.

    Yields:
        The number of a page, and the page.
    """
    try:
        pages = _begin(client, walk, verb)
        for page in pages:
            looped = walk.count(page)
            if looped is None:
                pages.ask_ahead()
            yield pages.number, page
            del page  # so that its tree makes room before the next one grows
            if looped is not None:
                raise looped
    except OAI_ERRORS as error:
        walk.broke(error)
    except AnswerError as error:
        walk.broke(error)
        if error.salvaged is not None:
            yield error.salvaged
    else:
        walk.ended()


def begin_only(client: Client, walk: Walk) -> Iterator[tuple[int, Page]]:
    """Ask for the first page of a list only, to see whether the list can be had at all."""
    try:
        pages = _begin(client, walk, LIST_RECORDS)
        page = next(pages)
        walk.count(page)
        yield pages.number, page
    except ERRORS as error:
        walk.broke(error)


def _begin(client: Client, walk: Walk, verb: str) -> PageIterator:
    try:
        return _in_its_way(client, walk, verb)
    finally:
        if client.received is not None:
            walk.begin(client.page, client.received)


def _in_its_way(client: Client, walk: Walk, verb: str) -> PageIterator:
    """Ask for the first page, with dates as the server takes them."""
    window = walk.window
    try:
        return _list(client, window, verb)
    except oaiexceptions.NoRecordsMatch:
        # DSpace 4 to 5.2 find nothing between a moment and itself.
        if client.quirks.empty_units or window.until is None or window.from_ != window.until:
            raise
        return _list_with(client, {"empty_units": True}, window, verb)
    except oaiexceptions.BadArgument as refused:
        # Servers announce seconds and take days only (nakala.fr, PubMed Central).
        if in_days(window) != window and not client.quirks.days_only:
            with suppress(oaiexceptions.BadArgument):
                return _list_with(client, {"days_only": True}, window, verb)
        if window.from_ is None:
            raise
        try:
            # A date before the earliest datestamp is refused by some (dataverse#9309).
            pages = _list(client, msgspec.structs.replace(window, from_=None), verb)
            walk.unbound()
            return pages
        except oaiexceptions.BadArgument:
            raise refused from None


def _list_with(
    client: Client, supposed: dict[str, bool], window: Window, verb: str
) -> PageIterator:
    """Ask as a server with some quirks wants to be asked; they are its own if it answers so."""
    before = client.quirks
    client.quirks = msgspec.structs.replace(before, **supposed)
    try:
        return _list(client, window, verb)
    except oaiexceptions.NoRecordsMatch:
        if not supposed.get("days_only"):  # else the dates were understood
            client.quirks = before
        raise
    except BaseException:
        client.quirks = before
        raise


def _list(client: Client, window: Window, verb: str) -> PageIterator:
    quirks = client.quirks
    if quirks.days_only:
        window = in_days(window)
    until = window.until
    if quirks.empty_units and until is not None and window.from_ == until:
        until = _next_unit(until)
    # `from` is a keyword of Python.
    dates: dict[str, Any] = {"from": window.from_, "until": until}
    pages: PageIterator = getattr(client, verb)(
        metadataPrefix=window.prefix, set=window.set_spec, **dates
    )
    return pages


def _next_unit(datestamp: str) -> str:
    time = read_datestamp(datestamp)
    if time is None:
        return datestamp
    seconds = len(datestamp) > len("YYYY-MM-DD")
    return write_datestamp(time + (SECOND if seconds else DAY), seconds=seconds)
