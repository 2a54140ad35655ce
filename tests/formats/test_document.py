"""What a file given to `import` is recognised as."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from harvester.formats import UnreadableError, document
from harvester.formats.document import Document
from harvester.model import RawRecord, RawValue

CASES = Path(__file__).parent.parent / "cases"
RECORD = (
    "<record{}><header><identifier>oai:orbi.ulg.ac.be:2268/1</identifier>"
    "<datestamp>2020-01-02</datestamp><setSpec>class_h10</setSpec></header><metadata>"
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">'
    '<dc:creator xml:id="https://orcid.org/0009-0002-3399-0736">PEI, Yu</dc:creator>'
    "</oai_dc:dc></metadata></record>"
)
BASE_URL = "https://orbi.uliege.be/oai/request"
NAMESPACE = ' xmlns="http://www.openarchives.org/OAI/2.0/"'
READ = RawRecord(
    identifier="oai:orbi.ulg.ac.be:2268/1",
    format="oai_dc",
    datestamp="2020-01-02",
    sets=["class_h10"],
    values=[
        RawValue("dc:creator", "PEI, Yu", None, {"id": "https://orcid.org/0009-0002-3399-0736"})
    ],
)


def envelope(inside: str, request: str = BASE_URL) -> str:
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><OAI-PMH{NAMESPACE}>"
        "<responseDate>2020-02-03T00:00:00Z</responseDate>"
        f"<request verb='ListRecords'>{request}</request>{inside}"
        "</OAI-PMH>"
    )


@pytest.mark.parametrize("verb", ["ListRecords", "GetRecord"])
def test_an_answer_with_records(verb: str) -> None:
    found = document.read(envelope(f"<{verb}>{RECORD.format('')}</{verb}>").encode())
    assert found == Document(BASE_URL, None, [READ])


@pytest.mark.parametrize(
    "text",
    [
        RECORD.format(NAMESPACE),
        RECORD.format(""),
        f"<?xml version='1.0'?>\n<!-- saved -->\n{RECORD.format(NAMESPACE)}\n",
        f"\ufeff{RECORD.format(NAMESPACE)}",
    ],
)
def test_a_single_record(text: str) -> None:
    assert document.read(text.encode()) == Document(None, None, [READ])


@pytest.mark.parametrize(
    ("request_", "base_url"),
    [
        ("https://example.org/oai", "https://example.org/oai"),
        ("\n  https://example.org/oai\n", "https://example.org/oai"),
        ("http://example.org:8080/a/oai?verb=ListRecords", "http://example.org:8080/a/oai"),
        (
            "https://example.org/oai?mode=oaipmh&amp;verb=Identify",
            "https://example.org/oai?mode=oaipmh",
        ),
        ("https://biblio.ugent.be/oai/%3F", "https://biblio.ugent.be/oai/"),
        ("https://anna:s3cret@example.org/oai", "https://example.org/oai"),
        ("", None),
        ("example.org/oai", None),
        ("urn:nbn:nl:ui:1", None),
        ("javascript:alert(1)", None),
        ("ftp://example.org/oai", None),
        ("http://[::1/oai", None),
    ],
)
def test_an_answer_says_at_which_base_url_it_was_given(request_: str, base_url: str | None) -> None:
    inside = f"<ListRecords>{RECORD.format('')}</ListRecords>"
    found = document.read(envelope(inside, request_).encode())
    assert found == Document(base_url, None, [READ])


def test_records_right_below_the_root() -> None:
    """BASE's own sample of base_dc has no `<ListRecords>` around its records."""
    records = RECORD.format("") * 2
    assert document.read(envelope(records).encode()) == Document(BASE_URL, None, [READ, READ])
    assert document.read(f"<records>{records}</records>".encode()) == Document(
        None, None, [READ, READ]
    )


def test_a_record_in_utf_16() -> None:
    text = f"<?xml version='1.0' encoding='UTF-16'?>{envelope('')[38:]}"
    filled = text.replace("</OAI-PMH>", f"<GetRecord>{RECORD.format('')}</GetRecord></OAI-PMH>")
    assert document.read(filled.encode("utf-16")) == Document(BASE_URL, None, [READ])


def test_an_answer_that_found_nothing_holds_no_records() -> None:
    nothing = envelope("<error code='noRecordsMatch'>nothing new</error>")
    assert document.read(nothing.encode()) == Document(BASE_URL, None, [])
    assert document.read(envelope("<ListRecords/>").encode()) == Document(BASE_URL, None, [])


@pytest.mark.parametrize("name", ["portal_bootstrap3.html", "portal_bootstrap5.html"])
def test_a_portal_page_in_html(name: str) -> None:
    found = document.read((CASES / name).read_bytes())
    assert (found.base_url, found.host) == (None, "search.fid-benelux.de")
    (record,) = found.records
    assert isinstance(record, RawRecord)
    assert record.format == "fid_portal"
    wide = (CASES / name).read_text(encoding="utf-8").encode("utf-16")
    assert document.read(wide) == found


def test_a_portal_page_as_text() -> None:
    text = "Ein Titel\n\nSprache: Deutsch\nPermalink: https://search.fid-benelux.de/Record/base-1\n"
    found = document.read(text.encode())
    assert (found.base_url, found.host) == (None, "search.fid-benelux.de")
    assert [record.identifier for record in found.records] == ["base-1"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "it is empty"),
        (b"\xef\xbb\xbf \r\n", "it is empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF file"),
        (b"PK\x03\x04\x14\x00", "a ZIP archive"),
        (gzip.compress(b"<record/>", mtime=0), "gzip archive: unpack it"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a picture"),
        (b"SQLite format 3\x00", "an SQLite database"),
        (b"\x00\x01\x02\x03" * 50, "no text: binary"),
        (b'{"responseHeader": {"status": 0}}', "it is JSON"),
        (b'[{"id": 1}]', "it is JSON"),
        (b"{broken", "no record page"),
        (b"Nur ein Satz.", "no record page"),
        (b"<!DOCTYPE html><html><title>404</title><p>Not found</p></html>", "no record page"),
        (b"<html><body><h1>Login</h1></body></html>", "no record page"),
        (b"<div>Verfasser</div>", "no record page"),
        (b"<rss version='2.0'><channel/></rss>", "XML with the root <rss>"),
        (
            b'<dc xmlns="http://www.openarchives.org/OAI/2.0/oai_dc/"/>',
            "root <{http://www.openarchives.org/OAI/2.0/oai_dc/}dc>",
        ),
        (b"<record><header>", "no OAI-PMH answer that can be read"),
        (b"<OAI-PMH><ListRecords><record>", "no OAI-PMH answer that can be read"),
        (b"<", "no OAI-PMH answer that can be read"),
        (b"<!DOCTYPE r [<!ENTITY a 'b'>]><record>&a;</record>", "a DOCTYPE"),
        (envelope("<Identify/>").encode(), "answer to Identify, which holds no records"),
        (envelope("<ListIdentifiers/>").encode(), "answer to ListIdentifiers, which"),
        (
            envelope("<error code='restrictedInterface'>ask us</error>").encode(),
            "reports an error: restrictedInterface: ask us",
        ),
        (envelope("<error code='badVerb'/>").encode(), "badVerb: no message"),
        (envelope("").encode(), "root <{http://www.openarchives.org/OAI/2.0/}OAI-PMH>"),
    ],
    ids=["nothing", "byte-order mark", "PDF", "ZIP", "gzip", "picture", "SQLite", "binary",
         "JSON object", "JSON list", "broken JSON", "prose", "HTML of a missing page",
         "HTML of a login", "HTML without html", "RSS", "bare oai_dc", "cut record",
         "cut answer", "one character", "entities", "Identify", "ListIdentifiers",
         "restrictedInterface", "badVerb", "empty envelope"],
)  # fmt: skip
def test_anything_else_is_named_in_one_line(content: bytes, complaint: str) -> None:
    with pytest.raises(UnreadableError) as error:
        document.read(content)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_beyond_all_measure_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_BODY", 10)
    with pytest.raises(UnreadableError, match="it has 11 bytes; at most 10 are read"):
        document.read(b"<record/>  ")
