"""`/search.atom`: any search as a feed, read by feedparser and held against RFC 4287."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from feedparser.api import parse
from lxml import etree

from harvester.catalogue.store import Entry, open_catalogue, put
from harvester.explorer import feed, serve
from harvester.model import Abstract, Agent, Keyword, Record
from tests.explorer import shelf
from tests.explorer.conftest import Get, Page
from tests.explorer.reading import link

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = {"title", "id", "updated", "author", "generator", "link", "entry"}
ENTRY = {
    "title", "id", "updated", "published", "author", "link", "category", "summary",
}  # fmt: skip

Ask = Callable[[str], Awaitable[Any]]


def hold(body: bytes) -> Any:
    """Hold a feed against what RFC 4287 asks of it (sections 4.1.1 and 4.1.2); gives its root."""
    root = etree.fromstring(body)
    assert root.tag == f"{ATOM}feed"
    own = [one.tag.removeprefix(ATOM) for one in root if one.tag.startswith(ATOM)]
    assert set(own) <= FEED
    for node in (root, *root.findall(f"{ATOM}entry")):
        for once in ("title", "id", "updated"):
            assert len(node.findall(f"{ATOM}{once}")) == 1, once
            assert node.findtext(f"{ATOM}{once}")
        for name in ("updated", "published"):
            for moment in node.findall(f"{ATOM}{name}"):
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moment.text or "")
        for author in node.findall(f"{ATOM}author"):
            assert author.findtext(f"{ATOM}name")
        for address in node.findall(f"{ATOM}link"):
            assert (address.get("href") or "").startswith("http://localhost/")
        alternates = [
            (one.get("type"), one.get("hreflang"))
            for one in node.findall(f"{ATOM}link")
            if one.get("rel") == "alternate"
        ]
        assert len(alternates) == len(set(alternates))
    assert root.findall(f"{ATOM}author")  # else every entry would need one
    assert [one.get("rel") for one in root.findall(f"{ATOM}link")].count("self") == 1
    for entry in root.findall(f"{ATOM}entry"):
        assert {one.tag.removeprefix(ATOM) for one in entry} <= ENTRY
        assert len(entry.findall(f"{ATOM}summary")) <= 1
        assert all(one.get("term") for one in entry.findall(f"{ATOM}category"))
    return root


async def read(get: Ask, path: str) -> Any:
    response = await get(path)
    assert response.status_code == 200, response.text[:500]
    assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"
    hold(response.content)
    parsed = parse(response.content)
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    return parsed


async def test_a_search_as_a_feed(get: Get) -> None:
    parsed = await read(get, "/search.atom?q=externalisation&sort=title")
    assert parsed.feed.title == "externalisation – Social-science literature of the Benelux"
    assert parsed.feed.id == "tag:benelux-harvester,2026:search:q=externalisation"
    (entry,) = parsed.entries
    assert entry.id == f"tag:benelux-harvester,2026:record:{shelf.SEED.id}"
    assert entry.title == shelf.SEED.title
    assert entry.title_detail.language == "fr"
    assert entry.title_detail.type == "text/plain"
    assert entry.link == f"http://localhost/record/{shelf.SEED.id}"
    assert entry.author == "Gérard, Julie"
    assert entry.summary == shelf.SEED.abstracts[0].text
    assert (entry.published, entry.updated) == ("2026-01-02T06:00:00Z", "2026-02-02T06:00:00Z")
    assert parsed.feed.updated == entry.updated
    assert [tag.term for tag in entry.tags][:2] == [
        "journal article",
        "opérateur privé de l’emploi",
    ]


async def test_facets_and_their_words_are_those_of_the_list(get: Get) -> None:
    parsed = await read(get, "/search.atom?discipline=orbi:H11&language=fra&years=2010-")
    assert parsed.feed.title.startswith(
        "Discipline: Sociology & social sciences, Language: French, Years: from 2010 – "
    )
    listed = (await get("/search.jsonl?discipline=orbi:H11&language=fra&years=2010-")).text
    assert len(parsed.entries) == len(listed.splitlines()) > 1


async def test_what_came_last_comes_first(get: Get) -> None:
    published = [entry.published for entry in (await read(get, "/search.atom")).entries]
    assert published == sorted(published, reverse=True)
    assert len(published) == 35


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("q=emploi&language=fra", "language=fra&q=emploi&sort=title&lang=nl"),
        ("keyword=b&keyword=a", "keyword=a&keyword=b&page=7"),
    ],
)
async def test_one_search_has_one_id(get: Get, one: str, other: str) -> None:
    first = await read(get, f"/search.atom?{one}")
    second = await read(get, f"/search.atom?{other}")
    assert first.feed.id == second.feed.id


async def test_no_id_depends_on_where_the_site_is(directory: Path, get: Get) -> None:
    moved = serve.instance(directory)
    moved._settings["base_url"] = "/library/"
    await moved.invoke_startup()
    here = await read(get, "/search.atom?q=action")
    response = await moved.client.get("/search.atom?q=action")
    there = parse(response.content)
    assert there.entries[0].link.startswith("http://localhost/library/record/")
    assert [one.id for one in there.entries] == [one.id for one in here.entries]
    assert there.feed.id == here.feed.id


async def test_it_tells_who_has_it_that_nothing_is_new(datasette: Datasette) -> None:
    path = "/search.atom?q=action"
    first = await datasette.client.get(path)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    assert date == "Thu, 12 Feb 2026 06:00:00 GMT"
    asked = [
        ({"if-none-match": tag}, 304),
        ({"if-none-match": f'"x", W/{tag}'}, 304),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": '"x"', "if-modified-since": date}, 200),
        ({"if-modified-since": date}, 304),
        ({"if-modified-since": "Sun, 15 Feb 2026 00:00:00 -0000"}, 304),
        ({"if-modified-since": "Wed, 11 Feb 2026 00:00:00 GMT"}, 200),
        ({"if-modified-since": "yesterday"}, 200),
    ]
    for headers, status in asked:
        answer = await datasette.client.get(path, headers=headers)
        assert answer.status_code == status, headers
        assert answer.headers["etag"] == tag
        assert bool(answer.content) == (status == 200)
    other = await datasette.client.get("/search.atom?q=emploi")
    assert other.headers["etag"] != tag
    head = await datasette.client.head(path)
    assert (head.headers["etag"], head.content) == (tag, b"")


async def test_a_changed_record_keeps_its_id_and_moves_its_date(tmp_path: Path) -> None:
    record = Record(id="a-1", source="a", title="Before")
    seen = []
    for title, changed in (("Before", "2026-01-01T00:00:00Z"), ("After", "2026-03-01T00:00:00Z")):
        db = open_catalogue(tmp_path)
        record.title = title
        put(db, [Entry(1, record, "2026-01-01T00:00:00Z", changed)])
        db.close()
        instance = serve.instance(tmp_path)
        await instance.invoke_startup()
        seen.append((await read(instance.client.get, "/search.atom")).entries[0])
    assert [one.title for one in seen] == ["Before", "After"]
    assert seen[0].id == seen[1].id
    assert [one.updated for one in seen] == ["2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"]


async def test_nothing_found_is_a_feed_too(get: Get, tmp_path: Path) -> None:
    parsed = await read(get, "/search.atom?q=nothingatall")
    assert parsed.entries == []
    assert parsed.feed.updated == "2026-01-28T06:00:00Z"
    open_catalogue(tmp_path).close()
    instance = serve.instance(tmp_path)
    await instance.invoke_startup()
    assert (await read(instance.client.get, "/search.atom")).feed.updated == feed.EMPTY_SINCE


async def test_it_leads_from_page_to_page(tmp_path: Path) -> None:
    db = open_catalogue(tmp_path)
    entries = [
        Entry(
            number,
            Record(id=f"a-{number}", source="a", title=f"Title {number}"),
            f"2026-01-{number % 28 + 1:02}T00:00:00Z",
            "2026-02-01T00:00:00Z",
        )
        for number in range(1, 121)
    ]
    put(db, entries)
    db.close()
    instance = serve.instance(tmp_path)
    await instance.invoke_startup()
    ids: list[str] = []
    path: str | None = "/search.atom?source=a"
    while path:
        parsed = await read(instance.client.get, path)
        assert len(parsed.entries) <= feed.ENTRIES
        ids += [entry.id for entry in parsed.entries]
        following = [one.href for one in parsed.feed.links if one.rel == "next"]
        path = following[0].removeprefix("http://localhost") if following else None
    assert len(ids) == len(set(ids)) == 120
    middle = await read(instance.client.get, "/search.atom?source=a&page=2")
    assert {one.rel: one.href.partition("?")[2] for one in middle.feed.links} == {
        "self": "source=a&page=2",
        "first": "source=a",
        "previous": "source=a",
        "next": "source=a&page=3",
        "last": "source=a&page=3",
        "alternate": "source=a&sort=added",
    }
    assert middle.feed.opensearch_totalresults == "120"
    beyond = await read(instance.client.get, "/search.atom?source=a&page=9")
    assert beyond.entries == []


HOSTILE = [
    '<script>alert("title")</script> & ]]> <b>bold</b>',
    "\u202egnitsaop",
    "a\x00b\x0bc\ufffe\uffffd",
    "&amp; &lt;i&gt;",
    "",
    "\x01",
]


async def test_hostile_texts_are_text(tmp_path: Path) -> None:
    db = open_catalogue(tmp_path)
    entries = [
        Entry(
            number,
            Record(
                id=f"a-{number}",
                source="a",
                title=text,
                creators=[Agent(text or "x"), Agent("\x01")],
                keywords=[Keyword(text or "x")],
                abstracts=[Abstract(text + "x" * 5_000_000, "eng")],
                languages=["nld"],
            ),
            f"2026-01-0{number}T00:00:00Z",
            "2026-02-01T00:00:00Z",
        )
        for number, text in enumerate(HOSTILE, start=1)
    ]
    put(db, entries)
    db.close()
    instance = serve.instance(tmp_path)
    await instance.invoke_startup()
    response = await instance.client.get("/search.atom")
    assert len(response.content) < 100_000
    root = hold(response.content)
    titles = [one.findtext(f"{ATOM}title") for one in root.findall(f"{ATOM}entry")]
    assert titles[::-1] == [
        '<script>alert("title")</script> & ]]> <b>bold</b>',
        "gnitsaop",
        "a b cd",
        "&amp; &lt;i&gt;",
        "[no title]",
        "[no title]",
    ]
    assert "<script" not in response.text
    names = [one.findtext(f"{ATOM}name") for one in root.iter(f"{ATOM}author")]
    assert None not in names


async def test_the_list_leads_to_its_feed(page: Page) -> None:
    listed = await page("/search?q=action&sort=title&page=1")
    (found,) = listed.xpath("//head/link[@type='application/atom+xml']")
    assert found.get("href") == "/search.atom?q=action"
    assert found.get("title") == "action – Social-science literature of the Benelux"
    assert link(listed, "Atom feed") == "/search.atom?q=action"
