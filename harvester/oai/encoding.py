"""From the bytes of an answer to its characters, whatever the server says about them.

A byte that cannot be read is not guessed here. It becomes a lone surrogate (U+DC80 to U+DCFF, as
Python's `surrogateescape` does it), and half of a pair in UTF-16 becomes U+D800; what is made of
them, and in which record, is the business of `harvester.oai.repair`.
"""

from __future__ import annotations

import codecs
import re

import msgspec

_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_SPACE = b" \t\r\n"
_DECLARED = re.compile(rb"""<\?xml\s[^<>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_DECLARATION_WITHIN = 4096
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_EIGHT_BITS = re.compile(r"ascii|iso8859-\d+|cp(?:125\d|437|850|852|858|866)|koi8-[rtu]|mac-roman")
_KNOWN = re.compile(
    _EIGHT_BITS.pattern
    + r"|utf-8|gb2312|gbk|gb18030|big5(?:hkscs)?|cp9(?:32|36|49|50)|euc_(?:jp|kr)|shift_jis|johab"
)
_LONE = re.compile("[\ud800-\udfff]")
LOST = "\ud800"
"""Stands for half of a surrogate pair without the other half."""


class Text(msgspec.Struct, frozen=True):
    """The characters of an answer.

    Attributes:
        characters: all of them, without a byte-order mark at the beginning.
        wrongly_declared: the encoding that the server declares although the answer is UTF-8, which
            it would not be by chance; None where it declares nothing wrong.
    """

    characters: str
    wrongly_declared: str | None = None


def charset(content_type: str | None) -> str | None:
    """Return the charset that a Content-Type header names, None where it names none."""
    found = _CHARSET.search(content_type or "")
    return found.group(1) if found else None


def wide(content: bytes) -> str | None:
    """Return the UTF-16 or UTF-32 that an answer is in; None where its markup is ASCII."""
    for mark, encoding in _WIDE_MARKS:
        if content.startswith(mark):
            return encoding
    return None


def wrongly_declared(content: bytes) -> str | None:
    """Return a declared eight-bit encoding if the answer is UTF-8 and not only ASCII.

    Such an answer is well-formed, and every accent in it would be read as two characters: the
    reverse of what digi.ub.uni-heidelberg.de does (metha, refs #21812).
    """
    declared = _declared(content)
    if declared is None or content.isascii():
        return None
    encoding = _known(declared)
    if encoding is None or not _EIGHT_BITS.fullmatch(encoding) or not _is_utf_8(content):
        return None
    return declared


def decode(content: bytes, charset: str | None = None) -> Text:
    """Decode an answer; whatever the bytes are, there is a result.

    What is valid UTF-8 is UTF-8. Otherwise the declared encoding counts, and without a byte-order
    mark and a declared encoding the one that HTTP names; what is left is UTF-8 with damage. So one
    bad byte costs nothing but itself.

    Args:
        content: the body without content encoding.
        charset: what the Content-Type header says.
    """
    encoding = wide(content)
    if encoding is not None:
        width = 4 if encoding.startswith("utf-32") else 2
        whole = content[: len(content) // width * width]
        return Text(_LONE.sub(LOST, _wide(whole, encoding)).lstrip("\ufeff"))
    if _is_utf_8(content):
        return Text(content.decode(), wrongly_declared(content))
    marked = content.lstrip(_SPACE).startswith(codecs.BOM_UTF8)
    named = None if marked else _declared(content) or charset
    encoding = _known(named) if named else None
    if encoding is None or encoding in ("utf-8", "ascii"):
        return Text(content.decode("utf-8", "surrogateescape"))
    try:
        return Text(content.decode(encoding, "surrogateescape"))
    except UnicodeDecodeError:  # some codecs stumble over ASCII bytes too, which cannot be escaped
        return Text(content.decode(encoding, "replace"))


def _wide(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        return content.decode(encoding, "replace")


def _declared(content: bytes) -> str | None:
    found = _DECLARED.search(content, 0, _DECLARATION_WITHIN)
    return found.group(1).decode("ascii") if found else None


def _known(name: str) -> str | None:
    """Return Python's name of an encoding in which ASCII is ASCII; None for all others."""
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        return None
    return encoding if _KNOWN.fullmatch(encoding) else None


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
