"""The catalogue of repositories: its rows, and how a name or an address finds one of them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from harvester import address, schemas
from harvester.errors import UsageError
from harvester.sources import Source, by_host, canonical, from_table, name_for, resolve

SHIPPED = from_table(schemas.load("sources.yml"))
PLATFORMS = {
    "orbi", "ugent-biblio", "lirias", "di-fusion", "irua", "pure", "dspace", "repub", "ojs",
    "eprints", "dataverse", "zenodo", "base", "fid-portal", "generic",
}  # fmt: skip
COUNTRIES = {"BE", "DE", "LU", "NL"}  # ISO 3166
STATES = {"live", "unknown", "closed"}

ROWS = pytest.mark.parametrize("source", SHIPPED.values(), ids=SHIPPED)


@ROWS
def test_a_row_has_the_facts_that_every_source_needs(source: Source) -> None:
    assert source.title
    assert source.institution
    assert source.country in COUNTRIES
    assert source.platform in PLATFORMS
    assert source.state in STATES


@ROWS
def test_a_row_can_be_asked_or_says_why_not(source: Source) -> None:
    assert source.urls or source.portal or source.state == "closed"
    assert source.prefixes or source.portal
    for url in source.urls:
        asked = address.read(url)
        assert (asked.url, asked.query, asked.user) == (url, "", None)


@ROWS
def test_hosts_are_written_as_they_are_looked_up(source: Source) -> None:
    assert source.hosts or source.state == "closed"
    for host in source.hosts:
        assert host == host.lower().removeprefix("www.")
        assert "/" not in host
        assert by_host(host, SHIPPED) == source
        assert by_host(f"WWW.{host}", SHIPPED) == source


@ROWS
def test_identifiers_and_codes_have_their_form(source: Source) -> None:
    for prefix in source.handle_prefixes:
        assert re.fullmatch(r"\d+(\.\d+)*", prefix)
    for code in source.base_codes:
        assert re.fullmatch(r"ft[a-z]+", code)
    if source.oai_identifier is not None:
        assert re.fullmatch(r"oai:[a-z0-9.-]+:\{handle\}", source.oai_identifier)
        assert source.handle_prefixes
    for spec, meaning in source.sets.items():
        assert isinstance(spec, str)
        assert meaning


def test_no_two_sources_share_an_address_a_handle_prefix_or_a_code() -> None:
    for values in (
        [canonical(url) for source in SHIPPED.values() for url in source.urls],
        [prefix for source in SHIPPED.values() for prefix in source.handle_prefixes],
        [code for source in SHIPPED.values() for code in source.base_codes],
        [host for source in SHIPPED.values() for host in source.hosts],
        [source.title for source in SHIPPED.values()],
    ):
        assert sorted(values) == sorted(set(values))


def test_no_source_has_the_name_that_a_foreign_address_would_get() -> None:
    for source in SHIPPED.values():
        assert source.name not in {name_for(url) for url in source.urls}


def test_base_asks_for_a_registered_address() -> None:
    base = SHIPPED["base"]
    assert base.prefixes == ["base_dc", "oai_dc"]
    assert base.aggregator
    assert base.access is not None
    assert "IP address" in base.access
    assert "\n" not in base.access


def test_the_portal_is_no_server() -> None:
    portal = SHIPPED["fid-benelux"]
    assert portal.portal
    assert portal.aggregator
    assert portal.urls == []
    assert by_host("search.fid-benelux.de", SHIPPED) == portal


@pytest.mark.parametrize("platform", ["orbi", "pure", "dspace", "base", "dataverse"])
def test_the_main_platforms_are_there(platform: str) -> None:
    assert any(source.platform == platform for source in SHIPPED.values())


@pytest.mark.parametrize(
    ("argument", "name"),
    [
        ("orbi", "orbi"),
        ("https://orbi.uliege.be/oai/request", "orbi"),
        ("http://orbi.uliege.be/oai/request/", "orbi"),
        ("https://www.orbi.uliege.be:443/oai/request", "orbi"),
        ("HTTPS://ORBI.ULIEGE.BE/oai/request", "orbi"),
        ("http://orbi.ulg.ac.be/oai/request", "orbi"),
        ("http://biblio.ugent.be/oai/", "ugent-biblio"),
    ],
)
def test_a_name_or_any_twin_of_its_address_finds_a_source(argument: str, name: str) -> None:
    assert resolve(argument, SHIPPED).name == name


@pytest.mark.parametrize(
    ("argument", "suggested"),
    [("orbbi", "orbi"), ("ORBi", "orbi"), ("ugent", "ugent-biblio"), ("liras", "lirias")],
)
def test_a_name_that_is_nearly_right_is_put_right(argument: str, suggested: str) -> None:
    with pytest.raises(UsageError, match=rf"did you mean .*\b{suggested}\b"):
        resolve(argument, SHIPPED)


def test_a_name_that_is_far_off_is_told_where_names_stand() -> None:
    with pytest.raises(UsageError, match="harvester sources"):
        resolve("zzzzzzzz", SHIPPED)


@pytest.mark.parametrize(
    "argument", ["ftp://orbi.uliege.be/oai", "http://", "https://:80/oai", "http://[::1/oai"]
)
def test_what_is_no_address_is_refused(argument: str) -> None:
    with pytest.raises(UsageError, match="no http or https address"):
        resolve(argument, SHIPPED)


def test_an_unknown_address_makes_a_source_that_its_twins_find_again() -> None:
    one = resolve("https://www.example.org/oai/", {})
    assert one == Source(
        name="example-org-oai", title="www.example.org", urls=["https://www.example.org/oai/"]
    )
    assert resolve("http://example.org/oai", {}).name == one.name
    assert resolve("http://example.org/oai", {one.name: one}) == one


@pytest.mark.parametrize(
    ("url", "folded"),
    [
        ("http://www.example.org/oai/", "example.org/oai"),
        ("https://example.org:443/oai", "example.org/oai"),
        ("http://example.org:80", "example.org"),
        ("http://example.org:8080/oai", "example.org:8080/oai"),
        ("https://user:secret@example.org/oai", "example.org/oai"),
        ("https://example.org/csw?mode=oaipmh", "example.org/csw?mode=oaipmh"),
        ("https://example.org/OAI", "example.org/OAI"),
    ],
)
def test_an_address_is_folded_to_what_its_twins_share(url: str, folded: str) -> None:
    assert canonical(url) == folded


def test_a_password_in_an_address_is_sent_to_the_configuration() -> None:
    with pytest.raises(UsageError, match=r"config\.yml") as raised:
        resolve("https://user:secret@example.org/oai", {})
    assert "secret" not in str(raised.value)
    with pytest.raises(UsageError, match=r"source ours: .*config\.yml"):
        from_table({"ours": {"urls": ["https://user:secret@example.org/oai"]}})


def test_a_key_in_an_address_stays_out_of_the_name() -> None:
    source = resolve("https://example.org/oai?apikey=4711&mode=oaipmh", {})
    assert source.name == "example-org-oai-apikey-mode-oaipmh"
    assert source.urls == ["https://example.org/oai?apikey=4711&mode=oaipmh"]


def test_a_name_that_is_taken_gets_a_suffix() -> None:
    first = resolve("https://a.b.be/oai", {})
    second = resolve("https://a-b.be/oai", {first.name: first})
    assert first.name == "a-b-be-oai"
    assert re.fullmatch(r"a-b-be-oai-[0-9a-f]{6}", second.name)
    assert resolve("https://a-b.be/oai", {first.name: first, second.name: second}) == second


def test_a_pasted_request_finds_the_source() -> None:
    asked = "https://orbi.uliege.be/oai/request?verb=ListRecords&metadataPrefix=oai_dc"
    assert resolve(asked, SHIPPED).name == "orbi"


def test_a_host_alone_finds_its_source() -> None:
    assert resolve("orbi.uliege.be", SHIPPED).name == "orbi"


@pytest.mark.parametrize("url", ["http://example.org:99999/oai", "http://[::1/oai", "http://_/"])
def test_an_own_source_with_a_bad_address_is_named(url: str) -> None:
    with pytest.raises(UsageError, match="source ours: "):
        from_table({"ours": {"urls": [url]}})


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"Bad Name": {"title": "x"}}, "Bad Name"),
        ({"orbi": "https://orbi.uliege.be"}, "must be a mapping"),
        ({"orbi": {"url": "https://orbi.uliege.be"}}, "orbi: .*url"),
        ({"orbi": {"urls": "https://orbi.uliege.be"}}, "orbi: .*urls"),
        ({"orbi": {"handle_prefixes": [2268]}}, "orbi: .*handle_prefixes"),
        ({False: {"title": "no"}}, "False"),
    ],
)
def test_a_row_that_does_not_fit_is_named(table: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        from_table(table)


def test_a_host_of_no_source_finds_none() -> None:
    assert by_host("example.org", SHIPPED) is None
    assert by_host("", SHIPPED) is None


def test_the_server_of_a_source_also_finds_it() -> None:
    assert urlsplit(SHIPPED["irua"].urls[0]).hostname not in SHIPPED["irua"].hosts
    assert by_host("anet.uantwerpen.be", SHIPPED) == SHIPPED["irua"]
