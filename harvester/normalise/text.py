"""Text as a reader should see it: characters, entities, markup, blanks; and its parts."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from harvester.model import RawValue


class Value(msgspec.Struct, frozen=True, gc=False):
    """One value with its text made readable.

    Attributes:
        element: the element, without refinement: `dc:contributor`.
        refinement: what stands behind a second colon: `editor` of `dc:contributor:editor`.
        text: the readable text; never empty.
        language: `xml:lang` as given.
        attributes: other attributes, by local name.
        original: the value as received.
        rule: the rule that changed more than blanks, or "".
        name: the element as received, refinement included.
    """

    element: str
    refinement: str
    text: str
    language: str | None
    attributes: dict[str, str]
    original: str
    rule: str
    name: str


_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_BLOCK_NAMES = (
    "p|br|div|li|ul|ol|tr|td|table|title|sec|h[1-6]|abstract|list|list-item|blockquote|hr"
)
_INLINE_NAMES = (
    "i|b|em|strong|u|s|sub|sup|span|a|tt|font|small|big|italic|bold|sc|scp|underline|monospace|"
    "ext-link|xref|inline-formula|inline-graphic|tex-math|img|emph|hi|q|cite|code|o|pre|center"
)
# Only elements of HTML and JATS: `p < 0.05`, `<keyword>` and `<ISO 639-3>` are no markup to remove.
_TAG = re.compile(
    rf"<\s{{0,9}}/?\s{{0,9}}(?:jats:|mml:|m:)?(?:(?P<block>{_BLOCK_NAMES})|{_INLINE_NAMES}|"
    r"(?<=:)[a-z]+)(?=[\s/>])(?:\s[^<>]{0,300})?/?\s*>",
    re.IGNORECASE,
)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_COMMENT_OPENS, _COMMENT_ENDS = "<!--", "-->"
_LONGEST_COMMENT = 2000
# Soft hyphens with the line break behind them; zero-width blanks; marks and overrides of the
# direction of writing, which can make a text read otherwise than it is; byte-order marks, halves of
# surrogate pairs and characters that are none. Joiners stay: Persian and Indic scripts need them.
_INVISIBLE = re.compile(
    r"\u00ad\s?|[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_C0 = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_C1 = re.compile(r"[\x80-\x9f]+")
_BLANKS = re.compile(r"\s+")
# Bytes of UTF-8 read as Windows-1252: a lead byte of two or three bytes, then continuation bytes.
_MOJIBAKE = re.compile(
    "(?:[ÂÃÄÅ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â[\u0080€][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ])"
)


def readable(value: str) -> tuple[str, str]:
    """Return a text as a reader should see it, and the rule that changed more than its blanks.

    Entities are resolved once, markup of HTML and JATS goes (blocks leave a blank), invisible
    characters go, blanks fold to one, the form is NFC. Nothing is done to quotation marks, dashes,
    ligatures or case: healthy titles would suffer.

    Returns:
        the text, perhaps empty, and `text.entities`, `text.markup`, `text.controls`,
        `text.mojibake` or "".
    """
    text, rule = _visible(value)
    if "&" in text:
        resolved = _ENTITY.sub(lambda found: html.unescape(found.group()), text)
        if resolved != text:
            text, rule = _visible(resolved)[0], "text.entities"
    if "<" in text:
        stripped = _TAG.sub(lambda found: " " if found["block"] else "", _uncommented(text))
        if stripped != text:
            text, rule = stripped, "text.markup"
    if not text.isascii():
        if _may_be_mojibake(text):
            mended = _mended(text)
            if mended != text:
                text, rule = _visible(mended)[0], "text.mojibake"
        text = unicodedata.normalize("NFC", text)
    if "  " in text or not text.isprintable() or text[:1].isspace() or text[-1:].isspace():
        text = _BLANKS.sub(" ", text).strip()
    return text, rule


def _uncommented(text: str) -> str:
    """Take comments and the marks of CDATA sections out; one that never ends is left as text."""
    kept = []
    place, end = 0, -1
    begin = text.find(_COMMENT_OPENS)
    while begin >= 0:
        inner = begin + len(_COMMENT_OPENS)
        # Asked for once and not for each beginning, of which there may be a million.
        end = end if end >= inner else text.find(_COMMENT_ENDS, inner)
        if end < 0:
            break
        if end - inner <= _LONGEST_COMMENT:
            kept.append(text[place:begin])
            inner = place = end + len(_COMMENT_ENDS)
        begin = text.find(_COMMENT_OPENS, inner)
    return _CDATA.sub("", "".join(kept) + text[place:])


def _is_sound(text: str) -> bool:
    """Tell whether a printable text with letters beyond ASCII needs no mending."""
    return not _may_be_mojibake(text) and unicodedata.is_normalized("NFC", text)


def _may_be_mojibake(text: str) -> bool:
    return "Ã" in text or "Â" in text or "â" in text or "Ä" in text or "Å" in text


def _visible(text: str) -> tuple[str, str]:
    if text.isprintable():
        return text, ""
    cleaned = _C0.sub("", _INVISIBLE.sub("", text))
    # Windows-1252 sent as ISO 8859-1: a control character in the place of ’ or –.
    cleaned = _C1.sub(lambda found: _from_windows(found.group()), cleaned)
    return cleaned, "text.controls" if cleaned != text else ""


def _from_windows(characters: str) -> str:
    return characters.encode("latin-1").decode("cp1252", "ignore")


def _mended(text: str) -> str:
    """Undo UTF-8 read as Windows-1252, where that is certain.

    Certain means: the whole text goes back into Windows-1252, the bytes are valid UTF-8, and no
    sign of the damage is left that was not there twice. `PERCEPÇÃO` and `REFLEXÃO` do not survive
    the way back, and stay as they are.
    """
    for _ in range(2):
        if not _MOJIBAKE.search(text):
            break
        try:
            text = _windows_bytes(text).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            break
    return text


def _windows_bytes(text: str) -> bytes:
    """Encode as Windows-1252; the five bytes that it leaves open stand for themselves."""
    try:
        return text.encode("cp1252")
    except UnicodeEncodeError:
        return b"".join(
            character.encode("latin-1")
            if "\x80" <= character <= "\x9f"
            else character.encode("cp1252")
            for character in text
        )


def read(values: Sequence[RawValue]) -> dict[str, list[Value]]:
    """Make every value readable and group them by element, in the order of the source.

    A value that is nothing but blanks and invisible characters is left out, unless its element has
    attributes: `<ali:free_to_read start_date="…"/>` says something without text.
    """
    groups: dict[str, list[Value]] = {}
    # Most records are readable as they are, which is seen of all their values at once.
    as_they_are = _is_clean(" ".join([raw.value for raw in values]))
    last: str | None = None
    element = refinement = ""
    group: list[Value] = []
    for raw in values:
        name, text, rule = raw.element, raw.value, ""
        if not ((as_they_are or _is_clean(text)) and (text.isascii() or _is_sound(text))):
            text, rule = readable(text)
        if not text and (name.startswith("dc") or not (raw.attributes or name.startswith("ali:"))):
            continue
        if name is not last:
            last, (element, refinement) = name, _refined(name)
            group = groups.setdefault(element, [])
        group.append(
            Value(element, refinement, text, raw.language, raw.attributes, raw.value, rule, name)
        )
    return groups


def _is_clean(text: str) -> bool:
    """Tell whether there is nothing in a text to be taken out.

    Of several with blanks between, whether there is nothing in any of them: a blank at an end of
    one stands beside the blank between.
    """
    return (
        "  " not in text
        and text.isprintable()
        and "&" not in text
        and "<" not in text
        and text == text.strip()
    )


def unreadable(values: Sequence[RawValue]) -> list[RawValue]:
    """Return the values that `read` leaves out though something was sent, such as `<p></p>`."""
    return [raw for raw in values if raw.value and not read([raw])]


@lru_cache(maxsize=1024)
def _refined(name: str) -> tuple[str, str]:
    if name.count(":") < 2:
        return name, ""
    prefix, local, refinement = name.split(":", 2)
    return f"{prefix}:{local}", refinement


GLUE = " ; "
"""How BASE joins the values of a repeated title, description, date or source."""


def unglued(values: Sequence[Value], joined: bool) -> Sequence[Value]:
    """Take apart values that BASE joined; every part keeps the whole original."""
    if not joined:
        return values
    parts = []
    for value in values:
        if GLUE in value.text:
            parts += [
                msgspec.structs.replace(value, text=part.strip(), rule="text.unglued")
                for part in value.text.split(GLUE)
                if part.strip()
            ]
        else:
            parts.append(value)
    return parts
