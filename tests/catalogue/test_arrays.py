from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

arrays = pytest.importorskip("harvester.catalogue.arrays")

NUMBERS = st.integers(0, 2**32 - 1) | st.integers(0, 120)


@given(st.sets(NUMBERS).map(sorted) | st.lists(NUMBERS, unique=True))
def test_listed_numbers_are_read_in_any_order(numbers: list[int]) -> None:
    listed = json.dumps(numbers, separators=(",", ":"))
    assert list(arrays.bitmap_listed(listed)) == sorted(numbers)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5))))
def test_stretches_follow_each_other(pairs: list[tuple[int, int]]) -> None:
    begin, lengths = arrays.np.array(pairs, arrays.np.intp).reshape(-1, 2).T
    expected = [place for first, many in pairs for place in range(first, first + many)]
    assert arrays.stretches(begin, lengths).tolist() == expected
