"""A small OAI-PMH provider over real HTTP on loopback, which can be told to misbehave.

    provider = Provider([Stored("oai:x:1", DC), …], page_size=10)
    with running(provider) as url:
        …
        assert provider.questions[-1].arguments["verb"] == "ListRecords"

It behaves as the protocol says. What is to go wrong is a `Misbehaviour` in
`provider.misbehaviours`; `tests/servers/misbehaviours.py` is the table of them.
"""

from __future__ import annotations

import base64
import gzip
import re
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape, unescape
from urllib.parse import parse_qsl, urlsplit

import msgspec

from tests.servers.serving import Question, Reply, running

__all__ = [
    "DAYS", "SECONDS", "Change", "Hears", "Misbehaviour", "Provider", "Question", "Reply",
    "Stored", "running",
]  # fmt: skip

SECONDS = "YYYY-MM-DDThh:mm:ssZ"
DAYS = "YYYY-MM-DD"
LISTS = ("ListRecords", "ListIdentifiers")
NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
_TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]*)</resumptionToken>")


class Stored(msgspec.Struct):
    """A record that the provider holds; `metadata` is the XML inside `<metadata>`."""

    identifier: str
    metadata: str = ""
    datestamp: str = "2026-01-15T12:00:00Z"
    sets: Sequence[str] = ()
    deleted: bool = False


Change = Callable[[Question, Reply], Reply]
Hears = Callable[[dict[str, str]], dict[str, str]]


class Misbehaviour(msgspec.Struct, kw_only=True):
    """What goes wrong, and when.

    Attributes:
        change: what becomes of the honest reply.
        hears: what the provider takes the arguments of a request for.
        verb: at requests with this verb, or these; () at all.
        page: at this page of a list; None at all of them.
        since: from so many of these requests on.
        holding: only where the honest reply holds one of these.
        times: so many times; None always.
        met: so many of these requests came.
        done: so many times it was done.
    """

    change: Change = lambda question, reply: reply
    hears: Hears = lambda arguments: arguments
    verb: str | tuple[str, ...] = "ListRecords"
    page: int | None = None
    since: int = 1
    holding: tuple[bytes, ...] = ()
    times: int | None = None
    met: int = 0
    done: int = 0

    def concerns(self, question: Question) -> bool:
        """Say whether a request has the verb."""
        verbs = (self.verb,) if isinstance(self.verb, str) else self.verb
        return not verbs or question.verb in verbs

    def apply(self, question: Question, reply: Reply) -> Reply:
        if not self.concerns(question) or self.page not in (None, question.page):
            return reply
        if self.holding and not any(mark in reply.body for mark in self.holding):
            return reply
        self.met += 1
        if self.met < self.since or (self.times is not None and self.done >= self.times):
            return reply
        self.done += 1
        return self.change(question, reply)


class ProtocolError(Exception):
    """An error of the protocol."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message)
        self.code = code


class Provider:
    """An OAI-PMH provider; every attribute may be changed while it runs.

    Attributes:
        records: what it holds.
        pages: whole answers to ListRecords, served in their order instead of records.
        page_size: records a page; None gives all at once.
        announces_size: tokens carry `completeListSize` and `cursor`.
        sets: setSpec to setName; empty means that it has no sets.
        response_date: what it says the time is; None means the truth.
        gzips: bodies are compressed.
        user: user and password it asks for.
        misbehaviours: what goes wrong.
        questions: every request so far.
    """

    def __init__(
        self,
        records: Sequence[Stored] = (),
        *,
        pages: Sequence[bytes] = (),
        page_size: int | None = None,
        prefixes: Sequence[str] = ("oai_dc",),
        sets: dict[str, str] | None = None,
        granularity: str = SECONDS,
        announces_size: bool = True,
        response_date: str | None = None,
        gzips: bool = False,
        user: tuple[str, str] | None = None,
        misbehaviours: Sequence[Misbehaviour] = (),
    ) -> None:
        self.records = list(records)
        self.pages = list(pages)
        self.page_size = page_size
        self.prefixes = prefixes
        self.sets = sets or {}
        self.granularity = granularity
        self.announces_size = announces_size
        self.response_date = response_date
        self.gzips = gzips
        self.user = user
        self.misbehaviours = list(misbehaviours)
        self.questions: list[Question] = []
        self.url = ""
        self._lock = threading.Lock()

    def asked(self, verb: str) -> list[dict[str, str]]:
        """Return the arguments of every request with a verb."""
        return [question.arguments for question in self.questions if question.verb == verb]

    def reply(self, path: str, headers: dict[str, str], connection: int) -> Reply:
        arguments = dict(parse_qsl(urlsplit(path).query, keep_blank_values=True))
        with self._lock:
            question = Question(len(self.questions) + 1, arguments, headers, path, 0, connection)
            self.questions.append(question)
            heard = arguments
            for misbehaviour in self.misbehaviours:
                if misbehaviour.concerns(question):
                    heard = misbehaviour.hears(heard)
            if heard.get("verb") in LISTS:
                question.page = self._page_number(heard)
            reply = self._honest(msgspec.structs.replace(question, arguments=heard))
            for misbehaviour in self.misbehaviours:
                reply = misbehaviour.apply(question, reply)
        return reply

    def _honest(self, question: Question) -> Reply:
        if self.user:
            secret = base64.b64encode(":".join(self.user).encode()).decode()
            if question.headers.get("authorization") != f"Basic {secret}":
                return Reply(b"who are you?", 401, {"WWW-Authenticate": 'Basic realm="oai"'})
        if self.pages and question.verb == "ListRecords":
            body = self.pages[min(question.page, len(self.pages)) - 1]
        else:
            body = self._envelope(question).encode()
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        if self.gzips and "gzip" in question.headers.get("accept-encoding", ""):
            return Reply(gzip.compress(body), 200, {**headers, "Content-Encoding": "gzip"})
        return Reply(body, 200, headers)

    def _envelope(self, question: Question) -> str:
        attributes = ""
        try:
            inner = self._verb(question)
            attributes = "".join(
                f' {name}="{escape(value)}"' for name, value in question.arguments.items()
            )
        except ProtocolError as fault:
            inner = f'<error code="{escape(fault.code)}">{escape(str(fault))}</error>'
        now = self.response_date or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="{NAMESPACE}">'
            f"<responseDate>{now}</responseDate>"
            f"<request{attributes}>{escape(self.url)}</request>{inner}</OAI-PMH>"
        )

    def _verb(self, question: Question) -> str:
        answers: dict[str, Callable[[dict[str, str]], str]] = {
            "Identify": self._identify,
            "ListMetadataFormats": self._list_formats,
            "ListSets": self._list_sets,
            "ListRecords": self._list,
            "ListIdentifiers": self._list,
            "GetRecord": self._get,
        }
        if question.verb not in answers:
            raise ProtocolError("badVerb", "no such verb")
        return f"<{question.verb}>{answers[question.verb](question.arguments)}</{question.verb}>"

    def _identify(self, arguments: dict[str, str]) -> str:
        earliest = min((record.datestamp for record in self.records), default="2000-01-01")
        return (
            "<repositoryName>A small provider</repositoryName>"
            f"<baseURL>{escape(self.url)}</baseURL><protocolVersion>2.0</protocolVersion>"
            "<adminEmail>keeper@example.org</adminEmail>"
            f"<earliestDatestamp>{self._datestamp(earliest)}</earliestDatestamp>"
            f"<deletedRecord>persistent</deletedRecord><granularity>{self.granularity}</granularity>"
        )

    def _list_formats(self, arguments: dict[str, str]) -> str:
        return "".join(
            f"<metadataFormat><metadataPrefix>{prefix}</metadataPrefix>"
            f"<schema>http://example.org/{prefix}.xsd</schema>"
            f"<metadataNamespace>http://example.org/{prefix}/</metadataNamespace></metadataFormat>"
            for prefix in self.prefixes
        )

    def _list_sets(self, arguments: dict[str, str]) -> str:
        if not self.sets:
            raise ProtocolError("noSetHierarchy")
        return "".join(
            f"<set><setSpec>{escape(spec)}</setSpec><setName>{escape(name)}</setName></set>"
            for spec, name in self.sets.items()
        )

    def _get(self, arguments: dict[str, str]) -> str:
        self._check_prefix(arguments)
        for record in self.records:
            if record.identifier == arguments.get("identifier"):
                return self._record(record)
        raise ProtocolError("idDoesNotExist")

    def _list(self, arguments: dict[str, str]) -> str:
        offset, wanted = self._wanted(arguments)
        self._check_prefix(wanted)
        if wanted.get("set") and not self.sets:
            raise ProtocolError("noSetHierarchy")
        for name in ("from", "until"):
            if len(wanted.get(name, "")) > len(DAYS) and self.granularity == DAYS:
                raise ProtocolError("badArgument", f"{name} is finer than the granularity")
        found = [record for record in self.records if self._matches(record, wanted)]
        if not found:
            raise ProtocolError("noRecordsMatch")
        size = self.page_size or len(found)
        page = found[offset : offset + size]
        if arguments["verb"] == "ListIdentifiers":
            listed = "".join(map(self._header, page))
        else:
            listed = "".join(map(self._record, page))
        return listed + self._token(wanted, offset, size, len(found))

    def _token(self, wanted: dict[str, str], offset: int, size: int, total: int) -> str:
        if offset == 0 and size >= total:
            return ""
        token = ""
        if offset + size < total:
            token = "|".join(
                [str(offset + size)] + [f"{name}={value}" for name, value in wanted.items()]
            )
        told = f' completeListSize="{total}" cursor="{offset}"' if self.announces_size else ""
        return f"<resumptionToken{told}>{escape(token)}</resumptionToken>"

    def _wanted(self, arguments: dict[str, str]) -> tuple[int, dict[str, str]]:
        token = arguments.get("resumptionToken")
        if token is None:
            names = ("metadataPrefix", "set", "from", "until")
            return 0, {name: arguments[name] for name in names if name in arguments}
        if "metadataPrefix" in arguments:
            raise ProtocolError("badArgument", "a token stands alone")
        offset, *rest = token.split("|")
        if not offset.isdigit() or not all("=" in piece for piece in rest):
            raise ProtocolError("badResumptionToken", "no such token")
        return int(offset), dict(piece.split("=", 1) for piece in rest)

    def _page_number(self, arguments: dict[str, str]) -> int:
        token = arguments.get("resumptionToken")
        if token is None:
            return 1
        for number, page in enumerate(self.pages, start=1):
            found = _TOKEN.search(page)
            if found and unescape(found.group(1).decode()).strip() == token:
                return number + 1
        offset = token.split("|")[0]
        return int(offset) // (self.page_size or 1) + 1 if offset.isdigit() else 0

    def _check_prefix(self, arguments: dict[str, str]) -> None:
        if "metadataPrefix" not in arguments:
            raise ProtocolError("badArgument", "metadataPrefix is missing")
        if arguments["metadataPrefix"] not in self.prefixes:
            raise ProtocolError("cannotDisseminateFormat")

    def _matches(self, record: Stored, wanted: dict[str, str]) -> bool:
        datestamp = self._datestamp(record.datestamp)
        low, high = wanted.get("from", ""), wanted.get("until", "")
        return (
            (not wanted.get("set") or wanted["set"] in record.sets)
            and datestamp[: len(low)] >= low
            and (not high or datestamp[: len(high)] <= high)
        )

    def _datestamp(self, datestamp: str) -> str:
        return datestamp[: len(DAYS)] if self.granularity == DAYS else datestamp

    def _header(self, record: Stored) -> str:
        sets = "".join(f"<setSpec>{escape(spec)}</setSpec>" for spec in record.sets)
        status = ' status="deleted"' if record.deleted else ""
        return (
            f"<header{status}><identifier>{escape(record.identifier)}</identifier>"
            f"<datestamp>{self._datestamp(record.datestamp)}</datestamp>{sets}</header>"
        )

    def _record(self, record: Stored) -> str:
        metadata = "" if record.deleted else f"<metadata>{record.metadata}</metadata>"
        return f"<record>{self._header(record)}{metadata}</record>"
