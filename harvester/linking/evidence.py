"""How alike two records are, feature by feature, so that every link can be explained."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import msgspec
from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, JaroWinkler

from harvester.linking.people import ALIKE
from harvester.linking.traits import Traits, numbering, year_of
from harvester.linking.vetoes import veto

HOPELESS = -12.0
"""Below this score two records never stand in one group; no veto is looked for."""
_TITLE_FLOOR = 1.02
_MOST_MORE = 4
_LIKE_TITLE = 0.6
_LIKE_ABSTRACT = 0.6
_LIKE_PARALLEL = 85
_LONGEST_WAY = 5
"""So many years may lie between a preprint and what it became."""
_LONG_ABSTRACT = 100

_EMPTY = frozenset(
    (
        "the", "of", "a", "an", "and", "in", "on", "for", "to", "with", "by", "from", "at", "as",
        "de", "la", "le", "les", "des", "du", "et", "en", "dans", "het", "een", "der", "die",
        "das", "und", "von", "im", "zur", "op", "van", "voor", "over",
    )
)  # fmt: skip
_KINDS = {
    "journal": {"journal", "j", "trans", "transactions", "zeitschrift", "revue", "tijdschrift"},
    "meeting": {"conference", "proceedings", "workshop", "symposium", "tagung", "congres"},
    "record": {"record", "bulletin", "newsletter"},
}

Column = Callable[[Traits], int]
"""How many records of its repository have the title and the creators of a record: `Editorial`."""


class Evidence(msgspec.Struct, frozen=True):
    """How alike two records are.

    Attributes:
        score: the sum of the features times their weights; above 0 they are more likely one
            publication than two.
        features: each with its value.
        veto: why they are two whatever the score says, else ""; it is not looked for where the
            score is hopeless.
    """

    score: float
    features: dict[str, float]
    veto: str = ""


class Weights(msgspec.Struct, frozen=True):
    """What each feature weighs.

    Attributes:
        bias: the score of two records of which nothing is known.
        fitted: learnt from labelled pairs.
        given: of what these pairs do not have; set by hand.
    """

    bias: float
    fitted: Mapping[str, float]
    given: Mapping[str, float]

    def of(self, feature: str) -> float:
        """Return what a feature weighs."""
        return self.fitted.get(feature) or self.given.get(feature) or 0.0

    def score(self, features: Mapping[str, float]) -> float:
        """Return the sum of features times weights."""
        return self.bias + sum(value * self.of(name) for name, value in features.items())


def compare(one: Traits, other: Traits, weights: Weights, column: Column) -> Evidence:
    """Compare two records; the order of the two makes no difference.

    Args:
        one: a record.
        other: another.
        weights: of the features.
        column: how many records are called so; what is common says less.
    """
    faced, facing = face(one, other)
    settled, counterpart = settle(faced, facing), settle(facing, faced)
    found = described(settled, counterpart, column) | identified(settled, counterpart)
    score = weights.score(found)
    if score < HOPELESS:
        return Evidence(score, found)
    if settled.year == counterpart.year:
        settled, counterpart = _undated(settled, one), _undated(counterpart, other)
    return Evidence(score, found, veto(settled, counterpart, found))


def face(one: Traits, other: Traits) -> tuple[Traits, Traits]:
    """Turn to each other titles in one language, where a record has titles in several."""
    if one.title == other.title or not (one.parallels or other.parallels):
        return one, other
    alike = float(_LIKE_PARALLEL)
    ours, theirs = one.title, other.title
    for mine in (one.title, *one.parallels):
        for yours in (other.title, *other.parallels):
            found = fuzz.ratio(" ".join(mine), " ".join(yours))
            if found > alike:
                alike, ours, theirs = found, mine, yours
    return (
        msgspec.structs.replace(one, title=ours) if ours != one.title else one,
        msgspec.structs.replace(other, title=theirs) if theirs != other.title else other,
    )


def settle(one: Traits, other: Traits) -> Traits:
    """Put values that stand in a wrong field into the right one, as far as the other record tells.

    Damaged records have names, journal and year behind their title.
    """
    if one.creators and one.host and one.year is not None:
        return one
    title, host, year = list(one.title), list(one.host), one.year
    creators = [list(name) for name in one.creators]
    if not creators:
        for name in other.creators:
            creators += _taken(title, list(name))
    if not host and other.host:
        for words in (title, *creators):
            place = _place(words, list(other.host))
            if place > 0:
                host = list(other.host)
                del words[place : place + len(host)]
                break
    if year is None:
        for words in (title, *creators, host):
            if len(words) > 1 and year_of(words[-1]) is not None:
                year = year_of(words.pop())
                break
    return msgspec.structs.replace(
        one,
        title=tuple(title),
        host=tuple(host),
        year=year,
        creators=tuple(tuple(name) for name in creators if name),
    )


def _undated(settled: Traits, one: Traits) -> Traits:
    """Take a year that stood in the title by mistake from what the title says, too."""
    if one.year is not None or settled.year is None:
        return settled
    said, year = one.marks, {str(settled.year)}
    said = msgspec.structs.replace(said, years=said.years - year, numbers=said.numbers - year)
    return msgspec.structs.replace(settled, marks=said)


def described(one: Traits, other: Traits, column: Column) -> dict[str, float]:
    """Return the features of title, names, year and host; their weights are fitted."""
    title, counterpart = " ".join(one.title), " ".join(other.title)
    exact = Indel.normalized_similarity(title, counterpart) if title and counterpart else 0.5
    sorted_ = fuzz.token_sort_ratio(title, counterpart) / 100
    all_one, all_other = _all(one), _all(other)
    names, years = _names(one, other), _years(one, other, all_one, all_other)
    if years is not None and 1 < years <= _LONGEST_WAY and one.early != other.early:
        years = 1
    host = hosts(one.host, other.host)
    common = math.log(max(1, column(one), column(other)))
    shared, either = set(all_one) & set(all_other), set(all_one) | set(all_other)
    same = float(title == counterpart and bool(title))
    family = {name[-1] for name in one.creators} == {name[-1] for name in other.creators}
    more = abs(len(one.creators) - len(other.creators)) if one.creators and other.creators else 0
    return {
        "title": exact,
        "title_near": -math.log(_TITLE_FLOOR - max(exact, sorted_)),
        "title_words": sorted_,
        "title_within": min(1.0, _within(one.title, all_other), _within(other.title, all_one)),
        "creators": 0.5 if names is None else names,
        "creators_unknown": float(names is None),
        "year_next": float(years == 1),
        "year_apart": float(years is not None and years > 1),
        "host": 0.5 if host is None else host,
        "host_unknown": float(host is None),
        "host_kind": _kinds(one.host, other.host),
        "words": sum(map(len, shared)) / max(1, sum(map(len, either))),
        "words_set": fuzz.token_set_ratio(" ".join(all_one), " ".join(all_other)) / 100,
        "numbers": float(_numbers(one) == _numbers(other)),
        "parts": float(numbering(one.title) != numbering(other.title)),
        "creators_within": _creators_within(one, other, all_one, all_other),
        "creators_more": min(more, _MOST_MORE) / _MOST_MORE,
        "common": common,
        "common_creators": common * (0.5 if names is None else names),
        "title_same": same,
        "title_creators_same": same * family,
    }


def identified(one: Traits, other: Traits) -> dict[str, float]:
    """Return the features of identifiers, numbers and abstract; their weights are given."""
    alike = _title_alike(one, other)
    known = {
        "doi": (one.dois, other.dois),
        "handle": (one.handles, other.handles),
        "isbn": (one.isbns, other.isbns),
        "issn": (one.issns, other.issns),
        "origin": (one.origins, other.origins),
        "volume": ({one.volume} - {""}, {other.volume} - {""}),
        "page": ({one.page} - {""}, {other.page} - {""}),
    }
    found = {}
    for name, (ours, theirs) in known.items():
        both = bool(ours) and bool(theirs)
        same = both and not ours.isdisjoint(theirs)
        # A chapter carries identifiers of its book: with another title they say nothing.
        found[f"{name}_same"] = float(same and alike)
        found[f"{name}_apart"] = float(both and not same)
    if one.early != other.early:
        found["doi_apart"] = 0.0
    abstract = 0.0
    if len(one.abstract) > _LONG_ABSTRACT and len(other.abstract) > _LONG_ABSTRACT:
        abstract = Indel.normalized_similarity(one.abstract, other.abstract) - _LIKE_ABSTRACT
    return {**found, "abstract": abstract}


def telling(words: Sequence[str]) -> list[str]:
    """Return the words that say something: not articles, prepositions and the like."""
    return [word for word in words if word not in _EMPTY]


def hosts(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Return how alike two journals, books or conferences are called, from 0 to 1; None: unknown.

    Abbreviated words and initials count as the words that they stand for.
    """
    if not one or not other:
        return None
    first, second = " ".join(one), " ".join(other)
    loose = fuzz.token_set_ratio(first, second) / 100
    strict = fuzz.token_sort_ratio(first, second) / 100
    if _initials(one, other) or _initials(other, one):
        strict = max(strict, 0.9)
    begun = (_begun(one, other) + _begun(other, one)) / 2
    return max(strict, 0.8 * begun, 0.7 * loose)


def _begun(words: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of words that begin one of the other's, or the other way round."""
    said = telling(words)
    found = sum(
        any(
            word[:3] == theirs[:3] and (word.startswith(theirs) or theirs.startswith(word))
            for theirs in other
        )
        for word in said
    )
    return found / max(1, len(said))


def _title_alike(one: Traits, other: Traits) -> bool:
    return fuzz.token_set_ratio(" ".join(one.title), " ".join(other.title)) / 100 >= _LIKE_TITLE


def _taken(title: list[str], name: list[str]) -> list[list[str]]:
    """Take a name out of a title; also one whose given names are initials on one side."""
    place = _place(title, name)
    if place > 0:
        del title[place : place + len(name)]
        return [name]
    if len(name) < 2 or len(name[-1]) < 4:
        return []
    start = place = _place(title, name[-1:])
    initials = {word[0] for word in name[:-1]}
    while start > 1 and title[start - 1][0] in initials and start > place - len(name):
        start -= 1
    if place < 2 or start == place:
        return []
    taken = title[start : place + 1]
    del title[start : place + 1]
    return [taken]


def _place(words: list[str], sought: list[str]) -> int:
    """Return where some words stand behind the first one; -1 where they do not."""
    size = len(sought)
    for start in range(1, len(words) - size + 1):
        if words[start : start + size] == sought:
            return start
    return -1


def _all(one: Traits) -> list[str]:
    words = [*one.title, *(word for name in one.creators for word in name), *one.host]
    return [*words, str(one.year)] if one.year is not None else words


def _names(one: Traits, other: Traits) -> float | None:
    """Return the share of family names that both have, misspelt ones too; None: unknown."""
    if not one.creators or not other.creators:
        return None
    ours, theirs = [n[-1] for n in one.creators], [n[-1] for n in other.creators]
    return (_known(ours, theirs) + _known(theirs, ours)) / 2


def _known(names: list[str], among: list[str]) -> float:
    there = set(among)
    found = sum(
        name in there or any(JaroWinkler.similarity(name, one) > ALIKE for one in among)
        for name in names
    )
    return found / len(names)


def _years(one: Traits, other: Traits, all_one: list[str], all_other: list[str]) -> int | None:
    if one.year is not None and other.year is not None:
        return abs(one.year - other.year)
    ours = [found for word in all_one if (found := year_of(word))]
    theirs = [found for word in all_other if (found := year_of(word))]
    return min((abs(x - y) for x in ours for y in theirs), default=None)


def _within(words: Sequence[str], among: Sequence[str]) -> float:
    said = set(words) - _EMPTY
    there = set(among)
    whole = sum(map(len, said))
    return sum(len(word) for word in said if word in there) / whole if whole else 0.0


def _creators_within(one: Traits, other: Traits, all_one: list[str], all_other: list[str]) -> float:
    ours = [word for name in one.creators for word in name if len(word) > 1]
    theirs = [word for name in other.creators for word in name if len(word) > 1]
    if not ours or not theirs:
        return 0.5
    return (_within(ours, all_other) + _within(theirs, all_one)) / 2


def _numbers(one: Traits) -> frozenset[str]:
    return frozenset(word for word in one.title if word.isdigit())


def _initials(words: Sequence[str], other: Sequence[str]) -> bool:
    initials = "".join(word[0] for word in other if word not in _EMPTY)
    return any(len(word) > 2 and (word == initials or word in initials) for word in words)


def _kinds(one: Sequence[str], other: Sequence[str]) -> float:
    ours = {kind for kind, words in _KINDS.items() if not words.isdisjoint(one)}
    theirs = {kind for kind, words in _KINDS.items() if not words.isdisjoint(other)}
    if not ours or not theirs:
        return 0.0
    return 1.0 if ours & theirs else -1.0
