"""What the rows of each table in `schemas/` look like; the head of each file says what they mean.

A file that has another shape is refused with its line, see `schemas.load`. A word that YAML reads
as something else (`no`, `on`, `2019-01-01`) has to stand in quotation marks, and is told so.
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, get_origin

import msgspec

from harvester.sources import Source

Term = str | int
"""A word of a table; numbers such as BASE's codes may stand without quotation marks."""

Language = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{3}$")]
"""ISO 639-3."""


class _Labelled(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A row with a label for readers of each language; only the English one must be there."""

    en: str
    de: str | None = None
    fr: str | None = None
    nl: str | None = None


class _Type(_Labelled, kw_only=True):
    rank: int = 3
    terms: list[Term] = []
    base: list[Term] = []
    own: list[str] = []
    part: bool = False
    zotero: Annotated[str, msgspec.Meta(pattern=r"^[a-z][A-Za-z]+$")] = ""
    ris: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3,7}$")] = ""
    bibtex: Annotated[str, msgspec.Meta(pattern=r"^[a-z]+$")] = ""
    schema: Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Za-z]+$")] = ""


class _Version(_Labelled, kw_only=True):
    rank: int = 1
    terms: list[Term] = []


class Types(msgspec.Struct, forbid_unknown_fields=True):
    """`types.yml`."""

    types: dict[str, _Type]
    versions: dict[str, _Version]
    ignored: list[Term] = []


class _LanguageRow(_Labelled, kw_only=True):
    alpha2: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2}$")] | None = None
    alpha3b: Language | None = None
    terms: list[Term] = []
    wrong: list[str] = []


class _Words(msgspec.Struct, forbid_unknown_fields=True):
    function: list[str] = []
    months: Annotated[list[list[str]], msgspec.Meta(max_length=12)] = []
    seasons: Annotated[list[list[str]], msgspec.Meta(max_length=4)] = []
    undated: list[str] = []
    circa: list[str] = []
    before: list[str] = []
    after: list[str] = []
    forthcoming: list[str] = []
    particles: list[str] = []
    nameless: list[str] = []
    no_keywords: list[str] = []
    untitled: list[str] = []
    headings: list[str] = []
    announcing: list[str] = []
    corporate: list[str] = []
    roles: dict[str, list[str]] = {}


class Languages(msgspec.Struct, forbid_unknown_fields=True):
    """`languages.yml`."""

    languages: dict[Language, _LanguageRow]
    words: dict[Language, _Words]
    none: list[Term] = []
    nothing: list[Term] = []


class _Access(_Labelled, kw_only=True):
    rank: int
    base: list[Term] = []
    terms: list[Term] = []


class _Licence(msgspec.Struct, forbid_unknown_fields=True):
    urls: list[str] = []
    terms: list[Term] = []


class _CreativeCommons(msgspec.Struct, forbid_unknown_fields=True):
    kinds: list[str]
    versions: list[str]
    ports: list[str]
    places: dict[str, list[str]] = {}


class Rights(msgspec.Struct, forbid_unknown_fields=True):
    """`rights.yml`."""

    access: dict[str, _Access]
    licences: dict[str, _Licence]
    creative_commons: _CreativeCommons
    pages: list[str] = []
    meaningless: list[Term] = []


class _Class(msgspec.Struct, forbid_unknown_fields=True):
    en: str | None = None
    de: str | None = None
    fr: str | None = None
    nl: str | None = None
    broader: Term | None = None
    unverified: bool = False


class _Scheme(msgspec.Struct, forbid_unknown_fields=True):
    classes: dict[Term, _Class]
    title: str | None = None


class Disciplines(msgspec.Struct, forbid_unknown_fields=True):
    """`disciplines.yml`."""

    schemes: dict[str, _Scheme]


class Headings(msgspec.Struct, forbid_unknown_fields=True):
    """`headings.yml`."""

    headings: dict[str, list[str]]
    forenames: dict[str, list[str]]
    ambiguous: list[str] = []


class Phrases(msgspec.Struct, forbid_unknown_fields=True):
    """`phrases.yml`: what was learned, when, and in how many records each phrase is."""

    version: int = 1
    learned: datetime.date | None = None
    records: int = 0
    least: int = 2
    phrases: dict[str, int] | None = None


class _Field(msgspec.Struct, forbid_unknown_fields=True):
    labels: dict[str, list[Annotated[str, msgspec.Meta(min_length=1)]]]
    shape: re.Pattern[str] | None = None


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`profiles/*.yml`: the facts of one platform; all are optional.

    Attributes:
        identifiers: patterns of OAI identifiers that only this platform gives.
        weak: its patterns count only for a source whose platform nobody has named.
        shape: patterns of values that its records have, by element (`setSpec` for the sets); they
            count where nobody has named the platform and no identifier betrays it.
        classes_first, classes_last: scheme of the classes that stand before the keywords, and of
            those behind them.
        citation: elements that hold the citation (journal, volume, pages).
        relation_is_own: it repeats the record's own DOI and handle in dc:relation.
        relation_is_other: it puts identifiers of other works and versions there.
        collections: patterns of collections that stand in dc:source and hold what never appeared in
            them.
        source_doi_is_own: a DOI inside the citation is the record's own.
        separators: patterns of what stands between keywords in one value.
        disciplines: schemes whose class labels stand among the subjects.
        joined: repeated titles, descriptions, dates and sources come as one, ` ; ` between.
        shredded: subjects come cut at `, `.
        tight_colon: title and subtitle are glued by a colon without a blank.
        contributors: role of contributors that name none, by type label; `""` for other types.
        short_descriptions: `funding` where a short line beside an abstract is that.
        default_type: COAR URI of records that name no type.
        reviewed, unreviewed: what is said of works that are peer reviewed, and that are not.
        boilerplate: patterns of descriptions that say nothing of the work.
        follows: headings whose next part says nothing either.
        funders: patterns of funders and programmes.
    """

    identifiers: list[re.Pattern[str]] = []
    weak: bool = False
    shape: dict[str, list[re.Pattern[str]]] = {}
    classes_first: str = ""
    classes_last: str = ""
    citation: list[str] = []
    relation_is_own: bool = False
    relation_is_other: bool = False
    collections: list[re.Pattern[str]] = []
    source_doi_is_own: bool = False
    separators: list[re.Pattern[str]] = []
    disciplines: list[str] = []
    joined: bool = False
    shredded: bool = False
    tight_colon: bool = False
    contributors: dict[str, str] = {}
    short_descriptions: str = ""
    default_type: str = ""
    reviewed: list[str] = []
    unreviewed: list[str] = []
    boilerplate: list[re.Pattern[str]] = []
    follows: list[str] = []
    funders: list[re.Pattern[str]] = []


class CrosswalkRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of a value of another format than Dublin Core.

    Attributes:
        to: the element that it becomes, `dc:title`; `agent` for a person or body whose role decides
            between creator and contributor; "" where no rule can use it.
        when: attribute to the terms of which it must be one; "" stands for none, "*" for any. The
            attribute `value` is the text itself.
        text: pieces that make up the text, with `{attribute}` or `{value}` in them; a piece of
            which an attribute is missing is left out.
        set: attributes that the value gets, made likewise.
        scheme: what a bare number or class is (`doi`, `ddc`), put before it unless it shows.
        trim: characters that are cut off the ends of what is filled in.
        also: further rows that apply where this one does.
    """

    to: str = ""
    when: dict[str, str | list[str]] = {}
    text: list[str] = msgspec.field(default_factory=lambda: ["{value}"])
    set: dict[str, str | list[str]] = {}
    scheme: str = ""
    trim: str = ""
    also: list[CrosswalkRow] = []


class Crosswalk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`crosswalks/*.yml`: what the elements of one format mean.

    Attributes:
        like: formats whose elements may stand in this one too; their rows come behind its own.
        elements: rows by element; the first whose `when` holds is taken.
    """

    like: list[str] = []
    elements: dict[str, list[CrosswalkRow]] = {}


class _Role(msgspec.Struct, forbid_unknown_fields=True):
    creates: bool = False
    terms: list[Term] = []


_Phrase = Annotated[str, msgspec.Meta(pattern=r"[^\W_]")]
_Weight = Annotated[float, msgspec.Meta(ge=-1000, le=1000)]


class _About(msgspec.Struct, forbid_unknown_fields=True):
    unsure: bool = False
    types: list[str] = []
    begin: list[_Phrase] = []
    alone: list[str] = []
    numbered: list[str] = []


class _Kind(msgspec.Struct, forbid_unknown_fields=True):
    types: list[str]
    apart: list[str] = []
    never: list[str] = []


class _Early(msgspec.Struct, forbid_unknown_fields=True):
    types: list[str] = []
    dois: list[str] = []


class _Telling(msgspec.Struct, forbid_unknown_fields=True):
    about: dict[str, _About]
    kinds: dict[str, _Kind]
    early: _Early
    parts: list[str] = []
    counted: list[str] = []
    editions: list[str] = []
    revised: list[str] = []
    numerals: dict[int, list[str]] = {}
    generic: list[str] = []
    yearly: list[_Phrase] = []
    serial: list[str] = []
    distinct: dict[str, dict[str, list[str]]] = {}
    called: dict[str, list[str]] = {}


class Linking(msgspec.Struct, forbid_unknown_fields=True):
    """`linking.yml`: what each feature of a pair of records weighs, and which words tell apart."""

    bias: _Weight
    apart_below: Annotated[float, msgspec.Meta(ge=-12)]
    words: _Telling
    fitted: dict[str, _Weight] = {}
    given: dict[str, _Weight] = {}


Facts: Any = msgspec.defstruct(
    "Facts",
    [
        (field.name, field.type, msgspec.field(default=None))
        for field in msgspec.structs.fields(Source)
        if field.name != "name"
    ],
    forbid_unknown_fields=True,
)
"""A row of `sources.yml`: a source without its name, which is the key of the row."""

_BY_FILE: dict[str, Any] = {
    "types.yml": Types,
    "languages.yml": Languages,
    "rights.yml": Rights,
    "disciplines.yml": Disciplines,
    "headings.yml": Headings,
    "phrases.yml": Phrases,
    "fields.yml": dict[str, _Field],
    "sources.yml": dict[str, Facts],
    "check.yml": dict[str, Any],
    "roles.yml": dict[str, _Role],
    "linking.yml": Linking,
}


_BY_FOLDER: dict[str, Any] = {"profiles": Profile, "crosswalks": Crosswalk}


def of(name: str) -> Any:  # noqa: ANN401 - any type that msgspec converts to
    """Return the type that a table is converted to, by its file below `schemas/`."""
    return _BY_FOLDER.get(name.partition("/")[0]) or _BY_FILE[name]


def hook(wanted: Any, value: object) -> object:  # noqa: ANN401 - as msgspec hands it over
    """Read what msgspec does not know: regular expressions.

    Raises:
        ValueError: it is none, or cannot be put together with others, and why.
    """
    if get_origin(wanted) is re.Pattern and isinstance(value, str):
        try:
            re.compile(f"(?:{value})")  # as it is put together with others
            found = re.compile(value)
        except re.error as error:
            raise ValueError(f"{value!r} is no regular expression: {error}") from None
        if found.groupindex:
            raise ValueError(f"{value!r} names a group: write (…) instead of (?P<name>…)")
        return found
    raise ValueError("a regular expression is a text in quotation marks")
