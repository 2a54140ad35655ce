"""What BASE makes of the metadata that publishers give to Crossref.

Seen in BASE records whose identifier is `http://dx.doi.org/…`: no abstract, Scopus classes for
subjects, the journal with its numbers in dc:source, and a publisher's web addresses.
"""

from __future__ import annotations

from harvester.model import RawValue
from harvester.sample.content import load
from harvester.sample.dialects import Deposit
from harvester.sample.work import whole_title


def describe(deposit: Deposit) -> list[RawValue]:
    """Return the record of an article with a DOI.

    Raises:
        ValueError: the work has no DOI.
    """
    work, where = deposit.work, deposit.work.venue
    if not where.doi:
        raise ValueError(f"{work.key} has no DOI: Crossref does not know it")
    values = [RawValue("dc:title", whole_title(work))]
    values += [RawValue("dc:creator", person.inverted) for person in work.creators]
    for area in load().topics[work.topic].asjc:
        values.append(RawValue("dc:subject", load().classes.asjc[area].label))
    if where.publisher:
        values.append(RawValue("dc:publisher", where.publisher))
    values.append(RawValue("dc:date", work.date[:4]))
    values.append(RawValue("dc:type", "journal-article"))
    values.append(RawValue("dc:identifier", f"http://dx.doi.org/{where.doi.lower()}"))
    values.append(RawValue("dc:source", str(where.title)))
    numbers = f"volume {where.volume}, issue {where.issue}, page {where.pages}"
    values.append(RawValue("dc:source", numbers))
    values.append(RawValue("dc:language", work.language))
    return values
