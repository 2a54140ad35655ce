"""Datasette's own page of `records`: filters and exact facets as the search has them.

Datasette counts its facets over the rows from the current page on, has none over shared values such
as keywords, and drops those that take long. This facet counts all rows that match, on every page,
and its filters combine: `_keyword=…`, `_not_type=…`, `_years=2015-2020`, `_q=…`, with the names and
meanings of the search, an underscore before them.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from datasette.facets import Facet as DatasetteFacet
from datasette.filters import FilterArguments, Filters
from datasette.plugins import pm
from datasette.utils import await_me_maybe
from datasette.utils.asgi import BadRequest, Request

from harvester.catalogue import facets as counting
from harvester.catalogue.facets import Facet
from harvester.catalogue.hits import common_table, restricts
from harvester.catalogue.query import FACETS, NOT, Query, from_parameters, to_parameters
from harvester.explorer import site as sites
from harvester.explorer.bounds import choosable

if TYPE_CHECKING:  # Datasette is only half loaded when it loads its plugins
    from datasette.app import Datasette
    from datasette.database import Database

TABLE = "records"

NAMES = {"_q", "_years", *(f"_{name}" for name in FACETS), *(f"_{NOT}{name}" for name in FACETS)}
"""Parameters that narrow the table; Datasette takes those without an underscore for columns."""

_NUMBERS = f"select number from {TABLE} {{where}}"


_SORTED = re.compile(
    r"(?P<rows>select .* from (?:deleted_)?records .*order by \[?\w+\]?)(?P<desc> desc)?"
    r"(?:, number)?(?P<limit> limit \d+.*)",
    re.DOTALL,
)
_LATER = re.compile(r"(?<!\")\bnumber > (?=:p\d)")
"""How Datasette goes on after the last row of a page; a filter writes a column in quotes."""


class CatalogueFacet(DatasetteFacet):
    """A facet of `metadata.yml`: `facets: [{catalogue: keyword}]`."""

    type: str = "catalogue"  # type: ignore[assignment]  # Datasette's is untyped

    async def facet_results(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Count the wanted facets; none ever times out."""
        site = sites.find(self.ds)
        configured = self.get_configs()  # type: ignore[no-untyped-call]
        names = [name for one in configured if (name := one["config"].get("simple")) in FACETS]
        if site is None or not names or not is_records(site, self.database, self.table):
            return [], []
        query = query_of(self.request)
        own = set(self.request.args) <= NAMES | _NO_FILTERS
        where, parameters = await conditions(self.ds, self.request, self.database, TABLE)
        size = self.get_facet_size()  # type: ignore[no-untyped-call]

        def ask(connection: sqlite3.Connection) -> list[Facet]:
            if own:
                return counting.count(connection, query, names, size)
            select = _NUMBERS.format(where=where)
            numbers = [number for (number,) in connection.execute(select, parameters)]
            return counting.among(connection, numbers, names, size)

        counted = await site.read(ask)
        return [self._shown(facet, query) for facet in counted], []

    async def suggest(self) -> list[dict[str, Any]]:
        """Suggest nothing: which facets there are stands in `metadata.yml`."""
        return []

    def _shown(self, facet: Facet, query: Query) -> dict[str, Any]:
        chosen = query.facets.get(facet.name, ())
        return {
            "name": facet.name,
            "type": self.type,
            "hideable": False,
            "toggle_url": None,
            "results": [
                {
                    "value": value.value,
                    "label": value.label,
                    "count": value.count,
                    "selected": value.value in chosen,
                    "toggle_url": self._toggled(facet.name, value.value),
                }
                for value in choosable(facet.values)
            ],
            "truncated": facet.total_values is None or facet.total_values > len(facet.values),
        }

    def _toggled(self, name: str, value: str) -> str:
        """The address with a value chosen, or not chosen any more; from the first page."""
        pairs = parse_qsl(self.request.query_string, keep_blank_values=True)
        kept = [pair for pair in pairs if pair[0] != "_next"]
        pair = (f"_{name}", value)
        kept = [one for one in kept if one != pair] if pair in kept else [*kept, pair]
        path = f"{self.request.path}?{urlencode(kept)}"
        return str(self.ds.absolute_url(self.request, path))


def narrowing(
    datasette: Datasette, request: Request, database: str, table: str
) -> FilterArguments | None:
    """Read our parameters, for every form of the page.

    Raises:
        BadRequest: it is to be sorted by `rank`, on which Datasette fails.
    """
    site = sites.find(datasette)
    if site is None or not is_records(site, database, table):
        return None
    if "rank" in (request.args.get("_sort"), request.args.get("_sort_desc")):
        raise BadRequest("rank is no column: /search?q=… gives hits in the order of relevance")
    query = query_of(request)
    if not restricts(query):
        return None
    opening, parameters = common_table(query)
    return FilterArguments(
        [f"number in ({opening} select number from hits)"],
        parameters,
        [f'{name.replace("_", " ")} "{value}"' for name, value in to_parameters(query)],
    )


def order_wholly(database: Database) -> None:
    """Let the pages of a table follow upon each other, also where rows tie.

    Datasette orders the first page by the chosen column alone and the others by the key too: rows
    that tie stood on two pages or on none, and were left out of CSV.
    """
    execute: Any = database.execute  # Datasette's is untyped

    async def ordered(sql: str, *arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - Datasette's
        return await execute(wholly_ordered(sql), *arguments, **more)

    vars(database)["execute"] = ordered


def wholly_ordered(sql: str) -> str:
    """The SQL of a page of live or deleted records in an order that leaves nothing open.

    What is sorted downwards is so by number too: an index gives it as it is. Other SQL stays.
    """
    page = _SORTED.fullmatch(sql)
    if page is None:
        return sql
    if not page["desc"]:
        return f"{page['rows']}, number{page['limit']}"
    return f"{_LATER.sub('number < ', page['rows'])} desc, number desc{page['limit']}"


def query_of(request: Request) -> Query:
    """The query that our parameters of a request make."""
    pairs = parse_qsl(request.query_string, keep_blank_values=True)
    return from_parameters((name[1:], value) for name, value in pairs if name in NAMES)


async def conditions(
    datasette: Datasette, request: Request, database: str, table: str
) -> tuple[str, Mapping[str, Any]]:
    """Write the `where` of a table page as Datasette does, without the part that is its page."""
    columns = [
        (name, value)
        for name in request.args
        if not name.startswith("_") or "__" in name
        for value in request.args.getlist(name)
    ]
    clauses, parameters = Filters(sorted(columns)).build_where_clauses(table)
    for hook in pm.hook.filters_from_request(
        request=request, table=table, database=database, datasette=datasette
    ):
        found = await await_me_maybe(hook)
        if found:
            clauses.extend(found.where_clauses)
            parameters.update(found.params)
    return _where(clauses), parameters


def is_records(site: sites.Site, database: str, table: str | None) -> bool:
    """Whether a table is that of the live records of our catalogue."""
    return database == site.database.name and table == TABLE


def _where(clauses: Iterable[str]) -> str:
    joined = " and ".join(clauses)
    return f"where {joined}" if joined else ""


_NO_FILTERS = {
    f"_{name}"
    for name in (
        "next", "size", "sort", "sort_desc", "sort_by_desc", "shape", "labels", "col", "nocol",
        "facet_size", "trace", "nl", "json", "stream", "dl", "header", "ttl", "timelimit",
        "nofacet", "nocount", "nosuggest", "extra", "fts_table", "fts_pk",
    )
}  # fmt: skip
"""Parameters of Datasette that leave every row in."""
