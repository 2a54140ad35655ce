"""Asks a server what it is, and walks over its records to their proven end."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import msgspec
from sickle import oaiexceptions

from harvester.oai.client import Client, PageIterator
from harvester.oai.datestamps import next_from
from harvester.oai.failures import AnswerError
from harvester.oai.oai_errors import OAI_ERRORS, refusal
from harvester.oai.page import Page
from harvester.oai.received import Received
from harvester.oai.walk import Outcome, Walk, outcome_of
from harvester.oai.windows import Window, in_days

__all__ = ["Identity", "Outcome", "Window", "harvest", "identify", "next_from", "outcome_of"]


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What a server says of itself, as it says it; what it leaves out is empty."""

    repository_name: str = ""
    base_url: str = ""
    protocol_version: str = ""
    granularity: str = ""
    earliest_datestamp: str = ""
    deleted_record: str = ""
    admin_emails: list[str] = []


def identify(client: Client, keep: Callable[[Received], int]) -> Identity:
    """Ask a server what it is.

    One that answers OAI-PMH, but another verb, tells nothing of itself and may still list its
    records: then every field is empty.

    Args:
        client: the server's client.
        keep: takes every answer before it is read, and returns its number.

    Raises:
        AnswerError: no usable answer came, or the server reports an error; in one line. It is a
            ThrottledError or BlockedError where that is known; `outcome_of` gives its state.
    """
    client.keep = keep
    try:
        page = client.Identify()
    except OAI_ERRORS as error:
        raise refusal(error, client.host) from error
    if page.verb != "Identify" or page.answer is None:
        return Identity()
    said: dict[str, list[str]] = {}
    for child in page.answer.iterchildren("{*}*"):
        name = child.tag[child.tag.rfind("}") + 1 :]
        said.setdefault(name, []).append((child.text or "").strip())
    first = {name: values[0] for name, values in said.items()}
    return Identity(
        repository_name=first.get("repositoryName", ""),
        base_url=first.get("baseURL", ""),
        protocol_version=first.get("protocolVersion", ""),
        granularity=first.get("granularity", ""),
        earliest_datestamp=first.get("earliestDatestamp", ""),
        deleted_record=first.get("deletedRecord", ""),
        admin_emails=[mail for mail in said.get("adminEmail", []) if mail],
    )


def harvest(
    client: Client, window: Window, keep: Callable[[Received], int]
) -> Generator[tuple[int, Page], None, Outcome]:
    """Walk over the pages of a list.

    Each answer is handed to `keep` before it is read, and its page is yielded before the next
    token is asked for.

    Args:
        client: the server's client.
        window: what to ask for.
        keep: takes every answer, failed ones too, and returns its number.

    Yields:
        The number of a page, and the page.

    Returns:
        How it ended. What the server does wrong is told there, never raised; what `keep` raises
        passes through.
    """
    walk = Walk(client.host, full=window.from_ is None)
    last: list[Received] = []

    def keep_and_note(received: Received) -> int:
        last[:] = [received]
        return keep(received)

    client.keep = keep_and_note
    try:
        try:
            pages = _list_records(client, window)
        except oaiexceptions.BadArgument:
            # Servers announce seconds and take days only (nakala.fr, PubMed Central).
            coarser = in_days(window)
            if coarser == window:
                raise
            pages = _list_records(client, coarser)
        walk.begin(client.page, last[0])
        for page in pages:
            looped = walk.count(page)
            yield pages.number, page
            if looped:
                raise looped
    except OAI_ERRORS as error:
        walk.begin(client.page, last[0])
        return walk.broke(error)
    except AnswerError as error:
        return walk.broke(error)
    return walk.ended()


def _list_records(client: Client, window: Window) -> PageIterator:
    # `from` is a keyword of Python.
    dates: dict[str, Any] = {"from": window.from_, "until": window.until}
    return client.ListRecords(metadataPrefix=window.prefix, set=window.set_spec, **dates)
