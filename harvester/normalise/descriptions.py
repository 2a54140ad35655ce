"""Descriptions: review status, abstracts by language, funding, keywords, and what says nothing."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

import msgspec

from harvester.model import Abstract, Note
from harvester.normalise import listed
from harvester.normalise.folding import fold
from harvester.normalise.languages import Languages, code, detect
from harvester.normalise.profile import Dialect
from harvester.normalise.remembering import remembered
from harvester.normalise.text import GLUE, Value
from harvester.normalise.titles import LANGUAGE_BEFORE


class Described(msgspec.Struct, frozen=True, gc=False):
    """What the descriptions of a record say."""

    abstracts: list[Abstract]
    peer_reviewed: bool | None
    funding: list[str]
    keywords: list[str]


_SENTENCE_END = re.compile(r"(?:[.!?…。！？।؟][»”\"')\]]*|[»”])$")
# Chinese and Japanese say more in a line.
_DENSE = re.compile(r"[⺀-鿿]")
_BRACKET = re.compile(r"[()]")
# What stands in brackets with semicolons is a list of references: so many, and so long.
_NAMES = 10
_LONGEST_BRACKET = 200
# Shorter than this and without the end of a sentence, a part beside an abstract is none; a longer
# one is none either beside an abstract of more than its double.
_SHORT = 60
_LONGEST_LINE = 160
# A funder's or programme's name is part of a short line; a sentence about it is an abstract.
_LONGEST_FUNDING = 160
# Notes about the file, the event or the degree are no longer than this.
_LONGEST_NOTE = 600
# A sentence that says who paid, beside an abstract: George Mason, WHOI, Texas A&M.
_ACKNOWLEDGED = re.compile(
    r"(?:(?:this|the|our|publication|open access)\b[^.]{0,80}?\b(?:was|were|is|has been|have been)"
    r"(?: \w+){0,3}? (?:supported|funded|financed|sponsored|made possible)"
    r"|[^.]{0,150}\bprovided financial support"
    r"|(?:supported|funded|financed) by"
    r"|(?:dit onderzoek|deze studie)\b[^.]{0,60}\b(?:gefinancierd|ondersteund)"
    r"|(?:cette|ce) (?:recherche|étude|travail|projet)\b[^.]{0,60}\b(?:financée?|soutenue?)"
    r"|diese (?:arbeit|studie|forschung)\b[^.]{0,60}\b(?:gefördert|finanziert)) (?:\w+ ){0,3}?"
    r"(?:by|through|from|with|door|par|von|durch|\w)",
    re.IGNORECASE,
)
_LONGEST_ACKNOWLEDGEMENT = 400
_FEWEST_CUTS = 4


def read(
    values: Sequence[Value],
    types: Sequence[Value],
    given: Sequence[str],
    dialect: Dialect,
    languages: Languages,
    title: str = "",
) -> tuple[Described, list[Note]]:
    """Sort the descriptions of a record.

    Args:
        values: dc:description and its refinements (`funding`, `note`, `toc`), and dcterms:abstract.
        types: dc:type, where EPrints says `PeerReviewed`.
        given: the languages that the record gives; an abstract's language that is detected and is
            the record's only one counts as confirmed.
        dialect: the platform's habits.
        languages: for the language of an abstract.
        title: of the record, which some repeat.
    """
    notes: list[Note] = []
    peer_reviewed: bool | None = None
    funding: dict[str, None] = {}
    keywords: list[str] = []
    texts: list[tuple[str, Value, str]] = []
    reviewed = _reviewed.by(dialect)
    for value in types:
        status = reviewed[value.text]
        if status is not None:
            peer_reviewed = status if peer_reviewed is None else peer_reviewed
            notes.append(_review(value, status))
    skip = False
    for value in values:
        parts = _parts(value, dialect)
        for part in parts:
            folded = fold(part) if len(part) < 100 else ""
            if value.refinement == "funding":
                funding[part] = None
                notes.append(
                    Note("funding", value.name, value.original, "descriptions.funder", part)
                )
            elif skip or (folded and dialect.follows and folded in dialect.follows):
                # `SeriesInformation ; Current Objectives …`: a heading, and the line below it,
                # in DataCite's own records a value of its own.
                skip = not skip
                notes.append(_note(value, "descriptions.boilerplate", part))
            elif folded and (status := dialect.reviewed.get(folded)) is not None:
                peer_reviewed = status if peer_reviewed is None else peer_reviewed
                notes.append(_review(value, status))
            elif (folded and folded in languages.headings) or (
                len(part) <= _LONGEST_NOTE and dialect.boilerplate.fullmatch(part)
            ):
                notes.append(_note(value, "descriptions.boilerplate", part))
            elif (
                len(part) <= _LONGEST_FUNDING
                and not _sentence(part)
                and dialect.funding.search(part)
            ):
                funding[part] = None
                notes.append(
                    Note("funding", value.name, value.original, "descriptions.funding", part, 0.9)
                )
            elif value.refinement in ("note", "toc") or value.element == "dcterms:tableOfContents":
                notes.append(_note(value, "descriptions.note", part))
            elif texts and _goes_on(texts[-1][0], part):
                # K-State: one abstract in two values, cut where a line ended.
                before, first, _ = texts[-1]
                texts[-1] = (f"{before} {part}", first, "descriptions.continued")
                notes.append(
                    Note("abstracts", value.name, value.original, "descriptions.continued", part)
                )
            elif title and len(part) < 4 * len(title) and _repeats(part, title):
                notes.append(_note(value, "descriptions.title", part))
            else:
                rule = "descriptions.part" if len(parts) > 1 else value.rule
                kept, found = listed.apart(part, languages)
                if found:
                    rule, line = "descriptions.keywords", " | ".join(found)
                    keywords += found
                    notes.append(Note("keywords", value.name, value.original, rule, line))
                if kept:
                    texts.append((kept, value, rule))
    abstracts = _abstracts(texts, given, dialect, languages, funding, notes)
    return Described(abstracts, peer_reviewed, list(funding), keywords), notes


@remembered(2048)
def _reviewed(kind: str, dialect: Dialect) -> bool | None:
    """Return what a type says of peer review.

    EPrints: `PeerReviewed`; KU ScholarWorks: `Article, scholarly/refereed, publisher version`.
    """
    status = dialect.reviewed.get(fold(kind))
    if status is None and "," in kind:
        said = (dialect.reviewed.get(fold(part)) for part in kind.split(","))
        return next((one for one in said if one is not None), None)
    return status


def _goes_on(before: str, part: str) -> bool:
    """Tell whether a text goes on where the value before it broke off."""
    return (
        part[0].islower()
        and len(part) > _SHORT
        and len(before) > _LONGEST_LINE
        and not _SENTENCE_END.search(before)
    )


def _repeats(text: str, title: str) -> bool:
    """Tell whether a text says the title again, perhaps among headings, and is no sentence."""
    folded, known = fold(text), fold(title)
    return bool(known) and (
        folded == known or (len(title) > _SHORT and known in folded and text[-1] != ".")
    )


def _parts(value: Value, dialect: Dialect) -> list[str]:
    """Take apart what BASE joined, and join again what was one text.

    French sets a blank before its semicolon: a part that goes on in lower case was no value of its
    own; nor was one inside brackets that the part before it opened: `(Burton ; Kates 1978)`.
    """
    if not dialect.joined or GLUE not in value.text:
        return [value.text]
    glue = ", " if _was_cut_at_commas(value.text) else GLUE
    parts: list[list[str]] = []
    pieces = value.text.split(GLUE)
    for place, part in enumerate(pieces):
        part = part.strip()
        if (
            parts
            and (part[:1].islower() or _in_brackets(parts[-1], pieces[place : place + _NAMES]))
            and fold(part) not in dialect.reviewed
            and not (dialect.boilerplate.fullmatch(part))
        ):
            parts[-1].append(part)
        elif part:
            parts.append([part])
    return [glue.join(joined) for joined in parts]


def _was_cut_at_commas(text: str) -> bool:
    """Tell whether BASE cut a text at its commas (Persée): many cuts, and not a comma left."""
    return ", " not in text and text.count(GLUE) >= _FEWEST_CUTS


def _in_brackets(before: Sequence[str], following: Sequence[str]) -> bool:
    """Tell whether a bracket is open behind these parts and soon closed in those that follow."""
    opened = GLUE.join(before[-_NAMES:])
    if opened.rfind("(") <= opened.rfind(")"):
        return False
    bracket = _BRACKET.search(GLUE.join(following)[:_LONGEST_BRACKET])
    return bracket is not None and bracket.group() == ")"


def _sentence(text: str) -> bool:
    return text[-1] == "." and len(text) > _SHORT


def _abstracts(
    texts: Sequence[tuple[str, Value, str]],
    given: Sequence[str],
    dialect: Dialect,
    languages: Languages,
    funding: dict[str, None],
    notes: list[Note],
) -> list[Abstract]:
    abstracts: list[Abstract] = []
    seen: list[str] = []
    longest = max([len(text) for text, _, _ in texts], default=0)
    for text, value, rule in texts:
        if _is_line(text, longest):
            if dialect.short_is_funding:
                funding[text] = None
                notes.append(
                    Note(
                        "funding",
                        value.name,
                        value.original,
                        "descriptions.short-funding",
                        text,
                        0.6,
                    )
                )
            else:
                notes.append(_note(value, "descriptions.short", text, 0.7))
            continue
        beside = len(text) <= _LONGEST_ACKNOWLEDGEMENT and len(texts) > 1
        if beside and _ACKNOWLEDGED.match(text):
            funding[text] = None
            said = "descriptions.acknowledgement"
            notes.append(Note("funding", value.name, value.original, said, text, 0.8))
            continue
        spoken = value.language
        if text[0] == "[" and (tag := LANGUAGE_BEFORE.match(text)):
            text, rule, spoken = text[tag.end() :], "descriptions.language", tag.group(1)
        if (found := languages.heading.match(text)) and found.end() < len(text):
            text, rule = text[found.end() :], "descriptions.heading"
        if not any(map(str.isalnum, text)):  # `...`
            notes.append(_note(value, "descriptions.boilerplate", text))
            continue
        if len(texts) > 1:
            letters = _letters(text)
            place = bisect_left(seen, letters)
            if _is_copy(letters, seen[max(place - 1, 0) : place + 1]):
                notes.append(_note(value, "descriptions.duplicate", text))
                continue
            seen.insert(place, letters)
        language, detected = _language(text, spoken, given, languages)
        abstracts.append(Abstract(text, language, detected))
        notes.append(
            Note("abstracts", value.name, value.original, rule or "descriptions.given", text)
        )
        if detected:
            notes.append(
                Note(
                    "abstracts",
                    value.name,
                    text,
                    "descriptions.language-detected",
                    language or "",
                    0.8,
                )
            )
    return abstracts


def _is_line(text: str, longest: int) -> bool:
    """Tell whether a text is a line beside an abstract: short, and not ended as a sentence."""
    if len(text) >= _LONGEST_LINE or len(text) == longest or _SENTENCE_END.search(text):
        return False
    if _DENSE.match(text):
        return 2 * len(text) < _SHORT
    return len(text) < _SHORT or 2 * len(text) < longest


def _is_copy(letters: str, neighbours: Sequence[str]) -> bool:
    """Tell whether a text is the beginning of one that was seen, or goes on where that ends.

    Of texts in order of which none begins another one, only those beside it can be.
    """
    return any(one.startswith(letters) or letters.startswith(one) for one in neighbours)


def _between(encoding: str) -> bytes:
    """Return the bytes of an encoding that are neither letters nor digits."""
    characters = (bytes([byte]).decode(encoding, "replace") for byte in range(256))
    return bytes(byte for byte, one in enumerate(characters) if not one.isalnum())


# Most texts can be written in one of these, and bytes are gone through many times as quickly.
_ENCODED = [(encoding, _between(encoding)) for encoding in ("latin-1", "cp1252")]


def _letters(text: str) -> str:
    """Return what two copies of a text have in common, though one may be cut off or spaced."""
    text = text.lower()
    for encoding, between in _ENCODED:
        try:
            return text.encode(encoding).translate(None, between).decode(encoding)
        except UnicodeEncodeError:
            continue
    return "".join(filter(str.isalnum, text))


def _language(
    text: str, spoken: str | None, given: Sequence[str], languages: Languages
) -> tuple[str | None, bool]:
    """Return an abstract's language, and whether only its words say so."""
    if spoken and (said := code(spoken, languages)[0]):
        return said, False
    found = detect(text, languages, given[0] if len(given) == 1 else None)
    return found, found is not None and list(given) != [found]


def _review(value: Value, status: bool) -> Note:
    result = "true" if status else "false"
    return Note("peer_reviewed", value.name, value.original, "descriptions.review-status", result)


def _note(value: Value, rule: str, part: str, certainty: float = 1.0) -> Note:
    original = value.original if part == value.text else part
    return Note("abstracts", value.name, original, rule, "", certainty)
