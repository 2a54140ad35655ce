"""A record page of a VuFind portal, taken apart: what its text form and its HTML have in common."""

from __future__ import annotations

import codecs
import re

import msgspec

from harvester.formats import UnreadableError
from harvester.formats.labels import Labels, key
from harvester.model import RawValue

MAX_TEXT = 1024 * 1024
"""Most bytes of a page's text that are read. Real ones have some 4,000."""
MAX_HTML = 8 * 1024 * 1024
"""Most bytes of a page's HTML. Real ones have some 60,000, unless pictures were saved inside."""

_BLANKS = re.compile(r"[ \t\f\v]+")
_EDGES = " \t\f\v\u00a0\u200b\u202f\u2007\ufeff"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_TOLERATED = 100  # one stray control character among so many is a slip, more is no text
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?\s*([\w-]{1,40})""", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# `… emploi... Mehr ...`: the word that unfolds a text stands between dots, or after a sentence
# and before dots.
_FOLD = re.compile(
    r"(?P<before>\.+|…|[?!»\"])\s*[\[(]?(?P<word>[^\W\d_][^\W\d_ ]*(?: [^\W\d_ ]+){0,3})[\])]?\s*"
    r"(?P<after>\.{2,}|…|»|›)?$"
)
_LONGEST_CONTROL = 40
_DOTS = re.compile(r"\s*(?:\.{2,}|…)$")


class PortalPage(msgspec.Struct):
    """The parts of a record page, in their order.

    Attributes:
        title: the heading, or "" where only a labelled row gives the title.
        intro: paragraphs between heading and rows: an abstract, often shortened.
        rows: (label as printed, the lines beside it).
        full: paragraphs after the rows: the abstract in full.
        address: the page's own address where it says it outside its rows.
        further: values from the head of the page, for elements that no row gives.
    """

    title: str = ""
    intro: list[str] = []
    rows: list[tuple[str, list[str]]] = []
    full: list[str] = []
    address: str | None = None
    further: list[RawValue] = []


def decode(content: bytes, limit: int) -> str:
    """Return the characters of a page that someone saved.

    A byte-order mark decides, then UTF-8, then what an HTML page declares, then Windows-1252,
    which older editors write.

    Raises:
        UnreadableError: it is empty, too large, or no text.
    """
    if len(content) > limit:
        raise UnreadableError(
            f"it has {len(content):,} bytes; of a record page at most {limit:,} are read"
        )
    if not content.lstrip(codecs.BOM_UTF8 + b" \t\r\n"):
        raise UnreadableError("it is empty")
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], (encoding,))
    declared = _CHARSET.search(content[:4096])
    named = (declared.group(1).decode("ascii", "replace"),) if declared else ()
    return _decoded(content, ("utf-8", *named, "cp1252"))


def _decoded(content: bytes, encodings: tuple[str, ...]) -> str:
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except (UnicodeError, LookupError):
            continue
        controls = len(_CONTROL.findall(text))
        if "\0" not in text and controls * _TOLERATED <= len(text):
            return _CONTROL.sub("", text) if controls else text
    raise UnreadableError("it is no text: binary, or in an unknown encoding")


def tidy(line: str) -> str:
    """Fold the blanks of a line into one each and take them off its ends, no-break ones too."""
    return _BLANKS.sub(" ", line).strip(_EDGES)


def is_control(line: str, labels: Labels) -> bool:
    """Tell whether a whole line is a control of the page, such as `Mehr ...` or `Zitieren`."""
    bare = line.strip(" .…»›[]()") if len(line) < _LONGEST_CONTROL else ""
    return bool(bare) and any(element.startswith("ui:") for element in labels.elements(bare))


def unfold(text: str, labels: Labels) -> tuple[str, bool]:
    """Take the control that folds a text off its end.

    Returns:
        the text without the control, and whether the text is shortened. A shortened text keeps the
        dots that say so.
    """
    found = _FOLD.search(text[-80:])
    if found:
        before, word, after = found["before"], key(found["word"]), found["after"]
        elements = labels.elements(word)
        dotted = before == "…" or len(before) > 1
        if (dotted or after) and elements & {"ui:more", "ui:less"}:
            offset = len(text) - len(text[-80:])
            if "ui:more" in elements:
                return text[: offset + found.end("before")], True
            edge = found.start("before") if dotted else found.end("before")
            return text[: offset + edge].rstrip(), False
    return text, _DOTS.search(text) is not None


def continues(short: str, long: str) -> bool:
    """Tell whether a longer text begins with a shortened one, blanks and dots apart."""
    stem = " ".join(_DOTS.sub("", short).split())
    return bool(stem) and " ".join(long.split()).startswith(stem)
