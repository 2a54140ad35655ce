"""Cuts a list that is not well-formed into its head, its records and its resumption token.

Records are found by where they begin: `<record>` before `<header>`, in any prefix. What looks so
inside a comment or a CDATA section is none, as long as the section holds whole records.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise

import msgspec

from harvester.oai.received import NotOaiError
from harvester.oai.repair import ATTRIBUTES, BLANK

_PREFIX = r"(?:[\w.-]++:)?+"
_VERBS = "(?:ListRecords|ListIdentifiers|GetRecord)"
_LIST = re.compile(rf"<(?P<name>{_PREFIX}{_VERBS})(?:{BLANK}[^<>]*+)?(?<!/)>")
_ROOT = re.compile(rf"<({_PREFIX}OAI-PMH)(?=[\s/>])")
_BLANKS = r"[\s\x00-\x1f\ufeff]*+(?:<\?[^<>]*+>[\s\ufeff]*+)?+"  # or a prolog (dataverse#7431)
_MARKS = (
    rf"<(?:/{_PREFIX}(?:(?P<end>%s\s*+>)|(?P<close>{_VERBS}\s*+>)|(?P<root_end>OAI-PMH\s*+>))"
    rf"|(?P<section>!--|!\[CDATA\[)|{_PREFIX}(?:"
    rf"(?P<begin>%s(?:\s[^<>]*+)?>(?={_BLANKS}<{_PREFIX}%s[\s/>]))"
    r"|(?P<token>resumptionToken(?=[\s/>]))|(?P<root>OAI-PMH(?=[\s/>]))))"
)
_OF_RECORDS = re.compile(_MARKS % ("record", "record", "header"))
_OF_HEADERS = re.compile(_MARKS % ("header", "header", "identifier"))
_SECTION_ENDS = {"<!--": "-->", "<![CDATA[": "]]>"}
TOKEN = re.compile(
    rf"<{_PREFIX}resumptionToken{ATTRIBUTES}"
    r"(?:/>|>(?:[^<]++|<!\[CDATA\[(?:[^\]]|\](?!\]>))*+\]\]>)*+"
    rf"</{_PREFIX}resumptionToken{BLANK}*+>)"
)
_COMMENT = re.compile(r"<!--(?:[^-]|-(?!->))*+-->|<\?(?:[^?]|\?(?!>))*+\?>")
# What PHP and web servers write where they stumble.
_NOTICE_TAG = re.compile(
    r"</?(?:a|b|br|code|div|font|hr|i|p|pre|small|span|strong)\b[^<>]*+>", re.IGNORECASE
)
_SUSPECT = re.compile(r"<|resum|token", re.IGNORECASE)
_LONGEST_NOTICE = 64 * 1024


class Cut(msgspec.Struct, frozen=True):
    """A list in its pieces.

    Attributes:
        head: from `<OAI-PMH` to the start tag of the verb; their end tags are missing.
        names: the root element and the verb, each with its prefix.
        records: pieces that begin with a record each; where there is something else before the
            first record, that is a piece too. A piece may hold more than its record.
        token: the element `<resumptionToken>`; None where the list has none.
        closed: the list ends as it should. Otherwise the last piece is likely half a record, and
            nothing is known of a token.
    """

    head: str
    names: tuple[str, str]
    records: list[str]
    token: str | None
    closed: bool


class _Marks(msgspec.Struct):
    """Where something begins or ends; what only looks so, inside of a section, is left out."""

    begins: list[int]
    ends: list[int]
    tokens: list[int]
    closes: list[tuple[int, int]]
    roots: list[int]
    root_ends: list[int]

    def enter(self, found: Iterable[re.Match[str]]) -> None:
        """Enter marks of the envelope."""
        for one in found:
            if one.lastgroup == "token":
                self.tokens.append(one.start())
            elif one.lastgroup == "close":
                self.closes.append(one.span())
            elif one.lastgroup == "root":
                self.roots.append(one.start())
            else:
                self.root_ends.append(one.start())


def cut(text: str) -> Cut | None:
    """Cut a list into its pieces.

    Args:
        text: an answer from its `<OAI-PMH`, up to the last byte that came.

    Returns:
        None where the answer is no list of records.

    Raises:
        NotOaiError: its end or its token cannot be told for sure. A list that seems to end
            although it goes on would be the worst of all.
    """
    verb, root = _LIST.search(text), _ROOT.match(text)
    if verb is None or root is None:
        return None
    start = verb.end()
    of_headers = verb["name"].endswith("ListIdentifiers")
    marks = _marks(text, start, _OF_HEADERS if of_headers else _OF_RECORDS)
    head, names = text[:start], (root.group(1), verb["name"])
    if len(marks.closes) > 1 or marks.roots:
        raise NotOaiError("the answer is damaged, and holds more than one list")
    if not marks.closes or not marks.root_ends:
        end = marks.closes[0][0] if marks.closes else len(text)
        return Cut(head, names, _records(text, start, end, marks), None, False)
    (end, behind), close = marks.closes[0], marks.root_ends[0]
    if close < behind or not _is_harmless(text[behind:close]):
        raise NotOaiError("the answer is damaged, and its end cannot be told")
    if marks.begins and marks.begins[-1] > end:
        raise NotOaiError("the answer is damaged, and goes on behind its end")
    token, start, end = _token(text, start, end, marks)
    return Cut(head, names, _records(text, start, end, marks), token, True)


def _records(text: str, start: int, end: int, marks: _Marks) -> list[str]:
    begins = [begin for begin in marks.begins if start <= begin < end]
    places = sorted({start, *begins, end})
    pieces = [text[one:next_] for one, next_ in pairwise(places)]
    if pieces and (not begins or begins[0] > start) and not pieces[0].strip():
        del pieces[0]
    return pieces


def _token(text: str, start: int, end: int, marks: _Marks) -> tuple[str | None, int, int]:
    """Return the token's element, and where the records begin and end."""
    begun = marks.begins[-1] if marks.begins else start
    last = next((one for one in reversed(marks.ends) if begun < one <= end), None)
    if last is None and not marks.begins:
        last = start
    if not marks.tokens:
        if last is None or not _is_harmless(text[last:end]):
            raise _unsure()
        return None, start, last
    found = TOKEN.match(text, marks.tokens[0])
    if len(marks.tokens) > 1 or found is None:
        raise _unsure()
    token_start, token_end = found.span()
    if token_end <= begun and last is not None:  # before all records
        between = (text[start:token_start], text[last:end])
        start, body_end = token_end, last
    else:
        body_end = token_start if last is None else last
        if token_start < max(begun, body_end):
            raise _unsure()
        between = (text[body_end:token_start], text[token_end:end])
    if not all(map(_is_harmless, between)):
        raise _unsure()
    return found.group(), start, body_end


def _unsure() -> NotOaiError:
    return NotOaiError("the answer is damaged, and whether its list goes on cannot be told")


def _is_harmless(text: str) -> bool:
    """Tell whether a text between elements holds nothing but blanks, comments and notices."""
    if len(text) > _LONGEST_NOTICE:
        return False
    return not _SUSPECT.search(_NOTICE_TAG.sub("", _COMMENT.sub("", text)))


def _marks(text: str, start: int, pattern: re.Pattern[str]) -> _Marks:
    marks = _Marks([], [], [], [], [], [])
    within = False  # a record
    doubtful: list[re.Match[str]] = []  # marks of the envelope in there: damage, or its end is
    for one, is_hidden in _without_sections(text, start, list(pattern.finditer(text, start))):
        kind = one.lastgroup
        if is_hidden:
            if kind == "token" and not within:
                raise _unsure()
        elif kind == "begin":
            marks.begins.append(one.start())
            if any(mark.lastgroup == "close" for mark in doubtful):
                marks.enter(doubtful)
            doubtful, within = [], True
        elif kind == "end":
            marks.ends.append(one.end())
            doubtful, within = [], False
        elif within:
            doubtful.append(one)
        else:
            marks.enter([one])
    marks.enter(doubtful)
    return marks


def _without_sections(
    text: str, start: int, found: list[re.Match[str]]
) -> Iterator[tuple[re.Match[str], bool]]:
    """Give what is no section, each with whether it is hidden in one."""
    records = [one for one in found if one.lastgroup in ("begin", "end")]
    places = [one.start() for one in records]
    balance = [0, *accumulate(1 if one.lastgroup == "begin" else -1 for one in records)]

    def is_whole(start: int, end: int) -> bool:
        """Tell whether the records that a section seems to hold are whole."""
        first, behind = bisect(places, start), bisect(places, end)
        return first == behind or (
            balance[first] == balance[behind]
            and records[first].lastgroup == "begin"
            and records[behind - 1].lastgroup == "end"
        )

    ends = dict.fromkeys(_SECTION_ENDS.values(), start)  # the next of each; -1: no more
    hidden = start
    for one in found:
        if one.lastgroup != "section":
            yield one, one.start() < hidden
        elif one.start() >= hidden:
            closing = _SECTION_ENDS[one.group()]
            if 0 <= ends[closing] < one.end():
                ends[closing] = text.find(closing, one.end())
            if ends[closing] >= 0 and is_whole(one.start(), ends[closing]):
                hidden = ends[closing] + len(closing)
