"""Where a record comes from: its repository, its identifier there, and who handed it on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from harvester.model import Note, Origin, Provider, RawRecord
from harvester.normalise import profile
from harvester.normalise.text import Value
from harvester.sources import Source, Sources


class Origins(msgspec.Struct, frozen=True):
    """Repositories by what gives them away.

    Attributes:
        by_base_code: by source code at BASE.
        by_handle_prefix: by handle prefix.
        by_host: by host of landing pages, without `www.`.
        patterns: (pattern of OAI identifiers with a group `handle`, repository).
        openings: what those begin with.
    """

    by_base_code: Mapping[str, Source]
    by_handle_prefix: Mapping[str, Source]
    by_host: Mapping[str, Source]
    patterns: tuple[tuple[re.Pattern[str], Source], ...]
    openings: tuple[str, ...]


class Home(msgspec.Struct, frozen=True, gc=False):
    """What is known of a record's way.

    Attributes:
        source: the repository that the record comes from, where it is known.
        identifier: its OAI identifier there, or "".
        carriers: the profiles of those who carried it here.
        provider: who handed it on, if it was handed on.
        from_agency: BASE has it from a DOI agency.
    """

    source: Source | None
    identifier: str
    carriers: tuple[str, ...]
    provider: str | None
    from_agency: bool


# Codes of BASE for what it takes from DOI agencies: `crelsevierbv`, `ftdatacite`.
_DOI_FED = re.compile(r"^(?:cr|ftdatacite|ftcrossref)")
_PREFIXED = re.compile(r"^(?P<collection>[a-z0-9]{3,60}):(?P<identifier>oai:.+|[^:]+:.+)$")
_CATALOGUE_NOISE = re.compile(
    r"^(?:originalkatalog|original catalogue|originalquelle)$", re.IGNORECASE
)
_IS_BASE = re.compile(r"\bBASE\b|Bielefeld Academic Search Engine")
_AUTHORITY = re.compile(r"[^/?#]{4,10}(?://[^/?#]{0,200})?")
_DOI_ADDRESS = re.compile(r"^https?:(?:\\?/){2}dx\.doi\.org", re.IGNORECASE)


def index(sources: Sources) -> Origins:
    """Index the catalogue of repositories by what gives a record's origin away."""
    base: dict[str, Source] = {}
    handles: dict[str, Source] = {}
    hosts: dict[str, Source] = {}
    patterns = []
    openings = []
    for source in sources.values():
        if source.aggregator or source.portal:
            continue
        for code in source.base_codes:
            base.setdefault(code, source)
        for prefix in source.handle_prefixes:
            handles.setdefault(prefix, source)
        for host in source.hosts:
            hosts.setdefault(host.removeprefix("www."), source)
        if source.oai_identifier and "{handle}" in source.oai_identifier:
            before, _, after = source.oai_identifier.partition("{handle}")
            pattern = re.compile(
                f"^{re.escape(before)}(?P<handle>\\d[\\d.]*/[^/]+){re.escape(after)}$"
            )
            patterns.append((pattern, source))
            openings.append(before)
    return Origins(base, handles, hosts, tuple(patterns), tuple(openings))


def find(
    raw: RawRecord,
    source: Source,
    groups: Mapping[str, Sequence[Value]],
    handle: str | None,
    origins: Origins,
) -> Home:
    """Find where a record comes from.

    The signs, the surest first: the OAI identifier (BASE keeps the source's own behind its
    collection code), BASE's collection code, the handle's prefix, the host of the landing page.

    Args:
        raw: for identifier and format.
        source: who handed the record out.
        groups: the record's values by element.
        handle: the record's handle.
        origins: the repositories.
    """
    is_base = raw.format == "base_dc" or _is_base(tuple(groups))
    provenance = [value.text for value in groups.get("dc:provenance", ())]
    is_portal = raw.format == "fid_portal" or source.portal
    identifier, collection = raw.identifier, ""
    if is_base:
        collection = next((value.text for value in groups.get("base_dc:collection", ())), "")
        if found := _PREFIXED.match(identifier):
            collection = collection or found["collection"]
            identifier = found["identifier"]
        else:
            identifier = identifier if identifier.startswith("oai:") else ""
    elif is_portal:
        identifier = ""
    from_agency = is_base and (
        bool(_DOI_FED.match(collection))
        if collection
        else _first_is_doi(groups.get("dc:identifier", ()))
    )
    home = _by_identifier(identifier, origins) if identifier.startswith(origins.openings) else None
    carried = is_base or is_portal or source.aggregator
    if home is None and not carried:
        home = source
    home = home or origins.by_base_code.get(collection)
    if home is None and handle:
        home = origins.by_handle_prefix.get(handle.partition("/")[0])
    if home is None:
        addresses = _addresses(groups)
        home = next((known for url in addresses if (known := _by_host(url, origins))), None)
    if not identifier and home and handle and home.oai_identifier and carried:
        identifier = home.oai_identifier.replace("{handle}", handle)
    carriers: list[str] = []
    if is_base or (is_portal and _from_base(raw.identifier, provenance)):
        carriers.append(profile.BASE)
    if is_portal:
        carriers.append(profile.PORTAL)
    provider = _provider(source, provenance, carriers) if carried else None
    return Home(home, identifier, tuple(carriers), provider, from_agency)


@lru_cache(maxsize=1024)
def _is_base(elements: tuple[str, ...]) -> bool:
    return any(element.startswith("base_dc:") for element in elements)


def _addresses(groups: Mapping[str, Sequence[Value]]) -> list[str]:
    """Return the addresses of the record's own identifiers, the best first."""
    return [
        value.text
        for element in ("base_dc:link", "dc:identifier")
        for value in groups.get(element, ())
        if value.refinement != "permalink" and value.text[:4].lower() == "http"
    ]


def _by_identifier(identifier: str, origins: Origins) -> Source | None:
    for pattern, source in origins.patterns:
        if pattern.match(identifier):
            return source
    return None


def _by_host(url: str, origins: Origins) -> Source | None:
    found = _AUTHORITY.match(url)  # what is behind it changes, the hosts are few
    return origins.by_host.get(_host(found.group())) if found else None


@lru_cache(maxsize=1024)
def _host(url: str) -> str:
    """Return the host of an address without `www.`, or "" where it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _first_is_doi(values: Sequence[Value]) -> bool:
    """Tell whether a record without a collection code begins with a DOI, as only agencies' do."""
    return bool(values) and _DOI_ADDRESS.match(values[0].text) is not None


def _from_base(identifier: str, provenance: Sequence[str]) -> bool:
    return identifier.startswith("base-") or any(_IS_BASE.search(text) for text in provenance)


def _provider(source: Source, provenance: Sequence[str], carriers: Sequence[str]) -> str:
    """Return who handed the record on: what a portal names as its source, BASE, or itself."""
    for text in provenance:
        for part in text.split(";"):
            part = part.strip()
            if part and not _CATALOGUE_NOISE.match(part):
                return part
    return "BASE" if profile.BASE in carriers else source.title


def describe(
    home: Home, raw: RawRecord, groups: Mapping[str, Sequence[Value]]
) -> tuple[Origin | None, Provider | None, list[Note]]:
    """Return origin and provider for the record, and the account."""
    notes = []
    name = home.source.title if home.source else None
    origin = None
    if name or home.identifier:
        origin = Origin(name, home.identifier or None)
        inferred = home.identifier != raw.identifier
        rule = "origin.recovered" if home.carriers and inferred else "origin.given"
        result = f"{name or ''} {home.identifier}".strip()
        certainty = 0.95 if inferred else 1.0
        notes.append(Note("origin", "header", raw.identifier, rule, result, certainty))
    for value in groups.get("base_dc:collection", ()):
        notes.append(Note("origin", value.name, value.original, "origin.given", name or ""))
    provider = Provider(home.provider) if home.provider else None
    if provider:
        told = groups.get("dc:provenance") or ()
        notes += [
            Note("provider", value.name, value.original, "origin.provider", provider.name)
            for value in told
        ] or [Note("provider", "header", raw.identifier, "origin.provider", provider.name)]
    return origin, provider, notes
