"""Base URLs: their own query string, the OAI-PMH arguments added to it, and secrets kept out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

import msgspec

from harvester.errors import UsageError

TOKEN = "resumptionToken"
ARGUMENTS = frozenset(("verb", "identifier", "metadataPrefix", "from", "until", "set", TOKEN))
"""The arguments of OAI-PMH 2.0; a base URL that was pasted with some of them loses them."""
_SECRET = re.compile(r"key|token|secret|passw|pwd|auth|signature|credential|session", re.IGNORECASE)


class Address(msgspec.Struct, frozen=True):
    """A base URL in its parts.

    Attributes:
        url: scheme, host, port and path; no user, query or fragment.
        query: its own query string, such as `mode=oaipmh` (pycsw) or an API key (Rijksmuseum).
        user: user and password that stood in the URL.
    """

    url: str
    query: str = ""
    user: tuple[str, str] | None = None

    @property
    def host(self) -> str:
        """The host, with its port where it names one."""
        return urlsplit(self.url).netloc


def read(url: str) -> Address:
    """Take a base URL apart.

    Raises:
        UsageError: it is no http or https URL.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.scheme not in ("http", "https"):
        raise UsageError(f"{masked(url)!r} is no http or https address of an OAI-PMH server")
    netloc = f"[{host}]" if ":" in host else host
    if port:
        netloc += f":{port}"
    user = None
    if parts.username is not None:
        user = (unquote(parts.username), unquote(parts.password or ""))
    kept = [piece for piece in _pieces(parts.query) if _name(piece) not in ARGUMENTS]
    return Address(
        urlunsplit((parts.scheme, netloc, parts.path or "/", "", "")), "&".join(kept), user
    )


def asking(address: Address, arguments: Mapping[str, str], *, verbatim: bool = False) -> str:
    """Return the URL of a request; values are percent-encoded exactly once, a space as `%20`.

    Some servers take `+` for a plus sign, so it never stands for a space.

    Args:
        address: the server.
        arguments: the OAI-PMH arguments.
        verbatim: the resumption token is left as it is.
    """
    plain = {name: value for name, value in arguments.items() if name != TOKEN or not verbatim}
    encoded = urlencode(plain, quote_via=quote, safe="")
    if len(plain) < len(arguments):
        encoded += f"&{TOKEN}={arguments[TOKEN]}"
    return f"{address.url}?{'&'.join(filter(None, (address.query, encoded)))}"


def redirected(asked: str, target: str, arguments: Mapping[str, str], *, same_host: bool) -> str:
    """Return where a redirect leads, with the arguments put back where it lost them.

    Servers that move from http to https drop the query string (dataverse#4831, #10913).

    Args:
        asked: the URL that was redirected.
        target: the absolute URL that the server named.
        arguments: the OAI-PMH arguments.
        same_host: it may also be given the base URL's own query string, which can hold a key.

    Raises:
        ValueError: the target is no http or https URL.
    """
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("no http or https address")
    names = {_name(piece) for piece in _pieces(parts.query)}
    query = parts.query
    if "verb" not in names:
        own = [piece for piece in _pieces(urlsplit(asked).query) if _name(piece) not in ARGUMENTS]
        lost = [piece for piece in own if same_host and _name(piece) not in names]
        query = "&".join(
            filter(None, (query, *lost, urlencode(arguments, quote_via=quote, safe="")))
        )
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path or "/", query, ""))


def masked(url: str) -> str:
    """Return a URL fit to be kept and shown: no user, no OAI-PMH arguments, no secret values."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return re.sub(r"//[^/]*@", "//", url)
    pieces = [
        f"{piece.partition('=')[0]}=***" if _SECRET.search(_name(piece)) else piece
        for piece in _pieces(parts.query)
        if _name(piece) not in ARGUMENTS
    ]
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path or "/", "&".join(pieces), ""))


def _pieces(query: str) -> list[str]:
    return [piece for piece in query.split("&") if piece]


def _name(piece: str) -> str:
    return unquote(piece.partition("=")[0])
