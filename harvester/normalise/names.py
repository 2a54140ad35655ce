"""Names: persons to family and given name, bodies as they are, with what stands around them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from harvester.model import Agent, Note
from harvester.normalise import bodies, orcid
from harvester.normalise.folding import fold, is_one_of
from harvester.normalise.text import Value


class Words(msgspec.Struct, frozen=True):
    """Words in and around names.

    Attributes:
        particles: parts of family names that are written apart, lower case.
        corporate: words that only bodies have in their names, lower case, also without accents.
        nameless: folded values that name nobody.
        roles: role by folded word.
    """

    particles: frozenset[str]
    corporate: frozenset[str]
    nameless: frozenset[str]
    roles: Mapping[str, str]


_BETWEEN_PERSONS = re.compile(r"\s*;\s*|\s+\|\s+")
_BRACKETED = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*$")
# Life dates, and what stands behind them: `Blackton, James Stuart, 1875-1941, production, cast.`
_LIFE = re.compile(
    r",?\s*[(\[]?(?:\b(?:ca\.?|b\.|d\.|geb\.|né en|\*)\s*)?\b(?:1\d{3}|20\d{2})\??\s*[-–]\s*"
    r"(?:(?:1\d{3}|20\d{2})\??)?(?:[)\]]|(?=[,.\s]|$)).*$"
)
_ET_AL = re.compile(
    r",?\s*\b(?:[eE]t\s+[aA]l\.?|and others|en anderen|et autres)\s*$"
    r"|(?<=[^\s,])\s+(?:e\.a\.|u\.a\.)\s*$"
)
# What such a name ends in, and one of these is in the last letters of a name that `_ET_AL` finds.
_ENDS_OF_OTHERS = ("l.", "al", "a.", "rs", "en", "es")
_OTHERS = (" al", "other", "ander", "autre", ".a.")
_LONGEST_OTHERS = len("and others.")
_TITLES = re.compile(
    r"(?:^|(?<=[\s,]))(?:(?:prof|drs?|ir|ing|ph\.?\s?d|m\.?\s?sc|mag|lic|em)(?:\.|(?=\s)),?\s*)+",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_GENERATION = re.compile(r"^(?:jr|sr|ii|iii|iv|fils|père)\.?$", re.IGNORECASE)
# `J.`, `I.H.A.`, `J P L`, `J.-P.`, `JA`
_INITIALS = re.compile(
    r"^(?:(?:[^\W\d_]{1,2}\.[\s-]?)+[^\W\d_]?|[^\W\d_](?:[\s-][^\W\d_]\.?)*|[A-ZÀ-Þ]{1,3})$"
)
# Behind the family name, as in medicine: `Robbins RA`, `Kazarenkov V.I.`; three letters with a
# vowel may be a family name in capitals: `Erdem KOÇ`.
_LAST_INITIALS = re.compile(
    r"^(?:[A-ZÀ-Þ]\.(?:-?[A-ZÀ-Þ]\.?)*|[A-ZÀ-Þ]{1,2}|[B-DF-HJ-NP-TV-XZ]{3})$"
)
_DEGREE = re.compile(
    r"^(?:ph\.?d|m\.?d|m\.?sc|m\.?a|b\.?a|b\.?sc|mba|mpp|mph|rn|ll\.?m|dr|prof|esq)\.?$",
    re.IGNORECASE,
)
_LONGEST_DEGREE = len("ph.d.")
_RUN_TOGETHER = re.compile(r"^(?!Jnr|Snr|Mrs)[B-DF-HJ-NP-TV-XZ][b-df-hj-np-tv-xz]{2,3}$")
# `LI Xiaoming`, `WU Lan`: two letters in capitals before a Chinese given name; initials end in
# U or I only seldom.
_SHORT_FAMILY = re.compile(r"^[BCDFGHJLMNPQRSTWXYZ][UI]$")
_SHORTEST_FAMILY = 4
_SYLLABLE = (
    r"(?:[jqx](?:i(?:a(?:ng?|o)?|e|n|ng|ong|u)?|u(?:an|e|n)?)"
    r"|(?:zh|ch|sh|[bpmfdtnlgkhrzcsyw])?(?:a(?:i|o|ng?)?|e(?:i|ng?|r)?|i(?:a(?:ng?|o)?|e|n|ng|u)?"
    r"|o(?:u|ng)?|u(?:a(?:ng?|i)?|e|i|n|o)?))"
)
_PINYIN = re.compile(rf"^{_SYLLABLE}(?:[-']?{_SYLLABLE})?$", re.IGNORECASE)
_NUMBER = re.compile(r"^[A-Za-z]{0,2}\d{5,}$")
_EDGES = " \t,;.•*|/\\_-–"
_EDGES_BUT_STOP = _EDGES.replace(".", "")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_OTHER_SCRIPT = re.compile(r"[Ͱ-῿぀-鿿가-힯฀-๿]")


def read(
    values: Sequence[Value],
    words: Words,
    *,
    field: str,
    country: str | None,
    roles: str | None = None,
) -> tuple[list[Agent], list[Note]]:
    """Read the names of one element, in order, each person once.

    Args:
        values: dc:creator or dc:contributor.
        words: words in and around names.
        field: `creators` or `contributors`, for the notes.
        country: ISO 3166 code of the repository's country: Belgians write `Van den Berg` with a
            capital, the Dutch `van den Berg`; it counts only for names in capitals.
        roles: the role that this platform's contributors have when they name none.
    """
    if not values:
        return [], []
    agents: list[Agent] = []
    notes = []
    seen: set[tuple[str | None, ...]] = set()
    for value in values:
        several = _people(value.text, words)
        given_orcid = orcid.of(value.attributes) if value.attributes else None
        names: list[Agent] = []
        for part in several:
            agent, rule, certainty = parse(part, words, country)
            if agent is None:
                if part and len(several) == 1:
                    notes.append(Note(field, value.name, value.original, rule, ""))
                elif part and (known := orcid.valid(part)) and names:
                    names[-1].orcid = known
                continue
            if given_orcid and agent.orcid is None and len(several) == 1:
                agent.orcid = given_orcid
            role = value.refinement or agent.role or roles
            agent.role = None if role in ("author", "corporate", "note") else role
            if value.refinement == "corporate":
                agent.corporate, agent.family, agent.given = True, None, None
            names.append(agent)
            if len(several) > 1 and len(names) > 1:
                rule = "names.several"
            notes.append(Note(field, value.name, value.original, rule, agent.literal, certainty))
        for agent in names:
            key = (agent.literal, agent.role, agent.orcid)
            if key not in seen:
                seen.add(key)
                agents.append(agent)
    return agents, notes


def _people(text: str, words: Words) -> list[str]:
    """Take apart a value of several people: `A; B`, `A | B`, `Ann Berg, Jan Dam, Eva Maes`."""
    if ";" in text or " | " in text:
        return _BETWEEN_PERSONS.split(text)
    if text.count(",") > 1 and not bodies.is_one(text, words.corporate):
        parts = [part for part in map(str.strip, text.split(",")) if part]
        if len(parts) > 2 and all(
            1 < len(part.split()) < 5 and part.replace(" ", "").replace("-", "").isalpha()
            for part in parts
        ):
            return parts
    return [text]


def parse(text: str, words: Words, country: str | None = None) -> tuple[Agent | None, str, float]:
    """Read one name.

    Returns:
        the person or body (None where the value names nobody), the rule that says most about what
        was done, and how certain that is.
    """
    identifier = None
    numbered = _DIGIT.search(text) is not None
    if numbered and (("-" in text and text[-1:].isalnum()) or "orcid" in text.lower()):
        text, identifier = orcid.split(text)
    role = affiliation = called = None
    if text[-1:] in ")]" and (found := _BRACKETED.search(text)) and found.start():
        inner = found.group(1).strip()
        rest = text[: found.start()]
        if known := words.roles.get(fold(inner)):
            text, role = rest, known
        elif "," in rest and bodies.is_one(inner, words.corporate):
            text, affiliation = rest, inner
        elif (
            "," in rest and _INITIALS.match(rest.rpartition(",")[2].strip()) and inner[:1].isalpha()
        ):
            called = inner
        elif fold(inner) == "":
            text = rest
    if text[-2:].lower() in _ENDS_OF_OTHERS and _may_name_others(text):
        text = _ET_AL.sub("", text)
    if numbered:
        text = _LIFE.sub("", text)
    if text[:1] in _EDGES or text[-1:] in _EDGES:
        text = text.strip(_EDGES_BUT_STOP)
    if (
        not text
        or is_one_of(text, words.nameless)
        or not (text[0].isalpha() or any(map(str.isalpha, text)))
    ):
        return None, "names.nobody", 1.0
    if bodies.has_legal_form(text):
        return Agent(text, corporate=True, orcid=identifier, role=role), "names.corporate", 1.0
    if bodies.is_one(text, words.corporate) and not bodies.is_person(text, words.corporate):
        literal = text[:-1] if text[-1:] == "." and len(text.rpartition(" ")[2]) > 4 else text
        return Agent(literal, corporate=True, orcid=identifier, role=role), "names.corporate", 0.9
    agent, rule, certainty = _person(text, words, country, called)
    agent.orcid, agent.role = identifier, role
    agent.affiliation = affiliation or agent.affiliation
    if rule == "names.given":
        if identifier:
            rule = "names.orcid"
        elif role:
            rule = "names.role"
    return agent, rule, certainty


def _may_name_others(text: str) -> bool:
    end = text[-_LONGEST_OTHERS:].lower()
    return any(sign in end for sign in _OTHERS)


def _person(
    text: str, words: Words, country: str | None, called: str | None
) -> tuple[Agent, str, float]:
    if "," not in text:
        return _direct(text, words, country)
    if text[0] == "(":
        return Agent(text), "names.unparsed", 0.5
    parts = list(filter(None, map(str.strip, text.split(","))))
    while (
        len(parts) > 1
        and len(parts[-1]) <= _LONGEST_DEGREE
        and _DEGREE.match(parts[-1])
        and not (len(parts) == 2 and _INITIALS.match(parts[-1]))
    ):
        del parts[-1]  # `Hyunjung Lee, PhD, MPP`, `Wagner, Gert G., Dr.`
    if len(parts) == 1:
        return _direct(parts[0], words, country)
    rule, certainty = "names.given", 1.0
    family, given = parts[0], parts[1]
    if len(parts) == 3 and _GENERATION.match(parts[2]):
        given = f"{given}, {parts[2]}"
    elif len(parts) == 3 and _GENERATION.match(parts[1]):
        given = f"{parts[2]}, {parts[1]}"
    elif len(parts) == 3 and _all_particles(parts[1], words):
        # Pure turns particles round: `Kraker-Zijlstra, de, Anieljah`.
        family, given, rule = f"{parts[1]} {parts[0]}", parts[2], "names.particle"
    elif len(parts) == 3 and _INITIALS.match(parts[2]):
        given = f"{given} {parts[2]}"
    elif len(parts) > 2:
        if not all(_is_role(part, words) for part in parts[2:]):
            if len(parts) == 3 and bodies.is_one(parts[2], words.corporate):
                agent = Agent(f"{family}, {given}", family, given, affiliation=parts[2])
                return agent, "names.affiliation", 0.9
            return Agent(text), "names.unparsed", 0.5
        rule = "names.role"  # `Armitage, F. S., camera.`
    if family[-1].isdecimal() and _NUMBER.match(family):
        # A student number typed into the field for the family name.
        return Agent(given), "names.number", 0.9
    if called:
        given = _BRACKETED.sub("", given).strip() if "(" in given else given
        agent = Agent(f"{family}, {given} ({called})", family, called)
        return agent, "names.called", 0.9
    titled = (
        _TITLES.sub("", given).strip()
        if (len(given) > 2 and "." in given) or given[:2].lower() in ("dr", "ir")
        else given
    )
    if titled and titled != given and not _INITIALS.match(given):
        given, rule = titled, "names.title"
    tokens = given.split()
    trailing = 0
    while (
        trailing < len(tokens) - 1
        and tokens[-1 - trailing].lower() in words.particles
        and tokens[-1 - trailing][0].islower()
    ):
        trailing += 1
    if trailing:
        # `Gelder, Beatrice de` is filed under G and called de Gelder.
        family = f"{' '.join(tokens[-trailing:])} {family}"
        given, rule = " ".join(tokens[:-trailing]), "names.particle"
    if family.isupper() and len(family) > 1 and _LATIN.search(family) and "." not in family:
        # A given name in capitals is shouted too, unless it may be initials: `SMITH, JA`.
        shouted = given.isupper() and not _INITIALS.match(given)
        family, rule, certainty = _capitals(family, words, country), "names.capitals", 0.9
        if shouted:
            given, certainty = _capitals(given, words, country), 0.8
    elif len(tokens) > 1 and _RUN_TOGETHER.match(tokens[-1]) and not trailing:
        # `Geert Jpl`: initials that software has taken for a word.
        given = " ".join([*tokens[:-1], *tokens[-1].upper()])
        rule, certainty = "names.initials", 0.8
    return Agent(f"{family}, {given}", family, given), rule, certainty


def _direct(text: str, words: Words, country: str | None) -> tuple[Agent, str, float]:
    """Read a name without a comma."""
    if _OTHER_SCRIPT.search(text) or not _LATIN.search(text) or "&" in text or "(" in text:
        return Agent(text), "names.unparsed", 0.5
    tokens = _TITLES.sub("", text).split() if "." in text else text.split()
    if not tokens:
        return Agent(text), "names.mononym", 1.0
    if len(tokens) == 1:
        return Agent(tokens[0]), "names.mononym", 1.0
    if len(tokens) == 2 and tokens[0].lower() == tokens[1].lower():
        # A single name, typed into both fields of a form.
        return Agent(tokens[0]), "names.mononym", 0.8
    if _LAST_INITIALS.match(tokens[-1]) and not _INITIALS.match(tokens[0]):
        family, given = " ".join(tokens[:-1]), tokens[-1]
        return Agent(f"{family}, {given}", family, given), "names.initials-last", 0.8
    if _all_particles(" ".join(tokens[:-1]), words) and tokens[-1][0].isupper():
        return Agent(text), "names.unparsed", 0.5  # `De Vos`: a family name alone
    if _leads_in_capitals(tokens):
        family, given = _capitals(tokens[0], words, country), " ".join(tokens[1:])
        return Agent(f"{family}, {given}", family, given), "names.capitals", 0.8
    start = _family_in_capitals(tokens)
    if start is None:
        start = _family_by_particle(tokens, words)
        rule, certainty = "names.inverted", 0.8
        if start is None and (
            len(tokens) == 2 or all(_INITIALS.match(token) for token in tokens[1:-1])
        ):
            start, certainty = len(tokens) - 1, 0.7
        if start is None:
            # `Verónica Rozano Ladrón de Guevara`: where the family name begins cannot be known.
            return Agent(text), "names.unparsed", 0.5
        family = " ".join(tokens[start:])
    else:
        rule, certainty = "names.capitals", 0.9
        while start > 1 and tokens[start - 1].lower() in words.particles:
            start -= 1
        family = " ".join(
            token
            if token.lower() in words.particles and token.islower()
            else _capitals(token, words, country)
            for token in tokens[start:]
        )
    given = " ".join(tokens[:start])
    return Agent(f"{family}, {given}", family, given), rule, certainty


def _family_in_capitals(tokens: Sequence[str]) -> int | None:
    """Return where a family name in capitals begins, if the given name before it is not."""
    start = len(tokens)
    while start and tokens[start - 1].isupper() and len(tokens[start - 1].strip(".")) > 1:
        start -= 1
    if start in (0, len(tokens)) or all(
        token.isupper() for token in tokens[:start] if len(token) > 2
    ):
        return None
    return start


def _leads_in_capitals(tokens: Sequence[str]) -> bool:
    """Tell whether the first of two words is a family name in capitals: `LI Xiaoming`."""
    if len(tokens) != 2 or not (tokens[0].isupper() and tokens[1].istitle()):
        return False
    family, given = tokens
    if not all(part.isalpha() for part in (family, *given.split("-"))):
        return False
    if _SHORT_FAMILY.match(family):
        return bool(_PINYIN.match(given))
    return len(family) >= _SHORTEST_FAMILY and len(given) > 1


def _family_by_particle(tokens: Sequence[str], words: Words) -> int | None:
    for place, token in enumerate(tokens[1:-1], start=1):
        if token in words.particles and len(token) > 1:
            # `Juan Ladrón de Guevara`: of two words before the particle, one may be family name;
            # not so in `A. Frank van der Stappen`.
            full = [one for one in tokens[:place] if not _INITIALS.match(one)]
            return place if len(full) < 2 else None
    return None


def _capitals(name: str, words: Words, country: str | None) -> str:
    """Write a name in capitals as one writes names; never used on one that is not in capitals."""
    tokens: list[str] = []
    for token in re.split(r"(\s+|-|['’])", name):
        lower = token.replace("İ", "i").lower()
        if lower in words.particles and len(name) > len(token):
            tokens.append(lower if tokens or country != "BE" else lower.capitalize())
        elif lower.startswith("mc") and len(lower) > 4:
            tokens.append("Mc" + lower[2:].capitalize())
        elif lower.startswith("ij"):
            tokens.append("IJ" + lower[2:])
        else:
            tokens.append(lower.capitalize())
    return "".join(tokens)


def _all_particles(text: str, words: Words) -> bool:
    return all(token.lower() in words.particles for token in text.split())


def _is_role(text: str, words: Words) -> bool:
    """Tell whether a part behind a name is a role, such as `PROJECT_DIRECTOR`."""
    return text[0].islower() or (text.isupper() and len(text) > 3) or fold(text) in words.roles
