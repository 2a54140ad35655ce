"""Learns phrases with commas from the whole records of an installation, or from files."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from harvester import schemas
from harvester import sources as source_catalogue
from harvester.archive import known, open_archive, pages
from harvester.errors import HarvesterError
from harvester.files import write_whole
from harvester.formats import document
from harvester.model import RawRecord
from harvester.normalise import lexicon, tables
from harvester.oai.datestamps import now
from harvester.pipeline import arrival
from harvester.settings import Settings
from harvester.sources import Source
from harvester.workspace import all_sources, merged

log = logging.getLogger("harvester")


def learn_phrases(
    settings: Settings, files: Iterable[Path], *, least: int, output: Path
) -> lexicon.Learned:
    """Learn phrases from whole records, and write the table `phrases.yml`.

    Args:
        settings: the installation.
        files: OAI-PMH answers to learn from; none means what the installation has harvested.
        least: in how many records a phrase must be.
        output: the table; what a person turned down in it stays so.

    Raises:
        UsageError: nothing was harvested here and no file is named, or the table is no YAML.
        HarvesterError: the table cannot be written; then it stays as it was.
    """
    found = [*files]
    read = _from_files(settings, found) if found else _from_archive(settings)
    records = {
        (source.name, raw.identifier): texts
        for source, raw in read
        if (texts := lexicon.subjects(raw, source))
    }
    knowledge = tables.load(all_sources(settings), settings.overlay)
    learned = lexicon.learn(
        list(records.values()),
        knowledge.disciplines.by_label.keys() | _headings(knowledge),
        least=least,
    )
    before = schemas.read_yaml(output) if output.is_file() else {}
    output.parent.mkdir(parents=True, exist_ok=True)
    write_whole([lexicon.document(learned, now()[:10], before)], output)
    return learned


def _headings(knowledge: tables.Tables) -> set[str]:
    return {
        folded
        for folded, phrase in knowledge.phrases.known.items()
        if phrase.rule == "keywords.rejoined"
    }


def _from_archive(settings: Settings) -> Iterator[tuple[Source, RawRecord]]:
    with closing(open_archive(settings.directory, for_reading=True)) as archive:
        received = known.known_sources(archive)
        facts = merged(received.values(), settings)
        for number, source in received.items():
            for page in pages.current(archive, number):
                for raw in arrival.read(page, settings.overlay).records:
                    if isinstance(raw, RawRecord):
                        yield facts[source.name], raw


def _from_files(settings: Settings, files: Iterable[Path]) -> Iterator[tuple[Source, RawRecord]]:
    facts = all_sources(settings)
    unnamed = Source("unnamed", "A file that names no repository")
    for file in files:
        try:
            found = document.read(file.read_bytes(), settings.overlay)
        except HarvesterError as error:
            log.info("%s: %s", file, error)
            continue
        source = source_catalogue.by_host(found.host, facts) if found.host else None
        for raw in found.records:
            if isinstance(raw, RawRecord):
                yield source or unnamed, raw
