"""Pure's Dublin Core, as Dutch universities and Namur serve it.

Seen in records of Groningen, Maastricht, Eindhoven, Tilburg and the KNAW: a whole Harvard citation
with blanks around its commas in dc:source, title and subtitle glued by a bare colon, the path of a
Scopus class before its label, particles behind the family name (`Kraker-Zijlstra, de, Anieljah`).
"""

from __future__ import annotations

from collections.abc import Sequence

from harvester.model import RawValue
from harvester.sample import draw
from harvester.sample.content import load
from harvester.sample.dialects import THREE_LETTERS, Deposit
from harvester.sample.dialects.orbi import embargo_end
from harvester.sample.persons import Person
from harvester.sample.work import Work, with_subtitle

HOST = "research.lowlands.example"
FILES = "pure.lowlands.example"
# type: Pure's bare type, info:eu-repo
TYPES = {
    "article": ("article", "article"),
    "chapter": ("bookPart", "bookPart"),
    "book": ("book", "book"),
    "doctoral": ("doctoralThesis", "doctoralThesis"),
    "master": ("masterThesis", "masterThesis"),
    "report": ("report", "report"),
    "working-paper": ("workingPaper", "workingPaper"),
    "conference": ("conferenceObject", "conferenceObject"),
    "review": ("review", "review"),
    "dataset": ("dataset", "other"),
}
ACCESS = {
    "open": "info:eu-repo/semantics/openAccess",
    "embargoed": "info:eu-repo/semantics/embargoedAccess",
    "restricted": "info:eu-repo/semantics/restrictedAccess",
    "metadata": "info:eu-repo/semantics/closedAccess",
}
DEGREES = {"doctoral": "Doctor of Philosophy", "master": "Master of Science"}
LICENCES = ("by", "by", "by-nc", "by-nc-nd")


def describe(deposit: Deposit) -> list[RawValue]:
    """Return the record of a deposit."""
    work = deposit.work
    title = f"{work.title}:{work.subtitle}" if work.subtitle else work.title
    values = [RawValue("dc:title", title)]
    if work.parallel:
        values.append(RawValue("dc:title", with_subtitle(*work.parallel, "en")))
    values += [RawValue("dc:creator", _name(work, person)) for person in work.creators]
    values += [RawValue("dc:contributor", person.inverted) for person in _supervisors(work)]
    for area in load().topics[work.topic].asjc:
        known = load().classes.asjc[area]
        path = f"/dk/atira/pure/subjectarea/asjc/{known.code[:2]}00/{known.code}"
        values += [RawValue("dc:subject", path), RawValue("dc:subject", known.label)]
    # Four in ten Dutch publications have English keywords.
    english = draw.often(work.key, "keywords in English only", 40)
    labels = work.keywords["en" if english else work.language]
    values += [RawValue("dc:subject", label) for label in labels]
    values += [
        RawValue("dc:description", text) for text in (work.abstract, work.abstract_en) if text
    ]
    if work.venue.publisher:
        values.append(RawValue("dc:publisher", work.venue.publisher))
    values.append(RawValue("dc:date", work.date[: draw.one(work.key, "precision", (4, 7, 10, 10))]))
    if work.access == "embargoed":
        values.append(RawValue("dc:date", f"info:eu-repo/date/embargoEnd/{embargo_end(work)}"))
    bare, semantic = TYPES[work.type]
    values.append(RawValue("dc:type", bare))
    values.append(RawValue("dc:type", f"info:eu-repo/semantics/{semantic}"))
    if work.type in ("article", "chapter", "book"):
        values.append(RawValue("dc:type", "info:eu-repo/semantics/publishedVersion"))
    if work.access in ("open", "embargoed"):
        values.append(RawValue("dc:format", "application/pdf"))
    page = f"https://{HOST}/en/publications/{deposit.number}"
    values.append(RawValue("dc:identifier", page))
    if work.venue.doi:
        values.append(RawValue("dc:identifier", f"https://doi.org/{work.venue.doi}"))
    if work.access in ("open", "embargoed"):
        file = 10_000_000 + draw.number(work.key, "file", 80_000_000)
        name = f"{work.creators[0].family.split()[-1]}_{work.year}.pdf".replace("'", "_")
        values.append(RawValue("dc:identifier", f"https://{FILES}/ws/files/{file}/{name}"))
    if work.venue.isbn:
        values.append(RawValue("dc:identifier", f"urn:isbn:{work.venue.isbn}"))
    values.append(RawValue("dc:source", citation(work)))
    values.append(RawValue("dc:language", THREE_LETTERS[work.language]))
    values.append(RawValue("dc:rights", ACCESS[work.access]))
    if work.access == "open":
        kind = draw.one(work.key, "licence", LICENCES)
        values.append(RawValue("dc:rights", f"http://creativecommons.org/licenses/{kind}/4.0/"))
    return values


def citation(work: Work) -> str:
    """Return the Harvard citation that Pure puts into dc:source."""
    where = work.venue
    title = f"{work.title} : {work.subtitle}" if work.subtitle else work.title
    start = f"{_harvard(work.creators)} {work.year} ,"
    numbers = [
        part
        for part in (
            where.volume and f"vol. {where.volume}",
            where.issue and f"no. {where.issue}",
            where.pages and f"pp. {where.pages}",
        )
        if part
    ]
    if work.type in ("article", "review"):
        text = " , ".join([f"{start} ' {title} '", str(where.title), *numbers]) + " ."
    elif work.type == "chapter":
        editors = " & ".join(
            f"{_short(person, '')} {person.family}" for person in work.contributors
        )
        role = "eds" if len(work.contributors) > 1 else "ed."
        text = f"{start} {title} . in {editors} ({role}) , {where.title} . "
        text += " , ".join([str(where.publisher), *numbers]) + " ."
    elif work.type in DEGREES:
        text = f"{start} ' {title} ' , {DEGREES[work.type]} , {where.publisher} ."
    elif where.title:
        text = " , ".join([f"{start} ' {title} '", where.title, *numbers]) + " ."
    else:
        text = f"{start} {title} ." + (f" {where.publisher} ." if where.publisher else "")
    return f"{text} https://doi.org/{where.doi}" if where.doi else text


def _harvard(creators: Sequence[Person]) -> str:
    names = [f"{person.family} , {_short(person, ' ')}".rstrip(" ,") for person in creators]
    return " & ".join(names) if len(names) < 3 else f"{' , '.join(names[:-1])} & {names[-1]}"


def _short(person: Person, between: str) -> str:
    return person.initials.replace(".", between).replace("-", "").strip()


def _name(work: Work, person: Person) -> str:
    key = f"{work.key} {person.inverted}"
    given = person.initials if draw.often(key, "initials only", 26) else person.given
    if person.particle and draw.often(person.inverted, "particle behind", 40):
        bare = person.family.removeprefix(f"{person.particle} ")
        return f"{bare}, {person.particle}, {given}"
    return f"{person.family}, {given}" if given else person.family


def _supervisors(work: Work) -> Sequence[Person]:
    return work.contributors if work.type in ("doctoral", "master") else ()
