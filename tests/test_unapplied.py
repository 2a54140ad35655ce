"""The mark up to which the catalogue has everything is never too high."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harvester.unapplied import Unapplied

STEPS = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(("keep", "keep", "apply", "fail", "end", "hold"))),
    max_size=60,
)


@given(STEPS)
def test_the_mark_never_passes_a_page_that_is_not_applied(steps: list[tuple[int, str]]) -> None:
    unapplied, waiting = Unapplied(), dict[int, list[int]]()
    held: set[int] = set()
    page, stored = 0, 0
    for source, step in steps:
        mine = waiting.setdefault(source, [])
        if step == "keep":
            page += 1
            unapplied.kept(source, page)
            mine.append(page)
        elif step == "hold":
            unapplied.hold(source)
            held.add(source)
        elif step == "apply" and mine:
            applied = mine.pop(0)
            stored = max(stored, unapplied.mark({source: applied}))
            unapplied.applied({source: applied})
        elif step == "fail" and len(mine) > 1:
            mine.pop(0)  # nothing could be made of that answer; a later page is stored next
            applied = mine.pop(0)
            stored = max(stored, unapplied.mark({source: applied}))
            unapplied.applied({source: applied})
        elif step == "end":
            mine.clear()
            held.discard(source)
            stored = max(stored, unapplied.ended(source))
        left = [number for numbers in waiting.values() for number in numbers]
        assert stored < min(left, default=page + 1)
    for source in list(waiting):
        waiting[source].clear()
        stored = max(stored, unapplied.ended(source))
    if set(waiting) >= held:
        assert stored == page


def test_a_page_that_proves_something_later_holds_the_mark() -> None:
    unapplied = Unapplied()
    unapplied.kept(1, 1)
    assert unapplied.mark({1: 1}) == 1
    unapplied.applied({1: 1})
    unapplied.hold(1)
    unapplied.kept(1, 2)
    unapplied.kept(2, 3)
    assert unapplied.mark({1: 2}) == 1
    unapplied.applied({1: 2})
    assert unapplied.mark({2: 3}) == 1
    unapplied.applied({2: 3})
    assert unapplied.ended(1) == 3
