"""What is done to the bytes of an honest answer: its encoding, its markup, one of its records."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from tests.servers.provider import Change, Misbehaviour, Question, Reply

GIVING = ("ListRecords", "GetRecord")
"""The verbs that give records."""
_RECORD = re.compile(rb"<record>.*?</record>", re.DOTALL)
_DECLARATION = re.compile(rb"<\?xml.*?\?>\s*")

Bytes = Callable[[bytes], bytes]


def damaged(number: int, damage: Bytes) -> Misbehaviour:
    """Damage one record, wherever it is given."""
    mark = b"<identifier>oai:x:%02d</identifier>" % number

    def change(question: Question, reply: Reply) -> Reply:
        body = _RECORD.sub(
            lambda found: damage(found.group()) if mark in found.group() else found.group(),
            reply.body,
        )
        return msgspec.structs.replace(reply, body=body)

    return Misbehaviour(change=change, verb=GIVING, holding=(mark,))


def put(before: bytes, what: bytes) -> Bytes:
    """Put something before something."""
    return lambda record: record.replace(before, what + before)


def swap(old: bytes, new: bytes) -> Bytes:
    """Put something in the place of something."""
    return lambda record: record.replace(old, new)


def cut_out(pattern: bytes) -> Bytes:
    """Take something out."""
    return lambda record: re.sub(pattern, b"", record, flags=re.DOTALL)


def recoded(encoding: str, declared: str | None, header: str | None = None) -> Change:
    """The honest answer in another encoding.

    Args:
        encoding: the one that it is in.
        declared: the one that its XML declaration names; None for no declaration.
        header: the one that its Content-Type names.
    """

    def change(question: Question, reply: Reply) -> Reply:
        text = _DECLARATION.sub(b"", reply.body, count=1).decode()
        if declared is not None:
            text = f'<?xml version="1.0" encoding="{declared}"?>\n{text}'
        charset = f"; charset={header}" if header else ""
        return msgspec.structs.replace(
            reply,
            body=text.encode(encoding),
            headers={**reply.headers, "Content-Type": f"text/xml{charset}"},
        )

    return change
