"""Asks a server what it is, and harvests its records: all of them, or it says what not."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

import msgspec

from harvester.oai.client import Client
from harvester.oai.datestamps import counts_seconds, next_from, read_datestamp
from harvester.oai.lists import LIST_IDENTIFIERS, follow
from harvester.oai.mend import Harvest
from harvester.oai.oai_errors import OAI_ERRORS, refusal
from harvester.oai.page import printable
from harvester.oai.progress import EndedError, Step
from harvester.oai.received import Received
from harvester.oai.walk import Outcome, Walk, outcome_of
from harvester.oai.windows import Hole, Window

__all__ = [
    "Hole", "Identity", "Outcome", "Step", "Window", "harvest", "identify", "next_from",
    "outcome_of", "sweep",
]  # fmt: skip

SHOWN = 3
"""So many missing records are named in a reason."""
SECONDS = "YYYY-MM-DDThh:mm:ssZ"
"""The granularity of a server that does not say it: a server that takes days only refuses it."""


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
    client: Client,
    window: Window,
    keep: Callable[[Received], int],
    *,
    identity: Identity = Identity(),  # noqa: B008 - it cannot be changed
    holes: Sequence[Hole] = (),
    pieces: int = 1,
) -> Generator[Step, None, Outcome]:
    """Harvest a list, and what earlier harvests of it left open.

    Each answer is handed to `keep` before it is read, in a thread of its own, and nothing of it is
    told before it is kept. While a page is with the caller, the next one is asked for.

    Args:
        client: the server's client; its quirks may have grown afterwards.
        window: what to ask for.
        keep: takes every answer, failed ones too, and returns its number.
        identity: what the server says of itself.
        holes: what earlier harvests of the list could not get.
        pieces: into how many windows of time the list is cut beforehand.

    Yields:
        Every page that could be read, a step each.

    Returns:
        How it ended. What the server does wrong is told there, never raised; what `keep` raises
        passes through.
    """
    client.keep = keep
    run = Harvest(
        client,
        read_datestamp(identity.earliest_datestamp),
        seconds=counts_seconds(identity.granularity or SECONDS),
    )
    left = list(holes)
    until_now = False
    end = Outcome(state="complete")
    try:
        yield from run.whole(window, pieces)
        until_now = True
        while left:
            yield from run.again(left[0], window)
            left.pop(0)
    except EndedError as error:
        end = error.outcome
        if until_now:  # `again` has kept the hole that it was about
            left.pop(0)
    assert run.first is not None
    first = run.first.outcome
    open_ = (*run.holes, *left)
    if end.state == "failed" and (until_now or run.records):
        end = msgspec.structs.replace(end, state="partial")
    if end.state == "complete" and open_:
        end = Outcome(state="partial", reason=_missing(client.host, open_))
    return msgspec.structs.replace(
        end,
        response_date=first.response_date,
        complete_list_size=first.complete_list_size,
        holes=open_,
        reached=run.reached,
        until_now=until_now,
    )


def sweep(
    client: Client, window: Window, keep: Callable[[Received], int]
) -> Generator[Step, None, Outcome]:
    """Walk over the identifiers of a list, to see what is still there.

    Yields:
        Pages of headers; of these only deletions are news.

    Returns:
        How it ended; only a complete list proves that a record is gone.
    """
    client.keep = keep
    walk = Walk(client.host, window, full=window.from_ is None, sized=not client.quirks.wrong_size)
    for number, page in follow(client, walk, LIST_IDENTIFIERS):
        yield Step(number, page)
    return walk.outcome


def _missing(host: str, holes: Sequence[Hole]) -> str:
    named = [identifier for hole in holes for identifier in hole.identifiers]
    nameless = sum(not hole.identifiers for hole in holes)
    what = []
    if named:
        shown = ", ".join(printable(identifier, 80) for identifier in named[:SHOWN])
        more = ", …" if len(named) > SHOWN else ""
        what.append(f"{len(named):,} {'record' if len(named) == 1 else 'records'} ({shown}{more})")
    if nameless:
        hole = next(hole for hole in holes if not hole.identifiers)
        when = f"{hole.from_ or 'the beginning'} and {hole.until or 'now'}"
        more = f" and in {nameless - 1} other windows" if nameless > 1 else ""
        what.append(f"what changed between {when}{more}")
    return (
        f"{' and '.join(what)} cannot be fetched from {host}, the next harvest asks again: "
        f"{holes[0].reason}"
    )
