"""Loads the content of the sample repositories: the YAML files below `content/`.

They are written to be read and corrected by a person. What is combined from them is in `works`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from harvester import schemas

FOLDER = Path(__file__).parent / "content"
LANGUAGES = ("fr", "en", "nl", "de")


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of content: a field that is not known here is a mistake in the file."""


class Parallel(_Part, frozen=True):
    """Title and perhaps abstract in English of a publication in another language."""

    title: str
    subtitle: str | None = None
    about: str | None = None


class Publication(_Part, frozen=True):
    """A publication as written by hand.

    Attributes:
        title, subtitle, about: `$in` stands for a place, `$This` for how the text names itself.
        keywords: concepts of `keywords.yml`.
        places: places of `places.yml`; each makes one work.
        home: the repository that holds it, where that matters.
        since, until: years of publication that make sense.
        methods: methods of `methods.yml`, if not those of the topic.
        en: its parallel title.
    """

    title: str
    about: str
    keywords: list[str]
    subtitle: str | None = None
    places: list[str] = msgspec.field(name="in", default_factory=list)
    home: str | None = None
    since: int | None = None
    until: int | None = None
    methods: list[str] = []
    en: Parallel | None = None


class Block(_Part, frozen=True):
    """The publications of a topic in one language, with sentences that introduce any of them."""

    context: list[str]
    works: list[Publication]


class Topic(_Part, frozen=True):
    """A field of research: its classes, its usual methods, its publications by language."""

    disciplines: list[str]
    asjc: list[str]
    ddc: str
    methods: list[str]
    fr: Block
    en: Block
    nl: Block
    de: Block
    since: int = 1998

    def block(self, language: str) -> Block:
        """Return the publications in one of `LANGUAGES`."""
        return {"fr": self.fr, "en": self.en, "nl": self.nl, "de": self.de}[language]


class Method(_Part, frozen=True):
    """How a study was made: sentences by language, with a number between two bounds."""

    least: int
    most: int
    keyword: dict[str, str]
    fr: list[str]
    en: list[str]
    nl: list[str]
    de: list[str]

    def sentences(self, language: str) -> list[str]:
        """Return the sentences in one of `LANGUAGES`."""
        return {"fr": self.fr, "en": self.en, "nl": self.nl, "de": self.de}[language]


class Place(_Part, frozen=True):
    """A place: its name, or its name and how one says "in" it, by language."""

    country: str
    fr: str | list[str]
    en: str | list[str]
    nl: str | list[str]
    de: str | list[str]

    def _names(self, language: str) -> str | list[str]:
        return {"fr": self.fr, "en": self.en, "nl": self.nl, "de": self.de}[language]

    def name(self, language: str) -> str:
        """Return its name."""
        names = self._names(language)
        return names if isinstance(names, str) else names[0]

    def within(self, language: str) -> str:
        """Return how one says that something is there: `à Liège`, `in the Netherlands`."""
        names = self._names(language)
        if isinstance(names, str):
            return f"{'à' if language == 'fr' else 'in'} {names}"
        return names[1] if len(names) > 1 else f"in {names[0]}"


class Journal(_Part, frozen=True):
    """An invented journal; without topics it publishes on everything."""

    title: str
    language: str
    publisher: str
    topics: list[str] = []


class Venues(_Part, frozen=True):
    """Where things are published and who pays, by language or by repository."""

    journals: list[Journal]
    books: dict[str, list[str]]
    series: dict[str, str]
    conferences: dict[str, list[str]]
    publishers: dict[str, list[str]]
    bodies: dict[str, list[str]]
    institutions: dict[str, str]
    faculties: dict[str, dict[str, str]]
    projects: list[str]


class SubjectArea(_Part, frozen=True):
    """A class of ASJC."""

    code: str
    label: str


class Classes(_Part, frozen=True):
    """The classes of both schemes."""

    orbi: dict[str, dict[str, str]]
    asjc: dict[str, SubjectArea]


class Phrases(_Part, frozen=True):
    """Set phrases by language."""

    this: dict[str, dict[str, str]]
    review: dict[str, str]
    dataset: dict[str, str]
    dataset_abstract: dict[str, str] = msgspec.field(name="dataset-abstract")
    closing: dict[str, list[str]]


class Reference(_Part, frozen=True):
    """The reference record."""

    handle: str
    host: str
    identifier: str
    base_identifier: str
    datestamp: str
    title: str
    family: str
    given: str
    year: int
    publisher: str
    keywords: list[str]
    disciplines: list[str]
    funding: str
    abstract: str


class Content(_Part, frozen=True):
    """Everything, by the names of the files."""

    topics: dict[str, Topic]
    keywords: dict[str, dict[str, str]]
    places: dict[str, Place]
    methods: dict[str, Method]
    persons: dict[str, dict[str, list[str]]]
    venues: Venues
    classes: Classes
    phrases: Phrases
    reference: Reference


@cache
def load() -> Content:
    """Read all files, once.

    Raises:
        UsageError: a file is no YAML.
        msgspec.ValidationError: a field is missing, unknown or of another type, and where.
    """
    topics = {
        path.stem: _typeset(schemas.read_yaml(path))
        for path in sorted((FOLDER / "topics").glob("*.yml"))
    }
    files = {name: _read(name) for name in ("keywords", "places", "persons", "classes")}
    prose = {name: _typeset(_read(name)) for name in ("methods", "venues", "phrases", "reference")}
    return msgspec.convert({"topics": topics, **files, **prose}, Content)


def _read(name: str) -> dict[str, Any]:
    return schemas.read_yaml(FOLDER / f"{name}.yml")


def _typeset(value: Any) -> Any:  # noqa: ANN401 - any YAML value
    """Put the typographic apostrophe, which is awkward to type, into running text."""
    if isinstance(value, str):
        return value.replace("'", "’")
    if isinstance(value, dict):
        return {key: _typeset(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typeset(item) for item in value]
    return value
