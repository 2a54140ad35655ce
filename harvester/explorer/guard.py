"""What keeps readers and the archive safe, whatever page is asked for."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

import msgspec
from datasette.utils import StartupError, tilde_decode
from datasette.utils.asgi import Response
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from harvester.explorer.clients import (
    DOWNLOADS,
    MOST_OPEN,
    SEARCHES,
    Buckets,
    Policy,
    host_name,
    is_limited,
    key,
    known_names,
)
from harvester.explorer.file import connect
from harvester.explorer.site import HEADERS, Site

if TYPE_CHECKING:  # Datasette is only half loaded when it loads its plugins
    from datasette.app import Datasette

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]
Wrapper = Callable[[App], App]

KEPT_AS = "_harvester_policy"

WHOLE_NUMBER = re.compile(r"[0-9]{1,9}|")
NUMBERS = frozenset({"_timelimit"})
"""Parameters that Datasette fails on where they are no whole number."""

IS_ARCHIVE = """
    select 1 from _sqlite_migrations
    where migration_set = 'archive' and 3 = (
        select count(*) from sqlite_master
        where type = 'table' and name in ('pages', 'quarantine', 'ledger')
    )
"""

ADDED = (
    (b"x-content-type-options", b"nosniff"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
)
"""Headers for answers that have none of that name yet."""

POLICY = b"content-security-policy"
LAX = (
    b"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    b"frame-ancestors 'none'"
)
"""For Datasette's own pages, which have scripts and styles within them."""

NONCE = "csp_nonce"
"""Where a page finds what a script or a style within it must carry: `request.scope`."""

READING = ("GET", "HEAD")
MOST_BYTES = 16_000
"""How long an address may be, with its parameters."""
MOST_PARAMETERS = 500

SHOWN = ("static/", "static-plugins/", "explorer/")
"""What is public below `/-/`: style sheets and scripts. The rest is for those who run the site."""

FREE = re.compile(
    r"/(?:|record/[^?]*|unapi|status(?:/.*)?|sources(?:/.*)?|about|help|api|-/.*"
    r"|favicon\.ico|robots\.txt|opensearch\.xml|sitemap\.xml)"
)
"""What costs no more than one record or what is kept: it counts as no search."""
WHOLE = re.compile(r"/search\.(?!json$|atom$)[a-z.-]+|/sitemap-[0-9]+\.xml")
"""A whole result in another form, or the addresses of very many records."""

BUSY_AFTER = 30
"""Seconds until one of a client's downloads may have ended."""


class Refusal(msgspec.Struct, frozen=True):
    """Why a request is not passed on: the status, one line, and further headers."""

    status: int
    line: str
    headers: dict[str, str] = {}


NO_SUCH_PAGE = Refusal(404, "There is no such page.")
ONLY_READ = Refusal(405, "This site is only read: GET or HEAD.", {"Allow": ", ".join(READING)})
NO_SQL = Refusal(403, "Visitors run no SQL here: search at /search.")
TOO_LONG = Refusal(414, f"This address is too long: {MOST_BYTES:,} bytes at most.")
TOO_MANY_PARAMETERS = Refusal(
    400, f"This address has too many parameters: {MOST_PARAMETERS} at most."
)
BAD_HOST = Refusal(400, "The request names no host, or more than one.")


class Guard:
    """What comes before the pages of a site."""

    def __init__(self, site: Site, policy: Policy | None) -> None:
        """Prepare.

        Args:
            site: what is guarded.
            policy: whom it answers and how much; without one, everybody and everything.
        """
        self._base = str(site.datasette.setting("base_url"))
        self._tables = site.database.route
        self._policy = policy or Policy(limited="none")
        self._hosts = known_names(policy.hosts) if policy else None
        self._searches = Buckets(SEARCHES)
        self._downloads = Buckets(DOWNLOADS)
        self._open: Counter[str] = Counter()

    def refusal(self, scope: Message) -> Refusal | None:
        """Why a request is not passed on, or None."""
        if scope["method"] not in READING:
            return ONLY_READ
        raw = bytes(scope.get("raw_path") or str(scope["path"]).encode()).partition(b"?")[0]
        query = bytes(scope["query_string"])
        if len(raw) + len(query) > MOST_BYTES:
            return TOO_LONG
        if query.count(b"&") >= MOST_PARAMETERS:
            return TOO_MANY_PARAMETERS
        return self._wrong_host(scope) or self._wrong_path(raw.decode("latin-1"), query)

    def limit(self, scope: Message) -> Refusal | None:
        """Why a client has to wait, or None."""
        address = client_address(scope)
        if not is_limited(self._policy, address):
            return None
        path = self._below_base(str(scope["path"]))
        if FREE.fullmatch(path):
            return None
        client = key(address)
        if not is_whole(path, scope["query_string"]):
            return asked_too_often(self._searches, client, "searches")
        if self._open[client] >= MOST_OPEN:
            return Refusal(
                429,
                f"You are downloading {MOST_OPEN} results already: ask again when one has ended.",
                {"Retry-After": str(BUSY_AFTER)},
            )
        return asked_too_often(self._downloads, client, "downloads of whole results")

    @contextmanager
    def counted(self, scope: Message) -> Iterator[None]:
        """Know a download of a client for as long as it lasts."""
        path = self._below_base(str(scope["path"]))
        if not is_whole(path, scope["query_string"]):
            yield
            return
        client = key(client_address(scope))
        self._open[client] += 1
        try:
            yield
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]

    def protected(self, scope: Message, headers: Headers) -> Headers:
        """The headers of an answer, and those that keep browsers from being misled.

        A page of ours says itself what it needs; it may use its nonce too.
        """
        given = {bytes(name).lower(): bytes(value) for name, value in headers}
        added = [header for header in ADDED if header[0] not in given]
        kept = [(name, value) for name, value in headers if bytes(name).lower() != POLICY]
        policy = given.get(POLICY)
        if policy is None:
            tables = self._is_of_tables(self._below_base(str(scope["path"])))
            policy = LAX if tables else HEADERS["Content-Security-Policy"].encode()
        if policy != LAX:
            policy = with_nonce(policy, scope[NONCE])
        return [*kept, *added, (POLICY, policy)]

    def _wrong_host(self, scope: Message) -> Refusal | None:
        """A name that is not ours: another site leads its readers here, or a cache astray."""
        if self._hosts is None:
            return None
        named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if not named:
            return None
        host = host_name(named[0]) if len(named) == 1 else None
        if host is None:
            return BAD_HOST
        # Who asked for the address itself was led by no name.
        here = (scope.get("server") or ("",))[0]
        if host in self._hosts or host == here:
            return None
        return Refusal(
            421, f"This site does not answer to {host}: start it with --allowed-host {host}"
        )

    def _wrong_path(self, raw: str, query: bytes) -> Refusal | None:
        """What is for those who run the site, what visitors may not do, and what is no address.

        Datasette 0.65 fails on an empty first part of a path (`//host`) and on one that begins
        with a dot (`/.well-known/…`).
        """
        if not raw.startswith("/") or raw.startswith(("//", "/.")) or "//" in raw.partition(":")[0]:
            return NO_SUCH_PAGE
        path = self._below_base(raw)
        if path == "/-" or (path.startswith("/-/") and not path[3:].startswith(SHOWN)):
            return NO_SUCH_PAGE
        if self._is_of_tables(path):
            return refused_parameters(query)
        return None

    def _is_of_tables(self, path: str) -> bool:
        """Whether Datasette's own pages answer: `/catalogue` and what is below it."""
        named = tilde_decode(path)
        rest = named.removeprefix(f"/{self._tables}")
        return rest != named and rest[:1] in ("", "/", ".")

    def _below_base(self, path: str) -> str:
        return "/" + path.removeprefix(self._base) if path.startswith(self._base) else path


def refused_parameters(query: bytes) -> Refusal | None:
    """Why Datasette's own pages are not asked with these parameters, or None.

    It refuses SQL itself; that two do so is on purpose.
    """
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name in ("sql", "_where"):
            return NO_SQL
        if name in NUMBERS and not WHOLE_NUMBER.fullmatch(value):
            return Refusal(400, f"{name} must be a whole number.")
    return None


def asked_too_often(buckets: Buckets, client: str, what: str) -> Refusal | None:
    """Take a token for something; without one, say when there will be one."""
    wait = buckets.take(client)
    if not wait:
        return None
    seconds = "1 second" if wait == 1 else f"{wait} seconds"
    return Refusal(
        429,
        f"Too many {what} from your address: {buckets.rate.a_minute} a minute at most. "
        f"Ask again in {seconds}.",
        {"Retry-After": str(wait)},
    )


def is_whole(path: str, query: bytes) -> bool:
    """Whether an address gives a whole result; a table does, however `_stream` is written."""
    if WHOLE.fullmatch(path):
        return True
    return any(name == "_stream" for name, _ in parse_qsl(query.decode("latin-1")))


def client_address(scope: Message) -> str | None:
    """The address that a request comes from; None for a socket of this machine."""
    client = scope.get("client")
    return str(client[0]) if client else None


def with_nonce(policy: bytes, nonce: str) -> bytes:
    """A policy that lets scripts and styles of this page run too that carry the nonce.

    Args:
        policy: a Content-Security-Policy.
        nonce: made for this answer alone.
    """
    directives = [part.strip() for part in policy.decode("latin-1").split(";") if part.strip()]
    found = {part.partition(" ")[0]: part for part in directives}
    for name in ("script-src", "style-src"):
        found[name] = f"{found.get(name, name)} 'nonce-{nonce}'"
    return "; ".join(found.values()).encode("latin-1")


def wrapper(site: Site | None) -> Wrapper:
    """Add the headers to every answer of a site, and refuse what it does not do.

    Other instances stay as they are.
    """

    def wrap(app: App) -> App:
        if site is None:
            return app
        policy: Policy | None = vars(site.datasette).get(KEPT_AS)
        guard = Guard(site, policy)

        async def guarded(scope: Message, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            scope = {**scope, NONCE: secrets.token_urlsafe(16)}
            refused = guard.refusal(scope) or guard.limit(scope)

            async def send_guarded(message: Message) -> None:
                if message["type"] == "http.response.start":
                    headers = guard.protected(scope, message.get("headers") or [])
                    message = {**message, "headers": headers}
                await send(message)

            if refused is None:
                await site.follow()
                with guard.counted(scope):
                    await app(scope, receive, send_guarded)
            else:
                answer = Response.text(
                    f"{refused.line}\n", status=refused.status, headers=refused.headers
                )
                await answer.asgi_send(send_guarded)

        if policy and policy.proxies:
            return cast("App", ProxyHeadersMiddleware(cast("Any", guarded), list(policy.proxies)))
        return guarded

    return wrap


def set_policy(datasette: Datasette, policy: Policy) -> None:
    """Say whom an instance answers, and how much, before its application is made."""
    vars(datasette)[KEPT_AS] = policy


def refuse_archives(datasette: Datasette) -> None:
    """Stop an instance before it serves an archive.

    Raises:
        StartupError: which file must not be served.
    """
    for database in datasette.databases.values():
        if database.path and is_archive(Path(database.path)):
            raise StartupError(
                f"{database.path} is the private archive of a catalogue and must not be served: "
                "name only catalogue.db"
            )


def is_archive(path: Path) -> bool:
    """Whether a file is an archive that this software wrote."""
    try:
        connection = connect(path)
        try:
            return connection.execute(IS_ARCHIVE).fetchone() is not None
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return False
