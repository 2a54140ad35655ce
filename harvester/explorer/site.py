"""The site that every page is part of: its catalogue, how it is read, and its own addresses."""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import msgspec
from datasette.utils import add_cors_headers, sqlite_timelimit
from datasette.utils.asgi import Request, Response

from harvester import schemas
from harvester.catalogue import changes, index
from harvester.catalogue.changes import Moment
from harvester.catalogue.query import Query, clean_value, from_parameters, to_parameters
from harvester.explorer.bounds import MOST_VALUE
from harvester.explorer.file import connect, file_at, is_catalogue, is_complete
from harvester.explorer.interface import LANGUAGES, PARAMETER, gettext, reading
from harvester.explorer.labels import LABELLED_IN, Labels
from harvester.export import citations
from harvester.linking import weighing
from harvester.sources import from_table

if TYPE_CHECKING:  # Datasette is only half loaded when it loads its plugins
    from datasette.app import Datasette
    from datasette.database import Database

T = TypeVar("T")

TITLES = "select name, title from sources"

DISCIPLINES = f"select value, {', '.join(LABELLED_IN)} from disciplines limit 20000"

KEPT_AS = "_harvester_site"

OPENING_SECONDS = 10
"""How long the threads of a site wait for each other to open the catalogue."""

PAGE_LIMIT_MS = 10_000
"""How long the questions of one page may take altogether."""

MOST_WORDS = 200
"""As many characters of a value that is too long to choose by are searched for."""

MOST_DOWNLOADS = 20
"""How many results may be downloaded at once."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
"""Our pages need one small script, no inline style and nothing from elsewhere."""


class TooSlowError(Exception):
    """The questions of a page took longer than `PAGE_LIMIT_MS`."""


class AwayError(Exception):
    """The catalogue was deleted, and is not yet made anew."""


class Site:
    """One Datasette instance that serves a catalogue of ours.

    Attributes:
        datasette: the instance.
        database: its database that is our catalogue.
        overlay: the folder of the librarian's own table rows; it need not exist.
        labels: the words for controlled values.
        styles: the citation styles by name, in the order in which they are offered.
        rules: by which copies are told from others.
        facts: what the table of repositories knows of the sources, by name.
        places: whoever downloads a result holds one.
        turn: whoever downloads holds it while a piece is made.
        writer: the thread in which pieces are made, so that pages wait for none and none for pages.
        file: which file pages are read from; another one after `follow`.
        index: the facet index in memory; None where this installation has none.
    """

    def __init__(self, datasette: Datasette, database: Database) -> None:
        self.datasette = datasette
        self.database = database
        self.overlay = Path(database.path).parent / "schemas"
        self.labels = Labels(self.overlay)
        self.styles = citations.styles(self.overlay)
        self.rules = weighing.load(self.overlay)
        self.facts = from_table(schemas.load("sources.yml", self.overlay))
        self.places = asyncio.Semaphore(MOST_DOWNLOADS)
        self.turn = asyncio.Semaphore(1)
        self.writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="download")
        self.index = index.keep(Path(database.path))
        self._kept: dict[str, tuple[Moment, Any]] = {}
        self._path = Path(database.path)
        self.file = file_at(self._path)

    @property
    def title(self) -> str:
        """The title of the site, as `metadata.yml` has it; the shipped one in every language."""
        return gettext(str(self.datasette.metadata("title") or "Catalogue"))

    async def follow(self) -> None:
        """Read another catalogue where the one that was read was deleted and made anew.

        What is open stays the deleted file for ever; new threads open what is there now. Until that
        is whole, the deleted one is shown: the address of a record stays.
        """
        now = file_at(self._path)
        old = self.datasette.executor
        if now in (None, self.file) or old is None or not is_complete(self._path):
            return
        self.file = now
        self.datasette.executor = ThreadPoolExecutor(self.datasette.setting("num_sql_threads"))
        old.shutdown(wait=False)
        # The old ones are closed with their threads, and the deleted file gives up its room.
        self.database._all_file_connections.clear()
        await self._open_everywhere()

    async def load(self) -> None:
        """Open the catalogue, and load the facet index where one is kept, however long it takes."""
        await self._open_everywhere()
        await self.database.execute_fn(index.of)

    def connect(self) -> sqlite3.Connection:
        """Open the catalogue once more, for reading only; one thread at a time may use it.

        Raises:
            AwayError: what pages are read from cannot be opened any more.
        """
        if file_at(self._path) != self.file:
            raise AwayError
        connection = connect(self._path)
        # SQLite opens the write-ahead log with the first question; later it may be another file's.
        connection.execute("pragma schema_version").fetchone()
        return connection

    async def _open_everywhere(self) -> None:
        """Open the catalogue in every thread: one that did so later would find it deleted."""
        threads = self.datasette.setting("num_sql_threads")
        if not threads:
            return
        all_there = threading.Barrier(threads, timeout=OPENING_SECONDS)
        await asyncio.gather(
            *(self.database.execute_fn(lambda _: all_there.wait()) for _ in range(threads))
        )

    async def read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Ask the catalogue in Datasette's executor, all of it in one snapshot.

        Raises:
            TooSlowError: after `PAGE_LIMIT_MS`.
        """

        def ask(connection: sqlite3.Connection) -> T:
            # One transaction, else hits and facets could come from two sides of a harvest's commit.
            connection.execute("begin")
            try:
                with sqlite_timelimit(connection, PAGE_LIMIT_MS):
                    self.labels.sources = self.keep(connection, "sources", titles)
                    self.labels.disciplines = self.keep(connection, "disciplines", disciplines)
                    return question(connection)
            finally:
                connection.rollback()

        # The thread speaks the reader's language too.
        context = contextvars.copy_context()
        try:
            answer: T = await self.database.execute_fn(
                lambda connection: context.run(ask, connection)
            )
        except sqlite3.OperationalError as error:
            if str(error) == "interrupted":
                raise TooSlowError from error
            raise
        return answer

    def keep(
        self, connection: sqlite3.Connection, name: str, question: Callable[[sqlite3.Connection], T]
    ) -> T:
        """Ask once, and again only when the catalogue has changed.

        Args:
            connection: of a question that `read` asks.
            name: what the answer is kept as.
            question: what is asked.
        """
        now = changes.now(connection)
        kept = self._kept.get(name)
        if kept is None or kept[0] != now:
            kept = self._kept[name] = (now, question(connection))
        answer: T = kept[1]
        return answer

    def path(self, path: str) -> str:
        """The address of one of our pages, below Datasette's `base_url`.

        Where the reader has chosen a language in the address, it stays chosen.
        """
        address = self.bare_path(path)
        return in_language(address, reading().language) if reading().chosen else address

    def bare_path(self, path: str) -> str:
        """The address of what is the same in every language, below Datasette's `base_url`."""
        return str(self.datasette.urls.path(path))

    def record_path(self, id_: str, suffix: str = "") -> str:
        """The address of a record's page, or of its other form."""
        path = f"/record/{quote(id_)}{suffix}"
        return self.bare_path(path) if suffix else self.path(path)

    def search_path(self, query: Query, *, page: int = 1, suffix: str = "") -> str:
        """The address of a result list: the canonical one of its query."""
        return self.listed(f"/search{suffix}", query, page=page)

    def listed(self, path: str, query: Query, **more: object) -> str:
        """The address of a page about a query.

        Args:
            path: `/search`, `/search.bib`, `/search/keyword`.
            query: what is asked for.
            more: further parameters; none for what is empty, and for page 1.
        """
        pairs = pairs_of(query)
        pairs += [
            (name, str(value))
            for name, value in more.items()
            if value and (name, value) != ("page", 1)
        ]
        address = f"{path}?{urlencode(pairs)}" if pairs else path
        return self.bare_path(address) if "." in path else self.path(address)

    def facet_path(self, name: str, value: str) -> str:
        """The address of all works with one value of a facet; of its words where it is long."""
        if len(value) > MOST_VALUE:
            return self.search_path(Query(text=value[:MOST_WORDS], works=True))
        return self.search_path(Query(facets={name: (clean_value(value),)}, works=True))

    def contact(self, source: str) -> str | None:
        """The mail address that takes errors in the records of a source, where one is known."""
        facts = self.facts.get(source)
        return facts.contact if facts else None

    def absolute(self, request: Request, path: str) -> str:
        """The whole address, with scheme and host, of one that `path` gave.

        It is passed on, so that it does not hold the language of this reader.
        """
        return str(self.datasette.absolute_url(request, in_language(path, None)))

    def languages(self, request: Request) -> list[tuple[str, str, str]]:
        """The page at hand in every language: the tag, what it is called, its address."""
        asked = f"{request.path}?{request.query_string}"
        return [(tag, name, in_language(asked, tag)) for tag, name in LANGUAGES.items()]

    async def page(
        self,
        template: str,
        request: Request,
        *,
        status: int = 200,
        **context: Any,  # noqa: ANN401 - whatever the template shows
    ) -> Response:
        """Render one of our templates.

        Args:
            template: its name below `templates/explorer/`, such as `start.html`.
            request: what was asked.
            status: the HTTP status.
            context: what the template shows; `canonical`, the whole address that the page is best
                known by, is the one that was asked for where nothing else is said.
        """
        if status == 200:
            context.setdefault("canonical", self.absolute(request, request.path))
        body = await self.datasette.render_template(
            f"explorer/{template}", context, request=request, view_name="explorer"
        )
        headers = {
            **self.headers(status),
            "Content-Language": reading().language,
            "Vary": "Accept-Language",
        }
        return Response(body, status, headers, "text/html; charset=utf-8")

    def redirect(self, path: str) -> Response:
        """Send the reader to another of our addresses."""
        return Response("", 302, {**self.headers(302), "Location": path}, "text/plain")

    def headers(self, status: int = 200) -> dict[str, str]:
        """The headers of an answer of ours, without its content type."""
        seconds = self.datasette.setting("default_cache_ttl") if status == 200 else 0
        caching = f"max-age={seconds}" if seconds and self.datasette.cache_headers else "no-cache"
        headers = {**HEADERS, "Cache-Control": caching}
        if self.datasette.cors:
            add_cors_headers(headers)
        return headers


def query_of(pairs: Iterable[tuple[str, str]]) -> Query:
    """The query that the parameters of an address mean: works, unless they say `show=records`."""
    return from_parameters(pairs, works=True)


def pairs_of(query: Query) -> list[tuple[str, str]]:
    """The parameters of the address of a query, in canonical order."""
    return to_parameters(query, works=True)


def with_value(query: Query, name: str, value: str) -> Query:
    """The query narrowed by one more value of a facet."""
    chosen = query.facets.get(name, ())
    return msgspec.structs.replace(query, facets={**query.facets, name: (*chosen, value)})


def without_value(query: Query, name: str, value: str) -> Query:
    """The query without this value of a facet."""
    kept = tuple(other for other in query.facets.get(name, ()) if other != value)
    facets = {key: values for key, values in query.facets.items() if key != name}
    return msgspec.structs.replace(query, facets={**facets, name: kept} if kept else facets)


def with_exclusion(query: Query, name: str, value: str) -> Query:
    """The query that leaves one more value of a facet out."""
    left_out = query.excluded.get(name, ())
    return msgspec.structs.replace(query, excluded={**query.excluded, name: (*left_out, value)})


def without_exclusion(query: Query, name: str, value: str) -> Query:
    """The query that does not leave this value of a facet out."""
    kept = tuple(other for other in query.excluded.get(name, ()) if other != value)
    excluded = {key: values for key, values in query.excluded.items() if key != name}
    return msgspec.structs.replace(query, excluded={**excluded, name: kept} if kept else excluded)


def find(datasette: Datasette) -> Site | None:
    """The site of an instance, or None where no database of it is a catalogue of ours.

    The marker in the file decides, never the file's name.
    """
    kept = vars(datasette)  # so that the site is forgotten with its instance
    if KEPT_AS not in kept:
        found = (
            Site(datasette, database)
            for database in datasette.databases.values()
            if database.path and is_catalogue(Path(database.path))
        )
        kept[KEPT_AS] = next(found, None)
    site: Site | None = kept[KEPT_AS]
    return site


def in_language(address: str, language: str | None) -> str:
    """An address with `lang=` as its last parameter; without one for None."""
    parts = urlsplit(address)
    pairs = [
        pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != PARAMETER
    ]
    if language:
        pairs.append((PARAMETER, language))
    # `urlunsplit` would take a path that begins with two slashes for a host.
    return urlunsplit(("", "", parts.path, urlencode(pairs), parts.fragment))


def disciplines(connection: sqlite3.Connection) -> dict[str, dict[str, str]]:
    """The labels of the disciplines by facet value and language."""
    return {
        value: {tag: label for tag, label in zip(LABELLED_IN, labels, strict=True) if label}
        for value, *labels in connection.execute(DISCIPLINES)
    }


def titles(connection: sqlite3.Connection) -> dict[str, str]:
    """The titles of the sources by name."""
    return dict(iter(connection.execute(TITLES)))
