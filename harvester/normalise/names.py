"""Names: persons to family and given name, bodies as they are, with what stands around them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from harvester.model import Agent, Note
from harvester.normalise import bodies, orcid, persons
from harvester.normalise.folding import fold, is_one_of
from harvester.normalise.naming import Words
from harvester.normalise.remembering import remembered
from harvester.normalise.text import Value

_BETWEEN_PERSONS = re.compile(r"\s*;\s*|\s+\|\s+")
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
_DIGIT = re.compile(r"\d")
# Western Sydney's numbers of its staff: `Dahlen, Hannah G. (R13596)`.
_STAFF_NUMBER = re.compile(r"^[A-Z]?\d{3,}$")
_COMMA_OR_AND = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+")
_AND = re.compile(r"\s+(?:and|&|en|et|und)\s+")
# Marks of affiliations and of the corresponding author: `Mohini R. Jagtap*`, `N. Thilagavathi*1`.
_MARK = re.compile(r"(?<=[^\W\d_]|\.)(?:\*+\d*|\d)(?=[\s,]|$)")
_MIDDLE_INITIAL = re.compile(r"^[^\W\d_][\w'’-]* (?:[^\W\d_]\. ?)+[^\W\d_][\w'’-]+$")
_IN_DIRECT_ORDER = re.compile(r"^(?:[^\W\d_]\. ?|[^\W\d_][\w'’-]+ )+[^\W\d_][\w'’-]+$")
# A family with initials behind: `Jansen P.`, `Van den Berg K.-J.`
_BEFORE_INITIALS = re.compile(
    r"^(?:[A-Za-z]{1,4} ){0,2}[A-Z][^\W\d_]+(?:[-'’][A-Z]?[^\W\d_]+)? (?:[A-Z]\.[ -]?){1,4}$"
)
_MOST_WORDS = 6
_MOST_BRACKETS = 9
_LONGEST_ORCID = 60
_LONGEST_NAME = 100
_GIVEN_WORD = re.compile(r"[^\W\d_]+")
_ONE_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_WORDS_OF_A_NAME = re.compile(r"[^\W\d_][\w'’. -]*")
# A name without a peculiarity, beside whose parts those of others are tried.
_FAMILY, _GIVEN = "Janssens", "Marieke"
_EDGES = " \t,;.•*|/\\_-–`"
_EDGES_BUT_STOP = _EDGES.replace(".", "")


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
    notes: list[Note] = []
    seen: set[tuple[str | None, ...]] = set()
    key: tuple[str | None, ...]
    role = _role(roles)
    families, givens = _plain_family.by(words), _plain_given.by(words)
    for value in values:
        family, comma, given = value.text.partition(", ")
        if (  # in most names there is nothing to be done
            comma
            and not value.refinement
            and not value.attributes
            and (second := givens[given]) is not None
            and (first := families[family]) is not None
            and not (len(family) == len(given) and family.lower() == given.lower())
        ):
            agent = Agent(value.text, family, given, False, None, role)
            notes.append(Note(field, value.name, value.original, "names.given", value.text, 1.0))
            key = (first + second or value.text, role, None)
            if key not in seen:
                seen.add(key)
                agents.append(agent)
            continue
        for agent in _named(value, words, field, country, roles, notes):
            # MIT names some twice: `Lunt, Sophia Y` and `Lunt, Sophia Y.`.
            # By its parts, which come again and again and are folded already.
            folded = "".join(map(fold, agent.literal.split(", ")))
            key = (folded or agent.literal, agent.role, agent.orcid)
            if key not in seen:
                seen.add(key)
                agents.append(agent)
    return agents, notes


def _named(
    value: Value,
    words: Words,
    field: str,
    country: str | None,
    roles: str | None,
    notes: list[Note],
) -> list[Agent]:
    """Read all names of one value, with their notes."""
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
        agent.role = _role(value.refinement or agent.role or roles)
        if value.refinement == "corporate":
            agent.corporate, agent.family, agent.given = True, None, None
        names.append(agent)
        if len(several) > 1 and len(names) > 1:
            rule = "names.several"
        notes.append(Note(field, value.name, value.original, rule, agent.literal, certainty))
    return names


def _role(named: str | None) -> str | None:
    return None if named in ("author", "corporate", "note") else named


def without(
    agents: Sequence[Agent], named: Collection[Agent], field: str, element: str
) -> tuple[list[Agent], list[Note]]:
    """Leave out those who are named elsewhere: EUR repeats every creator as a contributor.

    Args:
        agents: the contributors.
        named: the creators.
        field: `contributors`, for the notes.
        element: dc:contributor, for the notes.
    """
    known = {fold(agent.literal) for agent in named}
    kept, notes = [], []
    for agent in agents:
        if fold(agent.literal) in known:
            notes.append(Note(field, element, agent.literal, "names.repeated", ""))
        else:
            kept.append(agent)
    return kept, notes


def of_the_record(creators: Sequence[Agent], values: Sequence[Value]) -> list[Note]:
    """Give the only creator of a record the only ORCID iD that stands among its identifiers.

    The University of Queensland writes it into dc:relation: `orcid:0000-0002-2750-6111`.

    Args:
        creators: changed in place.
        values: dc:relation and dc:identifier.
    """
    if len(creators) != 1 or creators[0].orcid or not creators[0].family:
        return []
    found = {}
    for value in values:
        short = len(value.text) < _LONGEST_ORCID and "orcid" in value.text.lower()
        if short and (known := orcid.valid(value.text)):
            found[known] = value
    if len(found) != 1:
        return []
    ((known, value),) = found.items()
    creators[0].orcid = known
    return [Note("creators", value.name, value.original, "names.orcid-of-record", known, 0.8)]


def in_citations(creators: Sequence[Agent], values: Sequence[Value], title: str) -> list[Note]:
    """Give creators the ORCID iDs that stand behind their names in the record's own citation.

    White Rose and Victoria University write them so: `Guo, J orcid.org/0000-… and Holmes, P …`.

    Args:
        creators: changed in place.
        values: dc:relation and dc:source.
        title: of the record, which its own citation has in it.
    """
    notes = []
    called: dict[str, list[Agent]] = {}
    for value in values:
        text = value.text
        if len(text) < _LONGEST_ORCID or not ("orcid" in text or "ORCID" in text):
            continue
        if not title or title.casefold() not in text.casefold():
            continue
        called = called or _by_name(creators)
        for found in orcid.WITHIN.finditer(text):
            before = text[max(found.start() - _LONGEST_NAME, 0) : found.start()].rstrip(" ,(")
            known, named = orcid.valid(found.group(1)), _at_the_end(before, called)
            if known and len(named) == 1 and not named[0].orcid:
                named[0].orcid = known
                rule = "names.orcid-in-citation"
                notes.append(Note("creators", value.name, value.original, rule, known, 0.9))
    return notes


def _by_name(creators: Sequence[Agent]) -> dict[str, list[Agent]]:
    """Return the persons by their names, with the given name and with its initials."""
    found: dict[str, list[Agent]] = {}
    for creator in creators:
        if creator.family and creator.given:
            initials = "".join(word[0] for word in _GIVEN_WORD.findall(creator.given))
            for given in {creator.given, initials}:
                found.setdefault(f"{creator.family}, {given}", []).append(creator)
    return found


def _at_the_end(text: str, called: Mapping[str, Sequence[Agent]]) -> list[Agent]:
    """Return all in whose name a text ends."""
    begins = (at for at, before in enumerate(f" {text[:-1]}") if not before.isalnum())
    return [creator for at in begins for creator in called.get(text[at:], ())]


def _people(text: str, words: Words) -> list[str]:
    """Take apart a value of several people: `A; B`, `A | B`, `Ann Berg, Jan Dam and Eva Maes`.

    CiteSeerX and some journals write them all into one value.
    """
    if ";" in text or " | " in text:
        return _BETWEEN_PERSONS.split(text)
    both = " and " in text or " & " in text
    if not both and "," not in text:
        return [text]
    commas = text.count(",")
    if commas == 1 and not both:
        if text[-1] == "." and ".," in text and all(map(_BEFORE_INITIALS.match, text.split(", "))):
            return text.split(", ")  # `Jansen P., Pieters K.`
        # `Daniel W. Cranston, Douglas B. West`, not `Garcia Lorca, Federico José`
        first, _, second = text.partition(",")
        second = second.strip()
        if "." in first and _MIDDLE_INITIAL.match(first.rstrip()) and " " in second:
            return [first, second] if _IN_DIRECT_ORDER.match(second) else [text]
        return [text]
    if bodies.is_one(text, words.corporate) or bodies.has_legal_form(text):
        return [text]
    pieces = _AND.split(text) if commas > 1 else []
    if len(pieces) > 1 and all(piece.count(",") == 1 for piece in pieces):
        return pieces  # `Smith, John and Jones, Mary`
    if text[-1] == "." and all(map(_BEFORE_INITIALS.match, pieces := text.split(", "))):
        return pieces  # `Jansen P., Pieters K.`
    bare = _MARK.sub("", text) if "*" in text else text
    parts = [part for part in _COMMA_OR_AND.split(_ET_AL.sub("", bare).strip(" ,")) if part]
    several = len(parts) > 2 or (len(parts) == 2 and (both or commas > 1))
    return parts if several and all(map(_is_whole, parts)) else [text]


def _is_whole(part: str) -> bool:
    """Tell whether a part of a list may be the whole name of a person."""
    bare = part.replace(" ", "").replace("-", "").replace(".", "").replace("’", "").replace("'", "")
    return 1 < len(part.split()) <= _MOST_WORDS and bare.isalpha()


# Families and given names come again and again, though the same person seldom does: whether a part
# needs nothing done is tried once beside a plain other part. Only rules that see both parts at once
# would not be noticed. They are for families of several words, for a name that stands on both sides
# of the comma, and for what names nobody (`N, N`).


@remembered(32_768)
def _plain_family(family: str, words: Words) -> str | None:
    """Return the key of a family name to which nothing is done, None of any other."""
    key = fold(family)
    plain = (
        _ONE_WORD.fullmatch(family)
        and key not in _openings(words.nameless)
        and _stays(family, _GIVEN, words)
    )
    return key if plain else None


@cache
def _openings(nameless: frozenset[str]) -> frozenset[str]:
    """Return all that a value that names nobody may begin with."""
    return frozenset(term[:end] for term in nameless for end in range(len(term) + 1))


@remembered(32_768)
def _plain_given(given: str, words: Words) -> str | None:
    """Return the key of a given name to which nothing is done, None of any other."""
    plain = _WORDS_OF_A_NAME.fullmatch(given) and _stays(_FAMILY, given, words)
    return fold(given) if plain else None


def _stays(family: str, given: str, words: Words) -> bool:
    text = f"{family}, {given}"
    as_it_is = Agent(text, family, given), "names.given", 1.0
    return (
        not bodies.is_one(text, words.corporate)  # `Bureau, Dominique`: both parts together tell
        and _people(text, words) == [text]
        and parse(text, words) == as_it_is
    )


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
    role = affiliation = None
    firm = False
    for _ in range(_MOST_BRACKETS):
        rest, inner = persons.bracketed(text) if text[-1:] in (")", "]") else ("", "")
        if not rest:
            break
        if known := words.roles.get(fold(inner)):
            text, role = rest, known
        elif inner == "Firm":  # the Library of Congress, behind bodies that sound like persons
            text, firm = rest, True
        elif numbered and identifier is None and (bare := orcid.valid(inner)):
            text, identifier = rest, bare
        elif "," in rest and bodies.is_one(inner, words.corporate):
            text, affiliation = rest, inner
        elif fold(inner) == "" or _STAFF_NUMBER.match(inner):
            text = rest
        else:
            break
    if text[-2:].lower() in _ENDS_OF_OTHERS and _may_name_others(text):
        text = _ET_AL.sub("", text)
    if numbered:
        text = _LIFE.sub("", text)
    if text[:1] in _EDGES or text[-1:] in _EDGES:
        text = text.strip(_EDGES_BUT_STOP)
    if "@" in text:  # `Jansen, Jan <j.jansen@example.org>`
        name, _, address = text.rpartition(" ")
        text = name.strip(_EDGES_BUT_STOP) if "@" in address and name else text
    if "@" in text or "://" in text:
        return None, "names.address", 1.0
    if (
        not text
        or is_one_of(text, words.nameless)
        or not (text[0].isalpha() or any(map(str.isalpha, text)))
    ):
        return None, "names.nobody", 1.0
    if firm or bodies.has_legal_form(text):
        return Agent(text, corporate=True, orcid=identifier, role=role), "names.corporate", 1.0
    if bodies.is_one(text, words.corporate) and not bodies.is_person(text, words.corporate):
        literal = text[:-1] if text[-1:] == "." and len(text.rpartition(" ")[2]) > 4 else text
        return Agent(literal, corporate=True, orcid=identifier, role=role), "names.corporate", 0.9
    agent, rule, certainty = persons.read(text, words, country)
    agent.orcid, agent.role = identifier, role or agent.role
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
