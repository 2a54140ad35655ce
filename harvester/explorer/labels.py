"""The words for controlled values, facets, orders and formats: all that is not in a template.

Values in addresses never change with the interface language; these words do, once there are
more languages than English.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from harvester import schemas
from harvester.catalogue.facets import FacetValue
from harvester.languages import bcp47

LANGUAGE = "en"

FACETS = {
    "keyword": "Keyword",
    "discipline": "Discipline",
    "creator": "Creator",
    "year": "Year",
    "type": "Type",
    "language": "Language",
    "access": "Access",
    "peer_reviewed": "Peer review",
    "source": "Source",
    "container": "Published in",
    "publisher": "Publisher",
}
"""The facets in the order of the column, with their headings."""

SORTS = {
    "relevance": "Relevance",
    "newest": "Newest",
    "oldest": "Oldest",
    "title": "Title",
    "added": "Newly added",
}

FORMS = {
    "bibtex": "BibTeX",
    "csv": "CSV",
    "json": "JSON",
    "jsonl": "JSON Lines",
    "ris": "RIS",
}
"""The formats whose names are written otherwise than users type them."""

PEER_REVIEWED = {"true": "Peer reviewed", "false": "Not peer reviewed"}

STATES = {
    "complete": "Complete",
    "imported": "Imported from files",
    "throttled": "Told to wait",
    "partial": "Incomplete",
    "short": "Shorter than announced",
    "blocked": "Refused by the server",
    "loop": "Server repeats itself",
    "suspicious-empty": "Suspiciously empty",
    "failed": "Failed",
    "interrupted": "Interrupted",
}
GOES_ON = "{}; goes on by itself"

TEXT = "Words"
YEARS = "Years"
UNTITLED = "[no title]"
NO_DATE = "n.d."
IN = "In:"

FIELDS = {
    "type": "Type",
    "version": "Version",
    "issued": "Published",
    "container": "Published in",
    "series": "Series",
    "publisher": "Publisher",
    "language": "Language",
    "contributor": "Contributors",
    "discipline": "Discipline",
    "concept": "Subject headings",
    "peer_reviewed": "Peer review",
    "access": "Access",
    "embargo": "Embargo until",
    "licence": "Licence",
    "rights": "Rights",
    "funding": "Funding",
    "related": "See also",
    "source": "Source",
    "provider": "Passed on by",
    "origin": "First held by",
    "origin_identifier": "Identifier there",
    "oai_identifier": "OAI identifier",
    "datestamp": "Last changed there",
    "sets": "Sets",
    "permalink": "Page at the source",
}
"""Headings of the fields of a record page."""

COUNTED = {
    **FIELDS,
    "title": "Title",
    "titles": "Parallel titles",
    "creators": "Creators",
    "creators.orcid": "ORCID iDs of creators",
    "contributors": "Contributors",
    "issued": "Date of publication",
    "languages": "Languages",
    "abstracts": "Abstract",
    "keywords": "Keywords",
    "disciplines": "Disciplines",
    "concepts": "Subject headings",
    "publishers": "Publisher",
    "container.title": "Published in: title",
    "container.volume": "Published in: volume",
    "container.issue": "Published in: issue",
    "container.pages": "Published in: pages",
    "container.article_number": "Published in: article number",
    "container.issn": "Published in: ISSN",
    "container.isbn": "Published in: ISBN",
    "container.series": "Series",
    "identifiers.doi": "DOI",
    "identifiers.handle": "Handle",
    "identifiers.isbn": "ISBN",
    "identifiers.issn": "ISSN",
    "identifiers.urn": "URN",
    "identifiers.pmid": "PubMed number",
    "identifiers.arxiv": "arXiv number",
    "rights.access": "Access",
    "rights.licence": "Licence",
    "rights.embargo_until": "Embargo until",
    "rights.statement": "Rights in words",
    "links.landing": "Page at the repository",
    "links.fulltext": "Full text",
}
"""What the fields are called that a report on a source counts (`catalogue.counts.FIELDS`)."""


_RANGE = re.compile(r"(?<=\d)\s*--?\s*(?=\d)")


def form(name: str) -> str:
    """What readers call a format; its own name where there is no other."""
    return FORMS.get(name, name)


def years(first: int | None, last: int | None) -> str:
    """A range of years, of which one end may be open."""
    if first is None:
        return f"until {last}"
    if last is None:
        return f"from {first}"
    return str(first) if first == last else f"{first}–{last}"


def numbering(volume: str | None, issue: str | None, pages: str | None, article: str | None) -> str:
    """Where in its container a publication stands: `12 (3), pp. 1–20`; "" if unknown."""
    parts = []
    if volume:
        parts.append(f"{volume} ({issue})" if issue else volume)
    elif issue:
        parts.append(f"no. {issue}")
    if pages:
        several = re.search(r"[-–,]", pages)
        parts.append(f"{'pp.' if several else 'p.'} {_RANGE.sub('–', pages)}")
    if article:
        parts.append(f"article {article}")
    return ", ".join(parts)


class Labels:
    """What controlled values are called.

    Types and access rights are stored by their English names, so that only languages need a table
    as long as the interface is in English.

    Attributes:
        sources: titles of the sources by name, as the catalogue has them.
        disciplines: labels of the disciplines by facet value, as the catalogue has them; they are
            there for a query that names a discipline.
    """

    def __init__(self, overlay: Path) -> None:
        """Read the shipped tables.

        Args:
            overlay: the folder of a librarian's own rows; it need not exist.
        """
        languages: dict[str, Any] = schemas.load("languages.yml", overlay)["languages"]
        self._languages = {code: str(facts["en"]) for code, facts in languages.items()}
        self._overlay = overlay
        self.sources: dict[str, str] = {}
        self.disciplines: dict[str, str] = {}

    def language(self, code: str) -> str:
        """The name of a language by its ISO 639-3 code; the code where it has none."""
        return self._languages.get(code, code)

    def tag(self, code: str) -> str:
        """The BCP 47 tag of an ISO 639-3 code, for `lang` and for reference managers."""
        return bcp47(code, self._overlay)

    def source(self, name: str) -> str:
        """The title of a source; its name where the catalogue has none."""
        return self.sources.get(name, name)

    def access(self, value: str) -> str:
        """The name of a COAR access right."""
        return value.capitalize()

    def counted(self, facet: str, value: FacetValue) -> str:
        """What a reader calls a value that the catalogue counted, and may itself have a label for.

        Args:
            facet: the facet's name.
            value: the value as it was counted.
        """
        return value.label if value.label != value.value else self.value(facet, value.value)

    def value(self, facet: str, value: str) -> str:
        """What a reader calls a value of a facet.

        Args:
            facet: the facet's name.
            value: what stands in addresses.
        """
        match facet:
            case "language":
                return self.language(value)
            case "type":
                return value.capitalize()
            case "access":
                return self.access(value)
            case "peer_reviewed":
                return PEER_REVIEWED.get(value, value)
            case "source":
                return self.source(value)
            case "discipline":
                return self.disciplines.get(value, value)
            case _:
                return value
