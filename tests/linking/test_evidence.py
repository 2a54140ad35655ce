"""Comparing two records: the same either way, and every part of it told."""

from __future__ import annotations

import math
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.linking import blocking, grouping, weighing
from harvester.linking.evidence import compare, hosts, settle
from harvester.linking.traits import (
    MOST_CHARACTERS,
    MOST_PARALLELS,
    Traits,
    numbering,
    traits,
)
from harvester.linking.wording import fold
from harvester.model import Agent, Container, Identifiers, Record, Title

WEIGHTS = weighing.load().weights
WORDS = st.sampled_from(["de", "staat", "trust", "part", "ii", "2010", "vldb", "review", "e"])
TRAITS = st.builds(
    Traits,
    title=st.lists(WORDS, max_size=6).map(tuple),
    creators=st.lists(st.lists(WORDS, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple),
    host=st.lists(WORDS, max_size=3).map(tuple),
    year=st.one_of(st.none(), st.integers(1990, 2020)),
    volume=st.sampled_from(["", "1", "2"]),
    page=st.sampled_from(["", "1", "2"]),
    dois=st.sets(st.sampled_from(["10.1/a", "10.1/b"])).map(frozenset),
    about=st.sampled_from(["", "review"]),
    languages=st.sets(st.sampled_from(["nld", "fra"])).map(frozenset),
)
ARTICLE = Record(
    source="a",
    title="Vertrouwen & ongelijkheid: de rôle van het werk",
    creators=[Agent("Van den Broeck, Jan", "Van den Broeck", "Jan"), Agent("Centraal Bureau")],
    year=2012,
    container=Container("Mens en maatschappij", volume="87", pages="115–138", issn=["0025-9454"]),
    identifiers=Identifiers(doi="10.5555/ABC"),
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Œuvres & Straße — één", ("oeuvres", "strasse", "een")),
        ("การตั้งถิ่นฐาน ในเบลเยียม", ("การตังถินฐาน", "ในเบลเยียม")),
        ("हिन्दी भाषा", ("हिनदी", "भाषा")),
        ("الْمُجتمع والدولة", ("المجتمع", "والدولة")),
        ("比利時的社會學", ("比利時的社會學",)),
        ("?!", ()),
    ],
)
def test_words_of_many_alphabets(text: str, words: tuple[str, ...]) -> None:
    assert fold(text) == words


@given(one=TRAITS, other=TRAITS)
def test_the_order_of_two_makes_no_difference(one: Traits, other: Traits) -> None:
    there = compare(one, other, WEIGHTS, lambda _: 1)
    back = compare(other, one, WEIGHTS, lambda _: 1)
    assert there.score == pytest.approx(back.score)
    assert there.veto == back.veto


def test_of_very_long_values_the_beginning_is_compared() -> None:
    long = "woord " * 100_000
    found = traits(
        msgspec.structs.replace(
            ARTICLE,
            title=long,
            titles=[Title(long)] * 5000,
            creators=[Agent(long)],
            container=Container(long),
        )
    )
    assert found.title == found.host == found.creators[0] == found.parallels[-1]
    assert sum(map(len, found.title)) <= MOST_CHARACTERS
    assert len(found.parallels) == MOST_PARALLELS


@given(one=TRAITS)
def test_the_score_is_the_sum_of_what_is_told(one: Traits) -> None:
    found = compare(one, one, WEIGHTS, lambda _: 1)
    assert found.score == WEIGHTS.score(found.features)
    assert set(found.features) <= set(WEIGHTS.fitted) | set(WEIGHTS.given)


def test_what_is_compared_of_a_record() -> None:
    found = traits(ARTICLE)
    assert found == Traits(
        title=("vertrouwen", "ongelijkheid", "de", "role", "van", "het", "werk"),
        creators=(("jan", "van", "den", "broeck"), ("centraal", "bureau")),
        host=("mens", "en", "maatschappij"),
        year=2012,
        volume="87",
        page="115",
        dois=frozenset({"10.5555/abc"}),
        issns=frozenset({"0025-9454"}),
        home="a",
        people=found.people,
    )
    assert [one.family for one in found.people] == ["vandenbroeck", "centraalbureau"]


@pytest.mark.parametrize(
    ("title", "counted"),
    [
        ("The social state, part 2", {"2"}),
        ("Geschichte, Band IV", {"iv"}),
        ("History of work. II", {"ii"}),
        ("Work in 2012", set()),
        ("What I saw", set()),
    ],
)
def test_what_a_title_counts(title: str, counted: set[str]) -> None:
    assert numbering(fold(title)) == counted


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("VLDB", "Very Large Data Bases", 0.9, 1.0),
        ("J. Eur. Soc. Policy", "Journal of European Social Policy", 0.6, 1.0),
        ("Mens en maatschappij", "Journal of European Social Policy", 0.0, 0.5),
    ],
)
def test_hosts_that_are_called_otherwise(one: str, other: str, least: float, most: float) -> None:
    alike = hosts(fold(one), fold(other))
    assert alike is not None
    assert least <= alike <= most
    assert alike == hosts(fold(other), fold(one))


def test_names_journal_and_year_behind_a_title_go_where_they_belong() -> None:
    whole = Traits(
        title=fold("Trust and the welfare state"),
        creators=(("jan", "peeters"), ("eva", "maria", "muller")),
        host=fold("Social Policy"),
        year=2011,
    )
    damaged = Traits(
        title=fold("Trust and the welfare state J. Peeters E. M. Müller Social Policy 2011")
    )
    found = settle(damaged, whole)
    assert (found.title, found.host, found.year) == (whole.title, whole.host, 2011)
    assert [name[-1] for name in found.creators] == ["peeters", "muller"]
    assert settle(whole, damaged) == whole


@pytest.mark.parametrize(
    ("about", "why"), [("review", "one is a review"), ("addendum", "one is an addendum")]
)
def test_what_is_never_one_publication(about: str, why: str) -> None:
    one = Traits(title=("trust",), dois=frozenset({"10.1/a"}))
    other = msgspec.structs.replace(one, about=about)
    assert compare(one, other, WEIGHTS, lambda _: 1).veto == why
    assert not compare(other, other, WEIGHTS, lambda _: 1).veto


def test_records_of_one_publication_share_a_key() -> None:
    one = traits(ARTICLE)
    misspelt = Traits(title=one.title[:-1], creators=(("jan", "broek"), one.creators[1]), year=2013)
    assert blocking.keys(one) & blocking.keys(misspelt)


def joined(score: float, one: int, other: int) -> grouping.Joined:
    return grouping.Joined(score, one, other, f"{one} {other}")


def test_what_a_person_joined_is_judged_by_the_parts_that_are_alike() -> None:
    foes = {(1, 3), (1, 4), (2, 3), (2, 4)}
    pairs = [joined(2.0, 1, 2), joined(1.0, 3, 4), joined(math.inf, 1, 3)]
    assert grouping.groups(pairs, lambda *both: tuple(sorted(both)) in foes) == [[1, 2, 3, 4]]
    never = grouping.parted({(1, 3): True, (2, 3): False})
    assert never == {(1, 2), (2, 3)}
    assert grouping.groups(pairs, lambda *_: False, never) == [[1, 3, 4]]


def test_a_contradiction_is_found_through_others() -> None:
    said = {(1, 2): True, (2, 3): True, (4, 5): True, (3, 4): False}
    assert grouping.contradiction(said) is None
    assert grouping.contradiction({**said, (1, 5): True}) == ((3, 4), {1, 2, 3, 4, 5})
    assert grouping.contradiction({**said, (1, 3): False}) == ((1, 3), {1, 2, 3})


@given(
    st.lists(
        st.builds(joined, st.sampled_from([1.0, 2.5]), st.integers(0, 5), st.integers(6, 11)),
        max_size=30,
        unique_by=lambda pair: (pair.one, pair.other),
    ),
    st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11))),
    st.randoms(),
)
def test_groups_do_not_depend_on_order_and_hold_no_foes(
    pairs: list[grouping.Joined], foes: set[tuple[int, int]], chance: random.Random
) -> None:
    def apart(one: int, other: int) -> bool:
        return (one, other) in foes or (other, one) in foes

    found = grouping.groups(pairs, apart)
    mixed = list(pairs)
    chance.shuffle(mixed)
    assert grouping.groups(mixed, apart) == found
    for group in found:
        assert not any(apart(one, other) for one in group for other in group if one != other)
