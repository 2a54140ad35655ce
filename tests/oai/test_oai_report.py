"""The words of `sources check`: every sentence in four languages, and letters that can be sent."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harvester import schemas, settings
from harvester.errors import UsageError
from harvester.oai.check import Report, lines
from harvester.oai.check.findings import Connection, Finding, FirstPage, SetFacts, Severity
from harvester.oai.check.report import LANGUAGES
from harvester.oai.harvest import Identity
from harvester.oai.quirks import Quirks
from tests.conftest import CHECKOUT
from tests.servers.check_changes import ROWS

MANUAL = (CHECKOUT / "docs" / "check.md").read_text("utf-8")
TABLE = schemas.load("check.yml")
ELSEWHERE = {
    "refused", "unknown_host", "out_of_time", "tls_untrusted", "tls_failed", "slow", "plain_http",
    "moved_to_https", "certificate_ends", "certificate", "tokens", "get", "dates_seconds",
    "dates_days",
}  # fmt: skip
"""Findings with tests of their own beside the table of servers."""


def sentences() -> Iterator[tuple[str, dict[str, str]]]:
    for part in ("numbers", "labels", "facts", "quirks", "letter"):
        for key, row in TABLE[part].items():
            yield f"{part}.{key}", row
    for key, row in TABLE["findings"].items():
        for kind, said in row.items():
            yield f"findings.{key}.{kind}", said


def braces(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def report(**facts: Any) -> Report:
    identity = Identity(
        repository_name="Dépôt d’essai",
        base_url="https://example.org/oai",
        protocol_version="2.0",
        granularity="YYYY-MM-DD",
        earliest_datestamp="2001-01-01",
        deleted_record="persistent",
        admin_emails=["keeper@example.org"],
    )
    first = FirstPage(
        prefix="oai_dc", records=100, deleted=2, complete_list_size=1_234_567, more=True,
        token="x", order="none",
    )  # fmt: skip
    told = {
        "url": "https://example.org/oai",
        "asked_on": "2026-11-23",
        "identity": identity,
        "prefixes": ["oai_dc", "mods", "lido"],
        "readable": ["oai_dc", "mods"],
        "sets": [SetFacts(f"s{number}", f"Set {number}") for number in range(12)],
        "set_count": 12,
        "first_page": first,
        "connection": Connection(final_url="", requests=14, page_seconds=1.25),
        **facts,
    }
    return Report(**told)


@pytest.mark.parametrize(("where", "row"), list(sentences()), ids=lambda value: str(value)[:40])
def test_every_sentence_is_there_in_every_language(where: str, row: dict[str, str]) -> None:
    assert tuple(row) == LANGUAGES, where
    assert len({frozenset(braces(said)) for said in row.values()}) == 1, where
    for language, said in row.items():
        assert said, (where, language)
        assert said == said.strip(" \n"), (where, language)
        assert "  " not in said, (where, language)


def test_sentences_end_as_sentences() -> None:
    good = {"tokens", "get", "dates_seconds", "dates_days", "certificate"}
    for key, row in TABLE["findings"].items():
        for said in [*row["says"].values(), *row.get("helps", {}).values()]:
            assert (said[-1] in ".?") is (key not in good), (key, said)


def test_french_spaces_before_double_signs_do_not_break() -> None:
    for where, row in sentences():
        assert not re.search(r" [:;?!»]|« ", row["fr"]), where


def test_every_finding_has_its_server() -> None:
    assert {row.key for row in ROWS} | ELSEWHERE == set(TABLE["findings"])
    assert not {row.key for row in ROWS} & ELSEWHERE


def test_every_quirk_has_its_sentence() -> None:
    assert list(TABLE["quirks"]) == list(Quirks.__struct_fields__)


def test_every_problem_says_what_would_help() -> None:
    for row in ROWS:
        if row.severity == "problem":
            assert "helps" in TABLE["findings"][row.key], row.key


def test_a_healthy_server_in_english() -> None:
    found = [Finding("tokens", "good"), Finding("certificate", "good", {"date": "2027-06-30"})]
    assert lines(report(findings=found)) == [
        "https://example.org/oai",
        "Repository: Dépôt d’essai",
        "Contact: keeper@example.org",
        "Datestamps: to the day, the earliest is 2001-01-01",
        "Deleted records: reported for good",
        "Metadata formats: oai_dc, mods, lido",
        "Formats that we can read: oai_dc, mods",
        "Sets (12): s0 (Set 0); s1 (Set 1); s2 (Set 2); s3 (Set 3); s4 (Set 4); s5 (Set 5); "
        "s6 (Set 6); s7 (Set 7); s8 (Set 8); s9 (Set 9) …",
        "Records on the first page in oai_dc: 100 of 1,234,567 (deleted: 2)",
        "Order of the records: not by datestamp",
        "Seconds a page: 1.2; requests made: 14",
        "In order: resumptionToken; TLS certificate (until 2027-06-30).",
        "It can be harvested.",
    ]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Records on the first page in oai_dc: 100 of 1,234,567 (deleted: 2)"),
        ("de", "Datensätze auf der ersten Seite in oai_dc: 100 von 1.234.567 (gelöscht: 2)"),
        (
            "fr",
            "Notices de la première page en oai_dc\u00a0: 100 sur 1\u202f234\u202f567 "
            "(supprimées\u00a0: 2)",
        ),
        ("nl", "Records op de eerste pagina in oai_dc: 100 van 1.234.567 (verwijderd: 2)"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(language: str, expected: str) -> None:
    assert expected in lines(report(), language)


def test_problems_come_last_and_quirks_say_what_harvests_do() -> None:
    found = [Finding("dates_ignored", "problem"), Finding("no_email", "note")]
    told = lines(report(findings=found, quirks=Quirks(ignores_dates=True)), "de")
    assert told[-4:] == [
        "Hinweis: Identify nennt keine E-Mail-Adresse einer Ansprechperson.",
        "Problem: Der Server beachtet from und until nicht und liefert immer alles.",
        "Gemerkt: jeder Harvest bringt die ganze Liste; was sich nicht geändert hat, wird erkannt.",
        "Dieses Repositorium lässt sich harvesten, doch siehe die Probleme oben.",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_is_addressed_signed_and_asks_for_what_would_help(language: str) -> None:
    found = [
        Finding("moved_to_https", "note", {"to": "https://example.org/oai"}),
        Finding("size_absent", "note"),
        Finding("server_error", "problem", {"verb": "ListSets", "status": 500}),
        Finding("tokens", "good"),
    ]
    told = lines(report(findings=found), language, "library@example.org", letter=True)
    words = TABLE["letter"]
    assert told[0] == words["to"][language].format(mails="keeper@example.org")
    assert "Dépôt d’essai" in told[1]
    assert words["greeting"][language] in told
    bullets = [line for line in told if line.startswith("- ")]
    rows = TABLE["findings"]
    assert bullets == [
        "- {} {}".format(
            rows[key]["says"][language].format(verb="ListSets", status=500),
            rows[key]["helps"][language],
        )
        for key in ("server_error", "size_absent")
    ]
    assert told[-3:] == [
        words["contact"][language].format(contact="library@example.org"),
        "",
        words["regards"][language],
    ]
    assert any("2026-11-23" in line and "https://example.org/oai" in line for line in told)


def test_a_letter_to_a_healthy_server_says_thank_you() -> None:
    told = lines(report(findings=[Finding("tokens", "good")]), "nl", letter=True)
    assert TABLE["letter"]["nothing"]["nl"] in told
    assert not any(line.startswith("- ") for line in told)
    assert not any(line.startswith("U bereikt ons") for line in told)


def test_a_letter_can_be_written_to_a_server_that_says_nothing_of_itself() -> None:
    found = [Finding("refused", "problem", {"host": "example.org"})]
    told = lines(report(identity=None, findings=found, first_page=None), "en", letter=True)
    assert told[0] == "Subject: The OAI-PMH interface of https://example.org/oai"
    assert "- example.org refuses the connection." in "\n".join(told)


def test_a_librarian_can_say_it_otherwise(tmp_path: Path) -> None:
    (tmp_path / "check.yml").write_text(
        "letter: {regards: {de: 'Es grüßt\n  der FID Benelux'}}", "utf-8"
    )
    assert lines(report(), "de", letter=True, overlay=tmp_path)[-1] == "Es grüßt der FID Benelux"
    assert lines(report(), "en", letter=True, overlay=tmp_path)[-1] == "Kind regards"


@pytest.mark.parametrize("sentence", ["Dear {name},", "Dear {},", "Dear {name"])
def test_braces_that_nothing_fills_are_told(sentence: str, tmp_path: Path) -> None:
    (tmp_path / "check.yml").write_text(f"letter: {{greeting: {{en: '{sentence}'}}}}", "utf-8")
    with pytest.raises(UsageError, match="braces that nothing fills"):
        lines(report(), letter=True, overlay=tmp_path)


def test_another_language_is_refused() -> None:
    with pytest.raises(UsageError, match="take one of en, de, fr, nl"):
        lines(report(), "lb")


@pytest.mark.parametrize("severity", ["problem", "note"])
def test_what_several_verbs_have_in_common_is_told_once(severity: Severity) -> None:
    told = report()
    for verb in ("Identify", "ListSets", "ListSets"):
        told.add(severity, "html", verb=verb)
    told.add(severity, "server_error", verb="Identify", status=500)
    told.add(severity, "server_error", verb="ListSets", status=502)
    assert told.findings == [
        Finding("html", severity, {"verb": "Identify, ListSets"}),
        Finding("server_error", severity, {"verb": "Identify", "status": 500}),
        Finding("server_error", severity, {"verb": "ListSets", "status": 502}),
    ]


def test_the_manual_explains_every_finding() -> None:
    told = {re.sub(r"\{\w+\}", "…", row["says"]["en"]) for row in TABLE["findings"].values()}
    explained = {
        line.split(" | ")[0].removeprefix("| ") for line in MANUAL.splitlines() if line[:2] == "| "
    }
    assert told <= explained


def test_the_manual_explains_every_quirk() -> None:
    assert re.findall(r"^\| `(\w+)` \|", MANUAL, re.MULTILINE) == list(Quirks.__struct_fields__)


def test_the_examples_of_the_manual_can_be_used(tmp_path: Path) -> None:
    config, words = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)
    (tmp_path / "config.yml").write_text(config, "utf-8")
    source = settings.load(tmp_path).sources["our-archive"]
    assert source.quirks == Quirks(days_only=True, wrong_size=True)
    (tmp_path / "check.yml").write_text(words, "utf-8")
    told = lines(report(), "de", letter=True, overlay=tmp_path)
    assert "am 2026-11-23 Ihre Schnittstelle" in "\n".join(told)
    assert told[-1] == "Mit freundlichen Grüßen, Ihr Team des …"
