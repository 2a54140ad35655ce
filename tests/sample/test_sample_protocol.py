"""The providers speak OAI-PMH 2.0, over real HTTP."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import requests
from lxml import etree

from harvester import sample
from harvester.sources import Source
from tests.sample.asking import (
    NAMES,
    OAI,
    PREFIX,
    REFERENCE,
    ask,
    error,
    headers,
    identifiers,
    listed,
    pages,
)


def test_they_start_at_once() -> None:
    start = time.monotonic()
    with sample.running() as started:
        took = time.monotonic() - start
        assert set(started) == set(NAMES)
    assert took < 1.5
    url = started["sample-orbi"].urls[0]
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=2)


class TestIdentify:
    def test_it_says_what_the_repository_is(
        self, session: requests.Session, source: Source
    ) -> None:
        root = ask(session, source, verb="Identify")
        identify = root.find(f"{OAI}Identify")
        assert identify is not None
        facts = {etree.QName(child).localname: child.text for child in identify}
        assert facts["repositoryName"] == source.title
        assert facts["baseURL"] == source.urls[0]
        assert facts["protocolVersion"] == "2.0"
        assert facts["deletedRecord"] == "persistent"
        assert facts["granularity"] == "YYYY-MM-DDThh:mm:ssZ"
        assert str(facts["adminEmail"]).endswith(".example")
        stamps = [header.findtext(f"{OAI}datestamp") for header in listed(session, source)]
        assert facts["earliestDatestamp"] == min(map(str, stamps))

    def test_the_answer_has_the_servers_time_and_the_request(
        self, session: requests.Session, source: Source
    ) -> None:
        root = ask(session, source, verb="Identify")
        said = datetime.fromisoformat(str(root.findtext(f"{OAI}responseDate")))
        assert abs(datetime.now(UTC) - said) < timedelta(minutes=1)
        request = root.find(f"{OAI}request")
        assert request is not None
        assert (request.get("verb"), len(request.attrib)) == ("Identify", 1)


class TestFormatsAndSets:
    def test_every_provider_has_oai_dc(self, session: requests.Session, source: Source) -> None:
        root = ask(session, source, verb="ListMetadataFormats")
        prefixes = [element.text for element in root.iter(f"{OAI}metadataPrefix")]
        assert prefixes == source.prefixes
        assert "oai_dc" in prefixes

    def test_formats_of_one_item(self, session: requests.Session, source: Source) -> None:
        one = identifiers(listed(session, source))[3]
        root = ask(session, source, verb="ListMetadataFormats", identifier=one)
        assert len(root.findall(f".//{OAI}metadataFormat")) == len(source.prefixes)

    def test_every_set_of_a_header_is_listed(
        self, session: requests.Session, source: Source
    ) -> None:
        root = ask(session, source, verb="ListSets")
        specs = [str(element.text) for element in root.iter(f"{OAI}setSpec")]
        assert len(specs) == len(set(specs))
        assert all(element.findtext(f"{OAI}setName") for element in root.iter(f"{OAI}set"))
        used = {
            str(spec.text)
            for header in listed(session, source)
            for spec in header.findall(f"{OAI}setSpec")
        }
        assert used <= set(specs)
        assert set(source.sets) <= set(specs)

    def test_a_set_holds_what_says_so(self, session: requests.Session, source: Source) -> None:
        everything = listed(session, source)
        for spec in source.sets:
            wanted = [
                str(header.findtext(f"{OAI}identifier"))
                for header in everything
                if spec in [found.text for found in header.findall(f"{OAI}setSpec")]
            ]
            assert wanted
            assert identifiers(listed(session, source, set=spec)) == wanted

    def test_a_set_holds_the_sets_below_it(
        self, session: requests.Session, sources: dict[str, Source]
    ) -> None:
        base = sources["sample-base"]
        countries = ("be", "nl", "org")
        parts = [
            one
            for code in countries
            for one in identifiers(listed(session, base, set=f"country:{code}"))
        ]
        assert sorted(identifiers(listed(session, base, set="country"))) == sorted(parts)

    def test_orbi_has_a_set_for_each_discipline(
        self, session: requests.Session, sources: dict[str, Source]
    ) -> None:
        found = identifiers(listed(session, sources["sample-orbi"], set="class_h10"))
        assert REFERENCE in found
        assert len(found) > 100


class TestLists:
    def test_pages_follow_each_other_to_the_end(
        self, session: requests.Session, source: Source
    ) -> None:
        prefix = PREFIX[source.name]
        roots = list(pages(session, source, verb="ListRecords", metadataPrefix=prefix))
        tokens = [root.find(f".//{OAI}resumptionToken") for root in roots]
        sizes = [len(root.findall(f".//{OAI}record")) for root in roots]
        assert len(roots) >= 3
        assert 50 <= sizes[0] <= 100
        assert set(sizes[:-1]) == {sizes[0]}
        total = 0
        for token, size in zip(tokens, sizes, strict=True):
            assert token is not None
            assert token.get("completeListSize") == str(sum(sizes))
            assert token.get("cursor") == str(total)
            total += size
        last = tokens[-1]
        assert last is not None
        assert not last.text

    def test_records_and_identifiers_agree(self, session: requests.Session, source: Source) -> None:
        prefix = PREFIX[source.name]
        records = headers(pages(session, source, verb="ListRecords", metadataPrefix=prefix))
        assert identifiers(records) == identifiers(listed(session, source))
        assert len(set(identifiers(records))) == len(records)

    def test_a_list_of_one_page_has_no_token(
        self, session: requests.Session, source: Source
    ) -> None:
        stamp = str(listed(session, source)[0].findtext(f"{OAI}datestamp"))
        root = ask(session, source, verb="ListRecords", metadataPrefix="oai_dc", until=stamp)
        assert root.find(f".//{OAI}resumptionToken") is None

    def test_deleted_records_are_headers_only(
        self, session: requests.Session, source: Source
    ) -> None:
        prefix = PREFIX[source.name]
        gone = 0
        for root in pages(session, source, verb="ListRecords", metadataPrefix=prefix):
            for record in root.iter(f"{OAI}record"):
                deleted = record.find(f"{OAI}header[@status='deleted']") is not None
                assert (record.find(f"{OAI}metadata") is None) == deleted
                gone += deleted
        assert 5 <= gone <= 10

    def test_metadata_has_the_root_of_its_format(
        self, session: requests.Session, source: Source
    ) -> None:
        roots = {
            "oai_dc": "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc",
            "base_dc": "{http://oai.base-search.net/base_dc/}dc",
        }
        for prefix in source.prefixes:
            for page in pages(session, source, verb="ListRecords", metadataPrefix=prefix):
                for metadata in page.iter(f"{OAI}metadata"):
                    assert [child.tag for child in metadata] == [roots[prefix]]

    def test_the_counts(self, session: requests.Session, sources: dict[str, Source]) -> None:
        live, gone = {}, 0
        for name, source in sources.items():
            found = listed(session, source)
            deleted = [header for header in found if header.get("status") == "deleted"]
            live[name] = len(found) - len(deleted)
            gone += len(deleted)
        assert sum(live.values()) >= 700
        assert live["sample-orbi"] >= 270
        assert live["sample-base"] >= 230
        assert live["sample-pure"] >= 190
        assert 20 <= gone <= 25


class TestDates:
    def test_boundaries_belong_to_the_range(
        self, session: requests.Session, source: Source
    ) -> None:
        everything = listed(session, source)
        stamps = [str(header.findtext(f"{OAI}datestamp")) for header in everything]
        middle = stamps[len(stamps) // 2]
        exact = listed(session, source, from_=middle, until=middle)
        assert {header.findtext(f"{OAI}datestamp") for header in exact} == {middle}
        before = listed(session, source, until=middle)
        after = listed(session, source, from_=middle)
        assert len(before) + len(after) == len(everything) + len(exact)

    def test_a_second_later_is_another_time(
        self, session: requests.Session, source: Source
    ) -> None:
        stamps = [str(header.findtext(f"{OAI}datestamp")) for header in listed(session, source)]
        newest = datetime.fromisoformat(max(stamps))
        later = (newest + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        root = ask(session, source, verb="ListIdentifiers", metadataPrefix="oai_dc", from_=later)
        assert error(root) == "noRecordsMatch"

    def test_a_day_is_the_whole_day(self, session: requests.Session, source: Source) -> None:
        everything = listed(session, source)
        day = str(everything[40].findtext(f"{OAI}datestamp"))[:10]
        wanted = [
            header
            for header in everything
            if str(header.findtext(f"{OAI}datestamp")).startswith(day)
        ]
        assert identifiers(listed(session, source, from_=day, until=day)) == identifiers(wanted)

    def test_the_range_survives_the_tokens(self, session: requests.Session, source: Source) -> None:
        everything = listed(session, source)
        stamps = [str(header.findtext(f"{OAI}datestamp")) for header in everything]
        first, last = stamps[10], stamps[-10]
        found = listed(session, source, from_=first, until=last)
        assert identifiers(found) == [
            str(header.findtext(f"{OAI}identifier"))
            for header, stamp in zip(everything, stamps, strict=True)
            if first <= stamp <= last
        ]

    def test_nothing_is_newer_than_today(self, session: requests.Session, source: Source) -> None:
        stamps = [str(header.findtext(f"{OAI}datestamp")) for header in listed(session, source)]
        assert max(stamps) < "2026"
        assert stamps == sorted(stamps)


class TestGetRecord:
    def test_it_gives_the_same_record_as_the_list(
        self, session: requests.Session, source: Source
    ) -> None:
        prefix = PREFIX[source.name]
        page = ask(session, source, verb="ListRecords", metadataPrefix=prefix)
        record = next(page.iter(f"{OAI}record"))
        one = identifiers(list(record.iter(f"{OAI}header")))[0]
        root = ask(session, source, verb="GetRecord", metadataPrefix=prefix, identifier=one)
        alone = next(root.iter(f"{OAI}record"))
        texts = [(child.tag, child.text, dict(child.attrib)) for child in alone.iter()]
        assert texts == [(child.tag, child.text, dict(child.attrib)) for child in record.iter()]

    def test_a_deleted_record_answers_with_its_header(
        self, session: requests.Session, source: Source
    ) -> None:
        gone = [one for one in listed(session, source) if one.get("status") == "deleted"]
        root = ask(
            session, source, verb="GetRecord", metadataPrefix="oai_dc",
            identifier=identifiers(gone)[0],
        )  # fmt: skip
        assert root.find(f".//{OAI}header[@status='deleted']") is not None
        assert root.find(f".//{OAI}metadata") is None
