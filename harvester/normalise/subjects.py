"""Subjects: keywords and disciplines, told apart step by step; most are keywords as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from harvester.model import Concept, Discipline, Keyword, Note
from harvester.normalise import disciplines, keywords, languages, marks, phrases
from harvester.normalise.classes import Lexicon
from harvester.normalise.phrases import Phrases
from harvester.normalise.profile import Dialect
from harvester.normalise.remembering import remembered
from harvester.normalise.text import Value


class Words(msgspec.Struct, frozen=True, gc=False):
    """The tables by which subjects are understood.

    Attributes:
        lexicon: the classes.
        phrases: what BASE cuts at its commas.
        languages: what languages are called.
        nothing: folded values that are no keyword.
    """

    lexicon: Lexicon
    phrases: Phrases
    languages: languages.Languages
    nothing: frozenset[str]


class Understood(msgspec.Struct, frozen=True, gc=False):
    """What the subjects of a record say."""

    keywords: list[Keyword]
    concepts: list[Concept]
    disciplines: list[Discipline]


def read(
    values: Sequence[Value],
    classes: Sequence[Value],
    sets: Sequence[str],
    dialect: Dialect,
    words: Words,
) -> tuple[Understood, list[Note]]:
    """Understand the subjects of a record.

    Args:
        values: dc:subject.
        classes: base_dc:classcode, classes of Dewey.
        sets: the header's setSpecs; ORBi's `class_h10` names a class.
        dialect: the platform's habits.
        words: the tables.
    """
    in_sets = disciplines.named_by_sets(sets)
    lexicon, schemes = words.lexicon, dialect.disciplines
    # BASE leaves no comma with a blank behind it: where there is one, the subjects are whole.
    shredded = dialect.shredded and not any(", " in value.text for value in values)
    pieces, trace = _pieces(values, _Habits(dialect.separators, lexicon, words.nothing))
    pieces += [keywords.Piece(f"ddc:{value.text}", value, False, True) for value in classes]
    found: list[Discipline] = []
    if shredded or in_sets or not all(piece.plain for piece in pieces):
        found, pieces, notes = disciplines.find(
            pieces, lexicon, schemes=schemes, shredded=shredded, in_sets=in_sets
        )
        trace += notes
        if shredded:
            pieces, notes = phrases.rejoin(pieces, words.phrases)
            trace += notes
        further, pieces, notes = marks.find(
            pieces,
            lexicon,
            schemes=schemes,
            first=dialect.classes_first,
            last=dialect.classes_last,
            only=dialect.classes_only,
        )
        trace += notes
        known = {(one.scheme, one.code) for one in found}
        found += [one for one in further if (one.scheme, one.code) not in known]
    given, concepts, notes = keywords.read(pieces, words.languages, words.nothing)
    return Understood(given, concepts, found), trace + notes


def _pieces(values: Sequence[Value], habits: _Habits) -> tuple[list[keywords.Piece], list[Note]]:
    """Take subjects apart; most are keywords as they are, which is known of those seen before."""
    found: list[keywords.Piece] = []
    trace: list[Note] = []
    plain = _plain.by(habits)
    for value in values:
        if known := plain[value.text]:
            found.append(keywords.Piece(value.text, value, False, True, known))
        else:
            cut, notes = keywords.pieces([value], habits.separators, sole=len(values) == 1)
            found += cut
            trace += notes
    return found, trace


class _Habits(msgspec.Struct, frozen=True, gc=False):
    """What decides whether a subject is a keyword as it is."""

    separators: re.Pattern[str] | None
    lexicon: Lexicon
    nothing: frozenset[str]


@remembered(65_536)
def _plain(text: str, habits: _Habits) -> keywords.Plain | None:
    """Return the keyword that a subject is as it stands, as most are.

    Each step is tried with it alone. None where one of them sees more in it than a keyword, or may
    do so beside other subjects.
    """
    value = Value("dc:subject", "", text, None, {}, text, "", "dc:subject")
    piece = keywords.Piece(text, value, False, True)
    if keywords.pieces([value], habits.separators, sole=True)[0] != [piece]:
        return None
    if disciplines.may_name_class(text, habits.lexicon) or marks.may_tell(piece, habits.lexicon):
        return None
    label = keywords.trimmed(text)
    if not label or keywords.is_nothing(label, habits.nothing):
        return None
    return keywords.Plain(label, label.casefold())
