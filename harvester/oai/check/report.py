"""Tells a report in plain words, in four languages; the sentences are in `schemas/check.yml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harvester import schemas
from harvester.errors import UsageError
from harvester.oai.check.findings import Finding, Report, Value
from harvester.oai.datestamps import counts_seconds
from harvester.oai.harvest import Identity
from harvester.oai.page import printable

LANGUAGES = ("en", "de", "fr", "nl")
SHOWN_SETS = 10
SHOWN_MAILS = 3


def lines(
    report: Report,
    language: str = "en",
    contact: str | None = None,
    letter: bool = False,
    overlay: Path | None = None,
) -> list[str]:
    """Tell a report, one sentence a line.

    Args:
        report: what was found.
        language: one of `LANGUAGES`.
        contact: how a repository's keeper reaches us; for the letter.
        letter: as a letter to the repository's keeper, with what would help; else for ourselves.
        overlay: the folder of a librarian's own sentences, or None.

    Raises:
        UsageError: there are no sentences in that language, or one of the librarian's own has
            braces that nothing fills.
    """
    if language not in LANGUAGES:
        raise UsageError(
            f"a report is not written in {language!r}: take one of {', '.join(LANGUAGES)}"
        )
    words = _Words(schemas.load("check.yml", overlay), language)
    return _letter(report, words, contact) if letter else _report(report, words)


class _Words:
    """The sentences of one language."""

    def __init__(self, table: dict[str, Any], language: str) -> None:
        self._table = table
        self._language = language
        self._thousands: str = table["numbers"]["thousands"][language]
        self._tenths: str = table["numbers"]["tenths"][language]

    def say(self, part: str, key: str, **values: Value) -> str:
        """Return a sentence of `facts`, `labels`, `quirks` or `letter`, filled in."""
        return self._filled(self._table[part][key], values)

    def told(self, finding: Finding) -> str:
        """Return what was found."""
        return self._filled(self._table["findings"][finding.key]["says"], finding.values)

    def helps(self, finding: Finding) -> str | None:
        """Return what the repository's keeper is asked for, if anything."""
        sentences = self._table["findings"][finding.key].get("helps")
        return self._filled(sentences, finding.values) if sentences else None

    def _filled(self, sentences: dict[str, str], values: dict[str, Value]) -> str:
        written = {name: self._written(value) for name, value in values.items()}
        sentence = str(sentences[self._language])
        try:
            return sentence.format(**written)
        except (LookupError, ValueError, AttributeError) as error:
            braces = ", ".join(f"{{{name}}}" for name in values) or "none"
            raise UsageError(
                f"check.yml: the sentence {sentence!r} has braces that nothing fills: "
                f"there are {braces}"
            ) from error

    def _written(self, value: Value) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, int):
            return f"{value:,}".replace(",", self._thousands)
        whole, _, tenths = f"{value:,.1f}".partition(".")
        return whole.replace(",", self._thousands) + self._tenths + tenths


def _report(report: Report, words: _Words) -> list[str]:
    told = [report.url, *_facts(report, words)]
    good = [words.told(finding) for finding in report.of("good")]
    if good:
        told.append(words.say("labels", "good", text="; ".join(good)))
    for severity in ("note", "problem"):
        told += [
            words.say("labels", severity, text=words.told(finding))
            for finding in report.findings
            if finding.severity == severity
        ]
    told += [
        words.say("labels", "quirk", text=words.say("quirks", name))
        for name in report.quirks.__struct_fields__
        if getattr(report.quirks, name)
    ]
    verdict = "mixed" if report.problems else "good"
    told.append(words.say("facts", f"verdict_{verdict if report.first_page else 'bad'}"))
    return told


def _facts(report: Report, words: _Words) -> list[str]:
    told = []
    identity = report.identity
    if identity is not None and identity != Identity():
        told += _identity(identity, words)
    if report.prefixes:
        told.append(words.say("facts", "formats", prefixes=", ".join(report.prefixes)))
    if report.readable:
        told.append(words.say("facts", "readable", prefixes=", ".join(report.readable)))
    if report.set_count:
        shown = [f"{one.spec} ({one.name})" for one in report.sets[:SHOWN_SETS]]
        more = " …" if report.set_count > SHOWN_SETS or report.more_sets else ""
        key = "sets_at_least" if report.more_sets else "sets"
        sets = "; ".join(shown) + more
        told.append(words.say("facts", key, count=report.set_count, sets=sets))
    elif report.set_count == 0:
        told.append(words.say("facts", "no_sets"))
    if report.first_page:
        told += _first_page(report, words)
    return told


def _identity(identity: Identity, words: _Words) -> list[str]:
    told = []
    if identity.repository_name:
        told.append(words.say("facts", "name", name=printable(identity.repository_name)))
    if identity.admin_emails:
        told.append(words.say("facts", "keeper", mails=_mails(identity)))
    key = "seconds" if counts_seconds(identity.granularity) else "days"
    earliest = printable(identity.earliest_datestamp) or "?"
    told.append(words.say("facts", key, earliest=earliest))
    if identity.deleted_record == "persistent":
        told.append(words.say("facts", "deleted_persistent"))
    return told


def _first_page(report: Report, words: _Words) -> list[str]:
    page = report.first_page
    assert page is not None
    values: dict[str, Value] = {
        "prefix": page.prefix,
        "records": page.records,
        "deleted": page.deleted,
    }
    if page.complete_list_size is None:
        told = [words.say("facts", "first_page", **values)]
    else:
        told = [words.say("facts", "first_page_of", size=page.complete_list_size, **values)]
    if not page.more:
        told.append(words.say("facts", "whole_list"))
    if page.order != "unknown":
        told.append(words.say("facts", f"order_{page.order}"))
    connection = report.connection
    if connection is not None and connection.page_seconds is not None:
        pace = {"seconds": connection.page_seconds, "requests": connection.requests}
        told.append(words.say("facts", "pace", **pace))
    return told


def _letter(report: Report, words: _Words, contact: str | None) -> list[str]:
    """Write to the repository's keeper: what they can mend, and nothing else."""
    identity = report.identity or Identity()
    told = []
    if identity.admin_emails:
        told.append(words.say("letter", "to", mails=_mails(identity)))
    name = printable(identity.repository_name) or report.url
    told += [words.say("letter", "subject", name=name), "", words.say("letter", "greeting"), ""]
    told += [words.say("letter", "opening", url=report.url, date=report.asked_on), ""]
    bullets = []
    for severity in ("problem", "note"):
        for finding in report.findings:
            helps = words.helps(finding)
            if helps and finding.severity == severity:
                bullets.append(f"- {words.told(finding)} {helps}")
    if bullets:
        told += [words.say("letter", "found"), "", *bullets]
    else:
        told.append(words.say("letter", "nothing"))
    told += ["", words.say("letter", "closing")]
    if contact:
        told.append(words.say("letter", "contact", contact=contact))
    return [*told, "", words.say("letter", "regards")]


def _mails(identity: Identity) -> str:
    return ", ".join(printable(mail) for mail in identity.admin_emails[:SHOWN_MAILS])
