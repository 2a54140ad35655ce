"""Understand a record: from its values as a source wrote them to the shared schema.

Pure: the same record, source and tables always give the same result. One module per kind of value;
each turns values into values, and says by which rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from harvester import sources
from harvester.model import Container, Identifiers, Note, RawRecord, Record, Understood
from harvester.normalise import (
    citation,
    dates,
    descriptions,
    disciplines,
    identifiers,
    keywords,
    languages,
    links,
    names,
    origin,
    profile,
    publishers,
    rights,
    text,
    titles,
    types,
)
from harvester.normalise.completion import complete
from harvester.normalise.rules import RULES, TOLD, Rule
from harvester.normalise.tables import Tables, load
from harvester.normalise.text import Value

__all__ = ["RULES", "Rule", "Tables", "complete", "load", "understand"]

LONGEST = 200
"""Characters of a value that a note of the record keeps; the trace keeps it whole."""

Groups = Mapping[str, list[Value]]


_NONE: list[Value] = []


class _Context(NamedTuple):
    """What the understanding of all fields of one record shares."""

    groups: Groups
    home: origin.Home
    dialect: profile.Dialect
    tables: Tables

    def values(self, element: str) -> list[Value]:
        """Return the values of an element; an empty list where there are none."""
        return self.groups.get(element) or _NONE


def understand(raw: RawRecord, source: sources.Source, tables: Tables) -> Understood:
    """Understand one record.

    Args:
        raw: the record as it was read; a deleted one gives a record that only says so.
        source: where it was harvested.
        tables: everything from `schemas/`.

    Returns:
        the record, without `id` and `citekey` (the ledger's), and the whole account: for every
        value its field, element, original, rule, result and certainty. `record.notes` holds the
        part of it that a reader should know.
    """
    groups = {} if raw.deleted else text.read(raw.values)
    own = [(value, *identifiers.find(value.text)) for value in groups.get("dc:identifier", ())]
    handle = next(
        (one.value for _, found, _ in own for one in found if one.scheme == "handle"), None
    )
    home = origin.find(raw, source, groups, handle, _addresses(groups), tables.origins)
    dialect = profile.choose(
        tables.profiles,
        source=source,
        home=home.source,
        identifier=home.identifier,
        carriers=home.carriers,
        from_agency=home.from_agency,
    )
    is_oai = profile.PORTAL not in home.carriers
    record = Record(
        source=source.name,
        oai_identifier=raw.identifier if is_oai else None,
        datestamp=raw.datestamp or None,
        sets=raw.sets,
        deleted=raw.deleted,
    )
    record.origin, record.provider, trace = origin.describe(home, raw, groups)
    trace += [_repaired(repair) for repair in raw.repairs]
    if not raw.deleted:
        context = _Context(groups, home, dialect, tables)
        record.languages, notes = languages.read(
            context.values("dc:language"), context.values("base_dc:lang"), tables.languages
        )
        trace += notes
        trace += _publication(record, context, own)
        trace += _people(record, context)
        trace += _words(record, context)
        trace += _subjects(record, context)
        trace += _use(record, context)
        trace += _unaccounted(groups, trace)
    record.notes = [_short(note) for note in trace if note.rule in TOLD]
    return Understood(record, trace, home.source.name if home.source else None)


def _addresses(groups: Groups) -> list[str]:
    return [
        value.text
        for element in ("base_dc:link", "dc:identifier")
        for value in groups.get(element, ())
        if value.refinement != "permalink" and value.text[:4].lower() == "http"
    ]


def _publication(record: Record, context: _Context, own: identifiers.Read) -> list[Note]:
    """Understand what was published, in what, and how it is identified; needs the languages."""
    tables, dialect, values = context.tables, context.dialect, context.values
    raw_titles = values("dc:title")
    first = raw_titles[0].text if raw_titles else ""
    relations = [(value, *identifiers.find(value.text)) for value in values("dc:relation")]
    container, cited, trace = citation.read(
        _citations(context, own, relations),
        first,
        doi_is_own=dialect.source_doi_is_own,
        nothing=tables.no_titles,
        collections=dialect.collections,
        authors=values("dc:creator"),
    )
    trace += citation.from_addresses(container, values("dc:identifier"))
    cited += citation.described(values("dc:description"))
    titled, notes = titles.read(
        raw_titles,
        dialect=dialect,
        languages=tables.languages,
        container=container.title,
        from_agency=context.home.from_agency,
        given=record.languages,
    )
    record.title, record.titles = titled
    trace += notes
    kind, notes = types.read(
        values("dc:type"),
        values("base_dc:typenorm"),
        record.title,
        tables.types,
        dialect.default_type,
    )
    trace += notes
    if kind.type:
        record.type, record.type_uri = kind.type.label, kind.type.uri
    record.version = kind.version.label if kind.version else None
    numbers, notes = identifiers.read(
        own,
        relations,
        cited,
        kind=kind.type,
        relation_is_own=dialect.relation_is_own,
        relation_is_other=dialect.relation_is_other or context.home.from_agency,
    )
    trace += notes
    container.issn, container.isbn = numbers.container_issn, numbers.container_isbn
    citation.numbered_article(container, numbers.own.doi)
    record.publishers, notes = publishers.read(values("dc:publisher"), tables.names.nameless)
    trace += notes + citation.without_publisher(container, record.publishers)
    trace += citation.without_source_of_data(container, kind.type)
    record.container = None if container == _EMPTY_CONTAINER else container
    record.identifiers = None if numbers.own == _EMPTY_IDENTIFIERS else numbers.own
    record.links, notes = links.read(
        values("dc:identifier"),
        values("dc:relation"),
        values("base_dc:link"),
        numbers.own,
        context.home.source,
    )
    trace += notes
    return trace + notes


_EMPTY_CONTAINER = Container()
_EMPTY_IDENTIFIERS = Identifiers()


def _citations(
    context: _Context, own: identifiers.Read, relations: identifiers.Read
) -> list[tuple[Value, bool]]:
    """Give the values that may hold a citation, each with whether it may be a plain title."""
    wanted = context.dialect.citation
    plain = [element for element in ("dc:source", *sorted(wanted)) if element not in _MIXED]
    found = [(value, True) for element in dict.fromkeys(plain) for value in context.values(element)]
    for element, group in (("dc:relation", relations), ("dc:identifier", own)):
        found += [
            (value, False)
            for value, identified, _ in group
            if value.refinement == "series"
            or (element in wanted and not identified and value.text[:4].lower() != "http")
        ]
    return found + citation.in_descriptions(context.values("dc:description"))


_MIXED = frozenset({"dc:relation", "dc:identifier"})
_MIXED_NAMES = tuple(_MIXED)


def _people(record: Record, context: _Context) -> list[Note]:
    """Understand who made it; needs the type, which tells a promoter from an editor."""
    words = context.tables.names
    country = context.home.source.country if context.home.source else None
    record.creators, trace = names.read(
        context.values("dc:creator"), words, field="creators", country=country
    )
    roles = context.dialect.contributors
    record.contributors, notes = names.read(
        context.values("dc:contributor"),
        words,
        field="contributors",
        country=country,
        roles=roles.get(record.type or "") or roles.get(""),
    )
    return trace + notes


def _words(record: Record, context: _Context) -> list[Note]:
    """Understand descriptions, and the language where none is given; needs the title."""
    tables, values = context.tables, context.values
    described, trace = descriptions.read(
        [*values("dc:description"), *values("dcterms:abstract")],
        values("dc:type"),
        record.languages,
        context.dialect,
        tables.languages,
    )
    record.abstracts, record.peer_reviewed, record.funding = described
    if not record.languages and record.title:
        pieces = [(context.groups["dc:title"][0], record.title)]
        pieces += [(pieces[0][0], abstract.text) for abstract in record.abstracts[:1]]
        record.languages, notes = languages.infer(pieces, tables.languages)
        trace += notes
    return trace


def _subjects(record: Record, context: _Context) -> list[Note]:
    """Understand keywords and disciplines."""
    dialect, lexicon = context.dialect, context.tables.disciplines
    values = context.values("dc:subject")
    if not values and not record.sets and "base_dc:classcode" not in context.groups:
        return []
    pieces, trace = keywords.pieces(values, dialect.separators)
    pieces += [
        keywords.Piece(f"ddc:{value.text}", value, False, True)
        for value in context.values("base_dc:classcode")
    ]
    record.disciplines, rest, notes = disciplines.find(
        pieces,
        lexicon,
        schemes=dialect.disciplines,
        shredded=dialect.shredded,
        sets=record.sets,
    )
    trace += notes
    if dialect.shredded:
        rest, notes = keywords.rejoin(rest, lexicon.headings, lexicon.heading_starts)
        trace += notes
    spoken = {
        value.language: languages.code(value.language, context.tables.languages)[0]
        for value in values
        if value.language
    }
    record.keywords, record.concepts, notes = keywords.read(
        rest, spoken, context.tables.no_keywords
    )
    return trace + notes


def _use(record: Record, context: _Context) -> list[Note]:
    """Understand when it appeared, and who may use it.

    An embargo counts as passed by the day of the record's datestamp, not by the clock: a rebuild
    gives the same record, and a repository that opens a file sends the record anew.
    """
    tables, values = context.tables, context.values
    dated, trace = dates.read(
        [*values("dc:date"), *values("dcterms:issued")],
        values("base_dc:year"),
        tables.dates,
        joined=context.dialect.joined,
    )
    record.issued, record.year = dated.issued, dated.year
    record.rights, notes = rights.read(
        [*values("dc:rights"), *values("dcterms:accessRights"), *values("dcterms:license")],
        [*values("ali:free_to_read"), *values("ali:license_ref")],
        values("base_dc:rightsnorm"),
        values("base_dc:oa"),
        embargo_until=dated.embargo_until,
        today=(record.datestamp or "")[:10],
        terms=tables.rights,
    )
    return trace + notes


def _unaccounted(groups: Groups, trace: Sequence[Note]) -> list[Note]:
    """Account for the values that no rule used."""
    elements = {note.element for note in trace}
    mixed = {note.original for note in trace if note.element.startswith(_MIXED_NAMES)}
    notes = []
    for element, values in groups.items():
        for value in values:
            if element in _MIXED:
                if value.original not in mixed:
                    rule = "identifiers.internal"
                    notes.append(Note("identifiers", value.name, value.original, rule, ""))
            elif value.name not in elements:
                notes.append(Note("record", value.name, value.original, "record.unused", ""))
    return notes


def _repaired(repair: str) -> Note:
    """Tell of a repair in the bytes of the record: which values it touched is not known."""
    return Note("record", "", "", "record.repaired", repair, 0.9)


def _short(note: Note) -> Note:
    if len(note.original) <= LONGEST and len(note.result) <= LONGEST:
        return note
    return msgspec.structs.replace(
        note, original=note.original[:LONGEST], result=note.result[:LONGEST]
    )
