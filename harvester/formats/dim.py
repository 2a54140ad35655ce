"""DIM, DSpace's own fields as they are: `dc.contributor.author`, `dc.date.issued`, `local.…`.

https://wiki.lyrasis.org/display/DSPACE/DSpaceIntermediateMetadata. A field is called `dim:` and its
name in DSpace.
"""

from __future__ import annotations

from lxml import etree

from harvester.formats import Format
from harvester.formats.elements import attributes, children, language, roots, value
from harvester.formats.oai_dc import flat_text
from harvester.model import RawValue

DIM = "http://www.dspace.org/xmlns/dspace/dim"

_NAME = ("mdschema", "element", "qualifier")


def read(root: etree._Element) -> list[RawValue]:
    """Give the fields in their order; one without an element has no name and is left out."""
    values: list[RawValue] = []
    for field in children(root, "field"):
        parts = attributes(field)
        schema, element, qualifier = (parts.pop(part, "") for part in _NAME)
        if not element:
            continue
        name = ".".join(filter(None, (schema or "dc", element, qualifier)))
        text = flat_text(field)
        if text:
            values += value(f"dim:{name}", text, language(field), parts)
    return values


FORMAT = Format(name="dim", richness=50, readers=dict.fromkeys(roots("dim", DIM), read))
