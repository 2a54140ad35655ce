from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint

import msgspec
import pytest

from harvester import export, registry
from harvester.errors import HarvesterError
from harvester.export import Exporter, exporters, jsonl
from harvester.model import Keyword, Record

NOT_AN_EXPORTER = "text"


def shout(records: Iterable[Record]) -> Iterator[str]:
    for record in records:
        yield record.title.upper() + "\n"


SHOUT = Exporter("shout", ".txt", "text/plain; charset=utf-8", shout)
SECOND_SHOUT = Exporter("shout", ".shout", "text/plain; charset=utf-8", shout)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    points: list[EntryPoint] = []
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    exporters.cache_clear()
    yield points
    exporters.cache_clear()


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, f"{__name__}:{value}", export.GROUP)


def test_the_built_in_formats_are_there() -> None:
    assert {"bibtex", "jsonl"} <= set(exporters())


def test_a_third_party_adds_a_format(installed: list[EntryPoint]) -> None:
    installed.append(point("shout", "SHOUT"))
    assert list(exporters()["shout"].write([Record(source="s", title="a")])) == ["A\n"]


@pytest.mark.parametrize("value", ["MISSING", "NOT_AN_EXPORTER"])
def test_a_broken_format_is_named(installed: list[EntryPoint], value: str) -> None:
    installed.append(point("shouting", value))
    with pytest.raises(HarvesterError, match=r"shouting = .* uninstall") as caught:
        exporters()
    assert "\n" not in str(caught.value)


def test_two_formats_of_one_name_are_an_error(installed: list[EntryPoint]) -> None:
    installed += [point("shout", "SHOUT"), point("shout", "SECOND_SHOUT")]
    with pytest.raises(HarvesterError, match="has that name already"):
        exporters()


def test_a_format_goes_by_the_name_of_its_entry(installed: list[EntryPoint]) -> None:
    installed.append(point("whisper", "SHOUT"))
    with pytest.raises(HarvesterError, match="calls itself shout"):
        exporters()


def test_a_package_that_is_installed_twice_is_no_conflict(installed: list[EntryPoint]) -> None:
    installed += [point("shout", "SHOUT"), point("shout", "SHOUT")]
    assert list(exporters()) == ["shout"]


def test_json_lines_hold_the_whole_record_and_no_empty_field() -> None:
    records = [
        Record(id="s-1", source="s", title="a\nb\u2028c", keywords=[Keyword("é")]),
        Record(id="s-2", source="s", deleted=True),
    ]
    chunks = list(jsonl.write(records))
    assert [chunk.count("\n") for chunk in chunks] == [1, 1]
    assert [msgspec.json.decode(chunk, type=Record) for chunk in chunks] == records
    assert msgspec.json.decode(chunks[1]) == {"id": "s-2", "source": "s", "deleted": True}
