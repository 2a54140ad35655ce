"""What a reader is told when a page cannot be shown."""

from __future__ import annotations

import json
import re

from datasette.utils.asgi import Request, Response

from harvester.explorer import forms
from harvester.explorer.site import Site

RETRY_AFTER = 30
"""Seconds until a download may have ended, or the catalogue be there again."""

SLOW = "This took too long and was given up, so that others need not wait: ask for less."
AWAY = "The catalogue is being made anew: ask again in some minutes."
NO_ROWS = "There is no such file: ask for that of a table."
UNREADABLE = "A parameter of this address cannot be read."
UNREAD: dict[str, tuple[type[Exception], ...]] = {
    "_shape=": (KeyError,),
    "_through=": (KeyError, TypeError, ValueError),
    "__in=": (ValueError,),
    "_(json_infinity|nl|labels)=": (ValueError,),
    "=": (OverflowError,),
}
"""What Datasette 0.65 raises for parameters that it cannot read, by pattern of their names."""


async def not_found(site: Site, request: Request, name: str) -> Response:
    """There is no record of this name, and never was one here."""
    return await site.page("problem.html", request, status=404, problem="record", name=name)


async def no_such_page(site: Site, request: Request) -> Response:
    """There is no page of ours at this address."""
    return await site.page("missing.html", request, status=404)


async def no_such_source(site: Site, request: Request, name: str) -> Response:
    """Nothing was ever harvested from a source of this name."""
    return await site.page("problem.html", request, status=404, problem="source", name=name)


async def no_such_form(site: Site, request: Request, suffix: str) -> Response:
    """There is no such form of a result or a record."""
    known = [*forms.by_suffix(), forms.JSON_SUFFIX]
    return await site.page(
        "problem.html", request, status=404, problem="form", name=suffix, known=known
    )


async def too_slow(site: Site, request: Request) -> Response:
    """The question took too long."""
    return await site.page("problem.html", request, status=503, problem="slow", name="")


async def too_many(site: Site, request: Request) -> Response:
    """So many results are being downloaded that there is no room for one more."""
    return await _come_again(site, request, "many")


async def away(site: Site, request: Request) -> Response:
    """The catalogue was deleted, and is not yet made anew."""
    return await _come_again(site, request, "away")


def of_tables(site: Site, request: Request, exception: Exception) -> Response | None:
    """What Datasette's own pages answer where 0.65 answers 500, or blames the asker for the time.

    Args:
        site: whose page it is.
        request: what was asked.
        exception: what its page raised.

    Returns:
        A 400, 404 or 503 with one line; None for a fault of the server, and what is answered
        rightly.
    """
    from datasette.database import QueryInterrupted
    from datasette.views.base import DatasetteError

    # Datasette tells how large the file is.
    path = site.database.path
    if isinstance(exception, FileNotFoundError) and str(exception.filename) == path:
        return _line(request, 503, AWAY)
    if isinstance(exception, QueryInterrupted):
        return _line(request, 503, SLOW)
    if isinstance(exception, DatasetteError):
        if exception.title == "SQL Interrupted":
            return _line(request, 503, SLOW)
        # Its own complaints about parameters, such as a column to sort by that there is not.
        if exception.status == 500:
            return _line(request, 400, str(exception.message))
        return None
    # `/catalogue.csv`: a database has no rows of its own.
    if request.path.endswith(".csv") and exception.args == ("columns",):
        return _line(request, 404, NO_ROWS)
    for parameter, kinds in UNREAD.items():
        if isinstance(exception, kinds) and re.search(parameter, request.query_string):
            return _line(request, 400, UNREADABLE)
    return None


async def _come_again(site: Site, request: Request, problem: str) -> Response:
    answer = await site.page("problem.html", request, status=503, problem=problem, name="")
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    return answer


def _line(request: Request, status: int, line: str) -> Response:
    headers = {"Retry-After": str(RETRY_AFTER)} if status == 503 else {}
    if not request.path.endswith(".json"):
        return Response(f"{line}\n", status, headers, "text/plain; charset=utf-8")
    told = {"ok": False, "error": line, "status": status, "title": None}
    return Response(json.dumps(told), status, headers, "application/json; charset=utf-8")
