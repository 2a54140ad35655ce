"""Reads records: one module per format, each found by name through entry points.

A format turns the metadata of one record into `RawValue`s, in the order of the source and without
interpretation. Built-in formats register in the entry-point group `harvester.formats` exactly as
third parties do: a name, and a module attribute that is a `Format` of that name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from lxml import etree

from harvester import registry
from harvester.errors import HarvesterError
from harvester.formats.undeclared import declared
from harvester.model import RawRecord, RawValue

if TYPE_CHECKING:
    from harvester.oai.page import Page, PageRecord

GROUP = "harvester.formats"
OAI = "http://www.openarchives.org/OAI/2.0/"
"""The namespace of OAI-PMH itself, which metadata have whose own is forgotten."""

Reader = Callable[[etree._Element], list[RawValue]]
"""Gives the values of the element below `<metadata>`, in their order."""


class Format(msgspec.Struct, frozen=True):
    """How one metadata format is read.

    Attributes:
        name: the format's name, `oai_dc`; it is kept in `RawRecord.format`.
        richness: of two formats of one record the one with the higher number is read first.
        readers: what reads the element below `<metadata>`, by what that is called, as
            `{namespace}local`. It decides which format reads a record; the metadata prefix does
            not, because servers choose it freely. A format that no server sends has none.
        crosswalk: the file that says what its elements mean, shaped as those in
            `schemas/crosswalks/`; None where it stands there, or the elements are Dublin Core.
    """

    name: str
    richness: int
    readers: dict[str, Reader]
    crosswalk: Path | None = None


class Unreadable(msgspec.Struct, frozen=True):
    """A record that was received and could not be read; it goes into quarantine.

    Attributes:
        identifier: its OAI identifier, if it has one.
        reason: one line that says why.
        content: the record as XML, as far as there is any.
    """

    identifier: str | None
    reason: str
    content: bytes


class UnreadableError(HarvesterError):
    """The bytes of a file are no record, no OAI-PMH answer and no portal page."""


@cache
def formats() -> dict[str, Format]:
    """Return all formats by name, built-in and third-party ones; looked up once.

    Raises:
        HarvesterError: a format cannot be used (see `registry.load`), or reads the root element
            of another one.
    """
    found = registry.load(GROUP, Format)
    owners: dict[str, str] = {}
    for name, format_ in found.items():
        for root in format_.readers:
            if root in owners:
                raise HarvesterError(
                    f"the formats {owners[root]} and {name} both read {root}: "
                    "uninstall the package of one of them"
                )
            owners[root] = name
    return found


def read_page(page: Page) -> list[RawRecord | Unreadable]:
    """Read all records of a page, each by the format of its root element.

    Returns:
        one entry per record, in the order of the page. A deleted record has no values; its
        `format` is "" where the server sent no metadata with it. Of a list of headers only the
        deleted ones count, as the others say nothing of their records.

    Raises:
        HarvesterError: the formats themselves are broken, see `formats`.
    """
    by_root = _by_root()
    if page.verb != "ListIdentifiers":
        return [_read(record, by_root) for record in page.records]
    return [
        _read(record, by_root)
        for record in page.records
        if record.header.deleted or record.broken is not None
    ]


@cache
def _by_root() -> dict[str, tuple[str, Reader]]:
    """Return the name and the reader of a format by the root element that it reads."""
    return {
        root: (name, reader)
        for name, format_ in formats().items()
        for root, reader in format_.readers.items()
    }


def namespaces() -> frozenset[str]:
    """Return the namespaces of what can be read, as servers name them in ListMetadataFormats."""
    found = {root[1:].partition("}")[0] for root in _by_root() if root.startswith("{")}
    return frozenset(found - {OAI})


def _read(record: PageRecord, by_root: dict[str, tuple[str, Reader]]) -> RawRecord | Unreadable:
    header, metadata = record.header, record.metadata
    if record.broken is not None:
        return Unreadable(header.identifier or None, record.broken.reason, record.broken.content)
    if metadata is not None and record.repairs:
        metadata = declared(metadata)
    format_ = by_root.get(metadata.tag) if metadata is not None else None
    if not header.identifier:
        return _unreadable(record, "the record's header has no identifier")
    if header.deleted:
        return RawRecord(
            identifier=header.identifier,
            format=format_[0] if format_ else "",
            datestamp=header.datestamp,
            sets=header.sets,
            deleted=True,
            repairs=list(record.repairs),
        )
    if metadata is None:
        return _unreadable(record, "the record is not deleted, yet has no metadata")
    if format_ is None:
        return _unreadable(record, f"no format reads metadata whose root is {metadata.tag}")
    name, reader = format_
    try:
        values = reader(metadata)
    except Exception as error:  # one record that upsets a format must not stop a harvest
        return _unreadable(record, f"format {name} failed on it: {_kind(error)}")
    return RawRecord(
        identifier=header.identifier,
        format=name,
        datestamp=header.datestamp,
        sets=header.sets,
        values=values,
        repairs=list(record.repairs),
    )


def _unreadable(record: PageRecord, reason: str) -> Unreadable:
    element = record.metadata
    while element is not None and etree.QName(element).localname != "record":
        parent = element.getparent()
        if parent is None:
            break
        element = parent
    content = b"" if element is None else etree.tostring(element, with_tail=False)
    return Unreadable(record.header.identifier or None, reason, content)


def _kind(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
