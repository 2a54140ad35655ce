"""What is understood once is remembered, for each table, and not without bounds."""

from __future__ import annotations

from harvester.normalise.remembering import LONGEST, remembered


def test_a_text_is_understood_once_with_each_table() -> None:
    asked: list[tuple[str, str]] = []

    @remembered(10)
    def joined(text: str, table: str) -> str:
        asked.append((text, table))
        return text + table

    for _ in range(3):
        assert joined("a", "1") == "a1"
        assert joined("a", "2") == joined.by("2")["a"] == "a2"
    assert asked == [("a", "1"), ("a", "2")]


def test_no_more_is_kept_than_was_said() -> None:
    @remembered(10)
    def length(text: str, table: str) -> int:
        return len(text)

    for number in range(1000):
        assert length(str(number), "") == len(str(number))
        assert len(length.by("")) <= 10


def test_long_texts_are_not_kept() -> None:
    @remembered(10)
    def length(text: str, table: str) -> int:
        return len(text)

    assert length("x" * (LONGEST + 1), "") == LONGEST + 1
    assert length("x" * LONGEST, "") == LONGEST
    assert list(length.by("")) == ["x" * LONGEST]
