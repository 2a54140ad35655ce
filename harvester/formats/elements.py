"""Walking over XML records whose elements have parts: names, dates, related items.

Elements go by their local name: servers bind namespaces to any prefix, forget them, or use those of
another version. Comments, processing instructions and entity references are no elements. Whatever
is given is as long as what was received, and no longer: nothing is read twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from harvester.formats import OAI
from harvester.formats.oai_dc import LANG, NOT_CONTENT, flat_text
from harvester.model import RawValue

BETWEEN = "; "
"""What stands between the values of a part that repeats, such as two affiliations of a person."""
SHARED = 1000
"""So many characters several values may have in common; only an attack says more of many."""


def roots(name: str, *namespaces: str) -> tuple[str, ...]:
    """Return how a root element may be called: in its namespaces, in none, in that of OAI-PMH.

    A root without a namespace of its own has the one of the answer around it.
    """
    return (*(f"{{{namespace}}}{name}" for namespace in namespaces), name, f"{{{OAI}}}{name}")


def local(element: etree._Element) -> str:
    """Return the local name of an element, or "" for what is none (a comment)."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Give the child elements, or those that have one of these local names."""
    for child in element:
        name = local(child)
        if name and (not names or name in names):
            yield child


def descendants(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Give the elements below that have one of these local names, but none inside another one."""
    waiting = list(children(element))[::-1]
    while waiting:
        found = waiting.pop()
        if local(found) in names:
            yield found
        else:
            waiting += list(children(found))[::-1]


def unwrapped(root: etree._Element, *names: str) -> etree._Element:
    """Return a record out of its wrapper: the first element below with one of these names.

    A root that has such a name itself is none, and one that wraps nothing is read as it is.
    """
    return root if local(root) in names else next(descendants(root, *names), root)


def has_parts(element: etree._Element) -> bool:
    """Tell whether there are elements in an element; a comment beside its text is none."""
    return next(children(element), None) is not None


def first(element: etree._Element, *names: str) -> str:
    """Return the text of the first child with one of these names that has any, or ""."""
    return next(filter(None, map(flat_text, children(element, *names))), "")


def every(element: etree._Element, *names: str) -> str:
    """Return the texts of all children with one of these names, joined."""
    return BETWEEN.join(filter(None, map(flat_text, children(element, *names))))


def language(element: etree._Element | None) -> str | None:
    """Return the `xml:lang` of an element, or its `lang`, as MODS also has it."""
    if element is None:
        return None
    given = element.get(LANG) or element.get("lang") or ""
    return str(given).strip() or None


def attributes(element: etree._Element) -> dict[str, str]:
    """Return the attributes of an element by local name, but for its language and empty ones.

    Of two with one local name the one without namespace wins.
    """
    found: dict[str, str] = {}
    for name, given in element.items():
        key = str(name).rpartition("}")[2]
        text = str(given).strip()
        if name in NOT_CONTENT or name in (LANG, "lang") or not text:
            continue
        if key not in found or key == name:
            found[key] = text
    return found


def shared(parts: dict[str, str]) -> dict[str, str]:
    """Return parts that each of several values gets, or none where they are too long for that.

    Otherwise a record of one long part and many values would grow with the square of its length.
    """
    held = sum(len(part) + len(text) for part, text in parts.items())
    return parts if held <= SHARED else {}


def inverted(parts: Mapping[str, str]) -> str:
    """Return a person's name as catalogues file it, of the parts `family` and `given`."""
    return ", ".join(filter(None, (parts.get("family"), parts.get("given"))))


def value(
    name: str,
    text: str,
    language: str | None = None,
    parts: dict[str, str] | None = None,
) -> Iterator[RawValue]:
    """Give a value, if it says anything; parts that are empty are left out."""
    kept = {part: held for part, held in (parts or {}).items() if held}
    if text or kept:
        yield RawValue(name, text, language, kept)


def plain(name: str, element: etree._Element, **parts: str) -> Iterator[RawValue]:
    """Give an element without parts of its own as a value: its text and its attributes."""
    yield from value(name, flat_text(element), language(element), attributes(element) | parts)
