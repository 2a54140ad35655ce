"""The forward index: some records get other values, and all of it is stored and read again."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from harvester.catalogue.forward import CHUNK, NAMES, Forward, decoded
from harvester.catalogue.packing import pack

NUMBERS = st.integers(0, 3 * CHUNK)
VALUES = st.lists(st.builds(pack, st.sampled_from(NAMES), st.integers(1, 99)), max_size=5)
RECORDS = st.dictionaries(NUMBERS, VALUES, min_size=1)


def held(forward: Forward) -> dict[int, list[int]]:
    return {number: sorted(forward.of(number)) for number in range(3 * CHUNK + 1)}


def expected(records: Mapping[int, list[int]]) -> dict[int, list[int]]:
    return {number: sorted(records.get(number, [])) for number in range(3 * CHUNK + 1)}


@given(RECORDS, RECORDS)
def test_replaced_values_stand_beside_those_of_other_records(
    before: dict[int, list[int]], changed: dict[int, list[int]]
) -> None:
    forward = Forward().replacing(before)
    assert held(forward) == expected(before)
    assert held(forward.replacing(changed)) == expected(before | changed)


@given(RECORDS)
def test_what_is_stored_is_read_as_it_was(records: dict[int, list[int]]) -> None:
    forward = Forward().replacing(records)
    assert held(decoded(forward.chunks())) == held(forward)


def test_a_record_may_have_more_values_than_two_bytes_count() -> None:
    many = [pack("keyword", row) for row in range(1, 70_001)]
    forward = Forward().replacing({1: many, 2: [pack("keyword", 1), pack("creator", 2)]})
    assert held(decoded(forward.chunks())) == held(forward)
    assert forward.of(1) == many
