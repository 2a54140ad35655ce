"""The values of records lie packed together, and some are replaced without touching the others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harvester.catalogue.forward import CHUNK, Forward, chunk_of
from harvester.catalogue.packing import CODES, pack

VALUES = st.lists(st.builds(pack, st.sampled_from(sorted(CODES)), st.integers(1, 99)), max_size=5)


@given(
    st.dictionaries(st.integers(0, CHUNK - 1), VALUES),
    st.dictionaries(st.integers(0, CHUNK - 1), VALUES),
)
def test_replaced_is_as_packed_anew(
    before: dict[int, list[int]], changed: dict[int, list[int]]
) -> None:
    def packed(records: dict[int, list[int]]) -> Forward:
        chunk = chunk_of(records.get(number, []) for number in range(CHUNK))
        return Forward({0: chunk} if chunk.values else {})

    assert packed(before).replacing(changed).chunks == packed(before | changed).chunks
