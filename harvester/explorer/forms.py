"""The other forms of a result list or a record: what there is, and what readers call it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from harvester import links
from harvester.catalogue.query import Query
from harvester.explorer import labels
from harvester.explorer.site import Site
from harvester.export import Exporter, exporters

JSON_SUFFIX = ".json"
JSON_TYPE = "application/json"
FEED_SUFFIX = ".atom"
USUAL = (".bib", ".ris", ".enw", ".csl.json")
"""What reference managers read: offered at once, the others on demand."""


class Form(msgspec.Struct, frozen=True):
    """One form: the name readers know, the media type, the address.

    A result is given whole, but as JSON, which comes by the page. `usual`: a reference manager
    reads it.
    """

    label: str
    media_type: str
    path: str
    whole: bool = True
    usual: bool = False


def by_suffix() -> dict[str, Exporter]:
    """The registered exporters by the suffix they are asked for with, the usual ones first."""
    found = {exporter.suffix: exporter for exporter in exporters().values()}
    usual = {suffix: found.pop(suffix) for suffix in USUAL if suffix in found}
    return usual | dict(sorted(found.items()))


def forms(path: Callable[[str], str]) -> list[Form]:
    """List every form, those for reference managers first.

    Args:
        path: gives the address for a suffix.
    """
    listed = [
        Form(
            labels.form(exporter.name),
            exporter.media_type.partition(";")[0],
            path(suffix),
            usual=suffix in USUAL,
        )
        for suffix, exporter in by_suffix().items()
        if suffix != JSON_SUFFIX
    ]
    return [*listed, Form(labels.form("json"), JSON_TYPE, path(JSON_SUFFIX), whole=False)]


class Subscription(msgspec.Struct, frozen=True):
    """The feed of a search: what readers call it, and its address."""

    title: str
    path: str


def subscription(site: Site, query: Query) -> Subscription:
    """The feed of a search, which has one order, whatever that of the list."""
    title = f"{query.text} – {site.title}" if query.text else site.title
    path = site.search_path(msgspec.structs.replace(query, sort=""), suffix=FEED_SUFFIX)
    return Subscription(links.plain(title), path)


def split(path: str) -> tuple[str, str]:
    """Split the suffix of a known form off an address: `x.bib` gives `x` and `.bib`.

    The longest suffix wins; without a known one the suffix is "".
    """
    for suffix in sorted((*by_suffix(), JSON_SUFFIX), key=len, reverse=True):
        if path.endswith(suffix):
            return path.removesuffix(suffix), suffix
    return path, ""
