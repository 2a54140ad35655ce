"""Damaged pages: what can be read is read, and nothing is taken for whole by mistake."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from harvester.formats import Unreadable, read_page
from harvester.model import RawRecord
from harvester.oai import salvage
from harvester.oai.encoding import charset
from harvester.oai.page import parse
from harvester.oai.received import NotOaiError
from tests.oai.pages import METADATA, OAI, TOKEN, page, record, wrapped

CASES = yaml.safe_load((Path(__file__).parent.parent / "cases" / "repairs.yml").read_text("utf-8"))
TITLES = ("One", "Two", "Three")
BYTE = re.compile(rb"\\x([0-9A-F]{2})")


def damaged(case: dict[str, Any]) -> bytes:
    """Make the page of a case."""
    title = case.get("title", "Two")
    second = record(2, title)
    if "metadata" in case:
        metadata = case["metadata"].replace("{metadata}", METADATA.format(title))
        second = wrapped("<identifier>oai:x:2</identifier>", metadata)
    elif "header" in case:
        second = wrapped(case["header"], METADATA.format(title))
    elif "record" in case:
        second = case["record"].replace("{metadata}", METADATA.format(title))
    text = page(
        record(1, "One"),
        second,
        record(3, "Three"),
        token=case.get("token", TOKEN),
        head=case.get("head", ""),
        between=case.get("between", ""),
    )
    old, new = case.get("replace", ("", ""))
    assert old in text, case["seen"]
    text = text.replace(old, new) if old else text
    if "cut" in case:
        text = text[: text.index(case["cut"])]
    text = case.get("before", "") + text + case.get("after", "")
    content = text.encode(case.get("encoding", "utf-8"))
    return BYTE.sub(lambda found: bytes([int(found.group(1), 16)]), content)


@pytest.mark.parametrize("case", CASES, ids=[case["seen"] for case in CASES])
def test_a_damaged_page_is_read_as_far_as_it_can_be(case: dict[str, Any]) -> None:
    content = damaged(case)
    if "refused" in case or "cut_off" in case:
        with pytest.raises(NotOaiError) as caught:
            parse(content, case.get("charset"))
        whole = caught.value.page
        assert caught.value.cut_off == ("cut_off" in case)
        reason = case.get("refused", "the answer is cut off: its XML does not close")
        assert str(caught.value).startswith(reason)
        assert (len(whole.records) if whole else 0) == case.get("cut_off", 0)
        return
    found = parse(content, case.get("charset"))
    assert (found.token, found.complete_list_size, found.closed) == ("next|2", 9, True)
    assert found.verb == "ListRecords"
    assert found.response_date == case.get("response_date", "2026-11-23T01:00:00Z")
    first, second, third = read_page(found)
    for number, other in ((1, first), (3, third)):
        assert isinstance(other, RawRecord)
        assert other.identifier == f"oai:x:{number}"
        assert [value.value for value in other.values] == [TITLES[number - 1]]
        assert other.repairs == (case["repairs"] if "everywhere" in case else [])
    identifier = case.get("identifier", "oai:x:2")
    if "broken" in case:
        assert isinstance(second, Unreadable)
        assert second.reason.startswith(case["broken"])
        assert second.identifier == (identifier or None)
        assert second.content in content
        assert b"oai:x:" in second.content
        return
    assert isinstance(second, RawRecord)
    assert second.identifier == identifier
    assert second.repairs == case.get("repairs", [])
    assert second.deleted == case.get("deleted", False)
    if not second.deleted:
        assert [(value.element, value.value) for value in second.values] == [
            ("dc:title", case["read"])
        ]


def test_every_case_names_who_shows_it() -> None:
    assert len(CASES) >= 60
    assert all(case["seen"] for case in CASES)


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("text/xml; charset=ISO-8859-1", "ISO-8859-1"),
        ('text/xml;charset="utf-8"', "utf-8"),
        ("application/xml ; Charset = 'windows-1252' ; x=y", "windows-1252"),
        ("text/xml", None),
        ("text/xml; charset=", None),
        ("", None),
        (None, None),
    ],
)
def test_the_charset_of_a_header(header: str | None, read: str | None) -> None:
    assert charset(header) == read


def test_a_list_of_headers_is_repaired_too() -> None:
    text = page(
        "<header><identifier>oai:x:1</identifier></header>",
        "<header status='deleted'><identifier>oai:x:2</identifier><setSpec>a & b</setSpec>"
        "</header>",
        "<header><identifier>oai:x:3</identifier><setSpec></header>",
    ).replace("ListRecords", "ListIdentifiers")
    found = parse(text.encode())
    assert [one.header.identifier for one in found.records] == ["oai:x:1", "oai:x:2", "oai:x:3"]
    assert found.records[1].header.sets == ["a & b"]
    assert found.records[1].repairs == ("1 bare & taken as text",)
    assert found.records[2].broken is not None
    assert found.token == "next|2"
    deleted, broken = read_page(found)
    assert isinstance(deleted, RawRecord)
    assert deleted.deleted
    assert isinstance(broken, Unreadable)
    assert broken.identifier == "oai:x:3"


@pytest.mark.parametrize("verb", ["Identify", "ListSets", "ListMetadataFormats"])
def test_what_is_no_list_of_records_is_repaired_as_a_whole(verb: str) -> None:
    text = page("<a>A & B</a>").replace("ListRecords", verb)
    found = parse(text.encode())
    assert found.verb == verb
    assert found.answer is not None
    assert found.answer[0].text == "A & B"
    assert found.token == "next|2"
    for token in ("next\x0b2", "\x0b"):
        with pytest.raises(NotOaiError, match="its resumption token with it"):
            parse(text.replace("next|2", token).encode())
    with pytest.raises(NotOaiError, match="is not well-formed XML") as caught:
        parse(text.replace("</a>", "").encode())
    assert not caught.value.cut_off


def test_an_envelope_with_a_prefix_that_nobody_declares() -> None:
    text = re.sub(
        r"<(/?)(OAI-PMH|responseDate|request|ListRecords|record|header|metadata|identifier"
        r"|resumptionToken)(?=[ >])",
        r"<\1oai:\2",
        page(*(record(number, title) for number, title in enumerate(TITLES, start=1))),
    )
    for content in (text.replace(f' xmlns="{OAI}"', ""), text.replace("Two", "T & wo")):
        found = parse(content.encode())
        assert (found.verb, found.token) == ("ListRecords", "next|2")
        assert found.response_date == "2026-11-23T01:00:00Z"
        assert [one.header.identifier for one in found.records] == ["oai:x:1", "oai:x:2", "oai:x:3"]


def test_a_record_may_hold_records_of_its_own() -> None:
    marc = "<record xmlns='http://www.loc.gov/MARC21/slim'><leader>{}</leader></record>"
    records = [wrapped(f"<identifier>{n}</identifier>", marc.format(n)) for n in "123"]
    records[1] = records[1].replace("<leader>2", "<leader>\x0b")
    found = parse(page(*records).encode())
    assert [one.header.identifier for one in found.records] == ["1", "2", "3"]
    assert [one.metadata is not None and one.metadata[0].text for one in found.records] == [
        "1",
        " ",
        "3",
    ]


def test_samples_of_records_in_sections_are_no_records() -> None:
    sample = record(9, "Nine")
    records = [
        record(1, f"<![CDATA[{sample}{sample}]]>"),
        record(2, f"<!-- {sample} -->Two\x0b"),
        record(3, "<![CDATA[</record>]]>"),
    ]
    found = parse(page(*records, between=f"<!-- {sample} -->").encode())
    assert [one.header.identifier for one in found.records] == ["oai:x:1", "oai:x:2", "oai:x:3"]
    titles = [one.metadata is not None and one.metadata[0].text for one in found.records]
    assert titles[:2] == [sample * 2, "Two "]
    assert [one.broken is not None for one in found.records] == [False, False, False]


def test_a_record_without_a_header_is_told_from_its_neighbours() -> None:
    odd = "<record><about/><metadata><a/></metadata></record>"
    found = parse(page(odd, record(2, "Two\x0b"), odd, record(4, "<b>"), odd, token="").encode())
    assert [(one.header.identifier, one.broken is None) for one in found.records] == [
        ("", True),
        ("oai:x:2", True),
        ("", True),
        ("oai:x:4", False),
    ]


def test_a_record_that_is_too_deep_or_too_long_costs_only_itself() -> None:
    deep = "<i>" * 400 + "</i>" * 400
    found = parse(page(record(1, "One"), record(2, deep), record(3, "x" * 10_000_001)).encode())
    first, second, third = found.records
    assert first.broken is None
    assert second.broken is not None
    assert "nests its elements more than 256 deep" in second.broken.reason
    assert third.broken is not None
    assert third.broken.reason == "the record holds a text of more than 10 MB"
    assert found.token == "next|2"


def test_a_page_of_broken_records_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salvage, "MAX_BROKEN", 3)
    text = page(*(record(number, "<b>") for number in range(4)))
    with pytest.raises(NotOaiError, match="more than 3 broken records"):
        parse(text.encode())
