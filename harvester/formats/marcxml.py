"""MARC 21 in XML (`marcxml`, `marc21`), as Alma, Koha and DIAL send it.

https://www.loc.gov/marc/bibliographic/. A field is called `marc:` and its tag; its value is the
text of its subfields, which are also attributes by their code. Of the leader the attributes are the
type of record (position 6) and the bibliographic level (7).
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from harvester.formats import Format
from harvester.formats.elements import BETWEEN, children, local, roots, unwrapped, value
from harvester.formats.oai_dc import flat_text
from harvester.model import RawValue

MARC = "http://www.loc.gov/MARC21/slim"

_TYPE, _LEVEL = 6, 7


def read(root: etree._Element) -> list[RawValue]:
    """Give the fields of a record, or of the first one in a collection."""
    record = unwrapped(root, "record")
    return [found for field in children(record) for found in _field(field)]


def _field(field: etree._Element) -> Iterator[RawValue]:
    name = local(field)
    tag = (field.get("tag") or "").strip()
    if name == "leader":
        text = field.text or ""
        parts = {
            "type": text[_TYPE : _TYPE + 1].strip(),
            "level": text[_LEVEL : _LEVEL + 1].strip(),
        }
        yield from value("marc:leader", text.strip(), None, parts)
    elif name == "controlfield" and tag:
        yield from value(f"marc:{tag}", flat_text(field))
    elif name == "datafield" and tag:
        parts = {key: (field.get(key) or "").strip() for key in ("ind1", "ind2")}
        texts = []
        for subfield in children(field, "subfield"):
            code, text = (subfield.get("code") or "").strip(), flat_text(subfield)
            if code and text:
                texts.append(text)
                parts[code] = f"{parts[code]}{BETWEEN}{text}" if code in parts else text
        if texts:
            yield from value(f"marc:{tag}", " ".join(texts), None, parts)


FORMAT = Format(
    name="marcxml",
    richness=55,
    readers=dict.fromkeys((f"{{{MARC}}}record", *roots("collection", MARC), "record"), read),
)
