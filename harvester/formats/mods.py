"""MODS, the Metadata Object Description Schema of the Library of Congress, version 3.

Sent as `mods` by Pure and DSpace, as `mods_36` by Biblio UGent, and inside DIDL by Dutch
repositories (`harvester.formats.didl`). Elements are those of
https://www.loc.gov/standards/mods/userguide/; the Dutch habits are those of the application profile
that NARCIS asked for: `extension` holds the author identifiers (DAI), which point at a name's `ID`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from harvester.formats import Format
from harvester.formats.elements import (
    BETWEEN,
    SHARED,
    attributes,
    children,
    descendants,
    every,
    first,
    has_parts,
    inverted,
    language,
    local,
    plain,
    roots,
    shared,
    unwrapped,
    value,
)
from harvester.formats.oai_dc import flat_text
from harvester.model import RawValue

MODS = "http://www.loc.gov/mods/v3"

# Elements that only hold others, which count as if they stood in their place.
_WRAPPERS = frozenset({"originInfo", "language", "physicalDescription", "recordInfo", "location"})
_NAMES = {"languageTerm": "language", "placeTerm": "place"}


def read(root: etree._Element) -> list[RawValue]:
    """Give the values of a `mods`, or of the first one in a `modsCollection`."""
    root = unwrapped(root, "mods")
    return list(_item(root, "mods:", {}, _author_identifiers(root)))


def _item(
    item: etree._Element, prefix: str, about: dict[str, str], known: dict[str, str]
) -> Iterator[RawValue]:
    """Give the values of a `mods` or `relatedItem`.

    Args:
        item: the element.
        prefix: what their names begin with.
        about: attributes that all of them get: what kind of related item this is.
        known: author identifiers by the `ID` of the name that they belong to.
    """
    for child in children(item):
        name = local(child)
        if name == "titleInfo":
            if not about:  # the title of a related item is its value
                yield from _title(child, f"{prefix}title")
        elif name == "name":
            yield from _name(child, f"{prefix}name", about, known)
        elif name == "subject":
            yield from _subject(child, f"{prefix}subject", about)
        elif name == "relatedItem":
            yield from _related(child, known, about.get("relatedItem", ""))
        elif name == "part":
            if not about:
                yield from value(f"{prefix}part", "", None, _part(child))
        elif name == "extension":
            yield from _extension(child, prefix, about)
        elif name in _WRAPPERS:
            yield from _wrapped(child, prefix, shared(attributes(child)) | about)
        else:
            yield from plain(prefix + name, child, **about)


def _wrapped(wrapper: etree._Element, prefix: str, about: dict[str, str]) -> Iterator[RawValue]:
    for child in children(wrapper):
        name = local(child)
        if name == "place":
            for term in children(child):
                yield from plain(f"{prefix}place", term, **about)
        else:
            yield from plain(prefix + _NAMES.get(name, name), child, **about)


def _title(info: etree._Element, name: str) -> Iterator[RawValue]:
    yield from value(name, first(info, "title"), language(info), _title_parts(info))


def _title_parts(info: etree._Element) -> dict[str, str]:
    """Return what stands around a title, and the kind of title that it is (`translated` …)."""
    # The schema has subTitle; Dutch servers also wrote subtitle.
    parts = {
        "subTitle": first(info, "subTitle", "subtitle"),
        "nonSort": first(info, "nonSort"),
        "partNumber": every(info, "partNumber"),
        "partName": every(info, "partName"),
    }
    return attributes(info) | parts


def _name(
    name: etree._Element, called: str, about: dict[str, str], known: dict[str, str]
) -> Iterator[RawValue]:
    """Give a name: as text, and its parts by their type."""
    parts = attributes(name) | about
    whole = []
    for part in children(name, "namePart"):
        kind = (part.get("type") or "").strip()
        text = flat_text(part)
        if not kind:
            whole.append(text)
        elif text:
            parts[kind] = f"{parts[kind]} {text}" if kind in parts and kind != "type" else text
    for held in children(name, "nameIdentifier"):
        kind = (held.get("type") or "nameIdentifier").strip().lower()
        parts.setdefault(kind, flat_text(held))
    if identifier := known.get(parts.get("ID", "")):
        parts.setdefault("dai", identifier)
    roles = [flat_text(term) for role in children(name, "role") for term in children(role)]
    # Before MODS 3 was settled the role itself held the text.
    roles += [flat_text(role) for role in children(name, "role") if not has_parts(role)]
    parts["role"] = BETWEEN.join(dict.fromkeys(filter(None, roles)))
    parts["affiliation"] = every(name, "affiliation")
    parts["displayForm"] = first(name, "displayForm")
    text = " ".join(filter(None, whole)) or inverted(parts) or parts["displayForm"]
    yield from value(called, text, language(name), parts)


def _subject(subject: etree._Element, called: str, about: dict[str, str]) -> Iterator[RawValue]:
    """Give a subject: its topics one by one, or all its parts as one heading.

    A heading has parts of different kinds, or comes from an authority file; many repositories put
    all their keywords into one `subject` as a `topic` each.
    """
    found = [(local(part), part) for part in children(subject)]
    given = shared(attributes(subject)) | about
    spoken = (language(subject) or "")[:SHARED] or None
    if not found:
        yield from plain(called, subject, **about)
    elif all(kind == "topic" for kind, _ in found) and not (
        len(found) > 1 and "authority" in given
    ):
        for _, part in found:
            parts = given | attributes(part) | {"kind": "topic"}
            yield from value(called, flat_text(part), language(part) or spoken, parts)
    else:
        kinds = BETWEEN.join(dict.fromkeys(kind for kind, _ in found))
        heading = " -- ".join(filter(None, (_heading(part) for _, part in found)))
        yield from value(called, heading, spoken, given | {"kind": kinds})


def _heading(part: etree._Element) -> str:
    """Return a part of a heading as text; those of names are set apart by commas."""
    if has_parts(part):
        return ", ".join(filter(None, map(flat_text, children(part))))
    return flat_text(part)


def _related(item: etree._Element, known: dict[str, str], within: str) -> Iterator[RawValue]:
    """Give a related item: its title with volume, issue and pages, then whatever else it says.

    Its further elements are called `mods:relatedItem/name` and so on, and have the item's type as
    the attribute `relatedItem`. An item within it is one of its own, and says within what.
    """
    kind = (item.get("type") or item.get("otherType") or "related")[:SHARED]
    title = next(children(item, "titleInfo"), None)
    part = next(children(item, "part"), None)
    parts = attributes(item) | ({"within": within} if within else {})
    parts |= {
        held: text
        for held, text in (_title_parts(title) if title is not None else {}).items()
        if held != "type"
    }
    parts |= _part(part) if part is not None else {}
    text = first(title, "title") if title is not None else ""
    yield from value("mods:relatedItem", text, language(title), parts | {"type": kind})
    yield from _item(item, "mods:relatedItem/", {"relatedItem": kind}, known)


def _part(part: etree._Element) -> dict[str, str]:
    """Return volume, issue and so on by the type of the detail, and the pages as start and end."""
    parts: dict[str, str] = {}
    for detail in children(part, "detail"):
        kind = detail.get("type") or part.get("type") or "number"
        kind = "".join(filter(str.isalnum, kind)).lower()
        number = first(detail, "number") or first(detail, "title", "caption") or flat_text(detail)
        parts.setdefault(kind, number)
    for extent in children(part, "extent"):
        if (extent.get("unit") or "page").lower().startswith("p"):
            for held in ("start", "end", "total", "list"):
                parts.setdefault(held, first(extent, held))
    parts["date"] = first(part, "date")
    parts["text"] = first(part, "text")
    return {name: text for name, text in parts.items() if text}


def _extension(extension: etree._Element, prefix: str, about: dict[str, str]) -> Iterator[RawValue]:
    """Give what other schemas say inside an extension, by its own names."""
    for child in extension.iterdescendants():
        if local(child) and not has_parts(child) and local(child) != "identifier":
            yield from plain(f"{prefix}extension/{local(child)}", child, **about)


def _author_identifiers(root: etree._Element) -> dict[str, str]:
    """Return Digital Author Identifiers by the `ID` of the name that they belong to.

    It is called `IDref` or `IDRef`.
    """
    return {
        belongs: flat_text(identifier)[:SHARED]
        for extension in children(root, "extension")
        for identifier in descendants(extension, "identifier")
        if (belongs := identifier.get("IDref") or identifier.get("IDRef"))
    }


FORMAT = Format(
    name="mods",
    richness=60,
    readers=dict.fromkeys((*roots("mods", MODS), *roots("modsCollection", MODS)), read),
)
