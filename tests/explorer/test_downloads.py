"""`/search.bib?…` and its like give the whole result, in the order of the list."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from bibtexparser.entrypoint import parse_string
from datasette.app import Datasette
from datasette.utils.asgi import Request

from harvester.catalogue.query import from_parameters
from harvester.catalogue.search import stream
from harvester.explorer import download, forms, serve, site
from harvester.export import Exporter, exporters
from harvester.model import Record
from tests.explorer import shelf
from tests.explorer.conftest import Get
from tests.explorer.reading import css, parsed, text


@pytest.mark.parametrize("suffix", [exporter.suffix for exporter in exporters().values()])
async def test_every_registered_form_is_served_as_its_exporter_writes_it(
    get: Get, directory: Path, suffix: str
) -> None:
    exporter = forms.by_suffix()[suffix]
    response = await get(f"/search{suffix}?language=fra&sort=title")
    assert response.headers["content-type"] == exporter.media_type
    assert response.headers["content-disposition"] == f'attachment; filename="fra-title{suffix}"'
    connection = sqlite3.connect(directory / "catalogue.db")
    query = from_parameters([("language", "fra"), ("sort", "title")])
    assert response.text == "".join(exporter.write(stream(connection, query)))
    connection.close()


async def test_bibtex_has_every_hit_and_reads_back(get: Get) -> None:
    response = await get("/search.bib")
    assert response.headers["content-type"] == "application/x-bibtex; charset=utf-8"
    library = parse_string(response.text)
    assert not library.failed_blocks
    assert {entry.key for entry in library.entries} == {
        record.citekey for record in shelf.records() if not record.deleted
    }


async def test_json_lines_are_not_cut_into_pages(get: Get) -> None:
    response = await get("/search.jsonl?page=2")
    assert len(response.text.splitlines()) == 35


async def test_json_gives_total_facets_and_one_page(get: Get) -> None:
    result = json.loads((await get("/search.json?q=action&sort=title")).text)
    assert (result["total"], result["page"], result["page_size"]) == (6, 1, 20)
    assert result["query"] == [["q", "action"], ["sort", "title"]]
    assert result["next_url"] is None
    assert result["did_you_mean"] is None
    assert result["facets"]["language"]["values"][0] == {
        "value": "fra", "label": "fra", "count": 5, "chosen": False,
    }  # fmt: skip
    assert len(result["records"]) == 6
    assert result["records"][0]["title"]


async def test_json_says_which_other_words_may_be_meant(get: Get) -> None:
    result = json.loads((await get("/search.json?q=action+contrle&language=fra")).text)
    path = "/search.json?q=action+controle&language=fra"
    assert result["did_you_mean"] == {
        "q": "action controle",
        "total": 3,
        "url": f"http://localhost{path}",
    }
    other = json.loads((await get(path)).text)
    assert (other["total"], other["did_you_mean"]) == (3, None)


async def test_json_leads_from_page_to_page(get: Get) -> None:
    first = json.loads((await get("/search.json")).text)
    assert first["next_url"] == "http://localhost/search.json?page=2"
    second = json.loads((await get("/search.json?page=2")).text)
    assert second["next_url"] is None
    ids = [record["id"] for result in (first, second) for record in result["records"]]
    assert len(ids) == len(set(ids)) == 35


@pytest.mark.parametrize(
    "path",
    ["/search.docx", "/search.tar.gz", "/search.BIB", f"/record/{shelf.SEED.id}.docx"],
)
async def test_an_unknown_form_is_not_found_in_one_clear_line(get: Get, path: str) -> None:
    response = await get(path)
    assert response.status_code == 404
    suffix = "." + path.partition(".")[2]
    (said,) = css(parsed(response.text), "main p")
    assert text(said).startswith(f"{suffix} is no form that this catalogue can write.")
    for known in (".bib", ".csv", ".json", ".jsonl", ".ris"):
        assert known in text(said)


async def test_a_record_that_is_none_has_no_form_either(get: Get) -> None:
    response = await get("/record/nope.bib")
    assert response.status_code == 404
    assert "There is no such record" in response.text


def steady(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers without the nonce, which is another one for every answer."""
    return {name: re.sub("'nonce-[^']+'", "'nonce-…'", value) for name, value in headers.items()}


@pytest.mark.parametrize("suffix", [*(one.suffix for one in exporters().values()), ".json"])
@pytest.mark.parametrize("start", ["/search", f"/record/{shelf.SEED.id}"])
async def test_head_says_the_same_of_every_form(
    datasette: Datasette, start: str, suffix: str
) -> None:
    get = await datasette.client.get(f"{start}{suffix}")
    head = await datasette.client.head(f"{start}{suffix}")
    assert (head.status_code, head.text) == (get.status_code, "")
    assert get.text
    assert steady(head.headers) == steady(get.headers)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("l%C2%B4%C3%A9tat+social", "l-etat-social"),
        ("%22%0d%0aSet-Cookie%3A+x", "set-cookie-x"),
        ("..%2F..%2Fetc", "etc"),
        ("%E4%B8%AD%E6%96%87", "publications"),
        ("a" * 500, "a" * 60),
    ],
)
async def test_the_file_is_named_after_the_query_in_plain_letters(
    get: Get, words: str, name: str
) -> None:
    response = await get(f"/search.bib?q={words}")
    assert response.headers["content-disposition"] == f'attachment; filename="{name}.bib"'


async def test_head_gives_the_headers_alone(datasette: Datasette) -> None:
    response = await datasette.client.head("/search.bib")
    assert response.headers["content-type"] == "application/x-bibtex; charset=utf-8"
    assert response.text == ""


@pytest.mark.parametrize("path", ["/search", "/search.bib", "/", "/record/x", "/status"])
async def test_nothing_can_be_written(datasette: Datasette, path: str) -> None:
    assert (await datasette.client.put(path)).status_code == 405


def slow_exporter(read: list[Record]) -> Exporter:
    """An exporter that tells what it has read, and writes a piece for each record."""

    def write(records: Iterable[Record]) -> Iterator[str]:
        for record in records:
            read.append(record)
            yield "x" * download.PIECE

    return Exporter("slow", ".slow", "text/plain; charset=utf-8", write)


def catalogue_site(directory: Path) -> site.Site:
    """The site of a data directory, not started."""
    found = site.find(serve.instance(directory))
    assert found is not None
    return found


async def answer(found: site.Site, exporter: Exporter, gone: asyncio.Event) -> list[dict[str, Any]]:
    """Download everything; the reader goes when `gone` is set. Returns what was sent."""
    sent = []

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if len(sent) == 3:
            gone.set()
        await asyncio.sleep(0)

    request = Request({"type": "http", "method": "GET", "headers": []}, receive)
    query = from_parameters([])
    await download.Download(
        found,
        request,
        exporter.media_type,
        lambda connection: exporter.write(stream(connection, query, batch=1)),
        "x",
    ).asgi_send(send)
    return sent


async def test_it_is_streamed_and_stops_when_the_reader_goes(directory: Path) -> None:
    read: list[Record] = []
    sent = await answer(catalogue_site(directory), slow_exporter(read), asyncio.Event())
    assert [message["type"] for message in sent[:2]] == [
        "http.response.start",
        "http.response.body",
    ]
    assert len(read) < 10


async def endless(directory: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> list[Any]:
    """Download with a question that never ends after so many pieces. Returns what was sent."""
    monkeypatch.setattr(download, "PAGE_LIMIT_MS", 100)
    instance = serve.instance(directory)
    await instance.invoke_startup()
    found = site.find(instance)
    assert found is not None
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    def records(connection: sqlite3.Connection) -> Iterator[Record]:
        yield from [shelf.SEED] * after
        connection.execute(
            "with recursive n (i) as (select 1 union all select i + 1 from n) select max(i) from n"
        ).fetchall()

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "csrftoken": str}
    request = Request(scope, receive)
    slow = slow_exporter([])
    answer = download.Download(
        found, request, slow.media_type, lambda connection: slow.write(records(connection)), "x"
    )
    await answer.asgi_send(send)
    assert found.places._value == site.MOST_DOWNLOADS
    return sent


async def test_a_question_that_takes_too_long_is_answered_with_a_page(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, body = await endless(directory, monkeypatch, after=0)
    assert start["status"] == 503
    assert b"This search took too long" in body["body"]


async def test_a_file_that_is_broken_off_does_not_look_whole(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    start, piece = await endless(directory, monkeypatch, after=1)
    assert (start["status"], piece["more_body"]) == (200, True)
    assert caplog.messages == ["x was cut short: a piece took too long"]


@pytest.mark.parametrize("count", [1, 2], ids=["at the end", "amidst"])
async def test_who_reads_no_more_gives_the_place_to_another(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, count: int
) -> None:
    monkeypatch.setattr(download, "STALLED_AFTER", 0.05)
    found = catalogue_site(directory)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: dict[str, Any]) -> None:
        if len(sent) == 2:
            await asyncio.Event().wait()
        sent.append(message)

    request = Request({"type": "http", "method": "GET", "headers": []}, receive)
    slow = slow_exporter([])
    await asyncio.wait_for(
        download.Download(
            found,
            request,
            slow.media_type,
            lambda connection: slow.write([shelf.SEED] * count),
            "x",
        ).asgi_send(send),
        10,
    )
    assert all(message.get("more_body") for message in sent[1:])
    assert caplog.messages == ["x was cut short: nobody read"]
    assert found.places._value == site.MOST_DOWNLOADS


async def test_who_comes_when_too_many_download_is_asked_to_come_again(
    datasette: Datasette, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = site.find(datasette)
    assert found is not None
    for _ in range(site.MOST_DOWNLOADS):
        await found.places.acquire()
    monkeypatch.setattr(download, "WAITING", 0.05)
    response = await get("/search.bib")
    assert (response.status_code, response.headers["retry-after"]) == (503, "30")
    assert "Too many downloads at once" in response.text
    assert (await get(f"/record/{shelf.SEED.id}.bib")).status_code == 200
    monkeypatch.setattr(download, "WAITING", 30)
    waiting = asyncio.ensure_future(get("/search.bib"))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    found.places.release()
    assert (await waiting).status_code == 200


async def test_downloads_leave_threads_to_pages(
    datasette: Datasette, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = threading.Event()
    go_on = threading.Event()
    at_once: list[int] = []
    busy = threading.Semaphore(0)

    def write(records: Iterable[Record]) -> Iterator[str]:
        busy.release()
        at_once.append(busy._value)
        working.set()
        assert go_on.wait(30)
        assert busy.acquire(blocking=False)
        yield "x"

    slow = Exporter("bibtex", ".bib", "text/plain; charset=utf-8", write)
    monkeypatch.setattr(forms, "exporters", lambda: {"bibtex": slow})
    downloads = [asyncio.ensure_future(get("/search.bib")) for _ in range(6)]
    try:
        while not working.is_set():
            await asyncio.sleep(0.01)
        assert (await asyncio.wait_for(get("/search"), 30)).status_code == 200
    finally:
        go_on.set()
    assert {response.text for response in await asyncio.gather(*downloads)} == {"x"}
    assert at_once == [1] * 6


async def test_nothing_is_read_for_a_reader_who_went_while_waiting(directory: Path) -> None:
    read: list[Record] = []
    gone = asyncio.Event()
    gone.set()
    found = catalogue_site(directory)
    async with found.turn:
        waiting = asyncio.ensure_future(answer(found, slow_exporter(read), gone))
        await asyncio.sleep(0.1)
    await waiting
    assert read == []


async def test_what_fails_before_the_first_piece_is_an_error_and_no_file(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(records: Iterable[Record]) -> Iterator[str]:
        raise ValueError("broken exporter")
        yield ""

    broken = Exporter("bibtex", ".bib", "text/plain", write)
    monkeypatch.setattr(forms, "exporters", lambda: {"bibtex": broken})
    instance = serve.instance(directory)
    await instance.invoke_startup()
    response = await instance.client.get("/search.bib")
    assert response.status_code == 500
    assert "content-disposition" not in response.headers
