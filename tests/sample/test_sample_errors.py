"""The providers say what is wrong with a request, in the protocol and below it."""

from __future__ import annotations

import pytest
import requests

from harvester.sources import Source
from tests.sample.asking import OAI, REFERENCE, ask, error, headers, identifiers, parse

ERRORS: list[tuple[str, str]] = [
    ("", "badVerb"),
    ("verb=", "badVerb"),
    ("verb=Nonsense", "badVerb"),
    ("verb=identify", "badVerb"),
    ("verb=Identify&verb=Identify", "badVerb"),
    ("verb=Identify&set=x", "badArgument"),
    ("verb=Identify&verbose=1", "badArgument"),
    ("verb=ListSets&metadataPrefix=oai_dc", "badArgument"),
    ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
    ("verb=ListMetadataFormats&identifier=oai:nowhere.example:1", "idDoesNotExist"),
    ("verb=ListRecords", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&identifier=oai:x:1", "badArgument"),
    ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
    ("verb=ListRecords&metadataPrefix=", "cannotDisseminateFormat"),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=no:such:set", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2031-01-01", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&until=1999-12-31", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2020", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2020-02-30", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2020-01-01T10:00Z", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2020-01-01T10:00:00%2B01:00", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2021-01-01&until=2020-01-01", "badArgument"),
    (
        "verb=ListRecords&metadataPrefix=oai_dc&from=2020-01-01&until=2021-01-01T00:00:00Z",
        "badArgument",
    ),
    ("verb=ListIdentifiers&resumptionToken=", "badResumptionToken"),
    ("verb=ListIdentifiers&resumptionToken=rubbish", "badResumptionToken"),
    ("verb=ListIdentifiers&resumptionToken=prefix%3Doai_dc%26offset%3D7", "badResumptionToken"),
    ("verb=ListIdentifiers&resumptionToken=prefix%3Doai_dc%26offset%3Dx", "badResumptionToken"),
    ("verb=ListIdentifiers&resumptionToken=prefix%3Dx%26offset%3D300", "badResumptionToken"),
    ("verb=ListIdentifiers&resumptionToken=prefix%3Doai_dc%26offset%3D6000", "badResumptionToken"),
    ("verb=ListIdentifiers&resumptionToken=x&metadataPrefix=oai_dc", "badArgument"),
    ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
    ("verb=GetRecord&identifier=oai:x:1", "badArgument"),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:nowhere.example:1", "idDoesNotExist"),
]


class TestErrors:
    @pytest.mark.parametrize(("query", "code"), ERRORS)
    def test_each_mistake_has_its_code(
        self, session: requests.Session, source: Source, query: str, code: str
    ) -> None:
        received = session.get(f"{source.urls[0]}?{query}", timeout=10)
        assert received.status_code == 200
        root = parse(received.content)
        assert error(root) == code
        request = root.find(f"{OAI}request")
        assert request is not None
        if code in ("badVerb", "badArgument"):
            assert not request.attrib
        else:
            assert request.get("verb")

    def test_a_format_that_an_item_lacks(
        self, session: requests.Session, sources: dict[str, Source]
    ) -> None:
        root = ask(
            session, sources["sample-orbi"], verb="GetRecord", metadataPrefix="base_dc",
            identifier=REFERENCE,
        )  # fmt: skip
        assert error(root) == "cannotDisseminateFormat"

    def test_markup_in_an_argument_stays_an_argument(
        self, session: requests.Session, source: Source
    ) -> None:
        root = ask(
            session, source, verb="GetRecord", metadataPrefix="oai_dc", identifier='<a b="c">&x;'
        )
        assert error(root) == "idDoesNotExist"

    def test_an_unregistered_address_is_refused_as_base_does_it(
        self, session: requests.Session, sources: dict[str, Source]
    ) -> None:
        url = sources["sample-base"].urls[0].removesuffix("/oai") + "/restricted"
        received = session.get(url, params={"verb": "Identify"}, timeout=10)
        assert error(parse(received.content)) == "restrictedInterface"


class TestHttp:
    def test_arguments_may_come_as_a_form(self, session: requests.Session, source: Source) -> None:
        form = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "from": "2020-01-01"}
        posted = session.post(source.urls[0], data=form, timeout=10)
        got = session.get(source.urls[0], params=form, timeout=10)
        assert identifiers(headers(iter([parse(posted.content)]))) == identifiers(
            headers(iter([parse(got.content)]))
        )

    @pytest.mark.parametrize("length", ["", "x", "-1", "99999999"])
    def test_a_form_without_end_is_refused(self, source: Source, length: str) -> None:
        refused = requests.Request("POST", source.urls[0]).prepare()
        refused.headers["Content-Length"] = length
        with requests.Session() as own:
            assert own.send(refused, timeout=5).status_code == 400

    def test_an_answer_is_compressed_on_request_only(
        self, session: requests.Session, source: Source
    ) -> None:
        small = session.get(source.urls[0], params={"verb": "ListSets"}, timeout=10)
        assert small.headers["Content-Encoding"] == "gzip"
        plain = session.get(
            source.urls[0],
            params={"verb": "ListSets"},
            headers={"Accept-Encoding": "identity"},
            timeout=10,
        )
        assert "Content-Encoding" not in plain.headers
        assert parse(plain.content).find(f"{OAI}ListSets") is not None

    def test_elsewhere_there_is_nothing(self, session: requests.Session, source: Source) -> None:
        received = session.get(source.urls[0] + "/elsewhere", timeout=10)
        assert received.status_code == 404
        assert received.headers["Content-Type"].startswith("text/plain")
