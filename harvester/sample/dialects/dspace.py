"""DSpace's stock Dublin Core, which an invented college in Eupen uses here.

DSpace's own stylesheet flattens all qualifiers: time stamps of deposit are dates beside the date of
issue, the citation is an identifier, the series a relation, and no value says its language.
"""

from __future__ import annotations

from harvester.model import RawValue
from harvester.sample import draw
from harvester.sample.dialects import Deposit
from harvester.sample.work import whole_title, with_subtitle

HOST = "pub.grenzland.example"
HANDLE_PREFIX = "20.500.99998"
TYPES = {
    "article": "Artikel",
    "chapter": "Buchkapitel",
    "book": "Buch",
    "doctoral": "Dissertation",
    "master": "Masterarbeit",
    "report": "Bericht",
    "working-paper": "Arbeitspapier",
    "conference": "Konferenzbeitrag",
    "review": "Rezension",
    "dataset": "Forschungsdaten",
}
LANGUAGES = {"fr": "fr", "en": "en", "nl": "nl", "de": "de_DE"}


def describe(deposit: Deposit) -> list[RawValue]:
    """Return the record of a deposit."""
    work, where = deposit.work, deposit.work.venue
    values = [RawValue("dc:title", whole_title(work))]
    if work.parallel:
        values.append(RawValue("dc:title", with_subtitle(*work.parallel, "en")))
    values += [RawValue("dc:creator", person.inverted) for person in work.creators]
    values += [RawValue("dc:contributor", person.inverted) for person in work.contributors]
    values += [RawValue("dc:subject", label) for label in work.keywords[work.language]]
    if draw.often(work.key, "keywords in English too", 25) and work.language != "en":
        values += [RawValue("dc:subject", label) for label in work.keywords["en"]]
    values += [
        RawValue("dc:description", text) for text in (work.abstract, work.abstract_en) if text
    ]
    if work.project:
        values.append(RawValue("dc:description", work.project))
    if where.publisher:
        values.append(RawValue("dc:publisher", where.publisher))
    values += [RawValue("dc:date", deposit.datestamp)] * 2
    values.append(RawValue("dc:date", work.date[: draw.one(work.key, "precision", (4, 4, 10))]))
    values.append(RawValue("dc:type", TYPES[work.type]))
    if where.title and where.volume and where.first:
        cited = f"{where.title}, {where.volume}({where.issue}), {where.pages}"
        values.append(RawValue("dc:source", cited))
    elif where.title:
        values.append(RawValue("dc:source", where.title))
    values.append(RawValue("dc:identifier", f"http://hdl.handle.net/{deposit.number}"))
    if where.doi:
        values.append(RawValue("dc:identifier", f"doi:{where.doi}"))
    if where.isbn:
        values.append(RawValue("dc:identifier", where.isbn))
    values.append(RawValue("dc:language", LANGUAGES[work.language]))
    if work.access == "open":
        values.append(RawValue("dc:format", "application/pdf"))
        values.append(RawValue("dc:rights", "Attribution 4.0 International"))
        values.append(RawValue("dc:rights", "http://creativecommons.org/licenses/by/4.0/"))
    return values
