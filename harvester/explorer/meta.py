"""The meta tags of a record page, by which Zotero, Mendeley, JabRef and search engines read it.

Zotero's translator "Embedded Metadata" sets the rules: Highwire's `citation_*` names first, then
Dublin Core; a title alone counts as a journal article, so that every type is said in Zotero's own
words too; without `citation_language` the language of the interface would become the
publication's.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from harvester import kinds, links
from harvester.export import parts
from harvester.languages import bcp47
from harvester.model import Container, Identifiers, Record

UNKNOWN_LANGUAGE = "und"

_CONTAINER_TAGS = {
    "journalArticle": "citation_journal_title",
    "newspaperArticle": "citation_journal_title",
    "bookSection": "citation_inbook_title",
    # Were citation_inbook_title there too, Zotero would take the paper for a book section.
    "conferencePaper": "citation_conference_title",
}
_PUBLISHER_TAGS = {
    "thesis": "citation_dissertation_institution",
    "report": "citation_technical_report_institution",
}
_DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(\d\d))?)?")

Tags = list[tuple[str, str]]


def tags(record: Record, permalink: str, overlay: Path | None = None) -> Tags:
    """List the meta tags of a record, names with contents.

    Args:
        record: a live record.
        permalink: the whole address of its page.
        overlay: the folder of the librarian's own table rows, or None.
    """
    item_type = kinds.kind(record, overlay).zotero
    container = record.container or Container()
    found: list[tuple[str, str | None]] = [("citation_title", record.title)]
    found += [("citation_author", author) for author in authors(record)]
    found += [("citation_editor", agent.literal) for agent in parts.editors(record)]
    found.append(("citation_publication_date", publication_date(record)))
    if item_type in _CONTAINER_TAGS:
        found.append((_CONTAINER_TAGS[item_type], container.title))
    found += _numbers(item_type, container)
    publisher = record.publishers[0] if record.publishers else None
    found.append((_PUBLISHER_TAGS.get(item_type, "citation_publisher"), publisher))
    found += _identifiers(record.identifiers or Identifiers(), container)
    language = bcp47(record.languages[0], overlay) if record.languages else UNKNOWN_LANGUAGE
    found.append(("citation_language", language))
    found += [("citation_keywords", keyword.label.replace(";", ",")) for keyword in record.keywords]
    found.append(("citation_abstract", parts.abstract(record)))
    found += _addresses(record, permalink)
    found += [("DC.type", record.type), ("z:itemType", item_type)]
    return [(name, content) for name, text in found if text and (content := links.plain(text))]


def authors(record: Record) -> list[str]:
    """List who made it, "Family, Given", one tag each.

    Zotero splits at semicolons; and it takes the one author of a page for two where there are
    blanks on both sides of the comma, `de Vries, Jan Piet`, unless there is a semicolon.
    """
    names = [agent.literal.replace(";", ",") for agent in parts.authors(record)]
    if len(names) == 1 and all(" " in part.strip() for part in names[0].split(",")[:2]):
        return [f"{names[0]};"] if "," in names[0] else names
    return names


def publication_date(record: Record) -> str | None:
    """The date as Highwire writes it, `2019/03/05`, as far as it is certain; else the year."""
    match = _DATE.fullmatch(record.issued or "")
    if match:
        return "/".join(part for part in match.groups() if part)
    return str(record.year) if record.year is not None else None


def _numbers(item_type: str, container: Container) -> list[tuple[str, str | None]]:
    if item_type == "report":
        return [("citation_technical_report_number", container.issue or container.volume)]
    first, last = parts.pages(container.pages)
    return [
        ("citation_volume", container.volume),
        ("citation_issue", container.issue),
        ("citation_firstpage", first or container.article_number),
        ("citation_lastpage", last),
    ]


def _identifiers(found: Identifiers, container: Container) -> list[tuple[str, str | None]]:
    # One of each: Zotero joins several values of one name.
    isbn = (found.isbn or container.isbn)[:1]
    issn = (container.issn or found.issn)[:1]
    return [
        ("citation_doi", found.doi),
        ("citation_pmid", found.pmid),
        *(("citation_isbn", one) for one in isbn),
        *(("citation_issn", one) for one in issn),
    ]


def _addresses(record: Record, permalink: str) -> list[tuple[str, str | None]]:
    known = links.ways(record)
    landing = next((way.url for way in known if not way.fulltext), None)
    fulltexts = (way.url for way in known if way.fulltext)
    pdf = next((url for url in fulltexts if urlsplit(url).path.lower().endswith(".pdf")), None)
    return [("citation_public_url", landing or permalink), ("citation_pdf_url", pdf)]
