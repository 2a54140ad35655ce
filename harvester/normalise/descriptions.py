"""Descriptions: review status, abstracts by language, funding, and what says nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from harvester.model import Abstract, Note
from harvester.normalise.folding import fold
from harvester.normalise.languages import Languages, code, detect
from harvester.normalise.profile import Dialect
from harvester.normalise.text import GLUE, Value


class Described(NamedTuple):
    """What the descriptions of a record say."""

    abstracts: list[Abstract]
    peer_reviewed: bool | None
    funding: list[str]


_SENTENCE_END = re.compile(r"[.!?…»”\"')\]]$")
_BRACKET = re.compile(r"[()]")
# What stands in brackets with semicolons is a list of references: so many, and so long.
_NAMES = 10
_LONGEST_BRACKET = 200
# Shorter than this and without the end of a sentence, a part beside an abstract is none.
_SHORT = 60
# A funder's or programme's name is part of a short line; a sentence about it is an abstract.
_LONGEST_FUNDING = 160


def read(
    values: Sequence[Value],
    types: Sequence[Value],
    given: Sequence[str],
    dialect: Dialect,
    languages: Languages,
) -> tuple[Described, list[Note]]:
    """Sort the descriptions of a record.

    Args:
        values: dc:description and its refinements, and dcterms:abstract.
        types: dc:type, where EPrints says `PeerReviewed`.
        given: the languages that the record gives; an abstract's language that is detected and is
            the record's only one counts as confirmed.
        dialect: the platform's habits.
        languages: for the language of an abstract.
    """
    notes: list[Note] = []
    peer_reviewed: bool | None = None
    funding: dict[str, None] = {}
    texts: list[tuple[str, Value, str]] = []
    for value in types:
        status = dialect.reviewed.get(fold(value.text))
        if status is not None:
            peer_reviewed = status if peer_reviewed is None else peer_reviewed
            notes.append(_review(value, status))
    for value in values:
        parts = _parts(value, dialect)
        skip = False
        for part in parts:
            folded = fold(part) if len(part) < 100 else ""
            if skip or (folded and dialect.follows and folded in dialect.follows):
                # `SeriesInformation ; Current Objectives …`: a heading, and the line below it.
                skip = not skip
                notes.append(_note(value, "descriptions.boilerplate", part))
            elif folded and (status := dialect.reviewed.get(folded)) is not None:
                peer_reviewed = status if peer_reviewed is None else peer_reviewed
                notes.append(_review(value, status))
            elif folded and (folded in languages.headings or dialect.boilerplate.fullmatch(part)):
                notes.append(_note(value, "descriptions.boilerplate", part))
            elif (
                len(part) <= _LONGEST_FUNDING
                and dialect.funding.search(part)
                and not _sentence(part)
            ):
                funding[part] = None
                notes.append(
                    Note("funding", value.name, value.original, "descriptions.funding", part, 0.9)
                )
            elif value.refinement in ("note", "toc") or value.element == "dcterms:tableOfContents":
                notes.append(_note(value, "descriptions.note", part))
            else:
                texts.append((part, value, "descriptions.part" if len(parts) > 1 else value.rule))
    abstracts = _abstracts(texts, given, dialect, languages, funding, notes)
    return Described(abstracts, peer_reviewed, list(funding)), notes


def _parts(value: Value, dialect: Dialect) -> list[str]:
    """Take apart what BASE joined, and join again what was one text.

    French sets a blank before its semicolon: a part that goes on in lower case was no value of its
    own; nor was one inside brackets that the part before it opened: `(Burton ; Kates 1978)`.
    """
    if not dialect.joined or GLUE not in value.text:
        return [value.text]
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
    return [GLUE.join(joined) for joined in parts]


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
    seen: set[str] = set()
    longest = max([len(text) for text, _, _ in texts], default=0)
    for text, value, rule in texts:
        if len(text) < _SHORT and len(text) < longest and not _SENTENCE_END.search(text):
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
        if (found := languages.heading.match(text)) and found.end() < len(text):
            text, rule = text[found.end() :], "descriptions.heading"
        if text in seen:
            notes.append(_note(value, "descriptions.duplicate", text))
            continue
        seen.add(text)
        language, detected = _language(text, value, given, languages)
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


def _language(
    text: str, value: Value, given: Sequence[str], languages: Languages
) -> tuple[str | None, bool]:
    """Return an abstract's language, and whether only its words say so."""
    if value.language and (said := code(value.language, languages)[0]):
        return said, False
    found = detect(text, languages, given[0] if len(given) == 1 else None)
    return found, found is not None and list(given) != [found]


def _review(value: Value, status: bool) -> Note:
    result = "true" if status else "false"
    return Note("peer_reviewed", value.name, value.original, "descriptions.review-status", result)


def _note(value: Value, rule: str, part: str, certainty: float = 1.0) -> Note:
    return Note("abstracts", value.name, part, rule, "", certainty)
