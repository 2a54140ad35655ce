"""The fields of the query language: what readers call them, and what their values mean.

A field is either some columns of the full-text index (`title:`), or a facet whose values readers
name in their own words (`type:Buch`, `language:Dutch`, `source:Gent`), or the year.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping

import msgspec

from harvester import schemas
from harvester.catalogue.row import sort_form
from harvester.normalise import identifiers, indexes, languages, types
from harvester.normalise.folding import fold

COLUMNS = {
    "title": ("title", "parallel_titles", "title_forms"),
    "author": ("creators", "creator_forms"),
    "keyword": ("keywords", "keyword_forms"),
    "doi": ("identifiers",),
    "isbn": ("identifiers",),
    "issn": ("identifiers",),
    "handle": ("identifiers",),
    "journal": ("container",),
    "publisher": ("publishers",),
}
"""The fields that look for words, with their columns of the full-text index."""

CHOOSING = ("year", "type", "language", "source")
"""The fields that choose records by a facet."""

NAMES = {
    "title": ("titles", "Titel", "Titre"),
    "author": ("authors", "creator", "creators", "Autor", "Autorin", "Autoren", "Verfasser",
               "auteur", "auteure", "auteurs", "schrijver"),
    "keyword": ("keywords", "subject", "subjects", "Schlagwort", "Schlagworte", "Stichwort",
                "mot-clé", "mots-clés", "sujet", "trefwoord", "trefwoorden", "onderwerp"),
    "year": ("years", "Jahr", "année", "jaar"),
    "doi": (),
    "isbn": (),
    "issn": (),
    "handle": ("hdl",),
    "journal": ("in", "Zeitschrift", "revue", "tijdschrift"),
    "publisher": ("Verlag", "éditeur", "uitgever"),
    "type": ("Typ", "Dokumenttyp", "soort"),
    "language": ("lang", "Sprache", "langue", "taal"),
    "source": ("Quelle", "bron"),
}  # fmt: skip
"""What else each field may be called, in English, German, French and Dutch."""

MOST_LETTERS = 60
"""So much of the name of a source counts."""

_BY_NAME = {fold(name): field for field, names in NAMES.items() for name in (field, *names)}
_DOI = re.compile(r"(?:https?://\S*?/|doi:\s*)?(10\.[0-9]{4,9}/[^\s\"]+)", re.IGNORECASE)
_NO_LETTER = "[^0-9A-Za-zÀ-ÖØ-öø-ž]"
_SCHEMES = {"doi": "doi:", "handle": "hdl:", "isbn": "isbn ", "issn": "issn "}
_NUMBER = {"isbn": identifiers.normal_isbn, "issn": identifiers.normal_issn}

_OF = frozenset({"de", "in", "to"})
"""The words before what is not the kind of a thing: a *chapitre de livre* is no *livre*."""


class Choice(msgspec.Struct, frozen=True):
    """What a field such as `year:` chooses records by.

    Attributes:
        facet: one of `CHOOSING`.
        values: one of them is enough; of `source` they are patterns, see `source_pattern`.
        years: the first and the last year; None leaves an end open.
        pattern: what other values of the catalogue are enough, see `unlisted`; "" for none.
    """

    facet: str
    values: tuple[str, ...] = ()
    years: tuple[int | None, int | None] = (None, None)
    pattern: str = ""


def called(name: str) -> str | None:
    """Return the field that a reader means by a name, whatever its case and accents; else None."""
    return _BY_NAME.get(fold(name))


def identifier(text: str) -> str | None:
    """Return the identifier that a whole text is, as records have it; None where it is none.

    DOI, ISBN, ISSN, handle, URN, PubMed and arXiv number, bare, labelled (`ISBN 90 …`), or as the
    address of a resolver or of a page that has it in it.
    """
    text = text.strip()
    if not text or len(text) > 300 or not any(map(str.isdigit, text)):
        return None
    found, rule = identifiers.find(text)
    if found:
        return found[0].value
    if rule != "identifiers.placeholder":
        return None
    doi = _DOI.fullmatch(text)
    return doi[1].lower() if doi else text.rpartition("handle/")[2].removeprefix("hdl:")


def number(field: str, text: str) -> str | None:
    """Return the identifier that the value of a field such as `doi:` means; None if it is none."""
    if field in _NUMBER:
        return _NUMBER[field](text)
    return identifier(text) or identifier(_SCHEMES[field] + text)


def types_called(name: str) -> tuple[str, ...]:
    """List the types that a reader may mean: those called so, and their narrower ones.

    `thesis` is also the doctoral thesis, `article` the journal article. The name may be German,
    French or Dutch, or any that records use.

    Returns:
        English labels of COAR; the name itself where there is none.
    """
    return _types_called(name) or (name,)


@functools.lru_cache(maxsize=512)
def _types_called(name: str) -> tuple[str, ...]:
    known = _types().by_term.get(types.key(name))
    heads = {sort_form(name) or name}
    if known:
        heads.add(sort_form(known.label) or known.label)
    found = [
        label
        for label, forms in _type_names().items()
        if any(_is_kind(form, head) for form in forms for head in heads)
    ]
    return tuple(dict.fromkeys([*([known.label] if known else []), *found]))


def language_called(name: str) -> str:
    """Return the ISO 639-3 code of a language by its name or any code; the name if unknown."""
    return _language_called(name) or name


def _is_kind(form: str, head: str) -> bool:
    before = form.removesuffix(f" {head}")
    return form == head or (before != form and before.split()[-1] not in _OF)


@functools.lru_cache(maxsize=512)
def _language_called(name: str) -> str | None:
    return languages.code(name, _languages())[0]


def unlisted(facet: str, name: str, *, star: bool = False) -> str:
    """Write a GLOB for the types or languages of a catalogue that no shipped table has.

    They are the librarian's own, or those of a catalogue that another version made. Those with the
    words of the name are meant; where a table knows the name, only those called just so.

    Returns:
        a pattern as of `source_pattern`; "" where the name has no word.
    """
    pattern = source_pattern(name, star=star)
    known = _types_called(name) if facet == "type" else _language_called(name)
    return pattern.strip("*").replace("*", "") if known else pattern


def source_pattern(name: str, *, star: bool = False) -> str:
    """Write a GLOB for names and titles of sources that have these words, accents aside.

    What it is held against has a space at its beginning and its end.
    """
    words = (sort_form(name[:MOST_LETTERS]) or "").split()
    whole = [f"{_NO_LETTER}{''.join(map(_class, word))}" for word in words]
    end = "" if star else _NO_LETTER
    return f"*{'*'.join(whole)}{end}*" if whole else ""


def _class(letter: str) -> str:
    alike = _alike().get(letter, letter)
    return f"[{alike}]"


@functools.cache
def _alike() -> Mapping[str, str]:
    """Letters of the Latin alphabet with all that are they, but for case and accents."""
    found = {letter: letter + letter.upper() for letter in "abcdefghijklmnopqrstuvwxyz"}
    for code in range(0xC0, 0x180):
        base = unicodedata.normalize("NFKD", chr(code))[0].lower()
        if base in found and base != chr(code):
            found[base] += chr(code)
    return found


@functools.cache
def _types() -> types.Types:
    return indexes.types_by_term(schemas.load("types.yml"))


@functools.cache
def _type_names() -> Mapping[str, tuple[str, ...]]:
    return {
        str(row["en"]): tuple(_forms(row)) for row in schemas.load("types.yml")["types"].values()
    }


def _forms(row: Mapping[str, object]) -> Iterator[str]:
    for tag in ("en", "de", "fr", "nl"):
        if tag in row:
            yield sort_form(str(row[tag])) or ""


@functools.cache
def _languages() -> languages.Languages:
    return indexes.languages_by_term(schemas.load("languages.yml"))
