"""The table of field labels, `schemas/fields.yml`: from a printed label to its element."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import msgspec

from harvester import schemas

TABLE = "fields.yml"
# What differs between spellings of one label: number and gender marks, apostrophes, blanks.
_MARKS = re.compile(r"\(s\)|[:*_]in(?:nen)?(?![^\W_])")
_COLON = re.compile(r"\s*:\s*$")
_BLANKS = re.compile(r"\s+")
# A shape is looked for at the beginning of a value; a whole abstract need not be searched.
_SHAPED = 300


class Labels(msgspec.Struct, frozen=True):
    """The table, indexed.

    Attributes:
        claims: for each label's key the (language, element) pairs that claim it, as in the file.
        shapes: for an element that competes for labels, what its values look like.
    """

    claims: dict[str, tuple[tuple[str, str], ...]]
    shapes: dict[str, re.Pattern[str]]

    def knows(self, label: str) -> bool:
        """Tell whether any element claims this label in any language."""
        return key(label) in self.claims

    def elements(self, label: str) -> set[str]:
        """Return all elements that claim a label, in any language."""
        return {element for _, element in self.claims.get(key(label), ())}

    def languages(self, labels: Iterable[str]) -> set[str]:
        """Return the language in which most of these labels are known; several if they tie."""
        counts: Counter[str] = Counter()
        for label in labels:
            counts.update({language for language, _ in self.claims.get(key(label), ())})
        most = max(counts.values(), default=0)
        return {language for language, count in counts.items() if count == most}

    def element(self, label: str, value: str, languages: set[str]) -> str | None:
        """Return the element of a printed label, or None if the table does not know it.

        Args:
            label: as printed, with or without its colon.
            value: the text beside it, which decides where several elements claim the label.
            languages: of the page, from `languages`; a label that none of them knows is looked up
                in all, because portals leave labels such as `Powered By` untranslated.
        """
        claims = self.claims.get(key(label), ())
        options = [element for language, element in claims if language in languages]
        options = options or [element for _, element in claims]
        if not options:
            return None
        for element in dict.fromkeys(options):
            shape = self.shapes.get(element)
            if shape is None or shape.search(value[:_SHAPED]):
                return element
        return options[-1]


@lru_cache(maxsize=4096)
def key(label: str) -> str:
    """Fold a label to what its spellings share.

    >>> key("Auteur(s) :") == key("AUTEUR") and key("Autor:innen") == key("Autor*in")
    True
    """
    folded = unicodedata.normalize("NFC", label).replace("’", "'").casefold()
    folded = _MARKS.sub("", _COLON.sub("", folded))
    return _BLANKS.sub(" ", folded).strip()


@cache
def load(overlay: Path | None = None) -> Labels:
    """Read the table, with the librarian's rows over it; read once.

    Args:
        overlay: the folder `schemas` of the data directory, or None.

    Raises:
        UsageError: a row does not have the form that the head of the file describes.
    """
    claims: dict[str, list[tuple[str, str]]] = {}
    shapes = {}
    for element, row in schemas.load(TABLE, overlay).items():
        for language, words in row["labels"].items():
            for word in words:
                claims.setdefault(key(word), []).append((language, element))
        if "shape" in row:
            shapes[element] = re.compile(row["shape"], re.IGNORECASE)
    indexed = {label: tuple(dict.fromkeys(pairs)) for label, pairs in claims.items()}
    return Labels(claims=indexed, shapes=shapes)
