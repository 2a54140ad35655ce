"""An answer from its bytes: parsed strictly and once, and repaired only where that fails.

What stands inside `<metadata>` is left alone: it is the business of `harvester.formats`. One bad
record never costs a page, and a page whose end or token is in doubt is never taken for whole.
"""

from __future__ import annotations

import re

import msgspec
from lxml import etree

from harvester.oai import encoding, pieces, prolog
from harvester.oai.envelope import (
    FAILURES,
    Broken,
    Header,
    OaiError,
    Page,
    PageRecord,
    local,
    parsed,
    parser,
    read,
)
from harvester.oai.prolog import printable
from harvester.oai.received import NotOaiError, Received
from harvester.oai.received import content as content_of
from harvester.oai.repair import BeyondRepairError, repair
from harvester.oai.salvage import ill_formed, salvage, sound

__all__ = [
    "Broken",
    "Header",
    "OaiError",
    "Page",
    "PageRecord",
    "page_of",
    "parse",
    "parsed",
    "parser",
    "printable",
]

_CLOSE = re.compile(r"</(?:[\w.-]++:)?+OAI-PMH\s*+>")
_RESPONSE_DATE = re.compile(r"<(?:[\w.-]++:)?+responseDate(?:\s[^<>]*+)?>([^<]*+)<")
_FIRST_TAG = re.compile(rb"<([A-Za-z][\w:.-]*)")
_CUT_OFF = "the answer is cut off: its XML does not close"


def page_of(received: Received) -> Page:
    """Parse an answer as it came over the wire.

    Raises:
        NotOaiError: as `parse`, or its compression cannot be taken off.
    """
    return parse(content_of(received), encoding.charset(received.headers.get("content-type")))


def parse(content: bytes, charset: str | None = None) -> Page:
    """Parse an answer; the same bytes give the same page.

    A well-formed answer is parsed as it is, but for a DOCTYPE, which is cut off before anything
    reads it. Any other is repaired as far as that needs no guess, record by record: what was done
    stands in `PageRecord.repairs`, and a record that stays broken says so in `PageRecord.broken`.

    Args:
        content: the body without content encoding.
        charset: the charset of the Content-Type header, see `encoding.charset`; it counts only
            where the answer itself does not say how it is encoded.

    Raises:
        NotOaiError: it is no OAI-PMH; or it is not closed (`cut_off`, with the records that came
            whole in `page`); or where it ends, or how its list goes on, cannot be told.
    """
    failure: Exception | None = None
    try:
        plain = prolog.plain(content)
        root = parsed(plain, parser())
    except (NotOaiError, *FAILURES) as error:
        failure = error
    else:
        if encoding.wrongly_declared(content) is None or local(root) != "OAI-PMH":
            return _read(root, plain)
    text = encoding.decode(content, charset)
    answer = prolog.answer(text.characters)
    if answer is None:
        raise _refusal(content, failure)
    try:
        page = _as_it_is(answer) or _repaired(answer)
    except NotOaiError as error:
        error.page = error.page and _noted(error.page, text)
        raise
    return _noted(page, text)


def _read(root: etree._Element, plain: bytes) -> Page:
    doctype: str = root.getroottree().docinfo.doctype  # type: ignore[attr-defined]
    if doctype:  # only an exotic encoding can have hidden it
        raise NotOaiError("the answer hides a DOCTYPE and was not read")
    name = local(root)
    if name == "OAI-PMH":
        return read(root)
    if name.lower() == "html":
        raise NotOaiError(prolog.html(plain) or prolog.html(b"<html>") or "")
    raise NotOaiError(f"the answer is XML of another kind: <{printable(name, 60)}>")


def _noted(page: Page, text: encoding.Text) -> Page:
    """Note a wrong declaration in the records to which it makes a difference."""
    if text.wrongly_declared is None:
        return page
    note = f"read as UTF-8, although declared as {text.wrongly_declared}"
    return msgspec.structs.replace(
        page,
        records=[
            one
            if one.metadata is None or all(str(said).isascii() for said in one.metadata.itertext())
            else msgspec.structs.replace(one, repairs=(note, *one.repairs))
            for one in page.records
        ],
    )


def _as_it_is(answer: str) -> Page | None:
    """Read an answer that is well-formed but for what stands before and behind it."""
    end = _end(answer)
    if end is None:
        return None
    try:
        root = parsed(answer[:end].encode(), parser())
    except FAILURES:
        return None
    return read(root)


def _end(answer: str) -> int | None:
    ends = [found.end() for found in _CLOSE.finditer(answer)]
    return ends[-1] if ends else None


def _repaired(answer: str) -> Page:
    cut = pieces.cut(answer)
    if cut is None:
        end = _end(answer)
        if end is None:
            raise NotOaiError(_CUT_OFF, cut_off=True)
        return _repaired_whole(answer[:end])
    try:
        page = _repaired_whole(f"{cut.head}</{cut.names[1]}></{cut.names[0]}>")
    except NotOaiError as error:
        if cut.closed:
            raise
        raise NotOaiError(_CUT_OFF, cut_off=True) from error
    page = salvage(page, cut)
    if cut.closed:
        return page
    whole = any(record.broken is None for record in page.records)
    raise NotOaiError(_CUT_OFF, cut_off=True, page=page if whole else None)


def _repaired_whole(answer: str) -> Page:
    """Repair an answer, or the head of one, that holds no records."""
    try:
        repaired = repair(answer)
        page = read(parsed(repaired.text.encode(), parser()))
    except BeyondRepairError as error:
        raise NotOaiError(f"the answer cannot be repaired: {error}") from None
    except FAILURES as error:
        raise NotOaiError(f"the answer {ill_formed(error)}") from None
    if not repaired.guessed:
        return page
    token = pieces.TOKEN.search(answer)
    if (token or page.token) and not (token and sound(token.group())):
        raise NotOaiError("the answer is damaged, and its resumption token with it")
    date = _RESPONSE_DATE.search(answer)
    if date is None or not sound(date.group(1)):
        return msgspec.structs.replace(page, response_date=None)  # the watermark hangs on it
    return page


def _refusal(content: bytes, failure: Exception | None) -> NotOaiError:
    """Say what an answer without `<OAI-PMH>` is."""
    if isinstance(failure, NotOaiError):
        return failure
    page = prolog.html(content)
    if page is not None:
        return NotOaiError(page)
    if isinstance(failure, UnicodeDecodeError):
        return NotOaiError(f"the answer says it is {failure.encoding.upper()} but is not")
    first = _FIRST_TAG.search(content)
    if failure and first and content.rstrip().endswith(b"</" + first.group(1) + b">"):
        return NotOaiError(f"the answer is no OAI-PMH, and {ill_formed(failure)}")
    return NotOaiError(_CUT_OFF, cut_off=True)
