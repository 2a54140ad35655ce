from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from bibtexparser.entrypoint import parse_string
from bibtexparser.library import Library

from harvester import schemas
from harvester.errors import HarvesterError
from harvester.export import biblatex, bibtex, exporters, tex
from harvester.model import (
    Abstract,
    Agent,
    Container,
    Identifiers,
    Keyword,
    Link,
    Record,
)

CASES = yaml.safe_load(
    (Path(__file__).parent.parent / "cases" / "bibtex.yml").read_text(encoding="utf-8")
)
COAR = "http://purl.org/coar/resource_type/"

# What Zotero 7 maps to an item type, of the entry types that classic BibTeX knows.
SAFE_TYPES = {
    "article",
    "book",
    "incollection",
    "inproceedings",
    "mastersthesis",
    "misc",
    "phdthesis",
    "proceedings",
    "techreport",
    "unpublished",
}


def record(**values: Any) -> Record:
    return Record(**{"id": "s-1", "source": "s", "citekey": "key2019word-abcde", **values})


def written(*records: Record) -> Library:
    return parse_string("".join(bibtex.write(records)), parse_stack=[])


def fields(one: Record) -> dict[str, str]:
    library = written(one)
    assert not library.failed_blocks
    (entry,) = library.entries
    return {field.key: field.value for field in values(entry)}


def values(entry: Any) -> Any:
    for field in entry.fields:
        value = field.value
        if field.key == "month":
            assert not value.startswith("{")
        else:
            assert value[0] == "{"
            assert value[-1] == "}"
            field.value = value[1:-1]
        yield field


@pytest.mark.parametrize("case", CASES["text"], ids=lambda case: case["value"][:30])
def test_text(case: dict[str, str]) -> None:
    assert tex.text(case["value"]) == case["written"]


@pytest.mark.parametrize("case", CASES["title"], ids=lambda case: case["value"][:30])
def test_title(case: dict[str, str]) -> None:
    assert tex.title(case["value"], case["language"]) == case["written"]


@pytest.mark.parametrize("case", CASES["name"], ids=lambda case: case["literal"][:30])
def test_name(case: dict[str, Any]) -> None:
    agent = Agent(**{key: case[key] for key in case if key not in ("written", "seen")})
    assert tex.name(agent) == case["written"]


@pytest.mark.parametrize("case", CASES["keyword"], ids=lambda case: case["value"])
def test_keyword(case: dict[str, str]) -> None:
    assert tex.keyword(case["value"]) == case["written"]


@pytest.mark.parametrize("case", CASES["pages"], ids=lambda case: case["value"])
def test_pages(case: dict[str, str]) -> None:
    assert tex.pages(case["value"]) == case["written"]


@pytest.mark.parametrize("case", CASES["url"], ids=lambda case: case["seen"])
def test_url(case: dict[str, str]) -> None:
    assert tex.url(case["value"]) == case["written"]


@pytest.mark.parametrize("case", CASES["doi"], ids=lambda case: case["seen"])
def test_doi(case: dict[str, str]) -> None:
    assert tex.identifier(case["value"]) == case["written"]


def test_a_whole_article() -> None:
    article = record(
        title="Quand l’externalisation mène à une standardisation",
        languages=["fra", "eng"],
        type="journal article",
        type_uri=COAR + "c_6501",
        year=2019,
        issued="2019-03-05",
        creators=[
            Agent("Gérard, Julie", "Gérard", "Julie"),
            Agent("Centraal Bureau voor de Statistiek", corporate=True),
        ],
        contributors=[
            Agent("de Vries, Jan", "de Vries", "Jan", role="editor"),
            Agent("Peeters, An", "Peeters", "An", role="advisor"),
        ],
        publishers=["Ministère du Travail", "another"],
        container=Container(
            title="Travail & Emploi", volume="12", issue="3", pages="1-20", issn=["0224-4365"]
        ),
        identifiers=Identifiers(doi="10.4000/travail_emploi.1", handle="2268/231953"),
        links=[
            Link("https://example.org/file.pdf", "fulltext"),
            Link("https://orbi.uliege.be/handle/2268/231953", "landing"),
        ],
        keywords=[Keyword("action publique"), Keyword("contrôle"), Keyword("action publique")],
        abstracts=[Abstract("In English.", "eng"), Abstract("En\nfrançais.", "fra")],
    )
    assert "".join(bibtex.write([article])) == (
        "@article{key2019word-abcde,\n"
        "  author = {Gérard, Julie and {Centraal Bureau voor de Statistiek}},\n"
        "  editor = {de Vries, Jan},\n"
        "  title = {{Quand l’externalisation mène à une standardisation}},\n"
        "  journal = {Travail \\& Emploi},\n"
        "  volume = {12},\n"
        "  number = {3},\n"
        "  pages = {1--20},\n"
        "  publisher = {Ministère du Travail},\n"
        "  year = {2019},\n"
        "  month = mar,\n"
        "  doi = {10.4000/travail_emploi.1},\n"
        "  eprint = {2268/231953},\n"
        "  eprinttype = {hdl},\n"
        "  issn = {0224-4365},\n"
        "  url = {https://orbi.uliege.be/handle/2268/231953},\n"
        "  language = {fr},\n"
        "  langid = {french},\n"
        "  keywords = {action publique, contrôle},\n"
        "  abstract = {En français.},\n"
        "}\n\n"
    )


def test_a_record_with_a_title_only() -> None:
    assert fields(record(title="Alleen een titel")) == {"title": "{Alleen een titel}"}


def test_a_record_with_nothing() -> None:
    assert fields(record()) == {}


@pytest.mark.parametrize(
    ("code", "label", "language", "entry_type", "field", "value"),
    [
        ("c_db06", "doctoral thesis", "nld", "phdthesis", "school", "KU Leuven"),
        ("c_46ec", "thesis", "nld", "phdthesis", "type", "Thesis"),
        ("c_bdcc", "master thesis", "nld", "mastersthesis", "type", "Masterproef"),
        ("c_bdcc", "master thesis", "ita", "mastersthesis", "type", "Master’s thesis"),
        ("c_7a1f", "bachelor thesis", "fra", "mastersthesis", "type", "Mémoire de bachelier"),
        ("c_8042", "working paper", "eng", "techreport", "type", "Working paper"),
        ("c_8042", "working paper", "eng", "techreport", "institution", "KU Leuven"),
        ("c_93fc", "report", "eng", "techreport", "type", "Report"),
        ("c_ddb1", "dataset", "eng", "misc", "howpublished", "Dataset"),
        ("c_ddb1", "dataset", "eng", "misc", "publisher", "KU Leuven"),
        ("c_8544", "lecture", "eng", "misc", "howpublished", "Lecture"),
        ("c_ba08", "book review", "eng", "article", "keywords", "review"),
        ("c_3248", "book part", "eng", "incollection", "booktitle", "Host"),
        ("c_5794", "conference paper", "eng", "inproceedings", "booktitle", "Host"),
        ("c_2f33", "book", "eng", "book", "series", "Host"),
    ],
)
def test_types(
    code: str, label: str, language: str, entry_type: str, field: str, value: str
) -> None:
    one = record(
        type=label,
        type_uri=COAR + code,
        languages=[language],
        publishers=["KU Leuven"],
        container=Container(title="Host"),
    )
    (entry,) = written(one).entries
    assert entry.entry_type == entry_type
    assert entry.fields_dict[field].value == f"{{{value}}}"


def test_a_thesis_keeps_its_isbn() -> None:
    known = Identifiers(isbn=["978-90-5356-000-1"])
    one = record(type="doctoral thesis", type_uri=COAR + "c_db06", identifiers=known)
    for module in (bibtex, biblatex):
        assert "  isbn = {978-90-5356-000-1},\n" in "".join(module.write([one]))


def test_a_language_of_the_librarian_has_its_tag(tmp_path: Path) -> None:
    (tmp_path / "languages.yml").write_text("languages:\n  zea: {alpha2: zx}\n", encoding="utf-8")
    (entry,) = bibtex.write([record(languages=["zea"])], tmp_path)
    assert "  language = {zx},\n" in entry


def test_a_thesis_or_report_has_no_publisher_which_would_win_over_the_institution() -> None:
    for code in ("c_db06", "c_93fc"):
        assert "publisher" not in fields(record(type_uri=COAR + code, publishers=["UGent"]))


def test_every_type_of_the_table_has_an_entry_type_that_zotero_maps() -> None:
    for uri, facts in schemas.load("types.yml")["types"].items():
        (entry,) = written(record(type=facts["en"], type_uri=uri)).entries
        assert entry.entry_type in SAFE_TYPES
        assert "note" not in entry.fields_dict


@pytest.mark.parametrize(
    ("isbn", "bibtex_field", "biblatex_field"),
    [([], "journal", "journaltitle"), (["978-90-5356-000-1"], "booktitle", "booktitle")],
)
def test_what_has_no_type_keeps_where_it_appeared(
    isbn: list[str], bibtex_field: str, biblatex_field: str
) -> None:
    one = record(container=Container("Mens", "87", "2", "115-138", series="Reeks", isbn=isbn))
    rest = {"volume": "87", "number": "2", "pages": "115--138", "series": "Reeks"}
    assert {bibtex_field: "Mens"} | rest == {
        name: value for name, value in fields(one).items() if name != "isbn"
    }
    text = "".join(biblatex.write([one]))
    for name, value in ({biblatex_field: "Mens"} | rest).items():
        assert f"  {name} = {{{value}}},\n" in text


def test_a_report_in_a_series_has_its_number() -> None:
    got = fields(
        record(
            type="working paper",
            type_uri=COAR + "c_8042",
            container=Container(series="CPB Discussion Paper", volume="431"),
        )
    )
    assert (got["series"], got["number"]) == ("CPB Discussion Paper", "431")
    assert "volume" not in got


@pytest.mark.parametrize(
    ("year", "issued", "expected"),
    [
        (2019, "2019-03", {"year": "2019", "month": "mar"}),
        (2019, "2019", {"year": "2019"}),
        (2019, "2019-21", {"year": "2019"}),
        (2019, "2018-12/2019-01", {"year": "2019"}),
        (2019, "2018-12", {"year": "2019"}),
        (33, "0033", {}),
        (None, None, {}),
    ],
)
def test_dates(year: int | None, issued: str | None, expected: dict[str, str]) -> None:
    assert fields(record(year=year, issued=issued)) == expected


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        (["nld"], {"language": "nl", "langid": "dutch"}),
        (["ltz", "fra"], {"language": "lb", "langid": "luxembourgish"}),
        (["nds"], {"language": "nds"}),
        ([], {}),
    ],
)
def test_languages(languages: list[str], expected: dict[str, str]) -> None:
    assert fields(record(languages=languages)) == expected


def test_only_web_addresses_become_urls() -> None:
    assert fields(record(links=[Link("javascript:alert(1)", "landing")])) == {}
    assert fields(record(links=[Link("https://x.be/", "related")])) == {}


def test_editors_among_the_creators_are_editors() -> None:
    got = fields(record(creators=[Agent("Peeters, An", "Peeters", "An", role="editor")]))
    assert got == {"editor": "Peeters, An"}


def test_two_equal_keys_are_an_error_whatever_their_case() -> None:
    with pytest.raises(HarvesterError, match=r"two records .*KEY-1"):
        list(bibtex.write([record(citekey="key-1"), record(citekey="KEY-1")]))


def test_a_key_that_would_break_the_file_is_an_error() -> None:
    with pytest.raises(HarvesterError, match="no citation key"):
        list(bibtex.write([record(citekey="a},b")]))


def test_a_record_without_key_is_cited_by_its_id() -> None:
    (entry,) = written(record(citekey=None)).entries
    assert entry.key == "s-1"


def test_it_writes_one_entry_at_a_time() -> None:
    given_out: list[int] = []

    def records() -> Any:
        for number in range(3):
            given_out.append(number)
            yield record(citekey=f"k-{number}")

    next(bibtex.write(records()))
    assert given_out == [0]


def test_it_is_registered_under_its_name() -> None:
    exporter = exporters()["bibtex"]
    assert (exporter.suffix, exporter.media_type) == (
        ".bib",
        "application/x-bibtex; charset=utf-8",
    )


def test_a_long_token_without_letters_takes_no_time() -> None:
    # Were it tried at every place, this would take hours.
    token = "-" * 50_000 + "a" + "." * 50_000 + "!"
    assert tex.title(f"See {token} here", "eng") == f"See {token} here"
