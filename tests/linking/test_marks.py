"""What titles and names say by which works are told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.linking import weighing
from harvester.linking.evidence import compare
from harvester.linking.marks import marks
from harvester.linking.traits import traits
from harvester.linking.wording import shipped
from harvester.model import Agent, Record


@pytest.mark.parametrize(
    ("title", "about"),
    [
        ("Rezension zu: Die Gesellschaft der Singularitäten", "review"),
        ("Review of methods", "review"),
        ("A systematic review of methods", ""),
        ("Methods: a review", ""),
        ("H. Pirenne, Histoire de Belgique, Bruxelles, 1902, 400 pp.", "review"),
        ("Fifty pp. of praise", ""),
        ("Error correction in panel data", ""),
        ("Correction to: Panel data", "correction"),
        ("RETRACTED: Panel data", ""),
        ("Retraction: Panel data", "retraction"),
        ("Panel data: a reply", "reply"),
        ("Comment faire ?", ""),
        ("Abstract 12: Panel data", "conference abstract"),
    ],
)
def test_what_a_title_is_about(title: str, about: str) -> None:
    assert marks(title, shipped()).about == about


@pytest.mark.parametrize(
    ("title", "numbers", "parts", "edition"),
    [
        ("Histoire, tome III", {"3"}, {"3"}, ""),
        ("Histoire, première partie", {"1"}, {"1"}, ""),
        ("Jahresbericht 2001/02", {"2001", "2002"}, set(), ""),
        ("Jahresbericht 1998-2003", {"1998", "2003"}, set(), ""),
        ("De 1.000 dagen", {"1000"}, set(), ""),
        ("Onderzoeksmethoden (3e druk)", {"3"}, set(), "3"),
        ("Handboek, herziene druk", set(), set(), "revised"),
        ("World War I: a history", {"1"}, {"1"}, ""),
        ("What I saw in one town", set(), set(), ""),
        ("Work / Vijay V. Raghavan", set(), set(), ""),
        ("P12 Burnout", {"12"}, set(), ""),
        ("COVID19 and work", set(), set(), ""),
        ("Welfare (2)", {"2"}, {"2"}, ""),
    ],
)
def test_what_a_title_numbers(
    title: str, numbers: set[str], parts: set[str], edition: str
) -> None:  # fmt: skip
    found = marks(title, shipped())
    assert (set(found.numbers), set(found.parts), found.edition) == (numbers, parts, edition)


@pytest.mark.parametrize(
    ("title", "generic"),
    [
        ("Editorial", True),
        ("Van de redactie", True),
        ("Chapter 3", True),
        ("Inleiding in de sociologie", False),
        ("Congo", False),
        ("IJ", False),
    ],
)
def test_titles_that_say_nothing(title: str, generic: bool) -> None:
    assert marks(title, shipped()).generic == generic


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("Jansen, Jan", "Jansen, Piet", "the given names differ"),
        ("Jansen, Jan", "Jansen, J.", ""),
        ("Jansen, Hans", "Jansen, J.G.M.", ""),
        ("Jansen, JGM", "Jansen, Johannes", ""),
        ("Jansen, Jan", "Smit, Jan", "no creator in common"),
        ("van den Berg, Jan", "van den Broek, Piet", "no creator in common"),
        ("Vandenbroeck, Jan", "Van den Broeck, J.", ""),
        ("AlMograbi, N", "AlMoghrabi, Nouran", ""),
        ("Jans3n, Jan", "Smit, Piet", ""),
    ],
)
def test_names_of_one_work(one: str, other: str, why: str) -> None:
    found, counterpart = (
        traits(Record(source="a", title="Armoede in de stad", creators=[agent], year=2011))
        for agent in map(named, (one, other))
    )
    assert compare(found, counterpart, weighing.load().weights, lambda _: 1).veto == why


def named(name: str) -> Agent:
    family, given = name.split(", ")
    return Agent(name, family, given)


def test_librarians_add_words(tmp_path: Path) -> None:
    (tmp_path / "linking.yml").write_text("words: {about: {review: {begin: [gelezen]}}}\n")
    mine, ours = weighing.load(tmp_path), weighing.load()
    assert marks("Gelezen: Congo", mine.words).about == "review"
    assert marks("Gelezen: Congo", ours.words).about == ""
    assert weighing.fingerprint(mine) != weighing.fingerprint(ours)
    assert weighing.fingerprint(ours) == weighing.fingerprint(weighing.load())
