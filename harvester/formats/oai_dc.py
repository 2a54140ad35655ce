"""Unqualified Dublin Core as OAI-PMH servers send it (`oai_dc`), and the walk over its elements.

The schema allows fifteen elements without order or limit. Real servers add elements of other
namespaces, attributes and inner markup; all of it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from harvester.formats import Format
from harvester.model import RawValue

DC = "http://purl.org/dc/elements/1.1/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
XML = "http://www.w3.org/XML/1998/namespace"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

# What a namespace is customarily called, whatever prefix a server binds it to. An element of a
# namespace that is not here keeps the prefix of its document.
PREFIXES = {
    DC: "dc",
    # The oai_dc schema has no elements of its own below the root: a server that puts `title` into
    # its namespace has forgotten to switch to Dublin Core's.
    OAI_DC: "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://oai.base-search.net/base_dc/": "base_dc",
    "http://www.niso.org/schemas/ali/1.0/": "ali",
    "http://datacite.org/schema/kernel-4": "datacite",
    "http://namespace.openaire.eu/schema/oaire/": "oaire",
}
# An element without namespace and prefix is Dublin Core if its name is.
NAMELESS = "dc"
ELEMENTS = (
    "title creator subject description publisher contributor date type format identifier source "
    "language relation coverage rights"
)
# The names of nearly every element that is ever read, made once.
_CUSTOMARY: dict[str, str] = {f"{{{DC}}}{name}": f"dc:{name}" for name in ELEMENTS.split()}

# Its presence alone says something (NISO RP-22, Access and License Indicators).
SPEAKS_WHEN_EMPTY = "ali:free_to_read"
SPACES = re.compile(" {2,}")
BLOCKS = frozenset({"br", "div", "li", "p", "sec", "title", "tr"})
NOT_CONTENT = frozenset({f"{{{XSI}}}schemaLocation", f"{{{XSI}}}nil", f"{{{XML}}}space"})
LANG = f"{{{XML}}}lang"
# Shared by all values without attributes, as nobody changes what a RawValue holds: some thirty more
# dictionaries a record set Python's garbage collection going, a tenth of the time of a harvest.
_NO_ATTRIBUTES: dict[str, str] = {}


def walk(root: etree._Element) -> list[RawValue]:
    """Give the child elements of a Dublin Core root as values, in their order.

    Inner markup is flattened to its text. Attributes go by their local name: ORBi puts the ORCID
    iD of a creator into `xml:id`, which becomes the attribute `id`. Elements without text are
    dropped, unless they are foreign to Dublin Core and say something by their attributes, as
    `<ali:free_to_read start_date="2025-10-27"/>` does.
    """
    values = []
    for element in root:
        tag = element.tag
        name = _CUSTOMARY.get(tag)
        if name is None:
            if not isinstance(tag, str):
                continue  # an entity reference or a comment
            name = _name(element)
        language: str | None = None
        attributes = _NO_ATTRIBUTES
        if items := element.items():
            if len(items) == 1 and items[0][0] == LANG:  # as most have it
                language = str(items[0][1]).strip() or None
            else:
                language, attributes = _attributes(items)
        if len(element):
            parts = _parts(element)
            text = " | ".join(parts.values()) if parts else flat_text(element)
            attributes = attributes | parts
        else:
            text = (element.text or "").strip()
        if text or _speaks_when_empty(name, attributes):
            values.append(RawValue(name, text, language, attributes))
    return values


def _name(element: etree._Element) -> str:
    namespace, _, local = str(element.tag).rpartition("}")
    prefix = PREFIXES.get(namespace[1:]) or element.prefix or NAMELESS
    return f"{prefix}:{local}"


def _attributes(items: Iterable[tuple[Any, Any]]) -> tuple[str | None, dict[str, str]]:
    """Return `xml:lang`, and the other attributes by local name.

    Of two with one local name the one without namespace wins.
    """
    language = None
    found: dict[str, str] = {}
    for name, value in items:
        if name == LANG:
            language = value.strip() or None
        elif name not in NOT_CONTENT:
            local = name.rpartition("}")[2]
            if local not in found or local == name:
                found[local] = value
    return language, found


def _speaks_when_empty(name: str, attributes: dict[str, str]) -> bool:
    foreign = not name.startswith(("dc:", "dcterms:"))
    return name == SPEAKS_WHEN_EMPTY or (foreign and bool(attributes))


def _parts(element: etree._Element) -> dict[str, str]:
    """Return the parts of a value that has no text of its own, only elements of its namespace.

    So BASE gives an author's name beside an identifier; the parts become attributes by local name,
    and the value is their text with ` | ` between, as BASE's search interface prints it. Inner
    markup, and a value whose parts repeat, is no such thing: the result is empty.
    """
    namespace = etree.QName(element).namespace
    if namespace in (None, DC) or (element.text or "").strip():
        return {}
    found: dict[str, str] = {}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child)
        if name.namespace != namespace or name.localname in found or (child.tail or "").strip():
            return {}
        text = flat_text(child)
        if text:
            found[name.localname] = text
    return found


def flat_text(element: etree._Element) -> str:
    """Return the text of an element without its markup, comments and processing instructions."""
    if not len(element):
        return (element.text or "").strip()
    return SPACES.sub(" ", "".join(_pieces(element))).strip()


def _pieces(element: etree._Element) -> Iterator[str]:
    # As deep as the document, which lxml bounds at 256 levels unless told otherwise.
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            block = etree.QName(child).localname.lower() in BLOCKS
            yield " " if block else ""
            yield from _pieces(child)
            yield " " if block else ""
        elif child.tag is etree.Entity:
            yield child.text or ""  # never resolved, only shown: `&name;`
        yield child.tail or ""


FORMAT = Format(name="oai_dc", richness=10, readers={f"{{{OAI_DC}}}dc": walk})
