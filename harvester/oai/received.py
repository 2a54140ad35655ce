"""An answer as it came over the wire, and its content with the compression taken off."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import msgspec

from harvester.errors import HarvesterError

if TYPE_CHECKING:
    from harvester.oai.page import Page

MAX_BODY = 256 * 1024 * 1024
"""Most bytes taken for one page, on the wire and unpacked. Servers without paging exist."""
MAX_RATIO = 200
"""Most times that an answer may grow when unpacked. Real pages grow 5 to 40 times."""
FREE_GROWTH = 16 * 1024 * 1024
"""Below this many bytes the ratio does not matter: a small page may be very regular."""

_GZIP = b"\x1f\x8b"
_ZLIB = 0x78
_MAX_LAYERS = 3
_MAX_MEMBERS = 1000
_STEP = 64 * 1024


class NotOaiError(HarvesterError):
    """The bytes are no complete OAI-PMH answer.

    Attributes:
        cut_off: the answer stops before its end, so that asking again may bring the rest.
        page: what came whole of an answer that is cut off; None where no record did.
    """

    def __init__(self, message: str, *, cut_off: bool = False, page: Page | None = None) -> None:
        super().__init__(message)
        self.cut_off = cut_off
        self.page = page


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a server; it holds no credentials.

    Attributes:
        url: the address that answered, after redirects, without the OAI-PMH arguments; secrets in
            its own query string are masked.
        params: the OAI-PMH arguments, such as `verb` and `metadataPrefix`.
        status: the HTTP status.
        headers: the answer's headers by lower-case name, without cookies.
        body: the body as on the wire; a content encoding is still on.
        received_at: when the last byte came, ISO 8601 in UTC.
        elapsed: seconds from the request to the last byte.
    """

    url: str
    params: dict[str, str]
    status: int
    headers: dict[str, str]
    body: bytes
    received_at: str
    elapsed: float


def content(received: Received) -> bytes:
    """Return the body with gzip or deflate taken off.

    The magic bytes decide, not the header: servers compress unannounced, twice, or announce what
    they do not do (metha meets all three).

    Raises:
        NotOaiError: the compressed body is damaged or cut off, or grows beyond all measure.
    """
    body = received.body
    for _ in range(_MAX_LAYERS):
        if body.startswith(_GZIP):
            body = _inflate(body, 16 + zlib.MAX_WBITS, len(received.body))
        elif len(body) > 1 and body[0] == _ZLIB and (body[0] << 8 | body[1]) % 31 == 0:
            body = _inflate(body, zlib.MAX_WBITS, len(received.body))
        else:
            break
    announced = received.headers.get("content-encoding", "").strip().lower()
    if announced == "deflate" and body is received.body and not _is_text(body):
        # RFC 9110 §8.4.1.2: some servers send deflate without the zlib wrapper.
        body = _inflate(body, -zlib.MAX_WBITS, len(received.body))
    return body


def _is_text(body: bytes) -> bool:
    return body[:64].lstrip().startswith((b"<", b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe"))


def _inflate(packed: bytes, wbits: int, wire_size: int) -> bytes:
    limit = min(MAX_BODY, max(FREE_GROWTH, MAX_RATIO * wire_size))
    parts: list[bytes] = []
    size = 0
    members = 1
    member = zlib.decompressobj(wbits)
    for start in range(0, len(packed), _STEP):
        rest = packed[start : start + _STEP]
        while rest:
            if member.eof:  # padding after the last member is no content
                if not _GZIP.startswith(rest[:2]):
                    return b"".join(parts)
                members += 1
                if members > _MAX_MEMBERS:
                    raise NotOaiError("the compressed answer is in too many pieces to be honest")
                member = zlib.decompressobj(wbits)
            try:
                part = member.decompress(rest, _STEP)
            except zlib.error as error:
                raise NotOaiError("the compressed answer is damaged", cut_off=True) from error
            rest = member.unused_data if member.eof else member.unconsumed_tail
            size += len(part)
            if size > limit:
                raise NotOaiError(
                    f"the compressed answer of {wire_size:,} bytes unpacks to more than "
                    f"{limit:,} bytes: it was not read"
                )
            parts.append(part)
    if not member.eof:
        parts.append(member.flush())
    if not member.eof:
        raise NotOaiError("the compressed answer is cut off", cut_off=True)
    return b"".join(parts)
