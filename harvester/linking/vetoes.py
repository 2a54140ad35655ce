"""Why two records are two publications, however alike they look."""

from __future__ import annotations

from collections.abc import Mapping

from rapidfuzz.distance import JaroWinkler

from harvester.linking.people import ALIKE, in_common, mixed, namesakes, share_one
from harvester.linking.traits import Traits

_SAME_HOST = 0.8
_SURELY = 0.9
"""From this similarity on titles outweigh DOIs that differ, if abstracts are one, too."""
_SAME_TITLE = 0.8
"""From this similarity on two titles are one but for numbers."""
_OTHER_TITLE = 0.7
"""Below this similarity two titles are two if each has words that the other record lacks."""
_BEGINNING = 3
"""Titles that begin with so many equal words may be one, with another subtitle."""
SAME_ABSTRACT = 0.2
"""The feature `abstract` from which on two abstracts are one."""
_WITHIN = 0.5
"""From this share of a record's names on that stand in other fields of the other, names fit."""
_SEVERAL = 2
_FIRST = ("", "1", "a")
_LONG = 4
_SHORT = 3
"""A title of so few long words may be that of many publications."""


def veto(one: Traits, other: Traits, found: Mapping[str, float]) -> str:
    """Return why two records are two publications, in a short phrase; "" where nothing says so.

    Args:
        one: a record.
        other: another; the order of the two makes no difference.
        found: how alike they are, by feature.
    """
    if one.about != other.about:
        return _one_is(one.about, other.about)
    return (
        _by_kind(one, other, found)
        or _by_title(one, other, found)
        or _by_language(one, other, found)
        or _by_creators(one, other, found)
        or _by_series(one, other, found)
        or _by_chapter(one, other, found)
        or _by_silence(one, other, found)
        or _by_doi(found)
    )


def _by_kind(one: Traits, other: Traits, found: Mapping[str, float]) -> str:
    kind, counterpart = one.kind, other.kind
    if counterpart.name in kind.never:
        return _both(kind.name, counterpart.name)
    if counterpart.name in kind.apart and not (
        _proved(one, other, found)
        or _one_host(found)
        or (len(one.people) >= _SEVERAL and in_common(one.people, other.people) >= _SEVERAL)
    ):
        return _both(kind.name, counterpart.name)
    if one.perhaps != other.perhaps:
        fits = _one_host(found) or (one.title == other.title and _identified(one, other))
        if not (fits and share_one(one.people, other.people)):
            return _one_is(one.perhaps, other.perhaps)
    if one.title != other.title and (
        _is_title_of(one.host, other.title) or _is_title_of(other.host, one.title)
    ):
        return "one is part of the other"
    return ""


def _by_title(one: Traits, other: Traits, found: Mapping[str, float]) -> str:
    ours, theirs = one.marks, other.marks
    if ours is not theirs and ours != theirs and (why := _by_marks(one, other, found)):
        return why
    return "the titles differ" if _other_title(one, other, found) else ""


def _by_marks(one: Traits, other: Traits, found: Mapping[str, float]) -> str:
    ours, theirs = one.marks, other.marks
    if ours.parts != theirs.parts:
        if ours.parts - theirs.parts and theirs.parts - ours.parts:
            return "different parts of a series"
        if _more_parts(one, other) or _more_parts(other, one):
            return "one is a part of a series"
    if max(found["title"], found["title_words"]) >= _SAME_TITLE:
        if ours.years != theirs.years and ours.years and theirs.years:
            return "the titles name different years"
        if ours.numbers - theirs.numbers and theirs.numbers - ours.numbers:
            return "the titles have different numbers"
    if ours.edition != theirs.edition and _known_apart(one.year, other.year):
        return "different editions"
    if ours.distinct != theirs.distinct:
        kinds = {kind for kind, _ in ours.distinct - theirs.distinct}
        for kind, _ in sorted(theirs.distinct - ours.distinct):
            if kind in kinds:
                return f"the titles name different {kind}"
    return ""


def _other_title(one: Traits, other: Traits, found: Mapping[str, float]) -> bool:
    """Whether each title has words that the other record lacks.

    One repository has few works twice, and many that are called nearly alike; copies elsewhere may
    have another subtitle.
    """
    if not (one.people and other.people) or one.title == other.title or one.about or one.perhaps:
        return False
    if not (one.home and one.home == other.home) and (
        max(found["title"], found["title_words"]) >= _OTHER_TITLE
        or one.title[:_BEGINNING] == other.title[:_BEGINNING]
    ):
        return False
    return _lacks(one, other) and _lacks(other, one) and not _proved(one, other, found)


def _by_language(one: Traits, other: Traits, found: Mapping[str, float]) -> str:
    if not one.languages or not other.languages or one.languages & other.languages:
        return ""
    if _identified(one, other) or (
        _one_host(found)
        and one.year == other.year
        and not (found["doi_apart"] or found["page_apart"])
    ):
        return ""
    return "in different languages"


def _by_creators(one: Traits, other: Traits, found: Mapping[str, float]) -> str:
    ours, theirs = one.people, other.people
    if not ours or not theirs or share_one(ours, theirs):
        return ""
    if mixed(ours, theirs) or _proved(one, other, found):
        return ""
    if namesakes(ours, theirs):
        # Many are called otherwise than their initials say: `Hans`, `J.G.M.`
        return "" if _one_host(found) and one.year == other.year else "the given names differ"
    # A given name that many have is not enough.
    named = _named_in(one, other) or _named_in(other, one)
    return "" if named and found["creators_within"] > _WITHIN else "no creator in common"


def _by_silence(one: Traits, other: Traits, found: Mapping[str, float]) -> str:
    """A short title, such as `Trust`, and nothing else that both records know."""
    known = (
        not (found["creators_unknown"] and found["host_unknown"])
        or (one.year is not None and other.year is not None)
        or min(sum(len(word) >= _LONG for word in each.title) for each in (one, other)) > _SHORT
        or _proved(one, other, found)
    )
    return "" if known else "too little is known"


def _by_series(one: Traits, other: Traits, found: Mapping[str, float]) -> str:
    ours, theirs = one.marks, other.marks
    if (
        (ours.yearly or one.serial)
        and (theirs.yearly or other.serial)
        and not (ours.years and theirs.years)
        and _known_apart(one.year, other.year)
        and not _identified(one, other)
    ):
        return "another year of a series"
    if not (one.people or other.people) and _known_apart(one.issue, other.issue):
        return "" if found["page_same"] else "another issue of a series"
    if ours.generic and theirs.generic and not _proved(one, other, found):
        if found["host_unknown"] or found["host"] < _SAME_HOST:
            return "the title says too little"
        if any(
            _known_apart(mine, yours)
            for mine, yours in (
                (one.year, other.year), (one.volume, other.volume), (one.issue, other.issue),
                (one.page, other.page),
            )
        ):  # fmt: skip
            return "the title says too little"
    return ""


def _by_chapter(one: Traits, other: Traits, found: Mapping[str, float]) -> str:
    """Two chapters share what is their book's; their titles must tell them apart."""
    if not one.chapter or not other.chapter or one.title == other.title:
        return ""
    shared = not one.isbns.isdisjoint(other.isbns) or not one.dois.isdisjoint(other.dois)
    if found["page_same"] or not (shared or found["host"] >= _SAME_HOST):
        return ""
    apart = found["page_apart"] or (_lacks(one, other) and _lacks(other, one))
    return "two chapters of one book" if apart else ""


def _by_doi(found: Mapping[str, float]) -> str:
    """Databases misprint DOIs: title and abstract outweigh them."""
    misprinted = found["title"] >= _SURELY and found["abstract"] >= SAME_ABSTRACT
    return "different DOIs" if found["doi_apart"] and not misprinted else ""


def _identified(one: Traits, other: Traits) -> bool:
    return not (
        one.dois.isdisjoint(other.dois)
        and one.handles.isdisjoint(other.handles)
        and one.origins.isdisjoint(other.origins)
    )


def _proved(one: Traits, other: Traits, found: Mapping[str, float]) -> bool:
    """Whether an identifier, the abstract or the page of a journal proves that two are one."""
    return (
        found["abstract"] >= SAME_ABSTRACT
        or _identified(one, other)
        or bool(found["page_same"] and (found["volume_same"] or found["issn_same"]))
    )


def _named_in(one: Traits, other: Traits) -> bool:
    """Whether a family name of a record stands in any field of the other."""
    there = {*other.title, *other.host, *(word for name in other.creators for word in name)}
    return any(name[-1] in there for name in one.creators)


def _one_host(found: Mapping[str, float]) -> bool:
    return not found["host_unknown"] and found["host"] >= _SAME_HOST


def _is_title_of(host: tuple[str, ...], title: tuple[str, ...]) -> bool:
    return len(host) > 1 and host == title


def _more_parts(one: Traits, other: Traits) -> bool:
    """Whether a title counts parts, the second and further ones, that the other record lacks."""
    more = one.marks.parts - other.marks.parts
    return not other.marks.parts and not more.issubset((*_FIRST, other.volume, other.issue))


def _known_apart(one: str | int | None, other: str | int | None) -> bool:
    return bool(one) and bool(other) and one != other


def _lacks(one: Traits, other: Traits) -> bool:
    """Whether a title has a long word that the other record has in no field and spelling."""
    glued = "".join(other.title)  # `part-time`, `parttime`
    there = {*other.title, *other.host, *(word for name in other.creators for word in name)}
    return any(
        len(word) >= _LONG
        and not word.isdigit()
        and not any(JaroWinkler.similarity(word, theirs) > ALIKE for theirs in there)
        for word in one.title
        if word not in there and word not in glued
    )


def _one_is(one: str, other: str) -> str:
    return f"one is {_a(min(one, other) or max(one, other))}"


def _both(one: str, other: str) -> str:
    first, second = sorted((one, other))
    return f"{_a(first)} and {_a(second)}"


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
