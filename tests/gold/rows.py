"""The rows of the gold set, as they stand in the files beside this one, and their records."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import yaml

from harvester.sources import Source
from tests.corpus import BASE_PREFIX, Recorded, in_file

FOLDER = Path(__file__).parent


class Name(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A creator or contributor: a person has a family name, a body `literal` alone."""

    literal: str = ""
    family: str = ""
    given: str = ""
    orcid: str = ""
    role: str = ""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a publication appeared in."""

    title: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    article_number: str = ""
    issn: list[str] = []
    isbn: list[str] = []
    series: str = ""


class Numbers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The identifiers of the work itself."""

    doi: str = ""
    handle: str = ""
    isbn: list[str] = []
    issn: list[str] = []
    urn: str = ""
    pmid: str = ""
    arxiv: str = ""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person reads in one record; README.md tells every field.

    Attributes:
        file: the file below the corpus.
        identifier: the record's OAI identifier, or BASE's own id.
        doubtful: fields of which two readers might disagree; they are not scored.
        remark: why, in words.
    """

    file: str
    identifier: str
    title: str = ""
    titles: list[str] = []
    creators: list[Name] = []
    contributors: list[Name] = []
    issued: str = ""
    embargo_until: str = ""
    languages: list[str] = []
    type: str = ""
    version: str = ""
    identifiers: Numbers = Numbers()
    keywords: list[str] = []
    disciplines: list[str] = []
    container: Part = Part()
    access: str = ""
    licence: str = ""
    peer_reviewed: str = ""
    abstracts: list[str] = []
    doubtful: list[str] = []
    remark: str = ""


def rows(folder: Path = FOLDER) -> list[Row]:
    """Read the rows of all files of a folder.

    Every value is taken as the text that it is: `2019` and `2019-05-12` are no numbers and days.

    Raises:
        msgspec.ValidationError: a row has a field or a value that the gold set does not know.
    """
    found = []
    for path in sorted(folder.glob("*.yml")):
        read = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
        found += [_row(row, path) for row in read or []]
    return found


def _row(row: object, path: Path) -> Row:
    try:
        return msgspec.convert(row, Row)
    except msgspec.ValidationError as error:
        told = row.get("identifier") if isinstance(row, dict) else row
        raise msgspec.ValidationError(f"{path.name}: {told}: {error}") from error


def records(
    found: list[Row], corpus: Path, catalogue: Mapping[str, Source]
) -> list[tuple[Row, list[Recorded]]]:
    """Return for every row the records of its file with its identifier: one, or it is wrong."""
    files = {row.file: in_file(corpus, row.file, catalogue) for row in found}
    return [
        (
            row,
            [
                recorded
                for recorded in files[row.file]
                if recorded.raw.identifier in (row.identifier, BASE_PREFIX + row.identifier)
            ],
        )
        for row in found
    ]
