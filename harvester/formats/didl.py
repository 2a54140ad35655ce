"""MODS in DIDL (MPEG-21), as Dutch repositories sent it to NARCIS: `nl_didl`, `didl_mods`, `didl`.

A DIDL has an item with the persistent identifier (`dii:Identifier`), and items in it that say what
they hold by `rdf:type` (version 3.0 of the Dutch profile) or `dip:ObjectType` (2.3.1): the
description (mostly MODS, in old records Dublin Core), the files, the page for people.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from harvester.formats import Format, mods, oai_dc
from harvester.formats.elements import (
    BETWEEN,
    attributes,
    children,
    descendants,
    local,
    roots,
    shared,
    value,
)
from harvester.formats.oai_dc import flat_text
from harvester.model import RawValue

DIDL = "urn:mpeg:mpeg21:2002:02-DIDL-NS"

_DESCRIPTIONS = ("mods", "modsCollection", "dc")
_KINDS = {"objectFile": "didl:file", "humanStartPage": "didl:page"}


def read(root: etree._Element) -> list[RawValue]:
    """Give what the items say about themselves, then the values of the description."""
    values: list[RawValue] = []
    for item in descendants(root, "Item"):
        values += _item(item, outermost=True)
    for description in descendants(root, "mods", "modsCollection"):
        return values + mods.read(description)
    for description in descendants(root, "dc"):
        return values + oai_dc.walk(description)
    return values


def _item(item: etree._Element, *, outermost: bool) -> Iterator[RawValue]:
    said: dict[str, str] = {}
    types: list[str] = []
    for name, given in _statements(item):
        if name == "type":
            types.append(given.rpartition("/")[2])
        else:
            said.setdefault(name, given)
    kind = next((one for one in types if one in _KINDS), "")
    # Beside what it is a file may say which version it is: `publishedVersion`.
    version = BETWEEN.join(one for one in types if one != kind)
    if outermost:
        yield from value("didl:identifier", said.pop("Identifier", ""))
        yield from value("didl:modified", said.pop("modified", ""))
    stated = shared(said | {"version": version})
    for resource in descendants(item, "Resource", "Item"):
        if local(resource) == "Item":
            # As deep as the document, which lxml bounds at 256 levels.
            yield from _item(resource, outermost=False)
        elif address := (resource.get("ref") or "").strip():
            parts = stated | {
                "mimeType": (resource.get("mimeType") or "").strip(),
                "kind": kind,
            }
            yield from value(_KINDS.get(kind, "didl:resource"), address, None, parts)


def _statements(item: etree._Element) -> Iterator[tuple[str, str]]:
    """Give what the descriptors of an item state, by local name."""
    for descriptor in children(item, "Descriptor"):
        for statement in children(descriptor, "Statement"):
            for said in children(statement):
                name = "type" if local(said) == "ObjectType" else local(said)
                if name not in _DESCRIPTIONS:
                    yield name, attributes(said).get("resource") or flat_text(said)


FORMAT = Format(name="didl", richness=65, readers=dict.fromkeys(roots("DIDL", DIDL), read))
