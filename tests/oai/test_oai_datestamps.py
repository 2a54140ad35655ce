"""The watermark becomes the `from` of the next harvest: never later, always formatted right."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harvester.oai.datestamps import (
    counts_seconds,
    next_from,
    now,
    read_datestamp,
    write_datestamp,
)

CASES = yaml.safe_load((Path(__file__).parent.parent / "cases" / "datestamps.yml").read_text())
SECONDS = "YYYY-MM-DDThh:mm:ssZ"
DAYS = "YYYY-MM-DD"


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["text"]))
def test_datestamps_of_all_kinds_are_read(case: dict[str, str]) -> None:
    time = read_datestamp(case["text"])
    assert (write_datestamp(time) if time else None) == case["utc"]


def test_now_is_written_to_the_second_in_utc() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", now())
    read = read_datestamp(now())
    assert read is not None
    assert abs(read - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("granularity", "seconds"),
    [
        (SECONDS, True),
        ("yyyy-mm-ddthh:mm:ssz", True),  # digizeitschriften.de, eudml
        (" YYYY-MM-DDThh:mm:ssZ ", True),
        ("YYYY-MM-DDThh:mm:ss.sssZ", True),
        (DAYS, False),
        ("yyyy-mm-dd", False),
        ("YYYY-MM-DDThh:mmZ", False),
        ("", False),
        ("seconds", False),
    ],
)
def test_a_granularity_is_taken_for_days_in_doubt(granularity: str, seconds: bool) -> None:
    assert counts_seconds(granularity) == seconds


@pytest.mark.parametrize(
    ("watermark", "granularity", "expected"),
    [
        (None, SECONDS, None),
        ("", SECONDS, None),
        ("nonsense", SECONDS, None),
        ("0001-01-01T00:00:00Z", SECONDS, None),
        ("2026-11-23T01:00:00Z", SECONDS, "2026-11-21T23:00:00Z"),
        ("2026-11-23T01:00:00Z", DAYS, "2026-11-21"),
        ("2026-03-01T00:00:00Z", DAYS, "2026-02-27"),
        ("0300-01-05T00:00:00Z", DAYS, "0300-01-03"),
    ],
)
def test_the_next_harvest_begins_before_the_watermark(
    watermark: str | None, granularity: str, expected: str | None
) -> None:
    assert next_from(watermark, granularity) == expected


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)),
    st.sampled_from([SECONDS, DAYS, "yyyy-mm-dd", "yyyy-MM-ddThh:mm:ssz", ""]),
)
def test_windows_overlap_and_never_gape(time: datetime, granularity: str) -> None:
    time = time.replace(microsecond=0, tzinfo=UTC)
    written = next_from(write_datestamp(time), granularity)
    assert written is not None
    begins = read_datestamp(written)
    assert begins is not None
    if counts_seconds(granularity):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", written)
        assert time - begins == timedelta(hours=26)
    else:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", written)
        assert timedelta(days=2) <= time - begins < timedelta(days=3)


@given(st.datetimes(), st.integers(-23, 23))
def test_an_offset_changes_the_writing_and_not_the_time(time: datetime, hours: int) -> None:
    time = time.replace(microsecond=0)
    text = f"{time.isoformat()}{hours:+03}:00"
    read = read_datestamp(text)
    if read is not None:
        assert read.replace(tzinfo=None) == time - timedelta(hours=hours)


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_none(text: str) -> None:
    time = read_datestamp(text)
    assert time is None or time.utcoffset() == timedelta(0)
    next_from(text, SECONDS)
