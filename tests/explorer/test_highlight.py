"""The words of a search are marked in what was found, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from harvester.catalogue import forms
from harvester.explorer.highlight import EXCERPT, excerpt, marker


@pytest.mark.parametrize(
    ("search", "shown", "marked"),
    [
        ("controle", "Le contrôle des chômeurs", "Le <mark>contrôle</mark> des chômeurs"),
        ("CHOMEURS le", "Le chômeurs", "<mark>Le</mark> <mark>chômeurs</mark>"),
        ("migra*", "Migratie en emigratie", "<mark>Migratie</mark> en emigratie"),
        ('"action publique"', "action, publique", "<mark>action, publique</mark>"),
        ('"action publique"', "publique action", "publique action"),
        ("title:emploi", "l’emploi", "l’<mark>emploi</mark>"),
        ("a OR b -c", "a b c", "<mark>a</mark> <mark>b</mark> c"),
        ("cat", "concatenate cat", "concatenate <mark>cat</mark>"),
        ("strasse", "Straße", "<mark>Straße</mark>"),
        ("Œuvre", "une oeuvre", "une <mark>oeuvre</mark>"),
        ("migrations", "Migration, Migranten", "<mark>Migration</mark>, Migranten"),
        ("Arbeitsmarkt", "der Arbeitsmärkte", "der <mark>Arbeitsmärkte</mark>"),
        ("l'emplois", "de l’emploi", "de l’<mark>emploi</mark>"),
        ("manen", "de maan", "de <mark>maan</mark>"),
        ("werken", "gewerkt", "<mark>gewerkt</mark>"),
        ("Haus", "Häuser", "<mark>Häuser</mark>"),
        ('"migrations"', "Migration", "Migration"),
        ("migrations*", "Migration", "Migration"),
        ("-migrations", "Migration", "Migration"),
        ("ecole", "e\u0301cole", "<mark>e\u0301cole</mark>"),
        ("b", "<b>b</b>", "&lt;<mark>b</mark>&gt;<mark>b</mark>&lt;/<mark>b</mark>&gt;"),
        ("ﬁn", "la ﬁn", "la <mark>ﬁn</mark>"),
        ("", "text", "text"),
        ("-text", "text", "text"),
        (".*", "text", "text"),
    ],
)
def test_words_are_marked(search: str, shown: str, marked: str) -> None:
    assert marker(search)(shown) == Markup(marked)


def test_a_stem_begins_as_its_word_does() -> None:
    """So that only words that begin so need be stemmed."""
    text = (Path(__file__).parent.parent / "cases" / "shelf.yml").read_text(encoding="utf-8")
    for word in set(forms.words(text)):
        for stem in forms.stems(word):
            plain = forms.plain(word)
            assert stem[1] == plain[0] or plain.startswith("ge"), (word, stem)


@given(st.text(max_size=60), st.text(max_size=120))
def test_marking_changes_nothing_but_adds_marks(search: str, shown: str) -> None:
    marked = marker(search)(shown)
    assert Markup(re.sub("</?mark>", "", marked)).unescape() == shown


@given(st.text(max_size=30), st.text(max_size=400))
def test_an_excerpt_is_a_part_of_the_text(search: str, shown: str) -> None:
    part = excerpt(search, shown).removeprefix("…").removesuffix("…")
    assert part in shown
    assert len(part) <= EXCERPT


def test_an_excerpt_shows_the_word() -> None:
    shown = "word " * 100 + "needle " + "word " * 100
    part = excerpt("needle", shown)
    assert part.startswith("…word")
    assert " needle " in part
    assert excerpt("hay", shown) == ""
