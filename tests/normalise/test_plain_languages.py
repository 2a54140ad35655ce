"""The language that words betray plainly is the one that weighing them finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harvester.normalise import Tables, languages


@given(data=st.data())
def test_what_is_plain_is_what_is_weighed(tables: Tables, data: st.DataObject) -> None:
    table = tables.languages
    spoken = sorted({one for known in table.by_word.values() for one in known})
    heard = data.draw(st.lists(st.sampled_from(spoken), min_size=1, max_size=3))
    words = sorted(word for word, known in table.by_word.items() if {*heard} & {*known})
    text = data.draw(st.lists(st.sampled_from([*words, "xyz"]), max_size=60))
    plain = languages._plainly(text, languages._scales(table))
    assert plain in (None, languages._weighed(text, table))


def test_most_texts_are_plain(tables: Tables) -> None:
    scales = languages._scales(tables.languages)
    for text, code in (
        ("how the readers of the library choose what they read and why", "eng"),
        ("hoe de lezers van het kleine dorp kiezen en wat ze niet lezen", "nld"),
        ("comment les lecteurs de la ville choisissent ce que vous lisez", "fra"),
    ):
        assert languages._plainly(text.split(), scales) == code
    assert languages._plainly(["xyz", "de"], scales) is None
    assert languages._plainly([], scales) is None
