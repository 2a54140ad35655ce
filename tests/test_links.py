"""Which addresses a page links to, and what is left of text where direction cannot be isolated."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester import links
from harvester.model import Identifiers


@pytest.mark.parametrize(
    ("given_", "safe"),
    [
        ("https://orbi.uliege.be/handle/2268/231953", "https://orbi.uliege.be/handle/2268/231953"),
        ("HTTP://EXAMPLE.ORG/a?b=c#d", "HTTP://EXAMPLE.ORG/a?b=c#d"),
        (" https://example.org/ ", "https://example.org/"),
        ("https://exämple.org/é", "https://exämple.org/é"),
        ("http://[2001:db8::1]/", "http://[2001:db8::1]/"),
        ("javascript:alert(1)", None),
        ("JaVaScRiPt:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("\x01javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("vbscript:x", None),
        ("file:///etc/passwd", None),
        ("//example.org/", None),
        ("/search", None),
        ("https:", None),
        ("https://", None),
        ("https:///x", None),
        ("https://[::1", None),
        ("http://a b/", None),
        ("https://example.org\\@evil.example/", None),
        ('https://example.org/"onclick="x', None),
        ("", None),
    ],
)
def test_only_http_and_https_with_a_host(given_: str, safe: str | None) -> None:
    assert links.safe(given_) == safe


@given(st.text())
def test_safe_never_fails_and_never_lets_another_scheme_through(text: str) -> None:
    url = links.safe(text)
    if url is not None:
        assert urlsplit(url).scheme in ("http", "https")
        assert not set(url) & set(" \n\t<>\"'") - {"'"}


@pytest.mark.parametrize(
    ("identifiers", "shown"),
    [
        (None, []),
        (Identifiers(doi="10.1000/(x)_y"), [("DOI", "https://doi.org/10.1000/(x)_y")]),
        (Identifiers(doi="10.1000/a b?c#d"), [("DOI", "https://doi.org/10.1000/a%20b%3Fc%23d")]),
        (Identifiers(handle="2268/1"), [("Handle", "https://hdl.handle.net/2268/1")]),
        (Identifiers(pmid="123"), [("PubMed", "https://pubmed.ncbi.nlm.nih.gov/123/")]),
        (Identifiers(arxiv="hep-th/9901001"), [("arXiv", "https://arxiv.org/abs/hep-th/9901001")]),
        (Identifiers(urn="urn:nbn:nl:ui:10-1"), [("URN", None)]),
        (Identifiers(isbn=["1", "2"]), [("ISBN", None), ("ISBN", None)]),
    ],
)
def test_identifiers_lead_to_their_resolvers(
    identifiers: Identifiers | None, shown: list[tuple[str, str | None]]
) -> None:
    assert [(one.kind, one.url) for one in links.identifiers(identifiers)] == shown


@pytest.mark.parametrize(
    ("orcid", "url"),
    [
        ("0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"),
        ("0000-0002-1694-233X", "https://orcid.org/0000-0002-1694-233X"),
        ("https://orcid.org/0000-0002-1825-0097", None),
        ("javascript:x", None),
        (None, None),
    ],
)
def test_orcid(orcid: str | None, url: str | None) -> None:
    assert links.orcid(orcid) == url


@given(st.text())
def test_plain_text_is_one_line_without_direction_marks(text: str) -> None:
    plain = links.plain(text)
    assert not [char for char in plain if unicodedata.category(char) == "Cc"]
    assert not set(plain) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069")
    assert links.plain(plain) == plain


@given(st.text())
def test_file_names_are_plain(text: str) -> None:
    name = links.file_name(text, ".bib")
    assert name.removesuffix(".bib").replace("-", "a").isalnum()
    assert name.isascii()
    assert len(name) <= 64 + 8
