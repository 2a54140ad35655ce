"""Each sample repository writes its Dublin Core as the platform it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from lxml import etree

from harvester import sample
from harvester.model import RawValue
from harvester.sample.dialects import base, write
from harvester.sample.holdings import BASE, ORBI, PURE, Held, holdings
from harvester.sample.repository import sources

WORKS = sample.works()
ADDRESSES = {
    ORBI: "http://127.0.0.1:1/oai/request",
    BASE: "http://127.0.0.1:2/oai",
    PURE: "http://127.0.0.1:3/ws/oai",
}


def live(source: str) -> Iterator[Held]:
    return (record for record in holdings()[source] if not record.deleted)


def values(record: Held, element: str) -> list[str]:
    return [value.value for value in record.values if value.element == element]


def find(source: str, identifier: str) -> Held:
    return next(record for record in live(source) if record.identifier == identifier)


class TestReference:
    def test_orbi_gives_its_facts(self) -> None:
        record = find(ORBI, "oai:orbi.ulg.ac.be:2268/231953")
        assert values(record, "dc:title") == [
            "Quand l’externalisation de l’accompagnement des demandeurs d’emploi mène à une "
            "standardisation de l’action publique. Le cas des opérateurs privés de l’emploi en "
            "Belgique francophone"
        ]
        assert values(record, "dc:creator") == ["Gérard, Julie"]
        assert values(record, "dc:date") == ["2019"]
        assert values(record, "dc:publisher") == ["Ministere du Travail et de la Participation"]
        assert values(record, "dc:language") == ["fr"]
        assert values(record, "dc:identifier") == [
            "https://orbi.uliege.be/handle/2268/231953",
            "info:hdl:2268/231953",
        ]
        assert [
            (value.value, value.language)
            for value in record.values
            if value.element == "dc:subject"
        ] == [
            ("opérateur privé de l’emploi", "fr"),
            ("action publique", "fr"),
            ("contrôle", "fr"),
            ("stratégie", "fr"),
            ("dispositif de régulation", "fr"),
            ("isomorphisme institutionnel", "fr"),
            ("Social & behavioral sciences, psychology", "en"),
            ("Sociology & social sciences", "en"),
            ("Sciences sociales & comportementales, psychologie", "fr"),
            ("Sociologie & sciences sociales", "fr"),
        ]
        status, abstract, funding = values(record, "dc:description")
        assert (status, funding) == ("peer reviewed", "ARC-Understanding flexicurity")
        assert abstract.startswith("En Belgique francophone, une partie de l’accompagnement")

    def test_base_gives_them_damaged(self) -> None:
        record = find(BASE, "ftorbi:oai:orbi.ulg.ac.be:2268/231953")
        subjects = values(record, "dc:subject")
        assert subjects[5:] == [
            "isomorphisme institutionnel",
            "Social & behavioral sciences",
            "psychology",
            "Sociology & social sciences",
            "Sciences sociales & comportementales",
            "psychologie",
            "Sociologie & sciences sociales",
        ]
        (description,) = values(record, "dc:description")
        assert description.startswith("peer reviewed ; En Belgique francophone, ")
        assert description.endswith(" ; ARC-Understanding flexicurity")
        assert values(record, "base_dc:collection") == ["ftorbi"]


class TestOrbi:
    def test_types_and_rights_come_three_ways(self) -> None:
        record = next(one for one in live(ORBI) if len(values(one, "dc:rights")) == 3)
        label, coar, semantic = values(record, "dc:type")
        assert re.fullmatch(r"[a-z ]+", label)
        assert coar.startswith("http://purl.org/coar/resource_type/c_")
        assert semantic.startswith("info:eu-repo/semantics/")

    def test_disciplines_are_in_two_languages_and_their_code_in_a_set(self) -> None:
        for record in live(ORBI):
            codes = [spec for spec in record.sets if spec.startswith("class_")]
            assert codes
            old = [text for text in values(record, "dc:subject") if " :: " in text]
            if old:
                found = {text[-4:-1].lower() for text in old if text.endswith("]")}
                assert {f"class_{code}" for code in found} == set(codes)
                assert all(value.language is None for value in record.values)

    def test_some_records_have_the_older_form(self) -> None:
        old = [
            one for one in live(ORBI) if any(" :: " in text for text in values(one, "dc:subject"))
        ]
        assert 20 < len(old) < 80

    def test_some_surnames_are_in_capitals_and_some_creators_have_an_orcid(self) -> None:
        creators = [
            value for one in live(ORBI) for value in one.values if value.element == "dc:creator"
        ]
        capitals = [one for one in creators if re.match(r"[A-ZÀ-Þ' -]{3,}, ", one.value)]
        assert 10 < len(capitals) < len(creators) / 5
        with_orcid = [one for one in creators if "id" in one.attributes]
        assert len(with_orcid) > 100
        assert all(one.attributes["id"].startswith("https://orcid.org/") for one in with_orcid)

    def test_the_journal_is_not_said(self) -> None:
        assert not any(values(one, "dc:source") for one in live(ORBI))

    def test_open_records_have_a_bitstream(self) -> None:
        for record in live(ORBI):
            if "info:eu-repo/semantics/openAccess" in values(record, "dc:rights"):
                assert any("/bitstream/" in text for text in values(record, "dc:identifier"))

    def test_peer_review_is_said_in_two_ways(self) -> None:
        said = {
            text for one in live(ORBI) for text in values(one, "dc:description") if len(text) < 40
        }
        assert {"peer reviewed", "Peer reviewed verified by ORBi"} <= said


class TestPure:
    def test_title_and_subtitle_are_glued(self) -> None:
        glued = [one for one in live(PURE) if re.search(r"\S:\S", values(one, "dc:title")[0])]
        assert len(glued) > 60

    def test_a_class_stands_before_its_label(self) -> None:
        for record in live(PURE):
            subjects = values(record, "dc:subject")
            assert re.fullmatch(r"/dk/atira/pure/subjectarea/asjc/\d\d00/\d{4}", subjects[0])
            assert not subjects[1].startswith("/")

    def test_the_source_is_a_citation_with_blanks_before_its_commas(self) -> None:
        for record in live(PURE):
            (cited,) = values(record, "dc:source")
            assert re.match(r".+ \d{4} , ", cited), cited
            if "info:eu-repo/semantics/article" in values(record, "dc:type"):
                form = (
                    r".+ \d{4} , ' .+ ' , .+ , vol\. \d+ , no\. \d , pp\. \d+-\d+ \.( https://\S+)?"
                )
                assert re.fullmatch(form, cited), cited
            assert "  " not in cited

    def test_some_particles_stand_behind_the_name(self) -> None:
        names = {name for one in live(PURE) for name in values(one, "dc:creator")}
        assert {name for name in names if re.match(r"\w+, (van|de)( \w+)?, ", name)}

    def test_identifiers_say_nothing_of_the_university(self) -> None:
        form = r"oai:pure\.atira\.dk:publications/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
        assert all(re.fullmatch(form, record.identifier) for record in holdings()[PURE])

    def test_every_record_is_in_the_set_of_its_year(self) -> None:
        for record in live(PURE):
            assert f"publications:year{values(record, 'dc:date')[0][:4]}" in record.sets


class TestBase:
    def test_languages_and_foreign_elements_are_gone(self) -> None:
        for record in live(BASE):
            for value in record.values:
                assert value.language is None
                assert value.element.startswith(("dc:", "base_dc:"))
                assert "id" not in value.attributes

    @pytest.mark.parametrize("element", ["dc:title", "dc:description", "dc:date", "dc:source"])
    def test_repeated_values_are_joined(self, element: str) -> None:
        found = [values(record, element) for record in live(BASE)]
        assert all(len(texts) <= 1 for texts in found)
        assert sum(" ; " in text for texts in found for text in texts) >= 5

    def test_subjects_are_cut_unless_they_come_from_crossref(self) -> None:
        whole = set()
        for record in live(BASE):
            for text in values(record, "dc:subject"):
                if record.identifier.startswith("crsamplepress:"):
                    whole.add(text)
                else:
                    assert ", " not in text
                    assert "; " not in text
        assert any(", " in text for text in whole)

    def test_every_record_has_its_own_fields(self) -> None:
        for record in live(BASE):
            code, _, identifier = record.identifier.partition(":")
            assert values(record, "base_dc:collection") == [code]
            assert identifier
            assert values(record, "base_dc:link")[0].startswith("http")
            assert values(record, "base_dc:lang")[0] in ("fra", "eng", "nld", "deu")
            assert re.fullmatch(r"\d{4}", values(record, "base_dc:year")[0])
            assert values(record, "base_dc:oa")[0] in ("0", "1", "2")

    def test_records_of_the_other_two_are_there_under_their_identifiers(self) -> None:
        known = {one.identifier for name in (ORBI, PURE) for one in live(name)}
        copies = [
            record
            for record in live(BASE)
            if record.identifier.startswith(("ftsampleorbi:", "ftsamplepure:"))
        ]
        assert len(copies) >= 100
        assert {record.identifier.partition(":")[2] for record in copies} <= known

    def test_two_repositories_are_seen_here_only(self) -> None:
        codes = {record.identifier.partition(":")[0] for record in live(BASE)}
        assert {"ftsamplescheldt", "ftsamplegrenz", "crsamplepress"} <= codes

    @pytest.mark.parametrize(
        ("values_", "expected"),
        [
            (["a", "b"], ["a", "b"]),
            (["Laws, etc.; notes"], ["Laws", "etc.", "notes"]),
            (["Kerzen,Licht"], ["Kerzen,Licht"]),
        ],
    )
    def test_cutting(self, values_: list[str], expected: list[str]) -> None:
        given = [RawValue("dc:subject", text, "en") for text in values_]
        assert base.damage(given) == [RawValue("dc:subject", text) for text in expected]
        assert base.damage(given, cut=False) == [RawValue("dc:subject", text) for text in values_]


class TestSources:
    def test_names_and_facts(self) -> None:
        known = sources(ADDRESSES)
        assert list(known) == [ORBI, BASE, PURE]
        assert all(name == source.name for name, source in known.items())
        assert [source.urls for source in known.values()] == [[url] for url in ADDRESSES.values()]
        assert known[BASE].aggregator

    def test_hosts_and_patterns_fit_the_records(self) -> None:
        source = sources(ADDRESSES)[ORBI]
        for record in live(ORBI):
            if record.work == "reference":
                continue
            handle = next(
                text.removeprefix("info:hdl:")
                for text in values(record, "dc:identifier")
                if text.startswith("info:hdl:")
            )
            assert handle.partition("/")[0] in source.handle_prefixes
            assert str(source.oai_identifier).format(handle=handle) == record.identifier
            assert source.hosts[0] in values(record, "dc:identifier")[0]


def test_what_is_written_can_be_read() -> None:
    given = [
        RawValue("dc:title", 'A < B & "C" – œuvre', "fr"),
        RawValue(
            "dc:creator", "D'Hondt, Wouter", None, {"id": "https://orcid.org/0009-9900-0000-0000"}
        ),
        RawValue("ali:free_to_read", "", None, {"start_date": "2020-01-01"}),
    ]
    root = etree.fromstring(write("oai_dc", given), etree.XMLParser(collect_ids=False))
    assert [child.text for child in root] == [given[0].value, given[1].value, None]
    xml = "{http://www.w3.org/XML/1998/namespace}"
    assert root[0].get(f"{xml}lang") == "fr"
    assert root[1].get(f"{xml}id") == "https://orcid.org/0009-9900-0000-0000"
    assert root[2].get("start_date") == "2020-01-01"
    assert root[2].tag == "{http://www.niso.org/schemas/ali/1.0/}free_to_read"
