"""The two forms of a record: as it was read, and as it was understood.

`RawRecord` is what `harvester.formats` gives; `Record` is the shared schema, what
`harvester export jsonl` prints and what `schemas/record.schema.json` is generated from.
Empty fields are left out of the JSON.
"""

from __future__ import annotations

import msgspec


class RawValue(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One value of one element, as the source wrote it.

    Attributes:
        element: the element with its customary prefix, such as `dc:title` or `base_dc:oa`.
        value: the text, untouched but for its character encoding.
        language: `xml:lang` as given, if given.
        attributes: other attributes, by local name; for portal pages `label`, as printed.
    """

    element: str
    value: str
    language: str | None = None
    attributes: dict[str, str] = {}


class RawRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One record of one format: its header, and its values in their order.

    Attributes:
        identifier: the OAI identifier; for a portal page the last part of its permalink.
        format: the name of the format module that read it, such as `oai_dc`.
        datestamp: the header's datestamp as given, or "" where there is none.
        sets: setSpecs of the header.
        deleted: the header says `status="deleted"`; then there are no values.
        values: all values in the order of the source.
        repairs: what was repaired in its bytes before it could be read, one phrase each.
    """

    identifier: str
    format: str
    datestamp: str = ""
    sets: list[str] = []
    deleted: bool = False
    values: list[RawValue] = []
    repairs: list[str] = []


class Provider(msgspec.Struct, omit_defaults=True, gc=False):
    """The service that handed the record on, where that is not its origin (BASE, a portal)."""

    name: str


class Origin(msgspec.Struct, omit_defaults=True, gc=False):
    """The repository that the record comes from in the first place."""

    name: str | None = None
    oai_identifier: str | None = None


class Agent(msgspec.Struct, omit_defaults=True, gc=False):
    """A person or body as creator or contributor.

    Attributes:
        literal: the name as one writes it in a list, family name first.
        family, given: the parts of a person's name; particles belong to `family`.
        corporate: true for a body; then there is only `literal`.
        orcid: the bare ORCID iD, `0000-0002-1825-0097`.
        role: a lower-case English role such as `editor` or `advisor`.
    """

    literal: str
    family: str | None = None
    given: str | None = None
    corporate: bool = False
    orcid: str | None = None
    role: str | None = None
    affiliation: str | None = None


class Title(msgspec.Struct, omit_defaults=True, gc=False):
    """A parallel title; the first title stands in `Record.title`."""

    text: str
    language: str | None = None


class Abstract(msgspec.Struct, omit_defaults=True, gc=False):
    """An abstract with its ISO 639-3 language; `detected` where the source did not say."""

    text: str
    language: str | None = None
    detected: bool = False


class Keyword(msgspec.Struct, omit_defaults=True, gc=False):
    """A free keyword, with its ISO 639-3 language where the source says it."""

    label: str
    language: str | None = None


class Discipline(msgspec.Struct, omit_defaults=True, gc=False):
    """A class of a scheme, with its labels by language; `scheme:code` is its facet value."""

    scheme: str
    code: str | None = None
    en: str | None = None
    fr: str | None = None
    nl: str | None = None
    de: str | None = None


class Container(msgspec.Struct, omit_defaults=True, gc=False):
    """What the publication appeared in: journal, book, series."""

    title: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    article_number: str | None = None
    issn: list[str] = []
    isbn: list[str] = []
    series: str | None = None


class Identifiers(msgspec.Struct, omit_defaults=True, gc=False):
    """Identifiers of the publication itself, each in its bare form."""

    doi: str | None = None
    handle: str | None = None
    isbn: list[str] = []
    issn: list[str] = []
    urn: str | None = None
    pmid: str | None = None
    arxiv: str | None = None


class Rights(msgspec.Struct, omit_defaults=True, gc=False):
    """What may be done.

    Attributes:
        access: English label of a COAR access right, `open access`.
        access_uri: its URI.
        licence: SPDX id, or URI where SPDX has none.
        embargo_until: ISO date.
        statement: the publisher's or author's own words.
    """

    access: str | None = None
    access_uri: str | None = None
    licence: str | None = None
    embargo_until: str | None = None
    statement: str | None = None


class Concept(msgspec.Struct, omit_defaults=True, gc=False):
    """A concept of a thesaurus."""

    uri: str
    label: str | None = None


class Link(msgspec.Struct, omit_defaults=True, gc=False):
    """A link; `rel` is `landing`, `fulltext`, `permalink` or `related`."""

    url: str
    rel: str


class Note(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How one value of the record came about.

    Attributes:
        field: the field of `Record`, such as `keywords`.
        element: the element it was read from, such as `dc:subject`.
        original: the value as received.
        rule: the rule that made the result, `module.rule`.
        result: the value as understood, as text; empty when the rule dropped it.
        certainty: 1.0 for what the source says, less for what was inferred.
    """

    field: str
    element: str
    original: str
    rule: str
    result: str
    certainty: float = 1.0


class Record(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """The shared schema: one publication as one source describes it.

    `id`, `citekey` and `work` are minted by the ledger, not by the normaliser. `notes` holds what
    was changed on the way; a deleted record keeps what was last known of it, for its citation.
    """

    id: str = ""
    source: str
    oai_identifier: str | None = None
    datestamp: str | None = None
    sets: list[str] = []
    deleted: bool = False
    citekey: str | None = None
    work: str | None = None
    provider: Provider | None = None
    origin: Origin | None = None
    title: str = ""
    titles: list[Title] = []
    creators: list[Agent] = []
    contributors: list[Agent] = []
    type: str | None = None
    type_uri: str | None = None
    version: str | None = None
    issued: str | None = None
    year: int | None = None
    publishers: list[str] = []
    container: Container | None = None
    languages: list[str] = []
    abstracts: list[Abstract] = []
    keywords: list[Keyword] = []
    disciplines: list[Discipline] = []
    concepts: list[Concept] = []
    peer_reviewed: bool | None = None
    funding: list[str] = []
    identifiers: Identifiers | None = None
    rights: Rights | None = None
    links: list[Link] = []
    notes: list[Note] = []


class Understood(msgspec.Struct, frozen=True, gc=False):
    """A record with the whole account of how each of its values came about.

    `home` is the name of the source that it comes from in the first place, where that is known.
    """

    record: Record
    trace: list[Note]
    home: str | None = None


ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(Record)
