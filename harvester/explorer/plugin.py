"""The Datasette plugin: its hooks, and nothing else.

It shows nothing, and changes nothing, where no database is a catalogue of ours.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any

from datasette.hookspecs import hookimpl
from jinja2 import Environment
from markupsafe import Markup

from harvester.catalogue import documents
from harvester.explorer import guard, interface, problem, routes, site, templating

if TYPE_CHECKING:  # Datasette is only half loaded when it loads its plugins
    from datasette.app import Datasette
    from datasette.filters import FilterArguments
    from datasette.utils.asgi import Request

Rows = list[tuple[str, Any]]


@hookimpl
def register_routes(datasette: Datasette) -> Rows:
    """Take `/`, `/search`, `/record/…` and `/status`; refuse to serve an archive, which is private.

    Datasette asks for routes while it is made, and tells what stops it then in one line; what stops
    it later, in the hook `startup`, it tells with a traceback.
    """
    guard.refuse_archives(datasette)
    return routes.of(site.find(datasette))


@hookimpl
def startup(datasette: Datasette) -> Callable[[], Awaitable[None]]:
    """Load the facet index before the first reader comes; order the rows of tables wholly."""
    from harvester.explorer.tables import order_wholly

    async def load() -> None:
        found = site.find(datasette)
        if found is not None:
            order_wholly(found.database)
            await found.load()

    return load


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Let queries read what stands in whole records."""
    documents.add_function(conn)


@hookimpl
def register_facet_classes() -> list[type]:
    """Add the facets of the search to Datasette's own page of the records."""
    from harvester.explorer.tables import CatalogueFacet

    return [CatalogueFacet]


@hookimpl
def filters_from_request(
    request: Request, database: str, table: str, datasette: Datasette
) -> FilterArguments | None:
    """Add the filters of the search to Datasette's own page of the records."""
    from harvester.explorer.tables import narrowing

    return narrowing(datasette, request, database, table)


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add our templates, below those of the installation itself."""
    templating.prepare(env, site.find(datasette))


@hookimpl
def asgi_wrapper(datasette: Datasette) -> guard.Wrapper:
    """Send headers that keep browsers from being misled; speak the reader's language."""
    guarded = guard.wrapper(site.find(datasette))
    return lambda app: guarded(interface.wrapper(app))


@hookimpl(hookwrapper=True)
def handle_exception(
    datasette: Datasette, request: Request, exception: Exception
) -> Generator[None, Any, None]:
    """Tell who asks what was wrong, before Datasette prints a traceback and answers 500."""
    outcome = yield
    found = site.find(datasette)
    answer = problem.of_tables(found, request, exception) if found else None
    if answer is not None:
        outcome.force_result([answer])


@hookimpl
def menu_links(datasette: Datasette) -> list[dict[str, str]]:
    """Lead from Datasette's own pages back to the search."""
    return routes.menu(site.find(datasette))


@hookimpl
def render_cell(
    value: object, column: str, table: str | None, database: str, datasette: Datasette
) -> Markup | None:
    """Lead from a row of `records` to its page."""
    return routes.cell(site.find(datasette), database, table, column, value)
