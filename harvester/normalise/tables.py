"""All tables of `schemas/` that understanding needs, read and indexed once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from harvester import faults, schemas, shapes
from harvester.errors import UsageError
from harvester.formats import formats
from harvester.normalise import (
    agents,
    crosswalk,
    dates,
    indexes,
    languages,
    naming,
    origin,
    phrases,
    profile,
    rights,
    types,
)
from harvester.normalise.classes import Lexicon
from harvester.sources import Sources


class Tables(msgspec.Struct, frozen=True):
    """Everything from `schemas/` that a record is understood by; see the modules for each part.

    Attributes:
        roles: what the roles of persons and bodies are called.
        crosswalks: by format, of those that have one.
        no_titles, no_keywords: folded values that stand where there is no title, no keyword.
    """

    types: types.Types
    languages: languages.Languages
    dates: dates.Words
    names: naming.Words
    rights: rights.Terms
    disciplines: Lexicon
    phrases: phrases.Phrases
    origins: origin.Origins
    profiles: profile.Profiles
    roles: agents.Roles
    crosswalks: Mapping[str, crosswalk.Crosswalk]
    no_titles: frozenset[str]
    no_keywords: frozenset[str]


def load(sources: Sources, overlay: Path | None = None) -> Tables:
    """Read and index all tables.

    Args:
        sources: the catalogue of repositories.
        overlay: the folder of the librarian's own rows (`schemas/` of the data directory), or None.

    Raises:
        UsageError: a table of the librarian does not fit, and where.
    """
    kinds = _table("types.yml", overlay, indexes.types_by_term)
    classes = _table("disciplines.yml", overlay, indexes.lexicon)
    return Tables(
        types=kinds,
        languages=_table("languages.yml", overlay, indexes.languages_by_term),
        dates=_table("languages.yml", overlay, indexes.date_words),
        names=_table("languages.yml", overlay, indexes.name_words),
        rights=_table("rights.yml", overlay, indexes.rights_terms),
        disciplines=classes,
        phrases=_phrases(overlay),
        origins=origin.index(sources),
        profiles=_profiles(overlay, kinds, classes),
        roles=_table("roles.yml", overlay, indexes.roles),
        crosswalks=_crosswalks(overlay),
        no_titles=_table("languages.yml", overlay, indexes.no_titles),
        no_keywords=_table("languages.yml", overlay, indexes.no_keywords),
    )


Built = TypeVar("Built")


def _table(name: str, overlay: Path | None, build: Callable[[dict[str, Any]], Built]) -> Built:
    try:
        return build(schemas.load(name, overlay))
    except (KeyError, TypeError, AttributeError, ValueError, re.error) as error:
        where = overlay / name if overlay and (overlay / name).is_file() else name
        raise UsageError(f"{where}: a row has not the shape of the others: {error!r}") from error


def _phrases(overlay: Path | None) -> phrases.Phrases:
    headings = _table("headings.yml", overlay, lambda table: _listed(table["headings"]))
    forenames = _table("headings.yml", overlay, lambda table: _listed(table["forenames"]))
    ambiguous = _table("headings.yml", overlay, lambda table: table["ambiguous"])
    learned = _table("phrases.yml", overlay, lambda table: _counts(table.get("phrases") or {}))
    return phrases.index(headings, forenames, map(str, ambiguous), learned)


def _listed(kinds: Mapping[str, Iterable[Any]]) -> list[str]:
    return [str(item) for items in kinds.values() for item in items]


def _counts(rows: Mapping[Any, Any]) -> dict[str, int]:
    return {str(phrase): int(records or 0) for phrase, records in rows.items()}


_File = tuple[str, list[Path], dict[str, Any]]
"""A table of a folder: its name, the files that it is put together from, what they hold."""


def _each(folder: str, overlay: Path | None) -> Iterator[_File]:
    """Give every table of a folder, shipped or the librarian's own."""
    folders = [*([overlay / folder] if overlay else []), schemas.shipped("schemas") / folder]
    names = {path.stem for one in folders if one.is_dir() for path in one.glob("*.yml")}
    for name in sorted(names):
        files = [one / f"{name}.yml" for one in folders]
        facts = schemas.load(f"{folder}/{name}.yml", overlay)
        yield name, [path for path in files if path.is_file()], facts


def _brought() -> Iterator[_File]:
    """Give the crosswalks that formats of third parties bring; the librarian's own go before."""
    for name, format_ in formats().items():
        if format_.crosswalk is not None:
            facts = schemas.read_yaml(format_.crosswalk)
            fault = faults.find(facts, shapes.Crosswalk)
            if fault:
                raise UsageError(faults.told(fault, [format_.crosswalk]))
            yield name, [format_.crosswalk], facts


def _crosswalks(overlay: Path | None) -> dict[str, crosswalk.Crosswalk]:
    every = [*_each("crosswalks", overlay), *_brought()]
    tables: dict[str, shapes.Crosswalk] = {}
    for name, _, facts in every:
        tables.setdefault(name, msgspec.convert(facts, shapes.Crosswalk))
    for name, files, _ in every:
        fault = crosswalk.leads_nowhere(tables[name], tables)
        if fault:
            raise UsageError(faults.told(fault, files))
    return crosswalk.index(tables)


def _profiles(overlay: Path | None, kinds: types.Types, classes: Lexicon) -> profile.Profiles:
    profiles = {}
    for name, files, facts in _each("profiles", overlay):
        profiles[name] = msgspec.convert(facts, shapes.Profile, dec_hook=shapes.hook)
        fault = _separates_all(profiles[name]) or _names_nothing(profiles[name], kinds, classes)
        if fault:
            raise UsageError(faults.told(fault, files))
    return profile.index(profiles)


def _separates_all(facts: shapes.Profile) -> faults.Fault | None:
    """Return the separator that would cut between any two letters, or be kept as a keyword."""
    for place, pattern in enumerate(facts.separators):
        if pattern.match(""):
            what = f"{pattern.pattern!r} fits where there is nothing at all"
        elif pattern.groups:
            what = f"{pattern.pattern!r} has a group: write (?:…) instead of (…)"
        else:
            continue
        return faults.Fault(("separators", place), what)
    return None


def _names_nothing(
    facts: shapes.Profile, kinds: types.Types, classes: Lexicon
) -> faults.Fault | None:
    """Return what a profile names that no other table has."""
    schemes = {scheme for scheme, _ in classes.by_code}
    for place, scheme in enumerate(facts.disciplines):
        if scheme not in schemes:
            known = ", ".join(sorted(schemes))
            return faults.Fault(
                ("disciplines", place), f"there is no scheme {scheme!r}: take one of {known}"
            )
    for field in ("classes_first", "classes_last"):
        scheme = getattr(facts, field)
        if scheme and scheme not in schemes:
            return faults.Fault((field,), f"there is no scheme {scheme!r} in disciplines.yml")
    if facts.default_type and types.key(facts.default_type) not in kinds.by_term:
        return faults.Fault(("default_type",), f"types.yml has no {facts.default_type!r}")
    for label in facts.contributors:
        if label and types.key(label) not in kinds.by_term:
            return faults.Fault(("contributors", label), f"types.yml has no {label!r}")
    return None
