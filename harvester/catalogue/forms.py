"""The forms of a word: what else is found by it, and what it is found by.

Beside the words of a record the full-text index has their stems, after Snowball's algorithms for
the language that the words are in, so that `migrations` finds *migration*. A stem has `MARK`
before it: it can be no reader's word, nor the beginning of one. A query does not know its language
and is stemmed in all four.

The index folds diacritics, but knows ß, æ, ø and the like as letters of their own: words with them
are indexed in plain letters too, here without the mark.
"""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence

import snowballstemmer

from harvester import schemas
from harvester.model import Record
from harvester.normalise.remembering import Memory

MARK = "ǂ"
"""A letter of no language that is written here; its like stands before clicks of the Khoisan."""

ALGORITHMS = {"deu": "german", "eng": "english", "fra": "french", "nld": "dutch"}
"""The languages whose words are stemmed, ISO 639-3, with what Snowball calls them."""

SHORTEST = 3
"""Words of fewer letters have one form."""

_WORD = re.compile(r"[^\W_]+")
PLAIN = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
        "ı": "i", "ĳ": "ij", "ŉ": "n", "ſ": "s", "ħ": "h", "ŧ": "t", "ﬀ": "ff", "ﬁ": "fi",
        "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "ǆ": "dz", "ǉ": "lj", "ǌ": "nj",
    }
)  # fmt: skip
"""Letters that the index does not fold, in plain ones."""

_UNFOLDED = re.compile(f"[{''.join(map(chr, PLAIN))}]")


def words(text: str) -> list[str]:
    """List the words of a text in lower case, as the full-text index parts them."""
    return _WORD.findall(text.lower())


def plain(text: str) -> str:
    """Write a text in lower case and plain letters: `Œuvre` as `oeuvre`, `Straße` as `strasse`."""
    text = text.lower()
    if text.isascii():
        return text
    text = unicodedata.normalize("NFD", text.translate(PLAIN))
    return "".join(character for character in text if not unicodedata.combining(character))


def is_unfolded(text: str) -> bool:
    """Say whether a text in lower case has letters that the index keeps apart from plain ones."""
    return not text.isascii() and _UNFOLDED.search(text) is not None


@functools.lru_cache(maxsize=50_000)
def stems(word: str) -> tuple[str, ...]:
    """Return the marked stems that a word in lower case may have, in any of the languages."""
    return tuple(dict.fromkeys(found for known in _STEMS.values() if (found := known[word])))


def of(record: Record) -> tuple[str, ...]:
    """Return the forms of a record's words, as they stand in the catalogue.

    Each stands once, for its being there is all that counts.

    Returns:
        those of its titles, creators and keywords, and those that only the rest of it has.
    """
    own = [language for language in record.languages if language in ALGORITHMS]
    usual = own or ([] if record.languages else list(ALGORITHMS))

    def stemmed(texts: Sequence[tuple[str, str | None]]) -> dict[str, None]:
        by_language: dict[str | None, list[str]] = {}
        for text, language in texts:
            by_language.setdefault(language, []).append(text)
        found: dict[str, None] = {}
        for language, said in by_language.items():
            _collect(found, said, usual if language is None else _known(language))
        return found

    titles = stemmed([(record.title, None), *[(one.text, one.language) for one in record.titles]])
    keywords = stemmed([(one.label, one.language) for one in record.keywords])
    others = stemmed([(one.text, one.language) for one in record.abstracts])
    creators: dict[str, None] = {}
    _collect(creators, [agent.literal for agent in record.creators], ())
    container = record.container.title if record.container else None
    contributors = [agent.literal for agent in record.contributors]
    _collect(others, [*record.publishers, container or "", *contributors], ())
    for form in (*titles, *keywords):
        others.pop(form, None)
    return (" ".join(titles), " ".join(creators), " ".join(keywords), " ".join(others))


def _known(language: str) -> Sequence[str]:
    return (language,) if language in ALGORITHMS else ()


def _collect(found: dict[str, None], texts: Sequence[str], languages: Sequence[str]) -> None:
    """Add the forms of the words of some texts, which are in one of these languages."""
    text = "\n".join(texts).lower()
    if text.isascii():
        # Bytes are translated several times quicker than a pattern finds words.
        parted = text.encode().translate(_SPACED).decode().split() if languages else []
    else:
        parted = _WORD.findall(text)
    for language in languages:
        found.update(dict.fromkeys(map(_STEMS[language].__getitem__, parted)))
    found.pop("", None)
    if is_unfolded(text):
        found.update((plain(word), None) for word in parted if is_unfolded(word))


def _stem(word: str, language: str) -> str:
    """Return the marked stem of a word in lower case; "" where it has none."""
    stem_word, frequent = _algorithm(language)
    if len(word) < SHORTEST or len(word) > 40 or not word.isalpha() or word in frequent:
        return ""
    return sys.intern(MARK + plain(stem_word(word)))


_STEMS = {language: Memory(_stem, language, 100_000) for language in ALGORITHMS}
_SPACED = bytes(code if chr(code).isalnum() else 32 for code in range(256))


@functools.cache
def _algorithm(language: str) -> tuple[Callable[[str], str], frozenset[str]]:
    """Return what stems a word of a language, and its words that are not stemmed."""
    algorithm = snowballstemmer.stemmer(ALGORITHMS[language])
    return algorithm.stemWord, frozenset(_function_words(language))


def _function_words(language: str) -> Iterator[str]:
    """Give the words that a language cannot do without, which say nothing of a subject."""
    for word in _words().get(language, {}).get("function", ()):
        yield str(word).lower()


@functools.cache
def _words() -> Mapping[str, Mapping[str, Sequence[object]]]:
    words: Mapping[str, Mapping[str, Sequence[object]]] = schemas.load("languages.yml")["words"]
    return words


def load() -> None:
    """Load what the first word would load, for a process that answers readers."""
    for language in ALGORITHMS:
        _algorithm(language)
