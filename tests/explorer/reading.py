"""How tests read a page: as a reader sees it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import lxml.html

Element = Any
"""An element of lxml.html, whose type stubs tell too little to be of use here."""


def parsed(page: str) -> Element:
    """Parse a page; nothing is read from elsewhere, no entities of its own are resolved."""
    return lxml.html.document_fromstring(page)


def text(element: Element) -> str:
    """The words of an element, single spaces between them."""
    return " ".join(str(element.text_content()).split())


def texts(elements: Iterable[Element]) -> list[str]:
    """The words of several elements."""
    return [text(element) for element in elements]


def css(element: Element, selector: str) -> list[Element]:
    """The elements of a class, id or tag: `h1`, `.hit`, `#found`, `.hit h2`."""
    found = [element]
    for step in selector.split():
        found = [inner for outer in found for inner in outer.xpath(_xpath(step))]
    return found


def link(element: Element, label: str) -> str:
    """The address of the one link with this label."""
    found = [one for one in element.iter("a") if text(one) == label]
    assert len(found) == 1, (label, texts(element.iter("a")))
    return str(found[0].get("href"))


def _xpath(step: str) -> str:
    if step.startswith("."):
        return f"descendant::*[contains(concat(' ', @class, ' '), ' {step[1:]} ')]"
    if step.startswith("#"):
        return f"descendant::*[@id='{step[1:]}']"
    return f"descendant::{step}"
