"""What can be done to an honest reply: the changes that the table of misbehaviours is made of."""

from __future__ import annotations

import email.utils
import gzip
import re
import time
import zlib
from collections.abc import Callable

import msgspec

from tests.servers.provider import NAMESPACE, Change, Question, Reply

STALL = 0.6
"""Seconds for which a silent server is silent."""
DRIP = 0.01
"""Seconds between the bytes of a server that drips."""


def answering(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> Change:
    """Another answer in place of the honest one."""
    return lambda question, reply: Reply(body, status, headers or {})


def replacing(pattern: bytes, by: bytes | Callable[[re.Match[bytes]], bytes]) -> Change:
    """The honest answer with something replaced."""
    return lambda question, reply: msgspec.structs.replace(
        reply, body=re.sub(pattern, by, reply.body, flags=re.DOTALL)
    )


def prefixed_by(junk: bytes) -> Change:
    return lambda question, reply: msgspec.structs.replace(reply, body=junk + reply.body)


def suffixed_by(junk: bytes) -> Change:
    return lambda question, reply: msgspec.structs.replace(reply, body=reply.body + junk)


def oai_error(code: str, status: int = 200) -> Change:
    body = (
        f'<OAI-PMH xmlns="{NAMESPACE}"><responseDate>2026-01-01T00:00:00Z</responseDate>'
        f'<request/><error code="{code}">in its own words</error></OAI-PMH>'
    )
    return answering(status, body.encode(), {"Content-Type": "text/xml"})


def truncated(question: Question, reply: Reply) -> Reply:
    return msgspec.structs.replace(reply, body=reply.body[: len(reply.body) * 2 // 3])


def shorter_than_announced(question: Question, reply: Reply) -> Reply:
    return msgspec.structs.replace(
        reply, body=reply.body[: len(reply.body) * 2 // 3], announced=len(reply.body)
    )


def reset(question: Question, reply: Reply) -> Reply:
    return msgspec.structs.replace(reply, reset_after=len(reply.body) // 2)


def hanging_up(question: Question, reply: Reply) -> Reply:
    return msgspec.structs.replace(reply, hangs_up=True)


def chunked(question: Question, reply: Reply) -> Reply:
    return msgspec.structs.replace(reply, chunked=True)


def chunked_and_cut(question: Question, reply: Reply) -> Reply:
    return msgspec.structs.replace(
        reply, body=reply.body[: len(reply.body) // 2], chunked=True, unfinished=True
    )


def silent(question: Question, reply: Reply) -> Reply:
    return msgspec.structs.replace(reply, silence=STALL)


def stalling(question: Question, reply: Reply) -> Reply:
    return msgspec.structs.replace(reply, stall=STALL)


def dripping(question: Question, reply: Reply) -> Reply:
    return msgspec.structs.replace(reply, drip=DRIP)


def unannounced_gzip(question: Question, reply: Reply) -> Reply:
    return msgspec.structs.replace(reply, body=gzip.compress(reply.body))


def double_gzip(question: Question, reply: Reply) -> Reply:
    headers = {**reply.headers, "Content-Encoding": "gzip"}
    body = gzip.compress(gzip.compress(reply.body))
    return msgspec.structs.replace(reply, body=body, headers=headers)


def plain_announced_as_gzip(question: Question, reply: Reply) -> Reply:
    return msgspec.structs.replace(reply, headers={**reply.headers, "Content-Encoding": "gzip"})


def damaged_gzip(question: Question, reply: Reply) -> Reply:
    packed = bytearray(gzip.compress(reply.body))
    packed[len(packed) // 2] ^= 0xFF
    return msgspec.structs.replace(reply, body=bytes(packed))


def raw_deflate(question: Question, reply: Reply) -> Reply:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    body = packer.compress(reply.body) + packer.flush()
    return msgspec.structs.replace(
        reply, body=body, headers={**reply.headers, "Content-Encoding": "deflate"}
    )


def truncated_gzip(question: Question, reply: Reply) -> Reply:
    return msgspec.structs.replace(reply, body=gzip.compress(reply.body)[:-20])


# Made before anyone waits for it: on a busy machine that takes longer than clients are patient.
_GZIP_BOMB = gzip.compress(b" " * 40_000_000, compresslevel=1, mtime=0)


def gzip_bomb(question: Question, reply: Reply) -> Reply:
    return msgspec.structs.replace(reply, body=_GZIP_BOMB)


def come_back(seconds: float, status: int = 503) -> Change:
    """Ask for patience until a date."""

    def change(question: Question, reply: Reply) -> Reply:
        now = time.time()
        return Reply(
            b"later",
            status,
            {
                "Date": email.utils.formatdate(now, usegmt=True),
                "Retry-After": email.utils.formatdate(now + seconds, usegmt=True),
            },
        )

    return change


def headed(headers: dict[str, str]) -> Change:
    """The honest answer with more headers."""
    return lambda question, reply: msgspec.structs.replace(
        reply, headers={**reply.headers, **headers}
    )


def with_status(status: int) -> Change:
    """The honest answer with another status."""
    return lambda question, reply: msgspec.structs.replace(reply, status=status)


def sent_on(status: int, to: Callable[[Question], str]) -> Change:
    """A redirect from the base URL to elsewhere, where the honest answer is."""

    def change(question: Question, reply: Reply) -> Reply:
        if not question.path.startswith("/oai"):
            return reply
        return Reply(b"", status, {"Location": to(question)})

    return change


HTML = b"<!DOCTYPE html>\n<html><head><title>Down for maintenance</title></head></html>"
BOMB = (
    b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">'
    b'<!ENTITY xxe SYSTEM "file:///etc/passwd">]>'
)
