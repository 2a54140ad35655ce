"""How a second description of one work differs from the first: as two people would type it."""

from __future__ import annotations

import msgspec

from harvester.sample import draw
from harvester.sample.persons import Person
from harvester.sample.publishing import Venue
from harvester.sample.work import Work


def elsewhere(work: Work) -> Work:
    """Return a work as another university describes it.

    Straight apostrophes, perhaps the year of the online version, keywords in English, and now and
    then no abstract, no subtitle or no DOI.
    """
    key = f"{work.key} elsewhere"
    earlier = draw.often(key, "online first", 35)
    no_subtitle = bool(work.subtitle) and draw.often(key, "no subtitle", 20)
    return msgspec.structs.replace(
        _plain(work),
        date=f"{work.year - 1}-11-20" if earlier else work.date,
        subtitle=None if no_subtitle else _straight(work.subtitle),
        keywords=dict.fromkeys(work.keywords, work.keywords["en"]),
        abstract=None if draw.often(key, "no abstract", 35) else work.abstract,
        venue=_venue_without_doi(work) if draw.often(key, "no DOI", 40) else work.venue,
        project=None,
        review_status="",
    )


def again(work: Work) -> Work:
    """Return a work as somebody deposits it a second time in the same repository.

    Initials, no DOI, no abstract, the title in capitals or with a full stop.
    """
    title = work.title.upper() if draw.often(work.key, "capitals", 50) else work.title
    subtitle = f"{work.subtitle}." if work.subtitle else None
    return msgspec.structs.replace(
        _plain(work),
        title=_straight(title) or title,
        subtitle=_straight(subtitle),
        creators=tuple(_with_initials(person) for person in work.creators),
        abstract=None,
        abstract_en=None,
        parallel=None,
        venue=_venue_without_doi(work),
        access="open",
    )


def _plain(work: Work) -> Work:
    return msgspec.structs.replace(work, title=_straight(work.title) or work.title)


def _straight(text: str | None) -> str | None:
    return text.replace("’", "'") if text else text


def _with_initials(person: Person) -> Person:
    return msgspec.structs.replace(person, given=person.initials, orcid=None)


def _venue_without_doi(work: Work) -> Venue:
    return msgspec.structs.replace(work.venue, doi=None)
