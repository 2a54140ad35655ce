"""`/unapi`: a record in another format by its id, for programs that find ids in a page (unAPI 1).

Zotero asks it before it reads anything else of a page. RIS says two things that the tags of a page
cannot: that a creator is a body, and everything of each hit of a list.
"""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

from datasette.utils.asgi import Request, Response

from harvester import kinds
from harvester.catalogue import search as searching
from harvester.explorer.download import text_of
from harvester.explorer.site import Site
from harvester.export import exporters
from harvester.model import Record

PATH = "/unapi"
FORMAT = "ris"
DOCUMENTATION = "https://en.wikipedia.org/wiki/RIS_(file_format)"


async def unapi(site: Site, request: Request) -> Response:
    """Answer `/unapi`: the formats there are, or a record in one of them."""
    id_, format_ = request.args.get("id"), request.args.get("format")
    if id_ is None:
        if format_ is not None:
            return _refusal(site, 400, "format needs an id: /unapi?id=…&format=ris")
        return Response(formats(None), 200, site.headers(), "application/xml; charset=utf-8")
    record = await site.read(lambda connection: searching.get(connection, id_))
    if record is None:
        return _refusal(site, 404, "there is no record of this id")
    if record.deleted:
        return _refusal(site, 410, "the record of this id was withdrawn")
    if format_ is None:
        # 300 is what the specification asks for.
        return Response(
            formats(record.id), 300, site.headers(300), "application/xml; charset=utf-8"
        )
    if format_ != FORMAT:
        return _refusal(site, 406, f"the one format is {FORMAT}")
    exporter = exporters()[FORMAT]
    return Response(text_of(site, exporter, record), 200, site.headers(), exporter.media_type)


def server(site: Site, request: Request) -> str:
    """The whole address of the server, for a page with ids in it."""
    return site.absolute(request, site.bare_path(PATH))


def formats(id_: str | None) -> str:
    """List the formats of a record, or of all of them."""
    of = "" if id_ is None else f" id={quoteattr(id_)}"
    media_type = exporters()[FORMAT].media_type.partition(";")[0]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<formats{of}>'
        f'<format name="{FORMAT}" type="{media_type}" docs="{DOCUMENTATION}"/></formats>\n'
    )


def tells_more(record: Record, overlay: Path | None = None) -> bool:
    """Whether Zotero reads a record better from RIS than from the tags of its page.

    The tags cut the name of a body like a person's; RIS knows fewer types.
    """
    return any(agent.corporate for agent in record.creators) and kinds.survives_ris(
        kinds.kind(record, overlay)
    )


def _refusal(site: Site, status: int, reason: str) -> Response:
    return Response(f"{reason}\n", status, site.headers(status), "text/plain; charset=utf-8")
