"""The dictionary that records are packed with: what stands in the JSON of most of them.

It is a record that has what most have, and its account. One that was trained on the records of the
sample repositories is 9 % better for those of the benchmarks and 6 % for recorded ones, and would
have to be kept with the code.
"""

from __future__ import annotations

import functools

from harvester.model import (
    ENCODER,
    Abstract,
    Agent,
    Container,
    Discipline,
    Identifiers,
    Keyword,
    Link,
    Note,
    Origin,
    Provider,
    Record,
    Rights,
    Title,
)

_TERM = "info:eu-repo/semantics/"
_HANDLE = "http://hdl.handle.net/"
_LICENCE = "http://creativecommons.org/licenses/by-nc-nd/4.0/"
_USUAL = [
    Note("provider", "header", "", "origin.provider", ""),
    Note("origin", "header", "", "origin.given", "", 1.0),
    Note("peer_reviewed", "dc:description", "", "descriptions.review-status", ""),
    Note("languages", "dc:title", "", "languages.detected", "", 0.8),
    Note("languages", "dc:language", "eng", "languages.term", "eng", 1.0),
    Note("container", "dc:relation", "", "citation.series", "", 0.9),
    Note("container", "dc:source", "", "citation.unread", ""),
    Note("container", "dc:source", "", "citation.title", "", 0.9),
    Note("container", "dc:source", "", "citation.parts", "", 0.9),
    Note("titles", "dc:title", "", "titles.given", "", 1.0),
    Note("title", "dc:title", "", "titles.given", "", 1.0),
    Note("type", "dc:type", f"{_TERM}doctoralThesis", "types.term", "doctoral thesis"),
    Note("type", "dc:type", f"{_TERM}bookPart", "types.term", "book part"),
    Note("type", "dc:type", f"{_TERM}conferenceObject", "types.term", "conference object"),
    Note("type", "dc:type", f"{_TERM}article", "types.term", "journal article"),
    Note("identifiers", "dc:source", "", "identifiers.issn", ""),
    Note("identifiers", "dc:relation", "", "identifiers.doi", ""),
    Note("identifiers", "dc:identifier", "", "identifiers.doi", ""),
    Note("identifiers", "dc:identifier", "", "identifiers.handle", ""),
    Note("publishers", "dc:publisher", "", "publishers.given", ""),
    Note("links", "dc:relation", "", "links.related", ""),
    Note("links", "dc:identifier", _HANDLE, "links.resolver", _HANDLE),
    Note("links", "dc:identifier", "", "links.landing", ""),
    Note("links", "dc:identifier", "", "links.duplicate", ""),
    Note("contributors", "dc:contributor", "", "names.given", "", 1.0),
    Note("creators", "dc:creator", "", "names.inverted", "", 0.7),
    Note("creators", "dc:creator", "", "names.given", "", 1.0),
    Note("creators", "dc:creator", "", "names.given", "", 1.0),
    Note("abstracts", "dc:description", "", "descriptions.language-detected", "", 0.8),
    Note("abstracts", "dc:description", "", "descriptions.given", ""),
    Note("disciplines", "dc:subject", "", "disciplines.form", "", 0.9),
    Note("disciplines", "dc:subject", "", "disciplines.code", "", 1.0),
    Note("keywords", "dc:subject", "", "keywords.given", ""),
    Note("keywords", "dc:subject", "", "keywords.given", ""),
    Note("issued", "dc:date", "", "dates.not-chosen", "", 0.5),
    Note("issued", "dc:date", "", "dates.iso", "", 1.0),
    Note("rights", "dc:rights", _LICENCE, "rights.licence-address", "CC-BY-NC-ND-4.0", 1.0),
    Note("rights", "dc:rights", f"{_TERM}closedAccess", "rights.access", "metadata only acc", 1.0),
    Note("rights", "dc:rights", f"{_TERM}openAccess", "rights.access", "open access", 1.0),
    Note("record", "dc:format", "", "record.unused", ""),
]  # fmt: skip
"""The account of a usual record; values and results as far as they are usual too."""


@functools.cache
def content() -> bytes:
    """Return the dictionary of this version."""
    return ENCODER.encode(_record()) + b"\n" + ENCODER.encode(_USUAL)


def _record() -> Record:
    """Return a record that has what most have."""
    return Record(
        source="",
        oai_identifier="oai:",
        datestamp="T00:00:00Z",
        sets=["com_", "col_"],
        provider=Provider("BASE"),
        origin=Origin("", "oai:"),
        title="",
        titles=[Title("", "eng")],
        creators=[Agent("", "", ""), Agent("", "", "", orcid="0000-000")],
        contributors=[Agent("", "", "", role="editor"), Agent("", corporate=True)],
        type="journal article",
        type_uri="http://purl.org/coar/resource_type/c_6501",
        issued="20",
        year=20,
        publishers=[""],
        container=Container("", "1", "1", "1-", issn=[""], isbn=["978-90-"], series=""),
        languages=["fra"],
        abstracts=[Abstract("", "eng", detected=True), Abstract("", "eng")],
        keywords=[Keyword(""), Keyword("")],
        disciplines=[Discipline("ddc", "300", de="Sozialwissenschaften")],
        peer_reviewed=True,
        funding=[""],
        identifiers=Identifiers("10.1", "", ["978-90-"], [""]),
        rights=Rights("open access", "http://purl.org/coar/access_right/c_abf2", "CC-BY-4.0"),
        links=[
            Link("https://hdl.handle.net/", "landing"),
            Link(_HANDLE, "landing"),
            Link("https://doi.org/10.1", "related"),
            Link(".pdf", "fulltext"),
            Link("", "landing"),
        ],
        notes=[],
    )
