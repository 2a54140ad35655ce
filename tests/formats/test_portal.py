"""Record pages of VuFind portals, as text and as HTML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from harvester.formats import UnreadableError, fid_portal
from harvester.model import RawRecord, RawValue

FOLDER = Path(__file__).parent.parent / "cases"
CASES = yaml.safe_load((FOLDER / "portal_pages.yml").read_text(encoding="utf-8"))
GERMAN = next(case for case in CASES if case["identifier"] == "base-10000001")


def expected(case: dict[str, Any]) -> RawRecord:
    return RawRecord(
        identifier=case["identifier"],
        format="fid_portal",
        values=[
            RawValue(element, value, None, {"label": label} if label else {})
            for element, value, label in case["values"]
        ],
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_text_of_a_page(case: dict[str, Any]) -> None:
    assert fid_portal.read_text(case["text"].encode()) == expected(case)


@pytest.mark.parametrize(
    "case", [case for case in CASES if "html" in case], ids=lambda case: case["html"]
)
def test_the_html_of_a_page_says_what_its_text_says(case: dict[str, Any]) -> None:
    assert fid_portal.read_html((FOLDER / case["html"]).read_bytes()) == expected(case)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "  \t\n"),
        lambda text: text.replace("\n", "\u00a0\n"),
        lambda text: text.replace(": ", ":\u00a0"),
        lambda text: text.replace(": ", ":\t"),
        lambda text: text.replace("\n\n", "\n \n\n\u00a0\n"),
        lambda text: "\ufeff\n\n" + text,
        lambda text: "  " + text.replace("\n", "\n    "),
        lambda text: text.replace("\n", "\u2028"),
        lambda text: text.replace("... Mehr ...", "… mehr"),
        lambda text: text.replace("... Mehr ...", "... [Mehr anzeigen]"),
        lambda text: text.replace("... Mehr ...", "..."),
        lambda text: text.replace("Link(s) :", "LINKS:"),
    ],
)
def test_how_the_text_was_copied_does_not_matter(damage: Any) -> None:
    values = fid_portal.read_text(damage(GERMAN["text"]).encode()).values
    label_free = [(value.element, value.value.replace("\u00a0", " ")) for value in values]
    assert label_free == [(element, value) for element, value, _ in GERMAN["values"]]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_how_the_text_was_saved_does_not_matter(encoding: str) -> None:
    assert fid_portal.read_text(GERMAN["text"].encode(encoding)) == expected(GERMAN)


def test_the_reference_record(seed: Path) -> None:
    record = fid_portal.read_text(seed.read_bytes())
    assert record.identifier == "base-26943181"
    given = [(value.element, value.value, value.attributes.get("label")) for value in record.values]
    assert given[1:-1] == [
        ("dc:creator", "Gérard, Julie", "Verfasser"),
        ("dc:type", "journal article", "Dokumenttyp"),
        ("dc:date", "2019", "Erscheinungsdatum"),
        ("dc:publisher", "Ministere du Travail et de la Participation", "Verlag/Hrsg."),
        (
            "dc:subject",
            "opérateur privé de l’emploi / action publique / contrôle / stratégie / dispositif de "
            "régulation / isomorphisme institutionnel / Social & behavioral sciences / psychology "
            "/ Sociology & social sciences / Sciences sociales & comportementales / psychologie / "
            "Sociologie & sciences sociales",
            "Schlagwörter",
        ),
        ("dc:language", "Französisch", "Sprache"),
        (
            "dc:identifier:permalink",
            "https://search.fid-benelux.de/Record/base-26943181",
            "Permalink",
        ),
        ("dc:provenance", "BASE; Originalkatalog", "Datenquelle"),
        ("dc:provenance", "BASE", "Powered By"),
        ("dc:identifier:url", "https://orbi.uliege.be/handle/2268/231953", "Link(s)"),
    ]
    element, title, _ = given[0]
    assert element == "dc:title"
    assert title.startswith("Quand l’externalisation de l’accompagnement")
    assert title.endswith("en Belgique francophone")
    element, description, _ = given[-1]
    assert element == "dc:description"
    assert description.startswith("peer reviewed ; L’article s’intéresse")
    assert description.endswith("et/ou contourner. ; ARC-Understanding flexicurity")
    assert "Mehr" not in description


def test_the_librarians_labels_are_used(tmp_path: Path) -> None:
    (tmp_path / "fields.yml").write_text(
        "local:shelf: {labels: {de: [Standortkennzeichen]}}\n", encoding="utf-8"
    )
    text = next(case for case in CASES if case["identifier"] == "base-10000007")["text"]
    values = fid_portal.read_text(text.encode(), tmp_path).values
    assert RawValue("local:shelf", "XVII", None, {"label": "Standortkennzeichen"}) in values


PERMALINK = "https://search.fid-benelux.de/Record/base-1"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "it is empty"),
        (" \n\u00a0\n", "no record page"),
        ("Ein Brief.\n\nLiebe Anna: wie geht es dir?", "no record page"),
        (f"Ein Titel\n\nPermalink: {PERMALINK}", "no record page"),
        ("Ein Titel\n\nVerfasser: Wauters, Luc\nSprache: Deutsch", "without a permalink"),
        ("Ein Titel\n\nSprache: Deutsch\nPermalink: folgt", "without a permalink"),
        ("Titel:\nSprache: Deutsch\nPermalink: " + PERMALINK, "without a title"),
        ("Ein Titel\0\n\nSprache: Deutsch\nPermalink: " + PERMALINK, "it is no text"),
        ("x" * 5_000_000, "5,000,000 bytes"),
    ],
    ids=["nothing", "blanks", "a letter", "one label", "no permalink", "permalink that is none",
         "no title", "binary", "too long"],
)  # fmt: skip
def test_what_is_no_page_is_refused_in_one_line(text: str, complaint: str) -> None:
    with pytest.raises(UnreadableError) as error:
        fid_portal.read_text(text.encode())
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)


def bootstrap3() -> str:
    return (FOLDER / "portal_bootstrap3.html").read_text(encoding="utf-8")


def test_a_page_without_labelled_rows_is_refused() -> None:
    page = re.sub(r"(?s)<table.*?</table>", "", bootstrap3())
    with pytest.raises(UnreadableError, match="no record page"):
        fid_portal.read_html(page.encode())


@pytest.mark.parametrize(
    "content",
    [b"<!-- -->", b"<!DOCTYPE html>", b"<html></html>"],
    ids=["comment", "DOCTYPE", "empty html"],
)
def test_html_without_content_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        fid_portal.read_html(content)


def test_a_page_without_permalink_row_has_its_canonical_address() -> None:
    page = re.sub(r"<tr><th>Permalink.*?</tr>", "", bootstrap3())
    record = fid_portal.read_html(page.encode())
    assert record.identifier == "base-10000001"
    assert record.values[-1] == RawValue(
        "dc:identifier:permalink", "https://search.fid-benelux.de/Record/base-10000001"
    )


def test_the_head_gives_what_no_row_gives() -> None:
    page = re.sub(r"(?s)<tr><th>Verfasser.*?</tr>", "", bootstrap3())
    page = page.replace("<head>", '<head><meta name="citation_doi" content="10.5555/x">')
    values = fid_portal.read_html(page.encode()).values
    assert [value for value in values if value.attributes.get("label", "").startswith("cit")] == [
        RawValue("dc:identifier:doi", "10.5555/x", None, {"label": "citation_doi"}),
        RawValue("dc:creator", "Kessels, Anneke", None, {"label": "citation_author"}),
        RawValue("dc:creator", "Thommes, Paul", None, {"label": "citation_author"}),
    ]


def test_a_heading_may_have_only_a_class_or_stand_elsewhere() -> None:
    title = expected(GERMAN).values[0]
    for heading in ('<div class="record-title">{}</div>', "<h2>{}</h2>", ""):
        page = re.sub(r"(?s)<h3.*?</h3>", heading.format(title.value), bootstrap3())
        assert fid_portal.read_html(page.encode()).values[0] == title


def test_roles_stay_with_their_names() -> None:
    row = (
        "<tr><th>Weitere Verfasser:</th><td>"
        '<a href="#">Peeters, Lotte</a> (HerausgeberIn), <a href="#">de Smet, An</a></td></tr>'
    )
    page = bootstrap3().replace("<tr><th>Dokumenttyp", f"{row}<tr><th>Dokumenttyp")
    contributors = [
        value.value
        for value in fid_portal.read_html(page.encode()).values
        if value.element == "dc:contributor"
    ]
    assert contributors == ["Peeters, Lotte (HerausgeberIn)", "de Smet, An"]


def test_definition_lists_and_plain_blocks_are_rows_too() -> None:
    rows = [("Verfasser", "Wauters, Luc"), ("Sprache", "Deutsch"), ("Permalink", PERMALINK)]
    shapes = {
        "dl": "<dl>{}</dl>".format("".join(f"<dt>{a}:</dt><dd>{b}</dd>" for a, b in rows)),
        "div": "".join(f"<div><b>{a}:</b> <span>{b}</span></div>" for a, b in rows),
    }
    read = [
        fid_portal.read_html(f"<body><main><h1>Ein Titel</h1>{shape}</main></body>".encode())
        for shape in shapes.values()
    ]
    assert read[0] == read[1]
    assert [value.value for value in read[0].values] == ["Ein Titel", *(b for _, b in rows)]
