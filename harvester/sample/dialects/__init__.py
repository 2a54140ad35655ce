"""How each platform writes its Dublin Core: one module each, from a work to a list of values.

What a dialect is like is known from real records; `schemas/profiles/` describes how to read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

import msgspec

from harvester.model import RawValue
from harvester.sample.work import Work

XSI = "http://www.w3.org/2001/XMLSchema-instance"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
OAI_DC_SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
BASE_DC = "http://oai.base-search.net/base_dc/"
BASE_DC_SCHEMA = "http://oai.base-search.net/base_dc/base_dc.xsd"
NAMESPACES = {
    "oai_dc": OAI_DC,
    "base_dc": BASE_DC,
    "dc": "http://purl.org/dc/elements/1.1/",
    "ali": "http://www.niso.org/schemas/ali/1.0/",
}
SCHEMAS = {"oai_dc": f"{OAI_DC} {OAI_DC_SCHEMA}", "base_dc": f"{BASE_DC} {BASE_DC_SCHEMA}"}
# Attributes that stand in the namespace of XML: ORBi's ORCID iDs.
XML_ATTRIBUTES = ("id",)
THREE_LETTERS = {"fr": "fra", "en": "eng", "nl": "nld", "de": "deu"}


class Deposit(msgspec.Struct, frozen=True):
    """A work as one repository holds it.

    Attributes:
        work: the work, changed where this repository knows it differently.
        number: the repository's own number or UUID of it; with ORBi and DSpace the whole handle.
        datestamp: when its description last changed, `YYYY-MM-DDThh:mm:ssZ`.
        host: of its landing page, where that is not the repository's usual one.
    """

    work: Work
    number: str
    datestamp: str
    host: str | None = None


def write(root: str, values: Sequence[RawValue]) -> str:
    """Write values as the XML of one record.

    Args:
        root: `oai_dc` or `base_dc`.
        values: elements with their customary prefix, in order.
    """
    used = dict.fromkeys((root, *(value.element.partition(":")[0] for value in values)))
    spaces = "".join(f' xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in used)
    lines = [_element(value) for value in values]
    return (
        f'<{root}:dc{spaces} xmlns:xsi="{XSI}" xsi:schemaLocation="{SCHEMAS[root]}">\n'
        + "\n".join(lines)
        + f"\n</{root}:dc>"
    )


def _element(value: RawValue) -> str:
    attributes = _attributes(value.attributes)
    if value.language:
        attributes += f" xml:lang={quoteattr(value.language)}"
    text = escape(value.value)
    return f"<{value.element}{attributes}>{text}</{value.element}>"


def _attributes(attributes: Mapping[str, str]) -> str:
    return "".join(
        f" {'xml:' if name in XML_ATTRIBUTES else ''}{name}={quoteattr(value)}"
        for name, value in attributes.items()
    )
