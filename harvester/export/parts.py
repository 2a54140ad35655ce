"""What the formats have in common: who wrote, who edited, which abstract, which pages, the date."""

from __future__ import annotations

import re
from typing import NamedTuple

from harvester.model import Abstract, Agent, Discipline, Record

_RANGE = re.compile(r"\s*(?:-{1,3}|[‐‑–—])\s*")
_GENERATION = re.compile(r"(.*?\S),?\s+((?:[JS]r\.?)|II|III|IV)")
_DATE = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-([0-9]{2}))?)?([~?%]?)")
_YEARS = re.compile(r"([0-9]{4})/([0-9]{4})")


class Date(NamedTuple):
    """A date of publication; month and day are 0 where they are not known.

    `last` is the last year of an interval, else 0; `guess` says that it is one.
    """

    year: int
    month: int = 0
    day: int = 0
    last: int = 0
    guess: bool = False


def authors(record: Record) -> list[Agent]:
    """List who made it, but for those who only edited it."""
    return [agent for agent in record.creators if agent.role != "editor"]


def editors(record: Record) -> list[Agent]:
    """List who edited it, contributors first."""
    return [agent for agent in (*record.contributors, *record.creators) if agent.role == "editor"]


def name(agent: Agent) -> str:
    """Write a name as lists have it: `Family, Given`, or whole where it has no parts."""
    if agent.corporate or not agent.family:
        return agent.literal
    return f"{agent.family}, {agent.given}" if agent.given else agent.family


def generation(family: str, given: str) -> tuple[str, str, str]:
    """Take the `Jr.` or `III` off a name; return family name, given names, and it or ""."""
    if match := _GENERATION.fullmatch(family):
        return match[1], given, match[2]
    if match := _GENERATION.fullmatch(given):
        return family, match[1], match[2]
    return family, given, ""


def abstract(record: Record) -> str:
    """Choose one abstract: in the language of the publication, else English, else the first."""

    def rank(one: Abstract) -> tuple[bool, bool]:
        return one.language not in record.languages[:1], one.language != "eng"

    return min(record.abstracts, key=rank).text if record.abstracts else ""


def pages(written: str | None) -> tuple[str, str]:
    """Return the first and the last page; the last is "" where there is one page or none.

    Pages may have hyphens of their own, `A-12-A-19`: the one in the middle stands between the two.
    What is more than one range, `1-3, 7`, is given whole.
    """
    text = written or ""
    marks = list(_RANGE.finditer(text))
    if "," in text or len(marks) % 2 == 0:
        return text, ""
    middle = marks[len(marks) // 2]
    return text[: middle.start()], text[middle.end() :]


def like_an_article(record: Record) -> bool:
    """Say whether a document of no known type is in a volume or issue, as articles are."""
    host = record.container
    in_one = host is not None and host.title and (host.volume or host.issue)
    return record.type in (None, "text", "other") and bool(in_one)


def date(record: Record) -> Date | None:
    """Read the date of publication, as far as it is certain; None where there is not even a year.

    Seasons, open intervals and years of which a part is not known give the year, if any.
    """
    issued = record.issued or ""
    if found := _DATE.fullmatch(issued):
        year, month, day, guess = found.groups()
        return Date(int(year), int(month or 0), int(day or 0), 0, bool(guess))
    if found := _YEARS.fullmatch(issued):
        return Date(int(found[1]), last=int(found[2]))
    return Date(record.year) if record.year is not None else None


def label(discipline: Discipline) -> str | None:
    """Name a discipline: in English where it has an English name, by its code where it has none."""
    names = (discipline.en, discipline.fr, discipline.nl, discipline.de, discipline.code)
    return next(filter(None, names), None)


def capitalised(label: str | None) -> str:
    """Write a label with a capital, as it stands alone."""
    return label[:1].upper() + label[1:] if label else ""
