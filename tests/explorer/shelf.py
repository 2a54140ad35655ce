"""The records that the pages are tested with: varied, multilingual, and some of them hostile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from harvester.archive.status import SourceStatus
from harvester.catalogue import index, quality
from harvester.catalogue.drift import Change
from harvester.catalogue.quality import Summary
from harvester.catalogue.report import report
from harvester.catalogue.store import Entry, open_catalogue, put, put_sources
from harvester.model import (
    Abstract,
    Agent,
    Container,
    Discipline,
    Identifiers,
    Keyword,
    Link,
    Note,
    Origin,
    Provider,
    Record,
    Rights,
    Title,
)

SOCIOLOGY = Discipline(
    "orbi", code="H11", en="Sociology & social sciences", fr="Sociologie & sciences sociales"
)
POLITICS = Discipline(
    "orbi",
    code="H10",
    en="Political science, public administration & international relations",
    fr="Sciences politiques, administration publique & relations internationales",
)
EDUCATION = Discipline("orbi", code="H04", en="Education & instruction")
ECONOMY = Discipline("orbi", code="B05", en="Macroeconomics & monetary economics")
PSYCHOLOGY = Discipline("orbi", en="Social & behavioral sciences, psychology")

SEED = Record(
    id="orbi-231953-s3ed0",
    source="orbi",
    oai_identifier="oai:orbi.ulg.ac.be:2268/231953",
    datestamp="2024-02-11T09:31:07Z",
    sets=["com_2268_1", "class_ART"],
    citekey="gerard2019externalisation-s3ed0",
    provider=Provider("BASE"),
    origin=Origin("ORBi", "oai:orbi.ulg.ac.be:2268/231953"),
    title=(
        "Quand l’externalisation de l’accompagnement des demandeurs d’emploi mène à une "
        "standardisation de l’action publique. Le cas des opérateurs privés de l’emploi en "
        "Belgique francophone"
    ),
    creators=[Agent("Gérard, Julie", "Gérard", "Julie")],
    type="journal article",
    type_uri="http://purl.org/coar/resource_type/c_6501",
    issued="2019",
    year=2019,
    publishers=["Ministere du Travail et de la Participation"],
    languages=["fra"],
    abstracts=[
        Abstract(
            "L’accompagnement des demandeurs d’emploi est confié à des opérateurs privés. "
            "L’article montre comment indicateurs et normes communes rendent leur travail de plus "
            "en plus semblable à celui des services publics.",
            "fra",
        )
    ],
    keywords=[
        Keyword("opérateur privé de l’emploi", "fra"),
        Keyword("action publique", "fra"),
        Keyword("contrôle", "fra"),
        Keyword("stratégie", "fra"),
        Keyword("dispositif de régulation", "fra"),
        Keyword("isomorphisme institutionnel", "fra"),
    ],
    disciplines=[PSYCHOLOGY, SOCIOLOGY],
    peer_reviewed=True,
    funding=["ARC-Understanding flexicurity"],
    identifiers=Identifiers(handle="2268/231953"),
    links=[
        Link("https://orbi.uliege.be/handle/2268/231953", "landing"),
        Link("https://search.fid-benelux.de/Record/base-26943181", "permalink"),
    ],
    notes=[
        Note("languages", "dc:language", "Französisch", "languages.term", "fra"),
        Note(
            "peer_reviewed", "dc:description", "peer reviewed", "descriptions.review-status", "true"
        ),
        Note("keywords", "dc:subject", "psychology", "disciplines.rejoined", "", 0.9),
    ],
)

HOSTILE = Record(
    id="orbi-666-h0st1",
    source="orbi",
    oai_identifier="oai:orbi.ulg.ac.be:2268/666",
    citekey="script2020alert-h0st1",
    title='<script>alert("title")</script> & \u202egnitsaop <b>bold</b>',
    titles=[Title('"><img src=x onerror=alert(1)>', "eng")],
    creators=[
        Agent('<img src=x onerror="alert(2)">, Eve', '<img src=x onerror="alert(2)">', "Eve")
    ],
    type="journal article",
    year=2020,
    issued="2020",
    publishers=["<svg/onload=alert(3)>"],
    languages=["eng"],
    abstracts=[Abstract("</p><script>alert(4)</script>", "eng")],
    keywords=[Keyword('"><script>alert(5)</script>'), Keyword("action publique")],
    disciplines=[Discipline("<i>x</i>", en="<script>alert(6)</script>")],
    identifiers=Identifiers(doi='10.1000/"><script>alert(7)</script>', handle="1/<b>"),
    rights=Rights(access="<b>open</b>", licence="javascript:alert(8)", statement="</dd><script>"),
    links=[
        Link("javascript:alert(9)", "landing"),
        Link("data:text/html,<script>alert(10)</script>", "fulltext"),
        Link("https://example.org/a b", "related"),
        Link(" https://example.org/fine", "related"),
    ],
    notes=[Note("title", "dc:title", "<script>alert(11)</script>", "text.x", "</td><script>", 0.5)],
)

DISCIPLINES = {one.code: one for one in (SOCIOLOGY, POLITICS, EDUCATION, ECONOMY)}

ROWS = Path(__file__).parent.parent / "cases" / "shelf.yml"

_JOURNALS = {
    "nld": Container(
        "Mens en maatschappij", volume="87", issue="2", pages="115--138", issn=["0025-9454"]
    ),
    "fra": Container(
        "Recherches sociologiques et anthropologiques", volume="45", issue="1", pages="33–52"
    ),
    "eng": Container("Journal of European Social Policy", volume="24", pages="201-219"),
}

SOURCES = [
    ("orbi", "ORBi", "https://orbi.uliege.be/oai/request", "complete", None),
    (
        "biblio",
        "Ghent University Academic Bibliography",
        "https://biblio.ugent.be/oai",
        "complete",
        None,
    ),
    (
        "pure-vu",
        "VU Research Portal",
        "https://research.vu.nl/ws/oai",
        "short",
        "the server announced 812 records and sent 790: the next run asks again",
    ),
    (
        "orbilu",
        "ORBilu",
        "https://orbilu.uni.lu/oai/request",
        "throttled",
        "the server asks to wait until 04:00",
    ),
]

WITHDRAWN = Record(
    id="orbi-777-g0ne1",
    source="orbi",
    oai_identifier="oai:orbi.ulg.ac.be:2268/777",
    datestamp="2025-06-01T00:00:00Z",
    deleted=True,
    title="Un rapport retiré",
    creators=[Agent("Dupont, Marie", "Dupont", "Marie")],
    year=2007,
)

# Pure gives the records of all its universities identifiers of one host.
SHARED = "oai:pure.atira.dk:publications/0001"


def records() -> list[Record]:
    """All records; the withdrawn one is the last."""
    rows = yaml.safe_load(ROWS.read_text(encoding="utf-8"))
    written = [_record(number, row) for number, row in enumerate(rows, start=1)]
    twin = Record(
        id="pure-uva-0001",
        source="pure-uva",
        oai_identifier=SHARED,
        citekey="bijl2017sociale-tw1n0",
        title="De sociale staat van Nederland 2017",
        creators=[
            Agent(
                "Jansen, Anna",
                "Jansen",
                "Anna",
                orcid="0000-0002-1825-0097",
                role="editor",
                affiliation="University of Amsterdam",
            )
        ],
        contributors=[Agent("Smit, Piet", "Smit", "Piet", role="advisor")],
        year=2017,
        type="report",
        languages=["nld"],
    )
    return [SEED, HOSTILE, *written, twin, WITHDRAWN]


ACCOUNTS = {
    SEED.id: [
        *SEED.notes,
        Note("titles", "dc:title", "Quand l’externalisation", "titles.given", "Quand"),
    ],
    HOSTILE.id: [
        Note("<b>f", "<b>e", "<script>o" + "x" * 5000, "text.<i>", "<script>r", 0.5),
        Note("type", "dc:type", "<script>alert('type')</script>", "types.unknown", ""),
        Note("type", "dc:type", "journal article", "types.term", "journal article"),
        Note("creators", "dc:creator", "\u202e<b>x</b>", "names.unparsed", "\u202e<b>x</b>", 0.5),
        Note("creators", "dc:creator", "Gérard, Julie", "names.given", "Gérard, Julie"),
        Note("record", "dc:format", "application/pdf", "record.unused", ""),
    ],
}
"""What is kept of how the values of some records came about."""
DRIFT = [
    Change("field", "rights.licence", 0.4, 0.12),
    Change("rule", "names.inverted", 0.0, 0.3),
    Change("term", "types.unknown", 0, 1, "<script>alert('type')</script>"),
]


def fill(directory: Path) -> Path:
    """Write a catalogue with all records, and return its file."""
    db = open_catalogue(directory)
    entries = [
        Entry(
            number,
            record,
            added=f"2026-01-{number % 28 + 1:02}T06:00:00Z",
            changed=f"2026-02-{number % 28 + 1:02}T06:00:00Z",
            trace=ACCOUNTS.get(record.id, ()),
        )
        for number, record in enumerate(records(), start=1)
    ]
    put(db, entries)
    index.store(db)
    put_sources(db, [_status(*source) for source in SOURCES])
    quality.show(
        db, Summary("2026-11-20", report(db.conn, "orbi"), since="2026-11-19", drift=DRIFT)
    )
    db.close()
    return directory / "catalogue.db"


def _record(number: int, row: dict[str, Any]) -> Record:
    """Build a record from a row; what the row does not say depends on its number."""
    source, kind, year = row["source"], row.get("type"), row.get("year")
    language: str | None = row.get("language")
    links = [Link(f"https://{source}.example/{number}", "landing")]
    if number % 5:
        links.append(Link(f"https://{source}.example/{number}.pdf", "fulltext"))
    summary = Abstract(f"{row['title']}: what was asked, how, and what came out.", "eng")
    return Record(
        id=f"{source}-{number:04}",
        source=source,
        oai_identifier=SHARED if number == 2 else f"oai:{source}.example:{number}",
        citekey=f"key{year or 'nd'}x{number}",
        title=row["title"],
        creators=[_agent(name) for name in row.get("creators", [])],
        type=kind,
        year=year,
        issued=f"{year}-03" if year and number % 3 == 0 else str(year) if year else None,
        languages=[language] if language else [],
        keywords=[Keyword(word, language) for word in row.get("keywords", [])],
        disciplines=[DISCIPLINES[row["discipline"]]] if "discipline" in row else [],
        container=_JOURNALS.get(language or "") if kind == "journal article" else None,
        publishers=["Universitaire Pers"] if kind in ("book", "report") else [],
        peer_reviewed=True if kind == "journal article" else None,
        rights=Rights(access="open access" if number % 2 else "restricted access"),
        abstracts=[summary] if number % 4 else [],
        identifiers=Identifiers(doi=f"10.5555/{source}.{number}") if number % 2 else None,
        links=links,
    )


def _agent(literal: str) -> Agent:
    family, _, given = literal.partition(", ")
    return Agent(literal, family, given)


def _status(name: str, title: str, url: str, state: str, reason: str | None) -> SourceStatus:
    return SourceStatus(
        name=name,
        title=title,
        url=url,
        state=state,
        reason=reason,
        last_started="2026-11-20T03:00:00Z",
        last_complete="2026-11-20T03:04:10Z" if state == "complete" else "2026-11-19T03:04:00Z",
        new=3,
        changed=5,
        unchanged=100,
        deleted=1,
        live=10,
        gone=1,
        quarantined=2 if state == "short" else 0,
    )
