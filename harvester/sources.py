"""The catalogue of repositories: `schemas/sources.yml` with a librarian's own sources on top."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from harvester import address
from harvester.errors import UsageError
from harvester.oai.quirks import Quirks


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A repository or aggregator.

    Attributes:
        name: the key that users type and that ids are minted from: `[a-z0-9-]+`; never changes.
        title: what readers see, such as `ORBi`.
        institution: who runs it.
        country: ISO 3166 code, upper case.
        urls: OAI-PMH base URLs; the first one is asked, the others are older or twin addresses.
        platform: the profile of `schemas/profiles/` that is assumed before evidence is seen.
        prefixes: metadata prefixes it serves that we read, the richest first.
        sets: setSpecs worth knowing, with what is in them.
        hosts: hosts of its landing pages, today's first.
        handle_prefixes: handle prefixes that belong to it alone.
        oai_identifier: its OAI identifiers, as a pattern with `{handle}`, where they follow one.
        base_codes: its source codes at BASE, such as `ftorbi`.
        aggregator: it hands on records of other repositories.
        portal: it is no OAI-PMH server: its pages are imported.
        access: what one must do before it answers, in one line.
        contact: the mail address that takes errors in its records.
        quirks: what its server does otherwise than the protocol says, as far as a person knows it.
        state: `live`, `unknown` (listed, not seen answering) or `closed`.
    """

    name: str
    title: str
    institution: str | None = None
    country: str | None = None
    urls: list[str] = []
    platform: str = "generic"
    prefixes: list[str] = msgspec.field(default_factory=lambda: ["oai_dc"])
    sets: dict[str, str] = {}
    hosts: list[str] = []
    handle_prefixes: list[str] = []
    oai_identifier: str | None = None
    base_codes: list[str] = []
    aggregator: bool = False
    portal: bool = False
    access: str | None = None
    contact: str | None = None
    quirks: Quirks = Quirks()
    state: Literal["live", "unknown", "closed"] = "live"


Sources = Mapping[str, Source]


def from_table(table: Mapping[str, Any]) -> dict[str, Source]:
    """Build the catalogue from a mapping of name to facts.

    Raises:
        UsageError: a source has a name, a field or a value that does not fit, and which.
    """
    sources = {}
    for name, facts in table.items():
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", str(name)):
            raise UsageError(f"source {name!r}: a name holds only a-z, 0-9 and single hyphens")
        if not isinstance(facts, dict):
            raise UsageError(f"source {name}: its facts must be a mapping (title: …, urls: …)")
        try:
            sources[name] = msgspec.convert({"title": name, **facts, "name": name}, Source)
            for url in sources[name].urls:
                _check(url)
            if sources[name].urls and not sources[name].prefixes:
                raise UsageError("prefixes must name at least one metadata prefix")
        except (msgspec.ValidationError, UsageError) as error:
            raise UsageError(f"source {name}: {error}") from error
    return sources


def canonical(url: str) -> str:
    """Fold a base URL to what its twins share: no scheme, no `www.`, no trailing slash.

    The result compares addresses; it is never asked.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{port}{parts.path.rstrip('/')}{query}"


def resolve(argument: str, sources: Sources) -> Source:
    """Find the source that a name, a host or a URL means; an unknown URL makes a source of its own.

    Raises:
        UsageError: no such name (with the nearest ones), or a URL that cannot be used.
    """
    if "://" not in argument:
        known = sources.get(argument) or by_host(argument, sources)
        if known is not None:
            return known
        near = difflib.get_close_matches(argument.lower(), sources, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "`harvester sources` lists them."
        raise UsageError(f"no source is named {argument!r}: {hint}")
    found = _check(argument)
    base = f"{found.url}?{found.query}" if found.query else found.url
    for source in sources.values():
        if any(canonical(url) == canonical(base) for url in source.urls):
            return source
    name = name_for(base)
    if name in sources:
        name = f"{name}-{hashlib.sha256(canonical(base).encode()).hexdigest()[:6]}"
    return Source(name=name, title=found.host, urls=[base])


def name_for(url: str) -> str:
    """Derive a source name from a base URL: the same for its twins, and without its secrets."""
    return re.sub(r"[^a-z0-9]+", "-", canonical(address.masked(url)).lower()).strip("-")


def _check(url: str) -> address.Address:
    found = address.read(url)
    if found.user is not None:
        raise UsageError(
            f"{address.masked(url)} must not hold user and password: "
            "write them into config.yml under `credentials`"
        )
    if not name_for(url):
        raise UsageError(f"{url!r} is no http or https address of an OAI-PMH server")
    return found


def is_loopback(source: Source) -> bool:
    """Say whether the source's server runs on this machine."""
    host = urlsplit(source.urls[0]).hostname if source.urls else None
    return host in ("localhost", "127.0.0.1", "::1")


def by_host(host: str, sources: Sources) -> Source | None:
    """Return the source whose landing pages or server live on this host, if one does."""
    host = host.lower().removeprefix("www.")
    for source in sources.values():
        if host in source.hosts or any(
            (urlsplit(url).hostname or "").removeprefix("www.") == host for url in source.urls
        ):
            return source
    return None
