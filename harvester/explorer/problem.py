"""What a reader is told when a page cannot be shown."""

from __future__ import annotations

from datasette.utils.asgi import Request, Response

from harvester.explorer import forms
from harvester.explorer.site import Site

RETRY_AFTER = 30
"""Seconds until a download may have ended."""


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
    answer = await site.page("problem.html", request, status=503, problem="many", name="")
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    return answer
