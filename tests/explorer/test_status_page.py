"""`/status` shows the sources, and how their last harvests went."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datasette.app import Datasette

from harvester.archive.status import SourceStatus
from harvester.catalogue.store import open_catalogue, put_sources
from harvester.explorer import serve
from tests.explorer.conftest import Page
from tests.explorer.reading import Element, css, link, parsed, text, texts


async def test_each_source_at_a_glance(page: Page) -> None:
    status = await page("/status")
    rows = {text(css(row, "th")[0]): texts(css(row, "td")) for row in css(status, "tbody tr")}
    assert list(rows) == [
        f"{title} OAI-PMH What its records hold"
        for title in (
            "Ghent University Academic Bibliography",
            "ORBi",
            "ORBilu",
            "VU Research Portal",
        )
    ]
    assert rows["ORBi OAI-PMH What its records hold"] == [
        "Complete",
        "20 Nov 2026, 03:04",
        "10",
        "3",
        "5",
        "0",
        "1",
        "0",
        "0",
    ]
    assert rows["VU Research Portal OAI-PMH What its records hold"][0] == (
        "Shorter than announced "
        "the server announced 812 records and sent 790: the next run asks again"
    )


async def test_what_goes_on_by_itself_is_told_from_what_needs_a_person(tmp_path: Path) -> None:
    page = await _page_of(
        tmp_path,
        _status("a", state="throttled", reason="wait", nights_throttled=2),
        _status("b", state="throttled", reason="wait", nights_throttled=3),
        _status("c", state="interrupted", reason="its time is up"),
        _status("d", state="partial", reason="3 records cannot be fetched", missing=2, touched=41),
    )
    states = {
        text(css(row, "th")[0]).split()[0]: css(row, ".state")[0].get("class")
        for row in css(page, "tbody tr")
    }
    assert states == {"A": "state", "B": "state bad", "C": "state", "D": "state bad"}
    assert "Told to wait; goes on by itself wait" in text(css(page, "tbody tr")[0])
    assert "Told to wait wait" in text(css(page, "tbody tr")[1])
    cells = texts(css(css(page, "tbody tr")[3], "td"))
    assert cells[0] == "Incomplete 3 records cannot be fetched"
    assert cells[2:] == ["0", "1", "2", "41", "4", "5", "2"]
    assert "2 of them need attention." in text(page)


async def test_nothing_needs_attention(tmp_path: Path) -> None:
    page = await _page_of(tmp_path, _status("a", state="interrupted", reason="its time is up"))
    assert "Nothing needs attention." in text(page)


async def test_a_catalogue_of_an_earlier_version_in_plain_datasette(tmp_path: Path) -> None:
    db = open_catalogue(tmp_path)
    put_sources(db, [_status("a", state="complete", reason=None, touched=41)])
    for column in ("last_touched", "missing"):
        db.execute(f"alter table sources drop column {column}")
    db.close()
    instance = Datasette([str(tmp_path / "catalogue.db")])
    await instance.invoke_startup()
    response = await instance.client.get("/status")
    assert response.status_code == 200
    assert texts(css(parsed(response.text), "tbody td"))[2:] == ["0", "1", "2", "0", "4", "5", "0"]


async def _page_of(directory: Path, *sources: SourceStatus) -> Element:
    db = open_catalogue(directory)
    put_sources(db, sources)
    db.close()
    instance = serve.instance(directory)
    await instance.invoke_startup()
    response = await instance.client.get("/status")
    assert response.status_code == 200
    return parsed(response.text)


def _status(name: str, **facts: Any) -> SourceStatus:
    known: dict[str, Any] = {
        "url": f"https://{name}.example/oai",
        "last_started": "2026-11-20T03:00:00Z",
        "last_complete": "2026-11-19T03:04:10Z",
        "new": 1,
        "changed": 2,
        "unchanged": 3,
        "deleted": 4,
        "live": 9,
        "gone": 9,
        "quarantined": 5,
    }
    return SourceStatus(name=name, title=name.upper(), **{**known, **facts})


async def test_it_says_how_many_need_attention(page: Page) -> None:
    assert "One of them needs attention." in text(await page("/status"))


async def test_a_source_leads_to_its_page(page: Page) -> None:
    status = await page("/status")
    assert link(status, "ORBi") == "/sources/orbi"


async def test_before_the_first_harvest(tmp_path: Path) -> None:
    open_catalogue(tmp_path).close()
    instance = serve.instance(tmp_path)
    await instance.invoke_startup()
    for path, words in [
        ("/status", "Nothing has been harvested yet."),
        ("/", "0 publications from 0 repositories"),
        ("/search", "0 publications"),
    ]:
        response = await instance.client.get(path)
        assert response.status_code == 200
        assert words in text(parsed(response.text))


async def test_a_source_leads_to_its_report(page: Page) -> None:
    status = await page("/status")
    (row,) = [row for row in css(status, "tbody tr") if text(row).startswith("ORBi ")]
    assert link(row, "What its records hold") == "/status/orbi"
