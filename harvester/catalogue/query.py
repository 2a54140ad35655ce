"""What a reader asks for: words, facets and order, and their form in a URL.

How the words are read stands in `asked`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import msgspec

FACETS = (
    "keyword",
    "creator",
    "type",
    "language",
    "discipline",
    "source",
    "publisher",
    "container",
    "access",
    "peer_reviewed",
    "year",
)
SORTS = ("relevance", "newest", "oldest", "title", "added")
SHOWS = ("works", "records")
NOT = "not_"
"""Before the name of a facet: records with this value are left out."""

MOST_CHARACTERS = 1000
MOST_VALUES = 64

UNUSABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_YEAR = re.compile(r"[0-9]{1,4}")
_YEARS = re.compile(r"\s*([0-9]{1,4})?\s*[-–]\s*([0-9]{1,4})?\s*")


class Query(msgspec.Struct, frozen=True):
    """A search, with its filters and its order.

    A list of works finds each work as one document in which its live copies speak together. What is
    asked for falls into parts that stand alone: the words, each field such as `year:`, each value
    of a facet (of facets of which one value is enough, all values together), each word, field or
    value that is left out, the range of years. Each part is asked of the single records; the works
    that these are in are then joined, cut and subtracted. So a work has a value where one of its
    copies has it, and is left out where one of its copies has what is excluded; the count of a
    value is the number of works that the list has when it is chosen; and words must stand together
    in one copy. A record that is in no work stands for itself. The order is that of the records
    that lead the works, by their own years, titles and days; that of relevance is by the best
    copy. The number of a work is that of the record that leads it.

    Attributes:
        text: words in the query language; "" for all records.
        facets: the chosen values by facet name. Of `keyword`, `creator` and `discipline` a record
            must have every chosen value, of the others one of them.
        excluded: by facet name the values that no record may have.
        years: first and last year, both included; None leaves an end open.
        sort: one of `SORTS`; "" is relevance where there are words, else newest.
        deleted: tombstones too (see `harvester.catalogue.search`).
        works: hits are works, each copy of a publication in its one entry, and not single records.
    """

    text: str = ""
    facets: dict[str, tuple[str, ...]] = {}
    excluded: dict[str, tuple[str, ...]] = {}
    years: tuple[int | None, int | None] | None = None
    sort: str = ""
    deleted: bool = False
    works: bool = False


def from_parameters(pairs: Iterable[tuple[str, str]], *, works: bool = False) -> Query:
    """Read a query from the parameters of a URL or a command line.

    Parameters of another name, and years that are none, are ignored. Two sets of parameters that
    mean the same give equal queries.

    Args:
        pairs: names and values, repeated and in any order: `q`, `years`, `sort`, `show`, `FACETS`,
            and these with `not_` before them.
        works: whether works are meant where no `show` says so.
    """
    text = sort = ""
    years: tuple[int | None, int | None] | None = None
    chosen: dict[str, set[str]] = {}
    for name, given in pairs:
        if name == "q":
            text = text or UNUSABLE.sub(" ", given[:MOST_CHARACTERS]).strip()
        elif name == "years":
            years = years or parse_years(given)
        elif name == "sort":
            sort = given if given in SORTS else sort
        elif name == "show":
            works = given == "works" if given in SHOWS else works
        elif name.removeprefix(NOT) in FACETS:
            value = _facet_value(name.removeprefix(NOT), given)
            values = chosen.setdefault(name, set())
            if value and len(values) < MOST_VALUES:
                values.add(value)
    facets = {name: tuple(sorted(chosen[name])) for name in FACETS if chosen.get(name)}
    excluded = {
        name: tuple(sorted(chosen[NOT + name])) for name in FACETS if chosen.get(NOT + name)
    }
    return Query(text, facets, excluded, years, sort, works=works)


def to_parameters(query: Query, *, works: bool = False) -> list[tuple[str, str]]:
    """Write a query as parameters, in one canonical order; `deleted` has no parameter.

    Args:
        query: what is asked for.
        works: whether works are meant where no `show` says so: then that is left away.
    """
    pairs = [("q", query.text)] if query.text else []
    for name in FACETS:
        pairs += [(name, value) for value in query.facets.get(name, ())]
    for name in FACETS:
        pairs += [(NOT + name, value) for value in query.excluded.get(name, ())]
    if query.years:
        first, last = ("" if year is None else str(year) for year in query.years)
        pairs.append(("years", f"{first}-{last}"))
    if query.sort:
        pairs.append(("sort", query.sort))
    if query.works != works:
        pairs.append(("show", "works" if query.works else "records"))
    return pairs


def parse_years(text: str) -> tuple[int | None, int | None] | None:
    """Read `2015-2020`, `2015-`, `-2020` or `2015`; None when it is nothing of the kind."""
    if _YEAR.fullmatch(text.strip()):
        return int(text), int(text)
    match = _YEARS.fullmatch(text)
    if match is None:
        return None
    first, last = (int(year) if year else None for year in match.groups())
    if first is None and last is None:
        return None
    if first is not None and last is not None and first > last:
        first, last = last, first
    return first, last


def clean_value(value: str) -> str:
    """Give a facet value the one form in which it is stored, shown and compared.

    NFC, no control characters, single spaces. Case and diacritics count: a facet value is what
    the record says.
    """
    if value.isprintable() and "  " not in value and unicodedata.is_normalized("NFC", value):
        return value.strip()
    return " ".join(unicodedata.normalize("NFC", UNUSABLE.sub(" ", value)).split())


def _facet_value(name: str, given: str) -> str:
    if name == "year":
        return str(int(given)) if _YEAR.fullmatch(given) else ""
    if name == "peer_reviewed":
        return given if given in ("true", "false") else ""
    return clean_value(given)
