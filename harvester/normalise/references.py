"""Whole references: authors, year, the publication's own title, and what it appeared in.

EPrints and Digital Commons' kin put one into dc:relation, DSpace (`dc.identifier.citation`) into
dc:identifier, Pure into dc:source. That it is the record's own, and not that of a work it cites,
its title says; and behind the title stands what it appeared in.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec
from msgspec.structs import replace

from harvester.normalise import numbering
from harvester.normalise.cited import Cited
from harvester.normalise.folding import fold
from harvester.normalise.parts import without_date

_LONGEST = 1_500
_LONGEST_LINKED = 10_000
"""Characters of a reference with the addresses of its authors."""
_LINK = re.compile(r"\s?<[^<>\s]{1,200}>")
_SHORTEST_TITLE = 10
"""Letters of a title that does not stand in another text by chance."""
_LONGEST_CUT = len(" ...")
_CUT = re.compile(r"\s?(?:\.\.\.|…)$")
_AFTER = re.compile(r"[\s.,;:?!'\"’”»)\]*†]*")
_OPENS = re.compile(r"[\s]*[.,;:?!'\"’”»\]–—(<\[\-/]|\s+[A-Z(\[<]|\s*$")
# What may stand between the title and what it appeared in: `[Book review]`, `(1988).`, an editor.
_BETWEEN = re.compile(
    r"(?:\[[^\]]{1,250}\]|\((?:(?:1[5-9]|20)\d\d[a-z]?|forthcoming|in press)\)|"
    r"(?:edited by|ed\. by)\s.{3,120}?(?<![\s.]\w)\.(?=\s)|"
    r"[^.]{2,60}?,\s(?:eds?|hrsg)\.(?:\)|,)?(?=\s)|Text\b)"
    r"[\s.,;:]*",
    re.IGNORECASE,
)
_IN = re.compile(r"(?:in|dans|en)\s?:\s+|In\s+(?=[A-Z])", re.IGNORECASE)
# `In Batenburg, R. & Benschop, J. (Eds.), De informatiemaatschappij`
_EDITORS = re.compile(r"[^()]{3,200}\((?:eds?|hrsg|hg|red|dir)\.?\)[.,:]?\s+", re.IGNORECASE)
_IS_NAME = re.compile(r"^[^,]{2,40},(?: ?[A-Z]\.?){1,4}(?:,|$| &)")
_BOOK = re.compile(r"(?P<title>[^.]{5,200}?)(?:\s?\(|\.\s|,\spp?\.|$)")
_ISSUED = re.compile(r"\b(?:forthcoming|in press|accepted|submitted|ISSN)\b", re.IGNORECASE)
_NO_JOURNAL = re.compile(
    r"(?:unspecified|working paper|technical report|discussion paper|project report|documentation|"
    r"(?:ph\.?d|doctoral|masters?|bachelors?|other|undergraduate)\b.{0,12}\bthesis|thesis|"
    r"dissertation|doctor of|master of|university|paper presented|presented at|retrieved)\b",
    re.IGNORECASE,
)
_JOURNAL_END = re.compile(
    r"\s*(?:\.\s|\.?\s?\((?:submitted|accepted|in press|forthcoming)|[.,]?\s?e?-?ISSN\b|\(|\.?$)",
    re.IGNORECASE,
)
_LONG_TITLE = 80
# `In: Sensors and Systems, SPIE Proceedings, Vol 9257`
_IN_PROCEEDINGS = re.compile(
    r"(?P<title>.{5,}), (?P<series>(?:[A-Z]+ Proceedings|Lecture Notes in .+))$"
)
# Papyrus, behind the pages: `(coll. « Objets et savoirs », …)`
_COLLECTION = re.compile(r"\(coll(?:ection)?\.? [«“\"] ?(?P<series>[^«»“”\"]{3,120}?) ?[»”\"]")
_GIVEN = re.compile(r"[.?!]\s+|[”\"]\s+")
_AUTHOR_YEAR = re.compile(r"\((?:19|20)\d\d[a-z]?\)")


class Reference(msgspec.Struct, frozen=True, gc=False):
    """What a text says as a reference.

    Attributes:
        cited: what the publication appeared in, or None where that was not understood.
        rest: the text behind the title, where the identifiers stand.
    """

    cited: Cited | None
    rest: str


def of(text: str, title: str) -> Reference | None:
    """Read a reference to the publication itself; None where its title does not stand in it.

    Args:
        text: the value.
        title: the publication's title.
    """
    if len(title) > len(text) + _LONGEST_CUT or len(text) > _LONGEST_LINKED:
        return None
    if title.endswith(("...", "…")):
        title = _CUT.sub("", title)
    if "<" in text:
        text = _LINK.sub("", text)  # EPrints: `Mazé, Ramia <https://…/view/creators/…>`
    if not len(title) < len(text) <= _LONGEST:
        return None
    place = _behind(text, title)
    if place < 0:
        return None
    rest = text[place:]
    return Reference(_appeared_in(rest, text), rest)


def _behind(text: str, title: str) -> int:
    """Return where the title ends in a text, whatever its marks, accents and case; else -1."""
    wanted = fold(title)
    if len(wanted) < _SHORTEST_TITLE:
        return -1
    place = text.find(title)
    if place >= 0:
        end = place + len(title)
        return end if _OPENS.match(text, end) else -1
    if wanted not in fold(text):
        return -1
    folded, places = _folded(text)
    found = folded.find(wanted)
    if found < 0:
        return -1
    end = places[found + len(wanted) - 1] + 1
    return end if _OPENS.match(text, end) else -1


def _folded(text: str) -> tuple[str, list[int]]:
    """Fold a text, and say for every folded character where it stood."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in unicodedata.normalize("NFKD", character).lower():
            if letter.isalnum():
                letters.append(letter)
                places.append(place)
    return "".join(letters), places


def _appeared_in(rest: str, text: str) -> Cited | None:
    """Read what stands behind the title of a publication."""
    start = _after(rest, 0)
    for _ in range(3):
        between = _BETWEEN.match(rest, start)
        if between is None:
            break
        start = between.end()
    inside = _IN.match(rest, start)
    if inside:
        start = inside.end()
        editors = _EDITORS.match(rest, start)
        start = editors.end() if editors else start
    tail = rest[start : start + 400]
    if not tail or tail.startswith(("<", "http", "doi", "DOI", "University")):
        return None
    found = numbering.read(tail, own=True)
    if found and not found.title:
        return replace(found, rule="citation.reference", certainty=0.8)
    if found:
        name = without_abbreviation(last_sentence(found.title))
        if _NO_JOURNAL.match(found.title):
            return None
        series = ""
        if held := _COLLECTION.search(tail):
            series = held["series"]
        elif inside and (held := _IN_PROCEEDINGS.match(name)):
            name, series = held["title"], held["series"]
        return replace(found, title=name, series=series, rule="citation.reference", certainty=0.9)
    if inside and (book := _BOOK.match(tail)) and not _IS_NAME.match(tail):
        name = without_date(book["title"]).strip(" ,")
        return Cited(name, rule="citation.reference", certainty=0.7)
    if _ISSUED.search(text) and not _NO_JOURNAL.match(tail):
        end = _JOURNAL_END.search(tail)
        name = tail[: end.start()] if end else tail
        if any(map(str.isalpha, name)) and not any(map(str.isdecimal, name)):
            return Cited(name.strip(" ,."), rule="citation.reference", certainty=0.7)
    return None


def _after(text: str, place: int) -> int:
    found = _AFTER.match(text, place)
    return found.end() if found else place


def last_sentence(title: str) -> str:
    """Take off what stands before a journal: an editor, the work's own title.

    Vancouver writes `Jethwani K, ed. JMIR mHealth and uHealth.`; a title with a full stop of its
    own (`Journal of Geophysical Research. Space Physics`) is short and holds no year.
    """
    if len(title) > _LONG_TITLE or _AUTHOR_YEAR.search(title) or "”" in title or '" ' in title:
        title = _GIVEN.split(title)[-1]
    return title.strip()


def without_abbreviation(title: str) -> str:
    """Take the abbreviated form off a journal's name.

    `Journal of Child Language J. Child Lang.`, `Behav Res Behavior Research Methods`,
    `J Speech Lang Hear Res Journal of Speech, Language and Hearing Research`: EasyBib writes both
    (the University of Kansas has it).
    """
    words = title.split()
    for place in range(2, len(words) - 1):
        short, full = words[:place], words[place:]
        if _begins(short[0], full[0]) and _abbreviates(short, full):
            return " ".join(full)
    for place in range(len(words) - 1, 1, -1):
        short, full = words[place:], words[:place]
        if not short[0].endswith(".") or short[0].rstrip(".").lower() not in full[0].lower():
            continue
        if _abbreviates(short, full):
            return " ".join(full)
    return title


def _begins(short: str, word: str) -> bool:
    return len(short) < len(word) and word.lower().startswith(short.rstrip(".").lower())


def _abbreviates(short: list[str], full: list[str]) -> bool:
    """Tell whether every short word begins a full one, in the same order."""
    rest = iter(full)
    return all(
        any(word.lower().startswith(one.rstrip(".").lower()) for word in rest) for one in short
    )
