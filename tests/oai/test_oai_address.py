"""Base URLs keep their own query, get the arguments encoded once, and give no secret away."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harvester import address
from harvester.errors import UsageError

CASES = yaml.safe_load((Path(__file__).parent.parent / "cases" / "base_urls.yml").read_text())
ASKED = "http://example.org/oai?apikey=s3cret&verb=ListRecords&resumptionToken=a%26b"
ARGUMENTS = {"verb": "ListRecords", "resumptionToken": "a&b"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["url"])
def test_a_base_url_is_asked_and_shown(case: dict[str, str]) -> None:
    read = address.read(case["url"])
    asked = address.asking(read, {"verb": "Identify"})
    assert asked == case["asked"]
    assert address.masked(case["url"]) == case["shown"]
    assert address.masked(asked) == case["shown"]


def test_user_and_password_are_decoded() -> None:
    assert address.read("https://anna:s3cret%21@example.org/oai").user == ("anna", "s3cret!")


@pytest.mark.parametrize(
    "url", ["orbi.uliege.be/oai", "ftp://x.org/", "http://", "http://x.org:port/", "http://[::1/"]
)
def test_what_is_no_base_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="no http or https address"):
        address.read(url)


def test_a_refused_address_does_not_show_its_password() -> None:
    for url in ("ftp://anna:s3cret@x.org/", "http://anna:s3cret@[::1/oai"):
        with pytest.raises(UsageError) as caught:
            address.read(url)
        assert "s3cret" not in str(caught.value)


@given(st.dictionaries(st.sampled_from(sorted(address.ARGUMENTS)), st.text(min_size=1), min_size=1))
def test_arguments_arrive_as_they_were(arguments: dict[str, str]) -> None:
    try:
        url = address.asking(address.read("http://x.org/oai?mode=oaipmh"), arguments)
    except UnicodeEncodeError:  # a lone surrogate is in no answer of a server
        return
    query = urlsplit(url).query
    assert parse_qsl(query, keep_blank_values=True) == [("mode", "oaipmh"), *arguments.items()]
    assert "+" not in query


@pytest.mark.parametrize(
    ("target", "same_host", "url"),
    [
        ("https://example.org/oai?verb=ListRecords&resumptionToken=a%26b&apikey=s3cret", True,
         "https://example.org/oai?verb=ListRecords&resumptionToken=a%26b&apikey=s3cret"),
        ("https://example.org/new", True,
         "https://example.org/new?apikey=s3cret&verb=ListRecords&resumptionToken=a%26b"),
        ("https://example.org/new?apikey=other", True,
         "https://example.org/new?apikey=other&verb=ListRecords&resumptionToken=a%26b"),
        ("https://elsewhere.org/oai", False,
         "https://elsewhere.org/oai?verb=ListRecords&resumptionToken=a%26b"),
        ("https://anna:pw@elsewhere.org", False,
         "https://elsewhere.org/?verb=ListRecords&resumptionToken=a%26b"),
    ],
    ids=["whole query", "query lost", "query changed", "other host", "other host with a user"],
)  # fmt: skip
def test_a_redirect_gets_back_what_it_lost(target: str, same_host: bool, url: str) -> None:
    assert address.redirected(ASKED, target, ARGUMENTS, same_host=same_host) == url


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://x.org/", "http:///oai"])
def test_a_redirect_to_no_server_is_refused(target: str) -> None:
    with pytest.raises(ValueError, match="no http or https"):
        address.redirected(ASKED, target, ARGUMENTS, same_host=False)
