"""DataCite's schema, kernel 2 to 4, bare or in the wrapper `oai_datacite` (Zenodo, Dataverse).

https://datacite-metadata-schema.readthedocs.io/. OpenAIRE's own format is made of the same elements
and is read alike (`harvester.formats.oai_openaire`).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from lxml import etree

from harvester.formats import Format
from harvester.formats.elements import (
    attributes,
    children,
    every,
    first,
    has_parts,
    inverted,
    language,
    local,
    plain,
    roots,
    unwrapped,
    value,
)
from harvester.formats.oai_dc import PREFIXES, flat_text
from harvester.model import RawValue

_KERNELS = ("2.0", "2.1", "2.2", "3", "3.0", "3.1", "4", "4.0", "4.1", "4.2", "4.3", "4.4", "4.5")
_WRAPPERS = ("http://schema.datacite.org/oai/oai-1.0/", "http://schema.datacite.org/oai/oai-1.1/")
# Elements that only hold others: `titles`, `rightsList`.
_LISTS = frozenset(
    {
        "creators", "titles", "subjects", "contributors", "dates", "alternateIdentifiers",
        "relatedIdentifiers", "sizes", "formats", "rightsList", "descriptions",
        "fundingReferences", "relatedItems", "geoLocations",
    }
)  # fmt: skip
_TITLE = "datacite:title"


def read(root: etree._Element) -> list[RawValue]:
    """Give the values of a `resource`, with or without wrapper."""
    return walk(unwrapped(root, "resource"))


def walk(resource: etree._Element) -> list[RawValue]:
    """Give the values of a resource; what is not DataCite's keeps its customary prefix."""
    values: list[RawValue] = []
    for child in children(resource):
        held = children(child) if local(child) in _LISTS else (child,)
        for element in held:
            values += _element(element)
    return _with_subtitle(values)


def _element(element: etree._Element) -> Iterator[RawValue]:
    kind = local(element)
    name = f"{_prefix(element)}:{kind}"
    if kind in ("creator", "contributor") and has_parts(element):
        yield from _name(element, name)
    elif kind == "fundingReference":
        parts = attributes(element) | _parts(element)
        yield from value(name, parts.get("funderName", ""), language(element), parts)
    elif kind == "relatedItem":
        yield from _related(element, name)
    elif kind == "geoLocation":
        yield from value(name, first(element, "geoLocationPlace"), None, _parts(element))
    else:
        yield from plain(name, element)


def _prefix(element: etree._Element) -> str:
    # A kernel of another version is still DataCite's.
    return PREFIXES.get(etree.QName(element).namespace or "", "datacite")


def _parts(element: etree._Element) -> dict[str, str]:
    """Return the texts of the children by local name, and their attributes."""
    parts: dict[str, str] = {}
    for child in children(element):
        for held, text in ((local(child), flat_text(child)), *attributes(child).items()):
            if text:
                parts.setdefault(held, text)
    return parts


def _name(element: etree._Element, name: str) -> Iterator[RawValue]:
    """Give a creator or contributor: the name as text, its parts, its identifiers by scheme."""
    parts = attributes(element)
    given_name = next(children(element, "creatorName", "contributorName"), None)
    if given_name is not None:
        parts |= attributes(given_name)
    parts |= {
        "family": first(element, "familyName"),
        "given": first(element, "givenName"),
        "affiliation": every(element, "affiliation"),
    }
    for identifier in children(element, "nameIdentifier"):
        scheme = (identifier.get("nameIdentifierScheme") or "nameIdentifier").strip().lower()
        parts.setdefault(scheme, flat_text(identifier))
    text = flat_text(given_name) if given_name is not None else ""
    yield from value(name, text or inverted(parts), language(given_name), parts)


def _related(item: etree._Element, name: str) -> Iterator[RawValue]:
    """Give a related item (since kernel 4.4): its title, with volume, issue and pages."""
    titles = next(children(item, "titles"), None)
    parts = attributes(item) | {
        part: first(item, part)
        for part in (
            "relatedItemIdentifier", "volume", "issue", "number", "firstPage", "lastPage",
            "publisher", "publicationYear", "edition",
        )
    }  # fmt: skip
    for identifier in children(item, "relatedItemIdentifier"):
        parts |= attributes(identifier)
    for number in children(item, "number"):
        parts |= attributes(number)
    yield from value(name, first(titles, "title") if titles is not None else "", None, parts)


def _with_subtitle(values: list[RawValue]) -> list[RawValue]:
    """Put subtitles, which are titles of their own here, beside the first title as its part."""
    subtitles = [
        one
        for one in values
        if one.element == _TITLE and one.value and _title_type(one) == "subtitle"
    ]
    main = next((one for one in values if one.element == _TITLE and not _title_type(one)), None)
    if not subtitles or main is None:
        return values
    subtitle = subtitles[0]
    joined = msgspec.structs.replace(
        main, attributes=main.attributes | {"subTitle": subtitle.value}
    )
    return [joined if one is main else one for one in values if one is not subtitle]


def _title_type(title: RawValue) -> str:
    return title.attributes.get("titleType", "").lower()


FORMAT = Format(
    name="datacite",
    richness=45,
    readers=dict.fromkeys(
        (
            *roots("resource", *(f"http://datacite.org/schema/kernel-{one}" for one in _KERNELS)),
            *roots("oai_datacite", *_WRAPPERS),
        ),
        read,
    ),
)
