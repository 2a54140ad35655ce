"""What Zotero makes of a page, by the rules that its translators were measured to follow.

unAPI comes first, then COinS, then the tags of the head ("Embedded Metadata"); the first that gives
items wins. This knows only so much of each as decides types, creators and languages.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
import rispy
from lxml import etree

from tests.explorer.reading import Element

Get = Callable[[str], Awaitable[Any]]

FORMATS = (
    "rdf_zotero", "rdf_bibliontology", "marc", "unimarc", "marcxml", "mods", "ris", "refer",
    "bibtex", "rdf_dc",
)  # fmt: skip
RIS_TYPES = {
    "ART": "artwork", "BLOG": "blogPost", "BOOK": "book", "CHAP": "bookSection",
    "COMP": "computerProgram", "CONF": "conferencePaper", "DATA": "dataset", "ELEC": "webpage",
    "JOUR": "journalArticle", "MAP": "map", "NEWS": "newspaperArticle", "PAT": "patent",
    "PCOMM": "letter", "RPRT": "report", "SER": "book", "SLIDE": "presentation",
    "SOUND": "audioRecording", "THES": "thesis", "UNPD": "manuscript", "VIDEO": "videoRecording",
}  # fmt: skip
COINS_FORMATS = {
    "info:ofi/fmt:kev:mtx:journal": "journalArticle",
    "info:ofi/fmt:kev:mtx:book": "book",
    "info:ofi/fmt:kev:mtx:dissertation": "thesis",
    "info:ofi/fmt:kev:mtx:dc": "webpage",
}
COINS_GENRES = {
    "bookitem": "bookSection",
    "conference": "conferencePaper",
    "proceeding": "conferencePaper",
    "report": "report",
    "document": "document",
}
TAG_TYPES = {
    "citation_journal_title": "journalArticle",
    "citation_dissertation_institution": "thesis",
    "citation_technical_report_institution": "report",
    "citation_inbook_title": "bookSection",
    "citation_book_title": "bookSection",
    "citation_conference_title": "conferencePaper",
}


class Name(msgspec.Struct, frozen=True):
    """A creator; one in a single field has no first name."""

    last: str
    first: str = ""


class Item(msgspec.Struct, frozen=True):
    """An item in Zotero's library."""

    type: str
    title: str
    creators: list[Name]
    language: str | None = None
    doi: str | None = None


async def read(page: Element, get: Get) -> tuple[str, list[Item]]:
    """Return which translator reads the page, and the items that it makes."""
    for name, items in (
        ("unAPI", await unapi(page, get)),
        ("COinS", coins(page)),
        ("Embedded Metadata", embedded(page)),
    ):
        if items:
            return name, items
    return "none", []


async def unapi(page: Element, get: Get) -> list[Item]:
    servers = page.xpath("//link[@rel='unapi-server']/@href")
    ids = page.xpath("//abbr[contains(concat(' ', @class, ' '), ' unapi-id ')]/@title")
    if not servers or not ids:
        return []
    # Addresses are put together without a look at what is there already.
    server = urlsplit(servers[0])
    assert server.netloc == "localhost"
    assert "?" not in servers[0]
    listed = etree.fromstring((await get(server.path)).content)
    offered = [one.get("name") for one in listed.iter("format")]
    chosen = next((name for name in FORMATS if name in offered), None)
    assert chosen == "ris"
    items: list[Item] = []
    for id_ in ids:
        answer = await get(f"{server.path}?id={id_}&format={chosen}")
        assert answer.status_code == 200
        items += ris(answer.text)
    return items


def ris(text: str) -> list[Item]:
    return [
        Item(
            RIS_TYPES.get(one["type_of_reference"], "journalArticle"),
            one.get("title", ""),
            [ris_name(name) for name in one.get("authors", [])],
            one.get("language"),
            one.get("doi"),
        )
        for one in rispy.loads(text.replace("\r\n", "\n"))
    ]


def ris_name(text: str) -> Name:
    last, *rest = [part.strip() for part in text.split(",")]
    return Name(last, rest[0] if rest else "")


def coins(page: Element) -> list[Item]:
    spans = page.xpath("//span[contains(concat(' ', @class, ' '), ' Z3988 ')]/@title")
    return [item for span in spans if (item := context_object(span)) is not None]


def context_object(span: str) -> Item | None:
    parts = [part.split("=", 1) for part in span.split("&")]
    pairs = [(name, unquote(value.replace("+", " ").replace("%2B", " "))) for name, value in parts]
    known = dict(reversed(pairs))
    kind = COINS_FORMATS.get(known.get("rft_val_fmt", ""))
    if kind is None:
        return None
    if kind == "book":
        kind = COINS_GENRES.get(known.get("rft.genre", ""), "book")
    if kind == "webpage":
        kind = known.get("rft.type", kind)
    titles = {"journalArticle": "atitle", "bookSection": "atitle", "conferencePaper": "atitle"}
    titles |= {"book": "btitle", "report": "btitle"}
    ids = [value for name, value in pairs if name == "rft_id"]
    doi = next((one.removeprefix("info:doi/") for one in ids if one.startswith("info:doi/")), None)
    return Item(
        kind,
        known.get(f"rft.{titles.get(kind, 'title')}", ""),
        [coins_name(name, value) for name, value in pairs if name in CREATORS],
        known.get("rft.language"),
        doi,
    )


CREATORS = ("rft.au", "rft.creator", "rft.aucorp")


def coins_name(name: str, value: str) -> Name:
    return Name(value) if name == "rft.aucorp" else person(value)


def person(text: str) -> Name:
    """Split a name: at its comma, else before its last word."""
    if "," in text:
        last, first = text.split(",", 1)
        return Name(last.strip(), first.strip())
    first, _, last = text.rpartition(" ")
    return Name(last, first)


def embedded(page: Element) -> list[Item]:
    tags = [(one.get("name"), one.get("content")) for one in page.xpath("//head/meta[@name]")]
    known = dict(reversed(tags))
    if "citation_title" not in known:
        return []
    kind = "journalArticle"
    if "citation_isbn" in known:
        kind = "book"
    for name, _ in tags:  # the last one wins
        kind = TAG_TYPES.get(name, kind)
    return [
        Item(
            known.get("z:itemType", kind),
            known["citation_title"],
            tag_authors([content for name, content in tags if name == "citation_author"]),
            # The language of the page is taken for the item's where none is said.
            known.get("citation_language", page.get("lang")),
            known.get("citation_doi"),
        )
    ]


def tag_authors(contents: list[str]) -> list[Name]:
    names: list[str] = []
    for content in contents:
        several = [part.strip() for part in content.split(";")]
        if len(several) == 1 and len(contents) == 1:
            at_commas = [part.strip() for part in content.split(",")]
            if len(at_commas) > 1 and all(" " in part for part in at_commas[:2]):
                several = at_commas
        names += filter(None, several)
    return [person(name) for name in names]
