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
    disciplines,
    languages,
    naming,
    origin,
    phrases,
    profile,
    rights,
    types,
)
from harvester.normalise.folding import fold
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
    disciplines: disciplines.Lexicon
    phrases: phrases.Phrases
    origins: origin.Origins
    profiles: profile.Profiles
    roles: agents.Roles
    crosswalks: Mapping[str, crosswalk.Crosswalk]
    no_titles: frozenset[str]
    no_keywords: frozenset[str]


LABELS = ("en", "de", "fr", "nl")


def load(sources: Sources, overlay: Path | None = None) -> Tables:
    """Read and index all tables.

    Args:
        sources: the catalogue of repositories.
        overlay: the folder of the librarian's own rows (`schemas/` of the data directory), or None.

    Raises:
        UsageError: a table of the librarian does not fit, and where.
    """
    kinds = _table("types.yml", overlay, _types)
    classes = _table("disciplines.yml", overlay, _disciplines)
    return Tables(
        types=kinds,
        languages=_table("languages.yml", overlay, _languages),
        dates=_table("languages.yml", overlay, _date_words),
        names=_table("languages.yml", overlay, _name_words),
        rights=_table("rights.yml", overlay, _rights),
        disciplines=classes,
        phrases=_phrases(overlay),
        origins=origin.index(sources),
        profiles=_profiles(overlay, kinds, classes),
        roles=_table("roles.yml", overlay, _roles),
        crosswalks=_crosswalks(overlay),
        no_titles=_table("languages.yml", overlay, _no_titles),
        no_keywords=_table("languages.yml", overlay, _no_keywords),
    )


Built = TypeVar("Built")


def _table(name: str, overlay: Path | None, build: Callable[[dict[str, Any]], Built]) -> Built:
    try:
        return build(schemas.load(name, overlay))
    except (KeyError, TypeError, AttributeError, ValueError, re.error) as error:
        where = overlay / name if overlay and (overlay / name).is_file() else name
        raise UsageError(f"{where}: a row has not the shape of the others: {error!r}") from error


def _terms(row: Mapping[str, Any]) -> Iterator[str]:
    """Give all names of a row: COAR's label, the labels of the other languages, the terms."""
    for language in LABELS:
        if language in row:
            yield str(row[language])
    yield from map(str, row.get("terms", ()))


def _first(index: dict[str, Built], key: str, value: Built) -> None:
    """Enter a name; the table's order decides where two rows claim it."""
    if key:
        index.setdefault(key, value)


def _types(table: dict[str, Any]) -> types.Types:
    by_term: dict[str, types.Type] = {}
    by_base: dict[str, types.Type] = {}
    versions: dict[str, types.Type] = {}
    known = {
        uri: types.Type(
            uri,
            str(row["en"]),
            int(row.get("rank", 3)),
            frozenset(map(str, row.get("own", ()))),
            bool(row.get("part", False)),
        )
        for uri, row in table["types"].items()
    }
    # English labels first: no other language's word may take the place of COAR's own.
    for uri, one in known.items():
        _first(by_term, types.key(uri), one)
        _first(by_term, types.key(one.label), one)
    for uri, row in table["types"].items():
        for term in _terms(row):
            _first(by_term, types.key(term), known[uri])
        for code in row.get("base", ()):
            by_base[str(code)] = known[uri]
    for uri, row in table["versions"].items():
        one = types.Type(uri, str(row["en"]), int(row.get("rank", 1)))
        for term in (uri, *_terms(row)):
            _first(versions, types.key(term), one)
    ignored = frozenset(types.key(str(term)) for term in table.get("ignored", ()))
    return types.Types(by_term, by_base, versions, ignored)


def _languages(table: dict[str, Any]) -> languages.Languages:
    by_term: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for code, row in table["languages"].items():
        for key in (code, row.get("alpha2"), row.get("alpha3b")):
            if key:
                by_term[str(key)] = code
    for code, row in table["languages"].items():
        for term in _terms(row):
            _first(by_term, fold(term), code)
        for term in row.get("wrong", ()):
            _first(wrong, fold(str(term)), code)
    by_word: dict[str, list[str]] = {}
    for code, row in table["words"].items():
        for word in row.get("function", ()):
            by_word.setdefault(str(word), []).append(code)
    return languages.Languages(
        by_term,
        wrong,
        _folded(table["none"]) | _folded(table["nothing"]),
        {word: tuple(codes) for word, codes in by_word.items()},
        *_headings(table),
    )


def _headings(table: dict[str, Any]) -> tuple[frozenset[str], re.Pattern[str]]:
    """Return the headings of abstracts, folded, and a pattern of one before a text."""
    words = [str(word) for word in _words(table, "headings")]
    # The longest first: `abstracts` before `abstract`.
    either = "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)"
    pattern = rf"(?i:{either})(?:\s*[:.–-]\s+|\s*[:—]\s*|\s+(?=[A-ZÀ-Þ]))"
    return _folded(words), re.compile(pattern)


def _folded(terms: Iterable[Any]) -> frozenset[str]:
    return frozenset(fold(str(term)) for term in terms)


def _said_for_nothing(table: dict[str, Any], kind: str) -> frozenset[str]:
    """Give what stands where a value of a kind is missing, folded."""
    return _folded(table["nothing"]) | _folded(_words(table, kind))


def _no_titles(table: dict[str, Any]) -> frozenset[str]:
    return _said_for_nothing(table, "untitled")


def _no_keywords(table: dict[str, Any]) -> frozenset[str]:
    return _said_for_nothing(table, "no_keywords")


def _words(table: Mapping[str, Any], kind: str) -> Iterator[Any]:
    for row in table["words"].values():
        yield from row.get(kind, ())


def _date_words(table: dict[str, Any]) -> dates.Words:
    months: dict[str, int] = {}
    seasons: dict[str, int] = {}
    for row in table["words"].values():
        for number, forms in enumerate(row.get("months", ()), start=1):
            for form in forms:
                months.setdefault(dates.plain(form), number)
        for number, forms in enumerate(row.get("seasons", ()), start=21):
            for form in forms:
                seasons.setdefault(dates.plain(form), number)

    def said(kind: str) -> frozenset[str]:
        return frozenset(dates.spoken(str(word)) for word in _words(table, kind))

    return dates.Words(months, seasons, said("undated"), said("circa"), said("forthcoming"))


def _name_words(table: dict[str, Any]) -> naming.Words:
    roles = {
        fold(str(word)): role
        for row in table["words"].values()
        for role, words in row.get("roles", {}).items()
        for word in words
    }
    return naming.Words(
        frozenset(
            part for word in _words(table, "particles") for part in str(word).lower().split()
        ),
        frozenset(
            form
            for word in _words(table, "corporate")
            for form in (str(word).lower(), dates.plain(str(word)))
        ),
        _said_for_nothing(table, "nameless"),
        roles,
    )


def _rights(table: dict[str, Any]) -> rights.Terms:
    access: dict[str, rights.Access] = {}
    by_base: dict[str, rights.Access] = {}
    for uri, row in table["access"].items():
        one = rights.Access(uri, str(row["en"]), int(row["rank"]))
        for term in (uri, *_terms(row)):
            _first(access, fold(term), one)
        for code in row.get("base", ()):
            by_base[str(code)] = one
    by_url: dict[str, str] = {}
    by_term: dict[str, str] = {}
    for spdx, row in table["licences"].items():
        _first(by_term, fold(spdx), spdx)
        for url in row.get("urls", ()):
            by_url[url.removeprefix("www.")] = spdx
        for term in row.get("terms", ()):
            _first(by_term, fold(str(term)), spdx)
    commons = table["creative_commons"]
    ids = {f"CC-{kind}-{version}" for kind in commons["kinds"] for version in commons["versions"]}
    return rights.Terms(
        access,
        by_base,
        by_url,
        by_term,
        frozenset(ids | set(commons["ports"])),
        {
            fold(str(name)): code
            for code, names in commons.get("places", {}).items()
            for name in names
        },
        tuple(table.get("pages", ())),
        _folded(table.get("meaningless", ())),
    )


def _disciplines(table: dict[str, Any]) -> disciplines.Lexicon:
    by_label: dict[str, list[tuple[disciplines.Class, str]]] = {}
    by_code: dict[tuple[str, str], disciplines.Class] = {}
    starts: set[str] = set()
    longest = 1
    for scheme, facts in table["schemes"].items():
        for code, row in facts["classes"].items():
            labels = {language: str(row[language]) for language in LABELS if language in row}
            one = disciplines.Class(
                scheme, str(code), labels, row.get("broader"), bool(row.get("unverified", False))
            )
            by_code[scheme, one.code] = one
            for language, label in _spellings(one):
                pair = (one, language)
                if pair not in by_label.setdefault(fold(label), []):
                    by_label[fold(label)].append(pair)
                pieces = disciplines.CUT.split(label)
                if len(pieces) > 1:
                    starts.add(fold(pieces[0]))
                    longest = max(longest, len(pieces))
    return disciplines.Lexicon(
        {folded: tuple(pairs) for folded, pairs in by_label.items()},
        by_code,
        frozenset(folded[:3] for folded in (*by_label, *starts)),
        frozenset(starts),
        longest,
    )


def _spellings(one: disciplines.Class) -> Iterator[tuple[str, str]]:
    """Give a class's labels as records write them; Scopus's top fields have three names each."""
    yield from one.labels.items()
    for language, label in one.labels.items():
        if one.scheme in disciplines.NUMBERED:
            yield language, f"{one.code} {label}"
        elif one.scheme == "fos":
            yield language, f"FOS {label}"
    if one.scheme == "asjc" and one.broader is None and "en" in one.labels:
        yield "en", one.labels["en"] + "(all)"
        yield "en", "General " + one.labels["en"]


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


def _roles(table: dict[str, Any]) -> agents.Roles:
    by_term: dict[str, str] = {}
    for role, row in table.items():
        for term in (role, *row.get("terms", ())):
            _first(by_term, fold(str(term)), str(role))
    creating = frozenset(str(role) for role, row in table.items() if row.get("creates"))
    return agents.Roles(by_term, creating)


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


def _profiles(
    overlay: Path | None, kinds: types.Types, classes: disciplines.Lexicon
) -> profile.Profiles:
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
    facts: shapes.Profile, kinds: types.Types, classes: disciplines.Lexicon
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
