"""What `sources check` finds, as data; the words for it are in `schemas/check.yml`."""

from __future__ import annotations

from typing import Literal

import msgspec

from harvester.oai.harvest import Identity
from harvester.oai.quirks import Quirks

Severity = Literal["problem", "note", "good"]
Value = str | int | float
Order = Literal["rising", "falling", "none", "unknown"]


class Finding(msgspec.Struct, frozen=True):
    """One thing that was found.

    Attributes:
        key: its row under `findings` in `schemas/check.yml`.
        severity: `problem` (a harvest fails, may lack records, or takes much more than it should:
            a person has to look), `note` (odd, but a harvest copes), `good` (tried, in order).
        values: what the sentence names; dates and datestamps are text.
    """

    key: str
    severity: Severity
    values: dict[str, Value] = {}


class SetFacts(msgspec.Struct, frozen=True):
    """A set of a server."""

    spec: str
    name: str


class FirstPage(msgspec.Struct, frozen=True, kw_only=True):
    """The first page of records.

    Attributes:
        prefix: the metadata prefix asked for.
        records: how many records it brought, deleted ones included.
        deleted: how many of them are deleted.
        complete_list_size: how long the whole list is said to be.
        more: there is a resumption token.
        token: the resumption token, cut to what is fit to be shown; None where there is none.
        order: how the datestamps of the page follow each other; `unknown` where all are equal or
            none can be read.
    """

    prefix: str
    records: int
    deleted: int
    complete_list_size: int | None
    more: bool
    token: str | None
    order: Order


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """How the server was reached.

    Attributes:
        final_url: the address that answered, after redirects, without secrets.
        requests: how many answers came.
        page_seconds: seconds until a page of records was there, of several the median.
        clock_ahead: seconds that the server's clock is ahead of ours; None where it does not tell.
        certificate_until: the last day of its TLS certificate, ISO 8601; None without TLS, or
            where it could not be seen.
        compressed: pages of records come compressed.
        limits: what its headers say of a rate limit, by header.
    """

    final_url: str
    requests: int
    page_seconds: float | None = None
    clock_ahead: int | None = None
    certificate_until: str | None = None
    compressed: bool = False
    limits: dict[str, str] = {}


class Report(msgspec.Struct, kw_only=True):
    """What a server does.

    Attributes:
        url: the address that was asked, without secrets.
        asked_on: the day, ISO 8601 in UTC.
        identity: what it says of itself; None where it does not answer.
        prefixes: the metadata prefixes that it offers.
        readable: those of them whose namespace we read; the name of a prefix tells nothing.
        sets: its first sets.
        set_count: how many sets were counted, 0 where there are none; None where they cannot be
            listed.
        more_sets: there are more sets than were counted.
        first_page: the first page of its records, if one came.
        connection: how it was reached; None where it was not.
        findings: what was found, in the order in which it was asked.
        quirks: its ways, to be remembered for the harvests of this source.
    """

    url: str
    asked_on: str
    identity: Identity | None = None
    prefixes: list[str] = []
    readable: list[str] = []
    sets: list[SetFacts] = []
    set_count: int | None = None
    more_sets: bool = False
    first_page: FirstPage | None = None
    connection: Connection | None = None
    findings: list[Finding] = []
    quirks: Quirks = Quirks()

    @property
    def problems(self) -> list[Finding]:
        """The findings that a person has to look at."""
        return self.of("problem")

    def of(self, severity: Severity) -> list[Finding]:
        """Return the findings of one severity."""
        return [finding for finding in self.findings if finding.severity == severity]

    def add(self, severity: Severity, key: str, **values: Value) -> None:
        """Note a finding; what several verbs have in common becomes one that names them all."""
        for number, known in enumerate(self.findings):
            rest = {name: value for name, value in known.values.items() if name != "verb"}
            same = known.key == key and rest == {n: v for n, v in values.items() if n != "verb"}
            if same and known.severity == severity:
                verbs = str(known.values.get("verb", "")).split(", ")
                if "verb" in values and values["verb"] not in verbs:
                    joined = {**known.values, "verb": ", ".join([*verbs, str(values["verb"])])}
                    self.findings[number] = Finding(key, severity, joined)
                return
        self.findings.append(Finding(key, severity, values))
