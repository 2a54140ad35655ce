"""The parts of a citation, and how pages are written."""

from __future__ import annotations

import re

import msgspec

LONGEST = 600
"""Characters of a text that is looked through for a citation."""


class Cited(msgspec.Struct, frozen=True, gc=False):
    """The parts of a citation; "" where a part is missing.

    Attributes:
        rule: the dialect, `citation.<name>`.
        certainty: 1.0 where the string names its parts, less where their order does.
    """

    title: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    article_number: str = ""
    series: str = ""
    rule: str = ""
    certainty: float = 1.0


_ARTICLE = re.compile(r"^(?:[a-zA-Z]{1,3}\d{3,}|Doc\d+|e\d+|\d{6,}|\d{7}[xX]\d+)$")
_DASHES = re.compile(r"\s?[-–—]{1,3}\s?")
_RANGE = re.compile(r"^([a-zA-Z]?)(\d+)-([a-zA-Z]?)(\d+)$")


def page_range(text: str) -> tuple[str, str]:
    """Return pages in the form `441-445`, or an article number.

    `441-5` is written in full, `e103180` is an article number; Roman numerals stay.
    """
    first, _, last = text.partition("-")
    if first.isdecimal() and last.isdecimal() and len(first) <= len(last) and first != last:
        return text, ""
    text = _DASHES.sub("-", text.strip(" .,()")).strip("-")
    if not any(map(str.isalnum, text)):
        return "", ""
    if _ARTICLE.match(text):
        return "", text
    if found := _RANGE.match(text):
        letter, start, other, end = found.groups()
        if len(end) < len(start):
            full = start[: len(start) - len(end)] + end
            end = full if int(full) > int(start) else end
        if start == end and letter == (other or letter):
            return letter + start, ""
        return f"{letter}{start}-{other}{end}", ""
    return text, ""
