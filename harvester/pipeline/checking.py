"""Asks a server what it really does, and remembers its ways for the harvests to come."""

from __future__ import annotations

from contextlib import closing

from harvester.archive import FILE, known, open_archive
from harvester.formats import namespaces
from harvester.oai.check import check
from harvester.oai.check.findings import Report
from harvester.oai.client import Client
from harvester.oai.quirks import Quirks
from harvester.settings import Settings
from harvester.sources import Source
from harvester.workspace import alone


def check_source(settings: Settings, source: Source) -> Report:
    """Ask a source's server what it does; nothing that comes is kept.

    Args:
        settings: the installation.
        source: one with an address.
    """
    with closing(
        Client(
            source.urls[0],
            contact=settings.config.contact,
            politeness=settings.config.politeness,
            auth=settings.credentials(source.name),
        )
    ) as client:
        return check(client, prefixes=source.prefixes, namespaces=namespaces())


def remember_quirks(settings: Settings, source: Source, report: Report) -> None:
    """Remember the ways of a server that a check has found.

    A check that met no problem has seen all of them; any other adds to what was known.

    Raises:
        TryLaterError: another command is writing.
        HarvesterError: the archive cannot be written.
    """
    there = (settings.directory / FILE).is_file()
    if report.first_page is None or (report.quirks == Quirks() and not there):
        return
    with (
        alone(settings.directory, "sources check"),
        closing(open_archive(settings.directory)) as archive,
    ):
        number = known.source_number(archive, source)
        before = Quirks() if not report.problems else known.quirks(archive, number)
        known.remember_quirks(archive, number, before.joined(report.quirks))
