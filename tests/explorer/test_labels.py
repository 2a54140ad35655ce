"""The words for controlled values, and how places and ranges are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.catalogue.facets import FacetValue
from harvester.explorer import labels
from harvester.explorer.card import citation
from harvester.export import exporters
from harvester.model import Agent, Container, Identifiers, Record


@pytest.mark.parametrize(
    ("volume", "issue", "pages", "article", "words"),
    [
        ("87", "2", "115--138", None, "87 (2), pp. 115–138"),
        ("54", None, "232-247", None, "54, pp. 232–247"),
        (None, "3", "12", None, "no. 3, p. 12"),
        (None, None, "33–52", None, "pp. 33–52"),
        (None, None, "S1-S9", None, "pp. S1-S9"),
        ("8", None, None, "e1234", "8, article e1234"),
        (None, None, None, None, ""),
    ],
)
def test_where_a_publication_stands(
    volume: str | None, issue: str | None, pages: str | None, article: str | None, words: str
) -> None:
    assert labels.numbering(volume, issue, pages, article) == words


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (2015, 2020, "2015–2020"),
        (2015, 2015, "2015"),
        (2015, None, "from 2015"),
        (None, 2020, "until 2020"),
    ],
)
def test_years(first: int | None, last: int | None, words: str) -> None:
    assert labels.years(first, last) == words


def test_languages_have_names_and_tags(tmp_path: Path) -> None:
    words = labels.Labels(tmp_path)
    assert (words.language("nld"), words.tag("nld")) == ("Dutch", "nl")
    assert (words.language("ltz"), words.tag("ltz")) == ("Luxembourgish", "lb")
    assert (words.language("xyz"), words.tag("xyz")) == ("xyz", "xyz")


def test_every_field_that_notes_tell_of_has_a_name() -> None:
    kept = {"id", "source", "oai_identifier", "datestamp", "sets", "deleted", "citekey", "work"}
    told = {*Record.__struct_fields__, "record"} - kept - {"notes"}
    assert told <= set(labels.NOTED)


def test_a_field_without_a_label_shows_its_own_name() -> None:
    assert labels.field("peer_reviewed") == "Peer review"
    assert labels.field("shelfmark") == "shelfmark"


@pytest.mark.parametrize(("name", "words"), [("jsonl", "JSON Lines"), ("teletext", "teletext")])
def test_a_format_without_a_label_shows_its_own_name(name: str, words: str) -> None:
    assert labels.form(name) == words


def test_every_label_of_a_format_has_its_format() -> None:
    assert set(labels.FORMS) <= {*exporters(), "json"}


@pytest.mark.parametrize(
    ("facet", "value", "words"),
    [
        ("source", FacetValue("orbi", "ORBi", 3), "ORBi"),
        ("source", FacetValue("orbi", "orbi", 0, True), "Open Repository"),
        ("discipline", FacetValue("orbi:H11", "Sociology", 3), "Sociology"),
        ("language", FacetValue("nld", "nld", 3), "Dutch"),
    ],
)
def test_the_catalogues_own_label_comes_first(
    tmp_path: Path, facet: str, value: FacetValue, words: str
) -> None:
    named = labels.Labels(tmp_path)
    named.sources = {"orbi": "Open Repository"}
    assert named.counted(facet, value).text == words


def test_a_librarian_can_rename_a_language(tmp_path: Path) -> None:
    (tmp_path / "languages.yml").write_text("languages: {nld: {en: Dutch and Flemish}}")
    assert labels.Labels(tmp_path).language("nld") == "Dutch and Flemish"


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (Record(source="x"), "(n.d.): [no title]."),
        (
            Record(source="x", title="Is dit alles?", year=2019, creators=[Agent("de Vries, Jan")]),
            "de Vries, Jan (2019): Is dit alles?",
        ),
        (
            Record(
                source="x",
                title="T",
                year=2019,
                container=Container("Mens en maatschappij", "87", "2", "115-138"),
                publishers=["Pers"],
                identifiers=Identifiers(doi="10.5555/a", handle="1/2"),
            ),
            "(2019): T. In: Mens en maatschappij, 87 (2), pp. 115–138. Pers. "
            "https://doi.org/10.5555/a",
        ),
    ],
)
def test_a_citation(record: Record, words: str) -> None:
    assert citation(record) == words
