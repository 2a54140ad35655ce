"""How the platform of a record writes its Dublin Core, and what carriers did to it on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import msgspec

from harvester.normalise.folding import fold
from harvester.normalise.text import Value
from harvester.shapes import Profile
from harvester.sources import Source


class Dialect(msgspec.Struct, frozen=True, eq=False):
    """The facts that hold for one record: those of its platform, its carriers, and of all.

    Attributes: as in `Profile`, compiled; `name` lists the profiles, `orbi+base+fid-portal`.
    `classes_only` is the scheme of all subjects, where Crossref has those of the journal.
    """

    name: str
    citation: frozenset[str]
    relation_is_own: bool
    relation_is_other: bool
    collections: re.Pattern[str]
    source_doi_is_own: bool
    separators: re.Pattern[str] | None
    disciplines: tuple[str, ...]
    joined: bool
    shredded: bool
    tight_colon: bool
    contributors: Mapping[str, str]
    short_is_funding: bool
    classes_first: str
    classes_last: str
    classes_only: str
    default_type: str
    reviewed: Mapping[str, bool]
    boilerplate: re.Pattern[str]
    follows: frozenset[str]
    funding: re.Pattern[str]


class Evidence(NamedTuple):
    """Patterns as one, with a group for each, and what each tells.

    Attributes:
        pattern: all of them.
        platforms: by the number of the group.
        floating: those that may match behind the beginning, one by one, each with its platform:
            trying all of them at every character took longer than reading a name.
        anywhere: whether one of those matches at all, which takes one look.
    """

    pattern: re.Pattern[str]
    platforms: tuple[str, ...]
    floating: tuple[tuple[re.Pattern[str], str], ...]
    anywhere: re.Pattern[str]

    def of(self, identifier: str) -> str | None:
        """Return the platform that an identifier betrays, by what stands first in it."""
        if found := self.pattern.match(identifier):
            # The group that closed last is the outermost: `p3`.
            return self.platforms[int(str(found.lastgroup)[1:])]
        if not (self.floating and self.anywhere.search(identifier)):
            return None
        first, platform = len(identifier) + 1, None
        for pattern, betrayed in self.floating:
            if (found := pattern.search(identifier)) and found.start() < first:
                first, platform = found.start(), betrayed
        return platform


class Profiles(msgspec.Struct, frozen=True):
    """All dialects.

    Attributes:
        dialects: by platform and carriers.
        evidence: of platforms known by their OAI identifiers; the group that matches names it.
        weak_evidence: the same, for sources whose platform nobody has named.
        shapes: platforms known by what their records hold, by element.
    """

    dialects: Mapping[tuple[str, tuple[str, ...]], Dialect]
    evidence: Evidence
    weak_evidence: Evidence
    shapes: Mapping[str, Evidence]


_GROUP = re.compile(r"\([^()]*\)")

GENERIC = "generic"
BASE, PORTAL = "base", "fid-portal"
SETS = "setSpec"
_CARRIED: tuple[tuple[str, ...], ...] = ((), (BASE,), (PORTAL,), (BASE, PORTAL))


def index(profiles: Mapping[str, Profile]) -> Profiles:
    """Compile the profiles, each platform with each way that a record may have come."""
    dialects = {}
    for platform in profiles:
        if platform in (BASE, PORTAL):
            continue
        for carriers in _CARRIED:
            names = [GENERIC, *([platform] if platform != GENERIC else []), *carriers]
            dialects[platform, carriers] = _compose(names, [profiles[name] for name in names])
    shapes = {
        element: _evidence(
            (name, pattern)
            for name, profile in profiles.items()
            for pattern in profile.shape.get(element, ())
        )
        for element in (SETS, *dict.fromkeys(key for one in profiles.values() for key in one.shape))
    }
    by_identifier = [
        _evidence(
            (name, pattern)
            for name, profile in profiles.items()
            for pattern in profile.identifiers
            if profile.weak == only_weak
        )
        for only_weak in (False, True)
    ]
    strong, weak = by_identifier
    return Profiles(dialects, strong, weak, shapes)


def _evidence(patterns: Iterable[tuple[str, re.Pattern[str]]]) -> Evidence:
    known = [(pattern, name) for name, pattern in patterns]
    groups = [f"(?P<p{number}>{pattern.pattern})" for number, (pattern, _) in enumerate(known)]
    floating = tuple(one for one in known if not _anchored(one[0].pattern))
    anywhere = _one_of([pattern.pattern for pattern, _ in floating])
    return Evidence(_alternation(groups), tuple(name for _, name in known), floating, anywhere)


def _one_of(patterns: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern of one of these; without groups `re` knows how a match must begin."""
    return re.compile(
        "|".join(one if "|" not in _GROUP.sub("", one) else f"(?:{one})" for one in patterns)
        or r"(?!)"
    )


def _anchored(pattern: str) -> bool:
    """Tell whether a pattern surely matches at the beginning only."""
    return pattern[:1] == "^" and "|" not in _GROUP.sub("", pattern)


def _compose(names: Sequence[str], profiles: Sequence[Profile]) -> Dialect:
    def joined(field: str) -> list[str]:
        return [item for profile in profiles for item in getattr(profile, field)]

    def patterns(field: str) -> list[str]:
        return [item.pattern for profile in profiles for item in getattr(profile, field)]

    separators = patterns("separators")
    contributors: dict[str, str] = {}
    for profile in profiles:
        contributors |= profile.contributors
    reviewed = {fold(term): True for term in joined("reviewed")}
    reviewed |= {fold(term): False for term in joined("unreviewed")}
    # A platform that names its elements means only these, and dcterms:bibliographicCitation.
    own = [profile for profile in profiles[1:] if profile.citation]
    citation = [item for profile in (own or profiles[:1]) for item in profile.citation]
    return Dialect(
        name="+".join(names[1:] or names),
        citation=frozenset(
            [*citation, "dcterms:bibliographicCitation", "dc:bibliographicCitation"]
        ),
        relation_is_own=any(profile.relation_is_own for profile in profiles),
        relation_is_other=any(profile.relation_is_other for profile in profiles),
        collections=_alternation(patterns("collections"), re.IGNORECASE),
        source_doi_is_own=any(profile.source_doi_is_own for profile in profiles),
        separators=re.compile("|".join(f"(?:{item})" for item in separators))
        if separators
        else None,
        disciplines=tuple(dict.fromkeys(joined("disciplines"))),
        joined=any(profile.joined for profile in profiles),
        shredded=any(profile.shredded for profile in profiles),
        tight_colon=any(profile.tight_colon for profile in profiles),
        contributors=contributors,
        short_is_funding=any(profile.short_descriptions == "funding" for profile in profiles),
        classes_first=next(filter(None, (profile.classes_first for profile in profiles)), ""),
        classes_last=next(filter(None, (profile.classes_last for profile in profiles)), ""),
        default_type=next(
            (profile.default_type for profile in profiles if profile.default_type), ""
        ),
        classes_only="",
        reviewed=reviewed,
        boilerplate=_alternation(patterns("boilerplate"), re.IGNORECASE),
        follows=frozenset(fold(term) for term in joined("follows")),
        funding=_alternation(patterns("funders")),
    )


def _alternation(patterns: Sequence[str], flags: int = 0) -> re.Pattern[str]:
    # Matches nothing where there are no patterns.
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)", flags)


def choose(
    profiles: Profiles,
    *,
    source: Source,
    home: Source | None,
    identifier: str,
    carriers: tuple[str, ...],
    from_agency: bool,
    groups: Mapping[str, Sequence[Value]] | None = None,
    sets: Sequence[str] = (),
) -> Dialect:
    """Choose the dialect of a record.

    Evidence goes before what is said of the source: an OAI identifier that only one platform
    gives, then the platform of the repository that the record comes from, then the source's own.
    Where none of them is known, the shape of the identifier and of the record decides.

    Args:
        profiles: all of them.
        source: who handed the record out.
        home: the repository that it comes from, where that is known.
        identifier: the OAI identifier at home, or "".
        carriers: `base`, `fid-portal`, both in this order, or none.
        from_agency: BASE has it from Crossref or DataCite, whose subjects it does not cut.
        groups: the record's values by element.
        sets: its sets.
    """
    platform = _platform(profiles, source, home, identifier)
    if platform == GENERIC and not from_agency:
        platform = _shaped(profiles, groups or {}, sets) or GENERIC
    dialect = profiles.dialects.get((platform, carriers)) or profiles.dialects[GENERIC, carriers]
    return uncut(dialect) if from_agency else dialect


@cache
def uncut(dialect: Dialect) -> Dialect:
    """Return the dialect of what BASE has from a DOI agency: not cut, with Scopus's classes."""
    return msgspec.structs.replace(
        dialect,
        shredded=False,
        disciplines=("asjc", *dialect.disciplines),
        classes_only="asjc",
    )


def _platform(profiles: Profiles, source: Source, home: Source | None, identifier: str) -> str:
    if identifier and (betrayed := profiles.evidence.of(identifier)):
        return betrayed
    known = home.platform if home else source.platform
    if known in (GENERIC, BASE, PORTAL) and identifier:
        known = profiles.weak_evidence.of(identifier) or known
    return GENERIC if known in (BASE, PORTAL) else known


def _shaped(
    profiles: Profiles, groups: Mapping[str, Sequence[Value]], sets: Sequence[str]
) -> str | None:
    """Tell the platform by what the record holds, the sets first."""
    for element, evidence in profiles.shapes.items():
        if element == SETS:
            texts = sets
        elif element in groups:
            texts = [value.text for value in groups[element]]
        else:
            continue
        for text in texts:
            if betrayed := evidence.of(text):
                return betrayed
    return None
