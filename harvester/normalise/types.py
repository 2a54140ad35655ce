"""Types: what a document is, as a COAR resource type, and which version of it is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from harvester.model import Note
from harvester.normalise.folding import fold
from harvester.normalise.remembering import remembered
from harvester.normalise.text import Value


class Type(msgspec.Struct, frozen=True):
    """A COAR type or version.

    Attributes:
        uri, label: COAR's address and English label.
        rank: how much it tells; the highest wins.
        own: `isbn` and `issn` where such a number names the work itself.
        part: an ISBN names what it appeared in, wherever it stands.
    """

    uri: str
    label: str
    rank: int
    own: frozenset[str] = frozenset()
    part: bool = False


class Types(msgspec.Struct, frozen=True, eq=False):
    """What types and versions are called.

    Attributes:
        by_term: type by folded term or URI.
        by_base: type by BASE's code.
        versions: version by folded term or URI.
        ignored: folded values of dc:type that say something else.
    """

    by_term: Mapping[str, Type]
    by_base: Mapping[str, Type]
    versions: Mapping[str, Type]
    ignored: frozenset[str]


class Kind(msgspec.Struct, frozen=True, gc=False):
    """What a record is: type and version, each perhaps unknown."""

    type: Type | None
    version: Type | None


# `[Corrigendum] …`, `Book review: …`: the title says what the type does not.
_MARKER = re.compile(
    r"^\[?(?P<marker>corrigendum|erratum|book review|boekbespreking|buchbesprechung|compte rendu|"
    r"recension)(?:\]|\s*:|\s+to\b\s*:?)",
    re.IGNORECASE,
)
_MARKED = frozenset("[cebr")
_PARTS = re.compile(r"\s+/\s+|\s*›\s*|\s+-\s+|\s*[;|]\s*")
_VERSIONLESS = re.compile(
    r",?\s*\(?(?:author accepted manuscript|publisher version)\)?$", re.IGNORECASE
)


# `Doctor of Philosophy`, `ERIM PhD Series`, `Erasmus MC;Diss. 2003:039`, `Dit proefschrift …`
_DEGREE = re.compile(
    r"(?P<doctoral>\bph\.? ?d\b|\bdoctor of\b|\bdoctora[lt]\b|\bproefschrift\b|;diss\. \d{4})"
    r"|(?P<master>\bmaster(?:['’]s| of\b)|\bmasterproef\b|\bmaîtrise\b)"
    r"|(?P<bachelor>\bbachelor(?:['’]s| of\b)|\bbachelorproef\b)",
    re.IGNORECASE,
)
_DEGREE_WITHIN = 120


def key(term: str) -> str:
    """Fold a term or URI for looking it up; http and https are one."""
    return fold(term.replace("https://", "http://", 1))


def find(term: str, types: Types) -> Type | None:
    """Return the type that a term means, whole or by one of its parts, the last part first."""
    if known := types.by_term.get(key(term)):
        return known
    parts = _PARTS.split(term)
    if len(parts) > 1:
        # Pure: `Chapter in Book/… › Conference contribution › Academic`
        if known := types.by_term.get(key("".join(parts[:2]))):
            return known
        for part in reversed(parts):
            if known := types.by_term.get(key(part)):
                return known
    return None


def read(
    values: Sequence[Value],
    normalised: Sequence[Value],
    title: str,
    types: Types,
    default: str = "",
) -> tuple[Kind, list[Note]]:
    """Choose the most telling type, and set apart the version.

    Args:
        values: dc:type.
        normalised: base_dc:typenorm, BASE's code; a type that the record names goes before it
            unless the code tells more.
        title: the title, whose marker (`[Corrigendum]`, `Book review: …`) may tell more.
        types: the names.
        default: a COAR URI for records of this platform that name no type.
    """
    notes: list[Note] = []
    best: Type | None = None
    version: Type | None = None
    meanings = _meaning.by(types)
    for value in values:
        known, said, rule = meanings[value.text]
        if rule == "types.version" and said:
            if version is None or said.rank > version.rank:
                version = said
            notes.append(Note("version", value.name, value.original, rule, said.label))
            continue
        notes.append(Note("type", value.name, value.original, rule, known.label if known else ""))
        if known and (best is None or known.rank > best.rank):
            best = known
        version = version or said
    for value in normalised:
        known = types.by_base.get(value.text.upper())
        result = known.label if known else ""
        rule = "types.base" if known else "types.unknown"
        notes.append(Note("type", value.name, value.original, rule, result, 0.9))
        if known and (best is None or known.rank > best.rank):
            best = known
    if best is None and default:
        best = types.by_term.get(key(default))
        if best:
            notes.append(Note("type", "", "", "types.default", best.label, 0.7))
    if (best is None or best.rank < 4) and (marked := _marked(title, types)):
        best = marked
        notes.append(Note("type", "dc:title", title, "types.marker", marked.label, 0.9))
    return Kind(best, version), notes


def degree(kind: Kind, values: Sequence[Value], types: Types) -> tuple[Kind, list[Note]]:
    """Tell the kind of a thesis by the degree that DSpace has among descriptions or series.

    Args:
        kind: what the record's type says; only a thesis without a degree is looked at.
        values: dc:description and dc:relation.
        types: the names.
    """
    if kind.type is None or kind.type.label != "thesis":
        return kind, []
    for value in values:
        if found := _DEGREE.search(value.text[:_DEGREE_WITHIN]):
            label = f"{found.lastgroup} thesis"
            told = Note("type", value.name, value.original, "types.degree", label, 0.9)
            return replace(kind, type=types.by_term[key(label)]), [told]
    return kind, []


def stated_version(values: Sequence[Value], types: Types) -> tuple[Type | None, list[Note]]:
    """Read the version that Brage has among its descriptions, `… ; acceptedVersion`."""
    for value in values:
        if value.text[-7:] == "Version":
            version = types.versions.get(key(value.text.rpartition(" ; ")[2]))
            if version:
                note = Note("version", value.name, value.original, "types.version", version.label)
                return version, [note]
    return None, []


@remembered(4096)
def _meaning(term: str, types: Types) -> tuple[Type | None, Type | None, str]:
    """Return the type and the version that one term means, and the rule."""
    folded = key(term)
    if said := types.versions.get(folded):
        return None, said, "types.version"
    known = find(term, types)
    if known is None:
        return None, None, "types.ignored" if folded in types.ignored else "types.unknown"
    return known, _mentioned_version(term, types) if "," in term else None, "types.term"


def _mentioned_version(text: str, types: Types) -> Type | None:
    found = _VERSIONLESS.search(text)
    return types.versions.get(key(found.group())) if found else None


def _marked(title: str, types: Types) -> Type | None:
    if title[:1].lower() not in _MARKED:
        return None
    found = _MARKER.match(title)
    return types.by_term.get(key(found["marker"])) if found else None
