"""Records per year as bars that lead to their years."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from harvester.catalogue.facets import FacetValue

MOST_BARS = 48
LEAST_BARS = 12
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_BAR_WIDTH = 10
_LEAST_HEIGHT = 4


class Bar(msgspec.Struct, frozen=True):
    """One bar: its place from the left, its height of 100, and the years it stands for."""

    x: int
    height: int
    label: str
    count: int
    path: str
    chosen: bool


class Chart(msgspec.Struct, frozen=True):
    """All bars of a chart that is 100 high, with the years at its two ends."""

    width: int
    bars: list[Bar]
    first: int
    last: int


def years_chart(
    values: Iterable[FacetValue],
    path: Callable[[int, int], str],
    chosen: tuple[int | None, int | None] | None = None,
) -> Chart | None:
    """Draw the values of the facet `year`; several years share a bar where there are many.

    Args:
        values: the years with their counts, in any order.
        path: gives the address for a first and a last year.
        chosen: the years that the query asks for.

    Returns:
        The chart, or None for fewer than two years.
    """
    counts = {int(value.value): value.count for value in values if value.count}
    if len(counts) < 2:
        return None
    first, last = min(counts), max(counts)
    step = next((step for step in _STEPS if (last - first) // step < MOST_BARS), _STEPS[-1])
    first = min(first - first % step, last - last % step - (LEAST_BARS - 1) * step)
    sums: dict[int, int] = {}
    for year, count in counts.items():
        start = year - (year - first) % step
        sums[start] = sums.get(start, 0) + count
    highest = max(sums.values())
    low, high = chosen or (None, None)
    bars = [
        Bar(
            x=(start - first) // step * _BAR_WIDTH,
            height=max(_LEAST_HEIGHT, round(100 * count / highest)),
            label=str(start) if step == 1 else f"{start}–{start + step - 1}",
            count=count,
            path=path(start, start + step - 1),
            chosen=chosen is not None
            and (low is None or start + step > low)
            and (high is None or start <= high),
        )
        for start, count in sorted(sums.items())
    ]
    width = ((last - first) // step + 1) * _BAR_WIDTH
    return Chart(width, bars, first, last)
