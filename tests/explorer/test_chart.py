"""Records per year as bars."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.catalogue.facets import FacetValue
from harvester.explorer.chart import MOST_BARS, Chart, years_chart


def chart(counts: dict[int, int]) -> Chart | None:
    values = [FacetValue(str(year), str(year), count) for year, count in counts.items()]
    return years_chart(values, lambda first, last: f"{first}-{last}")


@pytest.mark.parametrize("counts", [{}, {2019: 5}])
def test_fewer_than_two_years_are_no_chart(counts: dict[int, int]) -> None:
    assert chart(counts) is None


def test_each_year_has_a_bar_that_leads_to_it() -> None:
    drawn = chart({2018: 1, 2019: 4})
    assert drawn is not None
    assert [(bar.label, bar.height, bar.path) for bar in drawn.bars] == [
        ("2018", 25, "2018-2018"),
        ("2019", 100, "2019-2019"),
    ]
    assert drawn.last == 2019


def test_many_years_share_bars() -> None:
    drawn = chart({1850: 1, 1999: 1, 2003: 1, 2020: 6})
    assert drawn is not None
    assert [(bar.label, bar.count) for bar in drawn.bars] == [
        ("1850–1854", 1), ("1995–1999", 1), ("2000–2004", 1), ("2020–2024", 6),
    ]  # fmt: skip


@given(st.dictionaries(st.integers(0, 9999), st.integers(1, 10**6), min_size=2))
def test_every_record_is_in_one_bar(counts: dict[int, int]) -> None:
    drawn = chart(counts)
    assert drawn is not None
    assert sum(bar.count for bar in drawn.bars) == sum(counts.values())
    assert len(drawn.bars) <= MOST_BARS
    assert drawn.first <= min(counts)
    assert drawn.last == max(counts)
    for bar in drawn.bars:
        assert 0 <= bar.x < drawn.width
        assert 0 < bar.height <= 100
        first, last = map(int, bar.path.removeprefix("-").split("-"))
        assert sum(count for year, count in counts.items() if first <= year <= last) == bar.count
