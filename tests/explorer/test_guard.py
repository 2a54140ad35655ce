"""What a public site refuses, whom it answers, and the headers of every answer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.app import Datasette

from harvester.archive import open_archive
from harvester.explorer import clients, guard, serve
from harvester.explorer.clients import Policy
from tests.explorer import shelf
from tests.explorer.conftest import Get
from tests.explorer.reading import parsed

PROXY = "127.0.0.1"
READER = "203.0.113.9"
SECRET = "48151623"
"""What SQL would give that ran."""


def client(directory: Path, policy: Policy, address: str = PROXY) -> httpx.AsyncClient:
    """A reader at an address of a site with a policy."""
    application = serve.instance(directory, policy).app()
    transport = httpx.ASGITransport(application, client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


SQL = "select+48151620%2B3+as+found"


@pytest.mark.parametrize(
    "path",
    [
        f"/catalogue?sql={SQL}",
        f"/catalogue.json?sql={SQL}",
        f"/catalogue.csv?sql={SQL}&_stream=on",
        f"/catalogue.json?s%71l={SQL}",
        f"/~63atalogue.json?sql={SQL}",
        f"/%63atalogue.json?sql={SQL}",
        "/~63atalogue/records.json?_where=1=1",
        f"/catalogue/-/query?sql={SQL}",
        f"/catalogue/-/query.json?sql={SQL}",
        f"/_internal?sql={SQL}",
        f"/_internal.json?sql={SQL}",
        f"/_memory.json?sql={SQL}",
        f"/-/sql?sql={SQL}",
        "/catalogue/records.json?_where=1=1",
        "/catalogue/records.json?_wher%65=1=1",
        "/catalogue/records?_where=1=1",
        "/catalogue/records.csv?_where=1=1",
        f"/catalogue/newest_records?sql={SQL}",
        f"/catalogue/newest_records.json?sql={SQL}",
        f"/catalogue/newest_records.csv?sql={SQL}",
        f"/catalogue/nosuch_query.json?sql={SQL}",
    ],
)
async def test_sql_is_reached_by_no_road(get: Get, path: str) -> None:
    response = await get(path)
    while response.status_code == 302:
        response = await get(response.headers["location"])
    assert response.status_code in (403, 404), response.text[:300]
    assert SECRET not in response.text


@pytest.mark.parametrize("setting", ["default_allow_sql", "allow_download", "allow_facet"])
async def test_datasette_itself_refuses_too(directory: Path, setting: str) -> None:
    assert serve.instance(directory).setting(setting) is False


@pytest.mark.parametrize("path", ["/catalogue.json?sql=select+1", "/catalogue/records?_where=1=1"])
async def test_datasette_refuses_sql_without_the_guard(
    directory: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(guard, "refused_parameters", lambda query: None)
    instance = serve.instance(directory)
    response = await instance.client.get(path)
    assert response.status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "X"])
@pytest.mark.parametrize("path", ["/search", "/catalogue/newest_records", "/catalogue", "/-/x"])
async def test_the_site_is_only_read(datasette: Datasette, method: str, path: str) -> None:
    response = await datasette.client.request(method, path, data={"sql": "select 1"})
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "name",
    [
        "versions", "settings", "plugins", "threads", "metadata", "databases", "actor", "config",
        "allow-debug", "permissions", "messages", "logout", "patterns", "auth-token", "jump",
        "rules", "check", "actions", "api", "create-token", "tables", "schemas", "debug",
    ],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["", ".json", "/", ".json?_shape=array"])
async def test_pages_for_those_who_run_the_site_are_not_public(
    get: Get, name: str, suffix: str
) -> None:
    response = await get(f"/-/{name}{suffix}")
    assert response.status_code == 404
    assert response.text == "There is no such page.\n"


async def test_pages_stay_private_below_a_base_url(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(serve.SETTINGS, "base_url", "/literature/")
    instance = serve.instance(directory)
    for path, status in [
        ("/literature/", 200),
        ("/literature/search", 200),
        ("/literature/-/versions.json", 404),
        ("/-/versions.json", 404),
        ("/literature/catalogue.json?sql=select+1", 403),
        ("/literature/-/static/app.css", 200),
    ]:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(instance.app()), base_url="http://localhost"
        ) as reader:
            assert (await reader.get(path)).status_code == status, path


@pytest.mark.parametrize("path", ["/-/static/app.css", "/-/explorer/site.css", "/favicon.ico"])
async def test_style_sheets_and_icons_are_public(get: Get, path: str) -> None:
    assert (await get(path)).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/archive", "/archive.json", "/archive/pages", "/archive.db", "/catalogue.db", "/harvest.log",
     "/../archive.db", "/-/static/../../archive.db", "/-/static/%2e%2e/%2e%2e/archive.db",
     "/-/static-plugins/harvester/../../archive.db"],
)  # fmt: skip
async def test_the_archive_and_the_files_are_out_of_reach(tmp_path: Path, path: str) -> None:
    shelf.fill(tmp_path)
    open_archive(tmp_path).close()
    async with client(tmp_path, Policy()) as reader:
        response = await reader.get(path)
    assert response.status_code in (403, 404)
    assert not response.content.startswith(b"SQLite format 3")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8001", 200),
        ("127.0.0.1:8001", 200),
        ("[::1]:8001", 200),
        ("literature.example.org", 200),
        ("LITERATURE.example.org:443", 200),
        ("evil.example", 421),
        ("literature.example.org.evil.example", 421),
        ("evil.literature.example.org", 421),
        ("127.0.0.1.evil.example", 421),
        ("203.0.113.77", 421),
        ("evil.example/literature.example.org", 400),
        ("user@literature.example.org", 400),
        ("", 400),
    ],
)
async def test_only_its_own_names_are_answered(directory: Path, host: str, status: int) -> None:
    async with client(directory, Policy(hosts=("literature.example.org",))) as reader:
        response = await reader.get("/search", headers={"Host": host})
    assert response.status_code == status
    if status == 421:
        assert response.text.startswith("This site does not answer to ")
        assert response.text.endswith(f"--allowed-host {host}\n")
    if status != 200:
        assert response.headers["content-type"] == "text/plain; charset=utf-8"


async def test_the_address_that_was_asked_is_a_name_too(directory: Path) -> None:
    application = serve.instance(directory).app()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(application), base_url="http://192.0.2.7:8001"
    ) as reader:
        assert (await reader.get("/search")).status_code == 200


async def limited(reader: httpx.AsyncClient, path: str, times: int, **headers: str) -> list[Any]:
    """Ask so many times; returns the answers that refuse."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answers = [await reader.get(path, headers=sent) for _ in range(times)]
    assert {answer.status_code for answer in answers} <= {200, 429}
    return [answer for answer in answers if answer.status_code == 429]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SEARCHES", clients.Rate(at_once=4, a_minute=1))
    monkeypatch.setattr(guard, "DOWNLOADS", clients.Rate(at_once=2, a_minute=1))


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("path", "allowed", "what"),
    [
        ("/search?q=action", 4, "searches"),
        ("/search.json?q=action", 4, "searches"),
        ("/search.atom?q=action", 4, "searches"),
        ("/catalogue/records.json?_size=1", 4, "searches"),
        ("/search.bib?q=seed", 2, "downloads of whole results"),
        ("/search.jsonl?q=seed", 2, "downloads of whole results"),
        ("/search.ris?q=seed", 2, "downloads of whole results"),
        ("/search.csv?q=seed", 2, "downloads of whole results"),
        ("/sitemap-1.xml", 2, "downloads of whole results"),
        ("/catalogue/records.csv?_stream=on&id=x", 2, "downloads of whole results"),
        ("/catalogue/records.csv?_str%65am=on&id=x", 2, "downloads of whole results"),
        ("/catalogue/records.csv?id=x&%5Fstream=on", 2, "downloads of whole results"),
        ("/catalogue/records.csv?id=_stream=on", 4, "searches"),
    ],
)
async def test_who_asks_too_often_is_told_when_to_come_again(
    directory: Path, path: str, allowed: int, what: str
) -> None:
    async with client(directory, Policy(), READER) as reader:
        refused = await limited(reader, path, allowed + 1)
        assert len(refused) == 1
        wait = int(refused[0].headers["retry-after"])
        assert 50 < wait <= 60
        assert refused[0].text == (
            f"Too many {what} from your address: 1 a minute at most. Ask again in {wait} seconds.\n"
        )
        assert (await reader.get(f"/record/{shelf.SEED.id}.bib")).status_code == 200
        assert (await reader.get("/")).status_code == 200


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    "path",
    [
        "/robots.txt",
        "/opensearch.xml",
        "/sitemap.xml",
        f"/unapi?id={shelf.SEED.id}&format=ris",
        f"/record/{shelf.SEED.id}.ris",
    ],
)
async def test_one_record_and_what_is_for_programs_is_free(directory: Path, path: str) -> None:
    async with client(directory, Policy(), READER) as reader:
        assert not await limited(reader, path, 9)
        assert not await limited(reader, "/search?q=seed", 4)
        assert not await limited(reader, "/search.bib?q=seed", 2)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
async def test_this_machine_may_ask_as_often_as_it_likes(directory: Path, address: str) -> None:
    async with client(directory, Policy(), address) as reader:
        assert not await limited(reader, "/search?q=seed", 9)
    async with client(directory, Policy(limited="all"), address) as reader:
        assert len(await limited(reader, "/search?q=seed", 9)) == 5


@pytest.mark.usefixtures("few")
async def test_nobody_is_limited_where_that_is_said(directory: Path) -> None:
    async with client(directory, Policy(limited="none"), READER) as reader:
        assert not await limited(reader, "/search?q=seed", 9)


@pytest.mark.usefixtures("few")
async def test_a_proxy_that_is_trusted_says_who_asks(directory: Path) -> None:
    async with client(directory, Policy(proxies=(PROXY,))) as reader:
        one = await limited(reader, "/search?q=seed", 5, X_Forwarded_For=READER)
        # What a reader writes there itself stands before what the proxy adds.
        forged = await limited(
            reader, "/search?q=seed", 1, X_Forwarded_For=f"198.51.100.1, {READER}"
        )
        other = await limited(reader, "/search?q=seed", 4, X_Forwarded_For="198.51.100.2")
    assert (len(one), len(forged), len(other)) == (1, 1, 0)


@pytest.mark.usefixtures("few")
async def test_a_reader_says_nothing_about_itself(directory: Path) -> None:
    for proxies in ((), ("10.0.0.0/8",)):
        async with client(directory, Policy(proxies=proxies), READER) as reader:
            refused = [
                await limited(reader, "/search?q=seed", 1, X_Forwarded_For=f"198.51.100.{number}")
                for number in range(6)
            ]
        assert sum(map(len, refused)) == 2


@pytest.mark.parametrize(("proxies", "scheme"), [((PROXY,), "https"), ((), "http")])
async def test_permalinks_have_the_scheme_that_a_trusted_proxy_tells(
    directory: Path, proxies: tuple[str, ...], scheme: str
) -> None:
    headers = {"X-Forwarded-Proto": "https", "Host": "literature.example.org"}
    async with client(directory, Policy(("literature.example.org",), proxies)) as reader:
        page = await reader.get(f"/record/{shelf.SEED.id}", headers=headers)
    assert f'href="{scheme}://literature.example.org/record/{shelf.SEED.id}"' in page.text


async def test_a_long_address_is_refused_at_once(get: Get) -> None:
    response = await get("/search?q=" + "a" * 16_000)
    assert response.status_code == 414
    assert response.text == "This address is too long: 16,000 bytes at most.\n"
    assert (await get("/search?q=" + "a" * 15_000)).status_code == 200
    assert (await get("/" + "a" * 20_000)).status_code == 414


async def test_so_are_too_many_parameters(get: Get) -> None:
    assert (await get("/search?" + "&".join(["keyword=a"] * 500))).status_code == 200
    response = await get("/search?" + "&".join(["keyword=a"] * 501))
    assert response.status_code == 400
    assert "too many parameters" in response.text


@pytest.mark.parametrize(
    "path",
    ["/", "/search", "/search.atom", "/search.nope", f"/record/{shelf.SEED.id}", "/status",
     "/robots.txt", "/sitemap.xml", "/sitemap-1.xml", "/sitemap-9.xml", "/opensearch.xml",
     f"/unapi?id={shelf.SEED.id}", f"/unapi?id={shelf.SEED.id}&format=ris", "/unapi?format=x",
     "/nope/x"],
)  # fmt: skip
async def test_our_pages_run_only_what_carries_the_nonce_of_the_answer(get: Get, path: str) -> None:
    nonces = set()
    for _ in range(2):
        (policy,) = (await get(path)).headers.get_list("content-security-policy")
        directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
        found = re.findall(r"'nonce-([\w-]{20,})'", directives["script-src"])
        assert found == re.findall(r"'nonce-([\w-]{20,})'", directives["style-src"])
        assert len(found) == 1
        nonces |= set(found)
        assert directives["default-src"] == "'none'"
        assert "unsafe" not in policy
    assert len(nonces) == 2


async def test_the_script_within_a_page_carries_its_nonce(get: Get) -> None:
    response = await get(f"/record/{shelf.SEED.id}")
    (nonce,) = parsed(response.text).xpath("//script[not(@src)]/@nonce")
    assert f"script-src 'self' 'nonce-{nonce}'" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    ["/", "/search", "/search.bib", "/search.ris", "/search.csv", "/search.atom", "/search.json",
     "/robots.txt", "/sitemap.xml", "/sitemap-1.xml", "/opensearch.xml", "/unapi", "/catalogue",
     "/catalogue/records", "/catalogue/records.json", "/-/versions", "/nope", "/-/static/app.css",
     "/?" + "&" * 999],
)  # fmt: skip
async def test_every_answer_has_each_header_once(get: Get, path: str) -> None:
    headers = (await get(path)).headers
    for name in (
        "content-security-policy",
        "permissions-policy",
        "referrer-policy",
        "x-content-type-options",
    ):
        assert len(headers.get_list(name)) == 1, (name, headers.get_list(name))
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_datasettes_own_pages_get_the_laxest_policy_they_need(get: Get) -> None:
    policy = (await get("/catalogue/records")).headers["content-security-policy"]
    assert "script-src 'self' 'unsafe-inline';" in policy
    assert "object-src 'none'" in policy


async def test_no_cookie_is_set(get: Get) -> None:
    for path in ("/", "/search", "/catalogue/records", "/catalogue", "/nope"):
        assert "set-cookie" not in (await get(path)).headers
