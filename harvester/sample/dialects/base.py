"""What BASE does to the records that it collects, and the fields that it adds.

Seen in 2,867 records of BASE: repeated titles, descriptions, dates and sources are joined with
` ; `; subjects are cut at a comma or semicolon with a blank behind it, unless Crossref sent them;
languages and attributes of values are dropped, as are elements that are not Dublin Core.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from harvester.model import RawValue
from harvester.sample import draw
from harvester.sample.content import load
from harvester.sample.dialects import THREE_LETTERS
from harvester.sample.work import Work

JOINED = ("dc:title", "dc:description", "dc:date", "dc:source")
ORDER = (
    "dc:title", "dc:creator", "dc:contributor", "dc:subject", "dc:description", "dc:publisher",
    "dc:date", "dc:type", "dc:format", "dc:identifier", "dc:source", "dc:language", "dc:relation",
    "dc:rights",
)  # fmt: skip
CUT = re.compile(r"[,;] ")
TYPENORM = {
    "article": "121", "chapter": "111", "book": "11", "doctoral": "183", "master": "182",
    "report": "14", "working-paper": "1", "conference": "13", "review": "15", "dataset": "7",
}  # fmt: skip


class Collection(msgspec.Struct, frozen=True):
    """A repository as BASE knows it.

    Attributes:
        code: BASE's code, `ftsampleorbi`; codes of publishers at Crossref begin with `cr`.
        name: BASE's name for it.
        country: lower-case ISO 3166, or `org` where there is none.
        continent: BASE's code, `ceu` for Europe, `cww` for the world.
    """

    code: str
    name: str
    country: str
    continent: str

    @property
    def from_crossref(self) -> bool:
        """Whether BASE has its records from Crossref."""
        return self.code.startswith("cr")


def damage(values: Sequence[RawValue], *, cut: bool = True) -> list[RawValue]:
    """Return the Dublin Core of a record as BASE hands it on.

    Args:
        values: the record as its repository serves it.
        cut: cut subjects, as BASE does with everything that it harvests by OAI-PMH.
    """
    by_element: dict[str, list[str]] = {}
    for value in values:
        if value.value:
            by_element.setdefault(value.element, []).append(value.value)
    addresses = [text for text in by_element.get("dc:identifier", []) if text.startswith("http")]
    by_element.setdefault("dc:relation", addresses[:1])
    kept = []
    for element in ORDER:
        texts = by_element.get(element, [])
        if element in JOINED and texts:
            texts = [" ; ".join(texts)]
        elif element == "dc:subject" and cut:
            texts = [part for text in texts for part in CUT.split(text)]
        kept += [RawValue(element, text) for text in texts]
    return kept


def describe(values: Sequence[RawValue], work: Work, collection: Collection) -> list[RawValue]:
    """Return BASE's record of a work: its damaged Dublin Core, then BASE's own fields.

    Args:
        values: the record as its repository serves it.
        work: the work, for what BASE infers about it.
        collection: the repository.
    """
    added = [("typenorm", TYPENORM[work.type]), ("oa", _open_access(work, collection))]
    licence = next((found for value in values if (found := _licence(value))), None)
    if licence and not collection.from_crossref:
        added.append(("rightsnorm", licence))
    added += [
        ("collection", collection.code),
        ("collname", collection.name),
        ("continent", collection.continent),
        ("country", collection.country),
        ("lang", THREE_LETTERS[work.language]),
        ("year", str(work.year)),
        ("link", _link(values)),
    ]
    own = [RawValue(f"base_dc:{name}", value) for name, value in added]
    if work.topic and draw.often(work.key, "classified by machine", 45):
        ddc = load().topics[work.topic].ddc.partition(".")[0]
        own.insert(0, RawValue("base_dc:autoclasscode", ddc, None, {"type": "ddc"}))
    return damage(values, cut=not collection.from_crossref) + own


def _link(values: Sequence[RawValue]) -> str:
    """Return the first address among the identifiers; repositories put the landing page first."""
    addresses = (value.value for value in values if value.element == "dc:identifier")
    return next(address for address in addresses if address.startswith("http"))


def _open_access(work: Work, collection: Collection) -> str:
    if collection.from_crossref:
        return "2"
    return {"open": "1", "embargoed": "0", "restricted": "0"}.get(work.access, "2")


def _licence(value: RawValue) -> str | None:
    found = re.search(r"creativecommons\.org/licenses/([a-z-]+)/", value.value)
    return f"CC-{found[1].upper()}" if found else None
