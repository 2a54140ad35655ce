"""`/status/SOURCE` shows what the records of a source hold, what is not understood, what drifts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette

from harvester.explorer.interface import percent
from tests.explorer import shelf
from tests.explorer.conftest import Get, Page
from tests.explorer.reading import css, link, parsed, text, texts


async def test_what_the_records_hold(page: Page) -> None:
    report = await page("/status/orbi")
    assert text(css(report, "h1")[0]) == "ORBi"
    fields, elements, *_ = css(report, "table")
    rows = {text(css(row, "th")[0]): texts(css(row, "td")) for row in css(fields, "tbody tr")}
    assert list(rows)[:2] == ["Title", "Parallel titles"]
    assert rows["Title"][1] == "100 %"
    rows = {text(css(row, "th")[0]): texts(css(row, "td")) for row in css(elements, "tbody tr")}
    assert rows["dc:creator"] == ["2", "0", "1", "50.0 %"]
    assert rows["dc:format"] == ["1", "1", "0", "–"]
    assert rows["dc:title"] == ["1", "0", "1", "100 %"]
    assert "77.8 % of the values that its records give are understood" in text(report)


async def test_it_counts_records_and_leads_to_them(page: Page) -> None:
    report = await page("/status/orbi")
    assert texts(css(report, "thead th"))[:3] == ["Field", "Records", "Share"]
    (records,) = [one for one in css(report, "main a") if text(one).endswith(" records")]
    found = await page(records.get("href"))
    assert text(css(found, "#found")[0]) == text(records)


async def test_what_is_not_understood_leads_to_a_record(page: Page) -> None:
    report = await page("/status/orbi")
    assert texts(css(report, "h3")) == [
        "Left as it is: family and given name cannot be told apart",
        "Not in the table of types (schemas/types.yml)",
    ]
    assert "<script>alert('type')</script>" in texts(css(report, "tbody th"))
    assert {one.get("href") for one in report.iter("a") if text(one) == shelf.HOSTILE.id} == {
        f"/record/{shelf.HOSTILE.id}"
    }


async def test_what_has_drifted(page: Page) -> None:
    report = await page("/status/orbi")
    assert "Otherwise than on 19 November 2026" in texts(css(report, "h2"))
    assert texts(css(report, "main li")) == [
        "Licence: 12.0 %, before 40.0 %",
        "A name in direct order was turned round: 30.0 %, before 0 %",
        "Not in the table of types (schemas/types.yml): "
        "“<script>alert('type')</script>” is new, in 1 record",
    ]


@pytest.mark.parametrize(
    ("language", "rule", "drifted"),
    [
        (
            "de",
            "So belassen: Familien- und Vorname sind nicht zu unterscheiden",
            [
                "Lizenz: 12,0 %, vorher 40,0 %",
                "Ein Name in natürlicher Reihenfolge wurde umgestellt: 30,0 %, vorher 0 %",
                "Nicht in der Tabelle der Dokumenttypen (schemas/types.yml): "
                "„<script>alert('type')</script>“ ist neu, in 1 Datensatz",
            ],
        ),
        (
            "fr",
            "Laissé tel quel : nom de famille et prénom ne se distinguent pas",
            [
                "Licence d’utilisation : 12,0 %, 40,0 % auparavant",
                "Un nom en ordre direct a été inversé : 30,0 %, 0 % auparavant",
                "Absent de la table des types de document (schemas/types.yml) : "
                "« <script>alert('type')</script> » est nouveau, dans 1 notice",
            ],
        ),
        (
            "nl",
            "Zo gelaten: familienaam en voornaam zijn niet te onderscheiden",
            [
                "Licentie: 12,0 %, voordien 40,0 %",
                "Een naam in gewone volgorde is omgekeerd: 30,0 %, voordien 0 %",
                "Niet in de tabel van documenttypes (schemas/types.yml): "
                "“<script>alert('type')</script>” is nieuw, in 1 record",
            ],
        ),
    ],
)
async def test_rules_are_explained_as_the_reader_reads(
    page: Page, language: str, rule: str, drifted: list[str]
) -> None:
    report = await page(f"/status/orbi?lang={language}")
    assert texts(css(report, "h3"))[0] == rule
    assert texts(css(report, "main li")) == drifted
    assert report.xpath("//main//*[@lang='en']") == []


async def test_values_are_escaped(get: Get) -> None:
    assert "<script>" not in (await get("/status/orbi")).text


async def test_a_source_without_a_report(page: Page) -> None:
    report = await page("/status/pure-vu")
    assert "There is no report on its records yet." in text(report)
    assert link(report, "All sources") == "/status"


async def test_a_source_that_there_is_not(page: Page) -> None:
    missing = await page("/status/nobody", 404)
    assert text(css(missing, "h1")[0]) == "There is no such source"


async def test_a_catalogue_of_an_earlier_version_in_plain_datasette(tmp_path: Path) -> None:
    file = shelf.fill(tmp_path)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("drop table quality")
    instance = Datasette([str(file)])
    await instance.invoke_startup()
    response = await instance.client.get("/status/orbi")
    assert response.status_code == 200
    assert "There is no report on its records yet." in text(parsed(response.text))


def test_only_all_is_a_hundred_per_cent() -> None:
    assert [percent(share).split()[0] for share in (0, 0.0001, 0.5, 0.9999, 1)] == [
        "0", "0.1", "50.0", "99.9", "100",
    ]  # fmt: skip
