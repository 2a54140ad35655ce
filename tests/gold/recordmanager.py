"""What RecordManager's Dublin Core driver makes of a record, by its documented rules.

A peer to measure with, written from its description and not from our rules: it takes values as they
stand, and has no rule for what appeared in what, for access, licences, peer review or parallel
titles. Its abstract is the first description.
"""

from __future__ import annotations

import re

from harvester.model import Abstract, Agent, Identifiers, Keyword, RawRecord, RawValue, Record

_YEAR = re.compile(r"^\d{4}(?:$|[-/])")
_ISBN = re.compile(r"^[\d-]+[xX]?")


def understand(raw: RawRecord) -> Record:
    """Read a record as RecordManager does."""
    record = Record(source="recordmanager")
    record.title = next(iter(_texts(raw, "dc:title")), "")
    record.creators = [_agent(text) for text in _texts(raw, "dc:creator")]
    record.contributors = [_agent(text) for text in _texts(raw, "dc:contributor")]
    dates = [*_texts(raw, "dc:date"), *_texts(raw, "dcterms:issued")]
    if year := next((text[:4] for text in dates if _YEAR.match(text)), None):
        record.issued, record.year = year, int(year)
    record.languages = [
        part.lower()
        for text in _texts(raw, "dc:language")
        for word in text.split()
        for part in re.findall(r".{1,3}", word)
    ]
    # `journal article` is COAR's label; others write `Journal article`.
    record.type = next((text.lower() for text in _texts(raw, "dc:type")), None)
    record.keywords = [Keyword(text) for text in _texts(raw, "dc:subject")]
    record.abstracts = [Abstract(text) for text in _texts(raw, "dc:description")[:1]]
    record.identifiers = _identifiers(raw)
    return record


def _texts(raw: RawRecord, element: str) -> list[str]:
    return [value.value.strip() for value in _values(raw, element) if value.value.strip()]


def _values(raw: RawRecord, element: str) -> list[RawValue]:
    return [value for value in raw.values if value.element == element]


def _agent(text: str) -> Agent:
    """Take a name as it stands: what is before the first `, ` is the family name."""
    family, comma, given = text.partition(", ")
    return Agent(text, family, given) if comma else Agent(text)


def _identifiers(raw: RawRecord) -> Identifiers:
    """Take a DOI and ISSNs where an attribute says so, and an ISBN where a value begins with it."""
    found = Identifiers()
    for value in _values(raw, "dc:identifier"):
        kind = value.attributes.get("type", "").lower()
        text = value.value.strip()
        if kind == "doi":
            found.doi = text.lower()
        elif kind == "issn":
            found.issn.append(text)
        elif isbn := _isbn(text):
            found.isbn.append(isbn)
        elif text.lower().startswith("urn:"):
            found.urn = text
    return found


def _isbn(text: str) -> str | None:
    """Return the ISBN-13 that a value begins with."""
    found = _ISBN.match(text)
    digits = found.group().replace("-", "").upper() if found else ""
    if len(digits) == 10:
        digits = f"978{digits[:9]}"
        weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
        return f"{digits}{-weighed % 10}"
    return digits if len(digits) == 13 and digits.isdecimal() else None
