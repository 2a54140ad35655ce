"""What keeps readers and the archive safe, whatever page is asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasette.utils import StartupError
from datasette.utils.asgi import Response

from harvester.explorer.site import Site, connect

if TYPE_CHECKING:  # Datasette is only half loaded when it loads its plugins
    from datasette.app import Datasette

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Callable[[], Awaitable[Message]], Send], Awaitable[None]]
Wrapper = Callable[[App], App]

IS_ARCHIVE = """
    select 1 from _sqlite_migrations
    where migration_set = 'archive' and 3 = (
        select count(*) from sqlite_master
        where type = 'table' and name in ('pages', 'quarantine', 'ledger')
    )
"""

ADDED = (
    (b"x-content-type-options", b"nosniff"),
    (
        b"content-security-policy",
        # Datasette's own pages have scripts and styles within them.
        b"default-src 'self'; script-src 'self' 'unsafe-inline'; "
        b"style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
        b"base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    ),
)
"""Headers for answers that have none of that name yet."""


REASONS = {404: "There is no such page.", 405: "This site is only read: GET or HEAD."}
READING = ("GET", "HEAD")
NOT_PUBLIC = frozenset(
    f"/-/{name}"
    for name in ("allow-debug", "logout", "messages", "patterns", "permissions", "threads")
)
"""Pages of Datasette for those who run it."""


def refusal(scope: Message) -> int | None:
    """The status of a request that is not passed on, or None.

    The site is only read. Datasette 0.65 fails on an empty first part of a path (`//host`) and on
    one that begins with a dot (`/.well-known/…`).
    """
    if scope["method"] not in READING:
        return 405
    path = str(scope["path"])
    if path in NOT_PUBLIC or path.startswith(("//", "/.")) or "//" in path.partition(":")[0]:
        return 404
    return None


def wrapper(site: Site | None) -> Wrapper:
    """Add the headers to every answer of a site, and refuse what it does not do.

    Other instances stay as they are.
    """

    def wrap(app: App) -> App:
        if site is None:
            return app

        async def guarded(
            scope: Message, receive: Callable[[], Awaitable[Message]], send: Send
        ) -> None:
            status = refusal(scope) if scope["type"] == "http" else None

            async def send_guarded(message: Message) -> None:
                if message["type"] == "http.response.start":
                    headers = list(message.get("headers") or [])
                    names = {bytes(name).lower() for name, _ in headers}
                    headers += [header for header in ADDED if header[0] not in names]
                    message = {**message, "headers": headers}
                await send(message)

            if status is None:
                await app(scope, receive, send_guarded)
            else:
                allow = {"Allow": ", ".join(READING)} if status == 405 else {}
                refused = Response.text(REASONS[status], status=status, headers=allow)
                await refused.asgi_send(send_guarded)

        return guarded

    return wrap


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
