"""An OAI-PMH envelope: what its elements mean.

They are matched by local name in any namespace or none, as some servers prefix or forget it
(dataverse#6242).
"""

from __future__ import annotations

from functools import lru_cache

import msgspec
from lxml import etree

from harvester.oai.received import NotOaiError

_VERBS = frozenset(
    ("ListRecords", "ListIdentifiers", "GetRecord", "Identify", "ListSets", "ListMetadataFormats")
)
_MAX_DIGITS = 18  # fits SQLite's integers

FAILURES = (etree.LxmlError, ValueError, LookupError)
"""What lxml raises where something cannot be parsed."""


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


class Broken(msgspec.Struct, frozen=True):
    """A record that cannot be read: one line that says why, and its bytes as they came."""

    reason: str
    content: bytes


class PageRecord(msgspec.Struct, frozen=True):
    """A record of a page.

    Attributes:
        header: its header; of a broken record what could be found of it.
        metadata: the element inside `<metadata>` if there is one. A deleted record has none,
            whatever else the server sends with it.
        repairs: what was repaired in its bytes before it could be read, one phrase each.
        broken: set where it cannot be read at all.
    """

    header: Header
    metadata: etree._Element | None
    repairs: tuple[str, ...] = ()
    broken: Broken | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """An answer.

    Attributes:
        verb: the verb that was answered; "" where an error answer does not say.
        response_date: as given.
        request_url: the text of `<request>`: the base URL as the server knows it.
        records: records, or headers without metadata for ListIdentifiers.
        token: the resumption token, stripped; None where the list ends.
        raw_token: the token with the blanks around it, where there are any; else None.
        complete_list_size: how long the whole list is said to be; None where that is no number.
        error: set where the server reports an error; of several the first that says more than
            that there is nothing.
        errors: all errors that the server reports, in their order.
        answer: the element named after the verb, for what is no record (Identify, sets, formats).
        closed: false for an answer that is cut off; then `records` are those that came whole, and
            whether the list goes on is unknown.
    """

    verb: str
    response_date: str | None = None
    request_url: str | None = None
    records: list[PageRecord] = []
    token: str | None = None
    raw_token: str | None = None
    complete_list_size: int | None = None
    error: OaiError | None = None
    errors: list[OaiError] = []
    answer: etree._Element | None = None
    closed: bool = True


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


def parsed(content: bytes, reader: etree.XMLParser) -> etree._Element:
    """Parse what strangers send.

    lxml judges by the last complaint of libxml2: behind an undeclared prefix the warning about a
    relative namespace lets everything pass, with names that are none (`q:dc` in no namespace).

    Args:
        content: the bytes of a whole element.
        reader: a `parser`.

    Raises:
        etree.LxmlError: it is not well-formed, or uses namespaces wrongly; see also `FAILURES`.
    """
    root = etree.fromstring(content, reader)
    log = reader.error_log
    if len(log):
        for error in log.filter_domains([etree.ErrorDomains.NAMESPACE]).filter_from_errors():
            raise etree.LxmlError(error.message.strip())
    return root


def read(root: etree._Element) -> Page:
    """Read an envelope with all that stands in it.

    Raises:
        NotOaiError: it holds nothing, or two answers.
    """
    verb, response_date, request_url = "", None, None
    asked = ""
    answer: etree._Element | None = None
    errors: list[OaiError] = []
    for child in root:
        name = local(child)
        if name in _VERBS:
            if answer is not None:
                raise NotOaiError(f"the answer holds both {verb} and {name}")
            verb, answer = name, child
        elif name == "responseDate":
            response_date = _text(child) or None
        elif name == "request":
            request_url = _text(child) or None
            asked = child.get("verb", "").strip()
        elif name == "error":
            errors.append(OaiError(child.get("code", "").strip(), " ".join(_text(child).split())))
    telling = [error for error in errors if error.code != "noRecordsMatch"] or errors
    page = Page(
        verb=verb or (asked if asked in _VERBS else ""),
        response_date=response_date,
        request_url=request_url,
        error=telling[0] if telling else None,
        errors=errors,
        answer=answer,
    )
    if answer is None:
        if not errors:
            raise NotOaiError("the answer is an OAI-PMH envelope with nothing in it")
        return page
    return read_list(page, answer)


def read_list(page: Page, answer: etree._Element) -> Page:
    """Return a page with the records and the token of an element named after its verb."""
    records: list[PageRecord] = []
    token = raw_token = size = None
    for child in answer:
        name = _local(child.tag)
        if name == "record":
            records.append(_record(child))
        elif name == "header" and page.verb == "ListIdentifiers":
            records.append(PageRecord(read_header(child), None))
        elif name == "resumptionToken":
            token = _text(child) or None
            raw_token = child.text if token and child.text != token else None
            size = _number(child.get("completeListSize"))
    return msgspec.structs.replace(
        page, records=records, token=token, raw_token=raw_token, complete_list_size=size
    )


def _record(element: etree._Element) -> PageRecord:
    header = _NO_HEADER
    metadata = None
    for child in element:
        name = _local(child.tag)
        if name == "header":
            header = read_header(child)
        elif name == "metadata" and len(child):
            metadata = child[0]
    return PageRecord(header, None if header.deleted else metadata)


def read_header(element: etree._Element) -> Header:
    """Read a header; what is missing is empty."""
    identifier = datestamp = ""
    sets: list[str] = []
    for child in element:
        name = _local(child.tag)
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


def local(element: etree._Element) -> str:
    """Return the local name of an element; "" for what is none (an entity reference)."""
    return _local(element.tag)


@lru_cache(maxsize=256)  # an envelope has some twenty names, a page thousands of elements
def _local(tag: object) -> str:
    return tag[tag.rfind("}") + 1 :] if isinstance(tag, str) else ""


def _text(element: etree._Element) -> str:
    text = element.text
    return text.strip() if text else ""


def _number(text: str | None) -> int | None:
    """Read a count; servers also write "", "-1" or "unknown"."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else None
