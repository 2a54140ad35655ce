"""How a record is compared with its gold row, and what RecordManager's rules make of one."""

from __future__ import annotations

from harvester.model import (
    Abstract,
    Agent,
    Container,
    Discipline,
    Identifiers,
    Keyword,
    Note,
    RawRecord,
    RawValue,
    Record,
    Rights,
    Title,
)
from tests.gold import recordmanager
from tests.gold.rows import Name, Numbers, Part, Row
from tests.gold.score import Compared, Score, compare, total

ROW = Row(
    "oai/a.xml",
    "oai:a:1",
    title="Wonen in Gent",
    titles=["Living in Ghent"],
    creators=[Name(family="De Vos", given="Jonas", orcid="0000-0002-1825-0097"), Name("OESO")],
    contributors=[Name(family="Peeters", given="An", role="advisor")],
    issued="2019-05",
    languages=["nld"],
    type="journal article",
    identifiers=Numbers(doi="10.1/x", issn=["1234-5679"]),
    keywords=["wonen", "buurt"],
    disciplines=["Sociology & social sciences [H10]", "Sociologie & sciences sociales [H10]"],
    container=Part(title="Sociologos", pages="1-20"),
    access="open access",
    licence="CC-BY-4.0",
    peer_reviewed="true",
    abstracts=["Een tekst van meer dan zestig tekens, die hier na zestig aufh"],
)
RECORD = Record(
    source="a",
    title="Wonen  in Gent",
    titles=[Title("Living in Ghent")],
    creators=[
        Agent("De Vos, Jonas", "De Vos", "Jonas", orcid="0000-0002-1825-0097"),
        Agent("OESO", corporate=True),
    ],
    contributors=[Agent("Peeters, An", "Peeters", "An", role="advisor")],
    issued="2019-05",
    year=2019,
    languages=["nld"],
    type="journal article",
    identifiers=Identifiers(doi="10.1/x", issn=["1234-5679"]),
    keywords=[Keyword("wonen"), Keyword("buurt")],
    disciplines=[Discipline("orbi", "H10", en="Sociology & social sciences")],
    container=Container(title="Sociologos", pages="1-20"),
    rights=Rights(access="open access", licence="CC-BY-4.0"),
    peer_reviewed=True,
    abstracts=[Abstract("Een tekst van meer dan zestig tekens, die hier na zestig aufhört.")],
)


def wrong(row: Row, record: Record) -> dict[str, tuple[list[str], list[str]]]:
    return {one.field: (one.gold, one.ours) for one in compare(row, record) if not one.agrees}


def changed(**fields: object) -> Record:
    return Record(**{name: getattr(RECORD, name) for name in RECORD.__struct_fields__} | fields)


def test_a_record_that_is_as_a_person_reads_it() -> None:
    assert wrong(ROW, RECORD) == {}


def test_what_is_false_and_what_is_missed() -> None:
    record = changed(keywords=[Keyword("wonen"), Keyword("huis"), Keyword("tuin")])
    (keywords,) = [one for one in compare(ROW, record) if one.field == "keywords"]
    assert keywords.score == Score(both=1, false=2, missed=1)
    assert keywords.score.precision == 1 / 3
    assert keywords.score.recall == 1 / 2
    assert keywords.score.f1 == 2 / 5


def test_the_order_is_noted_apart() -> None:
    record = changed(creators=RECORD.creators[::-1])
    (creators,) = [one for one in compare(ROW, record) if one.field == "creators"]
    assert creators.agrees
    assert not creators.same_order


def test_names_are_compared_by_their_parts() -> None:
    record = changed(creators=[Agent("Vos, Jonas De", "Vos", "Jonas De"), RECORD.creators[1]])
    assert wrong(ROW, record) == {
        "creators": (["De Vos, Jonas", "OESO"], ["Vos, Jonas De", "OESO"]),
        "orcid": (["0000-0002-1825-0097"], []),
    }


def test_a_class_may_stand_in_two_languages_or_by_another_label() -> None:
    for label in ("H10", "sociology & Social Sciences", "Sociology & social sciences (H10)"):
        row = Row("", "", disciplines=[label])
        assert wrong(row, Record(source="a", disciplines=RECORD.disciplines)) == {}


def test_a_label_that_agrees_as_a_whole_comes_before_one_without_its_brackets() -> None:
    found = [
        Discipline("asjc", "1700", en="Computer Science"),
        Discipline("asjc", "1701", en="Computer Science (miscellaneous)"),
    ]
    row = Row("", "", disciplines=["Computer Science (miscellaneous)", "Computer Science(all)"])
    assert wrong(row, Record(source="a", disciplines=found)) == {}


def test_a_path_names_all_its_classes_and_other_schemes_are_not_scored() -> None:
    row = Row("", "", disciplines=["Social sciences :: Sociology & social sciences [H10]"])
    found = [
        Discipline("orbi", "H", en="Social sciences"),
        *RECORD.disciplines,
        Discipline("jel", "M31"),
    ]
    assert wrong(row, Record(source="a", disciplines=found)) == {}


def test_what_is_inferred_is_not_scored() -> None:
    note = Note("languages", "dc:title", "", "languages.detected", "nld", 0.8)
    assert wrong(Row("", ""), Record(source="a", languages=["nld"], notes=[note])) == {}
    assert "languages" in wrong(Row("", ""), Record(source="a", languages=["nld"]))


def test_what_is_doubtful_is_not_scored() -> None:
    row = Row("", "", doubtful=["container", "issued", "doi"])
    record = Record(source="a", issued="2019", year=2019, container=RECORD.container)
    record.identifiers = Identifiers(doi="10.1/x")
    assert wrong(row, record) == {}


def test_scores_add_up() -> None:
    compared = [
        Compared("type", ["a"], ["b"], Score(0, 1, 1)),
        Compared("version", ["a"], ["a"], Score(1, 0, 0)),
        Compared("title", ["a"], ["a"], Score(1, 0, 0)),
    ]
    assert total(compared, ("type", "version")) == Score(1, 1, 1)
    assert total([], ("type",)).f1 == 1.0


def test_what_recordmanager_understands() -> None:
    raw = RawRecord(
        "oai:a:1",
        "oai_dc",
        values=[
            RawValue("dc:title", "Wonen : een studie"),
            RawValue("dc:creator", "Vos, Jonas De"),
            RawValue("dc:creator", "OESO"),
            RawValue("dc:date", "c1998"),
            RawValue("dc:date", "2019-05"),
            RawValue("dc:language", "en_US"),
            RawValue("dc:language", "Frans"),
            RawValue("dc:type", "Article"),
            RawValue("dc:type", "Text"),
            RawValue("dc:subject", "wonen; buurt"),
            RawValue("dc:identifier", "https://doi.org/10.1/x"),
            RawValue("dc:identifier", "90-6765-123-4 (paper)"),
            RawValue("dc:identifier", "2019/12"),
            RawValue("dc:identifier", "10.1/Y", None, {"type": "doi"}),
            RawValue("dc:source", "Sociologos; 40 (2)"),
        ],
    )
    assert recordmanager.understand(raw) == Record(
        source="recordmanager",
        title="Wonen : een studie",
        creators=[Agent("Vos, Jonas De", "Vos", "Jonas De"), Agent("OESO")],
        issued="2019",
        year=2019,
        languages=["en_", "us", "fra", "ns"],
        type="article",
        keywords=[Keyword("wonen; buurt")],
        identifiers=Identifiers(doi="10.1/y", isbn=["9789067651233"]),
    )
