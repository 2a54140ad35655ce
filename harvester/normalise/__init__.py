"""Understand a record: from its values as a source wrote them to the shared schema.

Pure: the same record, source and tables always give the same result. One module per kind of value;
each turns values into values, and says by which rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

import msgspec
from msgspec.structs import replace

from harvester import sources
from harvester.model import Container, Identifiers, Note, RawRecord, Record, Understood
from harvester.normalise import (
    agents,
    citation,
    crosswalk,
    dates,
    descriptions,
    identifiers,
    keywords,
    languages,
    links,
    names,
    origin,
    profile,
    publishers,
    rights,
    subjects,
    text,
    titles,
    types,
    unused,
)
from harvester.normalise.completion import complete
from harvester.normalise.rules import RULES, TOLD, Rule
from harvester.normalise.tables import Tables, load
from harvester.normalise.text import Value

__all__ = ["RULES", "Rule", "Tables", "complete", "load", "understand", "understand_all"]

LONGEST = 200
"""Characters of a value that a note of the record keeps; the trace keeps it whole."""

Groups = Mapping[str, list[Value]]


class _Context(msgspec.Struct, frozen=True, gc=False):
    """A record that is being understood, and what the understanding of all its fields shares.

    `received`: its values by the elements of its format; `groups`: by those of Dublin Core;
    `values`: the same, with none where an element is missing. `own`: its identifiers. `in_parts`:
    its format has a crosswalk, so that names and the like may come in parts.
    """

    raw: RawRecord
    received: Groups
    groups: Groups
    values: Mapping[str, Sequence[Value]]
    own: identifiers.Read
    home: origin.Home
    dialect: profile.Dialect
    tables: Tables
    in_parts: bool
    record: Record
    trace: list[Note]


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
    (understood,) = understand_all([raw], source, tables)
    return understood


def understand_all(
    raws: Sequence[RawRecord], source: sources.Source, tables: Tables
) -> list[Understood]:
    """Understand records of one source, as `understand` does, in their order.

    Each step is done for all before the next one: its code and tables are then at hand.
    """
    begun = [_begin(raw, source, tables) for raw in raws]
    live = [context for context in begun if not context.raw.deleted]
    for step in _STEPS:
        for context in live:
            context.trace.extend(step(context.record, context))
    return [_end(context) for context in begun]


def _begin(raw: RawRecord, source: sources.Source, tables: Tables) -> _Context:
    """Find out where a record comes from, and how it is to be read."""
    groups = {} if raw.deleted else text.read(raw.values)
    received, walk = groups, tables.crosswalks.get(raw.format)
    if walk is not None:
        groups = crosswalk.read(received, walk, tables.roles)
    own = [(value, *identifiers.find(value.text)) for value in groups.get("dc:identifier", ())]
    home = origin.find(raw, source, groups, _handle(own), tables.origins)
    dialect = profile.choose(
        tables.profiles,
        source=source,
        home=home.source,
        identifier=home.identifier,
        carriers=home.carriers,
        from_agency=home.from_agency,
        groups=groups,
        sets=raw.sets,
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
    given: dict[str, Sequence[Value]] = defaultdict(tuple, _NONE | groups)
    return _Context(
        raw, received, groups, given, own, home, dialect, tables, walk is not None, record, trace
    )


def _end(context: _Context) -> Understood:
    record, trace, home = context.record, context.trace, context.home.source
    record.notes = [_short(note) for note in trace if note.rule in TOLD]
    return Understood(record, trace, home.name if home else None)


# Asked of every record: what a mapping has takes a fourth of the time of what it must make.
_ASKED = """
ali:free_to_read ali:license_ref base_dc:classcode base_dc:lang base_dc:link base_dc:oa
base_dc:rightsnorm base_dc:typenorm base_dc:year dc:contributor dc:creator dc:description
dc:publisher dc:relation dc:rights dc:source dc:subject dcterms:abstract dcterms:accessRights
dcterms:bibliographicCitation dc:bibliographicCitation dcterms:issued dcterms:license
"""
_NONE: dict[str, Sequence[Value]] = dict.fromkeys(_ASKED.split(), ())


def _handle(own: identifiers.Read) -> str | None:
    for _, found, _ in own:
        for one in found:
            if one.scheme == "handle":
                return one.value
    return None


def _languages(record: Record, context: _Context) -> list[Note]:
    """Understand the languages that are given."""
    values = context.values
    record.languages, trace = languages.read(
        values["dc:language"], values["base_dc:lang"], context.tables.languages
    )
    return trace


def _publication(record: Record, context: _Context) -> list[Note]:
    """Understand what was published, in what, and how it is identified; needs the languages."""
    tables, dialect, values, own = context.tables, context.dialect, context.values, context.own
    raw_titles = values["dc:title"]
    first = raw_titles[0].text if raw_titles else ""
    relations = [(value, *identifiers.find(value.text)) for value in values["dc:relation"]]
    container, cited, trace = citation.read(
        _citations(context, own, relations),
        first,
        doi_is_own=dialect.source_doi_is_own,
        nothing=tables.no_titles,
        collections=dialect.collections,
        authors=values["dc:creator"],
    )
    trace += citation.from_addresses(container, values["dc:identifier"])
    cited += citation.described(values["dc:description"])
    titled, notes = titles.read(
        raw_titles,
        dialect=dialect,
        languages=tables.languages,
        container=container.title,
        from_agency=context.home.from_agency,
        given=record.languages,
    )
    record.title, record.titles = titled.title, titled.parallel
    trace += notes
    kind, notes = types.read(
        values["dc:type"],
        values["base_dc:typenorm"],
        record.title,
        tables.types,
        dialect.default_type,
    )
    trace += notes
    kind, notes = types.degree(
        kind, [*values["dc:relation"], *values["dc:description"]], tables.types
    )
    trace += notes
    if kind.version is None:
        version, notes = types.stated_version(values["dc:description"], tables.types)
        if version:
            kind = replace(kind, version=version)
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
    record.publishers, notes = publishers.read(values["dc:publisher"], tables.names.nameless)
    trace += notes + citation.without_publisher(container, record.publishers)
    trace += citation.without_source_of_data(container, kind.type)
    record.container = None if container == _EMPTY_CONTAINER else container
    record.identifiers = None if numbers.own == _EMPTY_IDENTIFIERS else numbers.own
    record.links, notes = links.read(
        values["dc:identifier"],
        values["dc:relation"],
        values["base_dc:link"],
        numbers.own,
        context.home.source,
    )
    return trace + notes


_EMPTY_CONTAINER = Container()
_EMPTY_IDENTIFIERS = Identifiers()


def _citations(
    context: _Context, own: identifiers.Read, relations: identifiers.Read
) -> list[tuple[Value, bool]]:
    """Give the values that may hold a citation, each with whether it may be a plain title."""
    wanted = context.dialect.citation
    found = [(value, True) for element in _plain(wanted) for value in context.values[element]]
    for element, group in (("dc:relation", relations), ("dc:identifier", own)):
        citing = element in wanted
        for value, identified, _ in group:
            if value.refinement == "series" or (
                citing and not identified and value.text[:4].lower() != "http"
            ):
                found.append((value, False))
    return found + citation.in_descriptions(context.values["dc:description"])


@cache
def _plain(wanted: frozenset[str]) -> tuple[str, ...]:
    """Return the elements that may hold a citation as well as a plain title."""
    elements = dict.fromkeys(("dc:source", *sorted(wanted)))
    return tuple(element for element in elements if element not in unused.MIXED)


def _people(record: Record, context: _Context) -> list[Note]:
    """Understand who made it; needs the type, which tells a promoter from an editor."""
    words, read = context.tables.names, agents.read if context.in_parts else names.read
    country = context.home.source.country if context.home.source else None
    record.creators, trace = read(
        context.values["dc:creator"], words, field="creators", country=country
    )
    roles = context.dialect.contributors
    record.contributors, notes = read(
        context.values["dc:contributor"],
        words,
        field="contributors",
        country=country,
        roles=roles.get(record.type or "") or roles.get(""),
    )
    trace += notes
    if record.contributors and record.creators:
        record.contributors, notes = names.without(
            record.contributors, record.creators, "contributors", "dc:contributor"
        )
        trace += notes
    if len(record.creators) == 1:
        elsewhere = [*context.values["dc:relation"], *context.values["dc:identifier"]]
        trace += names.of_the_record(record.creators, elsewhere)
    cited = [*context.values["dc:relation"], *context.values["dc:source"]]
    return trace + names.in_citations(record.creators, cited, record.title)


def _words(record: Record, context: _Context) -> list[Note]:
    """Understand descriptions with their keywords, and a language not given; needs the title."""
    tables, values = context.tables, context.values
    described, trace = descriptions.read(
        [*values["dc:description"], *values["dcterms:abstract"]],
        values["dc:type"],
        record.languages,
        context.dialect,
        tables.languages,
        record.title,
    )
    record.abstracts, record.funding = described.abstracts, described.funding
    record.peer_reviewed = described.peer_reviewed
    record.keywords = keywords.beside([], described.keywords, tables.no_keywords)
    if not record.languages and record.title:
        pieces = [(values["dc:title"][0], record.title)]
        pieces += [(pieces[0][0], abstract.text) for abstract in record.abstracts[:1]]
        record.languages, notes = languages.infer(pieces, tables.languages)
        trace += notes
    return trace


def _subjects(record: Record, context: _Context) -> list[Note]:
    """Understand keywords and disciplines; the keywords of descriptions come last."""
    values = context.values["dc:subject"]
    classes = context.values["base_dc:classcode"]
    if not values and not record.sets and not classes:
        return []
    tables = context.tables
    words = subjects.Words(tables.disciplines, tables.phrases, tables.languages, tables.no_keywords)
    said, trace = subjects.read(values, classes, record.sets, context.dialect, words)
    described = [keyword.label for keyword in record.keywords]
    record.keywords = keywords.beside(said.keywords, described, tables.no_keywords)
    record.concepts = said.concepts
    record.disciplines = said.disciplines
    if context.in_parts:
        named = {value.attributes.get("valueURI"): value.text for value in reversed(values)}
        for concept in record.concepts:
            concept.label = named.get(concept.uri)
    return trace


def _use(record: Record, context: _Context) -> list[Note]:
    """Understand when it appeared, and who may use it.

    An embargo counts as passed by the day of the record's datestamp, not by the clock: a rebuild
    gives the same record, and a repository that opens a file sends the record anew.
    """
    tables, values = context.tables, context.values
    dated, trace = dates.read(
        [*values["dc:date"], *values["dcterms:issued"]],
        values["base_dc:year"],
        tables.dates,
        joined=context.dialect.joined,
        elsewhere=[*values["dc:relation"], *values["dc:identifier"]],
        title=record.title,
    )
    record.issued, record.year = dated.issued, dated.year
    record.rights, notes = rights.read(
        [*values["dc:rights"], *values["dcterms:accessRights"], *values["dcterms:license"]],
        [*values["ali:free_to_read"], *values["ali:license_ref"]],
        values["base_dc:rightsnorm"],
        values["base_dc:oa"],
        embargo_until=dated.embargo_until,
        today=(record.datestamp or "")[:10],
        terms=tables.rights,
        available=dated.available,
    )
    return trace + notes


def _rest(_: Record, context: _Context) -> list[Note]:
    """Tell what no step before has read."""
    received, given = context.received, context.raw.values
    if context.in_parts:
        trace = unused.left_of_parts(received, context.groups, context.trace)
    else:
        trace = unused.left(context.groups, context.trace)
    if sum(map(len, received.values())) < len(given):
        trace += [
            Note("record", value.element, value.value, "record.unused", "")
            for value in text.unreadable(given)
        ]
    return trace


# In this order: some need what those before have found.
_STEPS = (_languages, _publication, _people, _words, _subjects, _use, _rest)


def _repaired(repair: str) -> Note:
    """Tell of a repair in the bytes of the record: which values it touched is not known."""
    return Note("record", "", "", "record.repaired", repair, 0.9)


def _short(note: Note) -> Note:
    if len(note.original) <= LONGEST and len(note.result) <= LONGEST:
        return note
    return replace(note, original=note.original[:LONGEST], result=note.result[:LONGEST])
