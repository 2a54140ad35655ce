"""What a type of document is called by those who read our files and pages.

The names stand beside each type in `schemas/types.yml`, so that a type that a librarian adds there
reaches every format and the tags of every page.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import msgspec

from harvester import schemas
from harvester.model import Record

COAR = "http://purl.org/coar/resource_type/"


class Kind(msgspec.Struct, frozen=True):
    """A type in the words of others; without a row in the table it is the least of each.

    Attributes:
        zotero: Zotero's item type.
        ris: the reference type of RIS (TY).
        bibtex: an entry type that Zotero knows; it drops entries of others without a word.
        schema: the type of schema.org.
    """

    zotero: str = "document"
    ris: str = "GEN"
    bibtex: str = "misc"
    schema: str = "CreativeWork"


UNKNOWN = Kind()

_FROM_RIS = {
    "ART": "artwork",
    "BLOG": "blogPost",
    "BOOK": "book",
    "CHAP": "bookSection",
    "COMP": "computerProgram",
    "CONF": "conferencePaper",
    "DATA": "dataset",
    "ELEC": "webpage",
    "JOUR": "journalArticle",
    "MAP": "map",
    "NEWS": "newspaperArticle",
    "PAT": "patent",
    "PCOMM": "letter",
    "RPRT": "report",
    "SLIDE": "presentation",
    "SOUND": "audioRecording",
    "THES": "thesis",
    "UNPD": "manuscript",
    "VIDEO": "videoRecording",
}
"""The item type that Zotero makes of a reference type, where that is the one that is meant."""


CSL = {
    "artwork": "graphic",
    "audioRecording": "song",
    "blogPost": "post-weblog",
    "book": "book",
    "bookSection": "chapter",
    "computerProgram": "software",
    "conferencePaper": "paper-conference",
    "dataset": "dataset",
    "document": "document",
    "interview": "interview",
    "journalArticle": "article-journal",
    "letter": "personal_communication",
    "manuscript": "manuscript",
    "map": "map",
    "newspaperArticle": "article-newspaper",
    "patent": "patent",
    "preprint": "article",
    "presentation": "speech",
    "report": "report",
    "thesis": "thesis",
    "videoRecording": "motion_picture",
    "webpage": "webpage",
}
"""What Zotero's item types are called in CSL, as Zotero itself writes them."""


def csl(kind: Kind) -> str:
    """Return the type of CSL."""
    return CSL.get(kind.zotero, "document")


def survives_ris(kind: Kind) -> bool:
    """Say whether Zotero reads from RIS the type that is meant; a preprint becomes a manuscript."""
    return _FROM_RIS.get(kind.ris) == kind.zotero


def kind(record: Record, overlay: Path | None = None) -> Kind:
    """Return what a record's type is called: by its URI, else by its English label.

    Args:
        record: what is written or shown.
        overlay: the folder of the librarian's own table rows, or None.
    """
    known = kinds(overlay)
    return known.get(record.type_uri or "") or known.get(record.type or "") or UNKNOWN


@functools.cache
def kinds(overlay: Path | None) -> Mapping[str, Kind]:
    """Read the table: kinds by URI and by English label."""
    found: dict[str, Kind] = {}
    for uri, facts in schemas.load("types.yml", overlay)["types"].items():
        names = {name: facts[name] for name in Kind.__struct_fields__ if name in facts}
        found[uri] = found[str(facts["en"])] = Kind(**names)
    return found
