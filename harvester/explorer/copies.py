"""Copies of one publication: why records belong together, and `/copies`, the pairs in doubt."""

from __future__ import annotations

import sqlite3

import msgspec
from datasette.utils.asgi import Request, Response

from harvester.catalogue import works
from harvester.catalogue.doubts import Doubt, Doubts, doubts
from harvester.catalogue.relations import Related
from harvester.explorer.card import Card, card
from harvester.explorer.interface import N_, gettext
from harvester.explorer.search import page_number, parameters
from harvester.explorer.site import Site
from harvester.linking.evidence import Evidence, compare
from harvester.linking.relating import relation
from harvester.linking.traits import traits
from harvester.linking.vetoes import SAME_ABSTRACT
from harvester.linking.weighing import Table
from harvester.model import Record

PATH = "/copies"
PAGE_SIZE = 20

CONFIRMED = N_("confirmed by a librarian")
SAME = {
    "doi_same": N_("the same DOI"),
    "handle_same": N_("the same handle"),
    "isbn_same": N_("the same ISBN"),
    "origin_same": N_("the same record at its repository"),
}
"""Features that say it for themselves."""
DIFFERENT = {
    "doi_apart": N_("different DOIs"),
    "year_next": N_("one year apart"),
    "year_apart": N_("years apart"),
    "volume_apart": N_("different volumes"),
    "page_apart": N_("different pages"),
    "parts": N_("different parts or editions"),
}
RELATIONS = {
    ("version", True): N_("Also published as"),
    ("version", False): N_("Earlier version"),
    ("translation", True): N_("In another language"),
    ("translation", False): N_("In another language"),
    ("part", True): N_("Published in"),
    ("part", False): N_("Contains"),
    ("review", True): N_("Reviews"),
    ("review", False): N_("Reviewed in"),
    ("reply", True): N_("Replies to"),
    ("reply", False): N_("Reply"),
    ("correction", True): N_("Corrects"),
    ("correction", False): N_("Corrected in"),
    ("supplement", True): N_("Belongs to"),
    ("supplement", False): N_("Supplement"),
}
"""What a publication is of another, and the other way round."""

ALIKE = 0.9
"""From this value on two titles, lists of creators or journals are nearly the same."""


class Copy(msgspec.Struct, frozen=True):
    """A copy of a publication, and why it is taken for one of what is shown."""

    card: Card
    why: list[str]


class Pair(msgspec.Struct, frozen=True):
    """Two records in doubt: what they have in common and what not, and whether they are joined."""

    one: Card
    other: Card
    alike: list[str]
    unlike: list[str]
    together: bool


class Other(msgspec.Struct, frozen=True):
    """A related publication, and how it is related."""

    card: Card
    how: str


async def copies(site: Site, request: Request) -> Response:
    """Answer `/copies`."""
    page = page_number(dict(parameters(request)))

    def ask(connection: sqlite3.Connection) -> Doubts:
        return doubts(connection, (page - 1) * PAGE_SIZE, PAGE_SIZE)

    found = await site.read(ask)
    last = max(1, -(-found.total // PAGE_SIZE))
    if page > last:
        return site.redirect(address(site, last))
    return await site.page(
        "copies.html",
        request,
        here="status",
        total=found.total,
        pairs=[pair(site, doubt) for doubt in found.pairs],
        page=page,
        last=last,
        previous=address(site, page - 1) if page > 1 else None,
        next=address(site, page + 1) if page < last else None,
    )


def address(site: Site, page: int) -> str:
    """The address of a page of pairs in doubt."""
    return site.path(PATH if page == 1 else f"{PATH}?page={page}")


def pair(site: Site, doubt: Doubt) -> Pair:
    """Prepare two records in doubt; how common their title is makes no difference."""
    rules = site.rules
    one, other = traits(doubt.one, rules.words), traits(doubt.other, rules.words)
    found = compare(one, other, rules.weights, lambda _: 1)
    cards = card(site, doubt.one), card(site, doubt.other)
    return Pair(*cards, alike(found), unlike(found), doubt.together)


def of_record(site: Site, found: list[works.Copy], record: Record) -> list[Copy]:
    """Prepare the other copies of a record, or all copies of the view of a work.

    Args:
        site: the site.
        found: the copies, the best first.
        record: the record, or the view.
    """
    if not found:
        return []
    asked = next((copy.record for copy in found if copy.record.id == record.id), found[0].record)
    return [
        Copy(card(site, copy.record), [] if copy.record is asked else why(asked, copy, site.rules))
        for copy in found
        if copy.record.id != record.id
    ]


def why(asked: Record, copy: works.Copy, rules: Table) -> list[str]:
    """Say why a copy belongs to a record."""
    one, other = traits(asked, rules.words), traits(copy.record, rules.words)
    found = compare(one, other, rules.weights, lambda _: 1)
    said = [gettext(CONFIRMED)] if copy.decided else alike(found)
    if relation(other, one, found) == "version":
        return [gettext("an earlier version"), *said]
    if relation(one, other, found) == "version":
        return [gettext("a later version"), *said]
    return said


def others(site: Site, found: list[Related]) -> list[Other]:
    """Prepare the publications that one has to do with."""
    return [
        Other(card(site, one.record), gettext(RELATIONS[one.relation, one.outward]))
        for one in found
    ]


def alike(found: Evidence) -> list[str]:
    """Say what two records have in common."""
    features = found.features
    said = [gettext(words) for name, words in SAME.items() if features.get(name)]
    if features["title_same"]:
        said.append(gettext("the same title"))
    elif features["title"] >= ALIKE:
        said.append(gettext("nearly the same title"))
    elif features["title_within"] >= ALIKE:
        said.append(gettext("one title within the other"))
    if not features["creators_unknown"]:
        if features["creators"] >= ALIKE:
            said.append(gettext("the same creators"))
        elif features["creators"]:
            said.append(gettext("common creators"))
    if features["host"] >= ALIKE:
        said.append(gettext("the same journal or book"))
    if features["volume_same"] and features["page_same"]:
        said.append(gettext("the same volume and page"))
    if features["abstract"] >= SAME_ABSTRACT:
        said.append(gettext("the same abstract"))
    return said


def unlike(found: Evidence) -> list[str]:
    """Say what speaks against two records being one publication."""
    said = [gettext(words) for name, words in DIFFERENT.items() if found.features.get(name)]
    features = found.features
    if not features["creators_unknown"] and features["creators"] < ALIKE:
        said.append(gettext("different creators"))
    if not features["title_same"]:
        said.append(gettext("different titles"))
    return said
