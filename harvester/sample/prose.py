"""What a work is about, in words: its keywords and its abstract, put together from the content."""

from __future__ import annotations

from string import Template

from harvester.sample import draw
from harvester.sample.content import Content, Publication, Topic
from harvester.sample.shares import ABSTRACT_SHARE, COUNTRIES, STEMS


def keywords(
    content: Content,
    key: str,
    language: str,
    home: str,
    publication: Publication,
    place: str | None,
    method: str,
) -> dict[str, tuple[str, ...]]:
    """Return the labels of a work's keywords, in its language and in English.

    Beside its own concepts a work may name its method, and its place or country.
    """
    tables = [content.keywords[concept] for concept in publication.keywords]
    if draw.often(key, "names its method", 30):
        tables.append(content.methods[method].keyword)
    place = place or _country(key, home, publication)
    found = {}
    for wanted in dict.fromkeys((language, "en")):
        labels = [table[wanted] for table in tables]
        if place:
            labels.append(content.places[place].name(wanted))
        found[wanted] = tuple(dict.fromkeys(labels))
    return found


def _country(key: str, home: str, publication: Publication) -> str | None:
    """Name the country that a text is about; where it names none, sometimes that of its home."""
    text = f"{publication.title} {publication.subtitle} {publication.about}"
    named = [place for place, stems in STEMS.items() if any(stem in text for stem in stems)]
    if named:
        return named[0] if len(named) == 1 and draw.often(key, "keeps its country", 75) else None
    return COUNTRIES.get(home) if draw.often(key, "names its country", 28) else None


def abstracts(
    content: Content,
    key: str,
    language: str,
    publication: Publication,
    topic: Topic,
    method: str,
    date: str,
    slots: dict[str, str],
) -> tuple[str | None, str | None]:
    """Return the abstract in the work's language, and the English one where there is one.

    Some works have none. The others say what the text asks and finds, how it was studied, and
    sometimes a sentence before and after that.
    """
    if not draw.often(key, "has an abstract", ABSTRACT_SHARE):
        return None, None
    way = content.methods[method]
    first, last = _years(key, int(date[:4]), publication.since)
    count = way.least + draw.number(key, "how many", way.most - way.least + 1)
    numbers = {
        "n": _count(count, language),
        "from": str(first),
        "to": str(last),
    }
    sentences = [
        Template(publication.about).substitute(slots),
        Template(draw.one(key, "method sentence", way.sentences(language))).substitute(numbers),
    ]
    if draw.often(key, "has a context", 62):
        sentences.insert(0, draw.one(key, "context", topic.block(language).context))
    if draw.often(key, "has a closing", 38):
        sentences.append(draw.one(key, "closing", content.phrases.closing[language]))
    english = publication.en.about if publication.en else None
    return " ".join(sentences), english


def _years(key: str, year: int, since: int | None) -> tuple[int, int]:
    """Draw the years of a study: before its publication, not before what it is about."""
    last = year - 1 - draw.number(key, "years since the study", 3)
    first = last - 1 - draw.number(key, "length of the study", 3)
    if since is not None and first < since - 1:
        first = since - 1
        last = min(year, max(last, first + 1))
    return first, last


def _count(count: int, language: str) -> str:
    if count < 1000:
        return str(count)
    separator = {"fr": "\u202f", "en": ",", "nl": ".", "de": "."}[language]
    return f"{count // 1000}{separator}{count % 1000:03d}"
