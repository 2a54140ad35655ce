"""Persons: the family name before a comma, the given name behind it, and what else is there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harvester.model import Agent
from harvester.normalise import bodies, capitals, direct
from harvester.normalise.folding import fold
from harvester.normalise.naming import (
    BARE_TITLES,
    INITIALS,
    LATIN,
    SHORTEST_WORD,
    TITLES,
    Words,
    all_particles,
    cased,
    raised,
)

_BRACKETED = re.compile(r"[(\[]([^()\[\]]*)[)\]]\s*$")
_GENERATION = re.compile(r"^(?:jr|sr|ii|iii|iv|fils|père)\.?$", re.IGNORECASE)
_DEGREE = re.compile(
    r"^(?:ph\.?d|ed\.?d|m\.?d|m\.?sc|m\.?ed|m\.?s|m\.?a|b\.?a|b\.?sc|mba|mpp|mph|rn|ll\.?m|otr/l"
    r"|dr|prof|esq|mrs?|ms)\.?$",
    re.IGNORECASE,
)
_LONGEST_DEGREE = len("ed.d.")
_SURE_DEGREE = re.compile(r"^(?:ph\.?d|ed\.d|dr|prof|esq)\.?$", re.IGNORECASE)
_RUN_TOGETHER = re.compile(r"^(?!Jnr|Snr|Mrs)[B-DF-HJ-NP-TV-XZ][b-df-hj-np-tv-xz]{2,3}$")
_NUMBER = re.compile(r"^[A-Za-z]{0,2}\d{5,}$")


def read(text: str, words: Words, country: str | None) -> tuple[Agent, str, float]:
    """Read the name of a person.

    Args:
        text: the name; roles and affiliations in brackets are set apart already.
        words: words in and around names.
        country: of the repository, for the particles of names in capitals.

    Returns:
        the person, the rule that says most about what was done, and how certain that is.
    """
    if "," not in text:
        return direct.read(text, words, country)
    if text[0] == "(":
        return Agent(text), "names.unparsed", 0.5
    parts = [part for part in map(str.strip, text.split(",")) if part]
    while len(parts) > 1 and _is_degree(parts):
        del parts[-1]  # `Hyunjung Lee, PhD, MPP`, `Wagner, Gert G., Dr.`
    if len(parts) == 1:
        return direct.read(parts[0], words, country)
    rule, certainty, role = "names.given", 1.0, None
    family, given = parts[0], parts[1]
    if len(parts) == 2:
        if " " in family and _GENERATION.match(given):  # `Leslie E. Trotter, Jr.`
            return _of_generation(direct.read(family, words, country), given)
        if given[-1] == "." and given.islower() and len(given) >= SHORTEST_WORD:
            agent, rule, certainty = direct.read(family, words, country)  # `Bretteau, cast.`
            return agent, "names.role", certainty
    elif len(parts) == 3 and _GENERATION.match(parts[2]):
        given = f"{given}, {parts[2]}"
    elif len(parts) == 3 and _GENERATION.match(parts[1]):
        given = f"{parts[2]}, {parts[1]}"
    elif len(parts) == 3 and all_particles(parts[1], words):
        # Pure turns particles round: `Kraker-Zijlstra, de, Anieljah`.
        family, given, rule = f"{parts[1]} {parts[0]}", parts[2], "names.particle"
    elif len(parts) == 3 and INITIALS.match(parts[2]):
        given = f"{given} {parts[2]}"
    elif all(_is_role(part, words) for part in parts[2:]):
        # `Armitage, F. S., camera.`, `Gasser, Robert E., EDITOR`
        role, rule = words.roles.get(fold(parts[2])), "names.role"
    elif len(parts) == 3 and bodies.is_one(parts[2], words.corporate):
        agent = Agent(f"{family}, {given}", family, given, affiliation=parts[2])
        return agent, "names.affiliation", 0.9
    else:
        return Agent(text), "names.unparsed", 0.5
    agent, said, certainty = _turned(family, given, words, country)
    agent.role = role
    return agent, rule if said == "names.given" else said, certainty


def _turned(family: str, given: str, words: Words, country: str | None) -> tuple[Agent, str, float]:
    """Read a family and a given name as they stand on both sides of the comma."""
    rule, certainty = "names.given", 1.0
    if family[-1].isdecimal() and _NUMBER.match(family):
        # A student number typed into the field for the family name.
        return Agent(given), "names.number", 0.9
    if given[-1] == ")" and (found := _called(given)):
        called, literal = found
        return Agent(f"{family}, {literal}", family, called), "names.called", 0.9
    if len(given) == len(family) and given.lower() == family.lower():
        # A single name, typed into both fields of a form, as OJS demands.
        return Agent(cased(family, words, country)), "names.mononym", 0.8
    titled = (
        TITLES.sub("", given).strip()
        if (len(given) > 2 and "." in given) or given[:2].lower() in BARE_TITLES
        else given
    )
    if titled and titled != given and not INITIALS.match(given):
        given, rule = titled, "names.title"
    if given[-1] == "." and len(last := given.rpartition(" ")[2][:-1]) >= SHORTEST_WORD:
        # `Branson, Herman.`, as cataloguers close a heading; `Fadli, Moh.` is an abbreviation.
        given = given[:-1] if last.isalpha() else given
    tokens = given.split()
    trailing = _trailing(tokens, words)
    if trailing:
        # `Gelder, Beatrice de` is filed under G and called de Gelder.
        family = f"{' '.join(tokens[-trailing:])} {family}"
        given, rule = " ".join(tokens[:-trailing]), "names.particle"
    elif " " in family and family[-1].islower() and (moved := _trailing(family.split(), words)):
        # EUR's older records: `Bovenkamp van de, J.H.B.`
        turned = family.split()
        family, rule = " ".join([*turned[-moved:], *turned[:-moved]]), "names.particle"
    if family.isupper() and len(family) > 1 and LATIN.search(family) and "." not in family:
        # A given name in capitals is shouted too, unless it may be initials: `SMITH, JA`.
        shouted = given.isupper() and not INITIALS.match(given)
        family, rule = capitals.lowered(family, words.particles, country), "names.capitals"
        certainty = 0.9
        if shouted:
            given, certainty = capitals.lowered(given, words.particles, country), 0.8
    elif given.islower() and len(given) > 2 and (small := raised(family, given, words)):
        family, given = small
        rule, certainty = "names.small-letters", 0.8
    elif len(tokens) > 1 and _RUN_TOGETHER.match(tokens[-1]) and not trailing:
        # `Geert Jpl`: initials that software has taken for a word.
        given = " ".join([*tokens[:-1], *tokens[-1].upper()])
        rule, certainty = "names.initials", 0.8
    return Agent(f"{family}, {given}", family, given), rule, certainty


def bracketed(text: str) -> tuple[str, str]:
    """Return what stands before a bracket at the end of a text, and what stands in it.

    Both are "" where there is no such bracket, or nothing before it.
    """
    # Looked for from its end: a search from the left would read a text of many brackets for each.
    start = max(text.rfind("("), text.rfind("["))
    found = _BRACKETED.match(text, start) if start > 0 else None
    rest = text[:start].rstrip() if found else ""
    return (rest, found.group(1).strip()) if found and rest else ("", "")


def _is_degree(parts: Sequence[str]) -> bool:
    last = parts[-1]
    if len(last) > _LONGEST_DEGREE or not _DEGREE.match(last):
        return False
    if len(parts) > 2:
        return True
    # `Nadiruzzaman, Md` is Muhammad, `Schneider, Edd` his name; `Hyunjung Lee, MPP` a degree.
    sure = " " in parts[0] or _SURE_DEGREE.match(last)
    return bool(sure) and not INITIALS.match(last)


def _of_generation(read: tuple[Agent, str, float], generation: str) -> tuple[Agent, str, float]:
    agent, rule, certainty = read
    if agent.given:
        agent.given = f"{agent.given}, {generation}"
        agent.literal = f"{agent.family}, {agent.given}"
    return agent, rule, certainty


def _called(given: str) -> tuple[str, str] | None:
    """Return the given name that stands in brackets, and how both are written.

    EUR RePub: `I.H.A. (Ingmar)`; the Library of Congress: `Albert E. (Albert Edward)`.
    """
    rest, inner = bracketed(given)
    rest = rest.rpartition(")")[2].strip()
    if not inner[:1].isalpha():
        return None
    first = [token[0] for token in rest.split()]
    if INITIALS.match(rest) or [token[0] for token in inner.split()] == first:
        return inner, f"{rest} ({inner})"
    return None


def _trailing(tokens: Sequence[str], words: Words) -> int:
    """Return how many particles in small letters stand behind a name."""
    trailing = 0
    while (
        trailing < len(tokens) - 1
        and tokens[-1 - trailing].lower() in words.particles
        and tokens[-1 - trailing][0].islower()
    ):
        trailing += 1
    return trailing


def _is_role(text: str, words: Words) -> bool:
    """Tell whether a part behind a name is a role, such as `PROJECT_DIRECTOR` or `[Convenor]`."""
    if text[0].islower() or fold(text) in words.roles:
        return True
    return text.isupper() and len(text) > 3
