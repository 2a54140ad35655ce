"""References in citation styles: APA, Chicago, MLA, Harvard, DGS, and what a librarian adds.

A style is a file of the Citation Style Language in `schemas/styles/`; citeproc-py reads it. Any
file of the CSL project can be put into the librarian's own `schemas/styles/`. What a style fails on
gets no reference, so that a page can show a plain one.
"""

from __future__ import annotations

import functools
import logging
import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
from citeproc.frontend import CitationStylesBibliography, CitationStylesStyle
from citeproc.source import Citation, CitationItem
from citeproc.source.json import CiteProcJSON
from lxml import etree
from markupsafe import Markup, escape

from harvester import links, schemas
from harvester.errors import UsageError
from harvester.export import csl, parts
from harvester.model import Record

LOG = logging.getLogger(__name__)

FOLDER = "styles"
SUFFIX = ".csl"
FIRST = ("apa", "chicago", "mla", "harvard", "dgs")
"""The shipped styles in the order in which they are offered; others come after them."""

_CSL = {"csl": "http://purl.org/net/xbiblio/csl"}
_LOCALES = {"de": "de-DE", "en": "en-GB", "fr": "fr-FR", "nl": "nl-NL"}
_FIELDS = frozenset(
    (
        "type", "genre", "title", "author", "editor", "issued", "container-title",
        "collection-title", "collection-number", "number", "volume", "issue", "page", "publisher",
        "DOI", "ISBN", "ISSN", "URL", "language",
    )
)  # fmt: skip
# citeproc-py escapes nothing of a record, so that its marks must be none that HTML has.
_MARKS = {
    "Italic": ("\ue000", "\ue001", "i"),
    "Bold": ("\ue002", "\ue003", "b"),
    "Superscript": ("\ue004", "\ue005", "sup"),
    "Subscript": ("\ue006", "\ue007", "sub"),
}
# A full stop behind a title that ends with a sign of its own.
_ONE_TOO_MANY = re.compile('([?!…][\ue001\ue003\ue005\ue007”“’»"]*)\\.(?=\\s|$)')
_NO_MARKS = dict.fromkeys(range(0xE000, 0xE008))
_LOCK = threading.Lock()  # a style remembers what it has written of the record at hand


class Style(msgspec.Struct, frozen=True):
    """A citation style.

    Attributes:
        name: of its file, without the suffix: `apa`.
        label: its short title.
        title: its whole title.
        default: the locale that it is written for.
        path: its file.
    """

    name: str
    label: str
    title: str
    default: str
    path: Path

    def locale(self, language: str) -> str:
        """The locale for a reader: the style's own where it is in the reader's language."""
        known = _LOCALES.get(language, "en-GB")
        return self.default if self.default.partition("-")[0] == language else known


def styles(overlay: Path | None = None) -> dict[str, Style]:
    """Read the heads of all styles, by name, in the order in which they are offered.

    Args:
        overlay: the folder `schemas` of the data directory, or None; its styles come after ours,
            and replace those of the same name.

    Raises:
        UsageError: a file is no style of CSL that stands alone.
    """
    folders = [schemas.shipped("schemas"), *([overlay] if overlay else [])]
    found = {
        path.stem: path
        for folder in folders
        for path in sorted((folder / FOLDER).glob(f"*{SUFFIX}"))
    }
    order = {name: place for place, name in enumerate(FIRST)}
    names = sorted(found, key=lambda name: (order.get(name, len(order)), name))
    return {name: _head(found[name]) for name in names}


def references(
    records: Sequence[Record],
    style: Style,
    language: str,
    kind: Callable[[Record], str | None] = lambda record: record.type,
    overlay: Path | None = None,
) -> list[tuple[Record, Markup | None]]:
    """Format records in the order of the style's bibliography.

    A record takes some milliseconds.

    Args:
        records: what is cited.
        style: one of `styles`.
        language: the reader's, as BCP 47 tag: `de`.
        kind: what the type of a record is called in this language.
        overlay: the folder of the librarian's own table rows, or None.

    Returns:
        Each record with its reference in HTML; None where citeproc-py fails on it, which is logged.
    """
    items = [_item(record, str(place), kind, overlay) for place, record in enumerate(records)]
    with _LOCK:
        try:
            written = _style(style.path, style.locale(language))
            bibliography = _bibliography(written, items)
        except Exception as error:  # a librarian's style may hold anything
            LOG.warning("the style %s cannot be used: %s", style.path, _line(error))
            return [(record, None) for record in records]
        cited = [(records[int(item.key)], item) for item in bibliography.items]
        return [
            (record, _reference(written, item, record.id, style, language))
            for record, item in cited
        ]


def _head(path: Path) -> Style:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.parse(path, parser).getroot()
    except (OSError, etree.XMLSyntaxError) as error:
        raise UsageError(f"{path} is no citation style: {_line(error)}") from error
    if root.tag != f"{{{_CSL['csl']}}}style" or root.find("csl:bibliography", _CSL) is None:
        raise UsageError(
            f"{path} is no citation style with a bibliography: take a file of the CSL project that "
            "stands alone"
        )

    def told(name: str) -> str:
        return " ".join((root.findtext(f"csl:info/csl:{name}", "", _CSL)).split())

    title = told("title") or path.stem
    return Style(
        path.stem, told("title-short") or title, title, root.get("default-locale", "en-US"), path
    )


@functools.cache
def _style(path: Path, locale: str) -> CitationStylesStyle:
    return CitationStylesStyle(str(path), locale=locale, validate=False)


def _bibliography(
    style: CitationStylesStyle, items: list[dict[str, Any]]
) -> CitationStylesBibliography:
    """Put items into the order of the style, which numbers them by it."""
    bibliography = CitationStylesBibliography(style, CiteProcJSON(items), _FORMATTER)
    for item in items:
        bibliography.register(Citation([CitationItem(item["id"])]))
    if len(items) > 1 and style.xml.find("csl:bibliography/csl:sort", _CSL) is not None:
        bibliography.sort()
    return bibliography


def _reference(
    written: CitationStylesStyle, item: CitationItem, id_: str, style: Style, language: str
) -> Markup | None:
    try:
        # One by one, so that what fails costs one reference and not the list.
        (entry,) = written.render_bibliography([item])
    except Exception as error:  # whatever it is, the reader gets a plain reference
        LOG.warning("the style %s fails on the record %s: %s", style.name, id_, _line(error))
        return None
    marked = _ONE_TOO_MANY.sub(r"\1", links.plain(str(entry)))
    if style.locale(language) == "en-US":
        # American usage, which citeproc-py 0.11 does not know: a full stop before the quotation
        # mark that closes.
        marked = marked.replace("”.", ".”").replace("”,", ",”")
    html = str(escape(marked))
    for opens, closes, tag in _MARKS.values():
        html = html.replace(opens, f"<{tag}>").replace(closes, f"</{tag}>")
    return Markup(html)


def _item(
    record: Record, number: str, kind: Callable[[Record], str | None], overlay: Path | None
) -> dict[str, Any]:
    item = {
        name: _clean(value) for name, value in csl.item(record, overlay).items() if name in _FIELDS
    }
    if "genre" in item:
        item["genre"] = parts.capitalised(kind(record) or item["genre"])
    known = record.identifiers
    if known is not None and known.handle:  # it lasts longer than the address of a page
        item["URL"] = links.handle(known.handle)
    if "page" in item:
        item["page"] = "-".join(filter(None, parts.pages(item["page"])))
    return item | {"id": number}


def _clean(value: Any) -> Any:  # noqa: ANN401 - whatever JSON has
    """Take our marks out of what a record says."""
    if isinstance(value, str):
        return value.translate(_NO_MARKS)
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {name: _clean(one) for name, one in value.items()}
    return value


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _between(opens: str, closes: str) -> Callable[[str], str]:
    return lambda text: f"{opens}{text}{closes}"


_FORMATTER = SimpleNamespace(
    preformat=str,
    **{name: _between(opens, closes) for name, (opens, closes, _) in _MARKS.items()},
    Oblique=_between(*_MARKS["Italic"][:2]),
    **dict.fromkeys(("Light", "Underline", "SmallCaps"), str),
)
"""What citeproc-py writes with."""
