"""What goes wrong in a list: its tokens, its size, pages that are empty or come again."""

from __future__ import annotations

import re
from html import escape

import msgspec

from tests.servers.changes import replacing
from tests.servers.provider import Change, Question, Reply

_TOKEN_ELEMENT = re.compile(rb"<resumptionToken[^>]*?(/>|>[^<]*</resumptionToken>)|(?=</List)")
_TOKEN = re.compile(rb"(<resumptionToken[^>]*>)[^<]*")


def token(text: bytes) -> Change:
    """Another token, where there is one."""
    return lambda question, reply: _with(reply, _TOKEN.sub(rb"\g<1>" + text, reply.body))


def always_token(text: bytes) -> Change:
    """The same token with every page of every list."""
    element = b"<resumptionToken>" + text + b"</resumptionToken>"
    return lambda question, reply: _with(reply, _TOKEN_ELEMENT.sub(element, reply.body, count=1))


def size(text: bytes) -> Change:
    """Another completeListSize."""
    return replacing(rb'completeListSize="\d+"', b'completeListSize="' + text + b'"')


def same_page_for_ever(question: Question, reply: Reply) -> Reply:
    """New tokens, old records (geoportal-harvester#79 harvested 36,000 records 300,000 times)."""
    again = f"10|metadataPrefix=oai_dc|{question.number}=".encode()
    return token(again)(question, reply)


def beginning_again(question: Question, reply: Reply) -> Reply:
    """A list without an end: where it should end, a new token leads to its beginning."""
    end = re.compile(rb"<resumptionToken[^>]*></resumptionToken>|(?<=</record>)(?=</List)")
    asked = question.arguments.get("resumptionToken")
    if asked is None:
        names = ("metadataPrefix", "from", "until")
        asked = "|".join(f"{name}={question.arguments.get(name, '')}" for name in names)
    else:
        asked = asked.partition("|")[2]
    first = escape(f"0|{asked}|{question.number}=").encode()
    element = b"<resumptionToken>" + first + b"</resumptionToken>"
    return _with(reply, end.sub(element, reply.body, count=1))


def empty_page(question: Question, reply: Reply) -> Reply:
    return _with(reply, re.sub(rb"<record>.*</record>", b"", reply.body, flags=re.DOTALL))


def empty_pages(count: int) -> Change:
    """So many empty pages before the honest one, each with a token of its own."""

    def change(question: Question, reply: Reply) -> Reply:
        asked, _, number = question.arguments["resumptionToken"].partition("|empty=")
        if int(number or 0) == count:
            return reply
        following = escape(f"{asked}|empty={int(number or 0) + 1}").encode()
        return token(following)(question, empty_page(question, reply))

    return change


def _with(reply: Reply, body: bytes) -> Reply:
    return msgspec.structs.replace(reply, body=body)
