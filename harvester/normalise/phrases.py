"""Phrases with commas in them, put together again where BASE cut them.

BASE cuts subjects at `, ` and `; `: `Education | Higher`, `Durham | G. Homer | 1911-1985`,
`People with disabilities -- Legal status | laws | etc. -- United States`. Classes of a scheme are
the business of `disciplines`, which goes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from harvester.model import Note
from harvester.normalise.folding import fold
from harvester.normalise.keywords import Piece


class Phrase(msgspec.Struct, frozen=True):
    """A phrase with commas.

    Attributes:
        text: the phrase.
        rule: `keywords.rejoined` where a person entered it, `keywords.learned` where it was
            learned from whole records.
        certainty: that its parts, found side by side, are this phrase.
    """

    text: str
    rule: str
    certainty: float


class Phrases(msgspec.Struct, frozen=True):
    """What is known of phrases with commas.

    Attributes:
        known: phrases by folded form.
        starts: their folded first parts.
        forenames: folded given names that betray a person.
        ambiguous: those of them that do so only before the years of a life: they are family names
            as well (`Frege | Russell`), or books (`Gospels | John`).
    """

    known: Mapping[str, Phrase]
    starts: frozenset[str]
    forenames: frozenset[str]
    ambiguous: frozenset[str]


class Joined(NamedTuple):
    """Pieces that are one: what they say together, how many they are, and why."""

    text: str
    taken: int
    rule: str
    certainty: float


LONGEST = 6
"""Most parts of a phrase."""

_CHAIN = re.compile(r" ?-- ?")
_LIFE = re.compile(
    r"^(?P<about>(?:active|approximately|ca\.|b\.|d\.|fl\.) ?|-)?(?P<born>\d{3,4})\??"
    r"(?P<to>-(?:approximately |ca\. ?)?(?P<died>\d{3,4})?\??)?\.?(?: ?-- ?.*)?$"
)
# The years of an event, as the Library of Congress puts them behind its name.
_YEARS = re.compile(r"^\d{4}-(?:\d{4})?(?: ?-- ?.*)?$")
_EVENT = re.compile(
    r"[ -](?:[Ww]ars?|[Rr]evolution|[Rr]ebellion|[Uu]prising|[Cc]onflict|[Ss]trike"
    r"|[Pp]andemic|[Ee]pidemic|[Ff]amine|[Cc]risis|[Gg]uerre|[Rr]évolution|[Oo]orlog|[Oo]pstand"
    r"|[Kk]rieg)$"
)
_PARTICLE = r"de|van|von|du|le|la|der|den|’t|'t|ten|ter"
_SURNAME = re.compile(
    rf"^(?:.* -- )?(?:(?:{_PARTICLE}) ){{0,3}}[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)?$"
)
_FORENAMES = re.compile(r"^[A-ZÀ-Þ][\w.’'-]*(?: (?:[A-ZÀ-Þ(][\w.’'()-]*|de|van|von|d')){0,5}$")
_INITIAL = re.compile(r"\b[A-ZÀ-Þ]\.")
_FIRST = re.compile(r"[ -]")
_STYLE = re.compile(
    r"^(?:Jr\.?|Sr\.?|I{1,3}|IV|Sir|Dame|Lord|Lady|Saint|Mrs\.?|Baron|Baroness|Count|Countess"
    r"|(?:Graf|Freiherr) von(?: \w+)?|(?:baron|comte|marquis|duc) de(?: \w+)?)$"
)
# Behind the only name of somebody: `Leopold II | King of the Belgians | 1835-1909`.
_RANK = re.compile(
    r"^(?:of [A-Z]\w+|(?:(?:Holy Roman )?Emperor|Empress|King|Queen|Prince|Princess|Duke|Duchess"
    r"|Pope|Count|Countess)(?: (?:of|consort)\b.*)?)$"
)
_SPAN = (15, 105)
"""Years between which somebody lives; `Belgium | Flanders | 1940-1945` is nobody."""


def index(
    headings: Iterable[str],
    forenames: Iterable[str],
    ambiguous: Iterable[str],
    learned: Mapping[str, int],
) -> Phrases:
    """Index what is known of phrases.

    Args:
        headings: phrases that a person entered.
        forenames: given names that betray a person.
        ambiguous: given names that are something else as well.
        learned: phrases of whole records, with the number of records that have them; none means
            that a person turned the phrase down.
    """
    known = {fold(text): Phrase(text, "keywords.rejoined", 0.9) for text in headings}
    for text, records in learned.items():
        if records > 0:
            phrase = Phrase(text, "keywords.learned", min(0.9, records / (records + 1)))
            known.setdefault(fold(text), phrase)
        else:
            known.pop(fold(text), None)
    starts = frozenset(fold(phrase.text.split(", ", 1)[0]) for phrase in known.values())
    doubtful = frozenset(map(fold, ambiguous))
    return Phrases(known, starts, doubtful.union(map(fold, forenames)), doubtful)


def rejoin(found: Sequence[Piece], phrases: Phrases) -> tuple[list[Piece], list[Note]]:
    """Put together what BASE cut at commas.

    Known are, the surest first: phrases of the tables, also in the middle of a chain of
    subdivisions; brackets that one piece opens and a later one closes; people, by family name,
    given name and the years of a life; wars and the like with their years.

    Args:
        found: the subjects of a record that BASE cut, classes taken out.
        phrases: what is known.

    Returns:
        the subjects, and a note for every one that was put together.
    """
    joined: list[Piece] = []
    notes: list[Note] = []
    place, last = 0, len(found) - 1
    while place <= last:
        piece = found[place]
        whole = _whole(found, place, phrases) if place < last else None
        if whole is None:
            joined.append(piece)
            place += 1
            continue
        cut = found[place : place + whole.taken]
        original = " | ".join(part.text for part in cut)
        notes.append(
            Note("keywords", piece.value.name, original, whole.rule, whole.text, whole.certainty)
        )
        joined.append(Piece(whole.text, piece.value, piece.chained, True))
        place += whole.taken
    return joined, notes


def _whole(found: Sequence[Piece], place: int, phrases: Phrases) -> Joined | None:
    following = found[place + 1]
    if following.chained:
        return None
    text, initial = found[place].text, following.text[0]
    joined = _known(found, place, phrases)
    if joined is None and "(" in text:
        joined = _bracketed(found, place)
    if joined is None and (initial.isupper() or following.text[:3] == "of "):
        joined = _person(found, place, phrases)
    if joined is None and initial.isdecimal():
        joined = _event(text, following.text)
    return joined


def _known(found: Sequence[Piece], place: int, phrases: Phrases) -> Joined | None:
    """Complete the last link of a chain as long as the pieces that follow allow it."""
    text, taken = found[place].text, 1
    rule, certainty = "", 1.0
    while True:
        tail = _CHAIN.split(text)[-1] if "--" in text else text
        if fold(tail) not in phrases.starts:
            break
        more = _completed(tail, found[place + taken : place + taken + LONGEST - 1], phrases)
        if more is None:
            break
        text = text[: len(text) - len(tail)] + more.text
        taken += more.taken
        rule, certainty = more.rule, min(certainty, more.certainty)
    return Joined(text, taken, rule, certainty) if taken > 1 else None


def _completed(tail: str, following: Sequence[Piece], phrases: Phrases) -> Joined | None:
    """Find the longest phrase that begins with a part and goes on in the pieces that follow.

    The last of them may go on with further subdivisions: `etc. -- United States`.
    """
    best = None
    parts, folded = [tail], fold(tail)
    for taken, piece in enumerate(following, start=1):
        if piece.chained:
            break
        dash = _CHAIN.search(piece.text) if "--" in piece.text else None
        part = piece.text[: dash.start()] if dash else piece.text
        parts.append(part)
        folded += fold(part)
        phrase = phrases.known.get(folded)
        if phrase and _alike(parts, phrase.text):
            text = ", ".join(parts) + piece.text[len(part) :]
            best = Joined(text, taken, phrase.rule, phrase.certainty)
        if dash:
            break
    return best


def _alike(parts: Sequence[str], text: str) -> bool:
    """Tell whether the parts begin with capitals where those of the phrase do."""
    wanted = text.split(", ")
    return len(parts) == len(wanted) and all(
        part[:1].isupper() == want[:1].isupper() for part, want in zip(parts, wanted, strict=True)
    )


def _bracketed(found: Sequence[Piece], place: int) -> Joined | None:
    """Close a bracket: `Bush Administration (George W. | 2001-2009)`."""
    parts = [found[place].text]
    depth = _depth(parts[0])
    if depth != 1:
        return None
    for piece in found[place + 1 : place + LONGEST]:
        if piece.chained or "(" in piece.text.partition(")")[0]:
            return None
        parts.append(piece.text)
        depth += _depth(piece.text)
        if depth == 0:
            return Joined(", ".join(parts), len(parts), "keywords.bracket", 0.9)
        if depth < 0:
            return None
    return None


def _depth(text: str) -> int:
    return text.count("(") - text.count(")")


def _person(found: Sequence[Piece], place: int, phrases: Phrases) -> Joined | None:
    """Join family name, given name, style and the years of a life; some lack the last two."""
    name, given = found[place].text, found[place + 1].text
    initials = "." in given and _INITIAL.search(given) is not None
    named = initials or fold(_FIRST.split(given, 1)[0]) in phrases.forenames
    if not named and not _RANK.match(given):
        return None  # most are neither
    parts, rest = [name], [piece.text for piece in found[place + 1 : place + LONGEST]]
    if not named:
        while rest and (_RANK.match(rest[0]) or _STYLE.match(rest[0])):
            parts.append(rest.pop(0))
        return _living(parts, rest)
    rest.pop(0)
    if not _FORENAMES.match(given) or not _SURNAME.match(name) or _depth(given):
        return None
    if rest and _RANK.match(rest[0]):
        return None  # the given name is the only one
    parts.append(given)
    if rest and _STYLE.match(rest[0]):
        parts.append(rest.pop(0))
    if joined := _living(parts, rest):
        return joined
    alone = " " not in name and fold(name) not in phrases.forenames
    if alone and (len(parts) > 2 or _only_names(given, phrases)):
        return Joined(", ".join(parts), len(parts), "keywords.person", 0.7)
    return None


def _only_names(given: str, phrases: Phrases) -> bool:
    """Tell whether a text can be nothing but given names: `Pierre`, `George W.`, not `Hugo`."""
    if "." not in given:
        if fold(given) in phrases.ambiguous:
            return False
        return all(fold(name) in phrases.forenames for name in given.split())
    names = _INITIAL.sub(" ", given).split()
    several = bool(names) or len(_INITIAL.findall(given)) > 1
    return several and all(fold(name) in phrases.forenames for name in names)


def _living(parts: Sequence[str], rest: Sequence[str]) -> Joined | None:
    if rest and (lived := _LIFE.match(rest[0])) and _lifetime(lived):
        return Joined(", ".join([*parts, rest[0]]), len(parts) + 1, "keywords.person", 0.9)
    return None


def _lifetime(lived: re.Match[str]) -> bool:
    born, died = lived["born"], lived["died"]
    if not died:
        return bool(lived["about"] or lived["to"])
    return _SPAN[0] <= int(died) - int(born) <= _SPAN[1]


def _event(event: str, years: str) -> Joined | None:
    """Join a war or the like with its years: `World War | 1914-1918 -- Campaigns`."""
    if not event[0].isupper() or not _YEARS.match(years) or not _EVENT.search(event):
        return None
    return Joined(f"{event}, {years}", 2, "keywords.event", 0.8)
