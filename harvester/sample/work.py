"""Combines the hand-written content into works: the same ones on every machine and day.

A work is a publication; which repository describes it, and how, is in `holdings` and `dialects`.
"""

from __future__ import annotations

from functools import cache
from string import Template

import msgspec

from harvester.sample import draw, prose
from harvester.sample.content import LANGUAGES, Content, Publication, load
from harvester.sample.persons import Person, team
from harvester.sample.publishing import Venue, venue
from harvester.sample.shares import (
    ALONE,
    DATASETS,
    FEW,
    HISTOGRAM,
    HOME_REGIONS,
    HOMES,
    HOMES_BY_COUNTRY,
    LAST,
    REGIONS,
    REVIEWS,
    TEAM_SIZES,
    TYPES,
)


class Work(msgspec.Struct, frozen=True):
    """A publication with everything that one might say about it.

    Attributes:
        key: its name among the works, `labour-fr-1-charleroi`.
        home: the repository that describes it first.
        topic: the topic it belongs to.
        language: one of `LANGUAGES`.
        type: `article`, `chapter`, `book`, `doctoral`, `master`, `report`, `working-paper`,
            `conference`, `review` or `dataset`.
        title, subtitle: as on the title page.
        creators: authors; `contributors`: editors, or the supervisor of a thesis.
        date: day of publication, ISO.
        keywords: labels by language, always in its own and in English.
        abstract: in its own language; `parallel`, `abstract_en`: title and abstract in English.
        venue: what it appeared in, with numbers and publisher.
        access: `open`, `embargoed`, `restricted` or `metadata`.
        review_status: of the refereeing, as ORBi says it, or "".
        project: the project that paid for it.
    """

    key: str
    home: str
    topic: str
    language: str
    type: str
    title: str
    creators: tuple[Person, ...]
    date: str
    keywords: dict[str, tuple[str, ...]]
    venue: Venue
    access: str
    subtitle: str | None = None
    contributors: tuple[Person, ...] = ()
    abstract: str | None = None
    parallel: tuple[str, str | None] | None = None
    abstract_en: str | None = None
    review_status: str = ""
    project: str | None = None

    @property
    def year(self) -> int:
        """Year of publication."""
        return int(self.date[:4])


@cache
def works() -> dict[str, Work]:
    """Return all invented works by key."""
    content = load()
    made: dict[str, Work] = {}
    for name, topic in content.topics.items():
        for language in LANGUAGES:
            for index, publication in enumerate(topic.block(language).works, start=1):
                for place in (*publication.places,) or (None,):
                    work = _make(content, name, language, index, publication, place)
                    made[work.key] = work
    for work in [*_reviews(content, made), *_datasets(content, made)]:
        made[work.key] = work
    return made


def _make(
    content: Content,
    name: str,
    language: str,
    index: int,
    publication: Publication,
    place: str | None,
) -> Work:
    topic = content.topics[name]
    seed = f"{name}-{language}-{index}"
    key = f"{seed}-{place}" if place else seed
    where = content.places[place] if place else None
    home = publication.home or draw.weighted(
        key,
        "home",
        HOMES_BY_COUNTRY.get((where.country if where else "", language), HOMES[language]),
    )
    kind = draw.weighted(key, "type", TYPES[home])
    date = _date(key, max(publication.since or topic.since, topic.since), publication.until)
    method = draw.one(key, "method", publication.methods or topic.methods)
    slots = {
        "This": content.phrases.this[language][kind],
        "in": where.within(language) if where else "",
    }
    creators = _creators(content, key, seed, name, language, home, kind)
    appeared = venue(key, name, language, kind, int(date[:4]), home)
    text, text_en = prose.abstracts(content, key, language, publication, topic, method, date, slots)
    parallel = publication.en
    return Work(
        key=key,
        home=home,
        topic=name,
        language=language,
        type=kind,
        title=Template(publication.title).substitute(slots),
        subtitle=Template(publication.subtitle).substitute(slots) if publication.subtitle else None,
        creators=creators,
        contributors=_contributors(key, name, creators, kind),
        date=date,
        keywords=prose.keywords(content, key, language, home, publication, place, method),
        venue=appeared,
        abstract=text,
        parallel=(parallel.title, parallel.subtitle) if parallel else None,
        abstract_en=text_en,
        access=draw.weighted(
            key, "access", {"open": 58, "restricted": 27, "embargoed": 6, "metadata": 9}
        ),
        review_status=_review_status(key, kind),
        project=draw.one(key, "project", content.venues.projects)
        if draw.often(key, "is paid", 12)
        else None,
    )


def _date(key: str, since: int, until: int | None) -> str:
    until = until or LAST
    year = draw.weighted(
        key, "year", {year: share for year, share in HISTOGRAM.items() if since <= year <= until}
    )
    months = 9 if year == LAST else 12
    month, day = 1 + draw.number(key, "month", months), 1 + draw.number(key, "day", 28)
    return f"{year}-{month:02d}-{day:02d}"


def _creators(
    content: Content, key: str, seed: str, topic: str, language: str, home: str, kind: str
) -> tuple[Person, ...]:
    if kind == "report" and draw.often(key, "is by a body", 40):
        return (Person(draw.one(key, "body", content.venues.bodies[language])),)
    sizes = FEW if kind in ("book", "chapter") else TEAM_SIZES
    size = 1 if kind in ALONE else draw.weighted(key, "team", sizes)
    region = draw.weighted(seed, "region", REGIONS.get((home, language)) or HOME_REGIONS[home])
    return team(key, seed, topic, region, size)


def _contributors(
    key: str, topic: str, creators: tuple[Person, ...], kind: str
) -> tuple[Person, ...]:
    count = {"doctoral": 1, "master": 1, "chapter": 2}.get(kind, 0)
    near = team(key, f"{key} contributors", topic, creators[0].region, count + 2)
    far = team(key, f"{key} contributors from elsewhere", topic, "", count + 2)
    others = [person for person in dict.fromkeys((*near, *far)) if person not in creators]
    return tuple(others[:count])


def _review_status(key: str, kind: str) -> str:
    if kind not in ("article", "chapter"):
        return ""
    shares = {"peer reviewed": 45, "Peer reviewed verified by ORBi": 27, "": 28}
    return draw.weighted(key, "review status", shares)


def _reviews(content: Content, made: dict[str, Work]) -> list[Work]:
    """Reviews of books of the sample: they name title and author and are no copies of them."""
    books = [key for key, work in made.items() if work.type == "book" and work.year < LAST - 1]
    found = []
    for book in (made[key] for key in draw.shuffled(books, "reviewed")[:REVIEWS]):
        key = f"{book.key}-review"
        year = book.year + 1
        critic = team(key, key, book.topic, book.creators[0].region, 1)
        phrase = Template(content.phrases.review[book.language])
        found.append(
            msgspec.structs.replace(
                book,
                key=key,
                type="review",
                title=phrase.substitute(title=whole_title(book), author=book.creators[0].direct),
                subtitle=None,
                parallel=None,
                creators=critic,
                date=_date(key, year, year),
                venue=venue(key, book.topic, book.language, "review", year, book.home),
                abstract=None,
                abstract_en=None,
                project=None,
            )
        )
    return found


def _datasets(content: Content, made: dict[str, Work]) -> list[Work]:
    """Data behind articles of the sample: same authors, almost the same title, no copies."""
    articles = [key for key, work in made.items() if work.type == "article" and work.year > 2012]
    found = []
    for article in (made[key] for key in draw.shuffled(articles, "has data")[:DATASETS]):
        key = f"{article.key}-data"
        phrase = Template(content.phrases.dataset[article.language])
        found.append(
            msgspec.structs.replace(
                article,
                key=key,
                type="dataset",
                title=phrase.substitute(title=whole_title(article)),
                subtitle=None,
                parallel=None,
                venue=venue(
                    key, article.topic, article.language, "dataset", article.year, article.home
                ),
                abstract=content.phrases.dataset_abstract[article.language],
                abstract_en=None,
                access="open",
                review_status="",
            )
        )
    return found


def whole_title(work: Work) -> str:
    """Title and subtitle in one line, as the work's language writes them."""
    return with_subtitle(work.title, work.subtitle, work.language)


def with_subtitle(title: str, subtitle: str | None, language: str) -> str:
    """Join title and subtitle: French puts a space before the colon, and a `?` needs no colon."""
    if not subtitle:
        return title
    if title.endswith(("?", "!")):
        return f"{title} {subtitle}"
    return f"{title}{' : ' if language == 'fr' else ': '}{subtitle}"
