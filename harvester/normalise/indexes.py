"""The rows of each table, indexed by what the rules look up: names, codes, words.

Each function takes a table as YAML gives it. A row that has not the shape of the others raises what
reading it raises; `harvester.normalise.tables` says which table that was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from harvester.normalise import agents, classes, dates, languages, naming, rights, types
from harvester.normalise.folding import fold

LABELS = ("en", "de", "fr", "nl")

Entry = TypeVar("Entry")


def types_by_term(table: dict[str, Any]) -> types.Types:
    """Index `types.yml`: types and versions by all their names, and by BASE's codes."""
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


def languages_by_term(table: dict[str, Any]) -> languages.Languages:
    """Index the names, codes and function words of `languages.yml`."""
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
        *_announcing(table),
    )


def _headings(table: dict[str, Any]) -> tuple[frozenset[str], re.Pattern[str]]:
    """Return the headings of abstracts, folded, and a pattern of one before a text."""
    words = [str(word) for word in _words(table, "headings")]
    pattern = rf"(?i:{_either(words)})(?:\s*[:.–-]\s+|\s*[:—]\s*|\s+(?=[A-ZÀ-Þ]))"
    return _folded(words), re.compile(pattern)


def _announcing(table: dict[str, Any]) -> tuple[tuple[str, ...], re.Pattern[str]]:
    """Return the words that announce keywords, and a pattern of one at the end of a text."""
    words = tuple(str(word).lower() for word in _words(table, "announcing"))
    return words, re.compile(rf"\b(?i:{_either(words)})$")


def _either(words: Iterable[str]) -> str:
    """Write a pattern of any of the words, the longest first: `abstracts` before `abstract`."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)"


def _folded(terms: Iterable[Any]) -> frozenset[str]:
    return frozenset(fold(str(term)) for term in terms)


def _said_for_nothing(table: dict[str, Any], kind: str) -> frozenset[str]:
    """Give what stands where a value of a kind is missing, folded."""
    return _folded(table["nothing"]) | _folded(_words(table, kind))


def no_titles(table: dict[str, Any]) -> frozenset[str]:
    """Return what `languages.yml` knows to stand where there is no title, folded."""
    return _said_for_nothing(table, "untitled")


def no_keywords(table: dict[str, Any]) -> frozenset[str]:
    """Return what `languages.yml` knows to stand where there are no keywords, folded."""
    return _said_for_nothing(table, "no_keywords")


def _words(table: Mapping[str, Any], kind: str) -> Iterator[Any]:
    for row in table["words"].values():
        yield from row.get(kind, ())


def date_words(table: dict[str, Any]) -> dates.Words:
    """Index what `languages.yml` calls months and seasons, and says of dates."""
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

    return dates.Words(
        months,
        seasons,
        said("undated"),
        said("circa"),
        said("before"),
        said("after"),
        said("forthcoming"),
    )


def name_words(table: dict[str, Any]) -> naming.Words:
    """Index the particles, corporate words and roles of `languages.yml`."""
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


def rights_terms(table: dict[str, Any]) -> rights.Terms:
    """Index `rights.yml`: access rights and licences by name and address."""
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


def lexicon(table: dict[str, Any]) -> classes.Lexicon:
    """Index `disciplines.yml`: classes by label, also by the labels' first pieces, and by code."""
    by_label: dict[str, list[tuple[classes.Class, str]]] = {}
    by_code: dict[tuple[str, str], classes.Class] = {}
    starts: set[str] = set()
    longest = 1
    for scheme, facts in table["schemes"].items():
        for code, row in facts["classes"].items():
            labels = {language: str(row[language]) for language in LABELS if language in row}
            one = classes.Class(
                scheme, str(code), labels, row.get("broader"), bool(row.get("unverified", False))
            )
            by_code[scheme, one.code] = one
            for language, label in _spellings(one):
                pair = (one, language)
                if pair not in by_label.setdefault(fold(label), []):
                    by_label[fold(label)].append(pair)
                pieces = classes.CUT.split(label)
                if len(pieces) > 1:
                    starts.add(fold(pieces[0]))
                    longest = max(longest, len(pieces))
    return classes.Lexicon(
        {folded: tuple(pairs) for folded, pairs in by_label.items()},
        by_code,
        frozenset(folded[:3] for folded in (*by_label, *starts)),
        frozenset(starts),
        longest,
    )


def _spellings(one: classes.Class) -> Iterator[tuple[str, str]]:
    """Give a class's labels as records write them; Scopus's top fields have three names each."""
    yield from one.labels.items()
    for language, label in one.labels.items():
        if one.scheme in classes.NUMBERED:
            yield language, f"{one.code} {label}"
        elif one.scheme == "fos":
            yield language, f"FOS {label}"
    if one.scheme == "asjc" and one.broader is None and "en" in one.labels:
        yield "en", one.labels["en"] + "(all)"
        yield "en", "General " + one.labels["en"]


def roles(table: dict[str, Any]) -> agents.Roles:
    """Index `roles.yml`: what the roles of persons and bodies are called."""
    by_term: dict[str, str] = {}
    for role, row in table.items():
        for term in (role, *row.get("terms", ())):
            _first(by_term, fold(str(term)), str(role))
    creating = frozenset(str(role) for role, row in table.items() if row.get("creates"))
    return agents.Roles(by_term, creating)


def _terms(row: Mapping[str, Any]) -> Iterator[str]:
    """Give all names of a row: COAR's label, the labels of the other languages, the terms."""
    for language in LABELS:
        if language in row:
            yield str(row[language])
    yield from map(str, row.get("terms", ()))


def _first(index: dict[str, Entry], key: str, value: Entry) -> None:
    """Enter a name; the table's order decides where two rows claim it."""
    if key:
        index.setdefault(key, value)
