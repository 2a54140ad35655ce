"""A record leaves a page without a trace, and every other byte stays."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.archive.cutting import (
    NOTHING,
    is_portal_page,
    mentions,
    unpacked,
    without,
)
from harvester.oai import page as oai_page
from harvester.oai.received import NotOaiError, Received

HEAD = b'<?xml version="1.0"?>\n<OAI-PMH><request>x</request><ListRecords>\n'
TAIL = b"\n<resumptionToken>t</resumptionToken></ListRecords></OAI-PMH>"


def record(identifier: str, title: str = "Over werk", tag: str = "record") -> bytes:
    return (
        f"<{tag}>\n <header><identifier>{identifier}</identifier></header>"
        f"<metadata><dc><title>{title}</title></dc></metadata></{tag}>"
    ).encode()


MARC = (
    b"<record><header><identifier>b</identifier></header><metadata>"
    b'<record xmlns="http://www.loc.gov/MARC21/slim"><leader/><record/></record></metadata></record>'
)
OTHER = record("c", "&lt;record&gt; und <![CDATA[</record><record>]]> <!-- </record> -->")
UNCLOSED = b"<record><header><identifier>b</identifier></header><metadata><dc><title>Half"


@pytest.mark.parametrize(
    "victim",
    [
        record("b"),
        record("b", tag="oai:record"),
        record(" b\n"),
        record("<![CDATA[b]]>"),
        record("<!-- no -->b"),
        record("&#98;"),
        record("b", OTHER.decode()[10:90]),
        MARC,
        b"<record status='a>b'><about/><header><identifier>b</identifier></header></record>",
        b'<record><header status="deleted"><identifier>b</identifier></header></record>',
        b"<record><metadata><identifier>z</identifier></metadata>"
        b"<header><identifier>b</identifier></header></record>",
        UNCLOSED,
    ],
)
def test_only_the_record_goes(victim: bytes) -> None:
    page = HEAD + record("a") + victim + b"\n\t" + OTHER + TAIL
    left = without(page, "b")
    if victim is UNCLOSED:  # where its blanks end nobody knows
        assert left == HEAD + record("a") + OTHER + TAIL
    else:
        assert left == HEAD + record("a") + b"\n\t" + OTHER + TAIL
    assert without(left, "b") is None
    assert left is not None
    found = oai_page.parse(left)
    assert [each.header.identifier for each in found.records] == ["a", "c"]


def test_one_that_is_there_twice_goes_twice() -> None:
    page = HEAD + record("b") + record("a") + record("b", "Anders") + TAIL
    assert without(page, "b") == HEAD + record("a") + TAIL


@pytest.mark.parametrize("identifier", ["B", "bb", "", "b/2", "metadata"])
def test_nothing_goes_where_it_is_not(identifier: str) -> None:
    assert without(HEAD + record("b") + MARC + TAIL, identifier) is None


@pytest.mark.parametrize("end", [-1, -10, -40])
def test_a_page_that_breaks_off_in_the_record(end: int) -> None:
    page = HEAD + record("a") + record("b")
    assert without(page[:end], "b") == HEAD + record("a")
    assert without(page[:end], "a") == HEAD + record("b")[:end]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "utf-16", "utf-16-be", "utf-32"]
)
def test_in_every_encoding(encoding: str) -> None:
    before = "<?xml?><OAI-PMH><ListRecords>" + record("à", "Été").decode()
    after = record("é", "Ünd").decode() + "</ListRecords></OAI-PMH>"
    page = (before + record("ß:1", "Überfluß").decode() + after).encode(encoding)
    assert without(page, "ß:1") == (before + after).encode(encoding)


def test_bytes_that_are_wrong_in_other_records_stay() -> None:
    wrong = record("a").replace(b"Over", b"\xff\x00\x0b&eacute; & <br>")
    assert without(HEAD + wrong + record("b") + TAIL, "b") == HEAD + wrong + TAIL
    wide = (HEAD + record("b") + TAIL).decode().encode("utf-16-le")
    odd = b"\xff\xfe" + wide + b"\0"
    left = without(odd, "b")
    assert left == b"\xff\xfe" + (HEAD + TAIL).decode().encode("utf-16-le") + b"\0"


@pytest.mark.parametrize("prolog", [b"", b'<?xml version="1.0"?>\n<!-- saved -->\n'])
def test_a_record_that_stands_alone_in_its_file(prolog: bytes) -> None:
    assert without(prolog + record("b"), "b") == NOTHING
    assert oai_page.parse(NOTHING).records == []


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=20)


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), _TEXT, st.sampled_from(["record", "o:record"])),
        max_size=6,
    ),
    _TEXT,
)
def test_the_rest_stays_byte_for_byte(records: list[tuple[str, str, str]], between: str) -> None:
    def page(but: str) -> bytes:
        escape = str.maketrans({"<": "&lt;", "&": "&amp;", ">": "&gt;"})
        inside = [
            (record(name, text.translate(escape), tag) if name != but else b"")
            + between.translate(escape).encode()
            for name, text, tag in records
        ]
        return HEAD + b"".join(inside) + TAIL

    for name in "abc":
        there = any(known == name for known, _, _ in records)
        assert without(page(""), name) == (page(name) if there else None)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_are_taken(before: bytes, after: bytes) -> None:
    for page in (before + after, before + record("b") + after):
        left = without(page, "b")
        assert left is None or without(left, "b") is None


def test_every_record_of_real_pages(corpus: Path) -> None:
    files = sorted((corpus / "oai").glob("*.xml"))
    compared = 0
    for file in files:
        content = file.read_bytes()
        try:
            found = oai_page.parse(content).records
        except NotOaiError:
            continue
        if not content.count(b"record>"):
            continue
        names = [each.header.identifier for each in found if each.metadata is not None]
        for name in {*names[:2], *names[-2:]}:
            left = without(content, name)
            assert left is not None, (file.name, name)
            after = oai_page.parse(left).records
            expected = [each.header for each in found if each.header.identifier != name]
            assert [each.header for each in after] == expected, (file.name, name)
            compared += 1
    assert compared > 20


class TestUnpacked:
    def test_compression_is_taken_off(self, answer: Received) -> None:
        for body in (answer.body, gzip.compress(answer.body), zlib.compress(answer.body)):
            assert unpacked(msgspec.structs.replace(answer, body=body)) == answer.body

    def test_of_a_damaged_page_comes_what_can_be_had(self, answer: Received) -> None:
        page = HEAD + b"".join(record(str(n), f"{n * n}") for n in range(500)) + TAIL
        for packed in (
            gzip.compress(page),
            zlib.compress(page),
            gzip.compress(gzip.compress(page)),
        ):
            for damaged in (packed[:-50], packed[: len(packed) // 2] + b"\0" * 100):
                body = unpacked(msgspec.structs.replace(answer, body=damaged))
                assert page.startswith(body[:1000])
                assert len(body) > 1000


def test_a_portal_page_is_told_from_records() -> None:
    assert is_portal_page(b"Titel\nPermalink: https://x.be/Record/base-1\n")
    assert is_portal_page(b"<!DOCTYPE html><html><body>x</body></html>")
    assert not is_portal_page(HEAD + record("a") + TAIL)
    assert not is_portal_page(record("a"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_page_mentions_an_identifier_also_in_an_address(encoding: str) -> None:
    page = "https://x.be/Record/%C3%A9-1 https://x.be/Record/base-7?a=1&amp;b".encode(encoding)
    assert mentions(page, "é-1")
    assert mentions(page, "base-7")
    assert not mentions(page, "base-8")
