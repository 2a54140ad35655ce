"""Whatever bytes come, readers give a record or their own error, and nothing else."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from harvester.formats import Unreadable, UnreadableError, document, fid_portal, oai_dc
from harvester.formats.labels import load
from harvester.formats.portal_page import is_control
from harvester.model import RawRecord

CASES = Path(__file__).parent.parent / "cases"
PAGES = [case["text"] for case in yaml.safe_load((CASES / "portal_pages.yml").read_text("utf-8"))]
HTML = [(CASES / f"portal_bootstrap{number}.html").read_text("utf-8") for number in (3, 5)]
OAI = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><request>http://x/oai</request>'
    "<GetRecord><record><header><identifier>oai:x:1</identifier></header><metadata>"
    '<dc xmlns="http://www.openarchives.org/OAI/2.0/oai_dc/"><title>T</title></dc></metadata>'
    "</record></GetRecord></OAI-PMH>"
)
LABELS = sorted(load().claims)
SLICES = st.tuples(st.integers(0, 4000), st.integers(0, 200), st.text(max_size=20))


@st.composite
def damaged(draw: st.DrawFn, *texts: str) -> bytes:
    """A page with stretches of it replaced, doubled or cut out."""
    text = draw(st.sampled_from(texts))
    for start, length, instead in draw(st.lists(SLICES, max_size=4)):
        text = text[:start] + instead + text[start + length :]
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    return text.encode(encoding, "surrogatepass")


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode) | damaged(*PAGES, *HTML))
def test_text(content: bytes) -> None:
    with suppress(UnreadableError):
        check(fid_portal.read_text(content))


@settings(deadline=None)
@given(st.binary(max_size=300) | damaged(*HTML))
def test_html(content: bytes) -> None:
    with suppress(UnreadableError):
        check(fid_portal.read_html(content))


@settings(deadline=None)
@given(st.binary(max_size=300) | damaged(*PAGES, *HTML, OAI))
def test_any_file(content: bytes) -> None:
    with suppress(UnreadableError):
        document.read(content)


PRINTED = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=30
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(LABELS) | PRINTED, min_size=1, max_size=12))
def test_no_value_of_a_page_is_lost(labels: list[str]) -> None:
    """Whatever stands before a colon, what stands behind it is found again, but for controls."""
    table = load()
    used = [label for label in labels if not is_control(label, table)]
    words = [f"Wort{number}x" for number in range(len(used))]
    rows = [f"{label}: {word}" for label, word in zip(used, words, strict=True)]
    page = ["Ein Titel", "", "Sprache: Deutsch", *rows, "Permalink: https://x.org/Record/1"]
    record = fid_portal.read_text("\n".join(page).encode())
    found = " ".join(value.value for value in record.values)
    assert [word for word in words if word not in found] == []


@settings(deadline=None)
@given(st.recursive(st.text("abc <>&", max_size=5), lambda inner: st.lists(inner, max_size=4)))
def test_all_text_of_nested_markup_is_kept(tree: object) -> None:
    def build(parent: etree._Element, item: object) -> None:
        if isinstance(item, str):
            if len(parent):
                parent[-1].tail = (parent[-1].tail or "") + item
            else:
                parent.text = (parent.text or "") + item
        else:
            assert isinstance(item, list)
            child = etree.SubElement(parent, "i")
            for inner in item:
                build(child, inner)

    root = etree.Element(f"{{{oai_dc.OAI_DC}}}dc")
    title = etree.SubElement(root, f"{{{oai_dc.DC}}}title")
    build(title, tree)
    values = oai_dc.walk(root)
    kept = "".join(value.value for value in values).replace(" ", "")
    assert kept == "".join(str(text) for text in title.itertext()).replace(" ", "")


@pytest.mark.parametrize("tag", ["div", "table", "tr", "td", "ul", "p", "b"])
def test_deeply_nested_html(tag: str) -> None:
    depth = 20_000
    for content in (f"<{tag}>" * depth, f"<{tag}>" * depth + "x" + f"</{tag}>" * depth):
        with suppress(UnreadableError):
            check(fid_portal.read_html(f"<html><body>{content}".encode()))


def test_deeply_nested_xml() -> None:
    content = OAI.replace("T</title>", "<i>" * 5000 + "</i>" * 5000 + "</title>")
    (record,) = document.read(content.encode()).records
    assert isinstance(record, Unreadable)
    assert record.identifier == "oai:x:1"
    assert "nests its elements more than 256 deep" in record.reason


def test_a_page_of_very_many_rows() -> None:
    rows = "".join(f"Feld {number}: Wert\n\n" for number in range(20_000))
    content = f"Titel\n\nSprache: Deutsch\n\n{rows}Permalink: https://x.org/Record/1"
    assert len(fid_portal.read_text(content.encode()).values) == 20_003


def check(record: RawRecord) -> None:
    assert record.identifier
    assert record.format == "fid_portal"
    assert any(value.element == "dc:title" for value in record.values)
    for value in record.values:
        assert value.value == value.value.strip(" \n\t")
        assert value.value
        assert ":" in value.element
