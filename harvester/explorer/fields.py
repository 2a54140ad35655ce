"""The fields of a record page: everything the record says that has no place of its own there."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from harvester import links
from harvester.catalogue.row import discipline_value
from harvester.explorer import labels
from harvester.explorer.card import agent_note, where
from harvester.explorer.dates import issued
from harvester.explorer.interface import day, gettext
from harvester.explorer.site import Site
from harvester.model import Agent, Container, Discipline, Origin, Record, Rights


class Value(msgspec.Struct, frozen=True):
    """A value as it is shown.

    Attributes:
        text: in words.
        url: where it leads, if anywhere.
        within: it leads to a search of this site.
        language: BCP 47 tag of the text, where it is not the interface's.
        note: what stands behind it in small letters.
        others: the same in other languages, each with its language.
    """

    text: str
    url: str | None = None
    within: bool = False
    language: str | None = None
    note: str | None = None
    others: list[labels.Text] = []


class Field(msgspec.Struct, frozen=True):
    """A heading with its values."""

    heading: str
    values: list[Value]


def details(site: Site, record: Record) -> list[Field]:
    """List what the record says of the publication, in the order in which a reader asks."""
    container = record.container or Container()
    rights = record.rights or Rights()
    rows: list[tuple[str, Iterable[Value]]] = [
        ("type", _search(site, "type", [record.type] if record.type else [])),
        ("version", _plain(site.labels.version(record.version) if record.version else None)),
        ("issued", _plain(issued(record.issued or str(record.year or "")))),
        ("container", _container(site, container)),
        ("series", _plain(container.series if container.title else None)),
        ("publisher", _search(site, "publisher", record.publishers)),
        ("language", _search(site, "language", record.languages)),
        ("contributor", [_contributor(agent) for agent in record.contributors]),
        ("discipline", [_discipline(site, one) for one in record.disciplines]),
        (
            "concept",
            [Value(one.label or one.uri, links.safe(one.uri)) for one in record.concepts],
        ),
        ("peer_reviewed", _peer_reviewed(site, record)),
        ("access", _search(site, "access", [rights.access] if rights.access else [])),
        ("embargo", _plain(day(rights.embargo_until or ""))),
        ("licence", [_licence(rights.licence)] if rights.licence else []),
        ("rights", _plain(rights.statement)),
        ("funding", [Value(one) for one in record.funding]),
    ]
    fields = [_field(name, values) for name, values in rows]
    identifiers: dict[str, list[Value]] = {}
    for one in links.identifiers(record.identifiers):
        identifiers.setdefault(one.kind, []).append(Value(one.value, one.url))
    fields += [Field(kind, values) for kind, values in identifiers.items()]
    fields.append(_field("related", _linked(record, "related")))
    return [field for field in fields if field.values]


def provenance(site: Site, record: Record) -> list[Field]:
    """List where the record comes from and how it came here."""
    origin = record.origin or Origin()
    known = origin.oai_identifier if origin.oai_identifier != record.oai_identifier else None
    rows: list[tuple[str, Iterable[Value]]] = [
        ("source", _search(site, "source", [record.source])),
        ("provider", _plain(record.provider.name if record.provider else None)),
        ("origin", _plain(origin.name)),
        ("origin_identifier", _plain(known)),
        ("oai_identifier", _plain(record.oai_identifier)),
        ("datestamp", _plain(day(record.datestamp or ""))),
        ("sets", [Value(one) for one in record.sets]),
        ("permalink", _linked(record, "permalink")),
    ]
    fields = [_field(name, values) for name, values in rows]
    return [field for field in fields if field.values]


def _field(name: str, values: Iterable[Value]) -> Field:
    return Field(gettext(labels.FIELDS[name]), list(values))


def _plain(text: str | None) -> list[Value]:
    return [Value(text)] if text else []


def _search(site: Site, facet: str, values: Iterable[str]) -> list[Value]:
    return [
        Value(site.labels.value(facet, value), site.facet_path(facet, value), within=True)
        for value in values
    ]


def _container(site: Site, container: Container) -> list[Value]:
    if not container.title:
        return _plain(container.series)
    numbers = [f"ISSN {issn}" for issn in container.issn]
    numbers += [f"ISBN {isbn}" for isbn in container.isbn]
    note = " · ".join(text for text in (where(container), *numbers) if text)
    path = site.facet_path("container", container.title)
    return [Value(container.title, path, within=True, note=note or None)]


def _contributor(agent: Agent) -> Value:
    return Value(agent.literal, links.orcid(agent.orcid), note=agent_note(agent) or None)


def _discipline(site: Site, discipline: Discipline) -> Value:
    known = {tag: label for tag in labels.LABELLED_IN if (label := getattr(discipline, tag))}
    called = labels.best(known or {"": discipline.code or discipline.scheme})
    return Value(
        called.text,
        site.facet_path("discipline", discipline_value(discipline)),
        within=True,
        language=called.language or None,
        others=[labels.Text(label, tag) for tag, label in known.items() if label != called.text],
    )


def _peer_reviewed(site: Site, record: Record) -> list[Value]:
    if record.peer_reviewed is None:
        return []
    return _search(site, "peer_reviewed", ["true" if record.peer_reviewed else "false"])


def _licence(licence: str) -> Value:
    return Value(licence, links.safe(licence) or links.spdx(licence))


def _linked(record: Record, rel: str) -> list[Value]:
    return [Value(link.url, links.safe(link.url)) for link in record.links if link.rel == rel]
