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
from citeproc import model
from citeproc.frontend import CitationStylesBibliography, CitationStylesStyle
from citeproc.source import Citation, CitationItem
from citeproc.source.json import CiteProcJSON
from lxml import etree
from markupsafe import Markup, escape

from harvester import links, schemas
from harvester.catalogue.forms import plain
from harvester.errors import UsageError
from harvester.export import csl, parts
from harvester.model import Record

LOG = logging.getLogger(__name__)

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
_NAMED_KINDS = ("dataset", "software")
"""What references say of these, which the type of CSL says already."""

# citeproc-py escapes nothing of a record, so that its marks must be none that HTML has.
_MARKS = {
    "Italic": ("\ue000", "\ue001", "i"),
    "Bold": ("\ue002", "\ue003", "b"),
    "Superscript": ("\ue004", "\ue005", "sup"),
    "Subscript": ("\ue006", "\ue007", "sub"),
}
_NO_MARKS = dict.fromkeys(range(0xE000, 0xE008))
_OPENS = "".join(opens for opens, _, _ in _MARKS.values())
_CLOSES = "".join(closes for _, closes, _ in _MARKS.values())
_LOCK = threading.Lock()  # a style remembers what it has written of the record at hand

# A full stop that a title brings along, where it is none of initials or dots.
_LAST_STOP = re.compile(r"(?<=\w\w[\w)\]”’»])\.$")
# A full stop that a style adds behind a sign that ends the sentence.
_SECOND_STOP = re.compile(rf"([?!…][{_CLOSES}”“’»]*|\.[{_CLOSES}]+)\.(?=[\s”]|$)")
# The number that some styles give each reference of a list.
_NUMBER = (
    '//csl:bibliography/csl:layout//csl:text[@variable="citation-number"]'
    "|//csl:macro[@name = //csl:bibliography/csl:layout//csl:text/@macro]"
    '//csl:text[@variable="citation-number"]'
)


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
    found = {path.stem: path for folder in folders for path in sorted(folder.glob(schemas.STYLES))}
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
    try:
        with _LOCK:
            bibliography = _sorted(_style(style.path, style.locale(language)), items)
    except Exception as error:  # a librarian's style may hold anything
        LOG.warning("the style %s cannot be used: %s", style.path, _line(error))
        return [(record, None) for record in records]
    cited = [(records[int(item.key)], item) for item in bibliography.items]
    return [
        (record, _reference(bibliography, item, record.id, style, language))
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


def _sorted(style: CitationStylesStyle, items: list[dict[str, Any]]) -> CitationStylesBibliography:
    """Put items into the order of the style, which numbers them by it."""
    if len(items) > 1 and style.xml.find("csl:bibliography/csl:sort", _CSL) is not None:
        # By plain letters: citeproc-py compares code points, and puts É behind Z.
        in_plain = _bibliography(style, [_each(item, plain) for item in items])
        in_plain.sort()
        items = [items[int(key)] for key in in_plain.keys]
    return _bibliography(style, items)


def _bibliography(
    style: CitationStylesStyle, items: list[dict[str, Any]]
) -> CitationStylesBibliography:
    bibliography = CitationStylesBibliography(style, CiteProcJSON(items), _FORMATTER)
    for item in items:
        bibliography.register(Citation([CitationItem(item["id"])]))
    return bibliography


def _reference(
    bibliography: CitationStylesBibliography,
    cited: CitationItem,
    id_: str,
    style: Style,
    language: str,
) -> Markup | None:
    try:
        # One by one, so that what fails costs one reference and not the list, and a long list
        # keeps no other page waiting.
        with _LOCK:
            entries = bibliography.style.render_bibliography([cited])
    except Exception as error:  # whatever it is, the reader gets a plain reference
        LOG.warning("the style %s fails on the record %s: %s", style.name, id_, _line(error))
        return None
    marked = links.plain("".join(map(str, entries)))
    if not marked:
        return None  # the record says nothing that the style asks for
    if bibliography.style.xml.xpath(_NUMBER, namespaces=_CSL):
        marked = _numbered(marked, cited.number, alone=len(bibliography.keys) == 1)
    marked = _SECOND_STOP.sub(r"\1", marked)
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
    found = csl.item(record, overlay)
    item = {name: _each(found[name], _unmarked) for name in found if name in _FIELDS}
    if "title" in item:
        item["title"] = _LAST_STOP.sub("", item["title"])
    if "genre" in item or item["type"] in _NAMED_KINDS:
        item["genre"] = parts.capitalised(kind(record) or item.get("genre"))
    for role in ("author", "editor"):
        if role in item:
            item[role] = [_with_suffix(one) for one in item[role]]
    if item["type"] == "document" and "container-title" in item:
        item["type"] = "article-journal"  # styles name no journal of a document
    known = record.identifiers
    if known is not None and known.handle:  # it lasts longer than the address of a page
        item["URL"] = links.handle(known.handle)
    if "page" in item:
        item["page"] = "-".join(filter(None, parts.pages(item["page"])))
    return item | {"id": number}


def _with_suffix(name: dict[str, str]) -> dict[str, str]:
    """Take `Jr.` off the given names, lest a style make `J.` of it."""
    family, given, suffix = parts.generation(name.get("family", ""), name.get("given", ""))
    if not suffix:
        return name
    found = {"family": family, "given": given, "suffix": suffix}
    return {part: value for part, value in found.items() if value}


def _numbered(marked: str, number: int, *, alone: bool) -> str:
    """Set the number of a reference off from it; a reference that stands alone has none.

    In print the number has a column of its own, and no space behind it.
    """
    found = re.match(rf"([\[({_OPENS}]*{number}(?!\d)[\]).:{_CLOSES}]*)\s*", marked)
    if found is None:
        return marked
    rest = marked[found.end() :]
    return rest if alone else f"{found[1]} {rest}"


def _unmarked(text: str) -> str:
    """Take our marks out of what a record says."""
    return text.translate(_NO_MARKS)


def _each(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - whatever JSON has
    """Change every text within a value."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each(one, change) for one in value]
    if isinstance(value, dict):
        return {name: _each(one, change) for name, one in value.items()}
    return value


def _initials(name: Any, given: str, mark: str, context: Any) -> str:  # noqa: ANN401 - citeproc-py
    """Shorten given names, such as `Jean-Paul Marie` to `J.-P. M.`, and nothing else.

    citeproc-py sets a mark also where it shortens nothing: `J. van . der .`, `. 泽东 .`.

    Args:
        name: the element of the style that asks.
        given: the given names.
        mark: what stands behind an initial.
        context: where in the style it asks.
    """
    hyphen = name.get_option("initialize-with-hyphen", context)
    written = []
    for place, part in enumerate(given.split("-") if hyphen else [given.replace("-", " ")]):
        shortened = ""
        for word in re.sub(r"\.(?=\w)", ". ", part).split():
            if word[0].isupper() or (place and not shortened and word[0].islower()):
                shortened += word[0] + mark  # also of `Yi-chia`
            else:
                shortened = f"{shortened.rstrip()} {word} "
        written.append(" ".join(shortened.split()))
    return "-".join(written)


model.Name.initialize = _initials  # type: ignore[method-assign]


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
