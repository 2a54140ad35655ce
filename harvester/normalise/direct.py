"""Persons whose names stand in direct order: where the family name begins, if that can be known."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harvester.model import Agent
from harvester.normalise import capitals
from harvester.normalise.folding import fold
from harvester.normalise.naming import (
    INITIALS,
    LATIN,
    TITLES,
    Words,
    all_particles,
    cased,
    raised,
)

# Behind the family name, as in medicine: `Robbins RA`, `Kazarenkov V.I.`; three letters with a
# vowel may be a family name in capitals: `Erdem KOÇ`.
_LAST_INITIALS = re.compile(
    r"^(?:[A-ZÀ-ÞЀ-Я]\.(?:-?[A-ZÀ-ÞЀ-Я]\.?)*|[A-ZÀ-Þ]{1,2}|[B-DF-HJ-NP-TV-XZ]{3})$"
)
_OTHER_SCRIPT = re.compile(r"[Ͱ-῿぀-鿿가-힯฀-๿]")
_CYRILLIC = re.compile(r"^[Ѐ-ӿ.\s'’ʼ-]+$")

# Particles that open the family name, however many given names stand before them; before the others
# a word of the family name may stand: `Juan Ladrón de Guevara`.
_OPENING = frozenset(
    {"van", "von", "vom", "vander", "vanden", "vande", "ter", "ten", "zu", "zum", "al", "el"}
)
_PORTUGUESE = frozenset({"da", "do", "das", "dos"})
# Those that are written with a capital too and are no given names: `Merijn De Jonge`.
_IN_CAPITALS = _OPENING | frozenset(
    {"de", "den", "der", "del", "della", "di", "da", "du", "le", "la", "dos", "des"}
)
# Family name first, then given name and patronymic: `Qobilova Nargisa Sulaymonbekovna`.
_DAUGHTER = re.compile(r"(?:[oe]vna|овна|евна|ївна|івна)$")
_SON = re.compile(r"(?:[oe]vich|ович|евич|йович)$")
_SLAVIC = re.compile(r"(?:[oey]va?|[iy]na?|s[kc]iy|s[kc]aya|enko|ов|ев|ин|ий|ова|ева|ина|ая|енко)$")
_CHILD = frozenset({"qizi", "kizi", "qızı", "gizi", "ogli", "ugli", "o‘g‘li", "oʻgʻli", "o'g'li"})
# Spanish patronymics are never given names: where one stands before another word, both are family.
_SPANISH = re.compile(r"(?:[a-záéíóú]{2}[eé]z|^Garc[ií]a)$")
_VIETNAMESE = frozenset(
    {"nguyen", "tran", "pham", "hoang", "huynh", "phan", "dang", "bui", "ngo", "duong", "dinh"}
)
_MOST_WORDS = 4


def read(text: str, words: Words, country: str | None) -> tuple[Agent, str, float]:
    """Read a name without a comma.

    Returns:
        the person, the rule that says most about what was done, and how certain that is.
    """
    cyrillic = not LATIN.search(text) and _CYRILLIC.match(text) is not None
    if "&" in text or "(" in text or not (cyrillic or _is_latin(text)):
        return Agent(text), "names.unparsed", 0.5
    bare = "." in text or text[:3].lower() in ("dr ", "ir ")
    tokens = TITLES.sub("", text).split() if bare else text.split()
    if not tokens:
        return Agent(text), "names.mononym", 1.0
    if len(tokens) == 1:
        return Agent(tokens[0]), "names.mononym", 1.0
    if len(tokens) == 2 and tokens[0].lower() == tokens[1].lower():
        # A single name, typed into both fields of a form.
        return Agent(cased(tokens[0], words, country)), "names.mononym", 0.8
    if _LAST_INITIALS.match(tokens[-1]) and not INITIALS.match(tokens[0]):
        return _before_initials(tokens, words, country)
    if all_particles(" ".join(tokens[:-1]), words) and tokens[-1][0].isupper():
        return Agent(text), "names.unparsed", 0.5  # `De Vos`: a family name alone
    if len(tokens) > 2 and _ends_in_patronymic(tokens):
        return _named(tokens[:1], tokens[1:], "names.family-first", 0.8)
    if capitals.family_leads(tokens):
        family = capitals.lowered(tokens[0], words.particles, country)
        return _named([family], tokens[1:], "names.capitals", 0.8)
    start = capitals.family_at_end(tokens)
    if start is not None:
        while start > 1 and tokens[start - 1].lower() in words.particles:
            start -= 1
        family = " ".join(
            token
            if token.lower() in words.particles and token.islower()
            else capitals.lowered(token, words.particles, country)
            for token in tokens[start:]
        )
        return _named([family], tokens[:start], "names.capitals", 0.9)
    rule = "names.inverted"
    if text.isupper() and len(tokens[0].strip(".")) > 1:
        # The theses of PUC-Rio: `DANIEL DE ARAUJO GONÇALVES`.
        tokens, rule = capitals.spelled_out(tokens, words.particles), "names.capitals"
    elif text.islower() and len(tokens) < _MOST_WORDS + 1:
        typed = raised(tokens[-1], " ".join(tokens[:-1]), words)
        if typed:
            tokens, rule = [*typed[1].split(), *typed[0].split()], "names.small-letters"
    if fold(tokens[0]) in _VIETNAMESE and len(tokens) > 2:
        return _named(tokens[:1], tokens[1:], "names.family-first", 0.7)
    start, certainty = _family_starts(tokens, words)
    if start is None or (cyrillic and certainty < 0.7) or (cyrillic and "." not in tokens[0]):
        # `Verónica Rozano Ladrón de Guevara`: where the family name begins cannot be known.
        return Agent(text), "names.unparsed", 0.5
    return _named(tokens[start:], tokens[:start], rule, certainty)


def _named(
    family: Sequence[str], given: Sequence[str], rule: str, certainty: float
) -> tuple[Agent, str, float]:
    named, called = " ".join(family), " ".join(given)
    return Agent(f"{named}, {called}", named, called), rule, certainty


def _is_latin(text: str) -> bool:
    return LATIN.search(text) is not None and not _OTHER_SCRIPT.search(text)


def _before_initials(
    tokens: Sequence[str], words: Words, country: str | None
) -> tuple[Agent, str, float]:
    """Read a name with its initials behind: `Robbins RA`, `Vlasova E. V.`.

    One initial with a full stop behind two words stands for a patronymic: `Denikina Zoya D.`.
    """
    start = len(tokens)
    while start > 1 and _LAST_INITIALS.match(tokens[start - 1]):
        start -= 1
    patronymic = start == 2 and len(tokens) == 3 and tokens[-1][1:] == "."
    if patronymic and tokens[0].lower() not in words.particles:  # `De Smet P.` is no `De`
        start = 1
    family = " ".join(tokens[:start])
    if family.isupper() and len(family) > 3:
        family = capitals.lowered(family, words.particles, country)
    return _named([family], tokens[start:], "names.initials-last", 0.8)


def _ends_in_patronymic(tokens: Sequence[str]) -> bool:
    last = tokens[-1].lower()
    if last in _CHILD or _DAUGHTER.search(last):
        return True
    return bool(_SON.search(last) and _SLAVIC.search(tokens[0].lower()))


def _family_starts(tokens: Sequence[str], words: Words) -> tuple[int | None, float]:
    """Return where the family name begins in direct order, and how certain that is.

    The last word is the family name, as in BibTeX, unless a particle, an initial before it or a
    Spanish family name shows that it begins earlier; None where that cannot be known.
    """
    last = len(tokens) - 1
    place, known = _particle(tokens, words)
    if known:
        return place, 0.8
    if last == 1 or all(INITIALS.match(token) for token in tokens[1:-1]):
        return last, 0.7
    initials = [place for place in range(1, last) if INITIALS.match(tokens[place])]
    if initials and not INITIALS.match(tokens[0]) and initials[-1] < last - 1:
        return initials[-1] + 1, 0.7  # `Martijn A. H. Oude Voshaar`
    if _SPANISH.search(tokens[-2]) and "-" not in tokens[-1]:
        return last - 1, 0.7
    if (
        len(tokens) > _MOST_WORDS
        or _SPANISH.search(tokens[-1])
        or any(fold(token) in _VIETNAMESE for token in tokens[1:-1])
    ):
        return None, 0.5
    return last, 0.6 if last == 2 else 0.5


def _particle(tokens: Sequence[str], words: Words) -> tuple[int | None, bool]:
    """Return where a family name with particles begins, and whether particles decide at all."""
    for place, token in enumerate(tokens[1:-1], start=1):
        lower = token.lower()
        if lower not in words.particles or len(token) < 2:
            continue
        if token != lower and (lower not in _IN_CAPITALS or fold(tokens[-1]) in _VIETNAMESE):
            continue
        behind = place + 1
        while behind < len(tokens) - 1 and tokens[behind].lower() in words.particles:
            behind += 1
        before = sum(not INITIALS.match(one) for one in tokens[:place])
        alone = behind == len(tokens) - 1  # one word stands behind the particles
        if lower in _OPENING and (alone or token == lower):
            return place, True
        if not alone:
            return None, False  # `Daniel de Araujo Gonçalves`: the particle is inside the name
        if before < 2 or (lower in _PORTUGUESE and token == lower):
            return place, True
        # `Verónica Rozano Ladrón de Guevara`, `Paola Perrin de Brichambaut`
        return None, token == lower
    return None, False
