"""What the tests of the pipeline have in common: records to serve, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import date, timedelta

from harvester import pipeline
from harvester.archive import open_archive
from harvester.archive.status import SourceStatus, status
from harvester.catalogue import open_for_reading, search
from harvester.catalogue.query import Query
from harvester.model import Record
from harvester.results import Ask, Result
from harvester.settings import Settings
from harvester.sources import Source
from tests.servers.provider import Provider, Reply, Stored

DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title>'
    "<dc:creator>de Vries, Jan</dc:creator><dc:date>2019</dc:date>"
    "<dc:type>article</dc:type><dc:language>nl</dc:language></oai_dc:dc>"
)
LATER = "2999-01-01T00:00:00Z"
DOWN = Reply(b"<html><title>Down</title></html>", 500)


def stored(number: int, title: str = "Over werk", **more: object) -> Stored:
    return Stored(f"oai:x:{number}", DC.format(f"{title} {number}"), **more)  # type: ignore[arg-type]


def day_by_day(count: int, sets: Sequence[str] = ()) -> list[Stored]:
    """Records of as many days, in their order."""
    first = date(2026, 1, 1)
    return [
        stored(number, datestamp=f"{first + timedelta(days=number)}T12:00:00Z", sets=sets)
        for number in range(count)
    ]


def source_of(provider: Provider, name: str = "x") -> Source:
    return Source(name=name, title=name.upper(), urls=[provider.url])


def harvest(installation: Settings, provider: Provider, **ask: object) -> Result:
    asked = Ask(**ask)  # type: ignore[arg-type]
    (result,) = pipeline.harvest(installation, [source_of(provider)], asked)
    return result


def records(
    installation: Settings, *, deleted: bool = False, source: str | None = None
) -> dict[str, Record]:
    """Return what the catalogue holds, by OAI identifier."""
    with closing(open_for_reading(installation.directory)) as catalogue:
        found = list(search.stream(catalogue, Query(deleted=deleted)))
    return {
        record.oai_identifier or "": record for record in found if source in (None, record.source)
    }


def status_of(installation: Settings, source: str = "x") -> SourceStatus:
    with closing(open_archive(installation.directory, for_reading=True)) as archive:
        return next(row for row in status(archive) if row.name == source)
