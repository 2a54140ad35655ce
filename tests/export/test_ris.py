"""RIS as Zotero, EndNote and Citavi read it; rispy reads it back."""

from __future__ import annotations

import re
from typing import Any

import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st

from harvester.export import ris
from harvester.model import (
    Abstract,
    Agent,
    Container,
    Identifiers,
    Keyword,
    Link,
    Record,
)

RECORD = Record(
    id="x-1",
    source="x",
    citekey="vries2019sociaal-abcde",
    title="Sociaal kapitaal",
    creators=[
        Agent("de Vries, Jan", "de Vries", "Jan"),
        Agent("Centraal Planbureau", corporate=True),
        Agent("Maes, Jo", "Maes", "Jo", role="editor"),
    ],
    contributors=[
        Agent("Peeters, An", "Peeters", "An", role="editor"),
        Agent("Smit, Piet", "Smit", "Piet", role="advisor"),
    ],
    type="journal article",
    issued="2019-03-05",
    year=2019,
    container=Container("Mens", "87", "2", "115–138", issn=["0025-9454"], series="Reeks"),
    languages=["nld", "eng"],
    abstracts=[Abstract("In English.", "eng"), Abstract("In het\n\nNederlands.", "nld")],
    keywords=[Keyword("vertrouwen"), Keyword("arbeid; werk")],
    identifiers=Identifiers(doi="10.5555/ABC", handle="1/2"),
    links=[Link("https://x.example/1", "landing"), Link("https://x.example/1.pdf", "fulltext")],
    publishers=["Pers", "Andere"],
)


def tags(record: Record) -> dict[str, list[str]]:
    """Read a reference: tags with their values."""
    found: dict[str, list[str]] = {}
    for line in ris.reference(record).split("\r\n")[:-2]:
        tag, _, value = line.partition("  - ")
        found.setdefault(tag, []).append(value)
    return found


def of_type(label: str, **fields: Any) -> dict[str, list[str]]:
    return tags(Record(source="x", id="x-1", title="T", type=label, **fields))


def test_an_article() -> None:
    assert tags(RECORD) == {
        "TY": ["JOUR"],
        "ID": ["vries2019sociaal-abcde"],
        "TI": ["Sociaal kapitaal"],
        "AU": ["de Vries, Jan", "Centraal Planbureau"],
        "A2": ["Peeters, An", "Maes, Jo"],
        "PY": ["2019"],
        "DA": ["2019/03/05/"],
        "T2": ["Mens"],
        "T3": ["Reeks"],
        "VL": ["87"],
        "IS": ["2"],
        "SP": ["115"],
        "EP": ["138"],
        "SN": ["0025-9454"],
        "PB": ["Pers"],
        "DO": ["10.5555/abc"],
        "UR": ["https://x.example/1"],
        "L1": ["https://x.example/1.pdf"],
        "LA": ["nl"],
        "KW": ["vertrouwen", "arbeid, werk"],
        "AB": ["In het Nederlands."],
        "ER": [""],
    }


def test_a_report_has_its_number_in_sn_and_nothing_that_would_be_lost() -> None:
    found = of_type(
        "working paper",
        container=Container("Reeks", "12", issn=["0025-9454"], pages="1-20"),
        publishers=["CPB"],
    )
    assert found["SN"] == ["12"]
    assert found["M3"] == ["Working paper"]
    assert found["T2"] == ["Reeks"]
    assert not {"VL", "IS", "SP", "M1", "N1"} & set(found)


def test_a_thesis_says_which() -> None:
    found = of_type("doctoral thesis", publishers=["UGent"], container=Container(pages="250"))
    assert (found["TY"], found["M3"], found["PB"]) == (["THES"], ["Doctoral thesis"], ["UGent"])
    assert "SP" not in found


def test_a_conference_paper_has_its_proceedings_where_zotero_and_others_look() -> None:
    found = of_type("conference paper", container=Container("Handelingen", pages="7"))
    assert (found["C3"], found["T2"], found["SP"]) == (["Handelingen"], ["Handelingen"], ["7"])


def test_a_book_has_its_editors_where_zotero_looks() -> None:
    found = of_type("book", contributors=[Agent("Maes, Jo", "Maes", "Jo", role="editor")])
    assert found["A3"] == ["Maes, Jo"]
    assert "AU" not in found


@pytest.mark.parametrize(
    ("label", "publishers", "kind"),
    [("other", [], "GEN"), ("other", ["Pers"], "RPRT"), ("preprint", ["Pers"], "UNPD")],
)
def test_what_is_published_is_no_journal_article_for_zotero(
    label: str, publishers: list[str], kind: str
) -> None:
    assert of_type(label, publishers=publishers)["TY"] == [kind]


def test_what_has_a_volume_of_a_journal_keeps_it_whatever_its_type() -> None:
    where = Container("Mens", "87", "2", "115-138")
    found = of_type("other", publishers=["Pers"], container=where)
    assert found["TY"] == ["GEN"]
    assert [found[tag] for tag in ("T2", "VL", "IS", "SP", "EP")] == [
        ["Mens"], ["87"], ["2"], ["115"], ["138"]
    ]  # fmt: skip


def test_addresses_are_of_the_web_and_whole() -> None:
    found = of_type(
        "book",
        links=[
            Link("javascript:alert(1)", "landing"),
            Link("https://x.example/a b\nTY  - JOUR", "landing"),
            Link("data:x.pdf", "fulltext"),
        ],
    )
    assert found["UR"] == ["https://x.example/a%20b%0ATY%20%20-%20JOUR"]
    assert "L1" not in found


@pytest.mark.parametrize("host", ["[x@example.org", "[::1", "\u2100@example.org"])
def test_an_address_that_is_none_breaks_no_file(host: str) -> None:
    assert of_type("book", links=[Link(f"https://{host}/a.pdf", "fulltext")])["TY"] == ["BOOK"]


@pytest.mark.parametrize("end", ["", "?download=1", "#page=2"])
def test_a_pdf_is_told_by_its_path(end: str) -> None:
    address = f"https://x.example/a.pdf{end}"
    for one in (address, address.replace(".pdf", ".PDF")):
        assert of_type("book", links=[Link(one, "fulltext")])["L1"] == [one]
    other = Link(f"https://x.example/a?b=c.pdf{end}", "fulltext")
    assert "L1" not in of_type("book", links=[other])


def test_a_handle_is_an_address_where_there_is_no_other() -> None:
    assert of_type("book", identifiers=Identifiers(handle="2268/1"))["UR"] == [
        "https://hdl.handle.net/2268/1"
    ]


@given(st.text(), st.text(), st.text())
def test_no_text_breaks_out_of_its_line(title: str, name: str, word: str) -> None:
    record = Record(
        id="x-1", source="x", title=title, creators=[Agent(name)], keywords=[Keyword(word)]
    )
    written = ris.reference(record)
    lines = written.split("\r\n")
    assert lines[-3:] == ["ER  - ", "", ""]
    assert len(written.splitlines()) == len(lines) - 1
    for line in lines[:-2]:
        assert re.match(r"(TY|ID|TI|AU|KW|ER)  - ", line)


def test_rispy_reads_it_back() -> None:
    (entry,) = rispy.loads(ris.reference(RECORD).replace("\r\n", "\n"))
    assert entry["type_of_reference"] == "JOUR"
    assert entry["authors"] == ["de Vries, Jan", "Centraal Planbureau"]
    assert entry["keywords"] == ["vertrouwen", "arbeid, werk"]
    assert (entry["start_page"], entry["end_page"]) == ("115", "138")
    assert (entry["doi"], entry["language"]) == ("10.5555/abc", "nl")
