"""`/search.atom?…`: any search as a feed of what came last, for those who subscribe to it.

The feed is the same query, newest first, whatever order the list has. Ids are made from the ids of
records and from the query, never from the site's address: a site that moves brings nobody anything
twice. An entry's date is that of its record's version here, of a work the latest of its copies.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from datasette.utils.asgi import Request, Response
from lxml import etree

from harvester import links
from harvester.catalogue import moments
from harvester.catalogue import search as searching
from harvester.catalogue.moments import Moments
from harvester.catalogue.query import Query
from harvester.catalogue.search import Found
from harvester.explorer.bounds import shortened
from harvester.explorer.card import card
from harvester.explorer.forms import FEED_SUFFIX
from harvester.explorer.interface import gettext
from harvester.explorer.labels import UNTITLED
from harvester.explorer.search import filters, page_number, parameters
from harvester.explorer.site import Site, pairs_of, query_of
from harvester.languages import bcp47
from harvester.model import Record

MEDIA_TYPE = "application/atom+xml"
ENTRIES = 50
"""Entries on one page of a feed."""
SUMMARY_CHARACTERS = 2000
KEYWORDS = 30
EMPTY_SINCE = "1970-01-01T00:00:00Z"

TAG = "tag:benelux-harvester,2026"
"""The beginning of every id (RFC 4151)."""

_ATOM = "http://www.w3.org/2005/Atom"
_SEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


async def feed(site: Site, request: Request) -> Response:
    """Answer `/search.atom`."""
    pairs = parameters(request)
    query = msgspec.structs.replace(query_of(pairs), sort="added")
    page = page_number(dict(pairs))

    def ask(connection: sqlite3.Connection) -> tuple[Found, dict[str, Moments], str]:
        found = searching.search(connection, query, offset=(page - 1) * ENTRIES, limit=ENTRIES)
        known = moments.moments(connection, (record.id for record in found.records))
        since = max((one.changed for one in known.values()), default=None)
        return found, known, since or moments.last_added(connection) or EMPTY_SINCE

    found, known, updated = await site.read(ask)
    body = document(site, request, query, page, found, known, updated)
    return conditional(site, request, body, updated)


def document(
    site: Site,
    request: Request,
    query: Query,
    page: int,
    found: Found,
    known: dict[str, Moments],
    updated: str,
) -> bytes:
    """Write one page of a feed.

    Args:
        site: the site.
        request: what was asked; it knows the site's address.
        query: in the order `added`.
        page: its number, from 1.
        found: the records of the page, and how many there are in all.
        known: when each of them came and changed, by id.
        updated: when the newest of them changed.
    """
    namespaces: dict[Any, str] = {None: _ATOM, "opensearch": _SEARCH}
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap=namespaces)
    _text(root, "title", title(site, query))
    _text(root, "id", feed_id(query))
    _text(root, "updated", updated)
    _text(etree.SubElement(root, f"{{{_ATOM}}}author"), "name", site.title)
    _text(root, "generator", "benelux-harvester")

    def link(rel: str, path: str, media_type: str) -> None:
        attributes = {"rel": rel, "type": media_type, "href": site.absolute(request, path)}
        etree.SubElement(root, f"{{{_ATOM}}}link", attributes)

    last = max(1, -(-found.total // ENTRIES))
    # RFC 5005, section 3
    pages = {"self": page, "first": 1, "previous": page - 1, "next": page + 1, "last": last}
    plain = msgspec.structs.replace(query, sort="")
    for rel, number in pages.items():
        if rel == "self" or 1 <= number <= last:
            link(rel, site.search_path(plain, page=number, suffix=FEED_SUFFIX), MEDIA_TYPE)
    link("alternate", site.search_path(query), "text/html")
    for name, number in (
        ("totalResults", found.total),
        ("startIndex", (page - 1) * ENTRIES + 1),
        ("itemsPerPage", ENTRIES),
    ):
        etree.SubElement(root, f"{{{_SEARCH}}}{name}").text = str(number)
    for record in found.records:
        if record.id in known:
            root.append(entry(site, request, record, known[record.id]))
    text: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def entry(site: Site, request: Request, record: Record, when: Moments) -> etree._Element:
    """Write one record as an entry."""
    shown = card(site, record)
    record = shown.record
    node = etree.Element(f"{{{_ATOM}}}entry")
    heading = _text(node, "title", clean(shown.title) or gettext(UNTITLED))
    if shown.language:
        heading.set(_XML_LANG, shown.language)
    _text(node, "id", entry_id(record))
    _text(node, "updated", when.changed)
    _text(node, "published", when.added)
    for agent in record.creators:
        if not clean(agent.literal):
            continue
        author = etree.SubElement(node, f"{{{_ATOM}}}author")
        _text(author, "name", agent.literal)
        if uri := links.orcid(agent.orcid):
            _text(author, "uri", uri)
    address = site.absolute(request, shown.path)
    etree.SubElement(
        node, f"{{{_ATOM}}}link", {"rel": "alternate", "type": "text/html", "href": address}
    )
    words = [record.type or "", *(keyword.label for keyword in record.keywords[:KEYWORDS])]
    for word in filter(None, map(clean, words)):
        etree.SubElement(node, f"{{{_ATOM}}}category", {"term": word})
    for abstract in record.abstracts[:1]:
        summary = _text(node, "summary", shortened(abstract.text, SUMMARY_CHARACTERS))
        if abstract.language:
            summary.set(_XML_LANG, bcp47(abstract.language, site.overlay))
    return node


def entry_id(record: Record) -> str:
    """Return the id of a record in every feed."""
    return f"{TAG}:record:{record.id}"


def feed_id(query: Query) -> str:
    """Return the id of a search's feed: the query in its canonical form, without an order."""
    pairs = pairs_of(msgspec.structs.replace(query, sort=""))
    return f"{TAG}:search:{urlencode(pairs)}"


def title(site: Site, query: Query) -> str:
    """Say in words what is subscribed to."""
    parts = [query.text, *(f"{chip.heading}: {chip.label}" for chip in filters(site, query))]
    said = ", ".join(part for part in parts if part)
    return f"{said} – {site.title}" if said else site.title


def clean(text: str) -> str:
    """Text that can stand in XML and turns nothing round that follows it."""
    return _NO_XML.sub("", links.plain(text))


def conditional(site: Site, request: Request, body: bytes, updated: str) -> Response:
    """Answer with the feed, or with 304 where the reader has it already (RFC 9110, section 13)."""
    changed = datetime.fromisoformat(updated).astimezone(UTC)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        **site.headers(),
        "Vary": "Accept-Language",
        "ETag": tag,
        "Last-Modified": format_datetime(changed, usegmt=True),
    }
    if has_it(request, tag, changed):
        return Response(b"", 304, headers, f"{MEDIA_TYPE}; charset=utf-8")
    return Response(body, 200, headers, f"{MEDIA_TYPE}; charset=utf-8")


def has_it(request: Request, tag: str, changed: datetime) -> bool:
    """Whether the reader holds this version; a tag goes before a date."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        held = {one.strip().removeprefix("W/") for one in tags.split(",")}
        return tag in held or "*" in held
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except (TypeError, ValueError):
        return False
    if since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    return changed <= since


def _text(parent: etree._Element, name: str, text: str) -> etree._Element:
    node = etree.SubElement(parent, f"{{{_ATOM}}}{name}")
    node.text = clean(text)
    return node
