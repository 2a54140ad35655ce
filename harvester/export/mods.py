"""MODS 3.8: for library systems, which know names, relations and languages apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from lxml import etree

from harvester import kinds, links
from harvester.export import Exporter, parts, tree
from harvester.export.tree import add
from harvester.languages import bcp47
from harvester.model import Agent, Container, Identifiers, Record

NAMESPACE = "http://www.loc.gov/mods/v3"

ROLES = {
    "author": "aut",
    "contributor": "ctb",
    "editor": "edt",
    "advisor": "ths",
    "translator": "trl",
}
"""MARC relator codes by our role; other roles are written as text."""


def write(records: Iterable[Record], overlay: Path | None = None) -> Iterator[str]:
    """Give a document: `mods` for one record, `modsCollection` for several.

    Args:
        records: what is written.
        overlay: the folder of the librarian's own table rows, or None.
    """
    return tree.documents(records, partial(element, overlay=overlay), "modsCollection", NAMESPACE)


EXPORTER = Exporter(
    "mods",
    ".mods.xml",
    "application/mods+xml; charset=utf-8",
    write,
    lambda overlay: partial(write, overlay=overlay),
)


def element(record: Record, overlay: Path | None = None) -> etree._Element:
    """Write one record."""
    root = tree.root("mods", NAMESPACE)
    root.set("version", "3.8")
    add(add(root, "titleInfo"), "title", record.title)
    for title in record.titles:
        add(add(root, "titleInfo", type="translated", lang=_tag(title.language, overlay)),
            "title", title.text)  # fmt: skip
    for agent in parts.authors(record):
        _name(root, agent, agent.role or "author")
    for agent in parts.editors(record):
        _name(root, agent, "editor")
    for agent in record.contributors:
        if agent.role != "editor":
            _name(root, agent, "contributor", *filter(None, [agent.role]))
    if record.type:
        add(root, "genre", record.type, authority="coar", valueURI=record.type_uri)
    _origin(root, record)
    for code in record.languages:
        add(add(root, "language"), "languageTerm", bcp47(code, overlay),
            type="code", authority="rfc5646")  # fmt: skip
    for abstract in record.abstracts:
        add(root, "abstract", abstract.text, lang=_tag(abstract.language, overlay))
    for keyword in record.keywords:
        add(add(root, "subject", lang=_tag(keyword.language, overlay)), "topic", keyword.label)
    for one in record.disciplines:
        if label := parts.label(one):
            add(add(root, "subject", authority=one.scheme), "topic", label)
    kind = kinds.csl(kinds.kind(record, overlay))
    for award in record.funding:
        add(root, "note", award, type="funding")
    _container(root, record.container or Container(), alone=kind in ("book", "report", "thesis"))
    _identifiers(root, record.identifiers or Identifiers())
    for way in links.ways(record):
        add(add(root, "location"), "url", way.url,
            access="raw object" if way.fulltext else "object in context")  # fmt: skip
    rights = record.rights
    if rights and rights.access:
        add(root, "accessCondition", rights.access, type="restriction on access")
    if rights and rights.licence:
        add(root, "accessCondition", rights.licence, type="use and reproduction")
    add(add(root, "recordInfo"), "recordIdentifier", record.id, source=record.source)
    return root


def _name(root: etree._Element, agent: Agent, *roles: str) -> None:
    whole = agent.corporate or not agent.family
    name = add(root, "name", type="corporate" if agent.corporate else "personal")
    if whole:
        add(name, "namePart", agent.literal)
    else:
        add(name, "namePart", agent.family, type="family")
        if agent.given:
            add(name, "namePart", agent.given, type="given")
    for role in roles:
        code = ROLES.get(role)
        add(
            add(name, "role"),
            "roleTerm",
            code or role,
            type="code" if code else "text",
            authority="marcrelator" if code else None,
        )
    if agent.affiliation:
        add(name, "affiliation", agent.affiliation)
    if agent.orcid:
        add(name, "nameIdentifier", agent.orcid, type="orcid")


def _origin(root: etree._Element, record: Record) -> None:
    issued = record.issued or (str(record.year) if record.year is not None else None)
    embargo = record.rights.embargo_until if record.rights else None
    if not record.publishers and not issued and not embargo:
        return
    origin = add(root, "originInfo")
    for publisher in record.publishers:
        add(origin, "publisher", publisher)
    if issued:
        add(origin, "dateIssued", issued, encoding="edtf", keyDate="yes")
    if embargo:
        add(origin, "dateOther", embargo, type="embargo", encoding="w3cdtf")


def _container(root: etree._Element, container: Container, *, alone: bool) -> None:
    """Write the journal or book that it appeared in, and the series."""
    title = None if alone and not container.series else container.title
    series = container.series or (container.title if alone else None)
    details = (("volume", container.volume), ("issue", container.issue),
               ("article number", container.article_number))  # fmt: skip
    first, last = parts.pages(container.pages)
    host = [part for part in (title, first, container.issn, container.isbn) if part]
    if alone and container.pages:
        add(add(root, "physicalDescription"), "extent", container.pages, unit="pages")
    if alone and title:
        add(add(add(root, "relatedItem", type="host"), "titleInfo"), "title", title)
    if not alone and (host or any(value for _, value in details)):
        related = add(root, "relatedItem", type="host")
        if title:
            add(add(related, "titleInfo"), "title", title)
        part = add(related, "part")
        for name, value in details:
            if value:
                add(add(part, "detail", type=name), "number", value)
        if first:
            extent = add(part, "extent", unit="pages")
            add(extent, "list" if "," in first else "start", first)
            if last:
                add(extent, "end", last)
        if not len(part):
            related.remove(part)
        for issn in container.issn:
            add(related, "identifier", issn, type="issn")
        for isbn in container.isbn:
            add(related, "identifier", isbn, type="isbn")
    if series or (alone and container.issn):
        related = add(root, "relatedItem", type="series")
        if series:
            info = add(related, "titleInfo")
            add(info, "title", series)
            if alone and (container.issue or container.volume):
                add(info, "partNumber", container.issue or container.volume)
        for issn in container.issn if alone else []:
            add(related, "identifier", issn, type="issn")


def _identifiers(root: etree._Element, known: Identifiers) -> None:
    single = (("doi", known.doi), ("hdl", known.handle), ("urn", known.urn),
              ("pmid", known.pmid), ("arxiv", known.arxiv))  # fmt: skip
    for scheme, value in single:
        if value:
            add(root, "identifier", value, type=scheme)
    for scheme, several in (("isbn", known.isbn), ("issn", known.issn)):
        for value in several:
            add(root, "identifier", value, type=scheme)


def _tag(code: str | None, overlay: Path | None) -> str | None:
    return bcp47(code, overlay) if code else None
