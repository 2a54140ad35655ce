"""Writes records as XML: one element each, whatever characters they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from lxml import etree

from harvester.model import Record

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# What XML 1.0 cannot hold, not even as a reference.
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Take out what XML cannot hold."""
    return _NO_XML.sub("", text)


def root(tag: str, namespace: str) -> etree._Element:
    """Make the element of a record, in a namespace without prefix."""
    unprefixed: dict[Any, str] = {None: namespace}
    return etree.Element(f"{{{namespace}}}{tag}", nsmap=unprefixed)


def add(
    parent: etree._Element, tag: str, text: str | None = None, **attributes: str | None
) -> etree._Element:
    """Add an element in the namespace of its parent; attributes that are None are left out.

    `lang` becomes `xml:lang`.
    """
    namespace = parent.tag.rpartition("}")[0] + "}"
    element = etree.SubElement(parent, namespace + tag)
    if text:
        element.text = clean(text)
    for name, value in attributes.items():
        if value is not None:
            element.set(LANG if name == "lang" else name, clean(value))
    return element


def documents(
    records: Iterable[Record],
    element: Callable[[Record], etree._Element],
    collection: str,
    namespace: str,
) -> Iterator[str]:
    """Give a document: the element of the one record, or a collection of those of several.

    Args:
        records: what is written.
        element: makes the element of a record.
        collection: what the element around several is called.
        namespace: of all of it.
    """
    waiting = iter(records)
    first, second = next(waiting, None), next(waiting, None)
    yield DECLARATION
    if first is not None and second is None:
        yield _text(element(first))
        return
    yield f'<{collection} xmlns="{namespace}">\n'
    if first is not None and second is not None:
        for record in chain((first, second), waiting):
            yield _text(element(record))
    yield f"</{collection}>\n"


def _text(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode") + "\n"
