"""The cite box: references in the style that is asked for, in the reader's language."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec
from datasette.utils.asgi import Request
from markupsafe import Markup, escape

from harvester import citations
from harvester.citations import Reference
from harvester.explorer.card import citation
from harvester.explorer.interface import reading
from harvester.explorer.site import Site
from harvester.model import Record

PARAMETER = "style"


class Choice(msgspec.Struct, frozen=True):
    """A style that can be chosen: what it is called, its whole title, and where it leads."""

    label: str
    title: str
    path: str
    current: bool


class Box(msgspec.Struct, frozen=True):
    """References in one style, and the other styles.

    Attributes:
        style: what the style is called.
        styles: all of them.
        references: each with the id of its record, in the order of the style.
    """

    style: str
    styles: list[Choice]
    references: list[tuple[str, Reference]]


async def box(
    site: Site, request: Request, records: Sequence[Record], path: Callable[[str], str]
) -> Box:
    """Cite records.

    Args:
        site: the site.
        request: what was asked; `style` names the style, the first one is taken for what is none.
        records: what is cited.
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
        style.label,
        [Choice(one.label, one.title, path(one.name), one is style) for one in known.values()],
        [(record.id, found or plain(record)) for record, found in written],
    )


def plain(record: Record) -> Reference:
    """A reference in no style, for what a style fails on."""
    text = citation(record)
    return Reference(Markup(escape(text)), text)
