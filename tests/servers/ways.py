"""Servers with ways of their own: how they want their tokens, and what they make of dates."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import quote

import msgspec

from tests.servers.changes import oai_error
from tests.servers.provider import DAYS, LISTS, Change, Misbehaviour, Question, Reply

TOKEN = "resumptionToken"
_TOKEN = re.compile(rb"(<resumptionToken[^>]*>)([^<]+)")

Words = Callable[[str], str]
Wish = Callable[[Question], bool]


def writing_tokens(give: Words, take: Words, wish: Wish = lambda question: True) -> Misbehaviour:
    """A server whose tokens look otherwise.

    Args:
        give: makes its token of an honest one.
        take: makes an honest token of what was sent.
        wish: says whether the token was sent as the server wants it.
    """
    refused = oai_error("badResumptionToken")

    def hears(arguments: dict[str, str]) -> dict[str, str]:
        return {name: take(said) if name == TOKEN else said for name, said in arguments.items()}

    def change(question: Question, reply: Reply) -> Reply:
        if TOKEN in question.arguments and not wish(question):
            return refused(question, reply)
        body = _TOKEN.sub(
            lambda found: found.group(1) + escape(give(unescape(found.group(2).decode()))).encode(),
            reply.body,
        )
        return msgspec.structs.replace(reply, body=body)

    return Misbehaviour(change=change, hears=hears, verb=LISTS)


def in_blanks(*, wanted: bool) -> Misbehaviour:
    """Blanks around every token, which the server may want back."""
    return writing_tokens(
        lambda token: f"\n   {token}\n ",
        str.strip,
        lambda question: not wanted or question.arguments[TOKEN].startswith("\n"),
    )


def not_encoded() -> Misbehaviour:
    """Tokens with `!` and `=`, which are not to be percent-encoded."""
    return writing_tokens(
        lambda token: token.replace("|", "!"),
        lambda token: token.replace("!", "|"),
        lambda question: "%" not in question.path,
    )


def encoded_already() -> Misbehaviour:
    """Tokens that are percent-encoded when they are given, and not to be encoded again."""
    return writing_tokens(
        lambda token: quote(token, safe=""),
        lambda token: token,
        lambda question: "%" not in question.arguments[TOKEN],
    )


def full_of(characters: str) -> Misbehaviour:
    """Tokens that hold odd characters."""
    return writing_tokens(
        lambda token: token.replace("|", characters), lambda token: token.replace(characters, "|")
    )


def named(token: str, honest: str) -> Misbehaviour:
    """One token with a name of its own."""
    return writing_tokens(
        lambda one: token if one == honest else one, lambda one: honest if one == token else one
    )


def beside_the_prefix() -> Misbehaviour:
    """Tokens that are taken only with the prefix beside them."""
    refused = oai_error("badArgument")

    def hears(arguments: dict[str, str]) -> dict[str, str]:
        gone = {"metadataPrefix"} if TOKEN in arguments else set()
        return {name: said for name, said in arguments.items() if name not in gone}

    def change(question: Question, reply: Reply) -> Reply:
        alone = TOKEN in question.arguments and "metadataPrefix" not in question.arguments
        return refused(question, reply) if alone else reply

    return Misbehaviour(change=change, hears=hears, verb=LISTS)


def dying_tokens(pages: int) -> Misbehaviour:
    """Tokens that are forgotten after so many pages of a list."""
    refused = oai_error("badResumptionToken")

    def change(question: Question, reply: Reply) -> Reply:
        return refused(question, reply) if question.page > pages else reply

    return Misbehaviour(change=change, verb=LISTS)


def deaf_to(*names: str, since: str = "") -> Misbehaviour:
    """A server that passes over arguments."""

    def hears(arguments: dict[str, str]) -> dict[str, str]:
        return {name: said for name, said in arguments.items() if name not in names}

    return Misbehaviour(hears=hears, verb=LISTS)


def refusing_dates(refuses: Callable[[str], bool], refused: Change) -> Misbehaviour:
    """A server that refuses some dates."""

    def change(question: Question, reply: Reply) -> Reply:
        dates = [question.arguments.get(name) for name in ("from", "until")]
        return refused(question, reply) if any(map(refuses, filter(None, dates))) else reply

    return Misbehaviour(change=change, verb=LISTS)


def days_only() -> Misbehaviour:
    """A server that announces seconds and takes days."""
    return refusing_dates(lambda date: len(date) > len(DAYS), oai_error("badArgument"))


def none_before(earliest: str) -> Misbehaviour:
    """A server that refuses a `from` before its earliest datestamp."""
    refused = oai_error("badArgument")

    def change(question: Question, reply: Reply) -> Reply:
        from_ = question.arguments.get("from")
        return refused(question, reply) if from_ is not None and from_ < earliest else reply

    return Misbehaviour(change=change, verb=LISTS)


def empty_units() -> Misbehaviour:
    """A server that finds nothing where `from` equals `until`."""
    nothing = oai_error("noRecordsMatch")

    def change(question: Question, reply: Reply) -> Reply:
        asked = question.arguments
        same = "from" in asked and asked["from"] == asked.get("until")
        return nothing(question, reply) if same else reply

    return Misbehaviour(change=change, verb=LISTS)
