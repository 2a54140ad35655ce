"""Every row of the tables in `schemas/`: it has its labels, and no term means two things."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from harvester import schemas
from harvester.errors import UsageError
from harvester.normalise import Tables, languages, load, phrases, types
from harvester.normalise.folding import fold
from harvester.sources import Source

LABELS = ("en", "de", "fr", "nl")
NAMED = ("zotero", "ris", "bibtex", "schema")


@pytest.mark.parametrize("part", ["types", "versions"])
def test_types(part: str) -> None:
    claims = defaultdict(set)
    for uri, row in schemas.load("types.yml")[part].items():
        assert uri.startswith("http://purl.org/coar/"), uri
        for label in LABELS:
            assert row[label], (uri, label)
        assert set(row) <= {*LABELS, *NAMED, "rank", "base", "terms", "own", "part"}, uri
        for term in (uri, *(row[label] for label in LABELS), *row.get("terms", ())):
            claims[types.key(term)].add(uri)
    assert {term: uris for term, uris in claims.items() if len(uris) > 1} == {}


def test_bases_codes_are_all_there() -> None:
    rows = schemas.load("types.yml")["types"].values()
    codes = [str(code) for row in rows for code in row.get("base", ())]
    assert len(codes) == len(set(codes))
    assert set(codes) == {
        "1", "11", "111", "12", "121", "122", "13", "14", "15", "16", "17", "18", "181", "182",
        "183", "19", "1A", "2", "3", "4", "5", "51", "52", "6", "7", "F", "0000", "0001", "0002",
        "0003", "0004", "0005", "0101", "0102", "0103", "0104", "0105", "0106", "0107", "9999",
    }  # fmt: skip


def test_no_version_is_a_type(tables: Tables) -> None:
    assert not set(tables.types.versions) & set(tables.types.by_term)


def test_languages() -> None:
    claims = defaultdict(set)
    codes: dict[str, str] = {}
    for code, row in schemas.load("languages.yml")["languages"].items():
        assert re.fullmatch(r"[a-z]{3}", code)
        assert row["en"], code
        if "alpha2" in row:
            assert re.fullmatch(r"[a-z]{2}", row["alpha2"]), code
            assert row["fr"], code
        for key in (code, row.get("alpha2"), row.get("alpha3b")):
            if key:
                assert codes.setdefault(key, code) == code
        for term in (*(row[label] for label in LABELS if label in row), *row.get("terms", ())):
            claims[fold(term)].add(code)
    assert {term: found for term, found in claims.items() if len(found) > 1} == {}
    # No name is another language's code, so that the order of the table decides nothing.
    assert {term for term, found in claims.items() if codes.get(term, *found) not in found} == set()


@pytest.mark.parametrize("code", ["deu", "eng", "fra", "nld", "ltz"])
def test_a_language_of_the_benelux_has_all_its_words(code: str) -> None:
    table = schemas.load("languages.yml")
    assert all(table["languages"][code][label] for label in LABELS)
    words = table["words"][code]
    assert len(words["months"]) == 12
    assert len(set(words["function"])) == len(words["function"]) > 25


def test_wrong_codes_are_nobodys_own(tables: Tables) -> None:
    for wrong in tables.languages.wrong:
        assert languages.code(wrong, tables.languages)[1] == "languages.wrong-code"


def test_rights() -> None:
    table = schemas.load("rights.yml")
    claims = defaultdict(set)
    for uri, row in table["access"].items():
        assert all(row[label] for label in LABELS)
        for term in (uri, *(row[label] for label in LABELS), *row.get("terms", ())):
            claims[fold(term)].add(uri)
    assert {term: uris for term, uris in claims.items() if len(uris) > 1} == {}
    for port in table["creative_commons"]["ports"]:
        assert re.fullmatch(r"CC-BY(-NC)?(-ND|-SA)?-\d\.\d-[A-Z]{2,3}", port)


def test_disciplines(tables: Tables) -> None:
    for (scheme, code), one in tables.disciplines.by_code.items():
        assert one.labels, (scheme, code)
        assert one.broader is None or (scheme, one.broader) in tables.disciplines.by_code, code
        if scheme == "orbi":
            assert set(one.labels) == {"en", "fr"}, code
            assert one.broader in (None, code[0])
    for scheme, facts in schemas.load("disciplines.yml")["schemes"].items():
        claims = defaultdict(set)
        for code, row in facts["classes"].items():
            for label in LABELS:
                if label in row and not (scheme == "orbi" and code.endswith("99")):
                    claims[fold(row[label])].add(code)
        assert {label: codes for label, codes in claims.items() if len(codes) > 1} == {}


def test_phrases_hold_commas(tables: Tables) -> None:
    assert all(", " in phrase.text for phrase in tables.phrases.known.values())
    assert all(
        len(phrase.text.split(", ")) <= phrases.LONGEST for phrase in tables.phrases.known.values()
    )


def test_no_heading_is_a_class(tables: Tables) -> None:
    assert not {fold(text) for text in headings()} & set(tables.disciplines.by_label)


def headings() -> list[str]:
    return [text for kind in schemas.load("headings.yml")["headings"].values() for text in kind]


def test_a_phrase_that_the_librarian_turns_down(
    tmp_path: Path, catalogue: dict[str, Source], tables: Tables
) -> None:
    (tmp_path / "phrases.yml").write_text("phrases: {'Education, Higher': 0, 'Own, Phrase': 3}\n")
    own = load(catalogue, tmp_path).phrases.known
    assert "educationhigher" in tables.phrases.known
    assert "educationhigher" not in own
    assert own["ownphrase"].certainty == 0.75


def test_every_platform_has_its_profile(tables: Tables, catalogue: dict[str, Source]) -> None:
    known = {platform for platform, _ in tables.profiles.dialects} | {"base", "fid-portal"}
    assert {source.platform for source in catalogue.values()} <= known


def test_the_shape_of_a_record_betrays_the_platform(tables: Tables) -> None:
    shapes = {
        ("setSpec", "publication:gc_etds"): "digital-commons",
        (
            "dc:identifier",
            "http://ir.uiowa.edu/cgi/viewcontent.cgi?article=1219",
        ): "digital-commons",
        ("dc:identifier", "https://repository.uwl.ac.uk/id/eprint/8357/"): "eprints",
        (
            "dc:identifier",
            "http://publications.heythrop.ac.uk/2210/1/TPM_Philosophy.docx",
        ): "eprints",
        ("dc:identifier", "http://journal.ummat.ac.id/index.php/JPE/article/view/600"): "ojs",
        ("dc:identifier", "https://purehost.bath.ac.uk/ws/files/99211279/Pitts_2014.pdf"): "pure",
        ("dc:subject", "/dk/atira/pure/subjectarea/asjc/3300/3301"): "pure",
        ("dc:identifier", "https://dspace.library.uu.nl/handle/1874/413328"): "utrecht",
        ("dc:identifier", "https://ir.canterbury.ac.nz/handle/10092/8485"): "dspace",
        ("dc:date", "2021-08-25T19:09:49Z"): "dspace",
        ("dc:identifier", "https://zenodo.org/record/244251"): "zenodo",
        ("dc:identifier", "https://x.org/dataset.xhtml?persistentId=doi:10.1/A"): "dataverse",
        ("dc:date", "2012-10-09T07:00:00Z"): None,
        ("dc:identifier", "https://doi.org/10.3390/su12125014"): None,
    }
    for (element, value), platform in shapes.items():
        assert tables.profiles.shapes[element].of(value) == platform, value


def test_identifiers_betray_the_platform(tables: Tables) -> None:
    evidence = {
        "oai:orbi.ulg.ac.be:2268/231953": "orbi",
        "oai:orbilu.uni.lu:10993/66145": "orbi",
        "oai:archive.ugent.be:5946397": "ugent-biblio",
        "oai:lirias2repo.kuleuven.be:123456789/549552": "lirias",
        "oai:dipot.ulb.ac.be:2013/307292": "di-fusion",
        "oai:pure.atira.dk:publications/e1d65c41-b239-487a-b8e0-0e292352c3db": "pure",
        "oai:repub.eur.nl:122553": "repub",
        "oai:zenodo.org:3236350": "zenodo",
        "oai:ojs.openjournals.nl:article/1": "ojs",
        "oai:eprints.lse.ac.uk:91812": "eprints",
        "doi:10.34894/ABCDEF": "dataverse",
    }
    for identifier, platform in evidence.items():
        assert tables.profiles.evidence.of(identifier) == platform, identifier


def test_the_librarians_rows_are_laid_over(tmp_path: Path, catalogue: dict[str, Source]) -> None:
    (tmp_path / "types.yml").write_text(
        "types:\n  http://purl.org/coar/resource_type/c_6501: {terms: [peculiar thing]}\n"
    )
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "orbi.yml").write_text("separators: ['\\s*#\\s*']\n")
    (tmp_path / "profiles" / "ours.yml").write_text("tight_colon: true\n")
    tables = load(catalogue, tmp_path)
    known = types.find("Peculiar thing", tables.types)
    assert known is not None
    assert known.label == "journal article"
    separators = tables.profiles.dialects["orbi", ()].separators
    assert separators is not None
    assert separators.split("a # b;c") == ["a", "b", "c"]
    assert tables.profiles.dialects["ours", ()].tight_colon


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (
            "types.yml",
            "types: [a, b]",
            "line 1: types: expected a mapping (key: value), got a list",
        ),
        ("types.yml", "types:\n  x: {de: y}", "line 2: types → x: it lacks the field `en`"),
        (
            "types.yml",
            "types:\n  x:\n    en: y\n    term: [z]",
            "line 4: types → x → term: there is no field `term`",
        ),
        (
            "types.yml",
            "ignored:\n- a\n- no",
            "line 3: ignored → 1: expected text, got true or false",
        ),
        (
            "languages.yml",
            "languages: {fra: {terms: 3}}",
            "line 1: languages → fra → terms: expected a list",
        ),
        ("languages.yml", "languages: {french: {en: x}}", "line 1: languages → french: "),
        ("languages.yml", "words: {fra: {months: [janvier]}}", "words → fra → months → 0: "),
        ("rights.yml", "access: {x: {en: y, rank: high}}", "access → x → rank: "),
        ("disciplines.yml", "schemes: {own: {}}", "schemes → own: it lacks the field `classes`"),
        ("profiles/orbi.yml", "seperators: ['x']", "line 1: seperators: there is no field"),
        ("profiles/orbi.yml", "\nseparators:\n- ;\n- (", "line 4: separators → 1: '(' is no"),
        ("profiles/new.yml", "disciplines: [dcc]", "line 1: disciplines → 0: there is no scheme"),
        ("profiles/new.yml", "default_type: essay", "default_type: types.yml has no 'essay'"),
        ("profiles/new.yml", "contributors: {essays: x}", "contributors → essays: types.yml has"),
        ("types.yml", "types: {x: {en: y", "line 2 is not valid YAML"),
        (
            "types.yml",
            "types:\n  x:\n    en: y\n    terms: [a]\n    terms: [b]",
            "line 5 is not valid YAML: 'terms' stands there twice, first in line 4",
        ),
        ("types.yml", "types:\n  x: {en: y}\n  x: {en: z}", "line 3 is not valid YAML: 'x' stands"),
        ("types.yml", "types:\n  x: {en: 2019-99-99}", "line 2 is not valid YAML: month must be"),
        ("types.yml", f"types: {{x: {{en: y, rank: {'9' * 5000}}}}}", "line 1 is not valid YAML: "),
        ("profiles/orbi.yml", "separators:\n- ;\n- '(?i)x'", "line 3: separators → 1: '(?i)x' is"),
        ("profiles/orbi.yml", "funders: ['(?P<who>x)']", "line 1: funders → 0: '(?P<who>x)' names"),
        ("profiles/orbi.yml", "separators: ['( - )|x']", "line 1: separators → 0: '( - )|x' has a"),
        ("profiles/orbi.yml", "separators: [' *']", "line 1: separators → 0: ' *' fits where"),
    ],
)
def test_a_row_that_does_not_fit_is_named(
    tmp_path: Path, catalogue: dict[str, Source], name: str, content: str, told: str
) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / name).write_text(content)
    with pytest.raises(UsageError, match=re.escape(told)) as error:
        load(catalogue, tmp_path)
    assert str(error.value).startswith(f"{tmp_path / name}, line ")
    assert "\n" not in str(error.value)
