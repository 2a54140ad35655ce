"""Persons and bodies whose source gives their parts: family and given name, role, ORCID iD, body.

Parts are believed and not taken apart again. A name that comes as one text is read by
`harvester.normalise.names`, as from Dublin Core.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from harvester.model import Agent, Note
from harvester.normalise import names, orcid
from harvester.normalise.folding import fold
from harvester.normalise.naming import Words
from harvester.normalise.text import Value


class Roles(msgspec.Struct, frozen=True):
    """What roles are called.

    Attributes:
        by_term: role by folded term or code.
        creating: roles of those who made the work.
    """

    by_term: Mapping[str, str]
    creating: frozenset[str]

    def of(self, given: str) -> tuple[str, str]:
        """Return the element and the role of somebody, by what the source calls it.

        Several roles come with `; ` between them; whoever has a creating one is a creator. Who has
        none is a creator too. A role that no table knows is kept if it is a word, not a code.
        """
        terms = [term.strip() for term in given.split(";") if term.strip()]
        # `http://id.loc.gov/vocabulary/relators/aut`
        terms = [term.rstrip("/").rpartition("/")[2] for term in terms]
        roles = [known for term in terms if (known := self.by_term.get(fold(term)))]
        if not terms or any(role in self.creating for role in roles):
            return "dc:creator", ""
        words = [term.lower() for term in terms if len(term) > _LONGEST_CODE and " " not in term]
        return "dc:contributor", next(iter(roles or words), "")


# Relator codes have three letters, abbreviations perhaps four.
_LONGEST_CODE = 4
_CORPORATE = frozenset({"corporate", "organizational", "conference"})
# Where a source puts an identifier of a person, besides `orcid.of`.
_ADDRESSES = ("valueURI", "nameIdentifier", "displayName")


def read(
    values: Sequence[Value],
    words: Words,
    *,
    field: str,
    country: str | None,
    roles: str | None = None,
) -> tuple[list[Agent], list[Note]]:
    """Read the persons and bodies of one element, in order, each once; see `names.read`."""
    agents: list[Agent] = []
    notes: list[Note] = []
    seen: set[tuple[str | None, ...]] = set()
    for value in values:
        found, told = _by_parts(value, words, field, country, roles) or names.read(
            [value], words, field=field, country=country, roles=roles
        )
        notes += told
        if len(found) == 1:
            found[0].affiliation = found[0].affiliation or value.attributes.get("affiliation")
            found[0].orcid = found[0].orcid or _orcid(value.attributes)
        for agent in found:
            key = (agent.literal, agent.role, agent.orcid)
            if key not in seen:
                seen.add(key)
                agents.append(agent)
    return agents, notes


def _by_parts(
    value: Value, words: Words, field: str, country: str | None, roles: str | None
) -> tuple[list[Agent], list[Note]] | None:
    """Read a name whose parts are given; None where they are not."""
    parts = value.attributes
    if fold(parts.get("type") or parts.get("nameType") or "") in _CORPORATE:
        agent, rule, certainty = Agent(value.text, corporate=True), "names.corporate", 1.0
    elif family := parts.get("family", ""):
        agent, rule, certainty = _person(family, parts.get("given", ""), words, country)
    else:
        return None
    if fold(agent.literal) in words.nameless or not any(map(str.isalpha, agent.literal)):
        return [], [Note(field, value.name, value.original, "names.nobody", "")]
    agent.role = value.refinement or roles
    note = Note(field, value.name, value.original, rule, agent.literal, certainty)
    return [agent], [note]


def _person(family: str, given: str, words: Words, country: str | None) -> tuple[Agent, str, float]:
    """Make a person of both parts; capitals and particles are mended as in any other name."""
    if not given:
        return Agent(family, family), "names.parts", 1.0
    literal = f"{family}, {given}"
    if literal.count(",") == 1:
        mended, rule, certainty = names.parse(literal, words, country)
        if mended and mended.family and mended.given and rule in _MENDED:
            return Agent(mended.literal, mended.family, mended.given), rule, certainty
    return Agent(literal, family, given), "names.parts", 1.0


_MENDED = frozenset({"names.capitals", "names.particle", "names.initials", "names.title"})


def _orcid(parts: Mapping[str, str]) -> str | None:
    if known := orcid.of(parts):
        return known
    return next(filter(None, (orcid.valid(parts.get(name, "")) for name in _ADDRESSES)), None)
