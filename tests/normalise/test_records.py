"""Whole records: the reference record in all its forms, and real ones of each platform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from harvester.formats import fid_portal
from harvester.model import RawRecord, RawValue, Record
from harvester.normalise import RULES, Tables, understand
from harvester.sources import Source
from tests.normalise.conftest import cases

Catalogue = dict[str, Source]

TITLE = (
    "Quand l’externalisation de l’accompagnement des demandeurs d’emploi mène à une "
    "standardisation de l’action publique. Le cas des opérateurs privés de l’emploi "
    "en Belgique francophone"
)
ABSTRACT = (
    "L’article étudie la façon dont les services publics de l’emploi gouvernent à distance les "
    "opérateurs privés : contrats, indicateurs et contrôles poussent ceux-ci vers une pratique "
    "unique ; ils s’y plient ou la contournent."
)
KEYWORDS = [
    "opérateur privé de l’emploi",
    "action publique",
    "contrôle",
    "stratégie",
    "dispositif de régulation",
    "isomorphisme institutionnel",
]
TOP = (
    "Social & behavioral sciences, psychology",
    "Sciences sociales & comportementales, psychologie",
)
SUB = ("Sociology & social sciences", "Sociologie & sciences sociales")
PUBLISHER = "Ministere du Travail et de la Participation"
FUNDING = "ARC-Understanding flexicurity"
OAI = "oai:orbi.ulg.ac.be:2268/231953"
PAGE = "https://orbi.uliege.be/handle/2268/231953"
PERMALINK = "https://search.fid-benelux.de/Record/base-26943181"

REFERENCE: dict[str, Any] = {
    "origin": {"name": "ORBi", "oai_identifier": OAI},
    "title": TITLE,
    "creators": [{"literal": "Gérard, Julie", "family": "Gérard", "given": "Julie"}],
    "type": "journal article",
    "type_uri": "http://purl.org/coar/resource_type/c_6501",
    "issued": "2019",
    "year": 2019,
    "publishers": [PUBLISHER],
    "languages": ["fra"],
    "abstracts": [{"text": ABSTRACT, "language": "fra"}],
    "keywords": [{"label": keyword} for keyword in KEYWORDS],
    "disciplines": [
        {"scheme": "orbi", "code": "H", "en": TOP[0], "fr": TOP[1]},
        {"scheme": "orbi", "code": "H10", "en": SUB[0], "fr": SUB[1]},
    ],
    "peer_reviewed": True,
    "funding": [FUNDING],
    "identifiers": {"handle": "2268/231953"},
    "links": [{"url": PAGE, "rel": "landing"}],
}


def read(values: list[tuple[Any, ...]]) -> list[RawValue]:
    return [RawValue(*value) for value in values]


def portal() -> RawRecord:
    """Return what is read from the portal's page."""
    subjects = [*KEYWORDS, *TOP[0].split(", "), SUB[0], *TOP[1].split(", "), SUB[1]]
    return RawRecord(
        identifier="base-26943181",
        format="fid_portal",
        values=read([
            ("dc:title", TITLE),
            ("dc:creator", "Gérard, Julie", None, {"label": "Verfasser"}),
            ("dc:type", "journal article", None, {"label": "Dokumenttyp"}),
            ("dc:date", "2019", None, {"label": "Erscheinungsdatum"}),
            ("dc:publisher", PUBLISHER, None, {"label": "Verlag/Hrsg."}),
            ("dc:subject", " / ".join(subjects), None, {"label": "Schlagwörter"}),
            ("dc:language", "Französisch", None, {"label": "Sprache"}),
            ("dc:identifier:permalink", PERMALINK, None, {"label": "Permalink"}),
            ("dc:provenance", "BASE; Originalkatalog", None, {"label": "Datenquelle"}),
            ("dc:provenance", "BASE", None, {"label": "Powered By"}),
            ("dc:identifier:url", PAGE, None, {"label": "Link(s)"}),
            ("dc:description", f"peer reviewed ; {ABSTRACT} ; {FUNDING}"),
        ]),
    )  # fmt: skip


def base() -> RawRecord:
    """Return what BASE makes of it: subjects cut at commas, descriptions glued, languages lost."""
    subjects = [
        *KEYWORDS, *TOP[0].split(", ")[:-1], f"{TOP[0].split(', ')[-1]} :: {SUB[0]} [H10]",
        *TOP[1].split(", ")[:-1], f"{TOP[1].split(', ')[-1]} :: {SUB[1]} [H10]",
    ]  # fmt: skip
    return RawRecord(
        identifier=f"ftorbi:{OAI}",
        format="base_dc",
        datestamp="2024-03-01T00:00:00Z",
        values=read([
            ("dc:title", TITLE),
            ("dc:creator", "Gérard, Julie"),
            *(("dc:subject", subject) for subject in subjects),
            ("dc:description", f"peer reviewed ; {ABSTRACT} ; {FUNDING}"),
            ("dc:publisher", PUBLISHER),
            ("dc:date", "2019"),
            ("dc:type", "journal article"),
            ("dc:type", "http://purl.org/coar/resource_type/c_6501"),
            ("dc:type", "info:eu-repo/semantics/article"),
            ("dc:identifier", PAGE),
            ("dc:language", "fr"),
            ("dc:relation", PAGE),
            ("base_dc:autoclasscode", "360", None, {"type": "ddc"}),
            ("base_dc:typenorm", "121"),
            ("base_dc:oa", "2"),
            ("base_dc:collection", "ftorbi"),
            ("base_dc:collname", "University of Liège: ORBi"),
            ("base_dc:continent", "ceu"),
            ("base_dc:country", "be"),
            ("base_dc:lang", "fra"),
            ("base_dc:year", "2019"),
            ("base_dc:link", PAGE),
        ]),
    )  # fmt: skip


def orbi(subjects: list[tuple[Any, ...]]) -> RawRecord:
    """Return what ORBi itself sends."""
    return RawRecord(
        identifier=OAI,
        format="oai_dc",
        datestamp="2024-03-01T00:00:00Z",
        sets=["com_h00", "col_h10", "class_h10"],
        values=read([
            ("dc:type", "journal article", "en"),
            ("dc:type", "http://purl.org/coar/resource_type/c_6501"),
            ("dc:type", "info:eu-repo/semantics/article"),
            ("dc:rights", "restricted access", "en"),
            ("dc:rights", "http://purl.org/coar/access_right/c_16ec"),
            ("ali:license_ref", "https://orbi.uliege.be/page/user-license"),
            ("dc:title", TITLE, "fr"),
            ("dc:creator", "Gérard, Julie", None, {"id": "https://orcid.org/0000-0002-1825-0097"}),
            ("dc:date", "2019"),
            ("dc:identifier", PAGE),
            ("dc:identifier", "info:hdl:2268/231953"),
            ("dc:language", "fr"),
            *subjects,
            ("dc:description", "peer reviewed"),
            ("dc:description", ABSTRACT, "fr"),
            ("dc:description", FUNDING),
            ("dc:publisher", PUBLISHER),
        ]),
    )  # fmt: skip


OLD = [
    *(("dc:subject", keyword) for keyword in KEYWORDS),
    ("dc:subject", f"{TOP[0]} :: {SUB[0]} [H10]"),
    ("dc:subject", f"{TOP[1]} :: {SUB[1]} [H10]"),
]
NEW = [
    *(("dc:subject", keyword) for keyword in KEYWORDS),
    ("dc:subject", TOP[0], "en"),
    ("dc:subject", SUB[0], "en"),
    ("dc:subject", TOP[1], "fr"),
    ("dc:subject", SUB[1], "fr"),
]


def plain(record: Record, fields: dict[str, Any]) -> dict[str, Any]:
    """Return some fields of a record as JSON has them; an empty one is null."""
    printed: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(record))
    return {field: printed.get(field) for field in fields}


def test_the_seed(seed: Path, catalogue: Catalogue, tables: Tables) -> None:
    raw = fid_portal.read_text(seed.read_bytes())
    record = understand(raw, catalogue["fid-benelux"], tables).record
    (abstract,) = record.abstracts
    assert abstract.text.startswith("L’article s’intéresse aux enjeux posés")
    assert abstract.text.endswith("s’approprier et/ou contourner.")
    assert (abstract.language, abstract.detected) == ("fra", False)
    expected = {
        **REFERENCE,
        "provider": {"name": "BASE"},
        "source": "fid-benelux",
        "links": [{"url": PAGE, "rel": "landing"}, {"url": PERMALINK, "rel": "permalink"}],
        "abstracts": [{"text": abstract.text, "language": "fra"}],
    }
    assert plain(record, expected) == expected


@pytest.mark.parametrize(
    ("source", "raw", "further"),
    [
        pytest.param(
            "fid-benelux",
            portal(),
            {
                "provider": {"name": "BASE"},
                "links": [{"url": PAGE, "rel": "landing"}, {"url": PERMALINK, "rel": "permalink"}],
            },
            id="portal",
        ),
        pytest.param("base", base(), {"provider": {"name": "BASE"}}, id="base"),
        pytest.param("orbi", orbi(OLD), {"provider": None}, id="orbi until 2020"),
        pytest.param("orbi", orbi(NEW), {"provider": None}, id="orbi since 2020"),
    ],
)
def test_the_reference_record(
    source: str, raw: RawRecord, further: dict[str, Any], catalogue: Catalogue, tables: Tables
) -> None:
    record = understand(raw, catalogue[source], tables).record
    expected = {**REFERENCE, **further}
    if source == "orbi":
        agent = {**REFERENCE["creators"][0], "orcid": "0000-0002-1825-0097"}
        expected["creators"] = [agent]
    assert plain(record, expected) == expected


def test_a_note_says_what_was_put_together(catalogue: Catalogue, tables: Tables) -> None:
    record = understand(base(), catalogue["base"], tables).record
    rejoined = [note for note in record.notes if note.rule == "disciplines.rejoined"]
    assert [(note.original, note.result) for note in rejoined] == [
        ("Social & behavioral sciences | psychology", f"orbi:H {TOP[0]}"),
        ("Sciences sociales & comportementales | psychologie", f"orbi:H {TOP[1]}"),
    ]


def test_the_trace_keeps_values_whole(catalogue: Catalogue, tables: Tables) -> None:
    understood = understand(base(), catalogue["base"], tables)
    glued = f"peer reviewed ; {ABSTRACT} ; {FUNDING}"
    assert any(note.original == glued for note in understood.trace)
    assert all(len(note.original) <= 200 for note in understood.record.notes)
    assert all(len(note.result) <= 200 for note in understood.record.notes)


def test_what_was_repaired_in_its_bytes_is_told(catalogue: Catalogue, tables: Tables) -> None:
    repairs = ["1 control character replaced by a space", "2 bare & taken as text"]
    for raw in (orbi(NEW), RawRecord("oai:orbi.ulg.ac.be:2268/1", "", deleted=True)):
        plain_one = understand(raw, catalogue["orbi"], tables)
        raw = msgspec.structs.replace(raw, repairs=repairs)
        record, trace, _ = msgspec.structs.astuple(understand(raw, catalogue["orbi"], tables))
        told = [note for note in record.notes if note.rule == "record.repaired"]
        assert [note.result for note in told] == repairs
        assert all(note.field == "record" and note.certainty < 1 for note in told)
        others = [note for note in trace if note not in told]
        assert others == plain_one.trace


@pytest.mark.parametrize("raw", [base(), orbi(OLD), orbi(NEW), portal()])
def test_the_trace_accounts_for_every_value(
    raw: RawRecord, catalogue: Catalogue, tables: Tables
) -> None:
    trace = understand(raw, catalogue["orbi"], tables).trace
    told = " | ".join(f"{note.element} {note.original}" for note in trace)
    for value in raw.values:
        assert value.element in told
        assert value.value in told
    assert {note.rule for note in trace} <= set(RULES)


def test_the_trace_tells_each_link_once(catalogue: Catalogue, tables: Tables) -> None:
    trace = understand(orbi(NEW), catalogue["orbi"], tables).trace
    landing = [note.original for note in trace if note.rule == "links.landing"]
    assert landing == [PAGE]


@pytest.mark.parametrize("row", cases("records"))
def test_records(row: dict[str, Any], catalogue: Catalogue, tables: Tables) -> None:
    facts = row["source"]
    source = catalogue[facts] if isinstance(facts, str) else msgspec.convert(facts, Source)
    raw = RawRecord(
        identifier=row["identifier"],
        format=row.get("format", "oai_dc"),
        datestamp=row.get("datestamp", ""),
        sets=row.get("sets", []),
        deleted=row.get("deleted", False),
        values=read([tuple(value) for value in row["values"]]),
    )
    record = understand(raw, source, tables).record
    assert plain(record, row["record"]) == row["record"]


def test_keywords_carry_their_language(catalogue: Catalogue, tables: Tables) -> None:
    raw = orbi([("dc:subject", "contrôle", "fr"), ("dc:subject", "control", "en")])
    record = understand(raw, catalogue["orbi"], tables).record
    assert [(keyword.label, keyword.language) for keyword in record.keywords] == [
        ("contrôle", "fra"),
        ("control", "eng"),
    ]


def test_the_same_record_always_reads_the_same(catalogue: Catalogue, tables: Tables) -> None:
    raw = base()
    assert understand(raw, catalogue["base"], tables) == understand(raw, catalogue["base"], tables)


def test_a_value_that_nobody_used_is_accounted_for_beside_others(
    catalogue: Catalogue, tables: Tables
) -> None:
    values = [
        RawValue("dc:title", "Over werk"),
        RawValue("dc:description", "Een samenvatting van wat er in dit artikel over werk staat."),
        RawValue("dc:description", "SeriesInformation ; JSSE - Journal of Education, 1-2016"),
        RawValue("dc:format", "application/pdf"),
    ]
    raw = RawRecord("ftx:1", "base_dc", values=values)
    trace = understand(raw, catalogue["base"], tables).trace
    assert {value.value for value in values} <= {note.original for note in trace}
