"""The words for controlled values, facets, orders and formats: all that is not in a template.

Values in addresses never change with the interface language; these words do. Types, versions and
access rights are called as the tables in `schemas/` call them, languages too and else as CLDR does,
disciplines as their records do.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from harvester import schemas
from harvester.catalogue.facets import FacetValue
from harvester.explorer.interface import N_, gettext, locale, reading
from harvester.languages import bcp47
from harvester.model import Discipline

FACETS = {
    "keyword": N_("Keyword"),
    "discipline": N_("Discipline"),
    "creator": N_("Creator"),
    "year": N_("Year"),
    "type": N_("Type"),
    "language": N_("Language"),
    "access": N_("Access"),
    "peer_reviewed": N_("Peer review"),
    "source": N_("Source"),
    "container": N_("Published in"),
    "publisher": N_("Publisher"),
}
"""The facets in the order of the column, with their headings."""

PLURALS = {
    "keyword": N_("Keywords"),
    "discipline": N_("Disciplines"),
    "creator": N_("Creators"),
    "year": N_("Years"),
    "type": N_("Types"),
    "language": N_("Languages"),
    "access": N_("Access"),
    "peer_reviewed": N_("Peer review"),
    "source": N_("Sources"),
    "container": N_("Journals, books and series"),
    "publisher": N_("Publishers"),
}
"""The facets as headings of all their values."""

SORTS = {
    "relevance": N_("Relevance"),
    "newest": N_("Newest"),
    "oldest": N_("Oldest"),
    "title": N_("Title"),
    "added": N_("Newly added"),
}

FORMS = {
    "biblatex": "BibLaTeX",
    "bibtex": "BibTeX",
    "csl-json": "CSL-JSON",
    "csv": "CSV",
    "datacite": "DataCite",
    "enw": "EndNote (ENW)",
    "json": "JSON",
    "jsonl": "JSON Lines",
    "jsonld": "JSON-LD (schema.org)",
    "mods": "MODS",
    "ris": "RIS",
}
"""The formats whose names are written otherwise than users type them."""

PEER_REVIEWED = {"true": N_("Peer reviewed"), "false": N_("Not peer reviewed")}

ROLES = (
    N_("author"),
    N_("editor"),
    N_("translator"),
    N_("advisor"),
    N_("committee member"),
    N_("compiler"),
    N_("illustrator"),
    N_("author of introduction"),
    N_("photographer"),
    N_("cartographer"),
    N_("interviewer"),
    N_("interviewee"),
    N_("speaker"),
    N_("researcher"),
    N_("research group"),
    N_("data collector"),
    N_("contact"),
    N_("publisher"),
    N_("distributor"),
    N_("funder"),
    N_("contributor"),
)
"""What persons and bodies did, as records say it; a role that is not here is shown as it is."""

STATES = {
    "complete": N_("Complete"),
    "imported": N_("Imported from files"),
    "throttled": N_("Told to wait"),
    "partial": N_("Incomplete"),
    "short": N_("Shorter than announced"),
    "blocked": N_("Refused by the server"),
    "loop": N_("Server repeats itself"),
    "suspicious-empty": N_("Suspiciously empty"),
    "failed": N_("Failed"),
    "interrupted": N_("Interrupted"),
}

TEXT = N_("Words")
WORD = N_("Word")
YEARS = N_("Years")
UNTITLED = N_("[no title]")
NO_DATE = N_("n.d.")

FIELDS = {
    "type": N_("Type"),
    "version": N_("Version"),
    "issued": N_("Published"),
    "container": N_("Published in"),
    "series": N_("Series"),
    "publisher": N_("Publisher"),
    "language": N_("Language"),
    "contributor": N_("Contributors"),
    "discipline": N_("Discipline"),
    "concept": N_("Subject headings"),
    "peer_reviewed": N_("Peer review"),
    "access": N_("Access"),
    "embargo": N_("Embargo until"),
    "licence": N_("Licence"),
    "rights": N_("Rights"),
    "funding": N_("Funding"),
    "related": N_("See also"),
    "source": N_("Source"),
    "provider": N_("Passed on by"),
    "origin": N_("First held by"),
    "origin_identifier": N_("Identifier there"),
    "oai_identifier": N_("OAI identifier"),
    "datestamp": N_("Last changed there"),
    "sets": N_("Sets"),
    "permalink": N_("Page at the source"),
}
"""Headings of the fields of a record page."""

COUNTED = {
    **FIELDS,
    "title": N_("Title"),
    "titles": N_("Parallel titles"),
    "creators": N_("Creators"),
    "creators.orcid": N_("ORCID iDs of creators"),
    "contributors": N_("Contributors"),
    "issued": N_("Date of publication"),
    "languages": N_("Languages"),
    "abstracts": N_("Abstract"),
    "keywords": N_("Keywords"),
    "disciplines": N_("Disciplines"),
    "concepts": N_("Subject headings"),
    "publishers": N_("Publisher"),
    "container.title": N_("Published in: title"),
    "container.volume": N_("Published in: volume"),
    "container.issue": N_("Published in: issue"),
    "container.pages": N_("Published in: pages"),
    "container.article_number": N_("Published in: article number"),
    "container.issn": N_("Published in: ISSN"),
    "container.isbn": N_("Published in: ISBN"),
    "container.series": N_("Series"),
    "identifiers.doi": "DOI",
    "identifiers.handle": "Handle",
    "identifiers.isbn": "ISBN",
    "identifiers.issn": "ISSN",
    "identifiers.urn": "URN",
    "identifiers.pmid": N_("PubMed number"),
    "identifiers.arxiv": N_("arXiv number"),
    "rights.access": N_("Access"),
    "rights.licence": N_("Licence"),
    "rights.embargo_until": N_("Embargo until"),
    "rights.statement": N_("Rights in words"),
    "links.landing": N_("Page at the repository"),
    "links.fulltext": N_("Full text"),
}
"""What the fields are called that a report on a source counts (`catalogue.counts.FIELDS`)."""

NOTED = {
    **COUNTED,
    "issued": FIELDS["issued"],
    "year": FACETS["year"],
    "type_uri": FIELDS["type"],
    "languages": FIELDS["language"],
    "disciplines": FIELDS["discipline"],
    "identifiers": N_("Identifiers"),
    "links": N_("Links"),
    "record": N_("Record"),
}
"""The fields of which notes tell, as the page of a record calls them; `record` is all of it."""


_RANGE = re.compile(r"(?<=\d)\s*--?\s*(?=\d)")
_DISCIPLINE_LANGUAGES = ("en", "fr", "nl", "de")


LABELLED_IN = tuple(name for name in Discipline.__struct_fields__ if name not in ("scheme", "code"))
"""The languages of a discipline's labels, as `Discipline` has them."""


class Text(msgspec.Struct, frozen=True):
    """Words with their BCP 47 tag, which is None where they are the interface's or not known."""

    text: str
    language: str | None = None


def heading(facet: str) -> str:
    """What readers call a facet, or the value of one."""
    return gettext(FACETS[facet])


def field(name: str) -> str:
    """What readers call a field of the schema; its own name where there is no other."""
    return gettext(NOTED[name]) if name in NOTED else name


def form(name: str) -> str:
    """What readers call a format; its own name where there is no other."""
    return FORMS.get(name, name)


def years(first: int | None, last: int | None) -> str:
    """A range of years, of which one end may be open."""
    if first is None:
        return gettext("until %(year)s", year=last)
    if last is None:
        return gettext("from %(year)s", year=first)
    return str(first) if first == last else f"{first}–{last}"


def numbering(volume: str | None, issue: str | None, pages: str | None, article: str | None) -> str:
    """Where in its container a publication stands: `12 (3), pp. 1–20`; "" if unknown."""
    parts = []
    if volume:
        parts.append(f"{volume} ({issue})" if issue else volume)
    elif issue:
        parts.append(gettext("no. %(number)s", number=issue))
    if pages:
        several = re.search(r"[-–,]", pages)
        written = _RANGE.sub("–", pages)
        parts.append(
            gettext("pp. %(pages)s", pages=written)
            if several
            else gettext("p. %(page)s", page=written)
        )
    if article:
        parts.append(gettext("article %(number)s", number=article))
    return ", ".join(parts)


def capital(text: str) -> str:
    """Words with a capital at their beginning; the others stay as they are."""
    return text[:1].upper() + text[1:]


def role(name: str) -> str:
    """A role in the reader's language, as far as it is one of `ROLES`."""
    return gettext(name) if name in ROLES else name


def best(known: dict[str, str]) -> Text:
    """Of the same words in several languages those that this reader reads best.

    Args:
        known: words by BCP 47 tag, at least one.
    """
    mine = reading().language
    for language in (mine, *_DISCIPLINE_LANGUAGES, *known):
        if text := known.get(language):
            return Text(text, None if language == mine else language)
    return Text("")


class Labels:
    """What controlled values are called.

    Attributes:
        sources: titles of the sources by name, as the catalogue has them.
        disciplines: labels of the disciplines by facet value and language, as the catalogue has
            them.
    """

    def __init__(self, overlay: Path) -> None:
        """Read the shipped tables.

        Args:
            overlay: the folder of a librarian's own rows; it need not exist.
        """
        self._languages = schemas.load("languages.yml", overlay)["languages"]
        types = schemas.load("types.yml", overlay)
        access = schemas.load("rights.yml", overlay)["access"]
        self._types = _by_english(types["types"])
        self._versions = _by_english(types["versions"])
        self._access = _by_english(access)
        self._overlay = overlay
        self.sources: dict[str, str] = {}
        self.disciplines: dict[str, dict[str, str]] = {}

    def language(self, code: str) -> str:
        """The name of a language by its ISO 639-3 code; the code where it has none."""
        mine = reading().language
        named = self._languages.get(code, {})
        name = named.get(mine) or locale(mine).languages.get(self.tag(code))
        return str(name or named.get("en") or code)

    def tag(self, code: str) -> str:
        """The BCP 47 tag of an ISO 639-3 code, for `lang` and for reference managers."""
        return bcp47(code, self._overlay)

    def source(self, name: str) -> str:
        """The title of a source; its name where the catalogue has none."""
        return self.sources.get(name, name)

    def type(self, value: str) -> str:
        """The name of a COAR resource type by its English label."""
        return _named(self._types, value)

    def version(self, value: str) -> str:
        """The name of a COAR version type by its English label."""
        return _named(self._versions, value)

    def access(self, value: str) -> str:
        """The name of a COAR access right by its English label."""
        return _named(self._access, value)

    def counted(self, facet: str, value: FacetValue) -> Text:
        """What a reader calls a value that the catalogue counted, and may itself have a label for.

        Args:
            facet: the facet's name.
            value: the value as it was counted.
        """
        if facet == "discipline":
            known = self.disciplines.get(value.value)
            return best(known) if known else Text(value.label)
        if value.label != value.value:
            return Text(value.label)
        return Text(self.value(facet, value.value))

    def text(self, facet: str, value: str) -> Text:
        """What a reader calls a value of a facet, with its language.

        Args:
            facet: the facet's name.
            value: what stands in addresses.
        """
        return self.counted(facet, FacetValue(value, value, 0))

    def value(self, facet: str, value: str) -> str:
        """What a reader calls a value of a facet.

        Args:
            facet: the facet's name.
            value: what stands in addresses.
        """
        match facet:
            case "language":
                return capital(self.language(value))
            case "type":
                return self.type(value)
            case "access":
                return self.access(value)
            case "peer_reviewed":
                return gettext(PEER_REVIEWED[value]) if value in PEER_REVIEWED else value
            case "source":
                return self.source(value)
            case "discipline":
                known = self.disciplines.get(value)
                return best(known).text if known else value
            case _:
                return value


def _by_english(table: dict[str, dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Order the rows of a table of COAR by their English labels."""
    return {
        str(row["en"]): {tag: str(row[tag]) for tag in _DISCIPLINE_LANGUAGES if tag in row}
        for row in table.values()
    }


def _named(table: dict[str, dict[str, str]], value: str) -> str:
    """The label of a row in the reader's language; the value itself where it has none."""
    return capital(table.get(value, {}).get(reading().language, value))
