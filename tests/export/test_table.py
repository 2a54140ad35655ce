"""CSV: a flat table that spreadsheets and programs read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from harvester.export import table
from harvester.model import Agent, Container, Discipline, Identifiers, Keyword, Link, Record, Rights

RECORD = Record(
    id="x-1",
    source="x",
    citekey="k",
    title='He said "yes",\nthen no',
    creators=[Agent("de Vries, Jan", orcid="0000-0002-1825-0097"), Agent("CPB", corporate=True)],
    contributors=[Agent("Maes, Jo", role="editor"), Agent("Smit, Piet")],
    type="book part",
    year=2019,
    issued="2019-03",
    container=Container("Mens", "1", "2", "3-4", isbn=["978-90-1"], issn=["0025-9454"]),
    identifiers=Identifiers(doi="10.5555/x", isbn=["978-90-1", "978-90-2"]),
    keywords=[Keyword("a|b"), Keyword("c")],
    disciplines=[Discipline("orbi", "H11", fr="Sociologie"), Discipline("x", "7")],
    peer_reviewed=False,
    rights=Rights(access="open access", licence="CC-BY-4.0"),
    links=[Link("https://x.example/1", "landing"), Link("javascript:x", "fulltext")],
)


def rows(*records: Record) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(table.write(records)), newline="")))


def test_every_column_is_filled_from_its_field() -> None:
    (row,) = rows(RECORD)
    assert tuple(row) == table.COLUMNS
    assert {name: value for name, value in row.items() if value} == {
        "id": "x-1",
        "citekey": "k",
        "type": "book part",
        "title": 'He said "yes",\nthen no',
        "creators": "de Vries, Jan | CPB",
        "orcids": "0000-0002-1825-0097",
        "contributors": "Maes, Jo (editor) | Smit, Piet",
        "year": "2019",
        "issued": "2019-03",
        "container": "Mens",
        "volume": "1",
        "issue": "2",
        "pages": "3-4",
        "doi": "10.5555/x",
        "isbn": "978-90-1 | 978-90-2",
        "issn": "0025-9454",
        "keywords": "a¦b | c",
        "disciplines": "Sociologie | 7",
        "access": "open access",
        "licence": "CC-BY-4.0",
        "peer_reviewed": "0",
        "landing": "https://x.example/1",
        "source": "x",
    }


def test_without_records_there_are_still_headings() -> None:
    assert "".join(table.write([])) == ",".join(table.COLUMNS) + "\r\n"


@pytest.mark.parametrize("title", ["=HYPERLINK(1)", "+1", "-1", "@x", " =1", "\tx"])
def test_no_title_is_a_formula(title: str) -> None:
    assert rows(Record(source="x", title=title))[0]["title"] == f"'{title}"


@pytest.mark.parametrize("value", ['=HYPERLINK("x")', "@SUM(1)", "-1+cmd", "+A1"])
def test_no_volume_is_a_formula(value: str) -> None:
    row = rows(Record(source="x", container=Container(volume=value, issue=value, pages=value)))[0]
    assert {row["volume"], row["issue"], row["pages"]} == {f"'{value}"}


def test_a_year_before_christ_stays_a_number() -> None:
    row = rows(Record(source="x", year=-43, issued="-0043"))[0]
    assert (row["year"], row["issued"]) == ("-43", "-0043")


def test_what_should_be_a_number_is_no_formula_either() -> None:
    hostile = Container("In", volume="=1+1", issue="-2", pages="@SUM(1)")
    row = rows(Record(source="x", issued="=cmd()", container=hostile))[0]
    assert (row["issued"], row["volume"]) == ("'=cmd()", "'=1+1")
    assert (row["issue"], row["pages"]) == ("-2", "'@SUM(1)")


def test_it_is_written_one_record_at_a_time() -> None:
    read: list[int] = []

    def records() -> Iterator[Record]:
        for number in range(3):
            read.append(number)
            yield Record(source="x", title=str(number))

    chunks = table.write(records())
    next(chunks)
    assert read == []
    next(chunks)
    assert read == [0]
