"""`/selection`: works and records that a reader marked, to export, cite and share.

The address holds them, so that it can be passed on; between pages a browser with scripts keeps
them. There is no account, and nothing is kept here.
"""

from __future__ import annotations

import re
import sqlite3
from urllib.parse import urlencode

from datasette.utils.asgi import Request, Response

from harvester import links
from harvester.catalogue import search as searching
from harvester.explorer import citing, forms, unapi
from harvester.explorer.bounds import PAGE, bounded
from harvester.explorer.card import card, copies_of
from harvester.explorer.download import file_headers
from harvester.explorer.problem import no_such_form
from harvester.explorer.search import parameters
from harvester.explorer.site import Site
from harvester.model import Record

PATH = "/selection"
MOST = 200
"""So many records are taken: their address stays shorter than servers allow."""

_ID = re.compile(r"[a-z0-9-]{1,100}")


async def selection(site: Site, request: Request) -> Response:
    """Answer `/selection`, and its other forms."""
    suffix = request.url_vars.get("suffix") or ""
    exporter = forms.by_suffix().get(suffix)
    if suffix and exporter is None:
        return await no_such_form(site, request, suffix)
    pairs = parameters(request)
    asked = marked(pairs)
    ids = asked[:MOST]

    def ask(connection: sqlite3.Connection) -> tuple[dict[str, Record], dict[str, list[str]]]:
        known = _without_copies(searching.by_ids(connection, ids))
        return known, copies_of(connection, known.values())

    known, copies = await site.read(ask)
    records = list({record.id: record for record in known.values()}.values())
    if exporter is not None:
        text = "".join(exporter.writer(site.overlay)(records))
        name = links.file_name("selection", suffix)
        return Response(text, 200, file_headers(site, name), exporter.media_type)
    style = request.args.get(citing.PARAMETER) or ""
    if any(name == "id" for name, _ in pairs):
        # A form without scripts sends one parameter a record; the address to share is shorter.
        return site.redirect(address(site, ids, style=style))
    found = [record.id for record in records]
    cite = await citing.box(
        site,
        request,
        [bounded(record, PAGE) for record in records],
        lambda name: address(site, found, style=name) + "#references",
    )
    permalink = site.absolute(request, address(site, found))
    return await site.page(
        "selection.html",
        request,
        here="selection",
        cards=[card(site, record, copies=copies.get(record.id, ())) for record in records],
        without={id_: address(site, [i for i in found if i != id_], style=style) for id_ in found},
        missing=len(ids) - len(known),
        most=MOST if len(asked) > MOST else 0,
        cite=cite,
        forms=[
            form for form in forms.forms(lambda suffix: address(site, found, suffix)) if form.whole
        ],
        permalink=permalink,
        canonical=permalink,
        unapi=unapi.server(site, request),
    )


def _without_copies(known: dict[str, Record]) -> dict[str, Record]:
    """Let a work stand for those of its copies that are marked, too: it is one publication."""
    views = {record.id: record for record in known.values() if record.id == record.work}
    return {id_: views.get(record.work or "", record) for id_, record in known.items()}


def marked(pairs: list[tuple[str, str]]) -> list[str]:
    """Read the ids of marked records: `ids=a.b`, or `id=a&id=b` as forms send them; each once."""
    given = (one for name, value in pairs if name in ("id", "ids") for one in value.split("."))
    return list(dict.fromkeys(one for one in given if _ID.fullmatch(one)))


def address(site: Site, ids: list[str], suffix: str = "", style: str = "") -> str:
    """The address of a selection, or of its other form.

    Args:
        site: the site.
        ids: the records, in their order.
        suffix: of the form, such as `.bib`.
        style: the name of the style that it is cited in; none for the first one.
    """
    pairs = {"ids": ".".join(ids), citing.PARAMETER: style}
    query = urlencode({name: value for name, value in pairs.items() if value})
    path = f"{PATH}{suffix}?{query}" if query else f"{PATH}{suffix}"
    return site.bare_path(path) if suffix else site.path(path)
