"""A file is written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.errors import HarvesterError
from harvester.files import write_whole


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "found.txt"
    path.write_text("before")

    def chunks() -> Iterator[str]:
        yield "é\n"
        assert path.read_text() == "before"
        yield "b\n"

    write_whole(chunks(), path)
    assert path.read_bytes() == "é\nb\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "found.txt"
    path.write_text("before")

    def chunks() -> Iterator[str]:
        yield "a"
        raise HarvesterError("two records share a key")

    with pytest.raises(HarvesterError, match="share a key"):
        write_whole(chunks(), path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(HarvesterError, match="cannot be written"):
        write_whole(["a"], tmp_path / "no" / "found.txt")


def test_a_device_is_written_to_and_stays() -> None:
    write_whole(["a"], Path("/dev/null"))
    assert Path("/dev/null").is_char_device()
