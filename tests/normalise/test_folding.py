"""What a folded term keeps: letters and digits, whatever the way that is quick for it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.normalise.folding import fold


def _kept(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text).lower()))


def test_every_character_of_the_basic_plane() -> None:
    for code in range(0x10000):
        for text in (chr(code), f"A {chr(code)}-b"):
            assert fold(text) == _kept(text), hex(code)


@given(st.text())
@settings(deadline=None)
def test_any_text(text: str) -> None:
    assert fold(text) == _kept(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("journal-Article", "journalarticle"),
        ("Société & économie", "societeeconomie"),
        ("Straße", "straße"),
        ("L’État", "letat"),
        ("ﬁscal", "fiscal"),
        ("Ελλάς", "ελλας"),
        ("snake_case 2", "snakecase2"),
    ],
)
def test_what_is_the_same_term(text: str, folded: str) -> None:
    assert fold(text) == folded
