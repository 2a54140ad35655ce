"""The cite box: references in the style that is asked for, in the reader's language."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec
from datasette.utils.asgi import Request
from markupsafe import Markup, escape

from harvester.explorer.card import citation
from harvester.explorer.interface import reading
from harvester.explorer.site import Site
from harvester.export import citations
from harvester.model import Record

PARAMETER = "style"


class Choice(msgspec.Struct, frozen=True):
    """A style that can be chosen: what it is called, its whole title, and where it leads."""

    label: str
    title: str
    path: str
    current: bool


class Box(msgspec.Struct, frozen=True):
    """References in one style, and the styles to choose from.

    Attributes:
        styles: all of them.
        references: in the order of the style.
    """

    styles: list[Choice]
    references: list[Markup]


async def box(
    site: Site, request: Request, records: Sequence[Record], path: Callable[[str], str]
) -> Box:
    """Cite records.

    Args:
        site: the site.
        request: what was asked; `style` names the style, the first one is taken for what is none.
        records: what is cited; what the style fails on gets a plain reference.
        path: gives the address of the page in a style.
    """
    known = site.styles
    asked = request.args.get(PARAMETER) or ""
    style = known.get(asked) or next(iter(known.values()))
    # In a thread, as a long list takes its time; it speaks the reader's language too.
    written = await asyncio.to_thread(
        citations.references,
        records,
        style,
        reading().language,
        lambda record: site.labels.type(record.type) if record.type else None,
        site.overlay,
    )
    return Box(
        [Choice(one.label, one.title, path(one.name), one is style) for one in known.values()],
        [reference or escape(citation(record)) for record, reference in written],
    )
