"""Cuts a record out of the bytes of a page, and leaves all other bytes as they are.

Pages are kept as they came: not well-formed, cut off, in any encoding. So no parser is asked where
a record begins and ends; an element `record` at the top is one, whatever its namespace.
"""

from __future__ import annotations

import codecs
import contextlib
import html
import re
import zlib
from collections.abc import Iterator
from urllib.parse import quote

from harvester.oai.received import MAX_BODY, NotOaiError, Received, content

NOTHING = b"<OAI-PMH><ListRecords></ListRecords></OAI-PMH>"
"""What stands in the place of a page of which nothing may stay: an answer without records."""

_NAME = r"(?:[^\s<>/:!?]+:)?"
_STEP = re.compile(rf"<!--|<!\[CDATA\[|<(?P<closes>/?){_NAME}record(?=[\s/>])")
_REST_OF_TAG = re.compile(r"""(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_BEFORE_HEADER = re.compile(rf"(?:\s|<!--.*?-->)*<{_NAME}header[\s>]", re.DOTALL)
_HEADER = re.compile(rf"<{_NAME}header[\s>]")
_IDENTIFIER = re.compile(
    rf"<{_NAME}identifier(?:\s[^<>]*)?>(?P<text>.*?)</{_NAME}identifier\s*>", re.DOTALL
)
_WRAPPED = re.compile(r"<!--.*?-->|<!\[CDATA\[|\]\]>", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ENDS = {"<!--": "-->", "<![CDATA[": "]]>"}
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32-le", 4),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be", 4),
    (codecs.BOM_UTF16_LE, "utf-16-le", 2),
    (codecs.BOM_UTF16_BE, "utf-16-be", 2),
    (b"<\0?\0", "utf-16-le", 2),
    (b"\0<\0?", "utf-16-be", 2),
)
_BYTES = "latin-1"  # every byte is a character, and comes back as that byte
_MAX_LAYERS = 3


def unpacked(received: Received) -> bytes:
    """Return the content of a page without compression; of a damaged one what can be had."""
    try:
        return content(received)
    except NotOaiError:
        body = received.body
        for _ in range(_MAX_LAYERS):
            part = _beginning(body)
            if not part:
                break
            body = part
        return body


def without(content: bytes, identifier: str) -> bytes | None:
    """Cut a record out of a page as often as it is there, also where it is cut off at the end.

    Args:
        content: the bytes of the page without compression.
        identifier: its OAI identifier.

    Returns:
        The page without it; None where it is not there. Where it was the whole page, `NOTHING`.
    """
    text, encoding, rest = _text(content)
    spans = [
        (start, end)
        for start, end in _records(text)
        if _identifier(text[start:end], encoding) == _plain(identifier)
    ]
    if not spans:
        return None
    kept, position = [], 0
    for start, end in spans:
        kept.append(text[position:start])
        position = end
    kept.append(text[position:])
    left = "".join(kept)
    if "<" not in re.sub(r"<\?.*?\?>|<!--.*?-->", "", left, flags=re.DOTALL):
        return NOTHING  # it stood alone in its file
    return left.encode(encoding, "surrogatepass" if encoding != _BYTES else "strict") + rest


def is_portal_page(content: bytes) -> bool:
    """Say whether a file holds no OAI-PMH records, so that the whole of it is one record."""
    return next(_records(_text(content)[0]), None) is None


def mentions(content: bytes, identifier: str) -> bool:
    """Say whether an identifier stands anywhere in a page, also as a part of an address."""
    text, encoding, _ = _text(content)
    if encoding == _BYTES:
        text = content.decode("utf-8", "replace")
    return identifier in text or quote(identifier) in text or html.escape(identifier) in text


def _beginning(packed: bytes) -> bytes:
    """Return what can be unpacked before the damage; nothing where the bytes are not packed."""
    for wbits in (16 + zlib.MAX_WBITS, zlib.MAX_WBITS):
        member = zlib.decompressobj(wbits)
        parts = []
        try:
            for start in range(0, len(packed), 1024):
                parts.append(member.decompress(packed[start : start + 1024], MAX_BODY))
        except zlib.error:
            pass
        if any(parts):
            return b"".join(parts)
    return b""


def _text(content: bytes) -> tuple[str, str, bytes]:
    """Return the characters of a page, their encoding, and a last character that is cut off."""
    for mark, encoding, width in _WIDE:
        if content.startswith(mark):
            whole = len(content) - len(content) % width
            try:
                text = content[:whole].decode(encoding, "surrogatepass")
            except UnicodeDecodeError:
                break
            return text, encoding, content[whole:]
    return content.decode(_BYTES), _BYTES, b""


def _records(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each record begins and ends; metadata may hold elements `record`, as MARC does.

    One that begins with a header is always a record of its own: the one before was not closed.
    """
    start = depth = position = 0
    while step := _STEP.search(text, position):
        wrapped = _ENDS.get(step.group())
        if wrapped is not None:
            end = text.find(wrapped, step.end())
            position = end + len(wrapped) if end >= 0 else step.end()
            continue
        tag = _REST_OF_TAG.match(text, step.end())
        position = tag.end() if tag else step.end()
        if step["closes"] and depth:
            depth -= 1
            if depth == 0:
                yield start, position
        elif not step["closes"] and text[position - 2 : position] != "/>":
            if depth and _BEFORE_HEADER.match(text, position):
                yield start, step.start()
                depth = 0
            if depth == 0:
                start = step.start()
            depth += 1
    if depth:
        yield start, len(text)


def _identifier(record: str, encoding: str) -> str | None:
    header = _HEADER.search(record)
    found = _IDENTIFIER.search(record, header.end() if header else 0)
    if found is None:
        return None
    text = found["text"]
    if encoding == _BYTES:
        with contextlib.suppress(UnicodeDecodeError):  # else it stays as ISO-8859-1 has it
            text = text.encode(_BYTES).decode()
    return _plain(html.unescape(_WRAPPED.sub("", text)))


def _plain(identifier: str) -> str:
    return _CONTROL.sub("", identifier).strip()
