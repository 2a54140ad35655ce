"""Reads the query language: what a reader typed becomes what the records are asked for.

The language is small on purpose and never fails. Words must all occur; `"…"` is a phrase; `OR`
joins its two neighbours; `-word` (or `NOT word`) leaves records out, wherever it stands; `word*`
is the beginning of a word; `title:word` looks in one field, see `fields`. Case and diacritics do
not matter. A word is found in its other forms too, see `forms`; not so in phrases, with a star, or
where it is left out. Anything else, SQLite's own full-text syntax too, is read as words.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

import msgspec

from harvester.catalogue import fields, forms
from harvester.catalogue.fields import Choice
from harvester.catalogue.query import MOST_CHARACTERS, UNUSABLE, parse_years

MOST_WORDS = 64

_ITEM = re.compile(
    r"""(?P<minus>-*)
        (?:(?P<field>[^\W\d_][\w-]{0,20}):\(*(?=[^\s:()]))?
        (?:"(?P<phrase>[^"]*)"(?P<star>\*?)
          |(?P<pasted>(?:https?://|doi:|hdl:|10\.[0-9]{4,9}/)[^\s"]+)
          |(?P<word>[^\s"()]+))""",
    re.VERBOSE | re.IGNORECASE,
)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»〝〞", '"'))
_LETTERS = re.compile(r"(?<!\w)[^\W\d_]+(?![\w*])")
_NUMBERS = ("doi", "isbn", "issn", "handle")


class Term(msgspec.Struct, frozen=True):
    """A word or a phrase to look for.

    Attributes:
        text: as it was typed; without quotation marks, which it never holds.
        columns: where to look; everywhere where there is none.
        phrase: it stood in quotation marks, or is an identifier.
        star: words that begin so.
        identifier: it is one, as records have it.
    """

    text: str
    columns: tuple[str, ...] = ()
    phrase: bool = False
    star: bool = False
    identifier: bool = False

    @property
    def words(self) -> list[str]:
        """Its words, in lower case, where it is neither an identifier nor looked for as one."""
        if self.identifier or self.columns == ("identifiers",):
            return []
        return forms.words(self.text)

    @property
    def stems(self) -> tuple[str, ...]:
        """The stems by which other forms of the word are found; none of phrases and beginnings."""
        if self.phrase or self.star:
            return ()
        words = self.words
        # French and Italian join an article to its word: `l'emploi`.
        if not words or any(len(word) > 2 for word in words[:-1]):
            return ()
        return forms.stems(words[-1])

    @property
    def exactly(self) -> str:
        """The term in the language of FTS5, as it was typed."""
        return self._in_columns(self._written())

    @property
    def expression(self) -> str:
        """The term in the language of FTS5, with the other forms of its word."""
        written = [*self._written(), *(f'"{stem}"' for stem in self.stems)]
        return self._in_columns(written)

    def _written(self) -> list[str]:
        star = "*" if self.star else ""
        texts = [self.text]
        if forms.is_unfolded(self.text.lower()):
            texts.append(forms.plain(self.text))
        return [f'"{text}"{star}' for text in texts]

    def _in_columns(self, either: list[str]) -> str:
        joined = " OR ".join(either)
        if len(either) > 1:
            joined = f"({joined})"
        return f"{{{' '.join(self.columns)}}} : {joined}" if self.columns else joined


class Mixed(msgspec.Struct, frozen=True):
    """What is enough by itself: records that an FTS5 expression finds, or those of a choice.

    Attributes:
        words: the expression; "" where there is none.
        choices: what else is enough.
    """

    words: str
    choices: tuple[Choice, ...]


class Asked(msgspec.Struct, frozen=True):
    """What a text asks for.

    Attributes:
        words: an FTS5 expression for what all hits must have; "" where there is none.
        unwanted: an FTS5 expression for what no hit may have; "" where there is none.
        chosen: further conditions, each of which every hit fulfils.
        left_out: choices of which no hit is.
        terms: all words and phrases that are looked for.
        first: the identifier that is all that is asked for; whose record comes first.
    """

    words: str = ""
    unwanted: str = ""
    chosen: tuple[Mixed, ...] = ()
    left_out: tuple[Choice, ...] = ()
    terms: tuple[Term, ...] = ()
    first: str = ""

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.words or self.unwanted or self.chosen or self.left_out)


def read(text: str) -> Asked:
    """Read what a reader typed; only the first 1,000 characters and 64 words of it count."""
    return _read(text[:MOST_CHARACTERS])


def parse_text(text: str) -> str:
    """Turn a reader's words into one FTS5 expression that SQLite accepts.

    It is "" when there is nothing to look for, also when the text only says what to leave out:
    FTS5 cannot say that alone. What is chosen by a facet is not in it.
    """
    asked = read(text)
    if asked.words and asked.unwanted:
        return f"({asked.words}) NOT ({asked.unwanted})"
    return asked.words


def parts(text: str) -> list[tuple[str, str]]:
    """List the conditions that a text makes, each with the text without it; none if it has one."""
    usable = _usable(text)
    spans: list[tuple[int, int]] = []
    joined = False
    begun: int | None = None
    for match, _, item in _items(usable):
        if item == "OR":
            joined = bool(spans)
        elif item == "NOT":
            begun = match.start()
        else:
            start = match.start() if begun is None else begun
            if joined:
                start = spans.pop()[0]
            spans.append((start, match.end()))
            joined, begun = False, None
    if len(spans) < 2:
        return []
    return [
        (usable[start:end], " ".join(f"{usable[:start]} {usable[end:]}".split()))
        for start, end in spans
    ]


def spelled(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text as it is read, and where the words stand in it that can be misspelled.

    These are the words to be found, in phrases too, without a star and without digits.
    """
    usable = _usable(text)
    spans: list[tuple[int, int]] = []
    negated = False
    for match, minus, item in _items(usable):
        if isinstance(item, str):
            negated = item == "NOT"
            continue
        if not (minus or negated) and all(isinstance(one, Term) and one.words for one in item):
            kind = "word" if match["phrase"] is None else "phrase"
            start = match.start(kind)
            spans += [
                (start + word.start(), start + word.end())
                for word in _LETTERS.finditer(match[kind] or "")
                if word.group().isalpha()
            ]
        negated = False
    return usable, spans


def _usable(text: str) -> str:
    return UNUSABLE.sub(" ", text[:MOST_CHARACTERS]).translate(_QUOTES)


@functools.lru_cache(maxsize=256)
def _read(text: str) -> Asked:
    usable = _usable(text)
    if whole := fields.identifier(usable):
        term = _identifier(whole)
        return Asked(words=term.expression, terms=(term,), first=term.text)
    groups: list[list[Term | Choice]] = []
    unwanted: list[Term | Choice] = []
    joined = negated = False
    for _, minus, item in _items(usable):
        if item == "OR":
            joined = bool(groups)
        elif item == "NOT":
            negated = True
        elif not isinstance(item, str):
            if minus or negated:
                unwanted += item
            elif joined:
                groups[-1] += item
            else:
                groups.append(list(item))
            joined = negated = False
    return _asked(groups, unwanted)


def _asked(groups: list[list[Term | Choice]], unwanted: list[Term | Choice]) -> Asked:
    words = [_either(group) for group in groups if not any(map(_is_choice, group))]
    terms = tuple(one for group in groups for one in group if isinstance(one, Term))
    exact = [one.text for one in terms if one.identifier]
    return Asked(
        words=" AND ".join(f"({one})" for one in words),
        unwanted=" OR ".join(one.exactly for one in unwanted if isinstance(one, Term)),
        chosen=tuple(
            Mixed(_either(group), _choices(group))
            for group in groups
            if any(map(_is_choice, group))
        ),
        left_out=_choices(unwanted),
        terms=terms,
        first=exact[0] if len(groups) == 1 and exact else "",
    )


def _items(text: str) -> Iterator[tuple[re.Match[str], bool, str | list[Term | Choice]]]:
    """Give each item: where it stands, whether to leave it out, and what it means.

    That is an operator, or the alternatives of which one is enough.
    """
    for count, item in enumerate(_ITEM.finditer(text)):
        if count == MOST_WORDS:
            return
        minus = bool(item["minus"])
        operator = None if minus or item["field"] else item["word"]
        if operator in ("OR", "NOT"):
            yield item, minus, operator
        elif operator != "AND" and (found := _alternatives(item)):
            yield item, minus, found


def _alternatives(item: re.Match[str]) -> list[Term | Choice]:
    """What one item means: any of these; nothing where the index could hold none of it."""
    is_phrase = item["phrase"] is not None
    text = item["phrase"] if is_phrase else item["pasted"] or item["word"]
    star = bool(item["star"]) or (not is_phrase and text.endswith("*"))
    if not any(map(str.isalnum, text)):
        return []
    name = item["field"]
    field = fields.called(name) if name else None
    if field and (found := _in_field(field, text, is_phrase=is_phrase, star=star)):
        return found
    if name:
        text = f"{name}:{text}"
    elif item["pasted"] and (known := fields.identifier(text)):
        return [_identifier(known)]
    return [Term(text, phrase=is_phrase, star=star)]


def _in_field(field: str, text: str, *, is_phrase: bool, star: bool) -> list[Term | Choice]:
    """What a value of a field means; nothing where the field can have no such value."""
    bare = text.rstrip("*")
    match field:
        case "year":
            years = parse_years(bare.replace("..", "-"))
            return [Choice("year", years=years)] if years else []
        case "type":
            beyond = fields.unlisted(field, bare, star=star)
            return [Choice(field, fields.types_called(bare), pattern=beyond)]
        case "language":
            beyond = fields.unlisted(field, bare, star=star)
            return [Choice(field, (fields.language_called(bare),), pattern=beyond)]
        case "source":
            pattern = fields.source_pattern(bare, star=star)
            return [Choice("source", (pattern,))] if pattern else []
    columns = fields.COLUMNS[field]
    if field not in _NUMBERS:
        return [Term(text, columns, phrase=is_phrase, star=star)]
    given = Term(text, columns, phrase=True, star=star)
    known = None if star else fields.number(field, text)
    if known is None:
        return [given]
    return [_identifier(known, columns), *([given] if known != text else [])]


def _identifier(text: str, columns: tuple[str, ...] = ()) -> Term:
    return Term(text.replace('"', " "), columns, phrase=True, identifier=True)


def _either(group: Iterable[Term | Choice]) -> str:
    return " OR ".join(one.expression for one in group if isinstance(one, Term))


def _choices(group: Iterable[Term | Choice]) -> tuple[Choice, ...]:
    return tuple(one for one in group if isinstance(one, Choice))


def _is_choice(one: Term | Choice) -> bool:
    return isinstance(one, Choice)
