"""Whatever the XML of a format with parts, its reader gives values as long as what was received."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from harvester import formats
from harvester.formats import Unreadable, UnreadableError, document
from harvester.formats.elements import BETWEEN, SHARED
from harvester.model import RawRecord
from harvester.oai.envelope import parser
from tests.formats.reading import RECORDS

TEXTS = {path.stem: path.read_text("utf-8") for path in sorted(RECORDS.glob("*.xml"))}
ENVELOPE = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><request>http://x/oai</request>'
    "<GetRecord><record><header><identifier>oai:x:1</identifier></header><metadata>{}</metadata>"
    "</record></GetRecord></OAI-PMH>"
)
ROOTS = sorted(root for name, one in formats.formats().items() for root in one.readers)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A record with elements dropped, doubled, emptied, renamed or moved into one another."""
    root = etree.fromstring(TEXTS[draw(st.sampled_from(sorted(TEXTS)))])
    for _ in range(draw(st.integers(1, 6))):
        found = list(root.iterdescendants(tag=etree.Element))
        if not found:
            break
        element = found[draw(st.integers(0, len(found) - 1))]
        parent = element.getparent()
        assert parent is not None
        what = draw(st.sampled_from(["drop", "double", "empty", "rename", "nest", "text", "strip"]))
        if what == "drop":
            parent.remove(element)
        elif what == "double":
            parent.append(etree.fromstring(etree.tostring(element, with_tail=False)))
        elif what == "empty":
            element.clear()
        elif what == "rename":
            element.tag = found[draw(st.integers(0, len(found) - 1))].tag
        elif what == "nest":
            other = etree.fromstring(etree.tostring(root, with_tail=False))
            element.append(other)
        elif what == "text":
            element.text = draw(st.text(st.characters(codec="utf-8", categories=["L", "P", "Z"])))
        else:
            element.tag = etree.QName(element).localname
    return etree.tostring(root, encoding="unicode")


@settings(max_examples=200, deadline=None)
@given(damaged())
def test_damaged_records_are_read(xml: str) -> None:
    (record,) = document.read(ENVELOPE.format(xml).encode()).records
    if isinstance(record, Unreadable):
        assert "failed on it" not in record.reason
        return
    for value in record.values:
        assert ":" in value.element
        assert value.value or value.attributes
        assert all(value.attributes.values())


def test_an_empty_subtitle_says_nothing() -> None:
    xml = (
        '<resource xmlns="http://datacite.org/schema/kernel-4"><titles><title>Neighbours</title>'
        '<title titleType="Subtitle"></title></titles></resource>'
    )
    (record,) = document.read(ENVELOPE.format(xml).encode()).records
    assert isinstance(record, RawRecord)
    assert not any("subTitle" in value.attributes for value in record.values)


@given(
    st.sampled_from(sorted(TEXTS)), st.integers(0, 4000), st.integers(0, 60), st.text(max_size=9)
)
def test_damaged_bytes_are_no_surprise(name: str, start: int, length: int, instead: str) -> None:
    text = TEXTS[name]
    text = text[:start] + instead + text[start + length :]
    with suppress(UnreadableError):
        document.read(ENVELOPE.format(text).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("root", ROOTS)
def test_a_root_alone_has_nothing_to_say(root: str) -> None:
    reader = formats._by_root()[root][1]
    assert reader(etree.Element(root)) == []
    commented = etree.Element(root)
    commented.append(etree.Comment("nothing"))
    commented.append(etree.ProcessingInstruction("php", "exit"))
    assert reader(commented) == []


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_what_is_read_is_as_long_as_what_was_received(name: str) -> None:
    root = etree.fromstring(TEXTS[name])
    many = list(root)
    for _ in range(200):
        root.extend([etree.fromstring(etree.tostring(child, with_tail=False)) for child in many])
    size = len(etree.tostring(root))
    values = formats._by_root()[str(root.tag)][1](root)
    held = sum(
        len(value.value) + sum(len(part) + len(BETWEEN) for part in value.attributes.values())
        for value in values
    )
    assert held < 3 * size


LONG = "x" * 20_000
MODS = '<mods xmlns="http://www.loc.gov/mods/v3">{}</mods>'
DIDL = '<DIDL xmlns="urn:mpeg:mpeg21:2002:02-DIDL-NS"><Item>{}</Item></DIDL>'


@pytest.mark.parametrize(
    ("outer", "before", "many", "after"),
    [
        (
            DIDL,
            f"<Descriptor><Statement><a>{LONG}</a></Statement></Descriptor>",
            "<Resource ref='r'/>",
            "",
        ),
        (
            DIDL,
            f"<Descriptor><Statement><type>{LONG}</type></Statement></Descriptor>",
            "<Resource ref='r'/>",
            "",
        ),
        (MODS, f"<relatedItem type='{LONG}'>", "<note>n</note>", "</relatedItem>"),
        (MODS, f"<subject ID='{LONG}'>", "<topic>t</topic>", "</subject>"),
        (MODS, f"<subject lang='{LONG}'>", "<topic>t</topic>", "</subject>"),
        (MODS, f"<originInfo displayLabel='{LONG}'>", "<publisher>p</publisher>", "</originInfo>"),
        (
            MODS,
            f"<extension><identifier IDref='i'>{LONG}</identifier></extension>",
            "<name ID='i'><namePart>n</namePart></name>",
            "",
        ),
        (
            "<Publication xmlns='https://www.openaire.eu/cerif-profile/1.1/'>{}</Publication>",
            f"<Subtitle>{LONG}</Subtitle>",
            "<Title>t</Title>",
            "",
        ),
    ],
)
def test_nothing_long_is_said_of_many(outer: str, before: str, many: str, after: str) -> None:
    """What several values share may not make a record as long as the square of what came."""
    root = etree.fromstring(outer.format(before + many * 500 + after))
    values = formats._by_root()[str(root.tag)][1](root)
    assert len(values) >= 500
    shared = sum(
        len(value.language or "") + sum(map(len, value.attributes.values())) for value in values
    )
    assert shared <= 2 * len(LONG) + 501 * (SHARED + 50)


@pytest.mark.parametrize("name", ["mods_ugent", "didl_pure", "cerif", "datacite_zenodo"])
def test_entities_are_not_resolved(name: str) -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    text = TEXTS[name]
    close = text.index(">", text.index("Title" if "Title" in text else "title"))
    root = etree.fromstring(bomb + text[: close + 1] + "&b;&f;" + text[close + 1 :], parser())
    values = formats._by_root()[str(root.tag)][1](root)
    assert "root:" not in repr(values)
    assert "aaaaaaaa" not in repr(values)


def test_deeply_nested_related_items() -> None:
    depth = 200
    inner = "<relatedItem type='host'>" * depth + "</relatedItem>" * depth
    (record,) = document.read(
        ENVELOPE.format(f"<mods xmlns='http://www.loc.gov/mods/v3'>{inner}</mods>").encode()
    ).records
    assert not isinstance(record, Unreadable)
    assert len(record.values) == depth
