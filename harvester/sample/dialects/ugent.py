"""The Dublin Core of Ghent's Biblio, which an invented Flemish university uses here.

Seen in the records of Biblio of May 2015 and of 2020: its own broad subjects first, title and
subtitle with blanks around the colon, journals in capitals as Web of Science writes them, editors
and promoters as contributors, a rights statement in words.
"""

from __future__ import annotations

from harvester.model import RawValue
from harvester.sample import draw
from harvester.sample.dialects import Deposit
from harvester.sample.dialects.orbi import embargo_end
from harvester.sample.dialects.pure import ACCESS

HOST = "biblio.scheldestad.example"
HANDLE_PREFIX = "20.500.99997"
LANGUAGES = {"fr": "fre", "en": "eng", "nl": "dut", "de": "ger"}
TYPES = {
    "article": ("article", "article"),
    "chapter": ("bookPart", "bookPart"),
    "book": ("book", "book"),
    "doctoral": ("doctoralThesis", "doctoralThesis"),
    "master": ("masterThesis", "masterThesis"),
    "report": ("report", "report"),
    "working-paper": ("preprint", "workingPaper"),
    "conference": ("conferenceObject", "conferenceObject"),
    "review": ("review", "review"),
    "dataset": ("dataset", "other"),
}
STATEMENTS = (
    "I have transferred the copyright for this publication to the publisher",
    "I have retained and own the full copyright for this publication",
)


def describe(deposit: Deposit) -> list[RawValue]:
    """Return the record of a deposit."""
    work, number = deposit.work, deposit.number
    values = [
        RawValue("dc:title", f"{work.title} : {work.subtitle}" if work.subtitle else work.title)
    ]
    values += [RawValue("dc:creator", person.inverted) for person in work.creators]
    values.append(
        RawValue(
            "dc:subject",
            "Law and Political Science" if work.topic in ("law", "crime") else "Social Sciences",
        )
    )
    labels = work.keywords[
        "en" if draw.often(work.key, "keywords in English only", 50) else work.language
    ]
    # Keywords that come from Web of Science are in capitals.
    capitals = len(labels) - 2 if draw.often(work.key, "Web of Science", 25) else len(labels)
    values += [
        RawValue("dc:subject", label if place < capitals else label.upper())
        for place, label in enumerate(labels)
    ]
    if work.abstract:
        values.append(RawValue("dc:description", work.abstract))
    if work.venue.publisher:
        values.append(RawValue("dc:publisher", work.venue.publisher))
    values += [RawValue("dc:contributor", person.inverted) for person in work.contributors]
    values.append(RawValue("dc:date", work.date[:4]))
    if work.access == "embargoed":
        values.append(RawValue("dc:date", f"info:eu-repo/date/embargoEnd/{embargo_end(work)}"))
    bare, semantic = TYPES[work.type]
    values.append(RawValue("dc:type", bare))
    values.append(RawValue("dc:type", f"info:eu-repo/semantics/{semantic}"))
    values.append(RawValue("dc:type", "info:eu-repo/semantics/publishedVersion"))
    values.append(RawValue("dc:identifier", f"https://{HOST}/publication/{number}"))
    values.append(RawValue("dc:identifier", f"http://hdl.handle.net/{HANDLE_PREFIX}/LU-{number}"))
    if work.venue.doi:
        values.append(RawValue("dc:identifier", f"http://dx.doi.org/{work.venue.doi}"))
    if work.access in ("open", "embargoed"):
        values.append(RawValue("dc:format", "application/pdf"))
        file = f"https://{HOST}/publication/{number}/file/{int(number) + 3}"
        values.append(RawValue("dc:identifier", file))
    if work.venue.title:
        journal = work.type in ("article", "review")
        values.append(
            RawValue("dc:source", work.venue.title.upper() if journal else work.venue.title)
        )
    if work.venue.isbn:
        values.append(RawValue("dc:source", f"ISBN: {work.venue.isbn}"))
    values.append(RawValue("dc:language", LANGUAGES[work.language]))
    if work.access != "metadata":
        values.append(RawValue("dc:rights", draw.one(work.key, "statement", STATEMENTS)))
        values.append(RawValue("dc:rights", ACCESS[work.access]))
    return values
