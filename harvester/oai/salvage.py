"""Reads a list that is not well-formed: each record alone, and most of them untouched.

A record that cannot be repaired without a guess stays broken. It keeps its bytes and as much of
its header as can be found; all others are read as if nothing had happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import quoteattr

import msgspec
from lxml import etree

from harvester.oai.encoding import LOST
from harvester.oai.envelope import (
    FAILURES,
    Broken,
    Header,
    Page,
    PageRecord,
    local,
    parsed,
    parser,
    read_header,
    read_list,
)
from harvester.oai.pieces import Cut
from harvester.oai.prolog import printable
from harvester.oai.received import NotOaiError
from harvester.oai.repair import BeyondRepairError, repair

MAX_BROKEN = 10_000
"""Most broken records of one page; an answer with more is refused."""

_MAX_OPENING = 10_000  # characters; it is parsed with every record
_TRIES = 4  # ends that are tried as a record's own: MARC's records stand in records too
_PREFIX = r"(?:[\w.-]++:)?+"
_RECORD_END = re.compile(rf"</{_PREFIX}record\s*+>")
_HEADER = re.compile(rf"<{_PREFIX}header(?=[\s/>])")
_HEADER_END = re.compile(rf"</{_PREFIX}header\s*+>")
_METADATA = re.compile(rf"<{_PREFIX}metadata(?=[\s/>])")
_IDENTIFIER = re.compile(rf"<{_PREFIX}identifier(?:\s[^<>]*+)?>")
_IDENTIFIER_END = re.compile(rf"</{_PREFIX}identifier\s*+>")
_DATESTAMP = re.compile(rf"<{_PREFIX}datestamp(?:\s[^<>]*+)?>\s*+([\w:.+-]{{1,40}})\s*+<")
_LIKE_A_RECORD = re.compile(rf"</?{_PREFIX}(?:record|header|identifier|metadata)\b")
_PLACE = re.compile(r",? line \d+(?:, column \d+)?|\s+\Z")
_TOO_LONG = re.compile(r"huge|too big|node too long", re.IGNORECASE)  # in libxml2's words
_NO_HEADER = Header("", "", [], False)


def salvage(head: Page, cut: Cut) -> Page:
    """Read the records and the token of a list in pieces.

    Args:
        head: what was read of its head.
        cut: its pieces.

    Returns:
        the page; a list that is cut off has no token, and of its last record nothing unless it
        came whole.

    Raises:
        NotOaiError: the token is damaged, or nearly everything.
    """
    if head.answer is None:
        raise NotOaiError("the answer is damaged, and its list cannot be told from its head")
    frame = _Frame(head.verb, head.answer.nsmap)
    records: list[PageRecord] = []
    broken = 0
    for number, piece in enumerate(cut.records, start=1):
        found = frame.records(piece, whole=cut.closed or number < len(cut.records))
        records += found
        broken += sum(record.broken is not None for record in found)
        if broken > MAX_BROKEN:
            raise NotOaiError(f"the answer holds more than {MAX_BROKEN:,} broken records")
    page = head
    if cut.token is not None:
        head.answer.append(frame.token(cut.token))
        page = read_list(head, head.answer)
    return msgspec.structs.replace(page, records=records, closed=cut.closed)


def sound(text: str) -> bool:
    """Tell whether a piece can be repaired so that nothing of its text is lost or guessed."""
    try:
        return not repair(text).guessed
    except BeyondRepairError:
        return False


def ill_formed(error: Exception) -> str:
    """Say what a parser found, without the places, which nobody can look up."""
    message = _PLACE.sub("", str(getattr(error, "msg", None) or error))
    if "depth" in message:
        return "nests its elements more than 256 deep"
    if _TOO_LONG.search(message):
        return "holds a text of more than 10 MB"
    return f"is not well-formed XML: {printable(message)}"


class _Frame:
    """What stands around the records of a list: its verb, and the namespaces declared there."""

    def __init__(self, verb: str, declared: Mapping[str | None, str]) -> None:
        self._prefixes = [prefix for prefix in declared if prefix]
        attributes = "".join(
            f" xmlns{':' if prefix else ''}{prefix or ''}={quoteattr(address)}"
            for prefix, address in declared.items()
        )
        self._opening, self._closing = f"<{verb}{attributes}>", f"</{verb}>"
        if len(self._opening) > _MAX_OPENING:
            raise NotOaiError("the answer is damaged, and declares too many namespaces to be read")
        self._list = Page(verb=verb)
        self._item = "header" if verb == "ListIdentifiers" else "record"
        self._end = _HEADER_END if verb == "ListIdentifiers" else _RECORD_END
        self._parser = parser()

    def token(self, text: str) -> etree._Element:
        """Read the element of the token.

        Raises:
            NotOaiError: it is damaged.
        """
        try:
            if sound(text):
                (element,) = self._parse(repair(text, self._prefixes).text)
                return element
        except FAILURES:
            pass
        raise NotOaiError("the answer is damaged, and its resumption token with it")

    def records(self, piece: str, *, whole: bool) -> list[PageRecord]:
        """Read a piece, which holds one record as a rule.

        Args:
            piece: the piece.
            whole: nothing of it is missing; otherwise what cannot be read is no record.
        """
        try:
            return self._read(piece)
        except (_BrokenError, *FAILURES):
            pass
        try:
            return [self._repaired(piece)]
        except _BrokenError as error:
            return list(self._one_by_one(piece, str(error) if whole else None))

    def _parse(self, text: str) -> etree._Element:
        """Parse a piece; the result stands for the element of the verb around it.

        Raises:
            etree.LxmlError: it is not well-formed; or UnicodeEncodeError.
        """
        return parsed(f"{self._opening}{text}{self._closing}".encode(), self._parser)

    def _read(self, text: str) -> list[PageRecord]:
        answer = self._parse(text)
        for child in answer:
            if local(child) not in ("record", self._item) and _is_like_a_record(child):
                raise _BrokenError("the record stands in an element of another name")
        return read_list(self._list, answer).records

    def _repaired(self, piece: str) -> PageRecord:
        """Repair and read a piece that holds one record and nothing else.

        Raises:
            _BrokenError: it does not.
        """
        try:
            repaired = repair(piece, self._prefixes)
            found = self._read(repaired.text)
        except BeyondRepairError as error:
            raise _BrokenError(f"the record cannot be repaired: {error}") from None
        except FAILURES as error:
            raise _BrokenError(f"the record {ill_formed(error)}") from None
        if len(found) != 1:
            raise _BrokenError("the record cannot be told from what stands beside it")
        (record,) = found
        if repaired.guessed and record.header.identifier and not _is_identified(piece):
            raise _BrokenError("the record's identifier is damaged")
        return msgspec.structs.replace(record, repairs=repaired.notes)

    def _one_by_one(self, piece: str, reason: str | None) -> Iterator[PageRecord]:
        """Read a piece that may hold several records, or something behind its record.

        What cannot be read is broken for this reason; without one it is passed over.
        """
        start = tries = 0
        for end in self._end.finditer(piece):
            if not start and not piece[end.end() :].strip():
                break  # that is the whole piece again
            try:
                yield self._repaired(piece[start : end.end()])
            except _BrokenError:
                tries += 1
                if tries == _TRIES:
                    break
            else:
                start, tries = end.end(), 0
        rest = piece[start:]
        if reason is None or not _LIKE_A_RECORD.search(rest):
            return
        if start:
            try:
                yield self._repaired(rest)
            except _BrokenError as error:
                reason = str(error)
            else:
                return
        yield self._broken(rest, reason)

    def _broken(self, piece: str, reason: str) -> PageRecord:
        header, is_alone = self._header(piece)
        if header.deleted and is_alone:  # then nothing else matters
            return PageRecord(header, None, ("all but its header passed over",))
        content = piece.strip().replace(LOST, "\ufffd").encode("utf-8", "surrogateescape")
        return PageRecord(header, None, broken=Broken(reason, content))

    def _header(self, piece: str) -> tuple[Header, bool]:
        """Find as much of a broken record's header as is sure, and whether there is but one."""
        start, end = _HEADER.search(piece), _HEADER_END.search(piece)
        if start and end and start.start() < end.start():
            text = piece[start.start() : end.end()]
            if _is_identified(text):
                try:
                    (element,) = self._parse(repair(text, self._prefixes).text)
                except (BeyondRepairError, *FAILURES):
                    pass
                else:
                    return read_header(element), _HEADER.search(piece, end.end()) is None
        metadata = _METADATA.search(piece)
        before = piece[: metadata.start()] if metadata else piece
        identifier = _raw_identifier(before)
        if identifier is None or "<" in identifier or not sound(identifier):
            return _NO_HEADER, False
        (element,) = self._parse(f"<identifier>{repair(identifier).text}</identifier>")
        datestamp = _DATESTAMP.search(before)
        given = datestamp.group(1) if datestamp else ""
        return Header((element.text or "").strip(), given, [], False), False


class _BrokenError(Exception):
    """A record cannot be read; the message says why."""


def _is_like_a_record(element: etree._Element) -> bool:
    return any(local(one) in ("header", "identifier") for one in element.iter())


def _is_identified(piece: str) -> bool:
    identifier = _raw_identifier(piece)
    return identifier is not None and sound(identifier)


def _raw_identifier(piece: str) -> str | None:
    start = _IDENTIFIER.search(piece)
    end = _IDENTIFIER_END.search(piece, start.end()) if start else None
    return piece[start.end() : end.start()] if start and end else None
