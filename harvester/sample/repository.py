"""The three sample repositories: their facts for the harvester, and what their servers serve."""

from __future__ import annotations

from collections.abc import Mapping

from harvester.sample.content import load
from harvester.sample.dialects import (
    BASE_DC,
    BASE_DC_SCHEMA,
    OAI_DC,
    OAI_DC_SCHEMA,
    orbi,
    pure,
    write,
)
from harvester.sample.holdings import (
    BASE,
    COLLECTIONS,
    FACULTIES,
    ORBI,
    ORBI_CODE,
    ORBI_IDENTIFIER,
    ORBI_PREFIX,
    PURE,
    PURE_CODE,
    SOCIAL,
    Held,
    holdings,
)
from harvester.sample.protocol import Format, Item, Repository
from harvester.sources import Source

PATHS = {ORBI: "/oai/request", BASE: "/oai", PURE: "/ws/oai"}
PAGE_SIZES = {ORBI: 100, BASE: 60, PURE: 50}
TITLES = {
    ORBI: "ORBi (sample)",
    BASE: "BASE (sample)",
    PURE: "University of the Low Countries (sample)",
}
COUNTRY_NAMES = {"be": "Belgium", "nl": "Netherlands", "org": "no country"}
DC_FORMAT = Format("oai_dc", OAI_DC_SCHEMA, OAI_DC)
BASE_FORMAT = Format("base_dc", BASE_DC_SCHEMA, BASE_DC)


def sources(base_urls: Mapping[str, str]) -> dict[str, Source]:
    """Describe the sample repositories as the harvester knows repositories.

    Args:
        base_urls: by name of the source the address at which it runs.

    Returns:
        By name the sources `sample-orbi`, `sample-base` and `sample-pure`; the names never change.
    """
    found = [
        Source(
            name=ORBI,
            title=TITLES[ORBI],
            institution="Université de la Haute-Meuse (invented)",
            country="BE",
            urls=[base_urls[ORBI]],
            platform="orbi",
            sets={"class_h10": "Sociology & social sciences"},
            hosts=[orbi.HOST],
            handle_prefixes=[ORBI_PREFIX],
            oai_identifier=ORBI_IDENTIFIER,
            base_codes=[ORBI_CODE],
        ),
        Source(
            name=BASE,
            title=TITLES[BASE],
            institution="A sample of what an aggregator hands on",
            country="DE",
            urls=[base_urls[BASE]],
            platform="base",
            prefixes=["base_dc", "oai_dc"],
            sets={
                "country:be": "Repositories in Belgium",
                "country:nl": "Repositories in the Netherlands",
            },
            aggregator=True,
        ),
        Source(
            name=PURE,
            title=TITLES[PURE],
            institution="University of the Low Countries (invented)",
            country="NL",
            urls=[base_urls[PURE]],
            platform="pure",
            sets={"publications:withFiles": "Publications with files"},
            hosts=[pure.HOST, pure.FILES],
            base_codes=[PURE_CODE],
        ),
    ]
    return {source.name: source for source in found}


def repositories() -> dict[str, Repository]:
    """Return what the three providers serve, by name of the source."""
    return {name: _repository(name) for name in (ORBI, BASE, PURE)}


def _repository(name: str) -> Repository:
    held = holdings()[name]
    formats = (BASE_FORMAT, DC_FORMAT) if name == BASE else (DC_FORMAT,)
    return Repository(
        name=TITLES[name],
        path=PATHS[name],
        email=f"keeper@{name}.example",
        formats=formats,
        sets=_sets(name, held),
        items=tuple(_item(record, formats) for record in held),
        page_size=PAGE_SIZES[name],
    )


def _item(held: Held, formats: tuple[Format, ...]) -> Item:
    metadata = {} if held.deleted else {known.prefix: _write(known, held) for known in formats}
    return Item(held.identifier, held.datestamp, held.sets, metadata)


def _write(known: Format, held: Held) -> str:
    values = held.values
    if known is DC_FORMAT:
        values = tuple(value for value in values if not value.element.startswith("base_dc:"))
    return write(known.prefix, values)


def _sets(name: str, held: tuple[Held, ...]) -> dict[str, str]:
    used = {spec for record in held for spec in record.sets}
    named = {spec: label for spec, label in NAMERS[name]().items() if spec in used}
    return {**PARENTS.get(name, {}), **named}


def _orbi_sets() -> dict[str, str]:
    venues, classes = load().venues, load().classes.orbi
    named = {}
    for code, faculty in {*FACULTIES.values(), SOCIAL}:
        named[f"com_{code}"] = venues.faculties["orbi"][faculty]
        named[f"col_{code}"] = f"{venues.faculties['orbi'][faculty]}: publications"
    for code, labels in classes.items():
        named[f"class_{code.lower()}"] = labels["en"]
    return dict(sorted(named.items()))


def _base_sets() -> dict[str, str]:
    named = {f"collection:{one.code}": one.name for one in COLLECTIONS.values()}
    countries = {one.country for one in COLLECTIONS.values()}
    return named | {
        f"country:{code}": f"Repositories: {COUNTRY_NAMES[code]}" for code in sorted(countries)
    }


def _pure_sets() -> dict[str, str]:
    years = {f"publications:year{year}": f"Publications of {year}" for year in range(1990, 2030)}
    return {
        "publications:all": "All publications",
        "publications:withFiles": "Publications with files",
        **years,
    }


NAMERS = {ORBI: _orbi_sets, BASE: _base_sets, PURE: _pure_sets}
PARENTS = {
    BASE: {"collection": "By repository", "country": "By country of the repository"},
    PURE: {"publications": "Publications"},
}
