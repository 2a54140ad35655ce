"""Makes XML of what almost is: characters, references, stray markup, undeclared prefixes.

Nothing is invented. What a parser would have to guess (a tag that is not closed, a quote that is
missing) is left as it is, so that the record fails and is kept aside with its bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from html.entities import html5
from urllib.parse import quote

import msgspec

from harvester.errors import HarvesterError
from harvester.oai.prolog import end_of_doctype, printable

UNDECLARED = "urn:undeclared:"
"""Begins the namespace that a prefix is bound to where nobody declares it."""
NAME = r"[^\W\d][\w.\-·]*+"
"""A name of XML without its prefix, near enough: what it misses is left to the parser."""
BLANK = r"[ \t\r\n]"
ATTRIBUTES = (
    rf"(?:{BLANK}++{NAME}(?::{NAME})?+{BLANK}*+={BLANK}*+(?:\"[^\"<]*+\"|'[^'<]*+'))*+{BLANK}*+"
)

_PHRASES = {
    "control": ("{} control character replaced by a space",
                "{} control characters replaced by spaces"),
    "byte": ("{} undecodable byte read as Windows-1252",
             "{} undecodable bytes read as Windows-1252"),
    "lost": ("{} damaged character replaced by U+FFFD",
             "{} damaged characters replaced by U+FFFD"),
    "pair": ("{} pair of surrogates joined", "{} pairs of surrogates joined"),
    "unknown": ("{} reference to an unknown entity left as text",
                "{} references to unknown entities left as text"),
    "less": ("{} bare < taken as text",) * 2,
    "entity": ("{} HTML entity replaced by its character",
               "{} HTML entities replaced by their characters"),
    "ampersand": ("{} bare & taken as text",) * 2,
    "bracket": ("{} bare ]]> taken as text",) * 2,
    "comment": ("{} malformed comment taken out", "{} malformed comments taken out"),
    "prolog": ("{} XML prolog inside taken out", "{} XML prologs inside taken out"),
    "doctype": ("{} DOCTYPE inside taken out", "{} DOCTYPEs inside taken out"),
    "address": ("{} namespace address mended", "{} namespace addresses mended"),
}  # fmt: skip
_GUESSED = frozenset(("control", "byte", "lost", "pair", "unknown", "less"))
_MOST = 100_000  # repairs in a text, and one more for every 100 characters
_DEEPEST = 256  # what libxml2 reads
_MOST_NAMED = 5  # undeclared prefixes

_HIGH = r"(?:55(?:29[6-9]|[3-9]\d\d)|56(?:[0-2]\d\d|3[01]\d)|[xX][dD][89abAB][0-9A-Fa-f]{2})"
_LOW = (
    r"(?:56(?:3[2-9]\d|[4-9]\d\d)|57(?:[0-2]\d\d|3[0-3]\d|34[0-3])"
    r"|[xX][dD][c-fC-F][0-9A-Fa-f]{2})"
)
# Undecoded bytes are U+DC80 to U+DCFF, see `harvester.oai.encoding`. Java writes a pair of
# surrogates as if each were a character of its own (CESU-8), and U+0000 in two bytes.
_CESU_HIGH = r"\udced[\udca0-\udcaf][\udc80-\udcbf]"
_CESU_LOW = r"\udced[\udcb0-\udcbf][\udc80-\udcbf]"
_CESU_NUL = r"\udcc0\udc80"
_ILLEGAL_CHARACTERS = (
    rf"(?P<cesu>{_CESU_HIGH}{_CESU_LOW})"
    rf"|(?P<lost>{_CESU_HIGH}|{_CESU_LOW}|[\ud800-\udc7f\udd00-\udfff])"
    rf"|(?P<bytes>(?:(?!{_CESU_HIGH}|{_CESU_LOW}|{_CESU_NUL})[\udc80-\udcff])++)"
    rf"|(?P<control>{_CESU_NUL}|[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff])"
)
_ILLEGAL = re.compile(_ILLEGAL_CHARACTERS)
_CHARACTERS = re.compile(
    rf"(?P<joined>&\#{_HIGH};&\#{_LOW};)"
    r"|&(?!(?:amp|lt|gt|quot|apos);)(?:"
    rf"(?P<entity>[^\W\d][\w.:-]{{0,63}}+);"
    r"|\#(?P<number>[0-9]{1,9}|[xX][0-9A-Fa-f]{1,8});"
    r"|(?P<ampersand>))"
    r"|(?P<bracket>\]\]>)"
    rf"|{_ILLEGAL_CHARACTERS}"
)
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})
_NEVER = frozenset(("xml", "xmlns"))  # prefixes that need no declaration

_SECTION = re.compile(r"<(?:!--|!\[CDATA\[|\?(?=[A-Za-z])|(?i:!DOCTYPE))")
_ENDS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_PROLOG = re.compile(rf"<\?xml{BLANK}", re.IGNORECASE)
_MARKUP = re.compile(
    rf"<(?:(?P<end>/)?(?P<name>{NAME}(?::{NAME})?+)(?P<attributes>{ATTRIBUTES})(?P<empty>/)?>)?+"
)
_OPENS = re.compile(r"<(?:!--|!\[CDATA\[|\?[A-Za-z]|(?i:!DOCTYPE)|/?[^\W\d][^<>]*+>)")
_ATTRIBUTE = re.compile(
    rf"{BLANK}++(?:(?P<prefix>{NAME}):)?+(?P<name>{NAME}){BLANK}*+={BLANK}*+"
    r"(?P<value>\"[^\"]*+\"|'[^']*+')"
)
_FIRST_TAG = re.compile(rf"<{NAME}(?::{NAME})?+")
_IN_ADDRESSES = "-._~:/?#[]@!$&'()*+,;=%"


class BeyondRepairError(HarvesterError):
    """There is more damage than text, or more depth than a parser takes."""


class Repaired(msgspec.Struct, frozen=True):
    """A piece of XML, and what was done to it.

    Attributes:
        text: the piece; whether it is well-formed now, only a parser can tell.
        notes: what was repaired, one phrase for each kind.
        guessed: something of its text was lost or is a guess, so that nothing may hang on it.
    """

    text: str
    notes: tuple[str, ...]
    guessed: bool


def repair(text: str, prefixes: Collection[str] = ()) -> Repaired:
    """Repair a piece of XML as far as that needs no guess about its structure.

    - Control characters and their references become spaces; undecodable bytes are read as
      Windows-1252; halves of surrogate pairs are joined, or become U+FFFD.
    - HTML's named entities become their characters. Other references stay as text, for what a
      DOCTYPE declares is never read. So do `&` and `<` where they begin nothing.
    - Comments, processing instructions and prologs inside are taken out. CDATA is left alone.
    - A prefix that is not declared is bound to `urn:undeclared:` and itself.

    Args:
        text: a piece whose tags belong together, such as a record.
        prefixes: what is declared around it.

    Raises:
        BeyondRepairError: it has more damage than a text could have by accident, or nests its
            elements too deep.
    """
    work = _Work(text, prefixes)
    parts: list[str] = []
    position = 0
    for start, end in _sections(text):
        parts.append(work.markup(text[position:start]))
        parts.append(work.section(text[start:end]))
        position = end
    parts.append(work.markup(text[position:]))
    return work.done("".join(parts))


def _sections(text: str) -> Iterator[tuple[int, int]]:
    """Find comments, CDATA sections, processing instructions and DOCTYPEs that end."""
    position = 0
    endless: set[str] = set()
    while found := _SECTION.search(text, position):
        start, position = found.span()
        opening = found.group()
        if opening in endless:
            continue
        closing = _ENDS.get(opening)
        if closing is None:
            end = end_of_doctype(text, start) or -1
        else:
            end = text.find(closing, position)
            end += len(closing) if end >= 0 else 0
        if end < 0:
            endless.add(opening)
            continue
        yield start, end
        position = end


class _Work:
    """One repair: what was done so far, and which prefixes are declared where."""

    def __init__(self, text: str, prefixes: Collection[str]) -> None:
        self._counts: Counter[str] = Counter()
        self._left = _MOST + len(text) // 100
        self._outer = _NEVER.union(prefixes)
        self._declared: Counter[str] = Counter()
        self._open: list[list[str]] = []  # the prefixes that each open element declares
        self._undeclared: dict[str, None] = {}

    def markup(self, text: str) -> str:
        """Repair text and tags; the text of several calls is one text."""
        return _MARKUP.sub(self._tag, _CHARACTERS.sub(self._character, text))

    def section(self, text: str) -> str:
        """Repair what is no text and no tag."""
        if text.startswith("<![CDATA["):
            return _ILLEGAL.sub(self._character, text)
        if text.startswith("<!--"):
            if "--" in text[4:-3] or text.endswith("--->") or _ILLEGAL.search(text):
                self._note("comment")
        elif text.startswith("<!"):
            self._note("doctype")
        elif _PROLOG.match(text):
            self._note("prolog")
        return ""

    def done(self, text: str) -> Repaired:
        """Bind the prefixes that nobody declares, in the first tag, and sum up."""
        first = _FIRST_TAG.search(text) if self._undeclared else None
        if first is not None:
            bound = "".join(f' xmlns:{name}="{UNDECLARED}{name}"' for name in self._undeclared)
            text = text[: first.end()] + bound + text[first.end() :]
        notes = [
            phrases[self._counts[kind] > 1].format(self._counts[kind])
            for kind, phrases in _PHRASES.items()
            if self._counts[kind]
        ]
        if self._undeclared:
            notes.append(_bound(list(self._undeclared)))
        return Repaired(text, tuple(notes), not _GUESSED.isdisjoint(self._counts))

    def _note(self, kind: str, count: int = 1) -> None:
        self._counts[kind] += count
        self._left -= 1
        if self._left < 0:
            raise BeyondRepairError("it is damaged nearly everywhere")

    def _character(self, found: re.Match[str]) -> str:
        kind = found.lastgroup
        if kind == "number":
            return self._number(found.group(), found["number"])
        if kind == "entity":
            character = html5.get(f"{found['entity']};")
            if character is None:
                self._note("unknown")
                return f"&amp;{found['entity']};"
            self._note("entity")
            return character.translate(_ESCAPES)
        if kind == "ampersand":
            self._note("ampersand")
            return "&amp;"
        if kind == "bracket":
            self._note("bracket")
            return "]]&gt;"
        if kind == "bytes":
            text = found.group().encode("utf-8", "surrogateescape").decode("cp1252", "replace")
            lost = text.count("\ufffd")
            if lost:
                self._note("lost", lost)
            if lost < len(text):
                self._note("byte", len(text) - lost)
            return text
        if kind in ("joined", "cesu"):
            self._note("pair")
            return _joined(found.group(), of_references=kind == "joined")
        self._note("lost" if kind == "lost" else "control")
        return "\ufffd" if kind == "lost" else " "

    def _number(self, reference: str, digits: str) -> str:
        hexadecimal = digits[0] in "xX"
        code = int(digits[1:], 16) if hexadecimal else int(digits)
        if code in (0x9, 0xA, 0xD) or 0x20 <= code < 0xD800 or 0xDFFF < code < 0xFFFE:
            legal = True
        else:
            legal = 0xFFFF < code <= 0x10FFFF
        if legal:
            if digits[0] != "X":
                return reference
            self._note("entity")
            return chr(code).translate(_ESCAPES)
        control = code < 0x20 or code in (0xFFFE, 0xFFFF)
        self._note("control" if control else "lost")
        return " " if control else "\ufffd"

    def _tag(self, found: re.Match[str]) -> str:
        name = found["name"]
        if name is None:
            if _OPENS.match(found.string, found.start()):
                return "<"
            self._note("less")
            return "&lt;"
        if found["end"]:
            if self._open:
                for prefix in self._open.pop():
                    self._declared[prefix] -= 1
            return found.group()
        tag, attributes = found.group(), found["attributes"]
        declares: list[str] = []
        if ":" in tag or "xmlns" in attributes:
            used = [name.partition(":")[0]] if ":" in name else []
            mended = self._attributes(attributes, used, declares)
            for prefix in used:
                if not self._declared[prefix] and prefix not in self._outer:
                    self._undeclared[prefix] = None
            if mended != attributes:
                tag = f"<{name}{mended}{found['empty'] or ''}>"
        if found["empty"]:
            for prefix in declares:
                self._declared[prefix] -= 1
        else:
            self._open.append(declares)
            if len(self._open) > _DEEPEST:
                raise BeyondRepairError(f"it nests its elements more than {_DEEPEST} deep")
        return tag

    def _attributes(self, attributes: str, used: list[str], declares: list[str]) -> str:
        """Return the attributes of a tag with possible namespaces, and enter their prefixes."""

        def attribute(found: re.Match[str]) -> str:
            prefix, name = found["prefix"], found["name"]
            if prefix != "xmlns" and (prefix or name != "xmlns"):
                if prefix:
                    used.append(prefix)
                return found.group()
            value = found["value"]
            address = quote(value[1:-1].strip(" \t\r\n"), safe=_IN_ADDRESSES)
            if prefix and not address:
                self._note("address")
                return ""
            if prefix:
                declares.append(name)
                self._declared[name] += 1
            if address == value[1:-1]:
                return found.group()
            self._note("address")
            return f"{found.group()[: -len(value)]}{value[0]}{address}{value[0]}"

        return _ATTRIBUTE.sub(attribute, attributes)


def _bound(prefixes: list[str]) -> str:
    if len(prefixes) > _MOST_NAMED:
        return f"{len(prefixes)} undeclared prefixes bound"
    named = ", ".join(printable(prefix, 40) for prefix in prefixes)
    return f"undeclared {'prefix' if len(prefixes) == 1 else 'prefixes'} {named} bound"


def _joined(pair: str, *, of_references: bool) -> str:
    if of_references:
        digits = [one.lstrip("&#") for one in pair.split(";")[:2]]
        high, low = (int(d[1:], 16) if d[0] in "xX" else int(d) for d in digits)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    halves = pair.encode("utf-8", "surrogateescape").decode("utf-8", "surrogatepass")
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
