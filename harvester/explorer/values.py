"""`/search/FACET`: all values of a facet that a result has, with a filter, by count or by name."""

from __future__ import annotations

import sqlite3

from datasette.utils.asgi import Request, Response

from harvester.catalogue import facets as counting
from harvester.catalogue.facets import ValuePage
from harvester.catalogue.query import Query
from harvester.catalogue.row import sort_form
from harvester.explorer import labels
from harvester.explorer.bounds import choosable
from harvester.explorer.interface import N_, gettext, reading
from harvester.explorer.problem import no_such_page
from harvester.explorer.search import choice, filters, page_number, parameters
from harvester.explorer.site import Site, pairs_of, query_of

PAGE_SIZE = 100
NAMED = ("type", "language", "access", "peer_reviewed", "source", "discipline")
"""The facets whose values have names in the reader's language; they have few values."""
MOST_NAMED = 20_000
FILTER = "containing"
ORDER = "order"
ORDERS = {"count": N_("By frequency"), "name": N_("A–Z")}


async def values(site: Site, request: Request) -> Response:
    """Answer `/search/FACET`."""
    name = request.url_vars["facet"]
    if name not in labels.FACETS:
        return await no_such_page(site, request)
    pairs = parameters(request)
    asked = dict(pairs)
    query = query_of(pairs)
    wanted = asked.get(FILTER, "").strip()[:200]
    order = asked.get(ORDER, "count")
    if order not in ORDERS:
        order = "count"

    page = page_number(asked)
    # What a reader calls these values, and not what the catalogue calls them, is looked through.
    named = name in NAMED

    def ask(connection: sqlite3.Connection) -> ValuePage:
        return counting.values(
            connection,
            query,
            name,
            containing="" if named else wanted,
            alphabetical=order == "name",
            offset=0 if named else (page - 1) * PAGE_SIZE,
            limit=MOST_NAMED if named else PAGE_SIZE,
        )

    counted = await site.read(ask)
    found = [choice(site, query, name, value) for value in choosable(counted.values)]
    total = counted.total
    if named:
        if part := sort_form(wanted):
            found = [one for one in found if part in (sort_form(one.label) or "")]
        if order == "name":
            found.sort(key=lambda one: sort_form(one.label) or "")
        total = len(found)
        found = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    last = max(1, -(-total // PAGE_SIZE))

    def address(**other: object) -> str:
        more = {FILTER: wanted, ORDER: "" if order == "count" else order, **other}
        return site.listed(f"/search/{name}", query, **more)

    if page > last:
        return site.redirect(address(page=last))
    return await site.page(
        "values.html",
        request,
        here="search",
        facet=name,
        heading=gettext(labels.PLURALS[name]),
        query=query,
        of_records=not query.works,
        chips=filters(site, query),
        back=site.search_path(query),
        total=total,
        values=found,
        wanted=wanted,
        whole=last == 1 and not wanted,
        order=order,
        orders=[
            (gettext(words), address(order="" if key == "count" else key), key == order)
            for key, words in ORDERS.items()
        ],
        kept=kept(query, order),
        page=page,
        last=last,
        previous=address(page=page - 1) if page > 1 else None,
        next=address(page=page + 1) if page < last else None,
    )


def kept(query: Query, order: str) -> list[tuple[str, str]]:
    """The parameters that the form of the filter sends along."""
    pairs = pairs_of(query)
    if order != "count":
        pairs.append((ORDER, order))
    if reading().chosen:
        pairs.append(("lang", reading().language))
    return pairs
