"""No text, however long and made of whatever citations are made of, takes long to read."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.normalise import Tables, citation, numbering, references, same_journal
from harvester.normalise.cited import LONGEST, Cited, page_range
from harvester.normalise.text import Value
from tests.normalise.conftest import dialect

DEADLINE = 20_000
"""Milliseconds for all readings of one text; what is quadratic takes minutes at these lengths."""
SIZES = (LONGEST, 5_000, 100_000)
# What the patterns look for, and what they repeat.
_JOINED = (
    "0~1~7~12~1999~2014~123456789~ ~  ~,~, ~.~. ~;~ ; ~:~: ~/~ / ~//~ // ~-~ - ~–~>~'~”~“~"
    "«~»~(~)~[~]~<~>~°~№~p. ~pp. ~page ~pages:~vol. ~vol:~Vol ~volume ~Iss ~issue:~no. ~"
    "n° ~Jg. ~art. ~May ~January–March ~Sept. 2014~(2014)~(12)~12(3)~12-34~iv-xii~xxxviii~"
    "e12~S12~A~a~ab~Abc ~Journal of ~Edited by ~(eds) , ~ . ~. in ~' , ~” ~: S. ~"
    ", Springer, ~published in A~ ... : ~10.1234/~doi:~PMID: ~ISSN 1234-5678~--1234-5678~"
    "https://a/vol1~info:~Volume: ~Issue: ~ = ~;null~. - ~. – ~Proceedings~coll. « ~"
    "forthcoming"
)
FRAGMENTS = _JOINED.split("~")
# Patterns that began again at each of the repeated pieces, or did so for each author, took minutes.
WORST = (
    "A . in " + "(eds) , " * 20_000,
    "a" * 100_000 + " vol:1",
    "a" * 100_000 + " pages:1-2",
    "1" + " " * 100_000 + "2",
    "published in A" * 10_000,
    "A, 12(" * 20_000,
    "Abc ; " * 16_000 + "p. 7",
    " ; 0" * 25_000 + "<",
)


def every_reading(text: str, tables: Tables) -> None:
    """Read a text in every place where a citation may stand."""
    spoken = dialect(tables, {})
    cut = text[: len(text) // 2]
    for element, plain in (("dc:source", True), ("dc:relation", False), ("dc:identifier", False)):
        value = Value(element, "", text, None, {}, text, "", element)
        for title in ("A title of some words", cut, f"{cut}..."):
            container, _, notes = citation.read(
                [(value, plain)],
                title,
                doi_is_own=True,
                nothing=tables.no_titles,
                collections=spoken.collections,
                authors=[value] * 60,
            )
            assert all(note.original == text for note in notes)
            citation.numbered_article(container, "10.1186/1234-5678-1-2")
            citation.without_publisher(container, [cut])
        citation.in_descriptions([value])
        citation.described([value])
        citation.from_addresses(container, [value])
    for refinement in ("pages", "volume", "issue", "series"):
        value = Value("dc:source", refinement, text, None, {}, text, "", "dc:source")
        citation.read(
            [(value, True)],
            "",
            doi_is_own=False,
            nothing=tables.no_titles,
            collections=spoken.collections,
        )


def every_reading_soon(text: str, tables: Tables) -> None:
    """Read a text everywhere, in less of the processor's time than the deadline."""
    begun = time.process_time()
    every_reading(text, tables)
    assert time.process_time() - begun < DEADLINE / 1000


@st.composite
def shaped(draw: st.DrawFn) -> str:
    """Draw a text that begins somehow, repeats something very often, and ends somehow else."""
    some = st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=4).map("".join)
    size = draw(st.sampled_from(SIZES))
    head, again, tail = draw(some), draw(some), draw(some)
    return (head + again * (size // len(again)))[:size] + tail


@settings(
    max_examples=150,
    deadline=DEADLINE,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(text=shaped())
def test_no_text_takes_long(text: str, tables: Tables) -> None:
    every_reading(text.strip() or "0", tables)


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_no_repeated_fragment_takes_long(fragment: str, tables: Tables) -> None:
    every_reading_soon("A" + fragment * (SIZES[-1] // len(fragment)), tables)


@pytest.mark.parametrize("text", WORST, ids=lambda text: text[:12])
def test_none_of_the_worst_takes_long(text: str, tables: Tables) -> None:
    every_reading_soon(text, tables)


@pytest.mark.parametrize(
    "read",
    [
        numbering.read,
        lambda text: references.of(text, "Title of the record"),
        lambda text: same_journal.parse(text) or None,
    ],
)
def test_a_text_that_is_too_long_is_not_looked_through(read: Callable[[str], object]) -> None:
    text = (
        f"Title of the record. {'Journal of Long Names ' * 1_000}, vol. 12, no. 3, pp. 4-5 (2014)"
    )
    assert read(text) in (None, Cited())


@pytest.mark.parametrize("blanks", [0, 1])
def test_pages_with_blanks_around_their_dash(blanks: int) -> None:
    assert page_range(f"12{' ' * blanks}–{' ' * blanks}34") == ("12-34", "")
