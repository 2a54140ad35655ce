"""The parts of a citation that are scattered: each in an element or a value of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from harvester.model import Container, Note
from harvester.normalise.cited import Cited, page_range
from harvester.normalise.dialects import DAY
from harvester.normalise.identifiers import find
from harvester.normalise.text import Value

REFINED = {
    "journal": "title",
    "volume": "volume",
    "issue": "issue",
    "pages": "pages",
    "series": "series",
    "page_start": "page_start",
    "page_end": "page_end",
    "article": "article_number",
}
# IRIS (Cineca) in dc:relation: `journal:CROATIAN JOURNAL OF PHILOSOPHY`, `firstpage:487`.
PAIRS = {
    "journal": "title",
    "ispartofbook": "title",
    "volume": "volume",
    "issue": "issue",
    "firstpage": "page_start",
    "lastpage": "page_end",
    "ispartofseries": "series",
    "serie": "series",
}
PAIR = re.compile(rf"^(?P<key>{'|'.join(PAIRS)}):\s*(?P<value>\S.*)$")
_ISSUE_BEHIND = re.compile(r"^(?P<volume>[\w-]{1,12}) \((?:issue )?(?P<issue>\d[\d/–-]{0,12})\)$")


def refined(container: Container, value: Value, field: str, text: str, notes: list[Note]) -> None:
    """Take a part that the source names itself, such as `dc:source:volume` or `volume:5`."""
    if field == "page_end" and container.pages:
        text = f"{container.pages}-{text}"
    if field in ("pages", "page_start", "page_end"):
        pages, article = page_range(text)
        container.pages = pages or container.pages
        container.article_number = article or container.article_number
    elif field == "issue" and DAY.match(text):
        notes.append(Note("container", value.name, value.original, "citation.date", ""))
        return
    elif field == "volume" and (both := _ISSUE_BEHIND.match(text)):
        container.volume = container.volume or both["volume"]
        container.issue = container.issue or both["issue"]
    elif getattr(container, field) is None:
        setattr(container, field, text)
    notes.append(Note("container", value.name, value.original, "citation.given", text))


NUMBER = re.compile(r"^\d{1,4}(?:\s?[-–/]\s?\d{1,5})?$")


def sequence(parts: Sequence[str]) -> Cited | None:
    """Read volume, issue and pages that follow the title one by one.

    SSOAR, KNB and others by way of BASE: `Media and Communication ; 3 ; 4 ; 91-105 ; …`.
    """
    if not any(map(str.isalpha, parts[0])) or "://" in parts[0]:
        return None
    numbers = []
    for part in parts[1:4]:
        if not NUMBER.match(part) or find(part)[0]:
            break
        numbers.append(part)
    if len(numbers) < 2 or "-" not in numbers[-1]:
        return None
    pages = numbers.pop()
    volume, issue = (*numbers, "")[:2]
    pages, article = page_range(pages)
    return Cited("", volume, issue, pages, article, rule="citation.sequence", certainty=0.8)


def behind_title(relations: Sequence[Value], container: Container) -> tuple[Value, Cited] | None:
    """Read the bare numbers behind the title in dc:relation: volume, issue, first and last page.

    Japanese repositories flatten `jtitle`, `volume`, `issue`, `spage`, `epage` (Kyoto).
    """
    if len(relations) < 4 or container.volume or container.pages:
        return None
    for place, value in enumerate(relations):
        numbers = []
        for follower in relations[place + 1 : place + 5]:
            if not follower.text.isdecimal() or len(follower.text) > 5:
                break
            numbers.append(follower.text)
        if len(numbers) in (3, 4) and int(numbers[-2]) <= int(numbers[-1]):
            if value.text.startswith("Makale") and place:
                value = relations[place - 1]  # Turkish DSpace: the category of the publication
            if not any(map(str.isalpha, value.text)):
                return None
            issue = numbers[1] if len(numbers) == 4 else ""
            pages, _ = page_range("-".join(numbers[-2:]))
            rule = "citation.sequence"
            return value, Cited(value.text, numbers[0], issue, pages, rule=rule, certainty=0.8)
    return None


_ISSN_ONLY = re.compile(r"\d{4}-\d{3}[\dXx];null$")


def before_issn(relations: Sequence[Value]) -> tuple[Value, Cited, Value] | None:
    """Read the journal before `1300-4514;null` in dc:relation, as Marmara University writes it.

    Returns:
        the value of the title, the title, and the value that holds the ISSN.
    """
    for title, follower in pairwise(relations):
        if _ISSN_ONLY.match(follower.text) and any(map(str.isalpha, title.text)):
            return title, Cited(title.text, rule="citation.sequence", certainty=0.8), follower
    return None
