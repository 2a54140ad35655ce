"""The envelope of an answer: strict about its end, tolerant about its dress."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.oai.page import Header, OaiError, Page, parse
from harvester.oai.received import NotOaiError

OAI = 'xmlns="http://www.openarchives.org/OAI/2.0/"'
RECORD = """
  <record>
    <header>
      <identifier> oai:orbi.ulg.ac.be:2268/231953 </identifier>
      <datestamp>2019-01-15T08:30:00Z</datestamp>
      <setSpec>com_2268_1</setSpec>
      <setSpec>class_h10</setSpec>
    </header>
    <metadata>
      <dc:dc xmlns:dc="x"><dc:title>Le cas <!-- sic -->des opérateurs</dc:title></dc:dc>
    </metadata>
    <about><provenance/></about>
  </record>"""
LIST = f"""<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="oai2.xsl"?>
<OAI-PMH {OAI} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <responseDate>2026-11-23T01:00:00Z</responseDate>
 <request verb="ListRecords" metadataPrefix="oai_dc">https://orbi.uliege.be/oai/request</request>
 <ListRecords>{RECORD}
  <record><header status="deleted"><identifier>oai:x:2</identifier><datestamp>2020-01-01</datestamp>
  </header></record>
  <resumptionToken completeListSize="135" cursor="0" expirationDate="2026-11-24T00:00:00Z">
    oai_dc|100/+%&amp;
  </resumptionToken>
 </ListRecords>
</OAI-PMH>
"""


def envelope(inner: str) -> bytes:
    return f"<OAI-PMH {OAI}><request/>{inner}</OAI-PMH>".encode()


def test_a_list_gives_its_records_and_its_token() -> None:
    page = parse(LIST.encode())
    assert page.verb == "ListRecords"
    assert page.response_date == "2026-11-23T01:00:00Z"
    assert page.request_url == "https://orbi.uliege.be/oai/request"
    assert page.token == "oai_dc|100/+%&"
    assert page.complete_list_size == 135
    assert page.error is None
    first, second = page.records
    assert first.header == Header(
        "oai:orbi.ulg.ac.be:2268/231953",
        "2019-01-15T08:30:00Z",
        ["com_2268_1", "class_h10"],
        False,
    )
    assert first.metadata is not None
    assert first.metadata.tag == "{x}dc"
    assert first.metadata[0].text == "Le cas des opérateurs"
    assert second.header.deleted
    assert second.metadata is None


@pytest.mark.parametrize(
    "dress",
    [
        lambda text: text.replace(f" {OAI}", ""),
        lambda text: text.replace("OAI/2.0/", "OAI/1.1/OAI_ListRecords"),
        lambda text: re.sub(
            r"<(/?)(OAI-PMH|responseDate|request|ListRecords|record|header|metadata|identifier"
            r"|datestamp|setSpec|about|resumptionToken)(?=[ >])",
            r"<\1oai:\2",
            text.replace("xmlns=", "xmlns:oai="),
        ),
        lambda text: "\ufeff" + text,
        lambda text: "\n\r\n \t" + text,
        lambda text: "\n\ufeff\n" + text,
        lambda text: text.replace("?>\n<?xml-", '?>\n<!DOCTYPE OAI-PMH SYSTEM "x.dtd">\n<?xml-'),
        lambda text: text.replace(
            "<OAI-PMH", "<!DOCTYPE a [ <!ENTITY b \"]>\"> <!-- ]> ' --> <?p ]> ?> ]>\n<OAI-PMH", 1
        ),
    ],
    ids=["no namespace", "other namespace", "prefixed (dataverse#6242)", "byte-order mark",
         "blank lines", "blank lines and mark", "DOCTYPE", "DOCTYPE with a subset"],
)  # fmt: skip
def test_the_dress_of_an_envelope_does_not_matter(dress: object) -> None:
    assert callable(dress)
    dressed = parse(dress(LIST).encode())
    plain = parse(LIST.encode())
    assert [record.header for record in dressed.records] == [r.header for r in plain.records]
    assert (dressed.token, dressed.verb) == (plain.token, plain.verb)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_wide_encoding_is_read_and_its_doctype_cut_off_too(encoding: str) -> None:
    text = LIST.replace('encoding="UTF-8"', 'encoding="UTF-16"')
    text = text.replace("<OAI-PMH", '<!DOCTYPE a [<!ENTITY b "c">]><OAI-PMH', 1)
    assert len(parse(text.encode(encoding)).records) == 2


def test_a_declared_encoding_is_believed() -> None:
    page = parse(LIST.replace("UTF-8", "ISO-8859-1").encode("latin-1"))
    metadata = page.records[0].metadata
    assert metadata is not None
    assert metadata[0].text == "Le cas des opérateurs"


@pytest.mark.parametrize(
    ("token", "read"),
    [
        ("<resumptionToken>\n  a b\n</resumptionToken>", "a b"),
        ("<resumptionToken><![CDATA[a&b]]></resumptionToken>", "a&b"),
        ("<resumptionToken>0</resumptionToken>", "0"),
        ("<resumptionToken> \n </resumptionToken>", None),
        ("<resumptionToken/>", None),
        ('<resumptionToken completeListSize="3" cursor="0"/>', None),
        ("", None),
    ],
)
def test_only_emptiness_ends_a_list(token: str, read: str | None) -> None:
    assert parse(envelope(f"<ListRecords>{RECORD}{token}</ListRecords>")).token == read


@pytest.mark.parametrize(
    ("size", "read"),
    [
        ("35", 35),
        (" 35 ", 35),
        ("0", 0),
        ("", None),
        ("-1", None),
        ("unknown", None),
        ("3.5", None),
        ("1_000", None),
        ("٣", None),
        ("9" * 5000, None),
    ],
    ids=["number", "blanks", "zero", "nothing", "negative", "word", "fraction", "underscore",
         "Arabic digit", "endless"],
)  # fmt: skip
def test_a_size_that_is_no_number_is_none(size: str, read: int | None) -> None:
    token = f'<resumptionToken completeListSize="{size}">t</resumptionToken>'
    page = parse(envelope(f"<ListRecords>{RECORD}{token}</ListRecords>"))
    assert page.complete_list_size == read


@pytest.mark.parametrize(
    ("record", "header", "has_metadata"),
    [
        ("<record/>", Header("", "", [], False), False),
        ("<record><metadata><a/></metadata></record>", Header("", "", [], False), True),
        (
            "<record><header><identifier>i</identifier></header><metadata/></record>",
            Header("i", "", [], False),
            False,
        ),
        (
            "<record><header><identifier>i</identifier><setSpec>a</setSpec><setSpec/>"
            "<setSpec>a</setSpec></header><metadata> <!-- nothing --> </metadata></record>",
            Header("i", "", ["a"], False),
            False,
        ),
        (
            "<record><header status=' Deleted '><identifier>i</identifier></header>"
            "<metadata><a/></metadata></record>",
            Header("i", "", [], True),
            False,
        ),
    ],
    ids=["nothing", "no header", "empty metadata", "empty and double sets", "deleted wins"],
)
def test_a_poor_record_is_still_a_record(record: str, header: Header, has_metadata: bool) -> None:
    (read,) = parse(envelope(f"<ListRecords>{record}</ListRecords>")).records
    assert read.header == header
    assert (read.metadata is not None) == has_metadata


def test_list_identifiers_gives_headers() -> None:
    page = parse(
        envelope(
            "<ListIdentifiers><header><identifier>a</identifier></header>"
            "<header status='deleted'><identifier>b</identifier></header></ListIdentifiers>"
        )
    )
    assert [(r.header.identifier, r.header.deleted) for r in page.records] == [
        ("a", False),
        ("b", True),
    ]


@pytest.mark.parametrize(
    ("inner", "verb", "error"),
    [
        ("<error code='noRecordsMatch'/>", "", OaiError("noRecordsMatch", "")),
        (
            "<error code=' restrictedInterface '> not\n you </error><error code='second'/>",
            "",
            OaiError("restrictedInterface", "not you"),
        ),
        ("<error>no code</error>", "", OaiError("", "no code")),
        (
            "<error code='badArgument'/><ListRecords/>",
            "ListRecords",
            OaiError("badArgument", ""),
        ),
    ],
)
def test_errors_are_read_with_codes_of_any_kind(inner: str, verb: str, error: OaiError) -> None:
    page = parse(envelope(inner))
    assert (page.verb, page.error) == (verb, error)


def test_of_several_errors_the_first_that_tells_more_than_nothing_counts() -> None:
    page = parse(envelope("<error code='noRecordsMatch'/><error code='badArgument'>until</error>"))
    assert page.error == OaiError("badArgument", "until")
    assert page.errors == [OaiError("noRecordsMatch", ""), OaiError("badArgument", "until")]
    twice = parse(envelope("<error code='noRecordsMatch'/>" * 2))
    assert twice.error == OaiError("noRecordsMatch", "")


@pytest.mark.parametrize(
    ("text", "token", "raw"),
    [("a", "a", None), (" a\n", "a", " a\n"), (" \n", None, None), ("", None, None)],
)
def test_the_blanks_around_a_token_are_kept_apart(
    text: str, token: str | None, raw: str | None
) -> None:
    inner = f"<ListRecords>{RECORD}<resumptionToken>{text}</resumptionToken></ListRecords>"
    for content in (envelope(inner), envelope(inner).replace(b"Le cas", b"A & B")):
        page = parse(content)
        assert (page.token, page.raw_token, page.closed) == (token, raw, True)


def test_what_is_no_record_stands_in_the_answer() -> None:
    page = parse(envelope("<ListSets><set><setSpec>a</setSpec></set></ListSets>"))
    assert page.records == []
    assert page.answer is not None
    assert page.answer[0][0].text == "a"


@pytest.mark.parametrize(
    ("content", "says", "cut_off"),
    [
        (b"", "empty", True),
        (b" \n\xef\xbb\xbf", "empty", True),
        (LIST.encode()[:-12], "cut off", True),
        (LIST.encode()[:900], "cut off", True),
        (b"<OAI-PMH", "cut off", True),
        (b"broken xml", "begins with “broken xml”", False),
        (b"\x00\x01\x02" * 40, "no XML", False),
        (b"<!DOCTYPE html><html><title>Just a moment...</title></html>",
         "HTML page titled “Just a moment...”", False),
        (b"<html><head><title>\x1b[2JBoo</title></head></html>", "titled “[2JBoo”", False),
        (b"Warning: x in y <html><body></body></html>", "HTML", False),
        (b"<rss version='2.0'/>", "another kind: <rss>", False),
        (b"<rss version='2.0'>A & B</rss>", "no OAI-PMH, and is not well-formed XML", False),
        (b"\xff\xfe<\x00a\x00\x00\xd8>\x00", "says it is UTF-16-LE but is not", False),
        (b"<OAI-PMH/>", "nothing in it", False),
        (b"<OAI-PMH><ListRecords/><ListRecords/></OAI-PMH>", "both", False),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>", "does not end", False),
        (b"<!DOCTYPE a [" + b"<!--" * 99_999, "does not end", False),
        (b"\xff\xfe<\x00", "not", True),
        (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<OAI-PMH/>', "hides", False),
        (b"<a>" * 5000, "cut off", True),
        (b"<OAI-PMH>" + b"<a>" * 5000 + b"</OAI-PMH>", "more than 256 deep", False),
    ],
    ids=["nothing", "blanks and a mark", "cut in the root", "cut in a record", "cut in a tag",
         "prose", "binary", "challenge page", "HTML", "PHP warning and HTML",
         "RSS", "damaged RSS", "not UTF-16", "empty envelope", "two verbs",
         "endless DOCTYPE", "endless comments in a DOCTYPE",
         "half a UTF-16", "hidden DOCTYPE", "deep and cut off", "deep"],
)  # fmt: skip
def test_what_is_no_whole_answer_is_refused_in_one_line(
    content: bytes, says: str, cut_off: bool
) -> None:
    with pytest.raises(NotOaiError, match=re.escape(says)) as caught:
        parse(content)
    assert caught.value.cut_off == cut_off
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 250


def test_entities_of_a_doctype_are_never_expanded() -> None:
    bomb = (
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY b "bang">'
        '<!ENTITY lol "&b;&b;&b;&b;"><!ENTITY eacute "boom">]>'
    )
    text = bomb + LIST[LIST.index("<OAI") :].replace("Le cas", "&x;&b;&lol;&eacute;")
    metadata = parse(text.encode()).records[0].metadata
    assert metadata is not None
    assert metadata[0].text == "&x;&b;&lol;é des opérateurs"


mutations = st.lists(
    st.tuples(
        st.integers(0, len(LIST)),
        st.integers(0, 60),
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from(
                [b"<!DOCTYPE ", b"<![CDATA[", b"<!--", b"<?xml ", b"&#55349;", b"&x;",
                 b"</OAI-PMH>", b"\xff\xfe", b"\x00", b"<oai:record>", b'xmlns:oai="',
                 b"encoding='UTF-16'"]
            ),
        ),
    ),
    max_size=4,
)  # fmt: skip


@given(mutations)
def test_damaged_bytes_give_a_page_or_its_own_error(
    changes: list[tuple[int, int, bytes]],
) -> None:
    content = LIST.encode()
    for start, length, put in changes:
        content = content[:start] + put + content[start + length :]
    parse_or_refuse(content)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_page_or_its_own_error(content: bytes) -> None:
    parse_or_refuse(content)


@given(st.integers(0, len(LIST.encode()) - 2))
def test_no_page_that_is_cut_anywhere_is_taken_for_whole(length: int) -> None:
    content = LIST.encode().rstrip()[:length]
    assert parse_or_refuse(content) is None


def parse_or_refuse(content: bytes) -> Page | None:
    try:
        page = parse(content)
    except NotOaiError:
        return None
    assert page.verb or page.error
    return page


REFUSED = {
    "pyoai__fake3_00001.xml": "the answer is not well-formed XML: Opening and ending tag mismatch",
    "sickle__ListRecordsBroken.xml": "the answer is no XML: it begins with “broken xml”",
}
REPAIRED = {
    "scrapi_pcurio_00.xml": {
        "oai:MAXWELL.puc-rio.br:24183": ("1 control character replaced by a space",)
    }
}


def test_every_recorded_answer_is_read_or_refused_for_a_reason(corpus: Path) -> None:
    files = sorted((corpus / "oai").glob("*.xml"))
    assert {*REFUSED, *REPAIRED} <= {file.name for file in files}
    for file in files:
        content = file.read_bytes()
        if file.name in REFUSED:
            with pytest.raises(NotOaiError, match=re.escape(REFUSED[file.name])):
                parse(content)
            continue
        page = parse(content)
        headers = len(re.findall(rb"<header[ >/]", content))
        assert len(page.records) == headers, file.name
        assert page.verb or page.error, file.name
        named = [r for r in page.records if r.header.identifier or r.header.deleted]
        assert named == page.records, file.name
        assert all(r.header.deleted or r.metadata is not None for r in page.records) or (
            page.verb == "ListIdentifiers"
        ), file.name
        repaired = {r.header.identifier: r.repairs for r in page.records if r.repairs or r.broken}
        assert repaired == REPAIRED.get(file.name, {}), file.name
        token = re.search(rb"<resumptionToken[^>/]*>([^<]*)<", content)
        assert (page.token is not None) == bool(token and token.group(1).strip()), file.name
