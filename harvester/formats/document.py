"""Recognises what a file given to `harvester import` is, and reads the records in it."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from lxml import etree

from harvester import address
from harvester.errors import HarvesterError, UsageError
from harvester.formats import Unreadable, UnreadableError, fid_portal, read_page
from harvester.model import RawRecord
from harvester.oai import page as oai_page
from harvester.oai.received import MAX_BODY, NotOaiError

_WITH_RECORDS = ("ListRecords", "GetRecord")
_SNIFFED = 4096
_FIRST_TAG = re.compile(rb"<([A-Za-z][\w:.-]{0,60})")
_PROLOG = re.compile(rb"<!--.{0,2000}?-->|<\?.{0,500}?\?>", re.DOTALL)
_HTML_DOCTYPE = re.compile(rb"<!doctype\s+html", re.IGNORECASE)
_HTML_TAGS = frozenset(
    {
        b"a", b"article", b"b", b"body", b"div", b"dl", b"h1", b"h2", b"h3", b"head", b"html",
        b"main", b"meta", b"p", b"section", b"span", b"table",
    }
)  # fmt: skip
_MAGIC = (
    (b"%PDF", "a PDF file"),
    (b"PK\x03\x04", "a ZIP archive (or a Word or LibreOffice document)"),
    (b"\x1f\x8b", "a gzip archive: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive: unpack it first"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


class Document(msgspec.Struct, frozen=True):
    """What a file holds.

    Attributes:
        base_url: where an OAI-PMH answer comes from: the base URL in its `<request>`, without user
            and OAI-PMH arguments. None for other files, and where it is no http or https URL.
        host: where a portal page comes from: the host of its permalink. None for other files.
        records: the records in their order; those that could not be read say why.
    """

    base_url: str | None
    host: str | None
    records: list[RawRecord | Unreadable]


def read(content: bytes, overlay: Path | None = None) -> Document:
    """Read a file: an OAI-PMH answer, a single `<record>`, or a portal page (text or HTML).

    Args:
        content: the bytes of the file.
        overlay: the folder of the librarian's own table rows, or None; for portal pages.

    Raises:
        UnreadableError: it is none of these; one line that says what it looks like instead.
        HarvesterError: a format or a table is broken.
    """
    if len(content) > MAX_BODY:
        raise UnreadableError(f"it has {len(content):,} bytes; at most {MAX_BODY:,} are read")
    start = _start(content)
    for magic, what in _MAGIC:
        if content.startswith(magic):
            raise UnreadableError(f"it is {what}")
    if _is_html(start):
        return _page(fid_portal.read_html(content, overlay))
    if start.startswith(b"<"):
        return _xml(content)
    if start[:1] in b"{[" and _is_json(content):
        raise UnreadableError("it is JSON: only OAI-PMH answers and portal pages can be read")
    return _page(fid_portal.read_text(content, overlay))


def _start(content: bytes) -> bytes:
    """Return the first characters of a file as UTF-8, without byte-order mark and blanks."""
    start = content[:_SNIFFED]
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        start = start.decode("utf-16", "replace").encode()
    return start.lstrip(codecs.BOM_UTF8 + b" \t\r\n")


def _is_html(start: bytes) -> bool:
    if _HTML_DOCTYPE.search(start):
        return True
    tag = _FIRST_TAG.search(_PROLOG.sub(b"", start))
    return start.startswith(b"<") and tag is not None and tag.group(1).lower() in _HTML_TAGS


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def _page(record: RawRecord) -> Document:
    for value in record.values:
        if value.element == fid_portal.PERMALINK:
            return Document(None, _host(value.value), [record])
    return Document(None, None, [record])


def _host(permalink: str) -> str | None:
    try:
        return urlsplit(permalink).hostname
    except ValueError:
        return None


def _base_url(request: str | None) -> str | None:
    try:
        # biblio.ugent.be gives its address as `…/oai/%3F`: the `?` of the request, encoded.
        known = address.read((request or "").removesuffix("%3F"))
    except UsageError:
        return None
    return f"{known.url}?{known.query}" if known.query else known.url


def _xml(content: bytes) -> Document:
    try:
        page = oai_page.parse(content)
    except NotOaiError as error:
        page = _loose_records(content, error)
    if page.error is not None and page.error.code != "noRecordsMatch":
        raise UnreadableError(
            f"it is an OAI-PMH answer that reports an error: {page.error.code}: "
            f"{page.error.message or 'no message'}"
        )
    if page.error is None and page.verb not in _WITH_RECORDS:
        raise UnreadableError(f"it is an OAI-PMH answer to {page.verb}, which holds no records")
    return Document(_base_url(page.request_url), None, read_page(page))


def _loose_records(content: bytes, error: HarvesterError) -> oai_page.Page:
    """Read records that stand alone, or right below the root, by giving them an envelope.

    People save single records from a browser; BASE's own samples lack the `<ListRecords>`.
    """
    try:
        root = oai_page.parsed(content.lstrip(b"\xef\xbb\xbf \t\r\n"), oai_page.parser())
    except (etree.LxmlError, ValueError, LookupError):
        raise UnreadableError(f"it is no OAI-PMH answer that can be read: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableError("it is XML with a DOCTYPE, which is not read: remove that line")
    alone = etree.QName(root).localname == "record"
    records = [root] if alone else _children(root, "record")
    if not records:
        raise UnreadableError(
            f"it is XML with the root <{_shown(root.tag)}>: "
            "neither an OAI-PMH answer nor a <record>"
        )
    request = "".join(element.text or "" for element in _children(root, "request")[:1])
    envelope = etree.Element("OAI-PMH")
    etree.SubElement(envelope, "request").text = request.strip()
    etree.SubElement(envelope, "GetRecord" if alone else "ListRecords").extend(records)
    try:
        return oai_page.parse(etree.tostring(envelope))
    except NotOaiError as refused:
        raise UnreadableError(f"its records cannot be read: {refused}") from None


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [
        child
        for child in element
        if isinstance(child.tag, str) and etree.QName(child).localname == name
    ]


def _shown(tag: str) -> str:
    return "".join(char for char in tag[:120] if char.isprintable())
