"""Compares what was understood of a record with what a person reads in it.

Both are laid out alike: by field, the values as plain texts. A field counts what both have, what
only the record has (false) and what only the gold row has (missed); the order is noted apart. Texts
are compared in Unicode's NFC with single blanks, and not otherwise folded.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from harvester.model import Agent, Discipline, Record
from harvester.normalise.folding import fold
from tests.gold.rows import Name, Row

Values = dict[str, list[str]]
"""By field, what it holds."""

START = 60
"""Characters of an abstract that are compared."""
INFERRED = {"languages.detected": "languages", "types.default": "type"}
"""Rules that infer what a record does not say, and their fields: gold holds what it says alone."""

SCHEMES = ("orbi", "ugent", "asjc", "fos", "ddc")
"""Schemes whose classes gold has among the disciplines; others are not scored."""

_IDENTIFIERS = ("doi", "handle", "isbn", "issn", "urn", "pmid", "arxiv")
_CONTAINER = ("title", "volume", "issue", "pages", "article_number", "issn", "isbn", "series")
FIELDS = (
    "title", "titles", "creators", "contributors", "orcid", "role", "issued", "year",
    "embargo_until", "languages", "type", "version",
    *(f"identifiers.{scheme}" for scheme in _IDENTIFIERS),
    "keywords", "disciplines",
    *(f"container.{part}" for part in _CONTAINER),
    "access", "licence", "peer_reviewed", "abstracts",
)  # fmt: skip
GROUPS = {
    "names": ("creators", "contributors"),
    "dates": ("issued", "embargo_until"),
    "languages": ("languages",),
    "types": ("type", "version"),
    "identifiers": tuple(f"identifiers.{scheme}" for scheme in _IDENTIFIERS),
    "keywords": ("keywords",),
    "citation parts": tuple(f"container.{part}" for part in _CONTAINER),
}
"""Fields that are judged together; `year` repeats `issued`, so that it is in no sum."""
ORDERED = ("creators", "contributors", "languages", "keywords")
OVERALL = tuple(field for field in FIELDS if field != "year")


class Score(NamedTuple):
    """How many values both have, the record alone, and the gold row alone."""

    both: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """The share of the record's values that are right; 1 where it has none."""
        return self.both / (self.both + self.false) if self.both + self.false else 1.0

    @property
    def recall(self) -> float:
        """The share of the gold values that were found; 1 where there are none."""
        return self.both / (self.both + self.missed) if self.both + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Precision and recall in one number."""
        return 2 * self.both / counted if (counted := self.counted) else 1.0

    @property
    def counted(self) -> int:
        """How many values were compared, on both sides."""
        return 2 * self.both + self.false + self.missed


class Compared(NamedTuple):
    """One field of one record: the values on both sides, and whether their order is the same."""

    field: str
    gold: list[str]
    ours: list[str]
    score: Score

    @property
    def agrees(self) -> bool:
        """Nothing is false and nothing is missed."""
        return not self.score.false and not self.score.missed

    @property
    def same_order(self) -> bool:
        """What both have stands in the same order."""
        common = [value for value in self.gold if value in self.ours]
        return common == [value for value in self.ours if value in self.gold]


def compare(row: Row, given: Record) -> list[Compared]:
    """Compare a record with its gold row, field by field, but for those that are doubtful."""
    gold, ours = expected(row), understood(given)
    gold["disciplines"], ours["disciplines"] = _classes(row.disciplines, given.disciplines)
    ours["abstracts"] = _starts(gold["abstracts"], ours["abstracts"])
    return [
        Compared(field, gold[field], ours[field], _count(gold[field], ours[field]))
        for field in FIELDS
        if not _is_doubtful(field, row.doubtful)
    ]


def total(compared: Iterable[Compared], fields: Sequence[str]) -> Score:
    """Add up the scores of some fields."""
    scores = [one.score for one in compared if one.field in fields]
    return Score(*map(sum, zip(*scores, strict=True))) if scores else Score()


def expected(row: Row) -> Values:
    """Lay out a gold row."""
    names = {"creators": row.creators, "contributors": row.contributors}
    return _clean(
        {
            "title": [row.title],
            "titles": row.titles,
            **{field: [_name(one) for one in ones] for field, ones in names.items()},
            "orcid": [one.orcid for ones in names.values() for one in ones],
            "role": [_role(_name(one), one.role) for one in row.contributors],
            "issued": [row.issued],
            "year": [row.issued[:4]],
            "embargo_until": [row.embargo_until],
            "languages": row.languages,
            "type": [row.type],
            "version": [row.version],
            **_parts("identifiers", _IDENTIFIERS, row.identifiers),
            "keywords": row.keywords,
            "disciplines": row.disciplines,
            **_parts("container", _CONTAINER, row.container),
            "access": [row.access],
            "licence": [row.licence],
            "peer_reviewed": [row.peer_reviewed.lower()],
            "abstracts": [_plain(text)[:START] for text in row.abstracts],
        }
    )


def understood(record: Record) -> Values:
    """Lay out a record, without what it only infers."""
    inferred = {INFERRED[note.rule] for note in record.notes if note.rule in INFERRED}
    rights = record.rights
    reviewed = record.peer_reviewed
    licence = rights.licence if rights else None
    names = {"creators": record.creators, "contributors": record.contributors}
    return _clean(
        {
            "title": [record.title],
            "titles": [title.text for title in record.titles],
            **{field: [_name(one) for one in ones] for field, ones in names.items()},
            "orcid": [one.orcid or "" for ones in names.values() for one in ones],
            "role": [_role(_name(one), one.role) for one in record.contributors],
            "issued": [record.issued or ""],
            "year": [f"{record.year:04}" if record.year else ""],
            "embargo_until": [rights.embargo_until or "" if rights else ""],
            "languages": [] if "languages" in inferred else record.languages,
            "type": ["" if "type" in inferred else record.type or ""],
            "version": [record.version or ""],
            **_parts("identifiers", _IDENTIFIERS, record.identifiers),
            "keywords": [keyword.label for keyword in record.keywords],
            "disciplines": [],
            **_parts("container", _CONTAINER, record.container),
            "access": [rights.access or "" if rights else ""],
            # An address stands where SPDX has no id; gold has ids alone.
            "licence": [licence if licence and "://" not in licence else ""],
            "peer_reviewed": ["" if reviewed is None else str(reviewed).lower()],
            "abstracts": [abstract.text for abstract in record.abstracts],
        }
    )


def _clean(values: Mapping[str, Sequence[str]]) -> Values:
    return {
        field: [plain for text in texts if (plain := _plain(text))]
        for field, texts in values.items()
    }


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _name(name: Name | Agent) -> str:
    """Lay out a name as `family, given`; a single name is one, whichever key it stands in."""
    if name.family and name.given:
        return f"{name.family}, {name.given}"
    return name.family or name.literal


def _role(name: str, role: str | None) -> str:
    return f"{name}: {role}" if role else ""


def _parts(prefix: str, names: Sequence[str], of: object) -> Values:
    found: Values = {}
    for name in names:
        value = getattr(of, name, None) or []
        found[f"{prefix}.{name}"] = [value] if isinstance(value, str) else list(value)
    return found


def _classes(labels: Sequence[str], found: Sequence[Discipline]) -> tuple[list[str], list[str]]:
    """Lay out classes so that those that are the same have the same text.

    Gold has the labels as they stand in the record, maybe in two languages and with a code, or a
    path of classes; a class that was understood has labels of its scheme.
    """
    known = [
        (_class_text(one), {fold(name) for name in (one.code, *_class_labels(one)) if name})
        for one in found
        if one.scheme in SCHEMES
    ]
    parts = [part for label in labels for part in label.split("::") if part.strip()]
    gold = [
        next(
            (text for forms in _label_forms(part) for text, names in known if forms & names),
            _plain(part),
        )
        for part in parts
    ]
    return list(dict.fromkeys(gold)), list(dict.fromkeys(text for text, _ in known))


def _class_labels(one: Discipline) -> tuple[str | None, ...]:
    return one.en, one.fr, one.nl, one.de


def _label_forms(label: str) -> tuple[set[str], set[str]]:
    """Fold a label whole, and its parts where a code stands before, behind or in brackets."""
    bare, _, behind = label.rstrip("])").replace("(", "[").rpartition("[")
    first, _, rest = label.partition(" ")
    parts = {bare, behind, *((first, rest) if any(map(str.isdecimal, first)) else ())}
    return {fold(label)} - {""}, {fold(part) for part in parts} - {""}


def _class_text(one: Discipline) -> str:
    return f"{one.scheme}:{one.code or next(filter(None, _class_labels(one)))}"


def _starts(gold: Sequence[str], ours: Sequence[str]) -> list[str]:
    """Cut abstracts down to the start that the gold row has of them."""
    return [
        next((start for start in gold if text.startswith(start)), text[:START]) for text in ours
    ]


def _is_doubtful(field: str, doubtful: Sequence[str]) -> bool:
    """Say whether a field or the whole that it belongs to is doubtful: `container`, `pages`."""
    whole, _, part = field.partition(".")
    named = {field, whole, part} | ({"issued"} if field == "year" else set())
    if field in ("orcid", "role"):
        named |= {"creators", "contributors"}
    return not named.isdisjoint(doubtful)


def _count(gold: Sequence[str], ours: Sequence[str]) -> Score:
    wanted, found = Counter(gold), Counter(ours)
    return Score((wanted & found).total(), (found - wanted).total(), (wanted - found).total())
