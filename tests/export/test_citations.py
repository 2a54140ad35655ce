"""References: what each style makes of records of each kind, in four languages."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import msgspec
import pytest
from citeproc import SCHEMA_PATH
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from harvester import schemas
from harvester.errors import UsageError
from harvester.export import citations
from harvester.model import Agent, Container, Identifiers, Record
from tests.explorer.reading import parsed, text

COAR = "http://purl.org/coar/resource_type/"
ARTICLE = Record(
    id="a-1",
    source="a",
    title="Vertrouwen in de buurt",
    creators=[Agent("Van den Broeck, Jan-Willem", "Van den Broeck", "Jan-Willem"),
              Agent("Müller, Eva Maria", "Müller", "Eva Maria")],
    type="journal article",
    type_uri=COAR + "c_6501",
    issued="2012-05",
    year=2012,
    languages=["nld"],
    container=Container("Mens en maatschappij", volume="87", issue="2", pages="115--138"),
    identifiers=Identifiers(doi="10.5555/Abc"),
)  # fmt: skip
CHAPTER = Record(
    id="c-1",
    source="a",
    title="Sécurité & souplesse",
    creators=[Agent("Dupont, A.", "Dupont", "A.")],
    contributors=[
        Agent("Lee, Kim", "Lee", "Kim", role="editor"),
        Agent("Ode, Al", "Ode", "Al", role="editor"),
    ],
    type="book part",
    type_uri=COAR + "c_3248",
    issued="2011",
    year=2011,
    publishers=["Presses de Liège"],
    container=Container("Handbook of Things", pages="12-34"),
)
THESIS = Record(
    id="t-1",
    source="a",
    title="Flexicurity in Belgium",
    creators=[Agent("Jans, Piet", "Jans", "Piet")],
    type="doctoral thesis",
    type_uri=COAR + "c_db06",
    issued="2001",
    year=2001,
    publishers=["Université de Liège"],
)
REPORT = Record(
    id="r-1",
    source="a",
    title="Wat telt",
    creators=[Agent("Centraal Bureau voor de Statistiek, Den Haag", corporate=True)],
    type="report",
    type_uri=COAR + "c_93fc",
)
NAMELESS = Record(id="n-1", source="a", title="De sociale staat", type="book", issued="2017",
                  year=2017, type_uri=COAR + "c_2f33")  # fmt: skip

WRITTEN = {
    ("apa", "en"): [
        "Centraal Bureau voor de Statistiek, Den Haag. (n.d.). Wat telt.",
        "De sociale staat. (2017).",
        "Dupont, A. (2011). Sécurité & souplesse. In K. Lee & A. Ode (Eds.), Handbook of Things "
        "(pp. 12–34). Presses de Liège.",
        "Jans, P. (2001). Flexicurity in Belgium [Doctoral thesis, Université de Liège].",
        "Van den Broeck, J.-W., & Müller, E. M. (2012). Vertrouwen in de buurt. Mens en "
        "maatschappij, 87(2), 115–138. https://doi.org/10.5555/abc",
    ],
    ("chicago", "en"): [
        "Centraal Bureau voor de Statistiek, Den Haag. n.d. Wat telt.",
        "De sociale staat. 2017.",
        "Dupont, A. 2011. “Sécurité & souplesse.” In Handbook of Things, edited by Kim Lee and "
        "Al Ode, 12–34. Presses de Liège.",
        "Jans, Piet. 2001. “Flexicurity in Belgium.” Doctoral thesis, Université de Liège.",
        "Van den Broeck, Jan-Willem, and Eva Maria Müller. 2012. “Vertrouwen in de buurt.” Mens en "
        "maatschappij 87 (2): 115–138. https://doi.org/10.5555/abc.",
    ],
    ("mla", "fr"): [
        "Centraal Bureau voor de Statistiek, Den Haag. Wat telt.",
        "De sociale staat. 2017.",
        "Dupont, A. « Sécurité & souplesse ». Handbook of Things, édité par Kim Lee et Al Ode, "
        "Presses de Liège, 2011, p. 12‑34.",
        "Jans, Piet. Flexicurity in Belgium. Université de Liège, 2001. Doctoral thesis.",
        "Van den Broeck, Jan-Willem, et Eva Maria Müller. « Vertrouwen in de buurt ». Mens en "
        "maatschappij, vol. 87, nᵒ 2, 2012, p. 115‑138, https://doi.org/10.5555/abc.",
    ],
    ("harvard", "nl"): [
        "Centraal Bureau voor de Statistiek, Den Haag (zonder datum) Wat telt.",
        "De sociale staat (2017).",
        "Dupont, A. (2011) “Sécurité & souplesse”, in Lee, K. en Ode, A. (red.) Handbook of "
        "Things. Presses de Liège, pp. 12-34.",
        "Jans, P. (2001) Flexicurity in Belgium. Doctoral thesis. Université de Liège.",
        "Van den Broeck, J.-W. en Müller, E.M. (2012) “Vertrouwen in de buurt”, Mens en "
        "maatschappij, 87(2), pp. 115-138. Beschikbaar op: https://doi.org/10.5555/abc.",
    ],
    ("dgs", "de"): [
        "Centraal Bureau voor de Statistiek, Den Haag o. J.: Wat telt.",
        "De sociale staat. 2017.",
        "Dupont, A. 2011: Sécurité & souplesse. In K. Lee, A. Ode (Hg.), Handbook of Things, "
        "Presses de Liège, 12–34.",
        "Jans, P. 2001: Flexicurity in Belgium. Doctoral thesis. Université de Liège.",
        "Van den Broeck, J.-W., Müller, E. M. 2012: Vertrouwen in de buurt. Mens en maatschappij, "
        "87. Jg., Heft 2, 115–138, https://doi.org/10.5555/abc.",
    ],
}
GIVEN = [THESIS, NAMELESS, ARTICLE, REPORT, CHAPTER]


def texts(records: list[Record], style: str, language: str) -> list[str]:
    found = citations.references(records, citations.styles()[style], language)
    return [reference.striptags() if reference else "" for _, reference in found]


@pytest.mark.parametrize(("style", "language"), WRITTEN)
def test_each_style_writes_and_orders_as_its_manual_says(style: str, language: str) -> None:
    assert texts(GIVEN, style, language) == WRITTEN[style, language]


@pytest.mark.parametrize(
    ("style", "tagged"),
    [
        ("apa", ["<i>Mens en maatschappij</i>", "<i>87</i>"]),
        ("chicago", ["<i>Mens en maatschappij</i>"]),
        ("mla", ["<i>Mens en maatschappij</i>"]),
        ("harvard", ["<i>Mens en maatschappij</i>"]),
        ("dgs", []),
    ],
)
def test_what_stands_in_italics(style: str, tagged: list[str]) -> None:
    ((_, reference),) = citations.references([ARTICLE], citations.styles()[style], "en")
    assert reference is not None
    assert re.findall("<i>[^<]*</i>", reference) == tagged


def test_the_type_of_a_thesis_is_told_in_the_readers_language() -> None:
    style = citations.styles()["apa"]
    ((_, reference),) = citations.references([THESIS], style, "de", lambda _: "Dissertation")
    assert reference is not None
    assert reference.endswith("[Dissertation, Université de Liège].")


def test_every_type_of_the_table_is_cited_in_every_style_and_language() -> None:
    types = schemas.load("types.yml")["types"]
    records = [
        msgspec.structs.replace(CHAPTER, id=f"x-{number}", type=facts["en"], type_uri=uri)
        for number, (uri, facts) in enumerate(types.items())
    ]
    for style in citations.styles().values():
        for language in ("de", "en", "fr", "nl"):
            found = citations.references(records, style, language)
            assert len(found) == len(records)
            for record, reference in found:
                assert reference is not None, (style.name, record.type)
                assert "Dupont" in reference
                assert "Sécurité &amp; souplesse" in reference
                assert "2011" in reference
                assert ".." not in reference, reference


HOSTILE = st.text(st.sampled_from("<>&\"'\ue000\ue001\u202e\0 abé{}“”.,<i></i>"), max_size=30)


@settings(deadline=None)  # the first one reads the styles
@given(title=HOSTILE, family=HOSTILE, given_name=HOSTILE, publisher=HOSTILE, page=HOSTILE)
def test_what_a_record_says_is_never_markup(
    title: str, family: str, given_name: str, publisher: str, page: str
) -> None:
    record = msgspec.structs.replace(
        CHAPTER,
        title=title or None,
        creators=[Agent(family, family or None, given_name or None)],
        publishers=[publisher],
        container=Container("In", pages=page),
    )
    for style in citations.styles().values():
        ((_, reference),) = citations.references([record], style, "en")
        assert reference is not None
        shown = parsed(f"<p>{reference}</p>")
        assert {element.tag for element in shown.iter()} <= {"html", "body", "p", "i"}
        assert not any(element.attrib for element in shown.iter())
        assert text(shown) == reference.striptags()


@pytest.mark.parametrize(
    ("style", "language", "starts"),
    [
        ("apa", "en", "Jans, P. (2001). Wat werkt? [Doctoral thesis"),
        ("chicago", "en", "Jans, Piet. 2001. “Wat werkt?” Doctoral thesis"),
        ("chicago", "de", "Jans, Piet. 2001. „Wat werkt?“ Doctoral thesis"),
        ("mla", "fr", "Jans, Piet. Wat werkt? Université"),
        ("dgs", "de", "Jans, P. 2001: Wat werkt? Doctoral thesis"),
    ],
)
def test_a_question_mark_takes_no_full_stop(style: str, language: str, starts: str) -> None:
    asked = msgspec.structs.replace(THESIS, title="Wat werkt?")
    assert texts([asked], style, language)[0].startswith(starts)


def test_a_librarian_adds_a_style_and_changes_one(tmp_path: Path) -> None:
    folder = tmp_path / "styles"
    folder.mkdir()
    shipped = citations.styles()["apa"].path.read_text(encoding="utf-8")
    own = shipped.replace("<title-short>APA</title-short>", "<title-short>House</title-short>")
    (folder / "house.csl").write_text(own, encoding="utf-8")
    (folder / "mla.csl").write_text(own, encoding="utf-8")
    found = citations.styles(tmp_path)
    assert list(found) == ["apa", "chicago", "mla", "harvard", "dgs", "house"]
    assert (found["house"].label, found["mla"].label) == ("House", "House")
    shipped_one = citations.references([THESIS], found["apa"], "en")
    assert citations.references([THESIS], found["house"], "en") == shipped_one


def test_a_style_that_numbers_counts_through_its_list(tmp_path: Path) -> None:
    folder = tmp_path / "styles"
    folder.mkdir()
    shipped = citations.styles()["apa"].path.read_text(encoding="utf-8")
    head, opens, layout = re.split(r"(<bibliography.*?<layout[^>]*>)", shipped, flags=re.DOTALL)
    number = '<text variable="citation-number" prefix="[" suffix="] "/>'
    (folder / "numbers.csl").write_text(head + opens + number + layout, encoding="utf-8")
    found = citations.references(GIVEN, citations.styles(tmp_path)["numbers"], "en")
    assert [reference and reference.striptags() for _, reference in found] == [
        f"[{number}] {reference}" for number, reference in enumerate(WRITTEN["apa", "en"], start=1)
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("<style", "XMLSyntaxError"),
        ("<html/>", "take a file of the CSL project that stands alone"),
        ('<style xmlns="http://purl.org/net/xbiblio/csl"><info/></style>', "stands alone"),
    ],
)
def test_what_is_no_style_is_told_in_one_line(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "styles" / "mine.csl"
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as told:
        citations.styles(tmp_path)
    assert str(told.value).startswith(f"{path} is no citation style")
    assert why in str(told.value)
    assert "\n" not in str(told.value)


def test_where_a_style_fails_the_record_has_no_reference(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "styles" / "mine.csl"
    path.parent.mkdir()
    shipped = citations.styles()["apa"].path.read_text(encoding="utf-8")
    path.write_text(shipped.replace('<text macro="access"', '<text macro="nothing"'), "utf-8")
    style = citations.styles(tmp_path)["mine"]
    with caplog.at_level(logging.WARNING):
        assert citations.references([THESIS], style, "en") == [(THESIS, None)]
    (line,) = caplog.messages
    assert line.startswith("the style mine fails on the record t-1: ")


def called(family: str, given_name: str) -> Record:
    name = Agent(f"{family}, {given_name}", family, given_name)
    return msgspec.structs.replace(THESIS, creators=[name])


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Who pays?", "Jans, P. (2001). Who pays? [Doctoral thesis, Université de Liège]."),
        ("It ends.", "Jans, P. (2001). It ends [Doctoral thesis, Université de Liège]."),
        ("In the U.S.", "Jans, P. (2001). In the U.S. [Doctoral thesis, Université de Liège]."),
    ],
)
def test_a_title_with_a_sign_at_its_end(title: str, written: str) -> None:
    assert texts([msgspec.structs.replace(THESIS, title=title)], "apa", "en") == [written]


def test_no_full_stop_is_set_behind_another_sign() -> None:
    book = msgspec.structs.replace(NAMELESS, title="Who pays?", publishers=["VUB Press"])
    assert texts([book], "mla", "en") == ["Who pays? VUB Press, 2017."]
    article = msgspec.structs.replace(ARTICLE, title="Who pays?", creators=[])
    assert texts([article], "chicago", "en")[0].startswith("“Who pays?” 2012. Mens")


@pytest.mark.parametrize(
    ("family", "given_name", "written"),
    [
        ("Berg", "Jan van der", "Berg, J. van der"),
        ("Liang", "Yi-chia", "Liang, Y.-c."),
        ("毛", "泽东", "毛, 泽东"),
        ("Jans", "J.P.", "Jans, J. P."),
        ("Jans", "Jean-Paul Marie", "Jans, J.-P. M."),
    ],
)
def test_given_names_are_shortened_where_they_can_be(
    family: str, given_name: str, written: str
) -> None:
    (shown,) = texts([called(family, given_name)], "apa", "en")
    assert shown.partition(" (")[0].removesuffix(".") == written.removesuffix(".")


@pytest.mark.parametrize(
    ("family", "given", "written"),
    [
        ("King", "Martin Luther, Jr.", "King, M. L., Jr. (2001)"),
        ("Kennedy Jr.", "John F.", "Kennedy, J. F., Jr. (2001)"),
        ("Smith", "John III", "Smith, J., III. (2001)"),
        ("Smith", "John", "Smith, J. (2001)"),
    ],
)
def test_a_junior_has_no_initial_of_it(family: str, given: str, written: str) -> None:
    one = msgspec.structs.replace(THESIS, creators=[Agent(f"{family}, {given}", family, given)])
    assert texts([one], "apa", "en")[0].startswith(written)


def test_accents_do_not_change_the_order() -> None:
    given = [called(family, "A.") for family in ("Zola", "Émile", "Öz", "Adam")]
    order = [one.partition(",")[0] for one in texts(given, "apa", "fr")]
    assert order == ["Adam", "Émile", "Öz", "Zola"]


def test_a_style_with_numbers_counts_a_list_and_not_a_single_one(tmp_path: Path) -> None:
    path = tmp_path / "styles" / "numbers.csl"
    path.parent.mkdir()
    path.write_text(
        '<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" class="in-text"><info/>'
        '<citation><layout><text variable="citation-number"/></layout></citation>'
        '<bibliography second-field-align="flush"><layout>'
        '<text variable="citation-number" prefix="[" suffix="]"/><text variable="title"/>'
        "</layout></bibliography></style>",
        encoding="utf-8",
    )
    style = citations.styles(tmp_path)["numbers"]

    def shown(records: list[Record]) -> list[str]:
        found = citations.references(records, style, "en")
        return [one.striptags() for _, one in found if one]

    assert shown([THESIS, NAMELESS]) == ["[1] Flexicurity in Belgium", "[2] De sociale staat"]
    assert shown([THESIS]) == ["Flexicurity in Belgium"]


def test_a_volume_is_called_so_in_the_readers_language() -> None:
    container = Container("Handbook", volume="3", pages="12-34")
    chapter = msgspec.structs.replace(CHAPTER, container=container)
    assert "(Bd. 3, S. 12–34)" in texts([chapter], "apa", "de")[0]
    assert "(Vol. 3, pp. 12–34)" in texts([chapter], "apa", "en")[0]


@pytest.mark.parametrize("style", ["apa", "chicago", "mla", "harvard", "dgs"])
@pytest.mark.parametrize(("code", "kind"), [("c_93fc", "report"), ("c_2f33", "book")])
def test_who_only_edited_is_named_before_the_title(style: str, code: str, kind: str) -> None:
    edited = msgspec.structs.replace(CHAPTER, creators=[], type=kind, type_uri=COAR + code)
    edited = msgspec.structs.replace(edited, container=None)
    assert texts([edited], style, "en")[0].startswith("Lee, K")


def test_what_has_no_type_is_cited_by_the_volume_that_it_is_in() -> None:
    untyped = msgspec.structs.replace(ARTICLE, type=None, type_uri=None)
    assert texts([untyped], "apa", "en") == texts([ARTICLE], "apa", "en")


def test_a_dataset_is_called_so() -> None:
    dataset = msgspec.structs.replace(THESIS, type="dataset", type_uri=COAR + "c_ddb1")
    assert "Flexicurity in Belgium [Dataset]. " in texts([dataset], "apa", "en")[0]


@pytest.mark.parametrize("name", citations.FIRST)
def test_the_shipped_styles_are_valid_csl(name: str) -> None:
    schema = etree.RelaxNG(etree.parse(SCHEMA_PATH))
    assert schema.validate(etree.parse(citations.styles()[name].path)), schema.error_log
