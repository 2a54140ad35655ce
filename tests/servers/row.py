"""One row of the table of misbehaviours: what a server does, and how a harvest of it must end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from harvester.oai.datestamps import write_datestamp
from harvester.oai.quirks import Quirks
from tests.servers.provider import Change, Misbehaviour, Provider, Question, Reply, Stored

RECORDS = 35
PAGE_SIZE = 10
PAGES = 4
FIRST_DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)
WATERMARK = "2026-01-21T02:00:00Z"
"""What the server's clock said at the first harvest, where a row is about the second."""
KNOWN = 20
"""So many records came with the first harvest, where a row is about the second."""
DAMAGED = 12
"""The record that is damaged, where one is."""
NO_ORDER: Sequence[int] = [number * 11 % RECORDS for number in range(RECORDS)]
"""The order of a list that has none in time."""

METADATA = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title>'
    "<dc:creator>de Vries, Zoë</dc:creator><dc:date>2019</dc:date>"
    "<dc:type>article</dc:type></oai_dc:dc>"
)


class Row(msgspec.Struct, kw_only=True, frozen=True):
    """A way to misbehave, met by a harvest of 35 records in four pages.

    Attributes:
        name: what it is called in the tests.
        does: what the server does.
        we: what the harvester does about it.
        seen: where it was seen: servers, or the issues of harvesters that met it.
        wrong: what goes wrong.
        server: what else the provider is told.
        order: the numbers of the records in the order in which they are listed.
        datestamp: the datestamp of all records, where they have only one.
        base: what the base URL ends with.
        tls: it is asked over TLS.
        later: it is met by the second harvest, which asks for what is new.
        known: so many records came with the first harvest, where it is met by the second.
        gone: the numbers of the records that are no longer listed at the second.
        belated: those of the records that were not listed at the first, though they are old.
        reconciles: how a harvest with `--reconcile` ends, where that is what it is about.
        asked: the dates that the librarian asks for.
        knows: what the librarian has told of the server.
        patience: seconds of silence until an answer counts as dead, and for a whole page.
        state: how the harvest ends.
        records: how many records it brings.
        quarantined: how many of them cannot be read.
        deleted: how many of them are tombstones.
        lost: the numbers of the records that a hole names.
        holes: how many holes there are.
        waits: the seconds that are waited for; None where they do not matter.
        quirks: what is found out about the server.
        says: pieces of the reason.
        title: what becomes of the damaged record's title; None where it comes unharmed.
        catalogued: how it stands in the catalogue, where that is something else.
    """

    name: str
    does: str
    we: str
    seen: str
    wrong: tuple[Misbehaviour, ...] = ()
    server: dict[str, Any] = {}
    order: Sequence[int] = range(RECORDS)
    datestamp: str | None = None
    base: str = ""
    tls: bool = False
    later: bool = False
    known: int = KNOWN
    gone: Sequence[int] = ()
    belated: Sequence[int] = ()
    reconciles: str | None = None
    asked: tuple[str, str] | None = None
    knows: Quirks = Quirks()
    patience: float = 5.0
    state: str = "complete"
    records: int = RECORDS
    quarantined: int = 0
    deleted: int = 0
    lost: tuple[int, ...] = ()
    holes: int = 0
    waits: list[float] | None = None
    quirks: Quirks = Quirks()
    says: tuple[str, ...] = ()
    title: str | None = None
    catalogued: str | None = None

    def provider(self) -> Provider:
        """Return a provider that misbehaves like this."""
        records = [stored(number) for number in self.order if number not in self.gone]
        if self.datestamp:
            records = [msgspec.structs.replace(one, datestamp=self.datestamp) for one in records]
        wrong = [msgspec.structs.replace(one) for one in self.wrong]
        return Provider(records, misbehaviours=wrong, **{"page_size": PAGE_SIZE, **self.server})

    def before(self) -> list[Stored]:
        """Return what was listed at the first harvest, where it is met by the second."""
        return [stored(number) for number in self.order if number not in self.belated][: self.known]


class Subject(msgspec.Struct, frozen=True):
    """The rows about one subject, in the order in which they are told."""

    title: str
    rows: list[Row]


def stored(number: int) -> Stored:
    """Return a record: one a day from the first day on."""
    day = FIRST_DAY + timedelta(days=number)
    return Stored(identifier(number), METADATA.format(title(number)), write_datestamp(day))


def identifier(number: int) -> str:
    return f"oai:x:{number:02}"


def title(number: int) -> str:
    return f"Thé et crème brûlée {number:02}"


def at(page: int | None, change: Change, **more: Any) -> tuple[Misbehaviour]:
    """Something goes wrong with a page of the list of records."""
    return (Misbehaviour(change=change, page=page, **more),)


def everywhere(change: Change, **more: Any) -> tuple[Misbehaviour]:
    """Something goes wrong with every answer."""
    return (Misbehaviour(change=change, **{"verb": (), **more}),)


def both(*changes: Change) -> Change:
    """One change after another."""

    def change(question: Question, reply: Reply) -> Reply:
        for one in changes:
            reply = one(question, reply)
        return reply

    return change
