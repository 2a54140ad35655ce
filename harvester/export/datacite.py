"""DataCite 4.6: what repositories register with a DOI, and data archives exchange."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import msgspec
from lxml import etree

from harvester import kinds, links
from harvester.catalogue.row import landing
from harvester.export import Exporter, parts, tree
from harvester.export.tree import add
from harvester.languages import bcp47
from harvester.model import Agent, Container, Identifiers, Record

NAMESPACE = "http://datacite.org/schema/kernel-4"

TYPES = {
    "article": "Preprint",
    "article-journal": "JournalArticle",
    "article-newspaper": "Text",
    "book": "Book",
    "chapter": "BookChapter",
    "dataset": "Dataset",
    "graphic": "Image",
    "map": "Image",
    "motion_picture": "Audiovisual",
    "paper-conference": "ConferencePaper",
    "report": "Report",
    "software": "Software",
    "song": "Sound",
    "speech": "Other",
    "thesis": "Dissertation",
}
"""`resourceTypeGeneral` by the type of CSL; anything else is `Text`."""

ROLES = {"editor": "Editor", "advisor": "Supervisor"}
"""`contributorType` by our role; anything else is `Other`."""

ALONE = ("book", "report", "thesis")
"""Types of CSL whose pages are how many they have, not on which they stand."""

UNKNOWN = ":unav"
"""DataCite's word for a value that is demanded and not known (appendix 3 of the schema)."""


def write(records: Iterable[Record], overlay: Path | None = None) -> Iterator[str]:
    """Give a document: `resource` for one record, `resources` around several.

    Args:
        records: what is written.
        overlay: the folder of the librarian's own table rows, or None.
    """
    return tree.documents(records, partial(element, overlay=overlay), "resources", NAMESPACE)


EXPORTER = Exporter(
    "datacite",
    ".datacite.xml",
    "application/vnd.datacite.datacite+xml; charset=utf-8",
    write,
    lambda overlay: partial(write, overlay=overlay),
)


def element(record: Record, overlay: Path | None = None) -> etree._Element:
    """Write one record."""
    root = tree.root("resource", NAMESPACE)
    known = record.identifiers or Identifiers()
    container = record.container or Container()
    found = links.identifiers(known)
    first = next((one for one in found if one.kind == "DOI"), None) or next(iter(found), None)
    add(root, "identifier", first.value if first else record.id,
        identifierType=first.kind if first else "Local")  # fmt: skip
    creators = add(root, "creators")
    for agent in parts.authors(record) or parts.editors(record):
        _person(add(creators, "creator"), "creatorName", agent)
    if not len(creators):
        add(add(creators, "creator"), "creatorName", UNKNOWN)
    titles = add(root, "titles")
    add(titles, "title", record.title or UNKNOWN)
    for title in record.titles:
        language = bcp47(title.language, overlay) if title.language else None
        add(titles, "title", title.text, titleType="TranslatedTitle", lang=language)
    add(root, "publisher", record.publishers[0] if record.publishers else UNKNOWN)
    add(root, "publicationYear", f"{record.year:04}" if record.year is not None else UNKNOWN)
    kind = kinds.csl(kinds.kind(record, overlay))
    add(root, "resourceType", record.type, resourceTypeGeneral=TYPES.get(kind, "Text"))
    _subjects(root, record)
    _contributors(root, record)
    _dates(root, record)
    if record.languages:
        add(root, "language", bcp47(record.languages[0], overlay))
    others = [(one.kind, one.value) for one in found if one is not first]
    page = landing(record)
    if page and page not in [one.url for one in found]:
        others.append(("URL", page))
    if others:
        listed = add(root, "alternateIdentifiers")
        for scheme, value in others:
            add(listed, "alternateIdentifier", value, alternateIdentifierType=scheme)
    rights = record.rights
    if rights and (rights.licence or rights.access):
        listed = add(root, "rightsList")
        if rights.access:
            add(listed, "rights", rights.access, rightsURI=rights.access_uri)
        if licence := rights.licence:
            add(listed, "rights", licence, rightsURI=links.safe(licence) or links.spdx(licence))
    _descriptions(root, record, overlay)
    if record.funding:
        listed = add(root, "fundingReferences")
        for funder in record.funding:
            add(add(listed, "fundingReference"), "funderName", funder)
    if kind in ALONE and container.pages:
        add(add(root, "sizes"), "size", container.pages)
        container = msgspec.structs.replace(container, pages=None)
    _related(root, container, kind)
    return root


def _subjects(root: etree._Element, record: Record) -> None:
    if record.keywords or record.disciplines:
        listed = add(root, "subjects")
        for keyword in record.keywords:
            add(listed, "subject", keyword.label)
        for one in record.disciplines:
            if label := parts.label(one):
                add(listed, "subject", label, subjectScheme=one.scheme)


def _dates(root: etree._Element, record: Record) -> None:
    embargo = record.rights.embargo_until if record.rights else None
    if record.issued or embargo:
        listed = add(root, "dates")
        for kind, value in (("Issued", record.issued), ("Available", embargo)):
            if value:
                add(listed, "date", value, dateType=kind)


def _descriptions(root: etree._Element, record: Record, overlay: Path | None) -> None:
    container = record.container or Container()
    series = container.series if container.title else None
    if record.abstracts or series:
        listed = add(root, "descriptions")
        for abstract in record.abstracts:
            language = bcp47(abstract.language, overlay) if abstract.language else None
            add(listed, "description", abstract.text, descriptionType="Abstract", lang=language)
        if series:
            add(listed, "description", series, descriptionType="SeriesInformation")


def _person(parent: etree._Element, tag: str, agent: Agent) -> None:
    kind = "Organizational" if agent.corporate else "Personal"
    add(parent, tag, parts.name(agent), nameType=kind)
    if not agent.corporate:
        for part, value in (("givenName", agent.given), ("familyName", agent.family)):
            if value:
                add(parent, part, value)
    if agent.orcid:
        add(parent, "nameIdentifier", agent.orcid, nameIdentifierScheme="ORCID",
            schemeURI="https://orcid.org")  # fmt: skip
    if agent.affiliation:
        add(parent, "affiliation", agent.affiliation)


def _contributors(root: etree._Element, record: Record) -> None:
    left = [one for one in record.contributors if one.role != "editor"]
    if parts.authors(record):
        left = parts.editors(record) + left
    if left:
        listed = add(root, "contributors")
        for agent in left:
            role = ROLES.get(agent.role or "", "Other")
            _person(add(listed, "contributor", contributorType=role), "contributorName", agent)


def _related(root: etree._Element, container: Container, kind: str) -> None:
    """Say what it appeared in, in the order that the schema demands."""
    if container == Container():
        return
    title = container.title or container.series
    general = "Book" if kind == "chapter" else "Journal" if container.issn else "Collection"
    item = add(add(root, "relatedItems"), "relatedItem",
               relatedItemType=general, relationType="IsPublishedIn")  # fmt: skip
    number = next(iter(container.issn or container.isbn), None)
    if number:
        scheme = "ISSN" if container.issn else "ISBN"
        add(item, "relatedItemIdentifier", number, relatedItemIdentifierType=scheme)
    if title:
        add(add(item, "titles"), "title", title)
    first, last = parts.pages(container.pages)
    for tag, value in (("volume", container.volume), ("issue", container.issue),
                       ("number", container.article_number), ("firstPage", first),
                       ("lastPage", last)):  # fmt: skip
        if value:
            add(item, tag, value)
