"""Publications of CERIF, as research information systems send them to OpenAIRE (profile 1.1, 1.2).

https://openaire-guidelines-for-cris-managers.readthedocs.io/. Sets of persons, projects and so on
have other roots, and are no publications; `oai_cerif_openaire` is the usual prefix.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from harvester.formats import Format
from harvester.formats.elements import (
    BETWEEN,
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
    value,
)
from harvester.formats.oai_dc import flat_text
from harvester.model import RawValue

_PROFILES = tuple(f"https://www.openaire.eu/cerif-profile/{number}/" for number in ("1.1", "1.2"))

_AGENTS = {"Authors": "Author", "Editors": "Editor", "Publishers": "Publisher"}
_PARTS_OF = ("PublishedIn", "PartOf")


def read(root: etree._Element) -> list[RawValue]:
    """Give the values of a publication in their order."""
    titled = {language(title) for title in children(root, "Title")}
    subtitles: dict[str | None, str] = {}
    for subtitle in children(root, "Subtitle"):
        if language(subtitle) in titled:
            subtitles.setdefault(language(subtitle), flat_text(subtitle))
    return [found for child in children(root) for found in _element(child, titled, subtitles)]


def _element(
    element: etree._Element, titled: set[str | None], subtitles: dict[str | None, str]
) -> Iterator[RawValue]:
    """Give the values of an element.

    Args:
        element: a child of the publication.
        titled: the languages that there is a title in.
        subtitles: the subtitle of the first title in a language, by that; it is taken out.
    """
    kind = local(element)
    name = f"cerif:{kind}"
    if kind == "Title":
        parts = {"subTitle": subtitles.pop(language(element), "")}
        yield from value(name, flat_text(element), language(element), parts)
    elif kind == "Subtitle":
        if language(element) not in titled:
            yield from plain(name, element)
    elif kind in _AGENTS:
        for agent in children(element, _AGENTS[kind]):
            yield from _agent(agent, f"cerif:{_AGENTS[kind]}")
    elif kind in _PARTS_OF:
        yield from _container(element, name)
    elif kind == "OriginatesFrom":
        yield from _origin(element, name)
    elif kind == "PresentedAt":
        event = next(children(element, "Event"), element)
        yield from value(name, first(event, "Name") or first(event, "Acronym"), None, _texts(event))
    elif kind == "FileLocations":
        for medium in children(element, "Medium"):
            parts = _texts(medium)
            yield from value("cerif:Medium", parts.pop("URI", ""), None, parts)
    elif has_parts(element):
        yield from value(name, " ".join(_texts(element).values()), language(element))
    else:
        yield from plain(name, element)


def _texts(element: etree._Element) -> dict[str, str]:
    """Return the texts of the children that have no parts, by local name, the first of each."""
    found: dict[str, str] = {}
    for child in children(element):
        text = flat_text(child)
        if text and not has_parts(child):
            found.setdefault(local(child), text)
    return found


def _agent(agent: etree._Element, name: str) -> Iterator[RawValue]:
    """Give a person or body: the name on the publication, else the one of the linked object."""
    parts: dict[str, str] = {"displayName": first(agent, "DisplayName")}
    for person in children(agent, "Person"):
        for called in children(person, "PersonName"):
            parts["family"] = first(called, "FamilyNames")
            parts["given"] = first(called, "FirstNames")
        parts["orcid"] = first(person, "ORCID")
    bodies = [first(body, "Name") for body in children(agent, "OrgUnit")]
    if any(bodies):
        parts["type"] = "corporate"
    parts["affiliation"] = BETWEEN.join(
        filter(
            None,
            (
                every(body, "Name")
                for affiliation in children(agent, "Affiliation")
                for body in children(affiliation, "OrgUnit")
            ),
        )
    )
    text = parts["displayName"] or inverted(parts) or BETWEEN.join(filter(None, bodies))
    yield from value(name, text, None, parts)


def _container(element: etree._Element, name: str) -> Iterator[RawValue]:
    """Give the journal, book or series: its title, its first ISSN and ISBN, its type."""
    for publication in children(element, "Publication"):
        title = next(children(publication, "Title"), None)
        parts = {
            "Type": first(publication, "Type"),
            "Subtitle": first(publication, "Subtitle"),
            "ISSN": every(publication, "ISSN"),
            "ISBN": every(publication, "ISBN"),
            "DOI": first(publication, "DOI"),
            "Number": first(publication, "Number"),
        }
        yield from value(name, first(publication, "Title"), language(title), parts)
        for editors in children(publication, "Editors"):
            for editor in children(editors, "Editor"):
                yield from _agent(editor, f"{name}/Editor")


def _origin(element: etree._Element, name: str) -> Iterator[RawValue]:
    """Give a project, or the funding itself: title, acronym, number, who paid."""
    for origin in children(element, "Project", "Funding"):
        parts = attributes(origin) | _texts(origin)
        funders = [
            first(body, "Name") or first(funded, "DisplayName")
            for funded in descendants(origin, "By", "Funder")
            for body in (*children(funded, "OrgUnit"), funded)
        ]
        parts["funder"] = next(filter(None, funders), "")
        yield from value(
            name, first(origin, "Title") or first(origin, "Name", "Acronym"), None, parts
        )


FORMAT = Format(
    name="cerif",
    richness=70,
    readers=dict.fromkeys(roots("Publication", *_PROFILES), read),
)
