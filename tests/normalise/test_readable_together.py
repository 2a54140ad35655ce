"""Values are looked at together before each is: what becomes of one must not hang on the others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harvester.model import RawValue
from harvester.normalise import text

PIECES = [
    *("a", "é", "e", " ", "  ", "\u0301", "\u0338", "\u00a0", "\u200b", "\u00ad", "\n", "\ufeff"),
    *("&amp;", "&", "<i>", "<", ">", "Ã©", "â€™", "Â", "≠", "=", "中", "\u1100\u1161", "\u0323"),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)


@given(texts=st.lists(TEXTS, max_size=5))
def test_each_value_is_read_as_if_it_were_alone(texts: list[str]) -> None:
    raw = [RawValue("dc:subject", one) for one in texts]
    together = text.read(raw).get("dc:subject", [])
    expected = [(one, *text.readable(one)) for one in texts]
    assert [(value.original, value.text, value.rule) for value in together] == [
        (original, readable, rule) for original, readable, rule in expected if readable
    ]
