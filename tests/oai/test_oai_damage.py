"""Whatever is damaged: all other records stay, no end or token is invented, effort stays linear."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from harvester.oai.page import Header, Page, PageRecord, parse
from harvester.oai.received import NotOaiError
from tests.oai.pages import TOKEN, page, record

RECORDS = [
    record(1, "Thé &amp; <!-- sic -->café"),
    record(2, "<![CDATA[A & B]]>"),
    "<record><header status='deleted'><identifier>oai:x:3</identifier></header></record>",
    record(4, "𝐀 – Ça, <i>vraiment</i>"),
    record(5, "Five"),
]
WHOLE = page(*RECORDS).encode()
JUNK = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [b"<", b"&", b"<b>", b"</b>", b"<!--", b"-->", b"<![CDATA[", b'"', b"'", b">", b"&x;",
         b"&#x3;", b"<?xml version='1.0'?>", b"<?", b"<!DOCTYPE a [", b"]>", b"\x0b", b"\xe9",
         b"\x00", b"\xff\xfe", b"\xed\xa0\xbd", b"<record>", b"</record>", b"<header>",
         b"</header>", b"<metadata>", b"</metadata>", b"<oai:record>", b"<c:d>", b"a:b='c'"]
    ),
)  # fmt: skip
DAMAGE = st.tuples(st.integers(0, 10_000), st.integers(0, 40), JUNK)


def told(found: Page) -> list[tuple[Header, bytes | None]]:
    """Return what can be compared of the records of a page."""
    return [
        (
            one.header,
            None if one.metadata is None else etree.tostring(one.metadata, with_tail=False),
        )
        for one in found.records
    ]


@settings(max_examples=400)
@given(st.integers(0, len(RECORDS) - 1), st.lists(DAMAGE, min_size=1, max_size=3))
def test_damage_in_one_record_leaves_all_others_alone(
    which: int, changes: list[tuple[int, int, bytes]]
) -> None:
    one = RECORDS[which].encode()
    for start, length, junk in changes:
        start %= len(one)
        one = one[:start] + junk + one[start + length :]
    # Where CDATA swallows the next record the page is well-formed: then nobody can know.
    assume(b"<![CDATA[" not in one or b"]]>" in one or which > 1)
    start = WHOLE.index(RECORDS[which].encode())
    content = WHOLE[:start] + one + WHOLE[start + len(RECORDS[which].encode()) :]
    try:
        found = parse(content)
    except NotOaiError as error:
        # The end of the last record is gone, and with it the proof that the token is the list's.
        assert "cannot be told" in str(error) or "more than one list" in str(error)  # noqa: PT017
        assert which == len(RECORDS) - 1 or b"<record" not in one or b"</record" not in one
        return
    assert found.token == "next|2"
    expected = told(parse(WHOLE))
    seen = told(found)
    assert [other for other in expected if other not in seen] in ([], [expected[which]])


@given(st.integers(0, len(WHOLE) - 1))
def test_of_a_page_that_is_cut_off_the_whole_records_are_left(length: int) -> None:
    content = WHOLE[:length]
    with pytest.raises(NotOaiError) as caught:
        parse(content)
    assert caught.value.cut_off
    ends = [found.end() for found in re.finditer(rb"</record>", WHOLE)]
    whole = told(parse(WHOLE))[: sum(end <= length for end in ends)]
    found = caught.value.page
    assert (told(found) if found else []) == whole
    assert found is None or (not found.closed and found.token is None)


@given(st.integers(0, len(WHOLE) - 1), st.lists(DAMAGE, min_size=1, max_size=3))
def test_a_page_that_is_damaged_and_cut_off_is_never_whole(
    length: int, changes: list[tuple[int, int, bytes]]
) -> None:
    content = WHOLE[:length]
    for start, size, junk in changes:
        start %= length + 1
        content = content[:start] + junk + content[start + size :]
    with pytest.raises(NotOaiError) as caught:
        parse(content)
    assert str(caught.value).isprintable()


@given(st.lists(DAMAGE, min_size=1, max_size=4), st.booleans())
def test_no_damage_invents_a_token_or_an_end(
    changes: list[tuple[int, int, bytes]], last: bool
) -> None:
    content = WHOLE.replace(TOKEN.encode(), b"") if last else WHOLE
    head, tail = content.index(b"<ListRecords>"), content.rindex(b"</record>")
    for start, size, junk in changes:
        start = head + start % (len(content) - head)
        content = content[:start] + junk + content[start + size :]
    try:
        found = parse(content)
    except NotOaiError:
        return
    if last:
        assert found.token is None
    elif found.token != "next|2":  # then the damage is in the token itself
        assert content[tail:].find(TOKEN.encode()) < 0


@given(st.lists(DAMAGE, max_size=4), st.sampled_from([None, "latin-1", "utf-16", "x-y"]))
def test_the_same_bytes_always_give_the_same(
    changes: list[tuple[int, int, bytes]], http: str | None
) -> None:
    content = WHOLE
    for start, size, junk in changes:
        start %= len(content) + 1
        content = content[:start] + junk + content[start + size :]
    assert outcome(content, http) == outcome(content, http)


def outcome(content: bytes, http: str | None) -> object:
    try:
        found = parse(content, http)
    except NotOaiError as error:
        return str(error), error.cut_off, told(error.page) if error.page else None
    assert all(isinstance(one, PageRecord) for one in found.records)
    return told(found), found.token, [(one.repairs, one.broken) for one in found.records]


@pytest.mark.parametrize(
    "name", ["scrapi_umontreal_00.xml", "scrapi_ghent_00.xml", "scythe_list_records_01.xml"]
)
def test_damage_in_one_record_of_a_real_page(name: str, corpus: Path) -> None:
    content = (corpus / "oai" / name).read_bytes()
    whole = parse(content)
    expected = told(whole)
    places = [found.span() for found in re.finditer(rb"<record>.*?</record>", content, re.DOTALL)]
    assert len(places) == len(expected)

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, len(places) - 2), DAMAGE)
    def damage(which: int, change: tuple[int, int, bytes]) -> None:
        first, end = places[which]
        start = first + change[0] % (end - first)
        bad = content[:start] + change[2] + content[min(start + change[1], end) :]
        found = parse(bad)
        seen = told(found)
        assert found.token == whole.token
        assert [other for other in expected if other not in seen] in ([], [expected[which]])

    damage()


HOSTILE = {
    "<": b"<", "&": b"&", "< ": b"< ", "&a;": b"&a;", "open tags": b"<a>", "half tags": b"<a",
    "comments": b"<!--", "sections": b"<![CDATA[", "DOCTYPEs": b"<!DOCTYPE",
    "instructions": b"<?x ",
    "control characters": b"a\x01", "bytes": b"a\xff", "CESU-8": b"\xed\xa0\xbd\xed\xb8\x80",
    "references": b"&#x3;", "attributes": b"<a b='c' b='c' ", "quotes": b"<a b=\"<a b='",
    "declarations": b"<a xmlns:b=''>", "begins": b"<record><header>", "ends": b"</record>",
    "tokens": b"<resumptionToken>a</resumptionToken>", "closed comments": b"<!-- -- -->",
    "blanks": b" ", "names": b"a:", "closed tags": b"<b></b>", "roots": b"</OAI-PMH>",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_effort_grows_with_the_size_and_no_faster(name: str) -> None:
    small, large = (effort(HOSTILE[name], size) for size in (100_000, 400_000))
    assert large < 8 * small + 0.5  # 4 times if linear, 16 times if quadratic


def effort(junk: bytes, size: int) -> float:
    """Return the seconds that two pages of so much junk cost, one whole, one cut off."""
    text = page(record(1, "One"), record(2, "HERE"), record(3, "Three")).encode()
    before, _, after = text.partition(b"HERE")
    junk *= size // len(junk)
    started = time.process_time()
    outcome(before + junk + after, None)
    outcome(before + junk, None)
    return time.process_time() - started
