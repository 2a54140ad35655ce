"""What a server can do wrong when it is asked what it does, as a table: one row a finding."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from harvester.oai.check.findings import Severity
from harvester.oai.datestamps import write_datestamp
from harvester.oai.quirks import Quirks
from tests.oai.conftest import stored
from tests.servers import damage, ways
from tests.servers.changes import (
    HTML,
    answering,
    hanging_up,
    oai_error,
    replacing,
    stalling,
    truncated,
)
from tests.servers.provider import (
    DAYS,
    NAMESPACE,
    Change,
    Misbehaviour,
    Provider,
    Question,
    Reply,
    Stored,
)

EVERY = ()
NO_RECORDS = replacing(rb"<record>.*</record>", b"")
PAGE_SIZE = 10
LISTS = ("ListRecords", "ListIdentifiers", "GetRecord")


class Row(msgspec.Struct, kw_only=True):
    """A finding, and a server that has it.

    Attributes:
        key: the finding.
        wrong: what the server does wrong; the same provider may be asked once only.
        severity: of the finding.
        records: how many records it holds, or the records themselves.
        options: further arguments of the provider.
        values: what the finding says.
        quirks: what is remembered of it.
        alone: nothing else is found.
    """

    key: str
    wrong: Callable[[], Misbehaviour] | None = None
    severity: Severity = "note"
    records: int | list[Stored] = 25
    options: dict[str, Any] = {}
    values: dict[str, str | int | float] = {}
    quirks: Quirks = Quirks()
    alone: bool = True

    def provider(self) -> Provider:
        records = stored(self.records) if isinstance(self.records, int) else self.records
        wrong = [self.wrong()] if self.wrong else []
        return Provider(records, page_size=PAGE_SIZE, misbehaviours=wrong, **self.options)


def at(verb: str | tuple[str, ...], change: Change, **more: Any) -> Callable[[], Misbehaviour]:
    return lambda: Misbehaviour(verb=verb, change=change, **more)


def hearing(
    verb: str | tuple[str, ...], hears: Callable[[dict[str, str]], dict[str, str]]
) -> Callable[[], Misbehaviour]:
    return lambda: Misbehaviour(verb=verb, hears=hears)


def sets_page(spec: Callable[[int], str], token: Callable[[int], str]) -> Change:
    """A page of sets whose only set and whose token depend on the number of the request."""

    def change(question: Question, reply: Reply) -> Reply:
        number = question.number
        body = (
            f'<OAI-PMH xmlns="{NAMESPACE}"><responseDate>{write_datestamp(datetime.now(UTC))}'
            "</responseDate><request/><ListSets><set>"
            f"<setSpec>{spec(number)}</setSpec><setName>A set</setName></set>"
            f"<resumptionToken>{token(number)}</resumptionToken></ListSets></OAI-PMH>"
        )
        return msgspec.structs.replace(reply, body=body.encode())

    return change


def bare_error(code: str) -> Change:
    """An OAI-PMH error without a word."""
    error = oai_error(code)

    def change(question: Question, reply: Reply) -> Reply:
        found = error(question, reply)
        return msgspec.structs.replace(found, body=found.body.replace(b"in its own words", b""))

    return change


def moved(status: int, to: str) -> Change:
    """Everything is at another path of the same server."""

    def change(question: Question, reply: Reply) -> Reply:
        path, _, query = question.path.partition("?")
        return reply if path == to else Reply(b"", status, {"Location": f"{to}?{query}"})

    return change


def with_status(status: int, *, errors: bool) -> Change:
    """OAI-PMH errors, or what is none, come with another status than 200."""

    def change(question: Question, reply: Reply) -> Reply:
        wanted = (b"<error" in reply.body) is errors
        return msgspec.structs.replace(reply, status=status) if wanted else reply

    return change


def with_headers(**headers: str) -> Change:
    added = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda question, reply: msgspec.structs.replace(
        reply, headers={**reply.headers, **added}
    )


def expiring(minutes: float) -> Change:
    """Tokens say when they die."""

    def change(question: Question, reply: Reply) -> Reply:
        ends = write_datestamp(datetime.now(UTC) + timedelta(minutes=minutes)).encode()
        body = reply.body.replace(
            b"<resumptionToken", b'<resumptionToken expirationDate="' + ends + b'"'
        )
        return msgspec.structs.replace(reply, body=body)

    return change


def empty_instead_of_error(question: Question, reply: Reply) -> Reply:
    body = re.sub(rb"<error.*?</error>", b"<ListRecords></ListRecords>", reply.body)
    return msgspec.structs.replace(reply, body=body)


def when_dated(*names: str, then: Change) -> Change:
    """Something goes wrong only where all of these arguments are given."""

    def change(question: Question, reply: Reply) -> Reply:
        return then(question, reply) if set(names) <= set(question.arguments) else reply

    return change


def shifted(hours: float, *names: str) -> Callable[[dict[str, str]], dict[str, str]]:
    """Dates are taken for others."""

    def hears(arguments: dict[str, str]) -> dict[str, str]:
        return {
            name: write_datestamp(datetime.fromisoformat(said) + timedelta(hours=hours))
            if name in names
            else said
            for name, said in arguments.items()
        }

    return hears


def first_page_again(arguments: dict[str, str]) -> dict[str, str]:
    if "resumptionToken" not in arguments:
        return arguments
    return {"verb": arguments["verb"], "metadataPrefix": "oai_dc"}


def three_back(arguments: dict[str, str]) -> dict[str, str]:
    token = arguments.get("resumptionToken", "")
    offset, bar, rest = token.partition("|")
    back = {"resumptionToken": f"{int(offset) - 3}{bar}{rest}"} if token else {}
    return {**arguments, **back}


def any_identifier(arguments: dict[str, str]) -> dict[str, str]:
    return {name: said.removesuffix("-does-not-exist") for name, said in arguments.items()}


def without_record(number: int) -> Change:
    return replacing(rb"<record><header><identifier>oai:x:%02d<.*?</record>" % number, b"")


def _identify(pattern: bytes, by: bytes) -> Callable[[], Misbehaviour]:
    return at("Identify", replacing(pattern, by))


def _answers(verb: str | tuple[str, ...], status: int, *rest: Any) -> Callable[[], Misbehaviour]:
    return at(verb, answering(status, *rest))


ROWS = [
    # reaching the server
    Row(key="timeout", wrong=at("ListSets", stalling), severity="problem",
        values={"verb": "ListSets"}),
    Row(key="broken_off", wrong=at("ListSets", hanging_up), severity="problem",
        values={"verb": "ListSets"}),
    Row(key="unusable", wrong=_answers("ListSets", 302, b"", {"Location": "ftp://x"}),
        severity="problem"),
    Row(key="throttled", wrong=_answers("ListSets", 429), severity="problem"),
    Row(key="throttled_until", wrong=_answers("ListSets", 503, b"", {"Retry-After": "5000"}),
        severity="problem", values={"status": 503}),
    Row(key="blocked_login", wrong=_answers(EVERY, 401), severity="problem"),
    Row(key="blocked_challenge",
        wrong=_answers(EVERY, 200, HTML, {"cf-mitigated": "challenge"}), severity="problem"),
    Row(key="blocked_refused", wrong=_answers(EVERY, 403, b"<html>"), severity="problem"),
    Row(key="blocked_unregistered", wrong=at("ListRecords", oai_error("restrictedInterface")),
        severity="problem", values={"code": "restrictedInterface"}),
    Row(key="not_found", wrong=_answers("ListMetadataFormats", 404), severity="problem",
        values={"verb": "ListMetadataFormats", "status": 404}),
    Row(key="server_error", wrong=_answers(("ListSets", "GetRecord"), 500, b"<html>"),
        severity="problem", alone=False,
        values={"verb": "ListSets, GetRecord", "status": 500}),
    Row(key="other_answer", severity="problem",
        wrong=at("ListRecords", replacing(rb"(</?)ListRecords", rb"\1ListSets"))),
    Row(key="cut_off", wrong=at("ListSets", truncated), severity="problem",
        options={"sets": {"a": "Alpha"}}),
    Row(key="html", wrong=_answers("ListSets", 200, HTML), severity="problem"),
    Row(key="not_oai", wrong=_answers("ListSets", 200, b"<rss/>"), severity="problem"),
    Row(key="oai_error", wrong=at("ListSets", bare_error("badVerb")), severity="problem",
        values={"verb": "ListSets", "code": "badVerb"}),
    Row(key="oai_error_said", wrong=at("ListSets", oai_error("badVerb")), severity="problem",
        values={"verb": "ListSets", "code": "badVerb", "message": "in its own words"}),
    Row(key="loop", severity="problem", values={"verb": "ListSets"},
        wrong=at("ListSets", sets_page(lambda number: f"s{number}", lambda number: "again"))),
    # what it says of itself
    Row(key="no_identify", wrong=_identify(rb"(</?)Identify>", rb"\1ListSets>")),
    Row(key="version", wrong=_identify(rb">2.0<", b">1.1<"), values={"version": "1.1"}),
    Row(key="granularity_as_seconds",
        wrong=_identify(rb"YYYY-MM-DDThh:mm:ssZ", b"yyyy-mm-ddthh:mm:ssz")),
    Row(key="granularity_as_days", wrong=_identify(rb"YYYY-MM-DD<", b"days<"),
        options={"granularity": DAYS}, values={"said": "days"}),
    Row(key="earliest_none", wrong=_identify(rb"(<earliestDatestamp>)[^<]*", rb"\1aaaa-bb-cc"),
        values={"said": "aaaa-bb-cc"}),
    Row(key="earliest_future",
        wrong=_identify(rb"(<earliestDatestamp>)[^<]*", rb"\g<1>2999-01-01T00:00:00Z")),
    Row(key="earliest_late",
        wrong=_identify(rb"(<earliestDatestamp>)[^<]*", rb"\g<1>2026-01-05T00:00:00Z"),
        values={"example": "oai:x:00", "said": "2026-01-05T00:00:00Z"}),
    Row(key="deleted_transient", wrong=_identify(rb">persistent<", b">transient<")),
    Row(key="deleted_no", wrong=_identify(rb">persistent<", b">no<")),
    Row(key="no_email", wrong=_identify(rb"<adminEmail>.*?</adminEmail>", b"")),
    Row(key="other_base_url", wrong=_identify(rb"(<baseURL>)[^<]*", rb"\1http://[broken"),
        values={"said": "http://[broken"}),
    # formats and sets
    Row(key="no_formats",
        wrong=at("ListMetadataFormats", replacing(rb"<metadataFormat>.*</metadataFormat>", b""))),
    Row(key="no_oai_dc", options={"prefixes": ("mods",)}),
    Row(key="sets_repeat", severity="problem", values={"count": 1},
        wrong=at("ListSets", sets_page(lambda number: "s", lambda number: f"t{number}"))),
    Row(key="sets_unfinished", values={"pages": 10},
        wrong=at("ListSets", sets_page(lambda number: f"s{number}", lambda number: f"t{number}"))),
    Row(key="sets_faulty", values={"count": 2}, options={"sets": {"a": "A", "b": "B", "c": "C"}},
        wrong=at("ListSets", replacing(rb"<setSpec>(b|c)</setSpec>", b"<setSpec></setSpec>"))),
    # the first pages of records
    Row(key="no_records", records=0, severity="problem", values={"prefix": "oai_dc"}),
    Row(key="empty_first_page", wrong=at("ListRecords", NO_RECORDS, page=1), severity="problem"),
    Row(key="broken_records", severity="problem", values={"count": 1, "records": 10},
        wrong=lambda: damage.damaged(3, damage.swap(b"</title>", b"</tilte>")), alone=False),
    Row(key="bare_records", values={"count": 1, "records": 10},
        wrong=lambda: damage.damaged(3, damage.cut_out(rb"<metadata>.*</metadata>"))),
    Row(key="repaired_records", values={"count": 1, "records": 10},
        wrong=lambda: damage.damaged(3, damage.put(b"</title>", b"caf\xe9 \x0b"))),
    Row(key="nameless_records", severity="problem", values={"count": 1, "records": 1},
        wrong=at("ListRecords", replacing(rb"<header>.*?</header>", b""), page=1), alone=False,
        records=1),
    Row(key="datestamps_odd", values={"count": 1, "said": "soon"},
        wrong=lambda: damage.damaged(3, damage.swap(b"2026-01-04T12:00:00Z", b"soon"))),
    Row(key="datestamps_future", values={"count": 1, "example": "oai:x:far"},
        records=[*stored(4), Stored("oai:x:far", "<thing/>", "2999-01-01T12:00:00Z")]),
    Row(key="datestamps_days", values={"said": "2026-01-01"},
        wrong=at(LISTS, replacing(rb"(<datestamp>.{10})T[^<]*", rb"\1"))),
    Row(key="datestamps_seconds", values={"said": "2026-01-01T12:00:00Z"},
        options={"granularity": DAYS},
        wrong=at(LISTS, replacing(rb"(<datestamp>.{10})<", rb"\1T12:00:00Z<"))),
    # from page to page
    Row(key="token_refused", wrong=lambda: ways.dying_tokens(1), severity="problem",
        values={"code": "badResumptionToken"}),
    Row(key="token_verbatim", wrong=ways.not_encoded, quirks=Quirks(verbatim_token=True)),
    Row(key="token_raw", wrong=lambda: ways.in_blanks(wanted=True), quirks=Quirks(raw_token=True)),
    Row(key="token_prefix", wrong=ways.beside_the_prefix, quirks=Quirks(prefix_with_token=True)),
    Row(key="token_blanks", wrong=lambda: ways.in_blanks(wanted=False)),
    Row(key="page_again", wrong=hearing("ListRecords", first_page_again), severity="problem"),
    Row(key="pages_overlap", wrong=hearing("ListRecords", three_back), values={"count": 3}),
    Row(key="token_short_lived", wrong=at("ListRecords", expiring(2)), values={"minutes": 2}),
    Row(key="size_absent", options={"announces_size": False}),
    Row(key="size_small", values={"size": 5, "count": 20},
        wrong=at("ListRecords", replacing(rb'Size="\d+"', b'Size="5"'))),
    Row(key="size_large", severity="problem", values={"size": 99, "count": 15}, records=15,
        wrong=at("ListRecords", replacing(rb'Size="\d+"', b'Size="99"'))),
    Row(key="size_changes", values={"size": 25, "other": 99},
        wrong=at("ListRecords", replacing(rb'Size="\d+"', b'Size="99"'), page=2)),
    # the same records, asked for in other ways
    Row(key="identifiers_differ", severity="problem", values={"count": 1}, records=5,
        wrong=at("ListIdentifiers", replacing(rb"<header><identifier>oai:x:03.*?</header>", b""))),
    Row(key="identifiers_order", values={"count": 10},
        wrong=at("ListIdentifiers", replacing(rb"oai:x:", b"oai:y:"))),
    Row(key="get_refused", wrong=at("GetRecord", oai_error("idDoesNotExist")), severity="problem",
        values={"example": "oai:x:00", "code": "idDoesNotExist"}),
    Row(key="get_other", severity="problem", values={"example": "oai:x:00"},
        wrong=at("GetRecord", replacing(rb"<identifier>[^<]*", b"<identifier>oai:x:99"))),
    Row(key="unknown_found", wrong=hearing("GetRecord", any_identifier),
        values={"example": "oai:x:00-does-not-exist"}),
    Row(key="unknown_refused", values={"code": "badArgument"},
        wrong=at("GetRecord", replacing(rb'"idDoesNotExist"', b'"badArgument"'))),
    # from and until
    Row(key="dates_untried", alone=False,
        wrong=at(LISTS, replacing(rb"<datestamp>[^<]*", b"<datestamp>soon"))),
    Row(key="days_only", wrong=ways.days_only, quirks=Quirks(days_only=True)),
    Row(key="dates_refused", severity="problem", values={"code": "badArgument"},
        wrong=lambda: ways.refusing_dates(lambda date: True, oai_error("badArgument"))),
    Row(key="dates_ignored", wrong=lambda: ways.deaf_to("from", "until"), severity="problem",
        quirks=Quirks(ignores_dates=True)),
    Row(key="from_ignored", wrong=lambda: ways.deaf_to("from"), severity="problem",
        quirks=Quirks(ignores_dates=True)),
    Row(key="until_ignored", wrong=lambda: ways.deaf_to("until")),
    Row(key="window_missed", severity="problem",
        wrong=at("ListRecords", when_dated("from", "until", then=oai_error("noRecordsMatch"))),
        values={"first": "2026-01-04T12:00:00Z", "last": "2026-01-07T12:00:01Z"}),
    Row(key="dates_shifted", wrong=hearing("ListRecords", shifted(5, "from", "until"))),
    Row(key="window_strays", wrong=hearing("ListRecords", shifted(-24, "from")),
        values={"count": 1}),
    Row(key="window_lacks", severity="problem", values={"count": 1, "example": "oai:x:04"},
        wrong=at("ListRecords", when_dated("from", then=without_record(4)))),
    Row(key="empty_units", wrong=ways.empty_units, quirks=Quirks(empty_units=True)),
    Row(key="future_refused", values={"code": "badArgument"},
        wrong=lambda: ways.refusing_dates(
            lambda date: date > write_datestamp(datetime.now(UTC)), oai_error("badArgument"))),
    Row(key="early_refused", values={"code": "badArgument"},
        wrong=lambda: ways.none_before("2026-01-01T00:00:00Z")),
    Row(key="empty_list", wrong=at("ListRecords", empty_instead_of_error)),
    # HTTP
    Row(key="redirected", wrong=at(EVERY, moved(302, "/new"))),
    Row(key="error_status", wrong=at("GetRecord", with_status(422, errors=True)),
        values={"verb": "GetRecord", "status": 422}),
    Row(key="odd_status", wrong=at("GetRecord", with_status(404, errors=False)),
        values={"verb": "GetRecord", "status": 404}),
    Row(key="unsteady", wrong=lambda: Misbehaviour(change=answering(502, b"<html>"), times=1),
        values={"verb": "ListRecords", "status": 502}),
    Row(key="not_compressed",
        records=[Stored(f"oai:x:{n}", f"<thing>{'x' * 9_000}</thing>") for n in range(9)]),
    Row(key="rate_limit", wrong=at(EVERY, with_headers(x_ratelimit_limit="60")),
        values={"limits": "x-ratelimit-limit: 60"}),
    Row(key="no_response_date",
        wrong=at(EVERY, replacing(rb"<responseDate>.*?</responseDate>", b""))),
    Row(key="clock_off", options={"response_date": "2020-01-01T00:00:00Z"},
        values={"header": "responseDate", "said": "2020-01-01T00:00:00Z"}),
]  # fmt: skip
