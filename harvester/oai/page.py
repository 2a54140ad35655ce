"""The envelope of an OAI-PMH answer, parsed strictly and once.

What stands inside `<metadata>` is left alone: it is the business of `harvester.formats`.
"""

from __future__ import annotations

import codecs
import re

import msgspec
from lxml import etree

from harvester.oai.received import NotOaiError

_VERBS = frozenset(
    ("ListRecords", "ListIdentifiers", "GetRecord", "Identify", "ListSets", "ListMetadataFormats")
)
_MAX_DOCTYPE = 64 * 1024
_MAX_DIGITS = 18  # fits SQLite's integers
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_DOCTYPE_STEP = re.compile(rb"""<!--|<\?|["'\[\]>]""")
_CLOSES = {b"<!--": b"-->", b"<?": b"?>", b'"': b'"', b"'": b"'"}
_SPACE = b" \t\r\n"
_WIDE_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its BOM begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
_DECLARATION = re.compile(r"<\?xml\s[^>]*\?>")
_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_HTML_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_END = re.compile(rb"OAI-PMH\s*>\s*\Z")


class OaiError(msgspec.Struct, frozen=True):
    """An error that the server reports: a code of the protocol, or one of its own."""

    code: str
    message: str


class Header(msgspec.Struct, frozen=True):
    """A record's header; what is missing is empty.

    Attributes:
        identifier: the OAI identifier.
        datestamp: as given.
        sets: setSpecs, in their order.
        deleted: `status="deleted"`.
    """

    identifier: str
    datestamp: str
    sets: list[str]
    deleted: bool


class PageRecord(msgspec.Struct, frozen=True):
    """A record: its header, and the element inside `<metadata>` if there is one.

    A deleted record has no metadata, whatever else the server sends with it.
    """

    header: Header
    metadata: etree._Element | None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """An answer.

    Attributes:
        verb: the verb that was answered; "" where an error answer does not say.
        response_date: as given.
        request_url: the text of `<request>`: the base URL as the server knows it.
        records: records, or headers without metadata for ListIdentifiers.
        token: the resumption token, stripped; None where the list ends.
        complete_list_size: how long the whole list is said to be; None where that is no number.
        error: set where the server reports an error; of several the first.
        answer: the element named after the verb, for what is no record (Identify, sets, formats).
    """

    verb: str
    response_date: str | None = None
    request_url: str | None = None
    records: list[PageRecord] = []
    token: str | None = None
    complete_list_size: int | None = None
    error: OaiError | None = None
    answer: etree._Element | None = None


def parser() -> etree.XMLParser:
    """Return a parser for what strangers send: nothing is resolved, fetched, repaired or huge."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        # ORBi puts ORCID iDs into xml:id, which are no NCNames and would not parse.
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
    )


def parse(content: bytes) -> Page:
    """Parse an answer; the whole of it must be there and well-formed.

    Envelope elements are matched by local name in any namespace or none, as some servers prefix
    or forget it (dataverse#6242). A byte-order mark and leading blank lines are passed over; a
    DOCTYPE is cut off before anything reads it.

    Args:
        content: the body without content encoding.

    Raises:
        NotOaiError: it is not XML, not closed, or its root is not `OAI-PMH`.
    """
    text = _without_doctype(_plain(content))
    try:
        root = etree.fromstring(text, parser())
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise _broken(text, error) from None
    doctype: str = root.getroottree().docinfo.doctype  # type: ignore[union-attr]
    if doctype:  # only an exotic encoding can have hidden it
        raise NotOaiError("the answer hides a DOCTYPE and was not read")
    if _local(root) != "OAI-PMH":
        raise _foreign(root, text)
    return _page(root)


def _page(root: etree._Element) -> Page:
    verb, response_date, request_url = "", None, None
    asked = ""
    answer: etree._Element | None = None
    error: OaiError | None = None
    for child in root:
        name = _local(child)
        if name in _VERBS:
            if answer is not None:
                raise NotOaiError(f"the answer holds both {verb} and {name}")
            verb, answer = name, child
        elif name == "responseDate":
            response_date = _text(child) or None
        elif name == "request":
            request_url = _text(child) or None
            asked = child.get("verb", "").strip()
        elif name == "error" and error is None:
            error = OaiError(child.get("code", "").strip(), " ".join(_text(child).split()))
    page = Page(
        verb=verb or (asked if asked in _VERBS else ""),
        response_date=response_date,
        request_url=request_url,
        error=error,
        answer=answer,
    )
    if answer is None:
        if error is None:
            raise NotOaiError("the answer is an OAI-PMH envelope with nothing in it")
        return page
    return _list(page, answer)


def _list(page: Page, answer: etree._Element) -> Page:
    records: list[PageRecord] = []
    token = size = None
    for child in answer:
        name = _local(child)
        if name == "record":
            records.append(_record(child))
        elif name == "header" and page.verb == "ListIdentifiers":
            records.append(PageRecord(_header(child), None))
        elif name == "resumptionToken":
            token = _text(child) or None
            size = _number(child.get("completeListSize"))
    return msgspec.structs.replace(page, records=records, token=token, complete_list_size=size)


def _record(element: etree._Element) -> PageRecord:
    header = _NO_HEADER
    metadata = None
    for child in element:
        name = _local(child)
        if name == "header":
            header = _header(child)
        elif name == "metadata" and len(child):
            metadata = child[0]
    return PageRecord(header, None if header.deleted else metadata)


def _header(element: etree._Element) -> Header:
    identifier = datestamp = ""
    sets: list[str] = []
    for child in element:
        name = _local(child)
        if name == "identifier":
            identifier = _text(child)
        elif name == "datestamp":
            datestamp = _text(child)
        elif name == "setSpec":
            spec = _text(child)
            if spec and spec not in sets:
                sets.append(spec)
    status = element.get("status")
    deleted = status is not None and status.strip().lower() == "deleted"
    return Header(identifier, datestamp, sets, deleted)


_NO_HEADER = Header("", "", [], False)


def _local(element: etree._Element) -> str:
    """Return the local name; "" for what is no element (an entity reference)."""
    tag = element.tag
    return tag[tag.rfind("}") + 1 :] if isinstance(tag, str) else ""


def _text(element: etree._Element) -> str:
    text = element.text
    return text.strip() if text else ""


def _number(text: str | None) -> int | None:
    """Read a count; servers also write "", "-1" or "unknown"."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else None


def _plain(content: bytes) -> bytes:
    """Return the content from its first `<`, in an encoding in which markup is ASCII."""
    for mark, encoding in _WIDE_BOMS:
        if content.startswith(mark):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                raise NotOaiError(f"the answer says it is {encoding.upper()} but is not") from None
            text = text.lstrip("\ufeff \t\r\n")
            declaration = _DECLARATION.match(text)  # it names the encoding that is gone now
            content = text[declaration.end() if declaration else 0 :].encode()
            break
    content = content.lstrip(_SPACE)
    while content.startswith(codecs.BOM_UTF8):
        content = content[len(codecs.BOM_UTF8) :].lstrip(_SPACE)
    if not content:
        raise NotOaiError("the answer is empty", cut_off=True)
    if not content.startswith(b"<"):
        if _HTML.search(content[:2048]):
            raise NotOaiError(_html(content))
        raise NotOaiError(f"the answer is no XML: it begins with {_excerpt(content)}")
    return content


def _without_doctype(content: bytes) -> bytes:
    """Cut a DOCTYPE out of the prolog; what it declares is never read."""
    position = 0
    while True:
        start = content.find(b"<", position)
        if start < 0:
            return content
        if content.startswith(b"<?", start):
            end = content.find(b"?>", start)
        elif content.startswith(b"<!--", start):
            end = content.find(b"-->", start + 4)
        elif _DOCTYPE.match(content, start):
            if _HTML.match(content, start):
                raise NotOaiError(_html(content))
            position = _end_of_doctype(content, start)
            content = content[:start] + content[position:]
            position = start
            continue
        else:
            return content
        if end < 0:
            return content
        position = end


def _end_of_doctype(content: bytes, start: int) -> int:
    """Return where a DOCTYPE ends; the internal subset may hold `>` in quotes and brackets."""
    position = start + len(b"<!DOCTYPE")
    limit = start + _MAX_DOCTYPE
    depth = 0
    while found := _DOCTYPE_STEP.search(content, position, limit):
        step, position = found.group(), found.end()
        if step in _CLOSES:
            end = content.find(_CLOSES[step], position, limit)
            if end < 0:
                break
            position = end + len(_CLOSES[step])
        elif step == b"[":
            depth += 1
        elif step == b"]":
            depth -= 1
        elif depth <= 0:
            return position
    raise NotOaiError("the answer begins with a DOCTYPE that does not end, and was not read")


def _broken(text: bytes, error: Exception) -> NotOaiError:
    if _HTML.search(text[:2048]):
        return NotOaiError(_html(text))
    if getattr(error, "code", None) == etree.ErrorTypes.ERR_DOCUMENT_END and b"OAI-PMH>" in text:
        after = text[text.rfind(b"OAI-PMH>") + len(b"OAI-PMH>") :]
        return NotOaiError(f"something follows the end of the answer: {_excerpt(after.strip())}")
    if not _END.search(text[-256:]):
        return NotOaiError("the answer is cut off: its XML does not close", cut_off=True)
    reason = printable(str(getattr(error, "msg", None) or error))
    return NotOaiError(f"the answer is not well-formed XML: {reason}")


def _foreign(root: etree._Element, text: bytes) -> NotOaiError:
    name = _local(root)
    if name.lower() == "html":
        return NotOaiError(_html(text))
    return NotOaiError(f"the answer is XML of another kind: <{printable(name, 60)}>")


def _html(text: bytes) -> str:
    title = _HTML_TITLE.search(text[:65_536])
    named = f" titled {_excerpt(title.group(1))}" if title else ""
    return f"the answer is an HTML page{named}, not OAI-PMH"


def _excerpt(content: bytes) -> str:
    return f"“{printable(content[:240].decode('utf-8', 'replace'), 60)}”"


def printable(text: str, limit: int = 160) -> str:
    """Return a server's words fit for one line: no control characters, cut to a length."""
    text = "".join(char for char in " ".join(text[: 4 * limit].split()) if char.isprintable())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
