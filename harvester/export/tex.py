r"""Text as a `.bib` file needs it: readable by BibTeX, biber, Zotero and JabRef alike.

The rules are what Zotero, BibTeX, biber and JabRef were measured to do. UTF-8 and NFC throughout;
only characters that would break LaTeX are escaped; commands such as `\textasciitilde` are never
written, because Zotero shows them as they are.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from harvester.export import parts
from harvester.model import Agent

_ESCAPES = {
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "$": r"\$",
    "{": r"\{",
    "}": r"\}",
    "~": r"\~{}",
    "^": r"\^{}",
}
_ESCAPED = re.compile(r"[&%#_${}~^]")
# Backslashes have no spelling that every program reads; soft hyphens, zero-width spaces and
# control characters break pdflatex. Bidirectional marks stay.
_DROPPED = re.compile(r"[\\\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\ufeff\ud800-\udfff]")
_BRACE = re.compile(r"[{}]")
_CORE = re.compile(r"\w(?:.*\w)?")
_AND = re.compile(r"(?:^|\s)and(?:\s|$)", re.IGNORECASE)
_KEYWORD_BREAK = re.compile(r"\s*[,;>]\s*")
_PAGE_RANGE = re.compile(r"(?<=\w)\s*(?:-{1,3}|[‐‑–—])\s*(?=\w)")
_UNSAFE_IN_URL = re.compile(r"""[{}\\"<>^`|\s\x00-\x1f\x7f]|[^\x00-\x7f]""")
_UNSAFE_IN_IDENTIFIER = re.compile(r"[{}\\\s\x00-\x1f\x7f\ud800-\udfff]")


def plain(value: str) -> str:
    """Make a value one line of NFC text with balanced braces and without backslashes."""
    if not (value.isascii() and value.isprintable() and "\\" not in value):
        value = unicodedata.normalize("NFC", _DROPPED.sub("", value))
    text = " ".join(value.split())
    return _balanced(text) if "{" in text or "}" in text else text


def text(value: str) -> str:
    """Write a value as the inside of a field."""
    return _escaped(plain(value))


def title(value: str, language: str | None) -> str:
    """Write a title so that styles which change case leave its capitals alone.

    In English, tokens with inner capitals are braced, and proper names where the title is in
    sentence case; in any other language, or an unknown one, the whole title is.

    Args:
        value: the title.
        language: its ISO 639-3 code.
    """
    whole = plain(value)
    if not whole:
        return ""
    if language != "eng" or whole.isupper():
        return f"{{{_escaped(whole)}}}"
    tokens = [_split(token) for token in whole.split(" ")]
    starts = _starts(tokens)
    inside = [
        core
        for (_, core, _), start in zip(tokens, starts, strict=True)
        if len(core) > 3 and core[0].isalpha() and not start
    ]
    sentence_case = 2 * sum(core[0].isupper() for core in inside) <= len(inside)
    written = []
    for (before, core, after), start in zip(tokens, starts, strict=True):
        middle = _escaped(core)
        if _has_capitals(core) or (sentence_case and not start and core[:1].isupper()):
            middle = middle if _BRACE.search(core) else f"{{{middle}}}"
        written.append(_escaped(before) + middle + _escaped(after))
    return " ".join(written)


def name(agent: Agent) -> str:
    """Write one name: `Family, Given`, `Family, Jr., Given`, or braced where it is not to be split.

    Bodies and single names are braced, which keeps their commas and the word "and".
    """
    family, given = plain(agent.family or ""), plain(agent.given or "")
    if agent.corporate or not family or not given:
        whole = text(agent.literal) or text(family)
        return f"{{{whole}}}" if whole else ""
    family, given, generation = parts.generation(family, given)
    written = (_name_part(family), generation, _name_part(given))
    return ", ".join(part for part in written if part)


def listed(value: str) -> str:
    """Write a value of a field that biblatex splits at "and", such as `publisher`."""
    written = text(value)
    return f"{{{written}}}" if _AND.search(written) else written


def keyword(value: str) -> str:
    """Write a keyword without the characters at which Zotero and JabRef split or nest keywords."""
    return text(_KEYWORD_BREAK.sub(" – ", value)).strip(" –")


def pages(value: str) -> str:
    """Write pages, ranges with `--`."""
    first, last = parts.pages(value)
    if first and last:
        return f"{text(first)}--{text(last)}"
    return _PAGE_RANGE.sub("--", text(value))


def url(value: str) -> str:
    """Write an address raw: no program takes a backslash out of it again."""
    return _UNSAFE_IN_URL.sub(
        lambda match: quote(match[0], safe="", errors="replace"), value.strip()
    )


def identifier(value: str) -> str:
    """Write a DOI or handle raw, in NFC; only what would break the entry is percent-encoded."""
    return _UNSAFE_IN_IDENTIFIER.sub(
        lambda match: quote(match[0], safe="", errors="replace"),
        unicodedata.normalize("NFC", value.strip()),
    )


def _escaped(value: str) -> str:
    return _ESCAPED.sub(_escape, value)


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES[match[0]]


def _balanced(value: str) -> str:
    r"""Turn braces without a partner into parentheses: `\{` alone is fatal to biber."""
    characters = list(value)
    opened: list[int] = []
    for index, character in enumerate(characters):
        if character == "{":
            opened.append(index)
        elif character == "}":
            if opened:
                opened.pop()
            else:
                characters[index] = ")"
    for index in opened:
        characters[index] = "("
    return "".join(characters)


def _split(token: str) -> tuple[str, str, str]:
    match = _CORE.search(token)
    if match is None:
        return token, "", ""
    return token[: match.start()], match[0], token[match.end() :]


def _starts(tokens: list[tuple[str, str, str]]) -> list[bool]:
    """Say of each token whether it begins the title or a subtitle: BibTeX keeps its capital."""
    return [True] + [":" in after for _, _, after in tokens[:-1]]


def _has_capitals(core: str) -> bool:
    if core.islower():
        return False
    capitals = sum(character.isupper() for character in core)
    return capitals > 1 or (
        capitals == 1 and (not core[0].isupper() or any(map(str.isdigit, core)))
    )


def _name_part(value: str) -> str:
    written = _escaped(value)
    return f"{{{written}}}" if "," in value or _AND.search(value) else written
