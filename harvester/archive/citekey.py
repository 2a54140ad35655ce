"""The readable part of a citation key, and the short hash that makes it unique.

The scheme is surname, year, first telling word of the title, hyphen, five characters of a hash of
source name and identifier: `gerard2019externalisation-7k3mx`. It holds only `[a-z0-9-]`, which
BibTeX, JabRef and file systems all accept.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Callable

from harvester.model import Agent, Record

_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdefghjkmnpqrstvwxyz")
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "œ": "oe", "æ": "ae", "ĳ": "ij", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_ACRONYM = re.compile(r"\(([A-Z][A-Za-z&-]{1,11})\)")
_TITLE_WORD = re.compile(r"[^\s'’\-‐–—/:.,;?!()«»“”\"]+")
_SURNAME_LENGTH = 20
_TITLE_WORD_LENGTHS = (4, 12)

# Words too common to tell one title from another: Dutch, French, German, English, Luxembourgish.
# A word added here changes only keys that are minted later.
_STOP_WORDS = """
aan als bij binnen deze door een geen haar hebben hier hoe in is met naar niet niets omtrent onder
ook over sinds tegen tot tussen uit van vanuit voor wanneer want waarom wat welke wie zijn zoals
zonder
ainsi après aux avec cette ceux chez comme comment dans depuis des donc elle elles entre est leur
leurs lors mais même nos nous par pas pour pourquoi quand quel quelle quelles quels sans selon ses
sont sous sur tout tous toute toutes une vers vous
aber als am auch auf aus bei beim das dem den der des die durch ein eine einem einen einer eines
für gegen im ins ist mit nach nicht oder ohne sich sind über um und unter vom von vor warum was
welche welcher wenn wer wie zum zur zwischen
about after against among and are before between beyond during from has have how into its more not
nor onto our over should some than that the their them these they this those through toward towards
under upon were what when where whether which while who whom whose why will with within without
awer fir mat nom och oder vun wéi
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())


def readable_part(record: Record) -> str:
    """Return surname, year and title word of a record, folded to `[a-z0-9]`.

    Without a creator the surname is `anon`, without a year the year is `nd`; without a telling
    word in the title that part is left out.
    """
    surname = _surname(record.creators[0]) if record.creators else ""
    year = str(record.year) if record.year else "nd"
    return f"{surname or 'anon'}{year}{_title_word(record.title)}"


def identity_hash(source: str, identifier: str) -> str:
    """Return the hash of a record's identity in Crockford's base 32, 52 lower-case characters.

    Args:
        source: the source's name (never its address, which changes).
        identifier: the OAI identifier.
    """
    digest = hashlib.sha256(f"{source}:{identifier}".encode()).digest()
    return base64.b32encode(digest).decode().rstrip("=").translate(_CROCKFORD)


def free_name(beginning: str, digest: str, least: int, is_taken: Callable[[str], bool]) -> str:
    """Return a name that ends with as little of a hash as keeps it from names that are taken.

    Args:
        beginning: what stands before the hyphen.
        digest: the hash.
        least: how many characters of the hash it has at least.
        is_taken: whether another has a name.
    """
    for length in range(least, len(digest)):
        name = f"{beginning}-{digest[:length]}"
        if not is_taken(name):
            return name
    raise AssertionError("two identities share a SHA-256 hash")


def _surname(creator: Agent) -> str:
    if creator.family and not creator.corporate:
        return _fold(creator.family)[:_SURNAME_LENGTH]
    acronym = _ACRONYM.search(creator.literal)
    if acronym:
        return _fold(acronym[1])
    words = [word for word in map(_fold, creator.literal.split()) if word]
    return "".join(words[:2])[:_SURNAME_LENGTH]


def _title_word(title: str) -> str:
    shortest, longest = _TITLE_WORD_LENGTHS
    for found in _TITLE_WORD.finditer(title.lower()):
        word = found.group()
        folded = _fold(word)
        if len(folded) >= shortest and word not in STOP_WORDS:
            return folded[:longest]
    return ""


def _fold(text: str) -> str:
    decomposed = text.lower()
    if not decomposed.isascii():
        decomposed = unicodedata.normalize("NFKD", decomposed.translate(_LETTERS))
    return _NO_LETTER.sub("", decomposed)
