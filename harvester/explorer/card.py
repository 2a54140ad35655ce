"""A record as pages show it: its values in words, and each with the search that it leads to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import msgspec

from harvester import links
from harvester.catalogue import works
from harvester.explorer import labels
from harvester.explorer.bounds import LIST, Bounds, bounded, shortened
from harvester.explorer.highlight import excerpt
from harvester.explorer.interface import gettext
from harvester.explorer.site import Site
from harvester.model import Abstract, Agent, Container, Record


class Name(msgspec.Struct, frozen=True):
    """A creator: the name, the search for it, the ORCID iD's address, role and affiliation."""

    text: str
    path: str
    orcid: str | None = None
    note: str = ""


class Word(msgspec.Struct, frozen=True):
    """A keyword: the label, the search for it, and the BCP 47 tag of the label."""

    text: str
    path: str
    language: str | None = None


class Summary(msgspec.Struct, frozen=True):
    """An abstract in a list: cut where it is long, and the part that was searched for.

    `language` is its BCP 47 tag, where that is known.
    """

    text: str
    language: str | None = None
    excerpt: str = ""


class Card(msgspec.Struct, frozen=True):
    """What a hit and a record page show of a record.

    Attributes:
        record: the record itself.
        path: the address of its page.
        title: its title, or words that say it has none.
        language: BCP 47 tag of the title, where only one language is known.
        kind: its type in words.
        languages: its languages in words.
        creators: in their order, the first ones of very many.
        people: how many creators there are.
        container: journal, book or series, in words; None where there is none.
        where: volume, issue, pages and the like.
        publisher: the first publisher.
        keywords: with the search for each.
        ways: links to the publication, full text first.
        access: the access right in words, where it is known.
        open: whether the access right is open access.
        source: title of the repository it was harvested from.
        copies: how many live copies the work has, where it is one.
        sources: titles of the repositories that these are from, each once.
        abstracts: the first one, as a list shows it.
    """

    record: Record
    path: str
    title: str
    language: str | None
    kind: str | None
    languages: list[str]
    creators: list[Name]
    people: int
    container: str | None
    where: str
    publisher: str | None
    keywords: list[Word]
    ways: list[links.Way]
    access: str | None
    open: bool
    source: str
    abstracts: list[Summary] = []
    copies: int = 1
    sources: list[str] = []


MOST_CHARACTERS = 3000
"""As much of an abstract is shown in a list; its record's page has more."""


def card(
    site: Site,
    record: Record,
    search: str = "",
    bounds: Bounds = LIST,
    copies: Sequence[str] = (),
) -> Card:
    """Prepare a record for the pages.

    Args:
        site: the site.
        record: a live record.
        search: the words that it was found by.
        bounds: how much of it is shown.
        copies: of a work the name of the source of each copy.
    """
    people = len(record.creators)
    record = bounded(record, bounds)
    words = site.labels
    access = record.rights.access if record.rights else None
    container = record.container or Container()
    return Card(
        record=record,
        path=site.record_path(record.id),
        title=record.title or gettext(labels.UNTITLED),
        language=words.tag(record.languages[0]) if len(record.languages) == 1 else None,
        kind=words.type(record.type) if record.type else None,
        languages=[labels.capital(words.language(code)) for code in record.languages],
        creators=[
            Name(
                agent.literal,
                site.facet_path("creator", agent.literal),
                links.orcid(agent.orcid),
                agent_note(agent),
            )
            for agent in record.creators
        ],
        people=people,
        container=container.title or container.series,
        where=where(container),
        publisher=record.publishers[0] if record.publishers else None,
        keywords=[
            Word(
                keyword.label,
                site.facet_path("keyword", keyword.label),
                words.tag(keyword.language) if keyword.language else None,
            )
            for keyword in record.keywords
        ],
        ways=links.ways(record),
        access=words.access(access) if access else None,
        open=access == "open access",
        source=words.source(record.source),
        abstracts=[summary(site, abstract, search) for abstract in record.abstracts[:1]],
        copies=max(1, len(copies)),
        sources=[words.source(name) for name in dict.fromkeys(copies)],
    )


def copies_of(connection: sqlite3.Connection, records: Iterable[Record]) -> dict[str, list[str]]:
    """The names of the sources of all copies of those of the records that are views of works."""
    return works.sources(connection, [record.id for record in records if record.id == record.work])


def summary(site: Site, abstract: Abstract, search: str) -> Summary:
    """Prepare an abstract for a list."""
    text = shortened(abstract.text, MOST_CHARACTERS)
    tag = site.labels.tag(abstract.language) if abstract.language else None
    return Summary(text, tag, excerpt(search, text) if search else "")


def agent_note(agent: Agent) -> str:
    """What is known of a person or body beside the name: role and affiliation."""
    role = labels.role(agent.role) if agent.role else None
    return ", ".join(text for text in (role, agent.affiliation) if text)


def where(container: Container) -> str:
    """Where in its container a publication stands, in words."""
    return labels.numbering(
        container.volume, container.issue, container.pages, container.article_number
    )


def citation(record: Record) -> str:
    """A plain reference to a publication: who (when): what. Where. Publisher. Address.

    It is the style of no manual, for what is withdrawn and what a style fails on.
    """
    who = "; ".join(agent.literal for agent in record.creators)
    when = f"({record.year or record.issued or gettext(labels.NO_DATE)})"
    sentences = [f"{who} {when}: {record.title or gettext(labels.UNTITLED)}".lstrip()]
    container = record.container or Container()
    if host := container.title or container.series:
        inside = ", ".join(filter(None, (host, where(container))))
        sentences.append(gettext("In: %(container)s", container=inside))
    sentences += record.publishers[:1]
    text = " ".join(one if one.endswith((".", "?", "!")) else f"{one}." for one in sentences)
    found = record.identifiers
    address = links.doi(found.doi) if found and found.doi else None
    if address is None and found and found.handle:
        address = links.handle(found.handle)
    return links.plain(f"{text} {address}" if address else text)
