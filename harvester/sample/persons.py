"""The persons and bodies that publish in the sample repositories, and who writes with whom."""

from __future__ import annotations

from functools import cache

import msgspec

from harvester.sample import draw
from harvester.sample.content import load

# The digits of an ORCID iD: ORCID's registry assigns none from here on, so no person has one.
ORCID_BLOCK = "00099900"
ORCID_SHARE = 45
PARTICLES = ("van den", "van der", "van de", "van 't", "in 't", "ter", "van", "de", "'t")


class Person(msgspec.Struct, frozen=True):
    """A person, or a body with its whole name in `family`.

    Attributes:
        family: with its particles in front, `van der Meulen`.
        given: given names, or initials where only these are known.
        region: where the person works, a key of `persons.yml`.
        orcid: bare iD with a valid check digit, of a block that is not in use.
    """

    family: str
    given: str = ""
    region: str = ""
    orcid: str | None = None

    @property
    def inverted(self) -> str:
        """The name as in a list: `van der Meulen, Sanne`."""
        return f"{self.family}, {self.given}" if self.given else self.family

    @property
    def direct(self) -> str:
        """The name as one says it: `Sanne van der Meulen`."""
        return f"{self.given} {self.family}".strip()

    @property
    def initials(self) -> str:
        """Initials with full stops: `S.`, `A.-S.`, `H.J.`."""
        if "." in self.given:
            return self.given
        words = self.given.split()
        return "".join("-".join(f"{part[0]}." for part in word.split("-")) for word in words)

    @property
    def particle(self) -> str:
        """The particle that a Dutch list puts behind the name, or ""."""
        return next((part for part in PARTICLES if self.family.startswith(f"{part} ")), "")


@cache
def _topics() -> dict[str, list[Person]]:
    by_topic: dict[str, list[Person]] = {}
    for region, persons in load().persons.items():
        for name, topics in persons.items():
            family, _, given = name.partition(", ")
            person = Person(family, given, region, _orcid(name))
            for topic in topics:
                by_topic.setdefault(topic, []).append(person)
    return by_topic


def team(key: str, lead: str, topic: str, region: str, size: int) -> tuple[Person, ...]:
    """Draw the authors of a work: one from the region leads, most of the others work there too.

    Args:
        key: the work.
        lead: what the first author is drawn for; works that share it share their first author.
        topic: a topic of the content; all authors publish on it.
        region: a key of `persons.yml`.
        size: how many authors; there may be fewer where few publish on the topic.
    """
    everyone = _topics()[topic]
    here = [person for person in everyone if person.region == region] or everyone
    authors = [draw.one(lead, f"lead in {region}", here)]
    for place in range(1, size):
        near = draw.often(key, f"co-author {place} from here", 78)
        choice = [person for person in (here if near else everyone) if person not in authors]
        if choice:
            authors.append(draw.one(key, f"co-author {place}", choice))
    return tuple(authors)


def _orcid(name: str) -> str | None:
    if not draw.often(name, "has an ORCID", ORCID_SHARE):
        return None
    digits = f"{ORCID_BLOCK}{draw.number(name, 'ORCID', 10**7):07d}"
    total = 0
    for digit in digits:  # ISO 7064 MOD 11-2
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    whole = digits + ("X" if check == 10 else str(check))
    return "-".join(whole[start : start + 4] for start in range(0, 16, 4))
